// SPDX-License-Identifier: MIT
/*
 * Time per rule, for policies of 10 to 3,000 rules.
 *
 * The rules are generated, the same ones every time: each allows a call of x86_64, every
 * fourth one only for a value of its first plain argument. When there are more rules than
 * calls, all are of that kind, several a call. A quarter of the conditions are masks.
 * Each GROUP rules in a row compare with the same value, as those of a real policy do, or
 * 3,000 rules would not fit into the kernel's 4096 instructions.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS	     200
#define ROUNDS_QUICK 5
#define GROUP	     64
#define BUDGET	     2e9 /* nanoseconds of one size; then fewer rounds do */

enum way {
	WAY_PARSE,
	WAY_COMPILE,
	WAY_PROVE,
	WAY_DEFAULT,
	WAY_TREE,
	WAY_COUNT
};

static const struct column columns[] = {
	{ "parse", 2 },		{ "compile", 2 },
	{ "+proof", 2 },	{ "libsecc. default", 2 },
	{ "libsecc. tree", 2 }, { "insns", 0 },
};

static const size_t sizes[] = { 10, 30, 100, 300, 1000, 3000 };

/* --- the rules -------------------------------------------------------------------- */

/* The first argument that a condition can be about, or -1. */
static int plain_argument(const struct callgate_syscall *call)
{
	for (unsigned i = 0; i < call->argument_count; i++)
		if (!call->arguments[i].is_pointer)
			return (int)i;
	return -1;
}

static void add_rule(struct rules *rules, const struct callgate_syscall *call,
		     bool is_conditional)
{
	size_t index = rules->count;
	struct rule *rule = rules_add(rules);

	rule->name = need(strdup(call->name));
	rule->action = SECCOMP_RET_ALLOW;
	if (!is_conditional)
		return;
	rule->argument = (unsigned)plain_argument(call);
	rule->operator= index % 4 == 1 ? RULE_MASKED_EQUAL : RULE_EQUAL;
	rule->value = index / GROUP + 1;
}

static void make_rules(size_t count, struct rules *ret_rules)
{
	size_t calls = callgate_syscall_count(), abi = callgate_abi_find("x86_64");

	*ret_rules = (struct rules){ .otherwise = SECCOMP_RET_ERRNO | EPERM };
	for (size_t i = 0; ret_rules->count < count; i++) {
		bool is_conditional = ret_rules->count % 4 < 2 || count > calls / 2;
		struct callgate_syscall call;

		/* 31 spreads the calls over the numbers. */
		if (!callgate_syscall_on(i * 31 % calls, abi, &call))
			continue;
		if (is_conditional && plain_argument(&call) < 0)
			continue;
		add_rule(ret_rules, &call, is_conditional);
	}
}

/* --- measuring -------------------------------------------------------------------- */

struct work {
	char *text;
	size_t length;
	struct peer *peer;
	int null;
	struct samples samples[WAY_COUNT];
	size_t instructions;
};

/* False: the filter would be longer than the kernel takes. */
static bool measure_compile(struct work *work, const struct callgate_policy *policy,
			    enum way way)
{
	const struct callgate_compile_options options = { .without_proof =
								  way == WAY_COMPILE };
	struct callgate_filter *filter;
	double start = nanoseconds();

	if (callgate_policy_compile(policy, &options, NULL, &filter))
		return false;
	work->instructions = callgate_filter_length(filter);
	callgate_filter_free(filter);
	samples_add(&work->samples[way], nanoseconds() - start);
	return true;
}

static void measure_peer(struct work *work, enum way way)
{
	double start = nanoseconds();

	if (work->peer && peer_build(work->peer, way == WAY_TREE, work->null))
		samples_add(&work->samples[way], nanoseconds() - start);
}

static bool measure(struct work *work)
{
	const struct callgate_parse_options options = { .name = "generated" };
	struct callgate_policy *policy;
	double start = nanoseconds();
	bool fits;

	if (callgate_policy_parse(work->text, work->length, &options, NULL, &policy))
		fail("the generated policy has errors");
	samples_add(&work->samples[WAY_PARSE], nanoseconds() - start);
	fits = measure_compile(work, policy, WAY_COMPILE) &&
	       measure_compile(work, policy, WAY_PROVE);
	callgate_policy_free(policy);
	measure_peer(work, WAY_DEFAULT);
	measure_peer(work, WAY_TREE);
	return fits;
}

static void note(struct bench *bench, const char *group, const char *row,
		 struct work *work, size_t rules)
{
	for (unsigned way = 0; way < WAY_COUNT; way++) {
		double min = samples_min(&work->samples[way]);

		figure_note(bench, group, row, columns[way].name,
			    min / 1e3 / (double)rules);
		samples_done(&work->samples[way]);
	}
	if (work->instructions)
		figure_note(bench, group, row, "insns", (double)work->instructions);
}

static void measure_size(struct bench *bench, const char *group, size_t size)
{
	struct work work = { .null = open("/dev/null", O_WRONLY | O_CLOEXEC) };
	unsigned rounds = bench->quick ? ROUNDS_QUICK : ROUNDS;
	double end = nanoseconds() + BUDGET;
	struct rules rules;

	make_rules(size, &rules);
	work.text = rules_text(&rules, &work.length);
	work.peer = peer_new(&rules);
	for (unsigned i = 0; i < rounds && (i == 0 || nanoseconds() < end); i++)
		measure(&work);
	note(bench, group, text("%zu rules", size), &work, size);
	close(work.null);
	peer_free(work.peer);
	rules_done(&rules);
	free(work.text);
}

/* --- the plot --------------------------------------------------------------------- */

static void add_points(const struct bench *bench, const char *group,
		       struct curve *curve, const char *column, const char *plus)
{
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const char *row = text("%zu rules", sizes[i]);
		double y, more = 0;

		if (!figure_find(bench, group, row, column, &y) ||
		    (plus && !figure_find(bench, group, row, plus, &more)))
			continue;
		curve->x[curve->count] = (double)sizes[i];
		curve->y[curve->count++] = y + more;
	}
}

static void draw(const struct bench *bench, const char *group)
{
	struct curve curves[] = {
		{ .name = "callgate: parse, compile, prove" },
		{ .name = text("%s, default",
			       libseccomp_name() ? libseccomp_name() : "") },
		{ .name = text("%s, tree",
			       libseccomp_name() ? libseccomp_name() : "") },
	};

	add_points(bench, group, &curves[0], "parse", "+proof");
	add_points(bench, group, &curves[1], "libsecc. default", NULL);
	add_points(bench, group, &curves[2], "libsecc. tree", NULL);
	plot_write(bench->plot, "Microseconds per rule, least of many runs", curves,
		   libseccomp_name() ? COUNT(curves) : 1);
	printf("drawn in %s\n", bench->plot);
}

void bench_scale(struct bench *bench)
{
	const char *group = "us per rule, least of many runs";

	puts("\n== Time per rule");
	for (size_t i = 0; i < COUNT(sizes); i++)
		measure_size(bench, group, sizes[i]);
	figures_print(bench, group, columns, COUNT(columns));
	if (bench->plot)
		draw(bench, group);
}
