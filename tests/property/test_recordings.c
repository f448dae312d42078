// SPDX-License-Identifier: MIT
/*
 * Recordings that are random: merging is commutative, associative and idempotent to the
 * byte; their text reads back; their policies have no warning, allow every call that was
 * seen and refuse all others; replay says the same as the simulator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/poison.h"
#include "data/data.h"
#include "recordings.h"

#define ROUNDS 50

static uint64_t seed;

static void fail(const char *what, const char *text)
{
	fprintf(stderr, "CALLGATE_SEED=%llu: %s\n%s\n", (unsigned long long)seed, what,
		text ? text : "");
	exit(1);
}

static char *text_of(const struct callgate_recording *recording)
{
	size_t length;
	char *text;

	if (callgate_recording_print(recording, &text, &length))
		fail("cannot be printed", NULL);
	return text;
}

static struct callgate_recording *copy_of(const struct callgate_recording *recording)
{
	struct callgate_recording *copy;
	char *text = text_of(recording);

	if (callgate_recording_parse(text, strlen(text), NULL, NULL, &copy))
		fail("does not read back", text);
	free(text);
	return copy;
}

/* Merges the second into a copy of the first. */
static struct callgate_recording *both(const struct callgate_recording *a,
				       const struct callgate_recording *b)
{
	struct callgate_recording *all = copy_of(a);

	if (callgate_recording_merge(all, b))
		fail("cannot be merged", NULL);
	return all;
}

/* Frees `a` and `b`. */
static void same(const char *what, struct callgate_recording *a,
		 struct callgate_recording *b)
{
	char *first = text_of(a), *second = text_of(b);

	if (strcmp(first, second) != 0) {
		fprintf(stderr, "%s", first);
		fail(what, second);
	}
	free(first);
	free(second);
	callgate_recording_free(a);
	callgate_recording_free(b);
}

static struct callgate_recording *merged(struct random *random, unsigned count)
{
	struct callgate_recording *all = random_recording(random);

	for (unsigned i = 1; i < count; i++) {
		struct callgate_recording *one = random_recording(random);

		if (callgate_recording_merge(all, one))
			fail("cannot be merged", NULL);
		callgate_recording_free(one);
	}
	return all;
}

static void check_merging(struct random *random)
{
	/* Sometimes of more runs than are counted. */
	unsigned many = random_percent(random, 10) ? 50 : 3;
	struct callgate_recording *a = merged(random, 1 + random_below(random, many));
	struct callgate_recording *b = merged(random, 1 + random_below(random, many));
	struct callgate_recording *c = merged(random, 1);
	struct callgate_recording *ab = both(a, b), *bc = both(b, c);

	same("reads back as another", copy_of(a), both(a, a));
	same("merging is not commutative", copy_of(ab), both(b, a));
	same("merging is not associative", both(ab, c), both(a, bc));
	same("merging twice changes something", copy_of(ab), both(ab, b));
	callgate_recording_free(a);
	callgate_recording_free(b);
	callgate_recording_free(c);
	callgate_recording_free(ab);
	callgate_recording_free(bc);
}

/* --- policies ------------------------------------------------------------------------ */

static struct callgate_filter *
compile(const struct callgate_recording *recording,
	const struct callgate_recording_policy_options *options, char **ret_text)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	const struct callgate_parse_options parse = { .name = "recorded" };
	struct callgate_policy *policy = NULL;
	struct callgate_filter *filter = NULL;

	if (callgate_recording_policy(recording, options, diagnostics, ret_text))
		fail("has no policy", NULL);
	if (callgate_policy_parse(*ret_text, strlen(*ret_text), &parse, diagnostics,
				  &policy) ||
	    callgate_policy_compile(policy, NULL, diagnostics, &filter) ||
	    callgate_diagnostics_count(diagnostics)) {
		const struct callgate_diagnostic *first =
			callgate_diagnostics_at(diagnostics, 0);
		struct callgate_position position = { 0 };

		callgate_diagnostics_position(diagnostics, first->span, &position);
		fprintf(stderr, "%s\n%u: %s\n", *ret_text, position.line,
			first->message);
		fail("the policy is not taken as it is", NULL);
	}
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	return filter;
}

