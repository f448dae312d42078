// SPDX-License-Identifier: MIT
/*
 * Predicates seen field by field.
 *
 * Operations recurse on the topmost variable and use the store's cache and budget, as
 * those of operate.c; the passes over one diagram visit each node once.
 */
#include "meaning/project.h"

#include <stdlib.h>

/* Variables of one field: its high word, then its low word. */
#define FIELD_BITS (2 * WORD_BITS)

static unsigned field_of_variable(uint32_t variable)
{
	return variable == TERMINAL
		       ? FIELD_MAX
		       : (variable - WORD_ARG0_HIGH * WORD_BITS) / FIELD_BITS;
}

static unsigned bit_of_variable(uint32_t variable)
{
	return FIELD_BITS - 1 - variable % FIELD_BITS;
}

unsigned project_field(const struct meaning *store, meaning_ref a)
{
	return field_of_variable(store->nodes[a].variable);
}

/* --- passes ------------------------------------------------------------------------
 */

struct visit {
	struct meaning *store;
	meaning_ref *seen;
	uint64_t *bits;	    /* of support */
	uint64_t zero, one; /* of fixed: bits that are 0 (1) somewhere */
	struct arena *arena;
	struct project_children *children;
	unsigned field;
};

static bool enter(struct visit *visit, meaning_ref ref)
{
	if (visit->seen[ref] || !store_step(visit->store))
		return false;
	visit->seen[ref] = 1;
	return true;
}

static void support_walk(struct visit *visit, meaning_ref ref)
{
	struct meaning_node node = visit->store->nodes[ref];

	if (node.variable == TERMINAL || !enter(visit, ref))
		return;
	visit->bits[field_of_variable(node.variable)] |=
		UINT64_C(1) << bit_of_variable(node.variable);
	support_walk(visit, node.low);
	support_walk(visit, node.high);
}

void project_support(struct meaning *store, meaning_ref a, uint64_t bits[FIELD_MAX])
{
	struct visit visit = { .store = store, .bits = bits };

	visit.seen = store_memo(store);
	if (visit.seen)
		support_walk(&visit, a);
	free(visit.seen);
}

static void children_walk(struct visit *visit, meaning_ref ref)
{
	struct meaning_node node = visit->store->nodes[ref];
	meaning_ref *place;

	if (!enter(visit, ref))
		return;
	if (field_of_variable(node.variable) == visit->field) {
		children_walk(visit, node.low);
		children_walk(visit, node.high);
		return;
	}
	place = ARENA_PUSH(visit->arena, visit->children->refs, visit->children->count,
			   visit->children->capacity);
	if (place)
		*place = ref;
}

void project_children(struct meaning *store, meaning_ref a, struct arena *arena,
		      struct project_children *children)
{
	struct visit visit = {
		.store = store,
		.arena = arena,
		.children = children,
		.field = project_field(store, a),
	};

	visit.seen = store_memo(store);
	if (visit.seen)
		children_walk(&visit, a);
	free(visit.seen);
}

/* The bits below one. */
static uint64_t below(unsigned bit)
{
	return bit == FIELD_BITS ? UINT64_MAX : (UINT64_C(1) << bit) - 1;
}

/* `above` is the bit of the node that led here, FIELD_BITS at the root. */
static void fixed_walk(struct visit *visit, meaning_ref ref, unsigned above)
{
	struct meaning_node node = visit->store->nodes[ref];
	unsigned bit = bit_of_variable(node.variable);
	uint64_t free_bits;

	if (ref == MEANING_FALSE)
		return;
	/* No node on this way tests the bits between the two. */
	free_bits = below(above) & ~(ref == MEANING_TRUE ? 0 : below(bit + 1));
	visit->zero |= free_bits;
	visit->one |= free_bits;
	if (ref == MEANING_TRUE || !enter(visit, ref))
		return;
	if (node.low != MEANING_FALSE)
		visit->zero |= UINT64_C(1) << bit;
	if (node.high != MEANING_FALSE)
		visit->one |= UINT64_C(1) << bit;
	fixed_walk(visit, node.low, bit);
	fixed_walk(visit, node.high, bit);
}

