// SPDX-License-Identifier: MIT
/*
 * Reading filters: how long it takes to lift the filters of others into a diagram, and
 * how much memory; to say what they do, to audit them, to decompile them, and to compare
 * each with each other of its folder; and how long programs take that are made to be
 * complex.
 */
#include "bench.h"

#include <errno.h>
#include <glob.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/bpf.h"
#include "property/hostile.h"

#define ROUNDS	     20
#define ROUNDS_QUICK 3
#define FILES_MAX    64

static const char GROUP[] = "Reading filters: ms, MiB";
static const char PAIRS[] = "Comparing two filters of one policy: ms";

static const struct column columns[] = {
	{ "insns", 0 }, { "lift", 2 },	    { "memory", 1 },
	{ "say", 1 },	{ "decompile", 1 }, { "audit", 1 },
};

static const struct column pair_columns[] = {
	{ "pairs", 0 },
	{ "median", 1 },
	{ "longest", 1 },
};

/* --- what is measured ------------------------------------------------------------- */

static size_t memory_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* Returns the bytes that the store holds when it is done. */
static size_t lift(const struct callgate_filter *filter)
{
	size_t before = memory_in_use(), used;
	struct meaning *store = need(meaning_new(MEANING_LIMITS));

	meaning_of_program(store, callgate_filter_program(filter),
			   callgate_filter_length(filter),
			   callgate_filter_big_endian(filter));
	used = memory_in_use() - before;
	meaning_free(store);
	return used;
}

static void say(const struct callgate_filter *filter)
{
	struct callgate_survey *survey;

	callgate_filter_survey(filter, NULL, &survey);
	callgate_survey_free(survey);
}

static void decompile(const struct callgate_filter *filter)
{
	char *policy = NULL;

	callgate_filter_decompile(filter, NULL, NULL, &policy);
	free(policy);
}

static void audit(const struct callgate_filter *filter)
{
	struct callgate_audit *findings = NULL;

	callgate_filter_audit(filter, NULL, &findings);
	callgate_audit_free(findings);
}

static void lift_only(const struct callgate_filter *filter)
{
	lift(filter);
}

static const struct {
	const char *column;
	void (*work)(const struct callgate_filter *filter);
} works[] = {
	{ "lift", lift_only },
	{ "say", say },
	{ "decompile", decompile },
	{ "audit", audit },
};

static void measure(struct bench *bench, const char *row,
		    const struct callgate_filter *filter)
{
	figure_note(bench, GROUP, row, "insns", (double)callgate_filter_length(filter));
	figure_note(bench, GROUP, row, "memory", (double)lift(filter) / (1 << 20));
	for (size_t i = 0; i < COUNT(works); i++) {
		struct samples samples = { 0 };

		for (int k = 0; k < (bench->quick ? ROUNDS_QUICK : ROUNDS); k++) {
			double start = nanoseconds();

			works[i].work(filter);
			samples_add(&samples, nanoseconds() - start);
		}
		figure_note(bench, GROUP, row, works[i].column,
			    samples_min(&samples) / 1e6);
		samples_done(&samples);
	}
}

/* --- of what ---------------------------------------------------------------------- */

static struct callgate_filter *read_filter(const char *file)
{
	struct callgate_filter *filter;
	size_t length;
	char *content = file_read(file, &length);

	if (callgate_filter_from_bytes(content, length, CALLGATE_ENDIAN_AUTO, NULL,
				       &filter))
		fail("%s is no filter", file);
	free(content);
	return filter;
}

/* The least of a few times. */
static double compare_pair(const struct callgate_filter *first,
			   const struct callgate_filter *second)
{
	struct samples samples = { 0 };
	double least;

	for (int i = 0; i < 3; i++) {
		struct callgate_comparison *comparison;
		double start = nanoseconds();

		callgate_filter_compare(first, second, NULL, &comparison);
		samples_add(&samples, nanoseconds() - start);
		callgate_comparison_free(comparison);
	}
	least = samples_min(&samples);
	samples_done(&samples);
	return least;
}

static void compare_pairs(struct bench *bench, const char *folder,
			  struct callgate_filter *const *filters, size_t count)
{
	struct samples samples = { 0 };

	for (size_t i = 0; i < count * count; i++) {
		samples_add(&samples,
			    compare_pair(filters[i / count], filters[i % count]) / 1e6);
	}
	figure_note(bench, PAIRS, folder, "pairs", (double)samples.count);
	figure_note(bench, PAIRS, folder, "median", samples_median(&samples));
	figure_note(bench, PAIRS, folder, "longest",
		    samples.values[samples.count - 1]); /* sorted by now */
	samples_done(&samples);
}

static void measure_folder(struct bench *bench, const char *parent, const char *folder)
{
	struct callgate_filter *filters[FILES_MAX];
	size_t count = 0;
	glob_t found;

	if (glob(text("%s/%s/*.bpf", parent, folder), 0, NULL, &found))
		return;
	for (; count < found.gl_pathc && count < FILES_MAX; count++) {
		const char *file = found.gl_pathv[count];

		filters[count] = read_filter(file);
		measure(bench, strrchr(file, '/') + 1, filters[count]);
	}
	compare_pairs(bench, folder, filters, count);
	while (count-- > 0)
		callgate_filter_free(filters[count]);
	globfree(&found);
}

static void measure_hostile(struct bench *bench)
{
	struct sock_filter code[BPF_MAXINSNS];
	struct callgate_filter *filter;

	for (size_t i = 0; hostile_name(i); i++) {
		if (callgate_filter_from_program(code, hostile_program(i, code), NULL,
						 &filter))
			fail("'%s' is no filter", hostile_name(i));
		measure(bench, hostile_name(i), filter);
		callgate_filter_free(filter);
	}
}

void bench_reading(struct bench *bench)
{
	if (bench->reference) {
		measure_folder(bench, bench->reference, "p60");
		measure_folder(bench, bench->reference, "container-default");
		measure_folder(bench, text("%s/../corpus", bench->reference), "raw");
	}
	measure_hostile(bench);
	figures_print(bench, GROUP, columns, COUNT(columns));
	figures_print(bench, PAIRS, pair_columns, COUNT(pair_columns));
}
