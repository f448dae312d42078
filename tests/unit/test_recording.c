// SPDX-License-Identifier: MIT
/* Recordings: what is kept of observations, their text, and what no text may hold. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "record/text.h"

static struct callgate_recording *new_recording(uint8_t id)
{
	const struct callgate_run run = { .id = { id },
					  .kernel = VERSION(6, 18),
					  .command = "test 1" };
	struct callgate_recording *recording;

	assert_int_equal(callgate_recording_new(&run, &recording), 0);
	return recording;
}

static struct callgate_observation seen(const char *name, uint64_t count)
{
	struct callgate_observation observation = { .abi = callgate_abi_find("x86_64"),
						    .count = count,
						    .first = 7,
						    .first_by = "ld.so" };
	struct callgate_syscall call;

	assert_true(callgate_syscall_on(callgate_syscall_find(name), observation.abi,
					&call));
	observation.number = call.number;
	return observation;
}

static void see(struct callgate_observation *observation, size_t argument,
		uint64_t value)
{
	struct callgate_seen *place = &observation->arguments[argument];

	place->known = true;
	place->values[place->count++] = value;
}

static void add(struct callgate_recording *recording,
		const struct callgate_observation *observation)
{
	assert_int_equal(callgate_recording_add(recording, observation), 0);
}

static char *text_of(const struct callgate_recording *recording)
{
	size_t length;
	char *text;

	assert_int_equal(callgate_recording_print(recording, &text, &length), 0);
	assert_int_equal(strlen(text), length);
	return text;
}

/* --- what is kept ------------------------------------------------------------------- */

