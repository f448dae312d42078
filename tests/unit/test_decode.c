// SPDX-License-Identifier: MIT
/*
 * Calls as text, over a made-up memory that begins at BASE and ends where its bytes do.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/audit.h>

#include "callgate-explain.h"

#define BASE 0x10000u
#define X32  0x40000000

struct memory {
	const char *bytes;
	size_t length;
	size_t reads;
};

static size_t read_memory(void *context, uint64_t address, void *buffer, size_t size)
{
	struct memory *memory = context;
	size_t offset = (size_t)(address - BASE);

	assert_true(address % 4096 + size <= 4096);
	memory->reads++;
	if (address < BASE || offset >= memory->length)
		return 0;
	if (size > memory->length - offset)
		size = memory->length - offset;
	memcpy(buffer, memory->bytes + offset, size);
	return size;
}

static size_t describe(void *context, int descriptor, char *buffer, size_t size)
{
	(void)context;
	if (descriptor != 7)
		return 0;
	assert_true(size > 4);
	memcpy(buffer, "/a\nb", 4);
	return 4;
}

struct sentence {
	const char *name;
	uint32_t arch;
	int nr;
	uint64_t arguments[6];
	const char *bytes;
	size_t length;
	const char *wanted;
};

#define BYTES(text)   (text), sizeof(text) - 1
#define NOTHING	      "", 0
#define AMD64(number) AUDIT_ARCH_X86_64, (number)
#define I386(number)  AUDIT_ARCH_I386, (number)

static const struct sentence sentences[] = {
	{ "a path and a mode in octal",
	  AMD64(83),
	  { BASE, 0777 },
	  BYTES("/tmp/x\0"),
	  "mkdir(\"/tmp/x\", 0777)" },
	{ "a path that cannot be read is an address",
	  AMD64(83),
	  { 0x99, 0777 },
	  NOTHING,
	  "mkdir(0x99, 0777)" },
	{ "no path at all", AMD64(83), { 0, 0 }, NOTHING, "mkdir(NULL, 000)" },
	{ "a path that runs into a hole is cut",
	  AMD64(83),
	  { BASE, 0700 },
	  BYTES("/tmp"),
	  "mkdir(\"/tmp\"..., 0700)" },
	{ "control characters are escaped",
	  AMD64(87),
	  { BASE },
	  BYTES("a\033[1m\n\"\\\3771\0"),
	  "unlink(\"a\\33[1m\\n\\\"\\\\\\3771\")" },
	{ "the mode of open is there when it creates",
	  AMD64(257),
	  { (uint32_t)-100, BASE, 0101, 0644 },
	  BYTES("f\0"),
	  "openat(AT_FDCWD, \"f\", O_WRONLY|O_CREAT, 0644)" },
	{ "the mode of open is not there when it does not",
	  AMD64(257),
	  { (uint32_t)-100, BASE, 02000000, 0xdead },
	  BYTES("f\0"),
	  "openat(AT_FDCWD, \"f\", O_RDONLY|O_CLOEXEC)" },
	{ "flags of several bits are found as one",
	  AMD64(257),
	  { 7, BASE, 020200000 | 2, 0600 },
	  BYTES("f\0"),
	  "openat(7</a\\nb>, \"f\", O_RDWR|O_TMPFILE, 0600)" },
	{ "the upper half of a descriptor is garbage",
	  AMD64(3),
	  { 0xabcdef0000000009 },
	  NOTHING,
	  "close(9)" },
	{ "bytes by their length",
	  AMD64(1),
	  { 7, BASE, 5 },
	  BYTES("he\0lowww"),
	  "write(7</a\\nb>, \"he\\0lo\", 5)" },
	{ "many bytes are cut",
	  AMD64(1),
	  { 1, BASE, 40 },
	  BYTES("0123456789012345678901234567890123456789"),
	  "write(1, \"01234567890123456789012345678901\"..., 40)" },
	{ "an internet address",
	  AMD64(42),
	  { 3, BASE, 16 },
	  BYTES("\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0\0"),
	  "connect(3, {sa_family=AF_INET, sin_port=htons(80), "
	  "sin_addr=inet_addr(\"127.0.0.1\")}, 16)" },
	{ "an internet address of version 6",
	  AMD64(42),
	  { 3, BASE, 28 },
	  BYTES("\12\0\0\26\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\2\0\0\0"),
	  "connect(3, {sa_family=AF_INET6, sin6_port=htons(22), "
	  "sin6_flowinfo=htonl(0), sin6_addr=\"::1\", sin6_scope_id=2}, 28)" },
	{ "a socket's path",
	  AMD64(42),
	  { 3, BASE, 110 },
	  BYTES("\1\0/run/x\0garbage"),
	  "connect(3, {sa_family=AF_UNIX, sun_path=\"/run/x\", ...}, 110)" },
	{ "an abstract socket",
	  AMD64(49),
	  { 3, BASE, 5 },
	  BYTES("\1\0\0ab"),
	  "bind(3, {sa_family=AF_UNIX, sun_path=@\"ab\"}, 5)" },
	{ "a netlink address",
	  AMD64(49),
	  { 3, BASE, 12 },
	  BYTES("\20\0\0\0\1\0\0\0\2\0\0\0"),
	  "bind(3, {sa_family=AF_NETLINK, nl_pid=1, nl_groups=00000002}, 12)" },
	{ "an address too short for its family",
	  AMD64(42),
	  { 3, BASE, 4 },
	  BYTES("\2\0\0\120"),
	  "connect(3, {sa_family=AF_INET, sa_data=\"\\0P\"}, 4)" },
	{ "an address of one byte",
	  AMD64(42),
	  { 3, BASE, 1 },
	  BYTES("\2\0"),
	  "connect(3, 0x10000, 1)" },
	{ "a protocol of netlink sockets",
	  AMD64(41),
	  { 16, 3, 9 },
	  NOTHING,
	  "socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)" },
	{ "an ethertype of packet sockets",
	  AMD64(41),
	  { 17, 3, 0x300 },
	  NOTHING,
	  "socket(AF_PACKET, SOCK_RAW, htons(0x3))" },
	{ "a protocol of a domain that has no names for them",
	  AMD64(53),
	  { 1, 1, 0, 0 },
	  NOTHING,
	  "socketpair(AF_UNIX, SOCK_STREAM, 0, NULL)" },
	{ "a socket's type with flags",
	  AMD64(41),
	  { 2, 1 | 02000000, 0 },
	  NOTHING,
	  "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP)" },
	{ "openat2's structure, whole",
	  AMD64(437),
	  { (uint32_t)-100, BASE + 24, BASE, 24 },
	  BYTES("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0x\0"),
	  "openat2(AT_FDCWD, \"x\", {flags=O_WRONLY, mode=000, "
	  "resolve=RESOLVE_BENEATH}, 24)" },
	{ "a structure that ends early is cut",
	  AMD64(437),
	  { 5, 0, BASE, 16 },
	  BYTES("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0"),
	  "openat2(5, NULL, {flags=O_WRONLY, mode=000, ...}, 16)" },
	{ "clone3's flags and signal",
	  AMD64(435),
	  { BASE, 48 },
	  BYTES("\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	  "clone3({flags=CLONE_VM, pidfd=0, child_tid=0, parent_tid=0, "
	  "exit_signal=SIGCHLD, stack=0, ...}, 48)" },
	{ "clone's signal is behind its flags",
	  AMD64(56),
	  { 0x1200011, 0, 0, 0x99, 0 },
	  NOTHING,
	  "clone(CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, NULL, NULL, 0x99, "
	  "NULL)" },
	{ "buffers of writev by their lengths",
	  AMD64(20),
	  { 1, BASE, 2 },
	  BYTES("\40\0\1\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0hi"),
	  "writev(1, [{iov_base=\"hi\", iov_len=2}, {iov_base=NULL, iov_len=0}], 2)" },
	{ "buffers of writev on i386",
	  I386(146),
	  { 1, BASE, 1 },
	  BYTES("\10\0\1\0\2\0\0\0hi"),
	  "writev(1, [{iov_base=\"hi\", iov_len=2}], 1)" },
	{ "buffers of writev on x32",
	  AMD64(X32 | 516),
	  { 1, BASE, 1 },
	  BYTES("\10\0\1\0\2\0\0\0hi"),
	  "writev(1, [{iov_base=\"hi\", iov_len=2}], 1)" },
	{ "programs with arguments",
	  AMD64(59),
	  { BASE + 24, BASE, BASE + 8 },
	  BYTES("\30\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0/x\0"),
	  "execve(\"/x\", [\"/x\"], 0x10008 /* 0 vars */)" },
	{ "a pointer of i386 has 32 bits",
	  I386(39),
	  { 0xffffffff00000000 | BASE, 0755 },
	  BYTES("/y\0"),
	  "mkdir(\"/y\", 0755)" },
	{ "socketcall is the call that it carries",
	  I386(102),
	  { 3, BASE },
	  BYTES("\5\0\0\0\14\0\1\0\20\0\0\0\1\0/s\0"),
	  "connect(5, {sa_family=AF_UNIX, sun_path=\"/s\", ...}, 16)" },
	{ "socketcall whose arguments cannot be read",
	  I386(102),
	  { 3, 0x99 },
	  NOTHING,
	  "socketcall(SYS_CONNECT, 0x99)" },
	{ "a request of ioctl by name",
	  AMD64(16),
	  { 0, 0x5401, 0x99 },
	  NOTHING,
	  "ioctl(0, TCGETS, 0x99)" },
	{ "a request of ioctl with a number",
	  AMD64(16),
	  { 0, 0x5421, BASE },
	  BYTES("\1\0\0\0"),
	  "ioctl(0, FIONBIO, [1])" },
	{ "fcntl's argument by its command",
	  AMD64(72),
	  { 3, 4, 04002 },
	  NOTHING,
	  "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)" },
	{ "fcntl without an argument",
	  AMD64(72),
	  { 3, 3, 0xdead },
	  NOTHING,
	  "fcntl(3, F_GETFL)" },
	{ "prctl's text",
	  AMD64(157),
	  { 15, BASE, 0, 0, 0 },
	  BYTES("me\0"),
	  "prctl(PR_SET_NAME, \"me\")" },
	{ "protection of nothing",
	  AMD64(10),
	  { 0x1000, 4096, 0 },
	  NOTHING,
	  "mprotect(0x1000, 4096, PROT_NONE)" },
	{ "a mapping",
	  AMD64(9),
	  { 0, 4096, 3, 0x22, (uint32_t)-1, 0 },
	  NOTHING,
	  "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)" },
	{ "a time",
	  AMD64(35),
	  { BASE, 0 },
	  BYTES("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"),
	  "nanosleep({tv_sec=1, tv_nsec=2}, NULL)" },
	{ "a time of i386",
	  I386(162),
	  { BASE, 0 },
	  BYTES("\1\0\0\0\2\0\0\0"),
	  "nanosleep({tv_sec=1, tv_nsec=2}, NULL)" },
	{ "a set of signals",
	  AMD64(14),
	  { 0, BASE, 0, 8 },
	  BYTES("\2\0\1\0\0\0\0\0"),
	  "rt_sigprocmask(SIG_BLOCK, [INT CHLD], NULL, 8)" },
	{ "a signal by name", AMD64(62), { 12, 9 }, NOTHING, "kill(12, SIGKILL)" },
	{ "a device",
	  AMD64(133),
	  { BASE, 020600, 0x103 },
	  BYTES("n\0"),
	  "mknod(\"n\", S_IFCHR|0600, makedev(0x1, 0x3))" },
	{ "a limit without end",
	  AMD64(302),
	  { 0, 7, BASE, 0 },
	  BYTES("\0\4\0\0\0\0\0\0\377\377\377\377\377\377\377\377"),
	  "prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=RLIM64_INFINITY}, "
	  "NULL)" },
	{ "no such number",
	  AMD64(999),
	  { 1, 0x20000 },
	  NOTHING,
	  "syscall 999(1, 0x20000, 0, 0, 0, 0)" },
	{ "no such architecture",
	  0x1234,
	  1,
	  { 1 },
	  NOTHING,
	  "syscall 1(1, 0, 0, 0, 0, 0)" },
};