void project_fixed(struct meaning *store, meaning_ref a, uint64_t *ret_mask,
		   uint64_t *ret_value)
{
	struct visit visit = { .store = store };

	visit.seen = store_memo(store);
	if (visit.seen)
		fixed_walk(&visit, a, FIELD_BITS);
	free(visit.seen);
	*ret_mask = ~(visit.zero & visit.one);
	*ret_value = visit.one & *ret_mask;
}

/* --- operations --------------------------------------------------------------------
 */

meaning_ref project_exists(struct meaning *store, meaning_ref a, unsigned fields)
{
	struct meaning_node node;
	meaning_ref result, low, high;

	if (a == MEANING_FAILED)
		return a;
	node = store->nodes[a];
	/* Nothing from here on is in the set. */
	if (node.variable == TERMINAL || !(fields >> field_of_variable(node.variable)))
		return a;
	if (store_recall(store, a, fields, OPERATION_EXISTS, &result))
		return result;
	if (!store_step(store))
		return MEANING_FAILED;
	low = project_exists(store, node.low, fields);
	high = project_exists(store, node.high, fields);
	if (fields >> field_of_variable(node.variable) & 1)
		result = meaning_or(store, low, high);
	else
		result = meaning_node(store, node.variable, low, high);
	return store_remember(store, a, fields, OPERATION_EXISTS, result);
}

meaning_ref project_forall(struct meaning *store, meaning_ref a, unsigned fields)
{
	return meaning_not(store, project_exists(store, meaning_not(store, a), fields));
}

static meaning_ref select_in(struct meaning *store, meaning_ref a, meaning_ref child,
			     unsigned field)
{
	struct meaning_node node = store->nodes[a];
	meaning_ref result, low, high;

	if (field_of_variable(node.variable) != field)
		return a == child ? MEANING_TRUE : MEANING_FALSE;
	if (store_recall(store, a, child, OPERATION_SELECT, &result))
		return result;
	if (!store_step(store))
		return MEANING_FAILED;
	low = select_in(store, node.low, child, field);
	high = select_in(store, node.high, child, field);
	return store_remember(store, a, child, OPERATION_SELECT,
			      meaning_node(store, node.variable, low, high));
}

meaning_ref project_select(struct meaning *store, meaning_ref a, meaning_ref child)
{
	if (a == MEANING_FAILED || child == MEANING_FAILED)
		return MEANING_FAILED;
	return select_in(store, a, child, project_field(store, a));
}

/*
 * Where `care` rules out one side of a variable, the other side takes its place; what
 * `a` does not test is dropped from `care`.
 */
meaning_ref project_simplify(struct meaning *store, meaning_ref a, meaning_ref care)
{
	struct meaning_node node, mask;
	meaning_ref result;

	if (a == MEANING_FAILED || care == MEANING_FAILED)
		return MEANING_FAILED;
	node = store->nodes[a];
	mask = store->nodes[care];
	if (care == MEANING_TRUE || care == MEANING_FALSE || node.variable == TERMINAL)
		return a;
	if (store_recall(store, a, care, OPERATION_SIMPLIFY, &result))
		return result;
	if (!store_step(store))
		return MEANING_FAILED;
	if (mask.variable < node.variable)
		result = project_simplify(store, a,
					  meaning_or(store, mask.low, mask.high));
	else if (node.variable == mask.variable && mask.low == MEANING_FALSE)
		result = project_simplify(store, node.high, mask.high);
	else if (node.variable == mask.variable && mask.high == MEANING_FALSE)
		result = project_simplify(store, node.low, mask.low);
	else
		result = meaning_node(store, node.variable,
				      project_simplify(store, node.low,
						       node.variable == mask.variable
							       ? mask.low
							       : care),
				      project_simplify(store, node.high,
						       node.variable == mask.variable
							       ? mask.high
							       : care));
	return store_remember(store, a, care, OPERATION_SIMPLIFY, result);
}
