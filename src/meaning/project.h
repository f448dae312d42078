/* SPDX-License-Identifier: MIT */
/*
 * Predicates seen field by field, for describe: which bits they look at, what they say
 * of some fields whatever the others hold, how they go on below the first one.
 */
#ifndef CALLGATE_MEANING_PROJECT_H
#define CALLGATE_MEANING_PROJECT_H

#include "meaning/store.h"

/* Field of a variable below WORD_ARG0_HIGH; FIELD_MAX for a terminal. */
unsigned project_field(const struct meaning *store, meaning_ref a);

static inline uint32_t project_variable(unsigned field, unsigned bit)
{
	unsigned word = bit < WORD_BITS ? word_low(field) : word_high(field);

	return (word + 1) * WORD_BITS - 1 - bit % WORD_BITS;
}

/* The bits of each field that the diagram looks at are added to bits[]. */
void project_support(struct meaning *store, meaning_ref a, uint64_t bits[FIELD_MAX]);

/* Some (every) value of the fields makes it true; bit f stands for field f. */
meaning_ref project_exists(struct meaning *store, meaning_ref a, unsigned fields);
meaning_ref project_forall(struct meaning *store, meaning_ref a, unsigned fields);

/* What a diagram goes on with below its first field, in order of value. */
struct project_children {
	meaning_ref *refs;
	size_t count, capacity;
};

/* Adds them to a list in the arena. */
void project_children(struct meaning *store, meaning_ref a, struct arena *arena,
		      struct project_children *children);
/* Predicate: the values of the first field that lead to a child. */
meaning_ref project_select(struct meaning *store, meaning_ref a, meaning_ref child);

/* A smaller diagram, or the same, that agrees with `a` wherever `care` holds. */
meaning_ref project_simplify(struct meaning *store, meaning_ref a, meaning_ref care);

/* The bits that have one value wherever a predicate on one field holds; not FALSE. */
void project_fixed(struct meaning *store, meaning_ref a, uint64_t *ret_mask,
		   uint64_t *ret_value);

#endif
