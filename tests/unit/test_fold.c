// SPDX-License-Identifier: MIT
/*
 * policy → diagram, where the numbers are odd: -1, far above any table, and on both
 * sides of the line between x86_64 and x32.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>

#include "meaning/meaning.h"

static const char policy_text[] = "arch x86_64 i386\n"
				  "default allow\n"
				  "badarch kill\n"
				  "errno 1 x86_64:-1\n"
				  "errno 2 x86_64:0x3fffffff\n"
				  "errno 3 x86_64:0\n"
				  "errno 4 i386:0x40000000\n"
				  "errno 5 i386:0xfffffffe, i386:-1\n";

static const struct fold_case {
	const char *name;
	uint32_t arch, number, verdict;
} cases[] = {
	{ "gives the number -1 its rule", AUDIT_ARCH_X86_64, UINT32_MAX,
	  SECCOMP_RET_ERRNO | 1 },
	{ "gives the last number below x32 its rule", AUDIT_ARCH_X86_64, 0x3fffffff,
	  SECCOMP_RET_ERRNO | 2 },
	{ "gives a number far above the table the default", AUDIT_ARCH_X86_64,
	  0x3ffffffe, SECCOMP_RET_ALLOW },
	{ "gives the number 0 its rule", AUDIT_ARCH_X86_64, 0, SECCOMP_RET_ERRNO | 3 },
	{ "gives the number 1 the default", AUDIT_ARCH_X86_64, 1, SECCOMP_RET_ALLOW },
	{ "holds x32 for another ABI", AUDIT_ARCH_X86_64, 0x40000000,
	  SECCOMP_RET_KILL_PROCESS },
	{ "holds the last number of x32 for another ABI", AUDIT_ARCH_X86_64,
	  UINT32_MAX - 1, SECCOMP_RET_KILL_PROCESS },
	{ "knows no x32 where there is none", AUDIT_ARCH_I386, 0x40000000,
	  SECCOMP_RET_ERRNO | 4 },
	{ "gives high numbers of another ABI their default", AUDIT_ARCH_I386,
	  0x40000001, SECCOMP_RET_ALLOW },
	{ "gives the last number but one its rule", AUDIT_ARCH_I386, UINT32_MAX - 1,
	  SECCOMP_RET_ERRNO | 5 },
	{ "gives the number -1 of another ABI its rule", AUDIT_ARCH_I386, UINT32_MAX,
	  SECCOMP_RET_ERRNO | 5 },
	{ "kills for an unknown architecture", 0x1234, 0, SECCOMP_RET_KILL_PROCESS },
};

static void check_cases(void **state)
{
	const struct callgate_parse_options options = { .name = "test" };
	struct callgate_policy *policy = NULL;
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref meaning;

	(void)state;
	assert_int_equal(callgate_policy_parse(policy_text, sizeof(policy_text) - 1,
					       &options, NULL, &policy),
			 0);
	meaning = meaning_of_policy(store, policy);
	assert_int_equal(meaning_error(store), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct fold_case *test = &cases[i];
		struct seccomp_data call = { .arch = test->arch,
					     .nr = (int)test->number };

		print_message("  %s\n", test->name);
		assert_int_equal(meaning_evaluate(store, meaning, &call),
				 test->verdict);
		assert_int_equal(policy_evaluate(policy, &call, NULL), test->verdict);
	}
	meaning_free(store);
	callgate_policy_free(policy);
}

/* --- against the rules one by one --------------------------------------------------
 */

static const struct policy_case {
	const char *name;
	const char *text;
} policies[] = {
	{ "nothing but a default", "arch x86_64\ndefault errno EPERM\n" },
	{ "x32 beside x86_64", "arch x86_64 x32\ndefault kill\nallow read, write\n"
			       "errno 7 x32:execve, x86_64:-1\n" },
	{ "x32 without x86_64", "arch x32\ndefault trap\nallow read(fd == 3)\n"
				"log x32:0x40000000\n" },
	{ "ABIs in another order than their numbers'",
	  "arch aarch64 x86_64 i386\ndefault errno 2\nbadarch trap 9\n"
	  "allow @basic-io\nkill openat(flags & O_CREAT != 0)\n" },
	{ "calls newer than a version",
	  "abi linux-5.4\narch x86_64 i386 aarch64\ndefault allow\nunknown kill\n"
	  "errno 3 clone3, close_range\n" },
	{ "an unknown call's own rule", "abi linux-4.14\narch x86_64\ndefault kill\n"
					"unknown log\nallow x86_64:9999\n" },
	{ "the first of many rules",
	  "arch x86_64 i386\ndefault kill\nerrno 1 read(fd == 0)\n"
	  "errno 2 read(fd < 2, count > 5)\nerrno 3 read(u64(fd) == 1)\n"
	  "allow read(fd in {1, 3..5})\nlog read\nallow read\n" },
	{ "calls that others carry",
	  "arch i386\ndefault errno EPERM\nallow socket, bind, semget\n" },
};

static const uint32_t odd_numbers[] = {
	5000,	    9998,	9999,	    10000,	0x3ffffffe, 0x3fffffff,
	0x7fffffff, 0x80000000, 0xbfffffff, 0xfffffffe, UINT32_MAX,
};

