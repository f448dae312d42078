// SPDX-License-Identifier: MIT
/*
 * Size, and executed instructions as weighted means over traces: how callgate lays a
 * policy out for each cost model, with and without frequencies, what libseccomp makes of
 * the same rules, and the raw filters that lie beside the traces.
 *
 * "Uncached" counts the calls for which a kernel with the cache runs the filter,
 * "absorbed" the others.
 */
#include "bench.h"

#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	KIND_UNIFORM,
	KIND_REAL,
	KIND_ARGUMENTS,
	KIND_DENIED,
	KIND_COUNT
};

static const char *const files[KIND_COUNT] = {
	[KIND_UNIFORM] = "uniform.tr",
	[KIND_REAL] = "real.tr",
	[KIND_ARGUMENTS] = "argonly.tr",
	[KIND_DENIED] = "denied.tr",
};

static const struct {
	struct column column;
	enum kind kind;
	enum trace_part part;
} means[] = {
	{ { "uniform", 2 }, KIND_UNIFORM, TRACE_ALL },
	{ { "real", 2 }, KIND_REAL, TRACE_ALL },
	{ { "args", 2 }, KIND_ARGUMENTS, TRACE_ALL },
	{ { "denied", 1 }, KIND_DENIED, TRACE_ALL },
	{ { "uncached uniform", 2 }, KIND_UNIFORM, TRACE_UNCACHED },
	{ { "uncached real", 2 }, KIND_REAL, TRACE_UNCACHED },
	{ { "absorbed uniform", 2 }, KIND_UNIFORM, TRACE_CACHED },
	{ { "absorbed real", 2 }, KIND_REAL, TRACE_CACHED },
};

struct measure {
	struct bench *bench;
	const struct subject *subject;
	struct trace traces[KIND_COUNT];
};

static void note(const struct measure *measure, const char *row,
		 const struct callgate_filter *filter)
{
	struct bench *bench = measure->bench;
	const char *group = measure->subject->name;

	if (!filter)
		return;
	figure_note(bench, group, row, "insns", (double)callgate_filter_length(filter));
	for (size_t i = 0; i < COUNT(means); i++)
		figure_note(bench, group, row, means[i].column.name,
			    trace_mean(&measure->traces[means[i].kind], filter,
				       means[i].part));
}

static void note_ours(const struct measure *measure)
{
	static const char *const models[] = {
		[CALLGATE_COST_CACHE] = "cache", [CALLGATE_COST_NO_CACHE] = "no-cache"
	};
	struct callgate_policy *policy =
		subject_policy(measure->bench, measure->subject);
	struct callgate_frequencies *frequencies =
		subject_frequencies(measure->bench, measure->subject);

	for (unsigned i = 0; i < 2 * COUNT(models); i++) {
		bool is_counted = i & 1;
		struct callgate_compile_options options = {
			.cost_model = i / 2,
			.frequencies = is_counted ? frequencies : NULL
		};
		struct callgate_filter *filter;

		if (is_counted && !frequencies)
			continue;
		filter = compile_policy(policy, &options);
		note(measure,
		     text("callgate %s%s", models[i / 2],
			  is_counted ? ", frequencies" : ""),
		     filter);
		callgate_filter_free(filter);
	}
	callgate_frequencies_free(frequencies);
	callgate_policy_free(policy);
}

/* Both must mean the same, as far as the traces ask and libseccomp knows the calls. */
static size_t count_differences(const struct measure *measure,
				const struct callgate_filter *ours,
				const struct callgate_filter *theirs)
{
	size_t differ = 0;

	for (size_t i = 0; i < KIND_COUNT; i++) {
		const struct trace *trace = &measure->traces[i];

		for (size_t j = 0; j < trace->count; j++)
			differ += callgate_filter_run(ours, &trace->calls[j]).value !=
				  callgate_filter_run(theirs, &trace->calls[j]).value;
	}
	return differ;
}

