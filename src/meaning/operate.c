// SPDX-License-Identifier: MIT
/*
 * Operations on diagrams: each recurses on the topmost variable of its operands,
 * remembers what it has done in the store's cache, and counts its steps.
 *
 * They go at most VARIABLE_MAX deep. A failed operand fails the result.
 */
#include "meaning/store.h"

#include <stdlib.h>

#include "data/verdict.h"

static uint32_t variable_of(const struct meaning *store, meaning_ref ref)
{
	return store->nodes[ref].variable;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static meaning_ref low_at(const struct meaning *store, meaning_ref ref,
			  uint32_t variable)
{
	const struct meaning_node *node = &store->nodes[ref];

	return node->variable == variable ? node->low : ref;
}

static meaning_ref high_at(const struct meaning *store, meaning_ref ref,
			   uint32_t variable)
{
	const struct meaning_node *node = &store->nodes[ref];

	return node->variable == variable ? node->high : ref;
}

meaning_ref meaning_ite(struct meaning *store, meaning_ref predicate, meaning_ref yes,
			meaning_ref no)
{
	uint32_t variable;
	meaning_ref result, low, high;

	if (predicate == MEANING_FAILED || yes == MEANING_FAILED ||
	    no == MEANING_FAILED)
		return MEANING_FAILED;
	if (predicate == MEANING_TRUE || yes == no)
		return yes;
	if (predicate == MEANING_FALSE)
		return no;
	if (yes == MEANING_TRUE && no == MEANING_FALSE)
		return predicate;
	if (store_recall(store, predicate, yes, no, &result))
		return result;
	if (!store_step(store))
		return MEANING_FAILED;
	variable = least(variable_of(store, predicate),
			 least(variable_of(store, yes), variable_of(store, no)));
	low = meaning_ite(store, low_at(store, predicate, variable),
			  low_at(store, yes, variable), low_at(store, no, variable));
	if (low == MEANING_FAILED)
		return MEANING_FAILED;
	high = meaning_ite(store, high_at(store, predicate, variable),
			   high_at(store, yes, variable), high_at(store, no, variable));
	return store_remember(store, predicate, yes, no,
			      meaning_node(store, variable, low, high));
}

meaning_ref meaning_and(struct meaning *store, meaning_ref a, meaning_ref b)
{
	return a < b ? meaning_ite(store, a, b, MEANING_FALSE)
		     : meaning_ite(store, b, a, MEANING_FALSE);
}

meaning_ref meaning_or(struct meaning *store, meaning_ref a, meaning_ref b)
{
	return a < b ? meaning_ite(store, a, MEANING_TRUE, b)
		     : meaning_ite(store, b, MEANING_TRUE, a);
}

meaning_ref meaning_not(struct meaning *store, meaning_ref a)
{
	return meaning_ite(store, a, MEANING_FALSE, MEANING_TRUE);
}

/* The terminal of a binary operation on two terminals. */
static meaning_ref combine(struct meaning *store, meaning_ref operation, meaning_ref a,
			   meaning_ref b)
{
	if (operation == OPERATION_DIFFER)
		return MEANING_TRUE; /* equal ones never come here */
	if (operation == OPERATION_JOIN)
		return meaning_terminal(store, verdict_lenient(store->nodes[a].low,
							       store->nodes[b].low));
	return meaning_terminal(store, verdict_precedence(store->nodes[a].low,
							  store->nodes[b].low));
}

static meaning_ref apply(struct meaning *store, meaning_ref operation, meaning_ref a,
			 meaning_ref b)
{
	uint32_t variable;
	meaning_ref result, low, high;

	if (a == MEANING_FAILED || b == MEANING_FAILED)
		return MEANING_FAILED;
	if (a == b)
		return operation == OPERATION_DIFFER ? MEANING_FALSE : a;
	variable = least(variable_of(store, a), variable_of(store, b));
	if (variable == TERMINAL)
		return combine(store, operation, a, b);
	if (store_recall(store, a, b, operation, &result))
		return result;
	if (!store_step(store))
		return MEANING_FAILED;
	low = apply(store, operation, low_at(store, a, variable),
		    low_at(store, b, variable));
	if (low == MEANING_FAILED)
		return MEANING_FAILED;
	high = apply(store, operation, high_at(store, a, variable),
		     high_at(store, b, variable));
	return store_remember(store, a, b, operation,
			      meaning_node(store, variable, low, high));
}

meaning_ref meaning_differ(struct meaning *store, meaning_ref a, meaning_ref b)
{
	return apply(store, OPERATION_DIFFER, a, b);
}

meaning_ref meaning_stack(struct meaning *store, meaning_ref newer, meaning_ref older)
{
	return apply(store, OPERATION_STACK, newer, older);
}

meaning_ref meaning_join(struct meaning *store, meaning_ref a, meaning_ref b)
{
	/* The order of operands is all that could tell the results apart. */
	return a < b ? apply(store, OPERATION_JOIN, a, b)
		     : apply(store, OPERATION_JOIN, b, a);
}

/* A pass over one diagram; memo[ref] is the result + 1, 0 where there is none yet. */
struct pass {
	struct meaning *store;
	meaning_ref *memo;
	uint32_t (*map)(void *context, uint32_t value);
	void *context;
	unsigned word; /* of restrict */
	uint32_t value;
};

static meaning_ref run_pass(struct pass *pass,
			    meaning_ref (*walk)(struct pass *pass, meaning_ref ref),
			    meaning_ref a)
{
	meaning_ref result;

	if (a == MEANING_FAILED)
		return a;
	pass->memo = store_memo(pass->store);
	if (!pass->memo)
		return MEANING_FAILED;
	result = walk(pass, a);
	free(pass->memo);
	return result;
}

static meaning_ref map_walk(struct pass *pass, meaning_ref ref)
{
	struct meaning_node node = pass->store->nodes[ref];
	meaning_ref result, low, high;

	if (pass->memo[ref])
		return pass->memo[ref] - 1;
	if (!store_step(pass->store))
		return MEANING_FAILED;
	if (node.variable == TERMINAL) {
		result = meaning_terminal(pass->store,
					  pass->map(pass->context, node.low));
	} else {
		low = map_walk(pass, node.low);
		high = low == MEANING_FAILED ? low : map_walk(pass, node.high);
		result = meaning_node(pass->store, node.variable, low, high);
	}
	pass->memo[ref] = result + 1;
	return result;
}

meaning_ref meaning_map(struct meaning *store, meaning_ref a,
			uint32_t (*map)(void *context, uint32_t value), void *context)
{
	struct pass pass = { .store = store, .map = map, .context = context };

	return run_pass(&pass, map_walk, a);
}

static meaning_ref restrict_walk(struct pass *pass, meaning_ref ref)
{
	struct meaning_node node = pass->store->nodes[ref];
	unsigned word = node.variable / WORD_BITS;
	meaning_ref result, low, high;

	if (word > pass->word)
		return ref;
	if (pass->memo[ref])
		return pass->memo[ref] - 1;
	if (!store_step(pass->store))
		return MEANING_FAILED;
	if (word == pass->word) {
		bool bit =
			pass->value >> (WORD_BITS - 1 - node.variable % WORD_BITS) & 1;

		result = restrict_walk(pass, bit ? node.high : node.low);
	} else {
		low = restrict_walk(pass, node.low);
		high = low == MEANING_FAILED ? low : restrict_walk(pass, node.high);
		result = meaning_node(pass->store, node.variable, low, high);
	}
	pass->memo[ref] = result + 1;
	return result;
}

meaning_ref meaning_restrict(struct meaning *store, meaning_ref a, unsigned word,
			     uint32_t value)
{
	struct pass pass = { .store = store, .word = word, .value = value };

	return run_pass(&pass, restrict_walk, a);
}

static uint32_t normalize(void *context, uint32_t value)
{
	(void)context;
	return verdict_normalize(value);
}

meaning_ref meaning_normalize(struct meaning *store, meaning_ref a)
{
	return meaning_map(store, a, normalize, NULL);
}
