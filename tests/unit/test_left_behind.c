// SPDX-License-Identifier: MIT
/* Records of logs, core files, statements that a call passes, addresses. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/audit.h>

#include "callgate-explain.h"
#include "callgate-inspect.h"

static const struct {
	const char *name, *line;
	bool is_record;
	struct callgate_explain_record wanted;
} lines[] = {
	{ "a line of the audit daemon",
	  "type=SECCOMP msg=audit(1700000000.123:45): auid=0 uid=33 pid=7 comm=\"x\" "
	  "exe=\"/bin/x\" sig=31 arch=c000003e syscall=83 compat=0 ip=0x7f12 "
	  "code=0x80000000\n",
	  true,
	  { .call = { 83, AUDIT_ARCH_X86_64, 0x7f12, { 0 } },
	    .pid = 7,
	    .user = 33,
	    .signal = 31,
	    .verdict = SECCOMP_RET_KILL_PROCESS,
	    .time = 1700000000123,
	    .program = "x",
	    .path = "/bin/x" } },
	{ "a line of the kernel",
	  "<5>[ 1.2] audit: type=1326 audit(2.5:1): pid=7 sig=0 arch=40000003 "
	  "syscall=5",
	  true,
	  { .call = { 5, AUDIT_ARCH_I386, 0, { 0 } }, .pid = 7, .time = 2005 } },
	{ "a name in hexadecimal",
	  "type=1326 comm=6120620A arch=c000003e syscall=1",
	  true,
	  { .call = { 1, AUDIT_ARCH_X86_64, 0, { 0 } }, .program = "a b\n" } },
	{ "names behind a separator of fields",
	  "type=SECCOMP arch=c000003e syscall=1\x1d"
	  "ARCH=x86_64 SYSCALL=write",
	  true,
	  { .call = { 1, AUDIT_ARCH_X86_64, 0, { 0 } } } },
	{ "a number that is negative",
	  "type=1326 arch=c000003e syscall=-1",
	  false,
	  { { 0 } } },
	{ "a record of something else",
	  "type=SYSCALL arch=c000003e syscall=1",
	  false,
	  { { 0 } } },
	{ "a record without a number", "type=1326 arch=c000003e", false, { { 0 } } },
	{ "an architecture that is none",
	  "type=1326 arch=xyz syscall=1",
	  false,
	  { { 0 } } },
	{ "nothing", "", false, { { 0 } } },
};

static void reads_lines(void **state)
{
	struct callgate_explain_record record;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		bool is_record =
			callgate_explain_record_parse(lines[i].line,
						      strlen(lines[i].line), &record);

		if (is_record != lines[i].is_record ||
		    (is_record && memcmp(&record, &lines[i].wanted, sizeof(record))))
			fail_msg("%s", lines[i].name);
	}
}

static void cuts_long_names(void **state)
{
	struct callgate_explain_record record;
	char line[8192] = "type=1326 arch=c000003e syscall=1 exe=\"";
	size_t length = strlen(line);

	(void)state;
	memset(line + length, 'a', 5000);
	assert_true(callgate_explain_record_parse(line, length + 5000, &record));
	assert_int_equal(strlen(record.path), sizeof(record.path) - 1);
}

static void passes_statements(void **state)
{
	static const char text[] = "arch x86_64\nallow socket(domain == AF_UNIX)\n"
				   "allow read\nkill socket\nallow socket\n";
	struct seccomp_data call = { 41, AUDIT_ARCH_X86_64, 0, { 2 } };
	struct callgate_explain_step steps[4];
	struct callgate_policy *policy;

	(void)state;
	assert_int_equal(callgate_policy_parse(text, strlen(text), NULL, NULL, &policy),
			 0);
	assert_int_equal(callgate_explain_steps(policy, &call, steps, 4), 2);
	assert_false(steps[0].holds);
	assert_int_equal(steps[0].rule, 0);
	assert_true(steps[1].holds);
	assert_int_equal(steps[1].rule, 2);
	assert_int_equal(steps[1].verdict, SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(callgate_explain_steps(policy, &call, steps, 1), 2);
	callgate_policy_free(policy);
}

/* What the rules do not look at changes nothing about which of them decides. */
static void tells_what_rules_look_at(void **state)
{
	static const char text[] =
		"arch x86_64\nallow socket(domain == AF_UNIX, type & 0xf == 1)\n"
		"allow mmap where not (prot & PROT_EXEC == 0 or fd > 5)\nkill read\n"
		"allow socket(protocol == 3) where ip < 0x1000\n";
	static const struct {
		int number;
		uint64_t bits[CALLGATE_EXPLAIN_FIELDS];
	} wanted[] = {
		{ 41, { UINT32_MAX, 0xf, UINT32_MAX, 0, 0, 0, UINT64_MAX } },
		{ 9, { 0, 0, 4, 0, UINT32_MAX } },
		{ 0, { 0 } },
		{ 999, { 0 } },
	};
	uint64_t bits[CALLGATE_EXPLAIN_FIELDS];
	struct callgate_policy *policy;

	(void)state;
	assert_int_equal(callgate_policy_parse(text, strlen(text), NULL, NULL, &policy),
			 0);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct seccomp_data call = {
			wanted[i].number, AUDIT_ARCH_X86_64, 0, { 0 }
		};

		callgate_explain_fields(policy, &call, bits);
		assert_memory_equal(bits, wanted[i].bits, sizeof(bits));
		call.arch = AUDIT_ARCH_ARM;
		callgate_explain_fields(policy, &call, bits);
		assert_memory_equal(bits, wanted[3].bits, sizeof(bits));
	}
	assert_int_equal(callgate_explain_rule_at(policy, 2).verdict,
			 SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(callgate_explain_rule_at(policy, 3).rule, 3);
	callgate_policy_free(policy);
}

