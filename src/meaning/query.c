// SPDX-License-Identifier: MIT
/*
 * Questions to a diagram: the verdict for one call, a call with a given verdict.
 */
#include "meaning/store.h"

#include <stdlib.h>

uint32_t meaning_evaluate(const struct meaning *store, meaning_ref a,
			  const struct seccomp_data *data)
{
	const struct meaning_node *node = meaning_at(store, a);

	while (node->variable != TERMINAL) {
		uint32_t word = word_get(data, node->variable / WORD_BITS);
		unsigned shift = WORD_BITS - 1 - node->variable % WORD_BITS;

		node = meaning_at(store, word >> shift & 1 ? node->high : node->low);
	}
	return node->low;
}

struct search {
	const struct meaning *store;
	bool (*test)(void *context, uint32_t value);
	void *context;
	bool *hopeless; /* no terminal below this node will do */
	struct seccomp_data *data;
};

static void set_bit(struct seccomp_data *data, uint32_t variable)
{
	unsigned word = variable / WORD_BITS;
	uint32_t bit = UINT32_C(1) << (WORD_BITS - 1 - variable % WORD_BITS);

	word_set(data, word, word_get(data, word) | bit);
}

/* Leaves the bits of the path in *data when it returns true; 0 is tried before 1. */
static bool find(struct search *search, meaning_ref ref)
{
	const struct meaning_node *node = meaning_at(search->store, ref);

	if (search->hopeless[ref])
		return false;
	if (node->variable == TERMINAL) {
		if (search->test(search->context, node->low))
			return true;
	} else {
		if (find(search, node->low))
			return true;
		if (find(search, node->high)) {
			set_bit(search->data, node->variable);
			return true;
		}
	}
	search->hopeless[ref] = true;
	return false;
}

int meaning_example(const struct meaning *store, meaning_ref a,
		    bool (*test)(void *context, uint32_t value), void *context,
		    struct seccomp_data *ret_data)
{
	struct search search = { store, test, context, NULL, ret_data };
	bool found;

	search.hopeless = calloc(store->count, sizeof(*search.hopeless));
	if (!search.hopeless)
		return -ENOMEM;
	*ret_data = (struct seccomp_data){ 0 };
	found = find(&search, a);
	free(search.hopeless);
	return found;
}
