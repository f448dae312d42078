/* SPDX-License-Identifier: MIT */
/* What a compiled filter costs, told. */
#ifndef CALLGATE_CLI_STATS_H
#define CALLGATE_CLI_STATS_H

#include <jansson.h>

#include "callgate.h"

/*
 * `optimum` is the `expected` figure of the exhaustive layout. The table goes to standard
 * error, because the filter may go to standard output.
 */
void stats_print(const struct callgate_stats *stats, double optimum);
json_t *stats_json(const struct callgate_stats *stats, double optimum);

#endif
