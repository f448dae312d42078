// SPDX-License-Identifier: MIT
/*
 * From a policy's text to the verdict of one call, by the evaluator; the refusals and
 * warnings with their wording are golden cases.
 */
#include "policy/policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "data/verdict.h"

#define NO_CALL 0xffffffffu
#define HIGH	(1ull << 32)

static struct callgate_policy *parse_with(const char *text,
					  const struct callgate_parse_options *options)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	int error = callgate_policy_parse(text, strlen(text), options, diagnostics,
					  &policy);

	for (size_t i = 0; error && i < callgate_diagnostics_count(diagnostics); i++)
		print_error("%s\n", callgate_diagnostics_at(diagnostics, i)->message);
	callgate_diagnostics_free(diagnostics);
	return error ? NULL : policy;
}

static struct callgate_policy *parse(const char *text)
{
	struct callgate_policy *policy = parse_with(text, NULL);

	if (!policy)
		fail_msg("refused: %s", text);
	return policy;
}

struct probe {
	const char *name;
	const char *policy;
	const char *abi;
	const char *call; /* or a number */
	uint64_t args[6];
	const char *wanted;
};

static uint32_t number_of(const struct abi *abi, const char *call)
{
	const struct syscall *known = syscall_by_name(str_of(call));
	uint64_t number;
	uint32_t result;

	if (known && syscall_number(known, abi, &result))
		return result;
	if (str_number(str_of(call), &number))
		fail_msg("%s has no call %s", abi->name, call);
	return (uint32_t)number;
}

static char *verdict_of(const struct callgate_policy *policy, const struct probe *probe)
{
	const struct abi *abi = abi_by_name(str_of(probe->abi));
	struct seccomp_data data = { 0 };
	struct buffer text = { 0 };

	data.arch = abi->audit_arch;
	data.nr = (int)number_of(abi, probe->call);
	data.instruction_pointer = 0x400000;
	memcpy(data.args, probe->args, sizeof(data.args));
	verdict_print(policy_evaluate(policy, &data, NULL), abi, &text);
	return buffer_take(&text);
}

#define X	   "x86_64"
#define DENY	   "errno EPERM"
#define ONLY(rule) "arch x86_64\n" rule "\n"