static void says_what_is_recorded_of_arguments(void **state)
{
	static const struct {
		const char *abi, *call;
		size_t argument;
		enum callgate_kept kept;
		unsigned bits;
	} cases[] = {
		{ "x86_64", "socket", 0, CALLGATE_KEPT_SET, 32 },
		{ "x86_64", "ioctl", 1, CALLGATE_KEPT_SET, 32 },
		{ "x86_64", "ioctl", 2, CALLGATE_KEPT_NOT, 0 },
		{ "x86_64", "mmap", 2, CALLGATE_KEPT_SET, 64 },
		{ "i386", "mprotect", 2, CALLGATE_KEPT_SET, 32 },
		{ "x86_64", "clone", 0, CALLGATE_KEPT_SET, 32 },
		{ "s390x", "clone", 1, CALLGATE_KEPT_SET, 32 },
		{ "x86_64", "chmod", 1, CALLGATE_KEPT_BITS, 16 },
		{ "x86_64", "openat", 0, CALLGATE_KEPT_NOT, 0 },
		{ "x86_64", "openat", 3, CALLGATE_KEPT_NOT, 0 },
		{ "x86_64", "read", 1, CALLGATE_KEPT_NOT, 0 },
		{ "x86_64", "read", 6, CALLGATE_KEPT_NOT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t abi = callgate_abi_find(cases[i].abi);
		struct callgate_recorded_argument how;
		struct callgate_syscall call;

		assert_true(callgate_syscall_on(callgate_syscall_find(cases[i].call),
						abi, &call));
		how = callgate_recorded_argument(abi, call.number, cases[i].argument);
		assert_int_equal(how.kept, cases[i].kept);
		assert_int_equal(how.bits, cases[i].bits);
	}
	assert_int_equal(callgate_recorded_argument(CALLGATE_NONE, 0, 0).kept,
			 CALLGATE_KEPT_NOT);
}

static void never_records_a_pointer(void **state)
{
	(void)state;
	for (size_t abi = 0; abi < callgate_abi_count(); abi++)
		for (size_t i = 0; i < callgate_syscall_count(); i++) {
			struct callgate_syscall call;

			if (!callgate_syscall_on(i, abi, &call))
				continue;
			for (size_t j = 0; j < call.argument_count; j++)
				if (call.arguments[j].is_pointer)
					assert_int_equal(callgate_recorded_argument(
								 abi, call.number, j)
								 .kept,
							 CALLGATE_KEPT_NOT);
		}
}

static void keeps_what_the_kernel_looks_at(void **state)
{
	struct callgate_recording *recording = new_recording(1);
	struct callgate_observation given = seen("socket", 3), got;

	(void)state;
	see(&given, 0, 0xdead000000000002);
	see(&given, 0, 1);
	see(&given, 0, 1);
	add(recording, &given);
	assert_int_equal(callgate_recording_count(recording), 1);
	assert_true(callgate_recording_at(recording, 0, &got));
	assert_int_equal(got.count, 3);
	assert_int_equal(got.first, 7);
	assert_string_equal(got.first_by, "ld.so");
	assert_true(got.arguments[0].known);
	assert_int_equal(got.arguments[0].count, 2);
	assert_int_equal(got.arguments[0].values[0], 1);
	assert_int_equal(got.arguments[0].values[1], 2);
	assert_int_equal(got.arguments[0].bits, 3);
	assert_false(got.arguments[1].known);
	assert_false(callgate_recording_at(recording, 1, &got));
	callgate_recording_free(recording);
}

static void counts_add_up_and_the_first_call_stays(void **state)
{
	struct callgate_recording *recording = new_recording(1);
	struct callgate_observation given = seen("read", 3), got;

	(void)state;
	add(recording, &given);
	given.first = 5;
	given.first_by = "sh";
	add(recording, &given);
	given.first = 6;
	given.first_by = "awk";
	given.count = UINT64_MAX;
	add(recording, &given);
	assert_true(callgate_recording_at(recording, 0, &got));
	assert_int_equal(got.first, 5);
	assert_string_equal(got.first_by, "sh");
	assert_true(got.count == UINT64_MAX);
	callgate_recording_free(recording);
}

static void too_many_values_become_bits(void **state)
{
	struct callgate_recording *recording = new_recording(1);
	struct callgate_observation got;

	(void)state;
	for (uint64_t i = 0; i <= CALLGATE_VALUES_MAX; i++) {
		struct callgate_observation given = seen("ioctl", 1);

		see(&given, 1, i << 8);
		add(recording, &given);
		assert_true(callgate_recording_at(recording, 0, &got));
		assert_int_equal(got.arguments[1].overflow, i == CALLGATE_VALUES_MAX);
	}
	assert_int_equal(got.arguments[1].bits, 0x3f00);
	assert_int_equal(got.arguments[1].count, 0);
	callgate_recording_free(recording);
}

static void refused_calls_are_their_own(void **state)
{
	struct callgate_recording *recording = new_recording(1);
	struct callgate_observation given = seen("read", 3), got;

	(void)state;
	given.refused = true;
	add(recording, &given);
	given.refused = false;
	add(recording, &given);
	assert_int_equal(callgate_recording_count(recording), 2);
	assert_true(callgate_recording_at(recording, 0, &got) && !got.refused);
	assert_true(callgate_recording_at(recording, 1, &got) && got.refused);
	given.abi = CALLGATE_NONE;
	assert_int_equal(callgate_recording_add(recording, &given), -EINVAL);
	callgate_recording_free(recording);
}

static void the_number_tells_x32_from_x86_64(void **state)
{
	struct callgate_recording *recording = new_recording(1);
	struct callgate_observation given = seen("read", 3), got;

	(void)state;
	given.number |= 0x40000000;
	add(recording, &given);
	assert_true(callgate_recording_at(recording, 0, &got));
	assert_int_equal(got.abi, callgate_abi_find("x32"));
	callgate_recording_free(recording);
}

static void refuses_more_calls_than_there_are(void **state)
{
	struct callgate_recording *recording = new_recording(1);
	struct callgate_observation given = seen("read", 1);

	(void)state;
	for (given.number = 0; given.number < RECORD_CALLS_MAX; given.number++)
		add(recording, &given);
	assert_int_equal(callgate_recording_add(recording, &given), -E2BIG);
	given.number--;
	add(recording, &given);
	callgate_recording_free(recording);
}

/* --- merging ------------------------------------------------------------------------ */

static void a_later_checkpoint_takes_the_place_of_an_earlier(void **state)
{
	struct callgate_recording *early = new_recording(1), *late = new_recording(1);
	struct callgate_observation given = seen("read", 3), got;

	(void)state;
	add(early, &given);
	given.count = 10;
	add(late, &given);
	assert_int_equal(callgate_recording_merge(late, early), 0);
	assert_true(callgate_recording_at(late, 0, &got));
	assert_int_equal(got.count, 10);
	assert_int_equal(callgate_recording_runs(late), 1);
	callgate_recording_free(early);
	callgate_recording_free(late);
}

static void runs_are_counted_each(void **state)
{
	struct callgate_recording *one = new_recording(2), *other = new_recording(1);
	struct callgate_observation given = seen("read", 3), got;
	struct callgate_run run;

	(void)state;
	add(one, &given);
	given.count = 10;
	add(other, &given);
	assert_int_equal(callgate_recording_merge(one, other), 0);
	add(one, &given); /* still its own run's */
	assert_true(callgate_recording_at(one, 0, &got));
	assert_int_equal(got.count, 23);
	assert_int_equal(callgate_recording_runs(one), 2);
	assert_true(callgate_recording_run(one, 0, &run));
	assert_int_equal(run.id[0], 1);
	assert_string_equal(run.command, "test 1");
	assert_false(callgate_recording_run(one, 2, &run));
	callgate_recording_free(one);
	callgate_recording_free(other);
}

static void of_many_runs_a_sample_is_counted(void **state)
{
	struct callgate_recording *all = new_recording(200);
	struct callgate_observation given = seen("read", 1), got;

	(void)state;
	add(all, &given);
	for (uint8_t id = 1; id <= CALLGATE_RUNS_MAX + 5; id++) {
		struct callgate_recording *one = new_recording(id);

		add(one, &given);
		assert_int_equal(callgate_recording_merge(all, one), 0);
		callgate_recording_free(one);
	}
	assert_true(callgate_recording_sampled(all));
	assert_int_equal(callgate_recording_runs(all), CALLGATE_RUNS_MAX);
	assert_true(callgate_recording_at(all, 0, &got));
	assert_int_equal(got.count, CALLGATE_RUNS_MAX);
	assert_int_equal(callgate_recording_add(all, &given), -EINVAL);
	callgate_recording_free(all);
}

/* --- text --------------------------------------------------------------------------- */

static struct callgate_recording *some_recording(void)
{
	struct callgate_recording *recording = new_recording(0xab);
	struct callgate_observation given = seen("openat", 1204);

	see(&given, 2, 0x80000);
	see(&given, 2, 0);
	add(recording, &given);
	given = seen("ptrace", 1);
	given.refused = true;
	given.first_by = "-";
	add(recording, &given);
	given = seen("chmod", 1);
	given.first_by = "a b%\n\x80";
	given.arguments[1].known = true;
	given.arguments[1].bits = 0644;
	add(recording, &given);
	return recording;
}

static const char some_text[] = "callgate-recording 1\n"
				"kernel 6.18\n"
				"run ab000000000000000000000000000000 6.18 test%201\n"
				"call x86_64 90 chmod done 7 a%20b%25%0a%80 1:1\n"
				"arg 1 bits 0x1a4\n"
				"call x86_64 101 ptrace refused 7 %2d 1:1\n"
				"call x86_64 257 openat done 7 ld.so 1:1204\n"
				"arg 2 set 0 0x80000\n";

static void is_written_as_documented(void **state)
{
	struct callgate_recording *recording = some_recording();
	char *text = text_of(recording);
	char end[64];

	(void)state;
	assert_memory_equal(text, some_text, sizeof(some_text) - 1);
	snprintf(end, sizeof(end), "end 8 %016llx\n",
		 (unsigned long long)text_hash(some_text, sizeof(some_text) - 1));
	assert_string_equal(text + sizeof(some_text) - 1, end);
	assert_true(callgate_text_is_recording(text, strlen(text)));
	assert_false(callgate_text_is_recording("callgate-recorder", 17));
	free(text);
	callgate_recording_free(recording);
}

static void is_read_as_it_was_written(void **state)
{
	struct callgate_recording *recording = some_recording(), *again;
	char *text = text_of(recording), *second;

	(void)state;
	callgate_recording_spoil(recording);
	free(text);
	text = text_of(recording);
	assert_int_equal(callgate_recording_parse(text, strlen(text), NULL, NULL,
						  &again),
			 0);
	assert_true(callgate_recording_spoiled(again));
	assert_int_equal(callgate_recording_kernel(again), VERSION(6, 18));
	second = text_of(again);
	assert_string_equal(text, second);
	free(text);
	free(second);
	callgate_recording_free(recording);
	callgate_recording_free(again);
}

/* Parses a text, which is refused with that code. */
static void assert_refused(const char *text, size_t length, bool salvage,
			   const char *code)
{
	const struct callgate_recording_options options = { .name = "x.cgrec",
							    .salvage = salvage };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_recording *recording;
	struct callgate_position position;

	assert_int_equal(callgate_recording_parse(text, length, &options, diagnostics,
						  &recording),
			 -EINVAL);
	assert_null(recording);
	assert_int_equal(callgate_diagnostics_count(diagnostics), 1);
	assert_string_equal(callgate_diagnostics_at(diagnostics, 0)->code, code);
	assert_true(callgate_diagnostics_position(
		diagnostics, callgate_diagnostics_at(diagnostics, 0)->span, &position));
	callgate_diagnostics_free(diagnostics);
}

static void a_cut_is_found_wherever_it_is(void **state)
{
	struct callgate_recording *recording = some_recording();
	char *text = text_of(recording);
	size_t length = strlen(text);

	(void)state;
	for (size_t cut = strlen("callgate-recording 1\n"); cut < length; cut++)
		assert_refused(text, cut, false, "truncated-recording");
	free(text);
	callgate_recording_free(recording);
}

static void a_change_is_found_wherever_it_is(void **state)
{
	struct callgate_recording *recording = some_recording(), *changed;
	char *text = text_of(recording);
	size_t length = strlen(text);

	(void)state;
	for (size_t at = 0; at < length - strlen("end 8 0123456789abcdef\n"); at++) {
		text[at] ^= 1;
		assert_int_equal(callgate_recording_parse(text, length, NULL, NULL,
							  &changed),
				 -EINVAL);
		assert_null(changed);
		text[at] ^= 1;
	}
	free(text);
	callgate_recording_free(recording);
}

static void salvages_whole_calls_and_says_so(void **state)
{
	const struct callgate_recording_options options = { .salvage = true };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_recording *recording;
	size_t cut = (size_t)(strstr(some_text, "call x86_64 257") - some_text) + 9;

	(void)state;
	assert_int_equal(callgate_recording_parse(some_text, cut, &options, diagnostics,
						  &recording),
			 0);
	assert_int_equal(callgate_diagnostics_severity_count(diagnostics,
							     CALLGATE_WARNING),
			 1);
	/* That of ptrace might have had arguments. */
	assert_int_equal(callgate_recording_count(recording), 2);
	assert_true(callgate_recording_spoiled(recording));
	callgate_recording_free(recording);
	callgate_diagnostics_free(diagnostics);
}

#define RUN_1 "run 01000000000000000000000000000000 - -\n"
#define RUN_2 "run 02000000000000000000000000000000 - -\n"
#define READ  "call x86_64 0 read done 0 -"

static const struct refused {
	const char *name;
	const char *body; /* between the first line and the last */
} refused[] = {
	{ "rejects a word that no line begins with", "calls x86_64\n" },
	{ "rejects an empty line", "\n" },
	{ "rejects a kernel without a dot", "kernel 6\n" },
	{ "rejects a kernel out of range", "kernel 6.256\n" },
	{ "rejects a kernel with more behind it", "kernel 6.18 x\n" },
	{ "rejects an id that is short", "run 01 - -\n" },
	{ "rejects an id that is no number",
	  "run 0100000000000000000000000000000g - -\n" },
	{ "rejects a run twice", RUN_1 RUN_1 },
	{ "rejects runs out of order", RUN_2 RUN_1 },
	{ "rejects a run behind a call", READ "\n" RUN_1 },
	{ "rejects a text that is cut inside an escape",
	  "run 01000000000000000000000000000000 - a%2\n" },
	{ "rejects a NUL", "run 01000000000000000000000000000000 - a%00\n" },
	{ "rejects an ABI that is none", "call vax 0 read done 0 -\n" },
	{ "rejects a number that is none", "call x86_64 read read done 0 -\n" },
	{ "rejects a number of 33 bits", "call x86_64 4294967296 - done 0 -\n" },
	{ "rejects a number of another ABI", "call x32 0 - done 0 -\n" },
	{ "rejects the name of another call", "call x86_64 1 read done 0 -\n" },
	{ "rejects a call without a name", "call x86_64 1\n" },
	{ "rejects a fate that is none", "call x86_64 0 read lost 0 -\n" },
	{ "rejects a call without a thread", "call x86_64 0 read done 0\n" },
	{ "rejects a thread's name that is too long",
	  "call x86_64 0 read done 0 0123456789012345678901234567890123456789\n" },
	{ "rejects a count of no run", READ " 1:1\n" },
	{ "rejects a count of run 0", RUN_1 READ " 0:1\n" },
	{ "rejects a count without a run", RUN_1 READ " 1\n" },
	{ "rejects a count that is none", RUN_1 READ " 1:x\n" },
	{ "rejects a call twice", READ "\n" READ "\n" },
	{ "rejects calls out of order", "call x86_64 1 write done 0 -\n" READ "\n" },
	{ "rejects an argument of no call", "arg 0 set 1\n" },
	{ "rejects an argument that no call has", READ "\narg 6 set 1\n" },
	{ "rejects an argument without values", READ "\narg 0 set\n" },
	{ "rejects an argument without bits", READ "\narg 0 bits\n" },
	{ "rejects an argument of another kind", READ "\narg 0 range 1 2\n" },
	{ "rejects a value that is none", READ "\narg 0 set 1 x\n" },
	{ "rejects more values than are kept", READ
	  "\narg 0 set 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 "
	  "24 25 26 27 28 29 30 31 32 33\n" },
	{ "rejects two blanks", READ "\narg 0 set 1  2\n" },
};

static void rejects_what_no_recording_holds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct buffer text = { 0 };

		buffer_printf(&text, "callgate-recording 1\n%s", refused[i].body);
		buffer_printf(&text, "end 1 %016llx\n",
			      (unsigned long long)text_hash(text.data, text.len));
		print_message("%s\n", refused[i].name);
		assert_refused(text.data, text.len, false, "bad-recording");
		buffer_done(&text);
	}
}

