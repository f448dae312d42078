// SPDX-License-Identifier: MIT
/*
 * Any bytes as two filters: compared, they differ for a call only if the comparison says
 * so, its relation holds for that call, and the other way round it is the opposite.
 * Input: see filters.h.
 */
#include "filters.h"

#include <errno.h>

static const enum callgate_relation opposites[] = {
	[CALLGATE_EQUAL] = CALLGATE_EQUAL,
	[CALLGATE_SIMILAR] = CALLGATE_SIMILAR,
	[CALLGATE_STRICTER] = CALLGATE_LOOSER,
	[CALLGATE_LOOSER] = CALLGATE_STRICTER,
	[CALLGATE_INCOMPARABLE] = CALLGATE_INCOMPARABLE,
};

/* The kernel's order: the lower of two is obeyed. */
static int64_t leniency(uint32_t verdict)
{
	return (int32_t)(verdict & SECCOMP_RET_ACTION_FULL);
}

static void check_call(enum callgate_relation relation, uint32_t first, uint32_t second)
{
	if (relation == CALLGATE_EQUAL && first != second)
		__builtin_trap();
	if ((relation == CALLGATE_STRICTER || relation == CALLGATE_SIMILAR) &&
	    leniency(first) > leniency(second))
		__builtin_trap();
	if ((relation == CALLGATE_LOOSER || relation == CALLGATE_SIMILAR) &&
	    leniency(first) < leniency(second))
		__builtin_trap();
}

static void check(const struct callgate_comparison *comparison,
		  struct callgate_filter *const filters[2],
		  const struct seccomp_data *call)
{
	enum callgate_relation relation = callgate_comparison_relation(comparison);
	size_t count = callgate_comparison_count(comparison);
	struct callgate_comparison *opposite;

	if ((relation == CALLGATE_EQUAL) != (count == 0))
		__builtin_trap();
	check_call(relation, answer_of(filters[0], call), answer_of(filters[1], call));
	if (callgate_filter_compare(filters[1], filters[0], NULL, &opposite))
		return;
	if (callgate_comparison_relation(opposite) != opposites[relation])
		__builtin_trap();
	callgate_comparison_free(opposite);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callgate_filter *filters[2];
	struct callgate_comparison *comparison;
	struct seccomp_data call;
	int error;

	if (call_and_filters(data, size, &call, filters)) {
		error = callgate_filter_compare(filters[0], filters[1], NULL,
						&comparison);
		if (error == -EBADMSG)
			__builtin_trap();
		if (!error)
			check(comparison, filters, &call);
		callgate_comparison_free(comparison);
	}
	callgate_filter_free(filters[0]);
	callgate_filter_free(filters[1]);
	return 0;
}
