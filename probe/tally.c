// SPDX-License-Identifier: MIT
/*
 * Tallies: what they are to keep, and what they kept as a recording.
 *
 * Reading one while it is written is sound: everything in it only grows, so a recording
 * has at least what had been seen when reading began.
 */
#include "tally.h"

#include <errno.h>
#include <time.h>

#include "backend.h"

#define X32_BIT 0x40000000U

/* The ABIs of a kernel in the tally's order, as callgate_abi_at() numbers them. */
static void list_abis(size_t ret_abis[TALLY_ABIS])
{
	struct callgate_abi native;
	bool is_x86;

	ret_abis[TALLY_NATIVE] = callgate_abi_native();
	is_x86 = callgate_abi_at(ret_abis[TALLY_NATIVE], &native) &&
		 strcmp(native.name, "x86_64") == 0;
	ret_abis[TALLY_COMPAT] = callgate_abi_find(is_x86 ? "i386" : "arm");
	ret_abis[TALLY_X32] = is_x86 ? callgate_abi_find("x32") : CALLGATE_NONE;
}

static uint32_t number_of(unsigned abi, unsigned number)
{
	return abi == TALLY_X32 ? number | X32_BIT : number;
}

/* Returns how many slots are used now. */
static unsigned plan_call(struct tally_plan *plan, size_t abi, uint32_t number,
			  struct tally_kept *ret_kept, unsigned used)
{
	ret_kept->slot = (__u16)used;
	for (size_t i = 0; i < CALLGATE_ARGUMENTS_MAX && used < TALLY_SLOTS; i++) {
		struct callgate_recorded_argument how =
			callgate_recorded_argument(abi, number, i);

		if (how.kept == CALLGATE_KEPT_NOT)
			continue;
		ret_kept->arguments |= (__u8)(1 << i);
		if (how.kept == CALLGATE_KEPT_SET)
			ret_kept->sets |= (__u8)(1 << i);
		plan->masks[used++] = UINT64_MAX >> (64 - how.bits);
	}
	return used;
}

void tally_plan(struct tally_plan *ret_plan)
{
	size_t abis[TALLY_ABIS];
	unsigned used = 0;

	memset(ret_plan, 0, sizeof(*ret_plan));
	list_abis(abis);
	for (unsigned abi = 0; abi < TALLY_ABIS; abi++)
		for (unsigned i = 0; i < TALLY_NUMBERS; i++)
			used = plan_call(ret_plan, abis[abi], number_of(abi, i),
					 &ret_plan->calls[abi][i], used);
}

uint64_t tally_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- reading ------------------------------------------------------------------------ */

static void read_slot(const struct tally_slot *slot, bool is_set,
		      struct callgate_seen *ret_seen)
{
	*ret_seen = (struct callgate_seen){ .known = true, .bits = slot->bits };
	ret_seen->overflow = slot->overflow || !is_set;
	if (ret_seen->overflow)
		return;
	if (slot->ones)
		ret_seen->values[ret_seen->count++] = UINT64_MAX;
	for (size_t i = 0; i < TALLY_VALUES; i++) {
		if (!slot->values[i])
			continue;
		if (ret_seen->count == CALLGATE_VALUES_MAX)
			ret_seen->overflow = true;
		else
			ret_seen->values[ret_seen->count++] = slot->values[i] - 1;
	}
}

static uint64_t sum_rows(const struct recorder *recorder, unsigned abi, unsigned number)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < recorder->row_count; i++)
		sum += recorder->rows[i].calls[abi][number];
	return sum;
}

/* A call's place in a tally, and what is read there. */
struct reader {
	const struct recorder *recorder;
	const struct tally_plan *plan;
	size_t abis[TALLY_ABIS];
	struct callgate_recording *recording;
};

static void read_arguments(const struct reader *reader, unsigned abi, unsigned number,
			   struct callgate_observation *observation)
{
	const struct tally_kept *kept = &reader->plan->calls[abi][number];
	const struct tally *tally = reader->recorder->tally;
	unsigned slot = kept->slot;