static void rejects_what_is_no_recording(void **state)
{
	static const struct {
		const char *text, *code;
	} cases[] = {
		{ "", "no-recording" },
		{ "allow read\n", "no-recording" },
		{ "callgate-recording\n", "bad-recording" },
		{ "callgate-recording one\n", "bad-recording" },
		{ "callgate-recording 2\nend 1 0\n", "newer-recording" },
		{ "callgate-recording 1\nend 1 0\n", "damaged-recording" },
		{ "callgate-recording 1\nend 1 g\n", "bad-recording" },
		{ "callgate-recording 1\nend 1 00123456789abcdef\n", "bad-recording" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s", cases[i].text);
		assert_refused(cases[i].text, strlen(cases[i].text), false,
			       cases[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_recorded_of_arguments),
		cmocka_unit_test(never_records_a_pointer),
		cmocka_unit_test(keeps_what_the_kernel_looks_at),
		cmocka_unit_test(counts_add_up_and_the_first_call_stays),
		cmocka_unit_test(too_many_values_become_bits),
		cmocka_unit_test(refused_calls_are_their_own),
		cmocka_unit_test(the_number_tells_x32_from_x86_64),
		cmocka_unit_test(refuses_more_calls_than_there_are),
		cmocka_unit_test(a_later_checkpoint_takes_the_place_of_an_earlier),
		cmocka_unit_test(runs_are_counted_each),
		cmocka_unit_test(of_many_runs_a_sample_is_counted),
		cmocka_unit_test(is_written_as_documented),
		cmocka_unit_test(is_read_as_it_was_written),
		cmocka_unit_test(a_cut_is_found_wherever_it_is),
		cmocka_unit_test(a_change_is_found_wherever_it_is),
		cmocka_unit_test(salvages_whole_calls_and_says_so),
		cmocka_unit_test(rejects_what_no_recording_holds),
		cmocka_unit_test(rejects_what_is_no_recording),
	};

	return cmocka_run_group_tests_name("recording", tests, NULL, NULL);
}
