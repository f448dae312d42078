// SPDX-License-Identifier: MIT
/*
 * Recordings: made, added to, merged, looked at.
 *
 * Calls and runs are sorted arrays, found by bisection. The counts of a call lie by the
 * place of their run, and move when a run gets a place among others.
 */
#include "record/record.h"

#include <errno.h>
#include <stdlib.h>

int record_call_compare(const struct record_call *a, const struct record_call *b)
{
	if (a->abi != b->abi)
		return str_compare(str_of(a->abi->name), str_of(b->abi->name));
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (int)a->refused - (int)b->refused;
}

void record_copy_text(char *ret_text, size_t size, const char *text)
{
	size_t length = text ? strnlen(text, size - 1) : 0;

	memset(ret_text, 0, size);
	if (length)
		memcpy(ret_text, text, length);
}

/* --- runs ------------------------------------------------------------------------- */

static int compare_ids(const struct record_run *a, const struct record_run *b)
{
	return memcmp(a->id, b->id, sizeof(a->id));
}

/* Makes room in the counts at `place`; the last one falls off. */
static void shift_counts(struct callgate_recording *recording, size_t place)
{
	size_t behind = CALLGATE_RUNS_MAX - place - 1;

	for (size_t i = 0; i < recording->count; i++) {
		uint64_t *counts = recording->calls[i].counts;

		memmove(&counts[place + 1], &counts[place], behind * sizeof(*counts));
		counts[place] = 0;
	}
}

static void insert_run(struct callgate_recording *recording, size_t place,
		       const struct record_run *run)
{
	struct record_run *runs = recording->runs;
	size_t behind = recording->run_count - place;

	if (recording->run_count == CALLGATE_RUNS_MAX) {
		recording->sampled = true;
		behind--;
	} else {
		recording->run_count++;
	}
	memmove(&runs[place + 1], &runs[place], behind * sizeof(*runs));
	runs[place] = *run;
	shift_counts(recording, place);
	if (recording->own != RUN_NONE && recording->own >= place)
		recording->own++;
	if (recording->own == CALLGATE_RUNS_MAX)
		recording->own = RUN_NONE;
}

/* What two recordings say of one run: the newer kernel, the greater text. */
static void join_run(struct record_run *run, const struct record_run *other)
{
	if (other->kernel > run->kernel)
		run->kernel = other->kernel;
	if (strcmp(other->command, run->command) > 0)
		memcpy(run->command, other->command, sizeof(run->command));
}

size_t record_run_place(struct callgate_recording *recording,
			const struct record_run *run)
{
	size_t place = 0;

	while (place < recording->run_count &&
	       compare_ids(&recording->runs[place], run) < 0)
		place++;
	if (place < recording->run_count &&
	    compare_ids(&recording->runs[place], run) == 0) {
		join_run(&recording->runs[place], run);
		return place;
	}
	if (place == CALLGATE_RUNS_MAX) {
		recording->sampled = true;
		return RUN_NONE;
	}
	insert_run(recording, place, run);
	return place;
}

/* --- calls ------------------------------------------------------------------------ */

static bool grow(struct callgate_recording *recording)
{
	size_t capacity = recording->capacity ? recording->capacity * 2 : 64;
	struct record_call *grown;

	if (recording->count < recording->capacity)
		return true;
	grown = realloc(recording->calls, capacity * sizeof(*grown));
	if (!grown)
		return false;
	recording->calls = grown;
	recording->capacity = capacity;
	return true;
}

