// SPDX-License-Identifier: MIT
/*
 * The public window on the tables: it agrees with them, and an index that is none is
 * answered with nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "callgate.h"

static void every_index_finds_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < callgate_syscall_count(); i++)
		assert_int_equal(callgate_syscall_find(callgate_syscall_name(i)), i);
	for (size_t i = 0; i < callgate_group_count(); i++)
		assert_int_equal(callgate_group_find(callgate_group_name(i)), i);
	for (size_t i = 0; i < callgate_promise_count(); i++)
		assert_int_equal(callgate_promise_find(callgate_promise_name(i)), i);
	for (size_t i = 0; i < callgate_constant_count(); i++)
		assert_int_equal(callgate_constant_find(callgate_constant_name(i)), i);
	for (size_t i = 0; i < callgate_abi_count(); i++) {
		struct callgate_abi abi;

		assert_true(callgate_abi_at(i, &abi));
		assert_int_equal(callgate_abi_find(abi.name), i);
	}
}

static void every_number_leads_back_to_its_call(void **state)
{
	struct callgate_syscall call;

	(void)state;
	for (size_t abi = 0; abi < callgate_abi_count(); abi++) {
		for (size_t i = 0; i < callgate_syscall_count(); i++) {
			if (!callgate_syscall_on(i, abi, &call))
				continue;
			assert_int_equal(callgate_syscall_by_number(abi, call.number),
					 i);
		}
	}
}

static void nothing_is_answered_with_nothing(void **state)
{
	const size_t none = CALLGATE_NONE;
	struct callgate_syscall call;
	struct callgate_abi abi;
	uint64_t value;

	(void)state;
	assert_int_equal(callgate_syscall_find("opnat"), none);
	assert_int_equal(callgate_group_find("@nothing"), none);
	assert_int_equal(callgate_promise_find("@nothing"), none);
	assert_int_equal(callgate_constant_find("AF_NOTHING"), none);
	assert_int_equal(callgate_abi_find("pdp11"), none);
	assert_int_equal(callgate_abi_of(0, 0), none);
	assert_int_equal(callgate_syscall_by_number(none, 0), none);
	assert_int_equal(callgate_syscall_by_number(0, UINT32_MAX), none);
	assert_int_equal(callgate_group_member(none, 0), none);
	assert_int_equal(callgate_group_member(0, callgate_group_size(0)), none);
	assert_int_equal(callgate_group_size(none), 0);
	assert_null(callgate_syscall_name(callgate_syscall_count()));
	assert_null(callgate_syscall_help(none));
	assert_null(callgate_group_name(none));
	assert_null(callgate_group_help(none));
	assert_null(callgate_promise_name(none));
	assert_null(callgate_promise_help(none));
	assert_null(callgate_promise_text(none));
	assert_null(callgate_constant_name(none));
	assert_null(callgate_constant_family(none));
	assert_null(callgate_errno_name(none, 1));
	assert_false(callgate_abi_at(none, &abi));
	assert_false(callgate_syscall_on(none, 0, &call));
	assert_false(callgate_syscall_on(0, none, &call));
	assert_false(callgate_constant_value(none, 0, &value));
	assert_false(callgate_constant_value(0, none, &value));
}

static void knows_what_anyone_can_look_up(void **state)
{
	size_t abi = callgate_abi_find("amd64");
	struct callgate_syscall call;
	uint64_t value;

	(void)state;
	assert_true(callgate_syscall_on(callgate_syscall_find("openat2"), abi, &call));
	assert_int_equal(call.number, 437);
	assert_int_equal(call.since, 5 * 256 + 6);
	assert_true(callgate_syscall_on(callgate_syscall_find("socket"),
					callgate_abi_find("i386"), &call));
	assert_string_equal(call.multiplexer, "socketcall");
	assert_int_equal(call.selector, 1);
	assert_string_equal(call.arguments[0].name, "domain");
	assert_true(callgate_constant_value(callgate_constant_find("AF_NETLINK"), abi,
					    &value));
	assert_int_equal(value, 16);
	assert_string_equal(callgate_errno_name(abi, 1), "EPERM");
}

static void offers_the_nearest_name(void **state)
{
	const char *const names[] = { "check", "compile" };

	(void)state;
	assert_string_equal(callgate_nearest_fact("opnat"), "openat");
	assert_string_equal(callgate_nearest_fact("@netwrok-io"), "@network-io");
	assert_string_equal(callgate_nearest_fact("AF_NETLNIK"), "AF_NETLINK");
	assert_null(callgate_nearest_fact("surely-not-a-name"));
	assert_string_equal(callgate_nearest_name("chekc", names, 2), "check");
	assert_null(callgate_nearest_name("run", names, 2));
}

static void reads_numbers_as_the_language_does(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(callgate_number_parse("0x101", &value), 0);
	assert_int_equal(value, 257);
	assert_int_equal(callgate_number_parse("12x", &value), -EINVAL);
	assert_int_equal(callgate_number_parse("18446744073709551616", &value),
			 -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_index_finds_itself),
		cmocka_unit_test(every_number_leads_back_to_its_call),
		cmocka_unit_test(nothing_is_answered_with_nothing),
		cmocka_unit_test(knows_what_anyone_can_look_up),
		cmocka_unit_test(offers_the_nearest_name),
		cmocka_unit_test(reads_numbers_as_the_language_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
