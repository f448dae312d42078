// SPDX-License-Identifier: MIT
/*
 * Time from rules to a filter, callgate's with and without the proof, libseccomp's for
 * the same rules through its interface; rounds of one each, in turn.
 */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define ROUNDS	     300
#define ROUNDS_QUICK 20

enum way {
	WAY_READ,
	WAY_COMPILE,
	WAY_PROVE,
	WAY_DEFAULT,
	WAY_TREE,
	WAY_COUNT
};

static const char *const names[WAY_COUNT] = {
	[WAY_READ] = "callgate, reading the text",
	[WAY_COMPILE] = "callgate, compile",
	[WAY_PROVE] = "callgate, compile and prove",
	[WAY_DEFAULT] = "libseccomp default",
	[WAY_TREE] = "libseccomp tree",
};

struct work {
	struct bench *bench;
	const struct subject *subject;
	struct callgate_policy *policy;
	struct peer *peer;
	int null; /* /dev/null */
};

static void read_text(const struct work *work)
{
	callgate_policy_free(subject_policy(work->bench, work->subject));
}

static bool run(const struct work *work, enum way way)
{
	const struct callgate_compile_options options = { .without_proof =
								  way == WAY_COMPILE };

	switch (way) {
	case WAY_READ:
		read_text(work);
		return true;
	case WAY_COMPILE:
	case WAY_PROVE:
		callgate_filter_free(compile_policy(work->policy, &options));
		return true;
	default:
		return work->peer &&
		       peer_build(work->peer, way == WAY_TREE, work->null);
	}
}

static void measure(const struct work *work, struct samples *samples)
{
	unsigned rounds = work->bench->quick ? ROUNDS_QUICK : ROUNDS;

	for (unsigned i = 0; i < rounds; i++) {
		for (unsigned way = 0; way < WAY_COUNT; way++) {
			double start = nanoseconds();

			if (run(work, way))
				samples_add(&samples[way], nanoseconds() - start);
		}
	}
}

static void measure_subject(struct bench *bench, const struct subject *subject)
{
	static const struct column columns[] = { { "min", 3 }, { "median", 3 } };
	struct samples samples[WAY_COUNT] = { { 0 } };
	struct work work = { bench, subject, subject_policy(bench, subject), NULL,
			     open("/dev/null", O_WRONLY | O_CLOEXEC) };
	const char *group = text("%s: ms", subject->name);
	struct rules rules;

	rules_read(text("%s/%s", bench->inputs, subject->profile), subject->three,
		   &rules);
	work.peer = peer_new(&rules);
	measure(&work, samples);
	for (unsigned way = 0; way < WAY_COUNT; way++) {
		if (samples[way].count)
			samples_note(&samples[way], bench, group, names[way], 1e6);
		samples_done(&samples[way]);
	}
	figure_ratio(bench, group, names[WAY_DEFAULT], names[WAY_PROVE]);
	figure_ratio(bench, group, names[WAY_TREE], names[WAY_PROVE]);
	figures_print(bench, group, columns, COUNT(columns));
	close(work.null);
	peer_free(work.peer);
	rules_done(&rules);
	callgate_policy_free(work.policy);
}

void bench_compile(struct bench *bench)
{
	puts("\n== Time to make a filter (libseccomp proves nothing)");
	for (size_t i = 0; i < subject_count; i++)
		measure_subject(bench, &subjects[i]);
}