/* The first call that does not come before `key`. */
static size_t lower_bound(const struct callgate_recording *recording,
			  const struct record_call *key)
{
	size_t low = 0, high = recording->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (record_call_compare(&recording->calls[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int record_call_place(struct callgate_recording *recording,
		      const struct record_call *key, struct record_call **ret_call)
{
	size_t place = lower_bound(recording, key);
	struct record_call *call;

	if (place == recording->count ||
	    record_call_compare(&recording->calls[place], key) != 0) {
		if (recording->count == RECORD_CALLS_MAX)
			return -E2BIG;
		if (!grow(recording))
			return -ENOMEM;
		call = &recording->calls[place];
		memmove(call + 1, call, (recording->count - place) * sizeof(*call));
		*call = (struct record_call){
			.abi = key->abi,
			.number = key->number,
			.refused = key->refused,
			.first = UINT64_MAX,
		};
		recording->count++;
	}
	*ret_call = &recording->calls[place];
	return 0;
}

static uint64_t saturated(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

uint64_t record_call_count(const struct record_call *call)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < CALLGATE_RUNS_MAX; i++)
		sum = saturated(sum, call->counts[i]);
	return sum;
}

/* All but the counts. */
static void join_call(struct record_call *call, const struct record_call *other)
{
	if (other->first < call->first ||
	    (other->first == call->first &&
	     strcmp(other->first_by, call->first_by) < 0)) {
		call->first = other->first;
		memcpy(call->first_by, other->first_by, sizeof(call->first_by));
	}
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		seen_join(&call->arguments[i], &other->arguments[i]);
}

/* --- in public -------------------------------------------------------------------- */

int callgate_recording_new(const struct callgate_run *run,
			   struct callgate_recording **ret_recording)
{
	struct callgate_recording *recording = calloc(1, sizeof(*recording));
	struct record_run *own;

	*ret_recording = recording;
	if (!recording)
		return -ENOMEM;
	own = &recording->runs[0];
	memcpy(own->id, run->id, sizeof(own->id));
	own->kernel = run->kernel;
	record_copy_text(own->command, sizeof(own->command), run->command);
	recording->run_count = 1;
	recording->kernel = run->kernel;
	return 0;
}

void callgate_recording_free(struct callgate_recording *recording)
{
	if (!recording)
		return;
	free(recording->calls);
	free(recording);
}

int callgate_recording_add(struct callgate_recording *recording,
			   const struct callgate_observation *observation)
{
	struct record_call given = { .number = observation->number,
				     .refused = observation->refused,
				     .first = observation->first };
	struct record_call *call;
	int error;

	if (observation->abi >= abi_count() || recording->own == RUN_NONE)
		return -EINVAL;
	/* Of two ABIs of one architecture the number tells, as it does to a filter. */
	given.abi = abi_of(abi_at(observation->abi)->audit_arch, observation->number);
	record_copy_text(given.first_by, sizeof(given.first_by), observation->first_by);
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		seen_take(&given.arguments[i], &observation->arguments[i],
			  record_argument(given.abi, given.number, i));
	error = record_call_place(recording, &given, &call);
	if (error)
		return error;
	join_call(call, &given);
	call->counts[recording->own] =
		saturated(call->counts[recording->own], observation->count);
	return 0;
}

void callgate_recording_spoil(struct callgate_recording *recording)
{
	recording->spoiled = true;
}

/* Where the runs of `from` are counted in `recording`; RUN_NONE: nowhere. */
static void place_runs(struct callgate_recording *recording,
		       const struct callgate_recording *from,
		       size_t ret_places[CALLGATE_RUNS_MAX])
{
	for (size_t i = 0; i < from->run_count; i++)
		record_run_place(recording, &from->runs[i]);
	/* Places move while others are made: look again, now that all are there. */
	for (size_t i = 0; i < from->run_count; i++)
		ret_places[i] = record_run_place(recording, &from->runs[i]);
}

int callgate_recording_merge(struct callgate_recording *recording,
			     const struct callgate_recording *from)
{
	size_t places[CALLGATE_RUNS_MAX];

	place_runs(recording, from, places);
	if (from->kernel > recording->kernel)
		recording->kernel = from->kernel;
	recording->spoiled |= from->spoiled;
	recording->sampled |= from->sampled;
	for (size_t i = 0; i < from->count; i++) {
		const struct record_call *other = &from->calls[i];
		struct record_call *call;
		int error = record_call_place(recording, other, &call);

		if (error)
			return error;
		join_call(call, other);
		for (size_t run = 0; run < from->run_count; run++)
			if (places[run] != RUN_NONE &&
			    other->counts[run] > call->counts[places[run]])
				call->counts[places[run]] = other->counts[run];
	}
	return 0;
}

size_t callgate_recording_count(const struct callgate_recording *recording)
{
	return recording->count;
}

bool callgate_recording_at(const struct callgate_recording *recording, size_t index,
			   struct callgate_observation *ret_observation)
{
	const struct record_call *call;

	if (index >= recording->count)
		return false;
	call = &recording->calls[index];
	*ret_observation = (struct callgate_observation){
		.abi = call->abi->index,
		.number = call->number,
		.refused = call->refused,
		.count = record_call_count(call),
		.first = call->first,
		.first_by = call->first_by[0] ? call->first_by : NULL,
	};
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		seen_give(&call->arguments[i], &ret_observation->arguments[i]);
	return true;
}

size_t callgate_recording_runs(const struct callgate_recording *recording)
{
	return recording->run_count;
}

bool callgate_recording_run(const struct callgate_recording *recording, size_t index,
			    struct callgate_run *ret_run)
{
	const struct record_run *run;

	if (index >= recording->run_count)
		return false;
	run = &recording->runs[index];
	*ret_run = (struct callgate_run){
		.kernel = run->kernel,
		.command = run->command[0] ? run->command : NULL,
	};
	memcpy(ret_run->id, run->id, sizeof(run->id));
	return true;
}

uint16_t callgate_recording_kernel(const struct callgate_recording *recording)
{
	return recording->kernel;
}

bool callgate_recording_spoiled(const struct callgate_recording *recording)
{
	return recording->spoiled;
}

bool callgate_recording_sampled(const struct callgate_recording *recording)
{
	return recording->sampled;
}
