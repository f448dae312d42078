// SPDX-License-Identifier: MIT
/*
 * Predicates as text: that the text is the one a person would write, and that it reads
 * back as the same predicate, for tables of cases and for random ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "../random.h"
#include "meaning/meaning.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define UNNAMED 5000 /* a number that no ABI has a call for */

/* --- reading back ------------------------------------------------------------------
 */

static struct callgate_policy *parse(const char *abi, const char *call,
				     const char *condition)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	struct buffer text = { 0 };

	buffer_printf(&text, "arch %s\ndefault kill\nallow ", abi);
	if (call)
		buffer_text(&text, call);
	else
		buffer_printf(&text, "%s:%d", abi, UNNAMED);
	buffer_printf(&text, " where %s\n", condition);
	assert_false(text.failed);
	if (callgate_policy_parse(text.data, text.len, NULL, diagnostics, &policy)) {
		for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++)
			print_error("%s\n",
				    callgate_diagnostics_at(diagnostics, i)->message);
		fail_msg("does not parse: %s", text.data);
	}
	buffer_done(&text);
	callgate_diagnostics_free(diagnostics);
	return policy;
}

/* The predicate of a condition of the language. */
static meaning_ref read_condition(struct meaning *store, const char *abi_name,
				  const char *call_name, const char *condition)
{
	const struct abi *abi = abi_by_name(str_of(abi_name));
	struct callgate_policy *policy;
	uint32_t number = UNNAMED;
	meaning_ref result = MEANING_FAILED;

	if (strcmp(condition, "always") == 0)
		return MEANING_TRUE;
	if (strcmp(condition, "never") == 0)
		return MEANING_FALSE;
	if (call_name)
		assert_true(syscall_number(syscall_by_name(str_of(call_name)), abi,
					   &number));
	policy = parse(abi_name, call_name, condition);
	for (size_t i = 0; i < policy->abis[0].count; i++)
		if (policy->abis[0].matches[i].number == number)
			result =
				meaning_condition(store,
						  policy->abis[0].matches[i].condition);
	callgate_policy_free(policy);
	assert_true(result != MEANING_FAILED || meaning_error(store));
	return result;
}

static char *describe(struct meaning *store, meaning_ref predicate,
		      const char *abi_name, const char *call_name)
{
	struct buffer text = { 0 };
	const struct syscall *call =
		call_name ? syscall_by_name(str_of(call_name)) : NULL;

	assert_int_equal(meaning_describe(store, predicate, call,
					  abi_by_name(str_of(abi_name)), &text),
			 0);
	return buffer_take(&text);
}

/* --- texts -------------------------------------------------------------------------
 */

