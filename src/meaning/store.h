/* SPDX-License-Identifier: MIT */
/* The inside of a store of nodes, for the files of this folder alone. */
#ifndef CALLGATE_MEANING_STORE_H
#define CALLGATE_MEANING_STORE_H

#include <errno.h>

#include "meaning/meaning.h"

/* One remembered operation; `c` is OPERATION_… for those with two operands. */
struct remembered {
	meaning_ref a, b, c;
	meaning_ref result;
};

#define OPERATION_DIFFER (UINT32_MAX - 1)
#define OPERATION_STACK	 (UINT32_MAX - 2)
/* Of project.c. */
#define OPERATION_EXISTS   (UINT32_MAX - 3)
#define OPERATION_SELECT   (UINT32_MAX - 4)
#define OPERATION_SIMPLIFY (UINT32_MAX - 5)
/* … and of two functions again. */
#define OPERATION_JOIN (UINT32_MAX - 6)

struct meaning {
	struct meaning_node *nodes;
	uint32_t count, capacity;
	meaning_ref *buckets; /* open addressing; MEANING_FAILED is an empty slot */
	uint32_t bucket_mask;
	struct remembered
		*cache; /* direct mapped, forgets; a == b == c == 0 is empty */
	uint32_t cache_mask;
	struct meaning_limits limits;
	uint64_t steps;
	int error;
	size_t failed_at;	/* the instruction, when a program's was too much */
	bool has_many_verdicts; /* … as it returns too many different numbers */
};

/* Sets the sticky error; returns MEANING_FAILED. */
meaning_ref store_fail(struct meaning *store, int error);

/* Counts one step of work; false when the budget has ended. */
static inline bool store_step(struct meaning *store)
{
	if (store->steps++ < store->limits.steps)
		return true;
	store_fail(store, -E2BIG);
	return false;
}

/* Where the cache would keep an operation. */
static inline struct remembered *store_remembered(struct meaning *store, meaning_ref a,
						  meaning_ref b, meaning_ref c)
{
	uint64_t hash = ((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15ull;

	hash = (hash ^ hash >> 29 ^ c) * 0xbf58476d1ce4e5b9ull;
	return &store->cache[(uint32_t)(hash >> 40) & store->cache_mask];
}

/* The result of an operation, if the cache has not forgotten it. */
static inline bool store_recall(struct meaning *store, meaning_ref a, meaning_ref b,
				meaning_ref c, meaning_ref *ret_result)
{
	const struct remembered *entry = store_remembered(store, a, b, c);

	/* No operation that reaches the cache has three operands 0: that entry is
	 * empty. */
	if (entry->a != a || entry->b != b || entry->c != c)
		return false;
	*ret_result = entry->result;
	return true;
}

static inline meaning_ref store_remember(struct meaning *store, meaning_ref a,
					 meaning_ref b, meaning_ref c,
					 meaning_ref result)
{
	if (result != MEANING_FAILED)
		*store_remembered(store, a, b, c) =
			(struct remembered){ a, b, c, result };
	return result;
}

/* A zeroed array with one entry for each node that there is now, or NULL and failed. */
meaning_ref *store_memo(struct meaning *store);

/* The same function in another store; `ref` has not failed. */
meaning_ref store_copy(struct meaning *store, const struct meaning *from,
		       meaning_ref ref);

/* The diagram of a comparison's outcome, by the order of two bit strings. */
struct outcome {
	meaning_ref less, equal, greater;
};

/* What `operator` makes of an order. */
struct outcome outcome_of(enum policy_operator operator);

#endif