static bool allows(const struct callgate_filter *filter,
		   const struct seccomp_data *call)
{
	return callgate_verdict_allows(callgate_filter_run(filter, call).value);
}

static void wrong(const char *what, const struct seccomp_data *call, const char *policy)
{
	char *text = callgate_call_text(call);

	fprintf(stderr, "%s\n%s\n", policy, text ? text : "");
	fail(what, NULL);
}

static bool was_done(const struct callgate_recording *recording, size_t abi,
		     uint32_t number)
{
	struct callgate_observation seen;

	for (size_t i = 0; callgate_recording_at(recording, i, &seen); i++)
		if (seen.abi == abi && seen.number == number && !seen.refused)
			return true;
	return false;
}

/* i386 has calls that carry others, whose rules let them through. */
static bool carries(const struct abi *abi, uint32_t number)
{
	const struct syscall *call = syscall_by_number(abi, number);

	return call && (strcmp(syscall_name(call), "socketcall") == 0 ||
			strcmp(syscall_name(call), "ipc") == 0);
}

/* Whether a policy has it, seen or not: programs end, and get signals. */
static bool is_necessary(const struct abi *abi, uint32_t number)
{
	static const char *const names[] = { "rt_sigreturn", "sigreturn", "exit",
					     "exit_group", "restart_syscall" };
	const struct syscall *call = syscall_by_number(abi, number);

	for (size_t i = 0; call && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(syscall_name(call), names[i]) == 0)
			return true;
	return false;
}

static void check_unseen(struct random *random,
			 const struct callgate_recording *recording,
			 const struct callgate_filter *filter, const char *policy)
{
	for (unsigned i = 0; i < 200; i++) {
		const struct abi *abi = abi_at(random_below(random, abi_count()));
		struct callgate_observation seen = {
			.abi = abi->index,
			.number = abi->number_base + random_below(random, 600),
		};
		struct seccomp_data call = random_call_of(random, &seen);

		if (!was_done(recording, seen.abi, seen.number) &&
		    !carries(abi, seen.number) && !is_necessary(abi, seen.number) &&
		    allows(filter, &call))
			wrong("allows what was not seen", &call, policy);
	}
}

/* With a value that was not seen, where the values are known. */
static void check_tight(struct random *random, const struct callgate_filter *filter,
			const struct callgate_observation *seen, const char *policy)
{
	for (size_t i = 0; i < CALLGATE_ARGUMENTS_MAX; i++) {
		struct seccomp_data call = random_call_of(random, seen);
		bool is_seen = false;

		if (!seen->arguments[i].count)
			continue;
		call.args[i] = random_next(random);
		for (size_t j = 0; j < seen->arguments[i].count; j++)
			is_seen |= ((call.args[i] ^ seen->arguments[i].values[j]) &
				    0xffff) == 0;
		if (!is_seen && allows(filter, &call))
			wrong("allows an argument that was not seen", &call, policy);
	}
}

static void check_policy(struct random *random, enum callgate_arguments arguments,
			 bool margin)
{
	const struct callgate_recording_policy_options options = {
		.arguments = arguments,
		.margin_libc = margin,
		.without_counts = random_percent(random, 30),
		.default_action = random_percent(random, 30) ? "kill" : NULL,
	};
	struct callgate_recording *recording =
		merged(random, 1 + random_below(random, 2));
	struct callgate_observation seen;
	struct callgate_filter *filter;
	char *policy;

	filter = compile(recording, &options, &policy);
	for (size_t i = 0; callgate_recording_at(recording, i, &seen); i++)
		for (unsigned j = 0; j < 20 && !seen.refused; j++) {
			struct seccomp_data call = random_call_of(random, &seen);

			if (!allows(filter, &call))
				wrong("refuses what was seen", &call, policy);
			if (arguments == CALLGATE_ARGUMENTS_TIGHT && !margin)
				check_tight(random, filter, &seen, policy);
		}
	if (!margin)
		check_unseen(random, recording, filter, policy);
	callgate_filter_free(filter);
	callgate_recording_free(recording);
	free(policy);
}

