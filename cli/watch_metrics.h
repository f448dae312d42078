/* SPDX-License-Identifier: MIT */
/* Counters of `callgate watch` in the text format of Prometheus. */
#ifndef CALLGATE_CLI_WATCH_METRICS_H
#define CALLGATE_CLI_WATCH_METRICS_H

#include <stdio.h>

#include "watch_view.h"

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);
void metrics_count(struct metrics *metrics, const struct watch_view *view);
void metrics_print(const struct metrics *metrics, const struct watch_loss *loss,
		   FILE *stream);
/* Replaces a file, whole; what fails is said once. */
void metrics_write(struct metrics *metrics, const char *file,
		   const struct watch_loss *loss);

#endif