static struct callgate_explain_call *decode(const struct sentence *sentence,
					    struct memory *memory)
{
	struct seccomp_data data = { .arch = sentence->arch, .nr = sentence->nr };
	struct callgate_explain_memory reader = { read_memory, describe, memory };
	struct callgate_explain_call *call = NULL;

	for (size_t i = 0; i < 6; i++)
		data.args[i] = sentence->arguments[i];
	assert_int_equal(callgate_explain_decode(&data, &reader, &call), 0);
	return call;
}

static void prints_calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		struct memory memory = { sentences[i].bytes, sentences[i].length, 0 };
		struct callgate_explain_call *call = decode(&sentences[i], &memory);

		if (strcmp(call->text, sentences[i].wanted) != 0)
			fail_msg("%s:\n  wanted %s\n  got    %s", sentences[i].name,
				 sentences[i].wanted, call->text);
		callgate_explain_call_free(call);
	}
}

static const struct callgate_explain_value *
member(const struct callgate_explain_value *value, const char *name)
{
	for (size_t i = 0; i < value->count; i++)
		if (strcmp(value->members[i].name, name) == 0)
			return &value->members[i];
	fail_msg("no member %s", name);
	return NULL;
}

static void gives_the_parts(void **state)
{
	static const struct sentence connect = {
		"",
		AMD64(42),
		{ 3, BASE, 16 },
		BYTES("\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0\0"),
		NULL,
	};
	struct memory memory = { connect.bytes, connect.length, 0 };
	struct callgate_explain_call *call = decode(&connect, &memory);
	const struct callgate_explain_value *address = &call->arguments[1];

	(void)state;
	assert_string_equal(call->name, "connect");
	assert_int_equal(call->abi, callgate_abi_find("x86_64"));
	assert_int_equal(call->count, 3);
	assert_string_equal(call->arguments[0].name, "fd");
	assert_int_equal(call->arguments[0].kind, CALLGATE_EXPLAIN_DESCRIPTOR);
	assert_false(call->arguments[0].from_memory);
	assert_int_equal(address->kind, CALLGATE_EXPLAIN_STRUCTURE);
	assert_true(address->from_memory);
	assert_int_equal(address->number, BASE);
	assert_int_equal(member(address, "sin_port")->number, 80);
	assert_string_equal(member(address, "sin_addr")->bytes, "127.0.0.1");
	assert_true(member(address, "sin_addr")->from_memory);
	assert_int_equal(memory.reads, 1);
	callgate_explain_call_free(call);
}