static const struct text_case {
	const char *name;
	const char *call; /* NULL: one without a name */
	const char *condition;
	const char *text;
} texts[] = {
	{ "one value by its name", "socket", "domain == 1", "domain == AF_UNIX" },
	{ "a set by names, in order of value", "ioctl",
	  "cmd in {TIOCGWINSZ, FIONREAD, TCGETS}",
	  "cmd in {TCGETS, TIOCGWINSZ, FIONREAD}" },
	{ "all but a set", "ioctl", "cmd != TIOCSTI and cmd != TIOCLINUX",
	  "cmd not in {TIOCSTI, TIOCLINUX}" },
	{ "a short range whose values all have names", "lseek", "whence <= 2",
	  "whence in {SEEK_SET, SEEK_CUR, SEEK_END}" },
	{ "a value with a sign by its name", "openat", "dirfd == -100",
	  "dirfd == AT_FDCWD" },
	{ "the rounder end of an ordering", "read", "not (count >= 4096)",
	  "count < 4096" },
	{ "an ordering of signed values", "kill", "pid >= 1", "pid > 0" },
	{ "an unsigned ordering of a signed argument", "kill", "u32(pid) < 0x90000000",
	  "pid not in -0x70000000..-1" },
	{ "a large value of an unsigned argument", "setuid", "uid == -1",
	  "uid == 0xffffffff" },
	{ "a 64-bit ordering over both words", "read", "count <= 0x100000005",
	  "count <= 0x100000005" },
	{ "the low word of a 64-bit argument", "read", "count & 0xffffffff == 5",
	  "u32(count) == 5" },
	{ "an argument of 32 bits compared in 64", "read", "u64(fd) == 3",
	  "u64(fd) == 3" },
	{ "only the upper half of a narrow argument", "read",
	  "u64(fd) & 0xffffffff00000000 == 0", "u64(fd) < 0x100000000" },
	{ "both halves of a narrow argument apart", "read",
	  "fd == 3 and u64(fd) & 0xffffffff00000000 != 0", "fd == 3 and u64(fd) != 3" },
	{ "a flag that is absent", "mprotect", "prot & 4 == 0",
	  "prot & PROT_EXEC == 0" },
	{ "a flag that is present", "mprotect", "prot & 4 == 4",
	  "prot & PROT_EXEC != 0" },
	{ "two flags that are not both there", "mmap", "prot & 6 != 6",
	  "prot & (PROT_WRITE|PROT_EXEC) != PROT_WRITE|PROT_EXEC" },
	{ "no other flag than some", "mmap", "prot <= 3",
	  "prot & ~(PROT_READ|PROT_WRITE) == 0" },
	{ "flags and a part that is none", "mmap",
	  "flags & 0xf == 2 and flags & 0x20 != 0",
	  "flags & (MAP_TYPE|MAP_ANONYMOUS) == MAP_PRIVATE|MAP_ANONYMOUS" },
	{ "a part of flags that holds one value", "openat", "flags & 1 == 0",
	  "flags & O_ACCMODE in {O_RDONLY, O_RDWR}" },
	{ "values of a part", "futex", "op & ~0x180 in {0, 1}",
	  "op & FUTEX_CMD_MASK in {FUTEX_WAIT, FUTEX_WAKE}" },
	{ "flags of which some have no name", "clone", "flags == 0x1200060",
	  "flags == CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|0x60" },
	{ "a signal in flags", "clone", "flags == 0x1200011",
	  "flags == SIGCHLD|CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID" },
	{ "any of many flags", "clone",
	  "flags & CLONE_NEWNS == 0 and flags & CLONE_NEWUSER == 0",
	  "flags & (CLONE_NEWNS|CLONE_NEWUSER) == 0" },
	{ "arguments without names", NULL, "arg0 == 5 and arg1 & 4 == 4",
	  "arg0 == 5 and arg1 & 4 != 0" },
	{ "the instruction pointer", NULL,
	  "ip >= 0x7f0000000000 and ip <= 0x7f0000ffffff",
	  "ip in 0x7f0000000000..0x7f0000ffffff" },
	{ "two conditions on the bits of one argument", NULL,
	  "not (arg0 & 3 == 0 or arg0 & 12 == 0)",
	  "arg0 & 3 != 0 and arg0 & 0xc != 0" },
	{ "a range within which a bit counts", NULL, "arg0 & 1 == 0 and arg0 < 1000",
	  "arg0 <= 998 and arg0 & 1 == 0" },
	{ "a bit or else a value", NULL, "arg0 == 5 or arg0 & 0x80 != 0",
	  "arg0 & 0x80 != 0 or arg0 == 5" },
	{ "what two cases share, once", NULL,
	  "arg0 == 1 and arg2 == 3 or arg0 == 2 and arg1 == 5 and arg2 == 3",
	  "(arg0 == 1 or arg0 == 2 and arg1 == 5) and arg2 == 3" },
	{ "independent parts", NULL,
	  "arg0 == 1 and (arg2 == 3 or arg3 == 4) or arg1 == 2 and (arg2 == 3 or arg3 "
	  "== 4)",
	  "(arg0 == 1 or arg1 == 2) and (arg2 == 3 or arg3 == 4)" },
	{ "a case that does not need the first argument", NULL,
	  "arg0 == 1 and arg2 == 3 or arg1 == 2 and arg2 == 4",
	  "arg0 == 1 and arg2 == 3 or arg1 == 2 and arg2 == 4" },
	{ "a denied combination", "socket",
	  "not (domain == AF_INET and type & SOCK_TYPE_MASK == SOCK_RAW)",
	  "domain != AF_INET or type & SOCK_TYPE_MASK != SOCK_RAW" },
	{ "values that differ in what else they need", "prctl",
	  "option == PR_SET_SECCOMP or option == PR_SET_NAME and second != 0",
	  "option == PR_SET_SECCOMP or option == PR_SET_NAME and second != 0" },
	{ "a condition that always holds", "kill", "pid > 0 or pid <= 0", "always" },
	{ "one that never does", "kill", "pid > 0 and pid < 0", "never" },
};