static const struct probe probes[] = {
	/* --- what is not said --- */
	{ "denies with EPERM when silent", ONLY(""), X, "read", { 0 }, DENY },
	{ "kills other ABIs when silent",
	  ONLY("allow read"),
	  "aarch64",
	  "read",
	  { 0 },
	  "kill" },
	{ "counts x32 as another ABI",
	  ONLY("allow read"),
	  "x32",
	  "read",
	  { 0 },
	  "kill" },
	{ "lets badarch say what other ABIs get",
	  ONLY("badarch errno ENOSYS"),
	  "i386",
	  "read",
	  { 0 },
	  "errno ENOSYS" },
	{ "gives an unknown number the default",
	  ONLY("default log"),
	  X,
	  "1000000",
	  { 0 },
	  "log" },
	{ "gives a number newer than abi ENOSYS",
	  ONLY("abi linux-5.0\ndefault log"),
	  X,
	  "clone3",
	  { 0 },
	  "errno ENOSYS" },
	{ "gives a number as old as abi the default",
	  ONLY("abi linux-5.3\ndefault log"),
	  X,
	  "clone3",
	  { 0 },
	  "log" },
	{ "lets unknown say what a newer number gets",
	  ONLY("abi linux-5.0\nunknown kill"),
	  X,
	  "clone3",
	  { 0 },
	  "kill" },
	{ "lets an explicit rule win over unknown",
	  ONLY("abi linux-5.0\nallow clone3"),
	  X,
	  "clone3",
	  { 0 },
	  "allow" },
	{ "leaves out the members of a group that are newer than abi",
	  ONLY("abi linux-5.0\nallow @file-system"),
	  X,
	  "openat2",
	  { 0 },
	  "errno ENOSYS" },
	{ "has number -1 follow the default of x86_64",
	  ONLY("default log"),
	  X,
	  "0xffffffff",
	  { 0 },
	  "log" },
	{ "has number -1 follow unknown",
	  ONLY("unknown errno ENOSYS"),
	  X,
	  "0xffffffff",
	  { 0 },
	  "errno ENOSYS" },
	{ "never counts number -1 as x32",
	  "arch x32\ndefault log\n",
	  X,
	  "0xffffffff",
	  { 0 },
	  "kill" },

	/* --- rules --- */
	{ "takes the first rule that matches",
	  ONLY("log read\nallow read"),
	  X,
	  "read",
	  { 0 },
	  "log" },
	{ "goes on to the next rule when a condition fails",
	  ONLY("log read(fd == 0)\nallow read"),
	  X,
	  "read",
	  { 1 },
	  "allow" },
	{ "has deny mean the default",
	  ONLY("default errno EACCES\ndeny read"),
	  X,
	  "read",
	  { 0 },
	  "errno EACCES" },
	{ "takes an errno by number",
	  ONLY("errno 4095 read"),
	  X,
	  "read",
	  { 0 },
	  "errno 4095" },
	{ "takes the data of trace",
	  ONLY("trace 7 read"),
	  X,
	  "read",
	  { 0 },
	  "trace 7" },
	{ "applies where to every call",
	  ONLY("allow read, write where fd == 1"),
	  X,
	  "write",
	  { 2 },
	  DENY },
	{ "joins where and the call's own condition",
	  ONLY("allow read(count < 9) where fd == 1"),
	  X,
	  "read",
	  { 1, 0, 9 },
	  DENY },
	{ "keeps a qualified call to its ABI",
	  "arch x86_64 i386\nallow i386:read\n",
	  X,
	  "read",
	  { 0 },
	  DENY },
	{ "applies a qualified call on its ABI",
	  "arch x86_64 i386\nallow i386:read\n",
	  "i386",
	  "read",
	  { 0 },
	  "allow" },
	{ "takes a call by number",
	  ONLY("allow x86_64:5000"),
	  X,
	  "5000",
	  { 0 },
	  "allow" },
	{ "keeps a block's rules to its ABI",
	  "arch x86_64 aarch64\narch aarch64 {\n\tallow read\n}\nlog read\n",
	  X,
	  "read",
	  { 0 },
	  "log" },
	{ "applies a block's rules on its ABI",
	  "arch x86_64 aarch64\narch aarch64 {\n\tallow read\n}\nlog read\n",
	  "aarch64",
	  "read",
	  { 0 },
	  "allow" },
	{ "skips an optional call where the ABI lacks it",
	  "arch aarch64\nallow ?open, read\n",
	  "aarch64",
	  "read",
	  { 0 },
	  "allow" },

	/* --- widths and signs --- */
	{ "ignores the upper half of an int",
	  ONLY("allow socket(domain == 1)"),
	  X,
	  "socket",
	  { HIGH | 1 },
	  "allow" },
	{ "u64() looks at the upper half",
	  ONLY("allow socket(u64(domain) == 1)"),
	  X,
	  "socket",
	  { HIGH | 1 },
	  DENY },
	{ "compares all of an unsigned long",
	  ONLY("allow brk(brk == 1)"),
	  X,
	  "brk",
	  { HIGH | 1 },
	  DENY },
	{ "u32() looks at the lower half alone",
	  ONLY("allow brk(u32(brk) == 1)"),
	  X,
	  "brk",
	  { HIGH | 1 },
	  "allow" },
	{ "ignores all but 16 bits of a mode",
	  ONLY("allow chmod(mode == 0644)"),
	  X,
	  "chmod",
	  { 0, 0xabcd0000 | 0644 },
	  "allow" },
	{ "looks at all 16 bits of a mode",
	  ONLY("allow chmod(mode == 0644)"),
	  X,
	  "chmod",
	  { 0, 0x8000 | 0644 },
	  DENY },
	{ "compares an int with its sign",
	  ONLY("allow kill(pid < 0)"),
	  X,
	  "kill",
	  { 0xffffffff },
	  "allow" },
	{ "takes -1 of an int in its width",
	  ONLY("allow kill(pid == -1)"),
	  X,
	  "kill",
	  { 0xffffffff },
	  "allow" },
	{ "holds the smallest int below all",
	  ONLY("allow kill(pid <= -2147483648)"),
	  X,
	  "kill",
	  { 0x80000000 },
	  "allow" },
	{ "holds the largest int above all",
	  ONLY("allow kill(pid < 2147483647)"),
	  X,
	  "kill",
	  { 0x7fffffff },
	  DENY },
	{ "u32() compares an int without its sign",
	  ONLY("allow kill(u32(pid) > 5)"),
	  X,
	  "kill",
	  { 0xffffffff },
	  "allow" },
	{ "takes AT_FDCWD in the width of an int",
	  ONLY("allow openat(dirfd == AT_FDCWD)"),
	  X,
	  "openat",
	  { 0xffffff9c },
	  "allow" },
	{ "takes AT_FDCWD with its sign extended too",
	  ONLY("allow openat(dirfd == AT_FDCWD)"),
	  X,
	  "openat",
	  { -100ull },
	  "allow" },
	{ "compares 64 bits without a sign",
	  ONLY("allow brk(brk > 1)"),
	  X,
	  "brk",
	  { 1ull << 63 },
	  "allow" },
	{ "s64() compares 64 bits with a sign",
	  ONLY("allow brk(s64(brk) < 0)"),
	  X,
	  "brk",
	  { 1ull << 63 },
	  "allow" },
	{ "takes the largest number of 64 bits",
	  ONLY("allow brk(brk == 0xffffffffffffffff)"),
	  X,
	  "brk",
	  { -1ull },
	  "allow" },
	{ "takes a complement in the argument's width",
	  ONLY("allow openat(flags & ~O_ACCMODE == 0)"),
	  X,
	  "openat",
	  { 0, 0, HIGH | 1 },
	  "allow" },
	{ "uses long's width on i386",
	  "arch i386\nallow brk(brk == 1)\n",
	  "i386",
	  "brk",
	  { HIGH | 1 },
	  "allow" },

	/* --- operators --- */
	{ "masks before comparing",
	  ONLY("allow socket(type & SOCK_TYPE_MASK == SOCK_STREAM)"),
	  X,
	  "socket",
	  { 0, 02000001 },
	  "allow" },
	{ "takes a mask in parentheses",
	  ONLY("allow read((fd & 6) == 4)"),
	  X,
	  "read",
	  { 5 },
	  "allow" },
	{ "joins constants ahead of masking",
	  ONLY("allow mmap(prot & PROT_WRITE | PROT_EXEC == 0)"),
	  X,
	  "mmap",
	  { 0, 0, 4 },
	  DENY },
	{ "adds constants",
	  ONLY("allow read(fd == 1 + 2)"),
	  X,
	  "read",
	  { 3 },
	  "allow" },
	{ "holds != apart", ONLY("allow read(fd != 3)"), X, "read", { 3 }, DENY },
	{ "includes both ends of a range",
	  ONLY("allow read(fd in {3..5})"),
	  X,
	  "read",
	  { 5 },
	  "allow" },
	{ "ends a range", ONLY("allow read(fd in {3..5})"), X, "read", { 6 }, DENY },
	{ "takes a range without braces",
	  ONLY("allow read(fd in 3..5)"),
	  X,
	  "read",
	  { 4 },
	  "allow" },
	{ "takes a range of signed ends",
	  ONLY("allow kill(pid in -2..1)"),
	  X,
	  "kill",
	  { 0xfffffffe },
	  "allow" },
	{ "finds a member of a set",
	  ONLY("allow read(fd in {1, 7, 9})"),
	  X,
	  "read",
	  { 9 },
	  "allow" },
	{ "holds not in apart",
	  ONLY("allow read(fd not in {1, 7})"),
	  X,
	  "read",
	  { 7 },
	  DENY },
	{ "binds and tighter than or",
	  ONLY("allow read where fd == 1 or fd == 2 and count == 3"),
	  X,
	  "read",
	  { 1, 0, 0 },
	  "allow" },
	{ "lets parentheses bind first",
	  ONLY("allow read where (fd == 1 or fd == 2) and count == 3"),
	  X,
	  "read",
	  { 1, 0, 0 },
	  DENY },
	{ "negates",
	  ONLY("allow read where not (fd == 1 || fd == 2)"),
	  X,
	  "read",
	  { 2 },
	  DENY },
	{ "negates twice",
	  ONLY("allow read where !!(fd == 1)"),
	  X,
	  "read",
	  { 1 },
	  "allow" },
	{ "tests the instruction pointer",
	  ONLY("allow read where ip >= 0x400000"),
	  X,
	  "read",
	  { 0 },
	  "allow" },
	{ "names arguments by number",
	  ONLY("allow read(arg0 == 3)"),
	  X,
	  "read",
	  { HIGH | 3 },
	  "allow" },
	{ "tests a pointer for NULL",
	  ONLY("allow openat(pathname != 0)"),
	  X,
	  "openat",
	  { 0 },
	  DENY },

	/* --- definitions --- */
	{ "uses defines",
	  ONLY("define A = 1\ndefine B = A | 2\nallow read(fd == B)"),
	  X,
	  "read",
	  { 3 },
	  "allow" },
	{ "takes members from a group",
	  ONLY("@mine = @file-system - openat\nallow @mine"),
	  X,
	  "openat",
	  { 0 },
	  DENY },
	{ "keeps other members of a group",
	  ONLY("@mine = @file-system - openat\nallow @mine"),
	  X,
	  "mkdir",
	  { 0 },
	  "allow" },
	{ "intersects before it adds",
	  ONLY("@mine = read + {write, close} & {close}\nallow @mine"),
	  X,
	  "write",
	  { 0 },
	  DENY },
	{ "adds from left to right",
	  ONLY("@mine = {read} - read + read\nallow @mine"),
	  X,
	  "read",
	  { 0 },
	  "allow" },

	/* --- text --- */
	{ "goes on after a comma",
	  ONLY("allow read,\n\n  # more\n  write"),
	  X,
	  "write",
	  { 0 },
	  "allow" },
	{ "goes on after a backslash",
	  ONLY("allow \\\n read"),
	  X,
	  "read",
	  { 0 },
	  "allow" },
	{ "goes on within parentheses",
	  ONLY("allow read(\n fd == 1\n)"),
	  X,
	  "read",
	  { 1 },
	  "allow" },
	{ "takes ; for a line end",
	  ONLY("default log; kill read"),
	  X,
	  "read",
	  { 0 },
	  "kill" },
	{ "takes settings that come late",
	  "allow read\narch aarch64\n",
	  "aarch64",
	  "read",
	  { 0 },
	  "allow" },

	/* --- multiplexers --- */
	{ "extends a rule on socket to socketcall",
	  "arch i386\nallow socket\n",
	  "i386",
	  "socketcall",
	  { HIGH | 1 },
	  "allow" },
	{ "extends it to no other selector",
	  "arch i386\nallow socket\n",
	  "i386",
	  "socketcall",
	  { 2 },
	  DENY },
	{ "never extends an allow rule with a condition",
	  "arch i386\nallow socket(domain == 1)\n",
	  "i386",
	  "socketcall",
	  { 1 },
	  DENY },
	{ "extends a rule on semget to ipc of any version",
	  "arch i386\nallow semget\n",
	  "i386",
	  "ipc",
	  { 0x10002 },
	  "allow" },
	{ "has a group's socketcall stand for its members",
	  "arch i386\n@mine = @network-io - socket\nallow @mine\n",
	  "i386",
	  "socketcall",
	  { 1 },
	  DENY },
	{ "reaches the group's members through socketcall",
	  "arch i386\n@mine = @network-io - socket\nallow @mine\n",
	  "i386",
	  "socketcall",
	  { 2 },
	  "allow" },
	{ "takes socketcall by its name",
	  "arch i386\nallow socketcall\n",
	  "i386",
	  "socketcall",
	  { 99 },
	  "allow" },
};

