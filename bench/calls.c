// SPDX-License-Identifier: MIT
/*
 * Nanoseconds a call, under layers of the container profile's filter.
 *
 * Three kinds of calls: one that is always allowed, which the kernel's cache absorbs; one
 * whose argument is tested and allowed; and denied ones, whose numbers lie far apart. Each
 * kind is timed in short batches; makers take turns, child by child.
 */
#include "bench.h"

#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUNDS	     20
#define ROUNDS_QUICK 2
#define BATCHES	     8
#define BATCH	     2000 /* calls */

enum kind {
	KIND_ALLOWED,
	KIND_TESTED,
	KIND_DENIED,
	KIND_COUNT
};
static const unsigned layer_counts[] = { 1, 5, 20 };

struct batches {
	bool is_bound;
	double times[KIND_COUNT][BATCHES];
};

/* Without a filter the denied ones would be done: a number without a call instead. */
static void call(enum kind kind, bool is_bound, unsigned i)
{
	static const long denied[] = { __NR_quotactl, __NR_acct, __NR_add_key,
				       __NR_userfaultfd };

	switch (kind) {
	case KIND_ALLOWED:
		syscall(__NR_getppid);
		break;
	case KIND_TESTED:
		syscall(__NR_personality, 0xffffffffUL);
		break;
	default:
		syscall(is_bound ? denied[i % COUNT(denied)] : 600, 0, 0, 0, 0, 0);
	}
}

static void time_calls(void *context)
{
	struct batches *batches = context;

	for (unsigned batch = 0; batch < BATCHES; batch++) {
		for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
			double start = nanoseconds();

			for (unsigned i = 0; i < BATCH; i++)
				call(kind, batches->is_bound, i);
			batches->times[kind][batch] = (nanoseconds() - start) / BATCH;
		}
	}
}

struct row {
	const char *name;
	const struct callgate_filter *filter;
	unsigned layers;
	struct samples samples[KIND_COUNT];
};

static void measure_row(struct row *row, struct batches *batches)
{
	batches->is_bound = row->layers > 0;
	under_filter(row->filter, row->layers, time_calls, batches);
	for (unsigned kind = 0; kind < KIND_COUNT; kind++)
		for (unsigned i = 0; i < BATCHES; i++)
			samples_add(&row->samples[kind], batches->times[kind][i]);
}

static void note_row(struct bench *bench, const char *group, struct row *row)
{
	static const char *const columns[KIND_COUNT][2] = {
		{ "cached min", "cached median" },
		{ "tested min", "tested median" },
		{ "denied min", "denied median" },
	};

	for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
		struct samples *samples = &row->samples[kind];

		figure_note(bench, group, row->name, columns[kind][0],
			    samples_min(samples));
		figure_note(bench, group, row->name, columns[kind][1],
			    samples_median(samples));
		samples_done(samples);
	}
}

static size_t make_rows(struct callgate_filter *const *filters, struct row *rows)
{
	size_t count = 0;

	rows[count++] = (struct row){ .name = "no filter" };
	for (size_t i = 0; i < COUNT(layer_counts); i++) {
		for (unsigned maker = 0; maker < MAKER_COUNT; maker++) {
			if (!filters[maker])
				continue;
			rows[count++] = (struct row){
				.name = text("%s, %u layer%s", maker_names[maker],
					     layer_counts[i],
					     layer_counts[i] > 1 ? "s" : ""),
				.filter = filters[maker],
				.layers = layer_counts[i],
			};
		}
	}
	return count;
}

static void measure(const struct bench *bench, struct row *rows, size_t count)
{
	struct batches *batches = shared(sizeof(*batches));
	unsigned rounds = bench->quick ? ROUNDS_QUICK : ROUNDS;

	for (unsigned round = 0; round < rounds; round++)
		for (size_t i = 0; i < count; i++)
			measure_row(&rows[i], batches);
}

void bench_calls(struct bench *bench)
{
	static const struct column columns[] = {
		{ "cached min", 1 },	{ "cached median", 1 }, { "tested min", 1 },
		{ "tested median", 1 }, { "denied min", 1 },	{ "denied median", 1 },
	};
	struct row rows[1 + COUNT(layer_counts) * MAKER_COUNT] = { 0 };
	struct callgate_filter *filters[MAKER_COUNT];
	const char *group = "container-default, x86_64: ns a call";
	size_t count;

	puts("\n== Time of a call under filters (layers of one policy flatten to one)");
	makers_make(bench, subject_container, filters);
	count = make_rows(filters, rows);
	measure(bench, rows, count);
	for (size_t i = 0; i < count; i++)
		note_row(bench, group, &rows[i]);
	figures_print(bench, group, columns, COUNT(columns));
	makers_done(filters);
}
