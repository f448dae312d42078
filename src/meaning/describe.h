/* SPDX-License-Identifier: MIT */
/* The inside of describe, for describe.c and solve.c. */
#ifndef CALLGATE_MEANING_DESCRIBE_H
#define CALLGATE_MEANING_DESCRIBE_H

#include "meaning/phrase.h"
#include "meaning/project.h"

/* A predicate that may be any between two: least implies most. */
struct bounds {
	meaning_ref least, most;
};

#define DESCRIBE_BUCKETS 1024u

struct described; /* a predicate and its phrase */

struct describer {
	struct meaning *store;
	struct phrase_book book;
	unsigned effort;	/* how many more alternatives may be tried */
	uint64_t explore_until; /* … until the store has taken so many steps */
	struct described *memo[DESCRIBE_BUCKETS];
};

/* True while there is effort left, and takes one. */
static inline bool describer_try(struct describer *describer)
{
	if (!describer->effort || describer->store->steps > describer->explore_until)
		return false;
	describer->effort--;
	return true;
}

/*
 * The cheapest phrase found for a predicate on one field. NULL when the store or the
 * arena has failed; too many cases for any form fail the store with -E2BIG.
 */
const struct phrase *solve_field(struct describer *describer, unsigned field,
				 struct bounds bounds);

#endif