static void check_text(const struct text_case *row)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref predicate =
		read_condition(store, "x86_64", row->call, row->condition);
	char *text = describe(store, predicate, "x86_64", row->call);

	if (strcmp(text, row->text) != 0)
		print_error("%s: %s\n  wanted %s\n  got    %s\n", row->name,
			    row->condition, row->text, text);
	if (read_condition(store, "x86_64", row->call, text) != predicate)
		print_error("%s: %s\n  reads back differently: %s\n", row->name,
			    row->condition, text);
	assert_string_equal(text, row->text);
	assert_int_equal(read_condition(store, "x86_64", row->call, text), predicate);
	free(text);
	meaning_free(store);
}

static void texts_are_as_people_write_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		check_text(&texts[i]);
}

/* Every argument of every call: its name must be one that the parser takes. */
static void every_argument_reads_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < syscall_count(); i++) {
		const struct syscall *call = syscall_at(i);
		struct meaning *store = meaning_new(MEANING_LIMITS);
		struct prototype prototype;
		meaning_ref predicate = MEANING_TRUE;
		char *text;

		if (!syscall_number(call, abi_by_name(str_of("x86_64")),
				    &(uint32_t){ 0 })) {
			meaning_free(store);
			continue;
		}
		syscall_prototype(call, abi_by_name(str_of("x86_64")), &prototype);
		for (unsigned field = 0; field < prototype.count; field++)
			predicate = meaning_and(store, predicate,
						meaning_masked(store, word_low(field),
							       0x81, 0x80));
		text = describe(store, predicate, "x86_64", syscall_name(call));
		assert_int_equal(read_condition(store, "x86_64", syscall_name(call),
						text),
				 predicate);
		free(text);
		meaning_free(store);
	}
}

static void an_argument_without_a_name_is_an_error(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	struct buffer text = { 0 };
	const struct syscall *call = syscall_by_name(str_of("prctl"));

	(void)state;
	assert_int_equal(meaning_describe(store,
					  meaning_masked(store, word_low(5), 1, 1),
					  call, abi_by_name(str_of("x86_64")), &text),
			 -EOPNOTSUPP);
	buffer_done(&text);
	meaning_free(store);
}

/* The parity of many bits has no short text, and says so before the machine suffers. */
static void what_is_too_long_is_an_error(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	struct buffer text = { 0 };
	meaning_ref parity = MEANING_FALSE;

	(void)state;
	for (unsigned bit = 0; bit < 24; bit++) {
		meaning_ref one =
			meaning_masked(store, WORD_ARG0_LOW, 1u << bit, 1u << bit);

		parity = meaning_differ(store, parity, one);
	}
	assert_int_equal(meaning_describe(store, parity, NULL, NULL, &text), -E2BIG);
	buffer_done(&text);
	meaning_free(store);
}

static void any_budget_ends_in_a_text_or_an_error(void **state)
{
	const char *wanted = "arg0 & 3 != 0 and arg0 & 0xc != 0 and arg1 in {5, 9}";
	bool was_enough = false;

	(void)state;
	for (uint64_t steps = 0; steps < 4000000; steps += steps / 8 + 1) {
		struct meaning *store =
			meaning_new((struct meaning_limits){ 1u << 16, steps });
		meaning_ref predicate = read_condition(
			store, "x86_64", NULL,
			"not (arg0 & 3 == 0 or arg0 & 12 == 0) and arg1 in {5, 9}");
		struct buffer text = { 0 };
		int error = meaning_describe(store, predicate, NULL, NULL, &text);

		assert_true(error == 0 || error == -E2BIG);
		if (error == 0 && steps > 2000000)
			assert_string_equal(text.data, wanted);
		was_enough |= error == 0;
		buffer_done(&text);
		meaning_free(store);
	}
	assert_true(was_enough);
}

/* --- random ones -------------------------------------------------------------------
 */

static const uint64_t values[] = {
	0,	    1,
	2,	    3,
	4,	    6,
	7,	    8,
	15,	    16,
	100,	    255,
	256,	    1000,
	1024,	    4095,
	0x7fffffff, 0x80000000,
	0xffffff9c, 0xffffffff,
	1ull << 32, (1ull << 32) + 5,
	1ull << 47, INT64_MAX,
	1ull << 63, -100ull,
	-1ull,
};

static const uint64_t masks[] = {
	1,
	3,
	4,
	6,
	0xf,
	0xff,
	0xff00,
	0xffff,
	0x80000,
	0x7e020000,
	0xfffffffe,
	0xffffffff,
	-2ull,
	~0xffull,
	~UINT32_MAX,
	1ull << 63,
	0x8000000000000001,
};

struct conditions {
	struct random random;
	struct meaning *store;
	struct prototype prototype;
};