	for (unsigned i = 0; i < CALLGATE_ARGUMENTS_MAX; i++)
		if (kept->arguments >> i & 1)
			read_slot(&tally->slots[observation->refused][slot++],
				  kept->sets >> i & 1, &observation->arguments[i]);
}

static int read_call(const struct reader *reader, unsigned abi, unsigned number,
		     unsigned outcome)
{
	const struct tally *tally = reader->recorder->tally;
	const struct tally_first *first = &tally->firsts[outcome][abi][number];
	uint64_t time = first->time;
	char name[TALLY_COMM + 1] = { 0 };
	struct callgate_observation seen = {
		.abi = reader->abis[abi],
		.number = number_of(abi, number),
		.refused = outcome == TALLY_REFUSED,
		.count = outcome == TALLY_REFUSED
				 ? tally->refused[abi][number]
				 : sum_rows(reader->recorder, abi, number),
		.first_by = name,
	};

	if (!seen.count || seen.abi == CALLGATE_NONE)
		return 0;
	memcpy(name, first->comm, TALLY_COMM);
	seen.first = time > tally->start ? time - tally->start : 0;
	read_arguments(reader, abi, number, &seen);
	return callgate_recording_add(reader->recording, &seen);
}

static int read_strays(const struct reader *reader, unsigned outcome)
{
	for (size_t i = 0; i < TALLY_STRAYS; i++) {
		const struct tally_stray *stray =
			&reader->recorder->tally->strays[outcome][i];
		unsigned abi = stray->key >> 32 & 3;
		struct callgate_observation seen = {
			.number = (uint32_t)stray->key,
			.refused = outcome == TALLY_REFUSED,
			.count = stray->count,
		};
		int error;

		if (!stray->count || abi >= TALLY_ABIS)
			continue;
		seen.abi = reader->abis[abi];
		error = callgate_recording_add(reader->recording, &seen);
		if (error)
			return error;
	}
	return 0;
}

static int read_outcome(const struct reader *reader, unsigned outcome)
{
	for (unsigned abi = 0; abi < TALLY_ABIS; abi++) {
		for (unsigned i = 0; i < TALLY_NUMBERS; i++) {
			int error = read_call(reader, abi, i, outcome);

			if (error)
				return error;
		}
	}
	return read_strays(reader, outcome);
}

int tally_read(const struct recorder *recorder, const struct callgate_run *run,
	       struct callgate_recording **ret_recording)
{
	struct tally_plan *plan = malloc(sizeof(*plan));
	struct reader reader = { .recorder = recorder, .plan = plan };
	int error = plan ? callgate_recording_new(run, &reader.recording) : -ENOMEM;

	*ret_recording = NULL;
	if (!error) {
		tally_plan(plan);
		list_abis(reader.abis);
		error = read_outcome(&reader, TALLY_DONE);
	}
	if (!error)
		error = read_outcome(&reader, TALLY_REFUSED);
	if (!error && recorder->tally->lost)
		callgate_recording_spoil(reader.recording);
	free(plan);
	if (error)
		callgate_recording_free(reader.recording);
	else
		*ret_recording = reader.recording;
	return error;
}

void tally_progress(const struct recorder *recorder,
		    struct recorder_progress *ret_progress)
{
	const struct tally *tally = recorder->tally;
	uint64_t now = tally_now();
	uint64_t start = tally->start, latest = tally->latest;

	*ret_progress = (struct recorder_progress){ .has_begun = start };
	if (!start)
		return;
	for (unsigned abi = 0; abi < TALLY_ABIS; abi++) {
		for (unsigned i = 0; i < TALLY_NUMBERS; i++) {
			uint64_t count = sum_rows(recorder, abi, i);

			ret_progress->calls += count + tally->refused[abi][i];
			ret_progress->distinct += count || tally->refused[abi][i];
		}
	}
	ret_progress->seconds = (double)(now - start) / 1e9;
	ret_progress->quiet = (double)(now - (latest > start ? latest : start)) / 1e9;
}
