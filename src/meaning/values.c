// SPDX-License-Identifier: MIT
/*
 * The values of a function, and where it takes one of them.
 */
#include "meaning/store.h"

#include <stdlib.h>

struct collection {
	const struct meaning *store;
	bool *seen; /* by node */
	uint32_t *values;
	size_t count, capacity;
};

/* False: there is no room for another value. */
static bool collect(struct collection *collection, meaning_ref ref)
{
	const struct meaning_node *node = meaning_at(collection->store, ref);

	if (collection->seen[ref])
		return true;
	collection->seen[ref] = true;
	if (node->variable != TERMINAL)
		return collect(collection, node->low) &&
		       collect(collection, node->high);
	if (collection->count == collection->capacity)
		return false;
	collection->values[collection->count++] = node->low;
	return true;
}

size_t meaning_values(struct meaning *store, meaning_ref a, uint32_t *ret_values,
		      size_t capacity)
{
	struct collection collection = {
		.store = store,
		.values = ret_values,
		.capacity = capacity,
	};
	bool all;

	if (a == MEANING_FAILED)
		return 0;
	if (meaning_is_terminal(store, a) && capacity) {
		ret_values[0] = meaning_at(store, a)->low;
		return 1;
	}
	collection.seen = calloc(store->count, sizeof(*collection.seen));
	if (!collection.seen) {
		store_fail(store, -ENOMEM);
		return 0;
	}
	all = collect(&collection, a);
	free(collection.seen);
	return all ? collection.count : capacity + 1;
}

static uint32_t is_value(void *context, uint32_t value)
{
	return value == *(const uint32_t *)context;
}

meaning_ref meaning_equals(struct meaning *store, meaning_ref a, uint32_t value)
{
	if (a != MEANING_FAILED && meaning_is_terminal(store, a))
		return meaning_at(store, a)->low == value ? MEANING_TRUE
							  : MEANING_FALSE;
	return meaning_map(store, a, is_value, &value);
}