static void names_addresses(void **state)
{
	/* A function that no sanitizer puts its own in front of. */
	uint64_t addresses[] = { (uintptr_t)getppid, 0x1234 };
	struct callgate_explain_memory memory;
	struct callgate_explain_unwinder *unwinder;
	struct callgate_explain_stack *stack;

	(void)state;
	assert_int_equal(callgate_explain_memory_open(getpid(), &memory), 0);
	assert_int_equal(callgate_explain_unwinder_new(&unwinder), 0);
	assert_int_equal(callgate_explain_symbolize(unwinder, getpid(), addresses, 2,
						    &memory, &stack),
			 0);
	assert_non_null(stack->note);
	if (callgate_explain_can_unwind()) {
		assert_int_equal(stack->count, 1);
		assert_true(stack->frames[0].is_system);
		assert_non_null(strstr(stack->frames[0].function, "getppid"));
	}
	callgate_explain_stack_free(stack);
	callgate_explain_unwinder_free(unwinder);
	callgate_explain_memory_close(&memory);
}

/* --- core files -------------------------------------------------------------------- */

__attribute__((noinline)) int make_folder(const char *path);

int make_folder(const char *path)
{
	return mkdir(path, 0750) + 1;
}

static void die_of_a_filter(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	signal(SIGSYS, SIG_DFL); /* cmocka has one */
	setrlimit(RLIMIT_CORE, &unlimited);
	if (callgate_confine("default allow\ntrap mkdir", NULL) == 0)
		make_folder("some folder");
	_exit(0);
}

/* The core file that a child leaves in a folder of its own, or -1. */
static int core_of_child(char *folder)
{
	int status, fd;
	pid_t child;

	assert_non_null(mkdtemp(folder));
	child = fork();
	if (child == 0) {
		if (chdir(folder) == 0)
			die_of_a_filter();
		_exit(1);
	}
	waitpid(child, &status, 0);
	assert_int_equal(chdir(folder), 0);
	fd = open("core", O_RDONLY | O_CLOEXEC);
	unlink("core");
	assert_int_equal(chdir("/"), 0);
	rmdir(folder);
	return fd;
}

static bool has_frame(const struct callgate_explain_stack *stack, const char *function)
{
	for (size_t i = 0; i < stack->count; i++)
		if (stack->frames[i].function &&
		    strcmp(stack->frames[i].function, function) == 0)
			return true;
	return false;
}

static void reads_a_core_file(void **state)
{
	char folder[] = "/tmp/callgate-core-XXXXXX";
	struct callgate_explain_core *core;
	int fd = core_of_child(folder);

	(void)state;
	if (fd < 0 || !callgate_explain_can_unwind())
		skip(); /* the machine keeps core files elsewhere */
	assert_int_equal(callgate_explain_core_read(fd, NULL, &core), 0);
	assert_string_equal(core->call->text, "mkdir(\"some folder\", 0750)");
	assert_string_equal(core->program, "test_left_behin");
	assert_true(core->tid > 0);
	assert_true(has_frame(core->stack, "make_folder"));
	assert_true(has_frame(core->stack, "main"));
	assert_string_equal(core->stack->frames[core->stack->place].function,
			    "make_folder");
	callgate_explain_core_free(core);
	close(fd);
}

static void refuses_what_is_no_core(void **state)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct callgate_explain_core *core;

	(void)state;
	assert_int_equal(callgate_explain_core_read(fd, diagnostics, &core),
			 callgate_explain_can_unwind() ? -EINVAL : -EOPNOTSUPP);
	assert_int_equal(callgate_diagnostics_count(diagnostics), 1);
	callgate_diagnostics_free(diagnostics);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(cuts_long_names),
		cmocka_unit_test(passes_statements),
		cmocka_unit_test(tells_what_rules_look_at),
		cmocka_unit_test(names_addresses),
		cmocka_unit_test(reads_a_core_file),
		cmocka_unit_test(refuses_what_is_no_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
