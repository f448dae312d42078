// SPDX-License-Identifier: MIT
/* Times: many samples of each, of which the least and the median are kept. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double nanoseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

void samples_add(struct samples *samples, double value)
{
	if (samples->count == samples->capacity) {
		samples->capacity = 2 * samples->capacity + 64;
		samples->values =
			need(realloc(samples->values,
				     samples->capacity * sizeof(*samples->values)));
	}
	samples->values[samples->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double nth(struct samples *samples, size_t n)
{
	if (samples->count == 0)
		return (double)NAN;
	qsort(samples->values, samples->count, sizeof(*samples->values), compare);
	return samples->values[n];
}

double samples_min(struct samples *samples)
{
	return nth(samples, 0);
}

double samples_median(struct samples *samples)
{
	return nth(samples, samples->count / 2);
}

void samples_done(struct samples *samples)
{
	free(samples->values);
	*samples = (struct samples){ 0 };
}

void samples_note(struct samples *samples, struct bench *bench, const char *group,
		  const char *row, double unit)
{
	figure_note(bench, group, row, "min", samples_min(samples) / unit);
	figure_note(bench, group, row, "median", samples_median(samples) / unit);
}
