// SPDX-License-Identifier: MIT
/*
 * What the figures are meant to reach. A target is a bound, or another figure times a
 * factor plus something. A miss is printed and nothing else: times depend on the machine.
 */
#include "bench.h"

#include <stdio.h>

#define P60	  "p60, x86_64"
#define CONTAINER "container-default, x86_64"
#define THREE	  "container-default, three ABIs"
#define NO_CACHE  "callgate no-cache"
#define CACHE	  "callgate cache"
#define COUNTED	  ", frequencies"
#define PROVE	  "callgate, compile and prove"
#define CALLS	  CONTAINER ": ns a call"

static const struct target {
	const char *group, *row, *column;
	double bound; /* where there is no `than`, else what is added to it */
	const char *than;
	double factor;
} targets[] = {
	{ P60, NO_CACHE COUNTED, "insns", 82, NULL, 0 },
	{ P60, NO_CACHE COUNTED, "real", 7.8, NULL, 0 },
	{ P60, NO_CACHE, "insns", 84, NULL, 0 },
	{ P60, NO_CACHE, "uniform", 9.8, NULL, 0 },
	{ P60, NO_CACHE, "denied", 11, NULL, 0 },
	{ P60, CACHE COUNTED, "uncached real", 7.5, NULL, 0 },
	{ P60, CACHE, "uncached uniform", 10, NULL, 0 },
	{ P60, CACHE, "absorbed uniform", 0, NO_CACHE, 1.5 },
	{ P60, CACHE COUNTED, "absorbed real", 0, NO_CACHE COUNTED, 1.5 },
	{ CONTAINER, CACHE, "insns", 84, NULL, 0 },
	{ CONTAINER, NO_CACHE, "uniform", 9, NULL, 0 },
	{ CONTAINER, CACHE, "args", 9.7, NULL, 0 },
	{ THREE, CACHE, "insns", 250, NULL, 0 },
	{ THREE, NO_CACHE, "uniform", 9, NULL, 0 },
	{ THREE, CACHE, "args", 9.7, NULL, 0 },
	{ CONTAINER ": ms", PROVE, "min", 0.3, NULL, 0 },
	{ THREE ": ms", PROVE, "min", 1, NULL, 0 },
	{ CONTAINER ": load, us", "callgate", "median", 0, "libseccomp tree", 0.5 },
	{ THREE ": load, us", "callgate", "median", 0, "libseccomp tree", 0.5 },
	{ CALLS, "callgate, 1 layer", "cached min", 2, "hand-made tree, 1 layer", 1 },
	{ CALLS, "callgate, 1 layer", "tested min", 2, "hand-made tree, 1 layer", 1 },
	{ CALLS, "callgate, 1 layer", "denied min", 2, "hand-made tree, 1 layer", 1 },
};

static bool bound_of(const struct bench *bench, const struct target *target,
		     double *ret_bound)
{
	double other = 0;

	if (target->than &&
	    !figure_find(bench, target->group, target->than, target->column, &other))
		return false;
	*ret_bound = target->bound + target->factor * other;
	return true;
}

static void print_target(const struct bench *bench, const struct target *target)
{
	double bound, reached, best;
	const char *best_row;

	if (!bound_of(bench, target, &bound) ||
	    !figure_find(bench, target->group, target->row, target->column, &reached))
		return;
	printf("%-6s %8.2f %8.2f ", reached <= bound ? "yes" : "MISSED", reached,
	       bound);
	if (figure_best_other(bench, target->group, target->column, &best_row, &best))
		printf("%8.2f", best);
	else
		printf("%8s", "-");
	printf("  %s\n%37s%s: %s\n", target->group, "", target->row, target->column);
}

void bench_targets(struct bench *bench)
{
	puts("\n== Targets");
	printf("%-6s %8s %8s %8s\n", "", "reached", "at most", "others");
	for (size_t i = 0; i < COUNT(targets); i++)
		print_target(bench, &targets[i]);
}
