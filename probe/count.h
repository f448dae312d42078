/* SPDX-License-Identifier: MIT */
/* How many system calls each process of the machine makes, counted by eBPF. */
#ifndef CALLGATE_PROBE_COUNT_H
#define CALLGATE_PROBE_COUNT_H

#include <stddef.h>

#include "count_shared.h"

struct count;

/*
 * Begins to count. Returns 0 or a negative errno, which probe_explain() knows. The kernel
 * forgets all of it with count_close(), or with the process.
 */
int count_open(struct count **ret_count);
/* Accepts NULL. */
void count_close(struct count *count);

/*
 * Hands out what was counted from the beginning on, of each process that made a call; of
 * those that are busy, the calls of the last few clock ticks come later.
 * Returns 0 or a negative errno.
 */
int count_each(struct count *count,
	       void (*visit)(void *context, const struct count_key *key,
			     const struct count_value *value),
	       void *context);

/* What was counted of a process is dropped; it begins anew. */
void count_forget(struct count *count, const struct count_key *key);

#endif
