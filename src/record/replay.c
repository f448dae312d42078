// SPDX-License-Identifier: MIT
/*
 * A recording held against a filter: for each call, whether some arguments that were seen
 * get a verdict that refuses it.
 *
 * Values were seen argument by argument. So all of them together are more calls than there
 * were, and three things can be known of the denied ones:
 *
 *	always		every call that fits what was seen is denied
 *	certain		so is every one with some value, and a call with that value was made
 *	perhaps		some are, but maybe none that was made
 */
#include <errno.h>
#include <stdlib.h>

#include "bpf/filter.h"
#include "record/record.h"

struct callgate_replay {
	struct callgate_replayed *denials;
	size_t count;
};

/* Of one call. */
struct question {
	struct meaning *store;
	const struct record_call *call;
	meaning_ref denied; /* which arguments are */
	meaning_ref seen;   /* which may have been together */
};

static uint32_t is_denied(void *context, uint32_t verdict)
{
	(void)context;
	return !verdict_is_allow(verdict);
}

static bool is_true(void *context, uint32_t value)
{
	(void)context;
	return value == MEANING_TRUE;
}

/* --- what was seen, as predicates ------------------------------------------------- */

/* (argument & mask) == value; what is outside of the mask may be anything. */
static meaning_ref matches(struct meaning *store, unsigned argument, uint64_t mask,
			   uint64_t value)
{
	return meaning_and(store,
			   meaning_masked(store, word_high(argument),
					  (uint32_t)(mask >> 32),
					  (uint32_t)(value >> 32)),
			   meaning_masked(store, word_low(argument), (uint32_t)mask,
					  (uint32_t)value));
}

/* The bits of an argument that were recorded. */
static uint64_t width_of(const struct record_call *call, unsigned argument)
{
	unsigned bits = record_argument(call->abi, call->number, argument).bits;

	return bits ? UINT64_MAX >> (64 - bits) : 0;
}

static meaning_ref is_value(const struct question *question, unsigned argument,
			    uint64_t value)
{
	uint64_t width = width_of(question->call, argument);

	return matches(question->store, argument, width, value & width);
}

static meaning_ref argument_seen(const struct question *question, unsigned argument)
{
	const struct seen *seen = &question->call->arguments[argument];
	uint64_t width = width_of(question->call, argument);
	meaning_ref any = MEANING_FALSE;

	if (seen->kind == SEEN_ANY || !width)
		return MEANING_TRUE;
	if (seen->kind == SEEN_BITS)
		return matches(question->store, argument, width & ~seen->bits, 0);
	for (size_t i = 0; i < seen->count; i++)
		any = meaning_or(question->store, any,
				 is_value(question, argument, seen->values[i]));
	return any;
}

static meaning_ref all_seen(const struct question *question)
{
	meaning_ref all = MEANING_TRUE;

	for (unsigned i = 0; i < ARGUMENTS_MAX; i++)
		all = meaning_and(question->store, all, argument_seen(question, i));
	return all;
}

/* --- answers ---------------------------------------------------------------------- */

/* Whether each of these calls is denied. */
static bool all_denied(const struct question *question, meaning_ref calls)
{
	meaning_ref allowed = meaning_not(question->store, question->denied);

	return meaning_and(question->store, calls, allowed) == MEANING_FALSE;
}

static bool is_certain(const struct question *question)
{
	for (unsigned i = 0; i < ARGUMENTS_MAX; i++) {
		const struct seen *seen = &question->call->arguments[i];

		for (size_t j = 0; j < seen->count; j++) {
			meaning_ref calls =
				meaning_and(question->store, question->seen,
					    is_value(question, i, seen->values[j]));

			if (all_denied(question, calls))
				return true;
		}
	}
	return false;
}

