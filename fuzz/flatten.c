// SPDX-License-Identifier: MIT
/*
 * Any bytes as a stack of two filters: what is made of them answers a call as the kernel
 * would have, with the strictest of their verdicts and of equals the newer one's. Input:
 * see filters.h.
 */
#include "filters.h"

#include <errno.h>

static uint32_t stacked(uint32_t older, uint32_t newer)
{
	int32_t a = (int32_t)(older & SECCOMP_RET_ACTION_FULL);
	int32_t b = (int32_t)(newer & SECCOMP_RET_ACTION_FULL);

	return a < b ? older : newer;
}

/* The kernel compares what the filters say before it knows what that means. */
static void check(const struct callgate_filter *flat,
		  struct callgate_filter *const filters[2],
		  const struct seccomp_data *call)
{
	uint32_t older = callgate_filter_run(filters[0], call).value;
	uint32_t newer = callgate_filter_run(filters[1], call).value;

	if (answer_of(flat, call) != verdict_normalize(stacked(older, newer)))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callgate_filter *filters[2], *flat;
	struct seccomp_data call;
	int error;

	if (call_and_filters(data, size, &call, filters)) {
		const struct callgate_filter *stack[] = { filters[0], filters[1] };

		error = callgate_filter_flatten(stack, 2, NULL, &flat);
		if (error == -EBADMSG)
			__builtin_trap();
		if (!error)
			check(flat, filters, &call);
		callgate_filter_free(flat);
	}
	callgate_filter_free(filters[0]);
	callgate_filter_free(filters[1]);
	return 0;
}