/* Every call of every ABI, with arguments that point to anything, and to themselves. */
static void survives_every_call(void **state)
{
	static char bytes[8192];
	struct memory memory = { bytes, sizeof(bytes), 0 };
	struct callgate_explain_memory reader = { read_memory, describe, &memory };
	struct callgate_abi abi;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i += 4)
		memcpy(bytes + i, &(uint32_t){ i % 8 ? 0 : BASE + (uint32_t)i % 512 },
		       4);
	for (size_t i = 0; callgate_abi_at(i, &abi); i++) {
		for (size_t j = 0; j < callgate_syscall_count(); j++) {
			struct callgate_syscall syscall;
			struct seccomp_data data = { .arch = abi.audit_arch };
			struct callgate_explain_call *call;

			if (!callgate_syscall_on(j, i, &syscall))
				continue;
			data.nr = (int)syscall.number;
			for (size_t k = 0; k < 6; k++)
				data.args[k] = BASE + k * 4096 / 6 + 8;
			assert_int_equal(callgate_explain_decode(&data, &reader, &call),
					 0);
			assert_true(strlen(call->text) < 65536);
			callgate_explain_call_free(call);
		}
	}
}

static void reads_a_process(void **state)
{
	struct callgate_explain_memory memory;
	struct seccomp_data data = { .arch = AUDIT_ARCH_X86_64, .nr = 87 };
	struct callgate_explain_call *call;
	static const char path[] = "/some/path";

	(void)state;
	data.args[0] = (uintptr_t)path;
	assert_int_equal(callgate_explain_memory_open(getpid(), &memory), 0);
	assert_int_equal(callgate_explain_decode(&data, &memory, &call), 0);
	assert_string_equal(call->text, "unlink(\"/some/path\")");
	callgate_explain_call_free(call);
	callgate_explain_memory_close(&memory);
	assert_int_equal(callgate_explain_memory_open(INT32_MAX, &memory), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_calls),
		cmocka_unit_test(gives_the_parts),
		cmocka_unit_test(survives_every_call),
		cmocka_unit_test(reads_a_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
