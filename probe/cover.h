/* SPDX-License-Identifier: MIT */
/*
 * What programs call, counted by eBPF: those that this process starts from now on, each
 * from its execve(2), with all that they start.
 */
#ifndef CALLGATE_PROBE_COVER_H
#define CALLGATE_PROBE_COVER_H

#include <stdint.h>

#include "cover_shared.h"

struct cover;

/* What of a call of this `arch` and `number` is to be told apart: adds to `bits`. */
struct cover_asker {
	void (*bits)(void *context, uint32_t arch, uint32_t number,
		     __u64 bits[COVER_FIELDS]);
	void *context;
};

/*
 * Begins. Returns 0 or a negative errno, which probe_explain() knows. Children of fork(2)
 * may read it; the kernel forgets it when the last of them is gone.
 */
int cover_open(const struct cover_asker *asker, struct cover **ret_cover);
/* Accepts NULL. */
void cover_close(struct cover *cover);

/* Hands out what was counted until now. Returns 0 or a negative errno. */
int cover_each(const struct cover *cover,
	       void (*visit)(void *context, const struct cover_call *call,
			     uint64_t count),
	       void *context);

/* How many calls, or tasks, were not counted for want of room. */
uint64_t cover_lost(const struct cover *cover);

#endif
