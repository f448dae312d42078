// SPDX-License-Identifier: MIT
/*
 * The store: nodes, the table that makes equal nodes one, and the budget.
 *
 * Invariants: a node's children stand before it; no two nodes are equal; no node has
 * two equal children; the terminals of 0 and 1 are the references 0 and 1.
 */
#include "meaning/store.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_NODES 2048u

meaning_ref store_fail(struct meaning *store, int error)
{
	if (!store->error)
		store->error = error;
	return MEANING_FAILED;
}

struct meaning_try meaning_try_begin(struct meaning *store, uint64_t steps)
{
	struct meaning_try try = { store->limits.steps };

	if (store->limits.steps > store->steps + steps)
		store->limits.steps = store->steps + steps;
	return try;
}

bool meaning_try_end(struct meaning *store, struct meaning_try try)
{
	store->limits.steps = try.limit;
	if (store->error != -E2BIG || store->steps >= try.limit ||
	    store->count >= store->limits.nodes)
		return true;
	store->error = 0;
	return false;
}

static uint32_t hash_of(uint32_t variable, meaning_ref low, meaning_ref high)
{
	uint64_t hash = ((uint64_t)low << 32 | high) * 0x9e3779b97f4a7c15ull;

	hash = (hash ^ hash >> 32 ^ variable) * 0xbf58476d1ce4e5b9ull;
	return (uint32_t)(hash >> 32);
}

static void insert(struct meaning *store, meaning_ref ref)
{
	const struct meaning_node *node = &store->nodes[ref];
	uint32_t slot = hash_of(node->variable, node->low, node->high);

	while (store->buckets[slot & store->bucket_mask] != MEANING_FAILED)
		slot++;
	store->buckets[slot & store->bucket_mask] = ref;
}

/* Tables for `capacity` nodes, a power of two: buckets half full, a cache as large. */
static bool make_tables(struct meaning *store, uint32_t capacity)
{
	meaning_ref *buckets = malloc(sizeof(*buckets) * capacity * 2);
	struct remembered *cache = calloc(capacity, sizeof(*cache));

	if (!buckets || !cache) {
		free(buckets);
		free(cache);
		return false;
	}
	memset(buckets, 0xff, sizeof(*buckets) * capacity * 2);
	free(store->buckets);
	free(store->cache);
	store->buckets = buckets;
	store->bucket_mask = capacity * 2 - 1;
	store->cache = cache;
	store->cache_mask = capacity - 1;
	return true;
}

static bool grow(struct meaning *store)
{
	uint32_t capacity = store->capacity ? store->capacity * 2 : FIRST_NODES;
	struct meaning_node *nodes;

	if (store->count >= store->limits.nodes) {
		store_fail(store, -E2BIG);
		return false;
	}
	nodes = realloc(store->nodes, sizeof(*nodes) * capacity);
	if (nodes)
		store->nodes = nodes;
	if (!nodes || !make_tables(store, capacity)) {
		store_fail(store, -ENOMEM);
		return false;
	}
	store->capacity = capacity;
	for (meaning_ref ref = 0; ref < store->count; ref++)
		insert(store, ref);
	return true;
}

struct meaning *meaning_new(struct meaning_limits limits)
{
	struct meaning *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->limits = limits;
	store->failed_at = SIZE_MAX;
	if (meaning_terminal(store, 0) != MEANING_FALSE ||
	    meaning_terminal(store, 1) != MEANING_TRUE) {
		meaning_free(store);
		return NULL;
	}
	return store;
}

void meaning_free(struct meaning *store)
{
	if (!store)
		return;
	free(store->nodes);
	free(store->buckets);
	free(store->cache);
	free(store);
}

int meaning_error(const struct meaning *store)
{
	return store->error;
}

size_t meaning_failed_at(const struct meaning *store)
{
	return store->failed_at;
}

bool meaning_has_many_verdicts(const struct meaning *store)
{
	return store->has_many_verdicts;
}

uint32_t meaning_node_count(const struct meaning *store)
{
	return store->count;
}

const struct meaning_node *meaning_at(const struct meaning *store, meaning_ref ref)
{
	return &store->nodes[ref];
}

/* The one node with these contents. */
static meaning_ref find_or_add(struct meaning *store, uint32_t variable,
			       meaning_ref low, meaning_ref high)
{
	uint32_t slot = hash_of(variable, low, high);

	if (store->count == store->capacity && !grow(store))
		return MEANING_FAILED;
	for (;; slot++) {
		meaning_ref ref = store->buckets[slot & store->bucket_mask];
		const struct meaning_node *node;

		if (ref == MEANING_FAILED)
			break;
		node = &store->nodes[ref];
		if (node->variable == variable && node->low == low &&
		    node->high == high)
			return ref;
	}
	if (store->count >= store->limits.nodes)
		return store_fail(store, -E2BIG);
	store->nodes[store->count] = (struct meaning_node){ variable, low, high };
	store->buckets[slot & store->bucket_mask] = store->count;
	return store->count++;
}

meaning_ref meaning_terminal(struct meaning *store, uint32_t value)
{
	return find_or_add(store, TERMINAL, value, value);
}

meaning_ref meaning_node(struct meaning *store, uint32_t variable, meaning_ref low,
			 meaning_ref high)
{
	if (low == high)
		return low;
	if (low == MEANING_FAILED || high == MEANING_FAILED)
		return MEANING_FAILED;
	return find_or_add(store, variable, low, high);
}

meaning_ref *store_memo(struct meaning *store)
{
	meaning_ref *memo = calloc(store->count ? store->count : 1, sizeof(*memo));

	if (!memo)
		store_fail(store, -ENOMEM);
	return memo;
}

/* Children stand before their parents, so one pass down finds what is used. */
meaning_ref store_copy(struct meaning *store, const struct meaning *from,
		       meaning_ref ref)
{
	bool *is_used = calloc((size_t)ref + 1, sizeof(*is_used));
	meaning_ref *copies = calloc((size_t)ref + 1, sizeof(*copies));
	meaning_ref result = MEANING_FAILED;

	if (!is_used || !copies) {
		free(is_used);
		free(copies);
		return store_fail(store, -ENOMEM);
	}
	is_used[ref] = true;
	for (meaning_ref i = ref + 1; i-- > 0;) {
		const struct meaning_node *node = &from->nodes[i];

		if (is_used[i] && node->variable != TERMINAL)
			is_used[node->low] = is_used[node->high] = true;
	}
	for (meaning_ref i = 0; i <= ref && !store->error; i++) {
		const struct meaning_node *node = &from->nodes[i];

		if (!is_used[i])
			continue;
		result = node->variable == TERMINAL
				 ? meaning_terminal(store, node->low)
				 : meaning_node(store, node->variable,
						copies[node->low], copies[node->high]);
		copies[i] = result;
	}
	free(is_used);
	free(copies);
	return result;
}