static const uint64_t odd_values[] = {
	0, 1, 2, 3, 5, 6, 0x40, 1ull << 32, (1ull << 32) + 1, UINT64_MAX,
};

static void check_number(const struct callgate_policy *policy, struct meaning *store,
			 meaning_ref meaning, uint32_t arch, uint32_t number)
{
	for (size_t i = 0; i < sizeof(odd_values) / sizeof(odd_values[0]); i++) {
		struct seccomp_data call = { .arch = arch, .nr = (int)number };
		uint32_t wanted, got;

		for (size_t a = 0; a < 6; a++)
			call.args[a] = odd_values[i];
		wanted = policy_evaluate(policy, &call, NULL);
		got = meaning_evaluate(store, meaning, &call);
		if (got != wanted)
			fail_msg("number %#x of %#x with %#llx: rules say %#x, the "
				 "diagram %#x",
				 number, arch, (unsigned long long)odd_values[i],
				 wanted, got);
	}
}

static void check_arch(const struct callgate_policy *policy, struct meaning *store,
		       meaning_ref meaning, uint32_t arch)
{
	for (uint32_t i = 0; i < 700; i++) {
		check_number(policy, store, meaning, arch, i);
		check_number(policy, store, meaning, arch, 0x40000000 + i);
	}
	for (size_t i = 0; i < sizeof(odd_numbers) / sizeof(odd_numbers[0]); i++)
		check_number(policy, store, meaning, arch, odd_numbers[i]);
}

static void check_policy(const struct policy_case *test)
{
	static const uint32_t foreign[] = { 0, 1, UINT32_MAX };
	struct callgate_policy *policy = NULL;
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref meaning;

	print_message("  %s\n", test->name);
	assert_int_equal(callgate_policy_parse(test->text, strlen(test->text), NULL,
					       NULL, &policy),
			 0);
	meaning = meaning_of_policy(store, policy);
	assert_int_equal(meaning_error(store), 0);
	for (size_t i = 0; i < abi_count(); i++) {
		uint32_t arch = abi_at(i)->audit_arch;

		check_arch(policy, store, meaning, arch);
		check_number(policy, store, meaning, arch - 1, 0);
		check_number(policy, store, meaning, arch + 1, 0);
	}
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		check_arch(policy, store, meaning, foreign[i]);
	meaning_free(store);
	callgate_policy_free(policy);
}

static void the_diagram_says_what_the_rules_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		check_policy(&policies[i]);
}

/* A policy that no text gives: a rule on each number at an edge, on every ABI at once. */
static void rules_may_stand_at_every_edge(void **state)
{
	static const uint32_t edges[] = { 0, 0x3fffffff, 0x40000000, 0xfffffffe,
					  UINT32_MAX };
	enum {
		EDGES = sizeof(edges) / sizeof(edges[0])
	};
	struct policy_rule rules[EDGES];
	struct policy_condition condition = {
		.kind = CONDITION_TEST,
		.test = { .bits = 64, .operator= OPERATOR_NE, .mask = UINT64_MAX },
	};
	struct policy_match matches[ABI_MAX][EDGES];
	struct callgate_policy policy = {
		.default_verdict = SECCOMP_RET_ALLOW,
		.badarch_verdict = SECCOMP_RET_KILL_PROCESS,
		.rules = rules,
		.rule_count = EDGES,
	};
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref meaning;

	(void)state;
	for (uint32_t i = 0; i < EDGES; i++)
		rules[i].verdict = SECCOMP_RET_ERRNO | (i + 1);
	for (size_t i = abi_count(); i-- > 0;) {
		const struct abi *abi = abi_at(i);
		struct policy_abi *table = &policy.abis[policy.abi_count++];

		*table = (struct policy_abi){ .abi = abi, .matches = matches[i] };
		for (uint32_t edge = 0; edge < EDGES; edge++)
			if (abi_of(abi->audit_arch, edges[edge]) == abi)
				matches[i][table->count++] = (struct policy_match){
					.rule = edge,
					.number = edges[edge],
					.condition = &condition,
				};
	}
	meaning = meaning_of_policy(store, &policy);
	assert_int_equal(meaning_error(store), 0);
	for (size_t i = 0; i < abi_count(); i++)
		check_arch(&policy, store, meaning, abi_at(i)->audit_arch);
	meaning_free(store);
}

static void a_short_budget_is_an_error(void **state)
{
	struct callgate_policy *policy = NULL;
	struct meaning *store = meaning_new((struct meaning_limits){ 100, 1000 });
	const char *text = policies[3].text;

	(void)state;
	assert_int_equal(callgate_policy_parse(text, strlen(text), NULL, NULL, &policy),
			 0);
	assert_int_equal(meaning_of_policy(store, policy), MEANING_FAILED);
	assert_int_equal(meaning_error(store), -E2BIG);
	meaning_free(store);
	callgate_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_cases),
		cmocka_unit_test(the_diagram_says_what_the_rules_say),
		cmocka_unit_test(rules_may_stand_at_every_edge),
		cmocka_unit_test(a_short_budget_is_an_error),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
