// SPDX-License-Identifier: MIT
/*
 * Traces: calls with weights, replayed in the simulator, which counts instructions.
 *
 * A line is `weight arch nr arg0 … arg5`; all but the weight and the number are
 * hexadecimal.
 */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* One line; false at the end of the file. */
static bool read_call(FILE *file, double *ret_weight, struct seccomp_data *ret_call)
{
	unsigned long long *arguments[6];

	*ret_call = (struct seccomp_data){ 0 };
	for (size_t i = 0; i < COUNT(arguments); i++)
		arguments[i] = (unsigned long long *)&ret_call->args[i];
	return fscanf(file, "%lf %x %d %llx %llx %llx %llx %llx %llx", ret_weight,
		      &ret_call->arch, &ret_call->nr, arguments[0], arguments[1],
		      arguments[2], arguments[3], arguments[4], arguments[5]) == 9;
}

static void add(struct trace *trace, size_t *capacity, double weight,
		const struct seccomp_data *call)
{
	if (trace->count == *capacity) {
		*capacity = 2 * *capacity + 64;
		trace->calls =
			need(realloc(trace->calls, *capacity * sizeof(*trace->calls)));
		trace->weights = need(
			realloc(trace->weights, *capacity * sizeof(*trace->weights)));
	}
	trace->weights[trace->count] = weight;
	trace->calls[trace->count++] = *call;
}

bool trace_read(const char *name, struct trace *ret_trace)
{
	FILE *file = fopen(name, "re");
	struct seccomp_data call;
	size_t capacity = 0;
	double weight;

	*ret_trace = (struct trace){ 0 };
	if (!file)
		return false;
	while (read_call(file, &weight, &call))
		add(ret_trace, &capacity, weight, &call);
	if (!feof(file))
		fail("%s: line %zu is not of a trace", name, ret_trace->count + 1);
	fclose(file);
	return true;
}

void trace_done(struct trace *trace)
{
	free(trace->calls);
	free(trace->weights);
}

double trace_mean(const struct trace *trace, const struct callgate_filter *filter,
		  enum trace_part part)
{
	double sum = 0, weight = 0;

	for (size_t i = 0; i < trace->count; i++) {
		struct callgate_verdict verdict =
			callgate_filter_run(filter, &trace->calls[i]);

		if (part != TRACE_ALL && verdict.cached != (part == TRACE_CACHED))
			continue;
		sum += trace->weights[i] * verdict.executed;
		weight += trace->weights[i];
	}
	return weight > 0 ? sum / weight : (double)NAN;
}
