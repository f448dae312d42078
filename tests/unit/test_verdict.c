// SPDX-License-Identifier: MIT
/*
 * Verdicts: which of two the kernel obeys, what it makes of odd ones, their names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/seccomp.h>

#include "data/verdict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void obeys_the_first_of_the_actions_in_their_order(void **state)
{
	static const uint32_t order[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
		SECCOMP_RET_ERRNO,	  SECCOMP_RET_USER_NOTIF,  SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG,	  SECCOMP_RET_ALLOW,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(order); i++)
		for (size_t j = 0; j < COUNT(order); j++)
			assert_int_equal(verdict_precedence(order[i] | 1, order[j] | 1),
					 order[i < j ? i : j] | 1);
}

static void keeps_the_newer_of_two_that_are_equal(void **state)
{
	(void)state;
	assert_int_equal(verdict_precedence(SECCOMP_RET_ERRNO | 1,
					    SECCOMP_RET_ERRNO | 2),
			 SECCOMP_RET_ERRNO | 1);
}

static void compares_unknown_actions_as_signed_numbers(void **state)
{
	(void)state;
	assert_int_equal(verdict_precedence(0xffff0000, SECCOMP_RET_KILL_PROCESS),
			 SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(verdict_precedence(SECCOMP_RET_KILL_THREAD, 0xffff0000),
			 0xffff0000);
	assert_int_equal(verdict_precedence(SECCOMP_RET_TRAP, 0x00010000), 0x00010000);
}

static const struct normalize_case {
	const char *name;
	uint32_t verdict, normal;
} normalize_cases[] = {
	{ "forgets the data of allow", SECCOMP_RET_ALLOW | 7, SECCOMP_RET_ALLOW },
	{ "forgets the data of log", SECCOMP_RET_LOG | 7, SECCOMP_RET_LOG },
	{ "forgets the data of kill", SECCOMP_RET_KILL_PROCESS | 7,
	  SECCOMP_RET_KILL_PROCESS },
	{ "forgets the data of kill-thread", 7, SECCOMP_RET_KILL_THREAD },
	{ "forgets the data of notify", SECCOMP_RET_USER_NOTIF | 7,
	  SECCOMP_RET_USER_NOTIF },
	{ "keeps the data of trap", SECCOMP_RET_TRAP | 7, SECCOMP_RET_TRAP | 7 },
	{ "keeps the data of trace", SECCOMP_RET_TRACE | 7, SECCOMP_RET_TRACE | 7 },
	{ "keeps an errno of 4095", SECCOMP_RET_ERRNO | 4095,
	  SECCOMP_RET_ERRNO | 4095 },
	{ "cuts an errno above 4095", SECCOMP_RET_ERRNO | 4096,
	  SECCOMP_RET_ERRNO | 4095 },
	{ "keeps an errno of 0", SECCOMP_RET_ERRNO, SECCOMP_RET_ERRNO },
	{ "kills for an unknown action", 0x12340000, SECCOMP_RET_KILL_PROCESS },
	{ "kills for an action with one bit more", 0x7fff0000 | 0x80000000,
	  SECCOMP_RET_KILL_PROCESS },
};

static void normalizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(normalize_cases); i++) {
		const struct normalize_case *test = &normalize_cases[i];

		print_message("  %s\n", test->name);
		assert_int_equal(verdict_normalize(test->verdict), test->normal);
	}
}

static void lets_only_allow_and_log_through(void **state)
{
	(void)state;
	assert_true(verdict_is_allow(SECCOMP_RET_ALLOW | 5));
	assert_true(verdict_is_allow(SECCOMP_RET_LOG));
	assert_false(verdict_is_allow(SECCOMP_RET_TRACE));
	assert_false(verdict_is_allow(SECCOMP_RET_ERRNO));
	assert_false(verdict_is_allow(0xffff0000));
}

static const struct print_case {
	uint32_t verdict;
	const char *text;
} print_cases[] = {
	{ SECCOMP_RET_ALLOW, "allow" },
	{ SECCOMP_RET_LOG, "log" },
	{ SECCOMP_RET_KILL_PROCESS, "kill" },
	{ SECCOMP_RET_KILL_THREAD, "kill-thread" },
	{ SECCOMP_RET_USER_NOTIF, "notify" },
	{ SECCOMP_RET_TRAP, "trap" },
	{ SECCOMP_RET_TRAP | 3, "trap 3" },
	{ SECCOMP_RET_TRACE, "trace" },
	{ SECCOMP_RET_TRACE | 7, "trace 7" },
	{ SECCOMP_RET_ERRNO | 1, "errno EPERM" },
	{ SECCOMP_RET_ERRNO | 38, "errno ENOSYS" },
	{ SECCOMP_RET_ERRNO, "errno 0" },
	{ SECCOMP_RET_ERRNO | 4000, "errno 4000" },
	{ SECCOMP_RET_ERRNO | 4096, "0x00051000" },
	{ SECCOMP_RET_ALLOW | 1, "0x7fff0001" },
	{ 0x12345678, "0x12345678" },
};

static void prints_as_the_language_writes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(print_cases); i++) {
		struct buffer text = { 0 };

		verdict_print(print_cases[i].verdict, abi_native(), &text);
		assert_string_equal(text.data, print_cases[i].text);
		buffer_done(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(obeys_the_first_of_the_actions_in_their_order),
		cmocka_unit_test(keeps_the_newer_of_two_that_are_equal),
		cmocka_unit_test(compares_unknown_actions_as_signed_numbers),
		cmocka_unit_test(normalizes),
		cmocka_unit_test(lets_only_allow_and_log_through),
		cmocka_unit_test(prints_as_the_language_writes_it),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