static void test_probes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		struct callgate_policy *policy = parse(probes[i].policy);
		char *got = verdict_of(policy, &probes[i]);

		if (!got || strcmp(got, probes[i].wanted) != 0)
			fail_msg("%s: wanted %s, got %s", probes[i].name,
				 probes[i].wanted, got);
		free(got);
		callgate_policy_free(policy);
	}
}

/* A verdict of `read(1)` on x86_64 under options. */
static void check_options(const char *name, const char *text,
			  const struct callgate_parse_options *options,
			  struct probe probe)
{
	struct callgate_policy *policy = parse_with(text, options);
	char *got = policy ? verdict_of(policy, &probe) : NULL;

	if (!got || strcmp(got, probe.wanted) != 0)
		fail_msg("%s: wanted %s, got %s", name, probe.wanted,
			 got ? got : "a refusal");
	free(got);
	callgate_policy_free(policy);
}

static void test_options(void **state)
{
	static const char *const given[] = { "fast", NULL };
	static const char *const x86[] = { "i386", NULL };
	static const char branches[] =
		"arch x86_64\n"
		"when fast {\n\tallow read\n} else {\n\tlog read\n}\n";
	static const char negated[] = "arch x86_64\nwhen not fast {\n\tallow read\n}\n";

	(void)state;
	check_options("takes the branch of a given parameter", branches,
		      &(struct callgate_parse_options){ .parameters = given },
		      (struct probe){ .abi = X, .call = "read", .wanted = "allow" });
	check_options("takes the other branch otherwise", branches, NULL,
		      (struct probe){ .abi = X, .call = "read", .wanted = "log" });
	check_options("negates a parameter", negated, NULL,
		      (struct probe){ .abi = X, .call = "read", .wanted = "allow" });
	check_options("leaves a block out", negated,
		      &(struct callgate_parse_options){ .parameters = given },
		      (struct probe){ .abi = X, .call = "read", .wanted = DENY });
	check_options("puts the caller's ABIs in the place of arch",
		      "arch x86_64\nallow read\n",
		      &(struct callgate_parse_options){ .abis = x86 },
		      (struct probe){
			      .abi = "i386", .call = "read", .wanted = "allow" });
	check_options("has unknown calls follow the default when asked",
		      "abi linux-5.0\narch x86_64\ndefault allow\n",
		      &(struct callgate_parse_options){ .unknown_is_default = true },
		      (struct probe){ .abi = X, .call = "clone3", .wanted = "allow" });
}

