// SPDX-License-Identifier: MIT
/*
 * Time of the seccomp(2) call that loads a filter: the kernel checks and translates it
 * and finds out, number by number, what it always allows. One load a child, in turn.
 */
#include "bench.h"

#include <stdio.h>

#define ROUNDS	     200
#define ROUNDS_QUICK 10

static void measure_subject(struct bench *bench, const struct subject *subject)
{
	static const struct column columns[] = { { "insns", 0 },
						 { "min", 1 },
						 { "median", 1 } };
	const char *group = text("%s: load, us", subject->name);
	struct callgate_filter *filters[MAKER_COUNT];
	struct samples samples[MAKER_COUNT] = { { 0 } };
	unsigned rounds = bench->quick ? ROUNDS_QUICK : ROUNDS;

	makers_make(bench, subject, filters);
	for (unsigned i = 0; i < rounds * MAKER_COUNT; i++) {
		unsigned maker = i % MAKER_COUNT;

		if (filters[maker])
			samples_add(&samples[maker],
				    under_filter(filters[maker], 1, NULL, NULL));
	}
	for (unsigned i = 0; i < MAKER_COUNT; i++) {
		if (!filters[i])
			continue;
		figure_note(bench, group, maker_names[i], "insns",
			    (double)callgate_filter_length(filters[i]));
		samples_note(&samples[i], bench, group, maker_names[i], 1e3);
		samples_done(&samples[i]);
	}
	makers_done(filters);
	figure_ratio(bench, group, maker_names[MAKER_DEFAULT],
		     maker_names[MAKER_CALLGATE]);
	figure_ratio(bench, group, maker_names[MAKER_TREE],
		     maker_names[MAKER_CALLGATE]);
	figures_print(bench, group, columns, COUNT(columns));
}

void bench_load(struct bench *bench)
{
	puts("\n== Time of seccomp(2), which loads a filter");
	for (size_t i = 0; i < subject_count; i++)
		measure_subject(bench, &subjects[i]);
}
