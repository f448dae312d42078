// SPDX-License-Identifier: MIT
/*
 * The tables and their lookups: known facts of several ABIs, and that the tables hold
 * together. CALLGATE_REFERENCE_NUMBERS may name a table of numbers that was made by
 * others (columns by ABI, PNR: no such call); every number is then held against it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "data/data.h"

static const struct abi *abi(const char *name)
{
	const struct abi *found = abi_by_name(str_of(name));

	assert_non_null(found);
	return found;
}

static const struct syscall *call(const char *name)
{
	const struct syscall *found = syscall_by_name(str_of(name));

	if (!found)
		fail_msg("no call %s", name);
	return found;
}

/* --- ABIs ------------------------------------------------------------------------- */

static void an_abi_is_found_by_any_of_its_names(void **state)
{
	static const char *const names[][2] = {
		{ "x86_64", "x86_64" },	    { "amd64", "x86_64" },
		{ "x86-64", "x86_64" },	    { "i386", "i386" },
		{ "x86", "i386" },	    { "i686", "i386" },
		{ "arm64", "aarch64" },	    { "ppc64el", "ppc64le" },
		{ "mipsel64", "mips64el" }, { "hppa", "parisc" },
		{ "x32", "x32" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_string_equal(abi(names[i][0])->name, names[i][1]);
	assert_null(abi_by_name(str_of("vax")));
	assert_null(abi_by_name(str_of("")));
	assert_null(abi_by_name(str_of("amd64,x86-64")));
}

static void an_abi_knows_its_place(void **state)
{
	(void)state;
	assert_in_range(abi_count(), 4, ABI_MAX);
	for (size_t i = 0; i < abi_count(); i++) {
		assert_int_equal(abi_at(i)->index, i);
		assert_ptr_equal(abi(abi_at(i)->name), abi_at(i));
	}
	assert_non_null(abi_native());
}

static void x32_is_told_from_x86_64_by_its_numbers(void **state)
{
	static const struct {
		uint32_t number;
		const char *name;
	} cases[] = {
		{ 0, "x86_64" },       { 0x3fffffff, "x86_64" },
		{ 0x40000000, "x32" }, { 0x40000223, "x32" },
		{ 0xfffffffe, "x32" }, { 0xffffffff, "x86_64" },
		{ 0x80000000, "x32" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(abi_of(0xc000003e, cases[i].number)->name,
				    cases[i].name);
	assert_string_equal(abi_of(0x40000003, 0xffffffff)->name, "i386");
	assert_string_equal(abi_of(0xc00000b7, 0x40000000)->name, "aarch64");
	assert_string_equal(abi_of(0x40000008, 4001)->name, "mipsel");
	assert_string_equal(abi_of(0x40000008, 1)->name, "mipsel");
	assert_true(abi_of(0x80000016, 0)->big_endian);
	assert_null(abi_of(0x12345678, 0));
}

/* --- numbers ---------------------------------------------------------------------- */

static void numbers_of_well_known_calls_are_right(void **state)
{
	static const struct {
		const char *abi, *call;
		uint32_t number;
	} cases[] = {
		{ "x86_64", "read", 0 },	  { "x86_64", "seccomp", 317 },
		{ "x86_64", "clone3", 435 },	  { "i386", "socketcall", 102 },
		{ "i386", "restart_syscall", 0 }, { "aarch64", "openat", 56 },
		{ "x32", "read", 0x40000000 },	  { "x32", "execve", 0x40000208 },
		{ "mips", "exit", 4001 },	  { "mips64el", "read", 5000 },
		{ "mips64n32", "read", 6000 },	  { "arm", "set_tls", 0xf0005 },
		{ "s390x", "clone", 120 },	  { "riscv64", "riscv_hwprobe", 258 },
		{ "ppc64le", "seccomp", 358 },
	};
	uint32_t number;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(syscall_number(call(cases[i].call), abi(cases[i].abi),
					   &number));
		assert_int_equal(number, cases[i].number);
	}
	assert_false(syscall_number(call("open"), abi("aarch64"), &number));
	assert_false(syscall_number(call("socketcall"), abi("x86_64"), &number));
	assert_null(syscall_by_number(abi("x32"), 0));
	assert_null(syscall_by_number(abi("mips"), 1));
	assert_null(syscall_by_number(abi("arm"), 0xe0000));
	assert_null(syscall_by_number(abi("x86_64"), 0xffffffff));
	assert_null(syscall_by_number(abi("x86_64"), 0x40000000));
}

static void names_and_numbers_lead_to_each_other(void **state)
{
	(void)state;
	for (size_t a = 0; a < abi_count(); a++) {
		const struct abi *one = abi_at(a);
		uint32_t end = one->number_base + syscall_number_end(one);
		size_t found = 0, wanted = 0;
		uint32_t number;

		for (number = 0; syscall_number_from(one, number, &number); number++) {
			assert_non_null(syscall_by_number(one, number));
			found++;
		}
		assert_null(syscall_by_number(one, end));
		for (size_t i = 0; i < syscall_count(); i++) {
			if (!syscall_number(syscall_at(i), one, &number))
				continue;
			wanted++;
			assert_ptr_equal(syscall_by_number(one, number), syscall_at(i));
		}
		assert_int_equal(found, wanted);
	}
}

static void calls_lie_in_order_of_name_and_are_found_by_it(void **state)
{
	(void)state;
	assert_true(syscall_count() > 500);
	for (size_t i = 0; i < syscall_count(); i++) {
		const struct syscall *one = syscall_at(i);

		assert_int_equal(syscall_index(one), i);
		assert_ptr_equal(call(syscall_name(one)), one);
		assert_non_null(syscall_help(one));
		if (i > 0)
			assert_true(strcmp(syscall_name(syscall_at(i - 1)),
					   syscall_name(one)) < 0);
	}
	assert_null(syscall_by_name(str_of("opena")));
	assert_null(syscall_by_name(str_of("")));
	assert_null(syscall_by_name(str_of("zzz")));
}

static void numbers_are_walked_in_order(void **state)
{
	static const struct {
		const char *abi;
		uint32_t from;
		uint32_t next; /* 0: none */
	} cases[] = {
		{ "x86_64", 340, 424 },	  { "x86_64", 0xffffffff, 0 },
		{ "x32", 0, 0x40000000 }, { "x32", 0x40000200, 0x40000200 },
		{ "mips", 0, 4000 },	  { "mips64n32", 5000, 6000 },
		{ "arm", 5000, 0xf0001 }, { "arm", 0xf0003, 0xf0003 },
		{ "arm", 0xf0007, 0 },	  { "x86_64", 0x40000000, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t number = 0;

		syscall_number_from(abi(cases[i].abi), cases[i].from, &number);
		assert_int_equal(number, cases[i].next);
	}
	for (size_t i = 0; i < abi_count(); i++)
		assert_in_range(syscall_number_end(abi_at(i)), 300, 600);
}

static void byte_order_does_not_change_numbers(void **state)
{
	static const char *const pairs[][2] = {
		{ "ppc64", "ppc64le" },	  { "mips", "mipsel" },
		{ "mips64", "mips64el" }, { "mips64n32", "mipsel64n32" },
		{ "sheb", "sh" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const struct abi *big = abi(pairs[i][0]), *little = abi(pairs[i][1]);

		assert_true(big->big_endian && !little->big_endian);
		assert_int_equal(little->audit_arch, big->audit_arch ^ 0x40000000);
		for (size_t c = 0; c < syscall_count(); c++) {
			uint32_t a = 0, b = 0;

			assert_int_equal(syscall_number(syscall_at(c), big, &a),
					 syscall_number(syscall_at(c), little, &b));
			assert_int_equal(a, b);
		}
	}
}

/* Where the reference says otherwise, and why it is so here. */
static const struct {
	const char *call, *abi;
} argued_numbers[] = {
	/* Kernels up to 6.2 have it; the reference is of one that took it away. */
	{ "_llseek", "parisc64" },
};

static bool is_argued(const struct syscall *one, const struct abi *abi)
{
	for (size_t i = 0; i < sizeof(argued_numbers) / sizeof(*argued_numbers); i++)
		if (strcmp(argued_numbers[i].call, syscall_name(one)) == 0 &&
		    strcmp(argued_numbers[i].abi, abi->name) == 0)
			return true;
	return false;
}

/* One line of the reference: a name and a cell for each column of the header. */
static void check_reference_line(char *line, const struct abi *const *columns)
{
	const struct syscall *one = NULL;
	size_t column = 0;
	char *cell;

	while ((cell = strsep(&line, "\t\n")) && *cell) {
		uint64_t wanted = 0;
		uint32_t number = 0;
		bool known;

		if (column == 0)
			one = call(cell);
		if (!columns[column++] || is_argued(one, columns[column - 1]))
			continue;
		known = syscall_number(one, columns[column - 1], &number);
		assert_int_equal(known, strcmp(cell, "PNR") != 0);
		if (!known)
			continue;
		assert_int_equal(str_number(str_of(cell), &wanted), 0);
		assert_int_equal(number - columns[column - 1]->number_base, wanted);
	}
}

static void numbers_agree_with_a_table_that_others_made(void **state)
{
	const char *path = getenv("CALLGATE_REFERENCE_NUMBERS");
	const struct abi *columns[64] = { NULL };
	char line[1024], *rest = line, *cell;
	size_t column = 0, lines = 0;
	FILE *file;

	(void)state;
	file = path ? fopen(path, "re") : NULL;
	if (!file) {
		print_message("no table of numbers in CALLGATE_REFERENCE_NUMBERS\n");
		skip();
	}
	do
		assert_non_null(fgets(line, sizeof(line), file));
	while (line[0] == '#');
	while ((cell = strsep(&rest, "\t\n")) && *cell)
		columns[column++] = abi_by_name(str_of(cell));
	for (size_t i = 1; i < column; i++)
		assert_non_null(columns[i]);
	for (; fgets(line, sizeof(line), file); lines++)
		check_reference_line(line, columns);
	fclose(file);
	/* There is no call beside those of the reference. */
	assert_int_equal(lines, syscall_count());
}

static void a_call_has_the_version_that_brought_it(void **state)
{
	static const struct {
		const char *abi, *call;
		kernel_version since;
	} cases[] = {
		{ "x86_64", "read", 0 },
		{ "x86_64", "getrandom", VERSION(3, 17) },
		{ "x86_64", "clone3", VERSION(5, 3) },
		{ "x86_64", "openat2", VERSION(5, 6) },
		{ "x86_64", "close_range", VERSION(5, 9) },
		{ "x86_64", "mseal", VERSION(6, 10) },
		{ "x86_64", "socket", 0 },
		{ "i386", "socket", VERSION(4, 3) },
		{ "s390x", "socket", VERSION(4, 3) },
		{ "riscv64", "clone3", VERSION(5, 3) },
		{ "riscv64", "statx", 0 },
		{ "i386", "accept4", VERSION(4, 3) },
		{ "i386", "shmget", VERSION(5, 1) },
		{ "i386", "arch_prctl", VERSION(4, 12) },
		{ "i386", "clock_gettime64", VERSION(5, 1) },
		{ "i386", "openat", VERSION(2, 6) },
		{ "aarch64", "openat", 0 },
		{ "aarch64", "renameat2", VERSION(3, 15) },
		{ "aarch64", "kexec_file_load", VERSION(5, 0) },
		{ "x32", "preadv", 0 },
		{ "x32", "pkey_alloc", VERSION(4, 9) },
		{ "x86_64", "membarrier", VERSION(4, 3) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (syscall_since(call(cases[i].call), abi(cases[i].abi)) !=
		    cases[i].since)
			fail_msg("%s of %s", cases[i].call, cases[i].abi);
	assert_true(version_newest() >= VERSION(7, 1));
	for (size_t i = 0; i < syscall_count(); i++)
		for (size_t a = 0; a < abi_count(); a++)
			assert_true(syscall_since(syscall_at(i), abi_at(a)) <=
				    version_newest());
}

/* --- prototypes ------------------------------------------------------------------- */

static void arguments_have_the_width_that_the_kernel_uses(void **state)
{
	static const struct {
		const char *abi, *call, *argument, *family;
		uint8_t bits;
		bool is_signed, is_pointer;
	} cases[] = {
		{ "x86_64", "openat", "flags", "open", 32, true, false },
		{ "x86_64", "openat", "mode", "mode", 16, false, false },
		{ "x86_64", "openat", "pathname", NULL, 64, false, true },
		{ "x86_64", "openat", "dirfd", "at_fd", 32, true, false },
		{ "x86_64", "mmap", "addr", NULL, 64, false, false },
		{ "x86_64", "mmap", "len", NULL, 64, false, false },
		{ "x86_64", "mmap", "prot", "prot", 64, false, false },
		{ "x86_64", "mmap", "fd", NULL, 32, true, false },
		{ "x86_64", "socket", "domain", "af", 32, true, false },
		{ "x86_64", "socket", "type", "socket_type", 32, true, false },
		{ "x86_64", "ioctl", "cmd", "ioctl", 32, false, false },
		{ "x86_64", "prctl", "option", "prctl", 32, true, false },
		{ "x86_64", "lseek", "offset", NULL, 64, true, false },
		{ "x86_64", "pread64", "pos", NULL, 64, true, false },
		{ "x86_64", "clone", "flags", "clone", 32, false, false },
		{ "i386", "mmap2", "len", NULL, 32, false, false },
		{ "i386", "pread64", "pos_high", NULL, 32, false, false },
		{ "i386", "setuid", "uid", NULL, 16, false, false },
		{ "i386", "setuid32", "uid", NULL, 32, false, false },
		{ "i386", "openat", "pathname", NULL, 32, false, true },
		{ "x32", "mmap", "len", NULL, 64, false, false },
		{ "x32", "ioctl", "arg", NULL, 32, false, false },
		{ "x32", "readv", "vlen", NULL, 64, false, false },
		{ "aarch64", "ftruncate", "length", NULL, 64, true, false },
		{ "riscv64", "mmap", "len", NULL, 64, false, false },
		{ "arm", "pread64", "pad", NULL, 32, false, false },
		{ "arm", "setuid", "uid", NULL, 16, false, false },
		{ "ppc", "setuid", "uid", NULL, 32, false, false },
		{ "mips64", "pread64", "pos", NULL, 64, true, false },
		{ "s390x", "clone", "flags", "clone", 32, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct argument *found = NULL;
		struct prototype prototype;

		syscall_prototype(call(cases[i].call), abi(cases[i].abi), &prototype);
		assert_true(prototype.known);
		for (size_t n = 0; n < prototype.count; n++)
			if (!strcmp(prototype.arguments[n].name, cases[i].argument))
				found = &prototype.arguments[n];
		if (!found)
			fail_msg("%s has no %s", cases[i].call, cases[i].argument);
		assert_int_equal(found->bits, cases[i].bits);
		assert_int_equal(found->is_signed, cases[i].is_signed);
		assert_int_equal(found->is_pointer, cases[i].is_pointer);
		assert_true(!found->family == !cases[i].family);
		if (cases[i].family)
			assert_string_equal(found->family, cases[i].family);
	}
}

static void an_argument_may_have_a_second_name(void **state)
{
	struct prototype prototype;

	(void)state;
	syscall_prototype(call("socket"), abi("x86_64"), &prototype);
	assert_string_equal(prototype.arguments[0].name, "domain");
	assert_string_equal(prototype.arguments[0].alias, "family");
	assert_null(prototype.arguments[1].alias);
	assert_null(prototype.arguments[3].name);
}

static void an_abi_passes_arguments_in_its_own_order(void **state)
{
	static const struct {
		const char *abi, *call;
		size_t place;
		const char *argument;
	} cases[] = {
		{ "x86_64", "clone", 4, "tls" },
		{ "i386", "clone", 3, "tls" },
		{ "aarch64", "clone", 3, "tls" },
		{ "riscv64", "clone", 3, "tls" },
		{ "s390x", "clone", 1, "flags" },
		{ "sh", "clone", 4, "tls" },
		{ "i386", "truncate64", 1, "offset_low" },
		{ "arm", "truncate64", 2, "offset_low" },
		{ "ppc", "truncate64", 2, "offset_high" },
		{ "s390", "truncate64", 1, "offset_high" },
		{ "mipsel", "pread64", 4, "pos_low" },
		{ "s390x", "mmap", 0, "arg" },
		{ "ppc", "fadvise64_64", 1, "advice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct prototype prototype;

		syscall_prototype(call(cases[i].call), abi(cases[i].abi), &prototype);
		assert_in_range(cases[i].place, 0, prototype.count - 1u);
		assert_string_equal(prototype.arguments[cases[i].place].name,
				    cases[i].argument);
	}
}

static void an_unknown_prototype_has_six_wide_arguments(void **state)
{
	struct prototype prototype;

	(void)state;
	syscall_prototype(call("tuxcall"), abi("x86_64"), &prototype);
	assert_false(prototype.known);
	assert_int_equal(prototype.count, ARGUMENTS_MAX);
	assert_int_equal(prototype.arguments[5].bits, 64);
	assert_null(prototype.arguments[5].name);
}

static void a_family_of_an_argument_is_a_family_of_constants(void **state)
{
	(void)state;
	for (size_t i = 0; i < syscall_count() * abi_count(); i++) {
		struct prototype prototype;

		syscall_prototype(syscall_at(i / abi_count()), abi_at(i % abi_count()),
				  &prototype);
		for (size_t n = 0; n < prototype.count; n++) {
			const char *family = prototype.arguments[n].family;
			bool known = !family;

			for (size_t f = 0; !known && f < family_count(); f++)
				known = strcmp(family, family_name_at(f)) == 0;
			assert_true(known);
			assert_in_range(prototype.arguments[n].bits, 8, 64);
		}
	}
}

static void an_older_call_carries_others_where_it_is_there(void **state)
{
	uint32_t selector = 0;

	(void)state;
	assert_ptr_equal(syscall_multiplexer(call("socket"), abi("i386"), &selector),
			 call("socketcall"));
	assert_int_equal(selector, 1);
	assert_ptr_equal(syscall_multiplexer(call("shmget"), abi("i386"), &selector),
			 call("ipc"));
	assert_int_equal(selector, 23);
	assert_null(syscall_multiplexer(call("socket"), abi("x86_64"), &selector));
	assert_null(syscall_multiplexer(call("read"), abi("i386"), &selector));
}

/* --- constants -------------------------------------------------------------------- */

static void constants_have_the_value_of_the_abi(void **state)
{
	static const struct {
		const char *abi, *name;
		uint64_t value;
	} cases[] = {
		{ "x86_64", "AF_UNIX", 1 },
		{ "x86_64", "SOCK_STREAM", 1 },
		{ "x86_64", "SOCK_TYPE_MASK", 15 },
		{ "x86_64", "O_DIRECTORY", 0200000 },
		{ "i386", "O_DIRECTORY", 0200000 },
		{ "aarch64", "O_DIRECTORY", 040000 },
		{ "aarch64", "O_NOFOLLOW", 0100000 },
		{ "x86_64", "PROT_EXEC", 4 },
		{ "x86_64", "TCGETS", 0x5401 },
		{ "x86_64", "TIOCGWINSZ", 0x5413 },
		{ "x86_64", "TIOCSTI", 0x5412 },
		{ "x86_64", "FIONREAD", 0x541b },
		{ "x86_64", "FIONBIO", 0x5421 },
		{ "x86_64", "FIOCLEX", 0x5451 },
		{ "x86_64", "PR_SET_SECCOMP", 22 },
		{ "x86_64", "CLONE_NEWUSER", 0x10000000 },
		{ "x86_64", "AF_NETLINK", 16 },
		{ "x86_64", "IPPROTO_TCP", 6 },
		{ "x86_64", "ARCH_SET_FS", 0x1002 },
		{ "x86_64", "SIGSYS", 31 },
		{ "x86_64", "AT_FDCWD", (uint64_t)-100 },
		{ "x86_64", "MAP_32BIT", 0x40 },
		{ "x86_64", "F_SETFL", 4 },
		{ "x86_64", "PTRACE_TRACEME", 0 },
		{ "x86_64", "BPF_PROG_LOAD", 5 },
		{ "x86_64", "CAP_SYS_ADMIN", 21 },
		{ "x86_64", "EPERM", 1 },
		{ "x86_64", "EWOULDBLOCK", 11 },
		{ "i386", "BLKGETSIZE64", 0x80041272 },
		{ "x86_64", "MSG_NOSIGNAL", 0x4000 },
		{ "x86_64", "BLKGETSIZE64", 0x80081272 },
		{ "x86_64", "S_ISUID", 04000 },
		{ "mips", "SOCK_STREAM", 2 },
		{ "mips64", "ENOSYS", 89 },
		{ "arm", "O_DIRECTORY", 040000 },
		{ "ppc64le", "TCGETS", 0x402c7413 },
		{ "mipsel", "TIOCGWINSZ", 0x40087468 },
		{ "parisc", "SIGSYS", 31 },
		{ "mips", "SOCK_CLOEXEC", 02000000 },
		{ "mips", "SOCK_NONBLOCK", 0200 },
		{ "mips", "MAP_ANON", 0x800 },
		{ "parisc", "MAP_ANON", 0x10 },
		{ "ppc", "SO_RCVTIMEO", 18 },
		{ "riscv64", "AT_FDCWD", (uint64_t)-100 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct constant *found = constant_by_name(str_of(cases[i].name));
		uint64_t value = 0;

		if (!found || !constant_value(found, abi(cases[i].abi), &value) ||
		    value != cases[i].value)
			fail_msg("%s on %s is %#llx", cases[i].name, cases[i].abi,
				 (unsigned long long)value);
	}
}

static void a_constant_may_be_absent_from_an_abi(void **state)
{
	uint64_t value;

	(void)state;
	assert_false(constant_value(constant_by_name(str_of("ARCH_SET_FS")),
				    abi("aarch64"), &value));
	assert_null(constant_by_name(str_of("O_NONSENSE")));
}

static void constants_lie_in_order_of_name(void **state)
{
	(void)state;
	assert_true(constant_count() > 1500);
	for (size_t i = 0; i < constant_count(); i++) {
		const struct constant *one = constant_at(i);

		assert_ptr_equal(constant_by_name(str_of(constant_name(one))), one);
		if (i > 0)
			assert_true(strcmp(constant_name(constant_at(i - 1)),
					   constant_name(one)) < 0);
	}
}

static void a_value_is_printed_by_its_usual_name(void **state)
{
	static const struct {
		const char *family;
		uint64_t value;
		const char *name;
	} cases[] = {
		{ "af", 1, "AF_UNIX" },
		{ "af", 2, "AF_INET" },
		{ "af", 16, "AF_NETLINK" },
		{ "errno", 11, "EAGAIN" },
		{ "errno", 95, "EOPNOTSUPP" },
		{ "errno", 35, "EDEADLK" },
		{ "socket_type", 1, "SOCK_STREAM" },
		{ "map", 0x20, "MAP_ANONYMOUS" },
		{ "seek", 2, "SEEK_END" },
		{ "ioctl", 0x541b, "FIONREAD" },
		{ "ioctl", 0x5413, "TIOCGWINSZ" },
		{ "signal", 6, "SIGABRT" },
		{ "signal", 31, "SIGSYS" },
		{ "sched", 0, "SCHED_NORMAL" },
		{ "ipproto", 6, "IPPROTO_TCP" },
		{ "prctl", 22, "PR_SET_SECCOMP" },
		{ "at_fd", (uint64_t)-100, "AT_FDCWD" },
		{ "clock", 1, "CLOCK_MONOTONIC" },
		{ "open", 1, "O_WRONLY" },
		{ "ptrace", 16, "PTRACE_ATTACH" },
		{ "rlimit", 7, "RLIMIT_NOFILE" },
		{ "mode", 0400, "S_IRUSR" },
		{ "open", 04010000, "O_SYNC" },
		{ "bpf", 5, "BPF_PROG_LOAD" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct constant *found =
			constant_of_value(cases[i].family, abi("x86_64"),
					  cases[i].value);

		if (!found)
			fail_msg("%s has no name", cases[i].name);
		assert_string_equal(constant_name(found), cases[i].name);
		assert_string_equal(constant_family(found), cases[i].family);
	}
	assert_null(constant_of_value("af", abi("x86_64"), 9999));
	assert_null(constant_of_value("nonsense", abi("x86_64"), 0));
}

static void families_are_chosen_from_or_combined(void **state)
{
	(void)state;
	assert_true(family_is_flags("open"));
	assert_true(family_is_flags("prot"));
	assert_false(family_is_flags("af"));
	assert_false(family_is_flags("nonsense"));
	for (size_t i = 1; i < family_count(); i++)
		assert_true(strcmp(family_name_at(i - 1), family_name_at(i)) < 0);
}

static void an_errno_is_found_by_name_and_number(void **state)
{
	uint16_t number = 0;

	(void)state;
	assert_true(errno_by_name(str_of("EPERM"), abi("x86_64"), &number));
	assert_int_equal(number, 1);
	assert_true(errno_by_name(str_of("ENOTSUP"), abi("x86_64"), &number));
	assert_int_equal(number, 95);
	assert_false(errno_by_name(str_of("AF_UNIX"), abi("x86_64"), &number));
	assert_false(errno_by_name(str_of("ENONSENSE"), abi("x86_64"), &number));
	assert_string_equal(errno_name(38, abi("aarch64")), "ENOSYS");
	assert_null(errno_name(4095, abi("x86_64")));
}

/* --- groups ----------------------------------------------------------------------- */

static bool group_has(const char *name, const char *member)
{
	const struct group *group = group_by_name(str_of(name));

	if (!group)
		fail_msg("no group %s", name);
	for (size_t i = 0; i < group_size(group); i++)
		if (group_syscall(group, i) == call(member))
			return true;
	return false;
}

static void groups_hold_what_their_names_say(void **state)
{
	(void)state;
	assert_true(group_has("@basic-io", "read"));
	assert_true(group_has("basic-io", "write"));
	assert_false(group_has("@basic-io", "open"));
	assert_true(group_has("@file-system", "openat"));
	assert_true(group_has("@file-system", "unlink"));
	assert_false(group_has("@file-system-read", "unlink"));
	assert_true(group_has("@network-io", "socket"));
	assert_true(group_has("@system-service", "recvmsg"));
	assert_false(group_has("@system-service", "mount"));
	assert_true(group_has("@privileged", "init_module"));
	assert_null(group_by_name(str_of("@")));
	assert_null(group_by_name(str_of("")));
	assert_null(group_by_name(str_of("@nonsense")));
}

static void groups_lie_in_order_and_their_members_too(void **state)
{
	(void)state;
	for (size_t g = 0; g < group_count(); g++) {
		const struct group *group = group_at(g);

		assert_ptr_equal(group_by_name(str_of(group_name(group))), group);
		assert_true(strlen(group_help(group)) > 0);
		assert_true(group_size(group) > 0);
		if (g > 0)
			assert_true(strcmp(group_name(group_at(g - 1)),
					   group_name(group)) < 0);
		for (size_t i = 1; i < group_size(group); i++)
			assert_true(group_syscall(group, i - 1) <
				    group_syscall(group, i));
	}
	assert_int_equal(group_size(group_by_name(str_of("@known"))), syscall_count());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_abi_is_found_by_any_of_its_names),
		cmocka_unit_test(an_abi_knows_its_place),
		cmocka_unit_test(x32_is_told_from_x86_64_by_its_numbers),
		cmocka_unit_test(numbers_of_well_known_calls_are_right),
		cmocka_unit_test(names_and_numbers_lead_to_each_other),
		cmocka_unit_test(numbers_are_walked_in_order),
		cmocka_unit_test(byte_order_does_not_change_numbers),
		cmocka_unit_test(calls_lie_in_order_of_name_and_are_found_by_it),
		cmocka_unit_test(numbers_agree_with_a_table_that_others_made),
		cmocka_unit_test(a_call_has_the_version_that_brought_it),
		cmocka_unit_test(arguments_have_the_width_that_the_kernel_uses),
		cmocka_unit_test(an_argument_may_have_a_second_name),
		cmocka_unit_test(an_abi_passes_arguments_in_its_own_order),
		cmocka_unit_test(an_unknown_prototype_has_six_wide_arguments),
		cmocka_unit_test(a_family_of_an_argument_is_a_family_of_constants),
		cmocka_unit_test(an_older_call_carries_others_where_it_is_there),
		cmocka_unit_test(constants_have_the_value_of_the_abi),
		cmocka_unit_test(a_constant_may_be_absent_from_an_abi),
		cmocka_unit_test(constants_lie_in_order_of_name),
		cmocka_unit_test(a_value_is_printed_by_its_usual_name),
		cmocka_unit_test(families_are_chosen_from_or_combined),
		cmocka_unit_test(an_errno_is_found_by_name_and_number),
		cmocka_unit_test(groups_hold_what_their_names_say),
		cmocka_unit_test(groups_lie_in_order_and_their_members_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