static void test_log_only(void **state)
{
	static const char *const calls[] = { "read", "write", "close", "clone3",
					     "1000" };
	struct callgate_policy *policy =
		parse("abi linux-5.0\narch x86_64\nallow read\nkill write\n"
		      "expect deny write\n");

	(void)state;
	callgate_policy_log_only(policy);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct probe probe = { .abi = X, .call = calls[i] };
		char *got = verdict_of(policy, &probe);

		assert_string_equal(got, i ? "log" : "allow");
		free(got);
	}
	assert_int_equal(policy->expect_count, 0);
	callgate_policy_free(policy);
}

static void test_deciding_rule(void **state)
{
	struct callgate_policy *policy =
		parse("abi linux-5.0\narch x86_64\nallow read\nkill write\n");
	static const struct {
		uint32_t arch, number, rule;
	} cases[] = {
		{ 0xc000003e, 0, 0 },
		{ 0xc000003e, 1, 1 },
		{ 0xc000003e, 2, RULE_DEFAULT },
		{ 0xc000003e, 435, RULE_UNKNOWN },
		{ 0xc000003e, 0x40000000, RULE_BADARCH },
		{ 0xc000003e, NO_CALL, RULE_UNKNOWN },
		{ 0, 0, RULE_BADARCH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seccomp_data data = { .nr = (int)cases[i].number,
					     .arch = cases[i].arch };
		uint32_t rule;

		policy_evaluate(policy, &data, &rule);
		assert_int_equal(rule, cases[i].rule);
	}
	callgate_policy_free(policy);
}

/* What a rule, a match and a condition say of their place. */
static void test_spans(void **state)
{
	static const char text[] = "arch x86_64\nallow read( fd == 1 ), @swap # x\n";
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	const struct policy_match *first, *last;

	(void)state;
	assert_int_equal(callgate_policy_parse(text, strlen(text), NULL, diagnostics,
					       &policy),
			 0);
	first = &policy->abis[0].matches[0];
	last = &policy->abis[0].matches[policy->abis[0].count - 1];
	assert_int_equal(policy->rules[0].span.file, 1);
	assert_int_equal(policy->rules[0].span.offset, 12);
	assert_int_equal(policy->rules[0].span.length,
			 strlen("allow read( fd == 1 ), @swap"));
	assert_int_equal(first->span.offset, 18);
	assert_int_equal(first->span.length, strlen("read"));
	assert_int_equal(first->condition->span.length, strlen("( fd == 1 )"));
	assert_int_equal(last->span.length, strlen("@swap"));
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probes),	 cmocka_unit_test(test_options),
		cmocka_unit_test(test_log_only), cmocka_unit_test(test_deciding_rule),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
