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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(check_cases) };

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
