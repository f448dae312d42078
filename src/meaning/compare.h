/* SPDX-License-Identifier: MIT */
/* Two meanings, compared. */
#ifndef CALLGATE_MEANING_COMPARE_H
#define CALLGATE_MEANING_COMPARE_H

#include "meaning/meaning.h"

struct difference {
	struct callgate_difference said; /* texts live in the arena */
	struct buffer calls;		 /* what becomes said.calls */
	bool is_every;
};

struct differences {
	struct difference *items;
	size_t count, capacity;
};

/* `a` and `b` are normalized. */
enum callgate_relation compare_relation(struct meaning *store, meaning_ref a,
					meaning_ref b);

/*
 * Every call for which they differ belongs to one of the differences. Lists live in the
 * arena; differences_done() in any case. Returns 0; -E2BIG; -ENOMEM.
 */
int compare_meanings(struct meaning *store, meaning_ref a, meaning_ref b,
		     struct arena *arena, struct differences *ret_differences);
void differences_done(struct differences *differences);

#endif