static void check_frequencies(struct random *random)
{
	struct callgate_recording *recording = random_recording(random);
	struct callgate_frequencies *frequencies = NULL;
	char *text = NULL;

	if (callgate_recording_frequencies(recording, &text) ||
	    callgate_frequencies_parse(text, strlen(text), "f", NULL, &frequencies))
		fail("the frequencies are not taken", text);
	callgate_frequencies_free(frequencies);
	callgate_recording_free(recording);
	free(text);
}

/* --- replaying ------------------------------------------------------------------------ */

static const struct callgate_replayed *find(const struct callgate_replay *replay,
					    size_t observation)
{
	const struct callgate_replayed *replayed;

	for (size_t i = 0; (replayed = callgate_replay_at(replay, i)); i++)
		if (replayed->observation == observation)
			return replayed;
	return NULL;
}

/* Whether what is said of one call is what the simulator says of those seen. */
static void check_replayed(struct random *random, const struct callgate_filter *filter,
			   const struct callgate_observation *seen,
			   const struct callgate_replayed *replayed, const char *policy)
{
	if (replayed && allows(filter, &replayed->call))
		wrong("replay shows a call that is allowed", &replayed->call, policy);
	for (unsigned i = 0; i < 20; i++) {
		struct seccomp_data call = random_call_of(random, seen);

		if (!replayed && !allows(filter, &call))
			wrong("replay does not know of", &call, policy);
		if (replayed && replayed->always && allows(filter, &call))
			wrong("replay says that this is denied", &call, policy);
	}
}

/* A recording against the policy of another, which has some of the same. */
static void check_replay(struct random *random)
{
	const struct callgate_recording_policy_options options = {
		.arguments = CALLGATE_ARGUMENTS_TIGHT
	};
	struct callgate_recording *one = merged(random, 1),
				  *more = random_recording(random);
	struct callgate_observation seen;
	struct callgate_replay *replay;
	struct callgate_filter *filter;
	char *policy;

	filter = compile(one, &options, &policy);
	if (callgate_recording_replay(one, NULL, filter, NULL, &replay) ||
	    callgate_replay_count(replay))
		fail("a recording's own policy denies something of it", policy);
	callgate_replay_free(replay);
	if (callgate_recording_merge(more, one) ||
	    callgate_recording_replay(more, NULL, filter, NULL, &replay))
		fail("cannot be replayed", policy);
	for (size_t i = 0; callgate_recording_at(more, i, &seen); i++)
		if (!seen.refused)
			check_replayed(random, filter, &seen, find(replay, i), policy);
		else if (find(replay, i))
			fail("replay counts a refused call", policy);
	callgate_replay_free(replay);
	callgate_filter_free(filter);
	callgate_recording_free(one);
	callgate_recording_free(more);
	free(policy);
}

int main(void)
{
	uint64_t rounds = ROUNDS * number_from_environment("CALLGATE_EFFORT", 1);
	struct random random = { seed = random_seed() };

	for (uint64_t i = 0; i < rounds; i++) {
		check_merging(&random);
		check_frequencies(&random);
		check_replay(&random);
		check_policy(&random, CALLGATE_ARGUMENTS_NONE, i % 2);
		check_policy(&random, CALLGATE_ARGUMENTS_SAFE, i % 2);
		check_policy(&random, CALLGATE_ARGUMENTS_TIGHT, i % 2);
	}
	printf("%llu rounds\n", (unsigned long long)rounds);
	return 0;
}
