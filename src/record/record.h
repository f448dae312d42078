/* SPDX-License-Identifier: MIT */
/*
 * A recording from within: a sorted array of calls, and the runs that counts are of.
 *
 * Everything in it is the join of what was added: merging is commutative, associative and
 * idempotent, because each part by itself is.
 *
 *	values of an argument	sets, up to CALLGATE_VALUES_MAX; then bits; then anything
 *	first call		the least of (time, name)
 *	counts			the largest by run; runs: those with the least ids
 *	kernel			the newest
 *	spoiled, sampled	either
 */
#ifndef CALLGATE_RECORD_RECORD_H
#define CALLGATE_RECORD_RECORD_H

#include "base/buffer.h"
#include "base/diag.h"
#include "callgate-record.h"
#include "data/data.h"

/* No kernel has a tenth of it, in all its ABIs. */
#define RECORD_CALLS_MAX 16384

#define RUN_NONE SIZE_MAX

struct record_run {
	uint8_t id[16];
	uint16_t kernel;
	char command[CALLGATE_COMMAND_MAX + 1];
};

/* What is known of an argument, from little to nothing. */
enum seen_kind {
	SEEN_VALUES, /* it was one of `values`, sorted; of no call: none */
	SEEN_BITS,   /* it never had a bit but these */
	SEEN_ANY,
};

struct seen {
	enum seen_kind kind;
	size_t count;
	uint64_t bits;
	uint64_t values[CALLGATE_VALUES_MAX];
};

struct record_call {
	const struct abi *abi;
	uint32_t number;
	bool refused;
	uint64_t first;
	char first_by[CALLGATE_COMM_MAX + 1];
	struct seen arguments[ARGUMENTS_MAX];
	uint64_t counts[CALLGATE_RUNS_MAX]; /* by place of the run */
};

struct callgate_recording {
	struct record_call *calls; /* in order of ABI name, number, refused */
	size_t count, capacity;
	struct record_run runs[CALLGATE_RUNS_MAX]; /* in order of id */
	size_t run_count;
	size_t own; /* place of the run that callgate_recording_add() counts, RUN_NONE */
	uint16_t kernel;
	bool spoiled;
	bool sampled;
};

/* <0, 0, >0: which of two calls comes first. */
int record_call_compare(const struct record_call *a, const struct record_call *b);

/*
 * The place of the run, which is made if it is new; RUN_NONE when there are as many with
 * lesser ids. Others may move.
 */
size_t record_run_place(struct callgate_recording *recording,
			const struct record_run *run);

/*
 * The call with that key, which is made if it is new, with nothing seen. 0; -ENOMEM;
 * -E2BIG. Others may move.
 */
int record_call_place(struct callgate_recording *recording,
		      const struct record_call *key, struct record_call **ret_call);

/* All runs together. */
uint64_t record_call_count(const struct record_call *call);

/* A name or a command line, cut at `size` - 1 bytes; control characters stay. */
void record_copy_text(char *ret_text, size_t size, const char *text);

/* --- arguments (seen.c) ------------------------------------------------------------- */

/* What is recorded of an argument of a call, with its width. */
struct callgate_recorded_argument record_argument(const struct abi *abi,
						  uint32_t number, size_t index);

/* Whether a value is among those seen. */
bool seen_has(const struct seen *seen, uint64_t value);
/* Adds one value to those seen. */
void seen_add(struct seen *seen, uint64_t value);
/* Makes `seen` what both have seen. */
void seen_join(struct seen *seen, const struct seen *other);
/* All bits ever set; of SEEN_ANY all. */
uint64_t seen_bits(const struct seen *seen);
/* From and to what recorders and users have; what is not kept is left out. */
void seen_take(struct seen *ret_seen, const struct callgate_seen *given,
	       struct callgate_recorded_argument how);
void seen_give(const struct seen *seen, struct callgate_seen *ret_given);

#endif