/* 1: some of the calls would be denied; 0; or the store's error. */
static int answer(const struct question *question, struct callgate_replayed *ret_denial)
{
	const struct record_call *call = question->call;
	meaning_ref both =
		meaning_and(question->store, question->seen, question->denied);
	int found;

	if (both == MEANING_FAILED)
		return meaning_error(question->store);
	found = meaning_example(question->store, both, is_true, NULL,
				&ret_denial->call);
	if (found <= 0)
		return found;
	ret_denial->call.arch = call->abi->audit_arch;
	ret_denial->call.nr = (int)call->number;
	ret_denial->always = all_denied(question, question->seen);
	ret_denial->certain = ret_denial->always || is_certain(question);
	return meaning_error(question->store) ? meaning_error(question->store) : 1;
}

/* --- all -------------------------------------------------------------------------- */

struct replaying {
	struct meaning *store;
	meaning_ref meaning;
	const struct callgate_policy *policy;
	const struct callgate_filter *filter;
	struct callgate_replay *replay;
	const struct abi *abi; /* of `restricted`, or NULL */
	meaning_ref restricted;
};

static int replay_call(struct replaying *replaying, const struct record_call *call,
		       size_t index)
{
	struct callgate_replayed denial = { .observation = index };
	struct question question = { .store = replaying->store, .call = call };
	int found;

	if (replaying->abi != call->abi)
		replaying->restricted =
			meaning_restrict(replaying->store, replaying->meaning,
					 WORD_ARCH, call->abi->audit_arch);
	replaying->abi = call->abi;
	question.denied =
		meaning_map(replaying->store,
			    meaning_restrict(replaying->store, replaying->restricted,
					     WORD_NR, call->number),
			    is_denied, NULL);
	question.seen = all_seen(&question);
	found = answer(&question, &denial);
	if (found <= 0)
		return found;
	denial.verdict = callgate_filter_run(replaying->filter, &denial.call);
	if (replaying->policy)
		denial.verdict.span =
			callgate_policy_judge(replaying->policy, &denial.call).span;
	replaying->replay->denials[replaying->replay->count++] = denial;
	return 0;
}

static int replay_all(struct replaying *replaying,
		      const struct callgate_recording *recording)
{
	const struct bpf_program *program = &replaying->filter->program;
	int error = 0;

	replaying->meaning = meaning_of_program(replaying->store, program->code,
						program->length, program->big_endian);
	for (size_t i = 0; i < recording->count && !error; i++)
		if (!recording->calls[i].refused)
			error = replay_call(replaying, &recording->calls[i], i);
	return error ? error : meaning_error(replaying->store);
}

static struct callgate_replay *new_replay(size_t count)
{
	struct callgate_replay *replay = calloc(1, sizeof(*replay));

	if (!replay)
		return NULL;
	replay->denials = calloc(count + 1, sizeof(*replay->denials));
	if (replay->denials)
		return replay;
	free(replay);
	return NULL;
}

int callgate_recording_replay(const struct callgate_recording *recording,
			      const struct callgate_policy *policy,
			      const struct callgate_filter *filter,
			      struct callgate_diagnostics *diagnostics,
			      struct callgate_replay **ret_replay)
{
	struct replaying replaying = {
		.store = meaning_new(MEANING_LIMITS),
		.policy = policy,
		.filter = filter,
		.replay = new_replay(recording->count),
	};
	int error = -ENOMEM;

	if (replaying.store && replaying.replay)
		error = replay_all(&replaying, recording);
	if (error == -E2BIG)
		diag_error(diagnostics, "too-complex", SPAN_NONE, NULL,
			   "the filter is too complex to hold a recording against it");
	if (replaying.store)
		meaning_free(replaying.store);
	if (error)
		callgate_replay_free(replaying.replay);
	*ret_replay = error ? NULL : replaying.replay;
	return error;
}

void callgate_replay_free(struct callgate_replay *replay)
{
	if (!replay)
		return;
	free(replay->denials);
	free(replay);
}

size_t callgate_replay_count(const struct callgate_replay *replay)
{
	return replay->count;
}

const struct callgate_replayed *callgate_replay_at(const struct callgate_replay *replay,
						   size_t index)
{
	return index < replay->count ? &replay->denials[index] : NULL;
}