static void compare(const struct measure *measure, const struct peer *peer,
		    const struct callgate_filter *theirs)
{
	struct callgate_policy *policy =
		subject_policy(measure->bench, measure->subject);
	struct callgate_filter *ours = compile_policy(policy, NULL);
	size_t differ = count_differences(measure, ours, theirs);

	if (differ)
		printf("\n%s: libseccomp does not know the calls of %zu rules, and its "
		       "verdicts differ for %zu calls of the traces\n",
		       measure->subject->name, peer_unknown(peer), differ);
	callgate_filter_free(ours);
	callgate_policy_free(policy);
}

static void note_makers(const struct measure *measure)
{
	const struct subject *subject = measure->subject;
	struct callgate_filter *filter;
	struct rules rules;
	struct peer *peer;

	rules_read(text("%s/%s", measure->bench->inputs, subject->profile),
		   subject->three, &rules);
	peer = peer_new(&rules);
	for (int tree = 0; tree < 2; tree++) {
		filter = peer_filter(peer, tree);
		note(measure, tree ? "libseccomp tree" : "libseccomp default", filter);
		if (filter && !tree)
			compare(measure, peer, filter);
		callgate_filter_free(filter);
	}
	filter = subject->three ? NULL : handmade_filter(&rules);
	note(measure, "hand-made tree", filter);
	callgate_filter_free(filter);
	peer_free(peer);
	rules_done(&rules);
}

static void note_file(const struct measure *measure, const char *file)
{
	struct callgate_filter *filter;
	size_t length, name_length;
	const char *name = strrchr(file, '/') + 1;
	char *content;

	if (!strstr(name, "3arch") == measure->subject->three)
		return;
	content = file_read(file, &length);
	name_length = strlen(name) - strlen(".bpf");
	if (callgate_filter_from_bytes(content, length, CALLGATE_ENDIAN_AUTO, NULL,
				       &filter))
		fail("%s is no filter", file);
	note(measure, text("file %.*s", (int)name_length, name), filter);
	callgate_filter_free(filter);
	free(content);
}

static void note_files(const struct measure *measure)
{
	glob_t found;

	if (!measure->bench->reference)
		return;
	if (glob(text("%s/%s/*.bpf", measure->bench->reference,
		      measure->subject->reference),
		 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			note_file(measure, found.gl_pathv[i]);
		globfree(&found);
	}
}

static void note_ratios(const struct measure *measure)
{
	struct bench *bench = measure->bench;
	const char *group = measure->subject->name;
	const char *row;
	double value;

	figure_ratio(bench, group, "libseccomp default", "callgate cache");
	figure_ratio(bench, group, "libseccomp tree", "callgate cache");
	for (size_t i = 0; i < COUNT(means); i++)
		if (figure_best_other(bench, group, means[i].column.name, &row, &value))
			figure_note(bench, group, "best of the others",
				    means[i].column.name, value);
	if (figure_best_other(bench, group, "insns", &row, &value))
		figure_note(bench, group, "best of the others", "insns", value);
}

static void measure_subject(struct bench *bench, const struct subject *subject)
{
	struct measure measure = { bench, subject, { { 0 } } };
	struct column columns[COUNT(means) + 1] = { { "insns", 0 } };

	for (size_t i = 0; i < COUNT(means); i++)
		columns[i + 1] = means[i].column;
	for (size_t i = 0; i < KIND_COUNT && bench->reference; i++)
		trace_read(text("%s/%s/%s", bench->reference, subject->reference,
				files[i]),
			   &measure.traces[i]);
	note_ours(&measure);
	note_makers(&measure);
	note_files(&measure);
	note_ratios(&measure);
	figures_print(bench, subject->name, columns, COUNT(columns));
	for (size_t i = 0; i < KIND_COUNT; i++)
		trace_done(&measure.traces[i]);
}

void bench_executed(struct bench *bench)
{
	puts("\n== Instructions, and how many of them a call executes (mean)");
	if (!bench->reference)
		puts("no folder of traces (--reference): sizes only");
	for (size_t i = 0; i < subject_count; i++)
		measure_subject(bench, &subjects[i]);
}