static uint64_t random_value(struct random *random)
{
	uint64_t value = RANDOM_OF(random, values);

	if (random_percent(random, 10))
		value = random_next(random);
	return random_percent(random, 20) ? value + random_below(random, 4) : value;
}

static meaning_ref random_test(struct conditions *conditions)
{
	struct random *random = &conditions->random;
	static const uint8_t widths[] = { 64, 32, 16, 8 };
	uint8_t field = (uint8_t)random_below(random, 3);
	const struct argument *argument = &conditions->prototype.arguments[field];
	struct policy_test test = { .field = field };
	struct policy_condition condition = { .kind = CONDITION_TEST };
	uint64_t ones;

	test.bits =
		random_percent(random, 85) ? argument->bits : RANDOM_OF(random, widths);
	test.is_signed = random_percent(random, 90) ? argument->is_signed
						    : random_percent(random, 50);
	ones = UINT64_MAX >> (64 - test.bits);
	test.operator=(enum policy_operator) random_below(random, OPERATOR_GE + 1);
	if (random_percent(random, 50))
		test.operator= OPERATOR_EQ;
	test.mask = ones;
	if (random_percent(random, 35))
		test.mask &= RANDOM_OF(random, masks);
	test.value =
		random_value(random) & (random_percent(random, 90) ? test.mask : ones);
	condition.test = test;
	return meaning_condition(conditions->store, &condition);
}

static meaning_ref random_predicate(struct conditions *conditions, unsigned depth)
{
	meaning_ref left, right;

	if (!depth || random_percent(&conditions->random, 20))
		return random_test(conditions);
	left = random_predicate(conditions, depth - 1);
	right = random_predicate(conditions, depth - 1);
	if (random_percent(&conditions->random, 10))
		left = meaning_not(conditions->store, left);
	return random_percent(&conditions->random, 50)
		       ? meaning_and(conditions->store, left, right)
		       : meaning_or(conditions->store, left, right);
}

static const char *const random_calls[] = {
	NULL,	 "socket",	"openat", "mmap",   "ioctl", "futex",
	"kill",	 "setuid",	"prctl",  "chmod",  "read",  "lseek",
	"clone", "personality", "mount",  "waitid", "fcntl", "rt_sigaction",
};

/* Returns false when the predicate was too complex to be described. */
static bool check_random(uint64_t seed)
{
	struct conditions conditions = { .random = { seed } };
	struct random *random = &conditions.random;
	const char *abi = random_percent(random, 70)   ? "x86_64"
			  : random_percent(random, 50) ? "i386"
						       : "aarch64";
	const char *call = RANDOM_OF(random, random_calls);
	struct buffer text = { 0 };
	meaning_ref predicate;
	int error;

	if (call && !syscall_number(syscall_by_name(str_of(call)),
				    abi_by_name(str_of(abi)), &(uint32_t){ 0 }))
		call = NULL;
	if (call)
		syscall_prototype(syscall_by_name(str_of(call)),
				  abi_by_name(str_of(abi)), &conditions.prototype);
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		if (!conditions.prototype.arguments[i].bits)
			conditions.prototype.arguments[i].bits = 64;
	conditions.store = meaning_new(MEANING_LIMITS);
	predicate = random_predicate(&conditions, 1 + random_below(random, 4));
	error = meaning_describe(conditions.store, predicate,
				 call ? syscall_by_name(str_of(call)) : NULL,
				 abi_by_name(str_of(abi)), &text);
	assert_true(error == 0 || error == -E2BIG);
	if (!error &&
	    read_condition(conditions.store, abi, call, text.data) != predicate)
		fail_msg("CALLGATE_SEED=%llu: %s on %s reads back differently: %s",
			 (unsigned long long)seed, call ? call : "a number", abi,
			 text.data);
	buffer_done(&text);
	meaning_free(conditions.store);
	return error == 0;
}

static void any_predicate_reads_back_as_itself(void **state)
{
	uint64_t seed = random_seed();
	uint64_t count = number_from_environment("CALLGATE_ROUNDS", 300);

	uint64_t too_complex = 0;

	(void)state;
	for (uint64_t i = 0; i < count; i++)
		too_complex += !check_random(seed + i);
	assert_true(too_complex * 20 <= count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_as_people_write_them),
		cmocka_unit_test(every_argument_reads_back),
		cmocka_unit_test(an_argument_without_a_name_is_an_error),
		cmocka_unit_test(what_is_too_long_is_an_error),
		cmocka_unit_test(any_budget_ends_in_a_text_or_an_error),
		cmocka_unit_test(any_predicate_reads_back_as_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
