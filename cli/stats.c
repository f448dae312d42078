// SPDX-License-Identifier: MIT
/*
 * What a compiled filter costs, as a table and as JSON.
 */
#include "stats.h"

#include <stdio.h>

static json_t *class_json(const struct callgate_class_stats *class)
{
	return json_pack("{s:I, s:I, s:f, s:f}", "calls", (json_int_t) class->calls,
			 "cached", (json_int_t) class->cached, "mean", class->mean,
			 "mean_uncached", class->mean_uncached);
}

json_t *stats_json(const struct callgate_stats *stats, double optimum)
{
	return json_pack("{s:I, s:I, s:I, s:f, s:f, s:b, s:o, s:o, s:o, s:o}",
			 "instructions", (json_int_t)stats->instructions, "nodes",
			 (json_int_t)stats->nodes, "worst", (json_int_t)stats->worst,
			 "expected", stats->expected, "optimum", optimum, "proven",
			 (int)stats->proven, "all", class_json(&stats->all), "allowed",
			 class_json(&stats->allowed), "tested",
			 class_json(&stats->tested), "denied",
			 class_json(&stats->denied));
}

static void print_class(const char *name, const struct callgate_class_stats *class)
{
	fprintf(stderr, "%-24s %5zu  %6zu  %12.1f  %15.1f\n", name, class->calls,
		class->cached, class->mean, class->mean_uncached);
}

void stats_print(const struct callgate_stats *stats, double optimum)
{
	/* The optimum weighs size as well: one that is larger may run a little less. */
	double above = stats->expected > optimum ? stats->expected / optimum - 1 : 0;

	fprintf(stderr, "%zu instructions%s, %u nodes of the diagram\n",
		stats->instructions, stats->proven ? ", proven" : "", stats->nodes);
	fprintf(stderr, "%-24s %5s  %6s  %12s  %15s\n", "", "calls", "cached",
		"instructions", "of the uncached");
	print_class("allowed", &stats->allowed);
	print_class("decided by arguments", &stats->tested);
	print_class("denied", &stats->denied);
	print_class("all", &stats->all);
	fprintf(stderr, "%u instructions at worst", stats->worst);
	fprintf(stderr, "; expected %.2f a call, %.1f %% above the optimum of %.2f\n",
		stats->expected, 100 * above, optimum);
}
