// SPDX-License-Identifier: MIT
/*
 * Tallies: what is kept of arguments in little memory is true, and becomes a recording.
 */
#include "tally.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "backend.h"

static void keeps_as_many_values_as_a_recording_has(void **state)
{
	(void)state;
	assert_int_equal(TALLY_VALUES, CALLGATE_VALUES_MAX);
	assert_int_equal(TALLY_COMM < CALLGATE_COMM_MAX, true);
}

static void tells_new_values_from_those_seen(void **state)
{
	struct tally_slot slot = { 0 };

	(void)state;
	for (uint64_t value = 0; value < TALLY_VALUES; value++)
		assert_true(tally_insert(&slot, value << 3));
	for (uint64_t value = 0; value < TALLY_VALUES; value++)
		assert_false(tally_insert(&slot, value << 3));
	assert_false(slot.overflow);
}

static void overflows_when_a_value_has_no_place(void **state)
{
	struct tally_slot slot = { 0 };

	(void)state;
	for (uint64_t value = 0; value < TALLY_VALUES; value++)
		tally_insert(&slot, value);
	assert_false(slot.overflow);
	tally_insert(&slot, TALLY_VALUES);
	assert_true(slot.overflow);
}

static void has_a_place_for_all_ones(void **state)
{
	struct tally_slot slot = { 0 };

	(void)state;
	assert_true(tally_insert(&slot, UINT64_MAX));
	assert_false(tally_insert(&slot, UINT64_MAX));
	assert_true(tally_insert(&slot, 0));
	assert_true(slot.ones);
}

/* --- as a recording ------------------------------------------------------------------ */

struct fixture {
	struct tally tally;
	struct tally_row rows[2];
	struct tally_plan plan;
	struct recorder recorder;
	struct callgate_recording *recording;
	struct callgate_observation seen;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	*state = fixture;
	if (!fixture)
		return -1;
	tally_plan(&fixture->plan);
	fixture->tally.start = 1000;
	fixture->recorder.tally = &fixture->tally;
	fixture->recorder.rows = fixture->rows;
	fixture->recorder.row_count = 2;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	callgate_recording_free(fixture->recording);
	free(fixture);
	return 0;
}

static unsigned number_of(const char *name)
{
	struct callgate_syscall call;

	assert_true(callgate_syscall_on(callgate_syscall_find(name),
					callgate_abi_native(), &call));
	return call.number;
}

static void read_recording(struct fixture *fixture)
{
	const struct callgate_run run = { .id = { 1 } };

	assert_int_equal(tally_read(&fixture->recorder, &run, &fixture->recording), 0);
	callgate_recording_at(fixture->recording, 0, &fixture->seen);
}

static void adds_up_the_calls_of_all_cpus(void **state)
{
	struct fixture *fixture = *state;
	unsigned number = number_of("getppid");

	fixture->rows[0].calls[TALLY_NATIVE][number] = 2;
	fixture->rows[1].calls[TALLY_NATIVE][number] = 40;
	fixture->tally.firsts[TALLY_DONE][TALLY_NATIVE][number] =
		(struct tally_first){ 1234, "name" };
	read_recording(fixture);
	assert_int_equal(callgate_recording_count(fixture->recording), 1);
	assert_int_equal(fixture->seen.count, 42);
	assert_int_equal(fixture->seen.number, number);
	assert_int_equal(fixture->seen.first, 234);
	assert_string_equal(fixture->seen.first_by, "name");
}

/* The slot of the first argument that is kept of a call. */
static struct tally_slot *slot_of(struct fixture *fixture, unsigned number,
				  unsigned outcome)
{
	return &fixture->tally
			.slots[outcome][fixture->plan.calls[TALLY_NATIVE][number].slot];
}

static void gives_values_and_after_too_many_the_bits(void **state)
{
	struct fixture *fixture = *state;
	unsigned number = number_of("ioctl");
	struct tally_slot *slot = slot_of(fixture, number, TALLY_DONE);

	fixture->rows[0].calls[TALLY_NATIVE][number] = 1;
	tally_insert(slot, 0x5401);
	slot->bits = 0x5401;
	read_recording(fixture);
	assert_true(fixture->seen.arguments[1].known);
	assert_int_equal(fixture->seen.arguments[1].count, 1);
	assert_int_equal(fixture->seen.arguments[1].values[0], 0x5401);
	callgate_recording_free(fixture->recording);

	slot->overflow = 1;
	slot->bits = 0x7fff;
	read_recording(fixture);
	assert_true(fixture->seen.arguments[1].overflow);
	assert_int_equal(fixture->seen.arguments[1].bits, 0x7fff);
}

static void keeps_refused_calls_apart(void **state)
{
	struct fixture *fixture = *state;
	unsigned number = number_of("ioctl");

	fixture->tally.refused[TALLY_NATIVE][number] = 3;
	tally_insert(slot_of(fixture, number, TALLY_REFUSED), 7);
	read_recording(fixture);
	assert_int_equal(callgate_recording_count(fixture->recording), 1);
	assert_true(fixture->seen.refused);
	assert_int_equal(fixture->seen.count, 3);
	assert_int_equal(fixture->seen.arguments[1].values[0], 7);
}

static void keeps_numbers_that_no_table_has(void **state)
{
	struct fixture *fixture = *state;

	fixture->tally.strays[TALLY_DONE][0] =
		(struct tally_stray){ UINT64_C(1) << 63 | 0xfffffffe, 5 };
	read_recording(fixture);
	assert_int_equal(fixture->seen.number, 0xfffffffe);
	assert_int_equal(fixture->seen.count, 5);
}

static void says_that_calls_are_missing(void **state)
{
	struct fixture *fixture = *state;

	read_recording(fixture);
	assert_false(callgate_recording_spoiled(fixture->recording));
	callgate_recording_free(fixture->recording);
	fixture->tally.lost = 1;
	read_recording(fixture);
	assert_true(callgate_recording_spoiled(fixture->recording));
}

#define WITH_TALLY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_as_many_values_as_a_recording_has),
		cmocka_unit_test(tells_new_values_from_those_seen),
		cmocka_unit_test(overflows_when_a_value_has_no_place),
		cmocka_unit_test(has_a_place_for_all_ones),
		WITH_TALLY(adds_up_the_calls_of_all_cpus),
		WITH_TALLY(gives_values_and_after_too_many_the_bits),
		WITH_TALLY(keeps_refused_calls_apart),
		WITH_TALLY(keeps_numbers_that_no_table_has),
		WITH_TALLY(says_that_calls_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
