// SPDX-License-Identifier: MIT
/* Recordings when memory ends: allocation k fails, for every k. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "callgate-record.h"
#include "failing.h"

static const char policy[] = "arch x86_64\nallow read\nallow openat(flags == 0)\n";

/* A recording's text, its policy, what the other one denies of it; freed again. */
static int use(const struct callgate_recording *recording)
{
	const struct callgate_recording_policy_options options = { .margin_libc = true,
								   .default_action =
									   "kill" };
	struct callgate_recording *again = NULL;
	char *text = NULL, *frequencies = NULL, *gate = NULL;
	size_t length;
	int error = callgate_recording_print(recording, &text, &length);

	if (!error)
		error = callgate_recording_parse(text, length, NULL, NULL, &again);
	if (!error)
		error = callgate_recording_merge(again, recording);
	if (!error)
		error = callgate_recording_frequencies(again, &frequencies);
	if (!error)
		error = callgate_recording_policy(again, &options, NULL, &gate);
	callgate_recording_free(again);
	free(text);
	free(frequencies);
	free(gate);
	return error;
}

static int observe(struct callgate_recording *recording)
{
	static const char *const names[] = { "read",   "openat",  "clone",
					     "swapon", "swapoff", "ptrace" };
	size_t abi = callgate_abi_find("x86_64");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct callgate_observation seen = {
			.abi = abi,
			.count = 1,
			.first_by = "sh",
			.refused = i == 5,
			.arguments[2] = { .known = true, .count = 1 },
		};
		struct callgate_syscall call;
		int error;

		callgate_syscall_on(callgate_syscall_find(names[i]), abi, &call);
		seen.number = call.number;
		error = callgate_recording_add(recording, &seen);
		if (error)
			return error;
	}
	return 0;
}

static int record_and_use(void)
{
	const struct callgate_run run = { .id = { 1 }, .kernel = 0x612 };
	struct callgate_recording *recording;
	int error = callgate_recording_new(&run, &recording);

	if (!error)
		error = observe(recording);
	if (!error)
		error = use(recording);
	callgate_recording_free(recording);
	return error;
}

static void records_or_says_that_memory_is_short(void **state)
{
	size_t failures = 0;
	int error = -ENOMEM;

	(void)state;
	for (size_t k = 0; error; k++, failures++) {
		allocations_left = k;
		error = record_and_use();
		allocations_left = SIZE_MAX;
		assert_true(error == 0 || error == -ENOMEM);
	}
	assert_true(failures > 20);
}

static void replays_or_says_that_memory_is_short(void **state)
{
	const struct callgate_run run = { .id = { 1 } };
	struct callgate_recording *recording;
	struct callgate_policy *parsed;
	struct callgate_filter *filter;
	struct callgate_replay *replay;
	int error = -ENOMEM;

	(void)state;
	assert_int_equal(callgate_recording_new(&run, &recording), 0);
	assert_int_equal(observe(recording), 0);
	assert_int_equal(callgate_policy_parse(policy, strlen(policy), NULL, NULL,
					       &parsed),
			 0);
	assert_int_equal(callgate_policy_compile(parsed, NULL, NULL, &filter), 0);
	for (size_t k = 0; error; k++) {
		allocations_left = k;
		error = callgate_recording_replay(recording, parsed, filter, NULL,
						  &replay);
		allocations_left = SIZE_MAX;
		assert_true(error == 0 || error == -ENOMEM);
		assert_true(!replay == (error != 0));
	}
	assert_int_equal(callgate_replay_count(replay), 3);
	assert_true(callgate_replay_at(replay, 0)->always);
	assert_null(callgate_replay_at(replay, 3));
	callgate_replay_free(replay);
	callgate_filter_free(filter);
	callgate_policy_free(parsed);
	callgate_recording_free(recording);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_or_says_that_memory_is_short),
		cmocka_unit_test(replays_or_says_that_memory_is_short),
	};

	return cmocka_run_group_tests_name("recording memory", tests, NULL, NULL);
}
