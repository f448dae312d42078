/* SPDX-License-Identifier: MIT */
/*
 * Where denied calls came from, each place once, with a count. A place has a number
 * that its stack makes; a glance, of the top of the stack alone, finds it again without
 * unwinding. Both tables are bounded: what comes after is counted together.
 */
#ifndef CALLGATE_CLI_RUN_PLACES_H
#define CALLGATE_CLI_RUN_PLACES_H

#include "callgate.h"

#define PLACES_MAX  10000
#define GLANCES_MAX 65536 /* a power of two */

struct place {
	uint64_t number, count;
	uint32_t verdict;
	size_t layer;
	struct callgate_span span; /* of the rule */
	char *call, *function;	   /* names, or NULL */
};

struct glance {
	uint64_t number; /* 0: none */
	uint32_t place;
};

struct places {
	struct place *list;
	size_t count, capacity;
	uint64_t others;	/* denials at places that are not in the list */
	uint64_t total;		/* denials */
	struct glance *glances; /* by number modulo GLANCES_MAX, the last one stays */
};

void places_init(struct places *places);
void places_done(struct places *places);

/* NULL: it was not seen yet, or only long ago. */
struct place *places_at_a_glance(struct places *places, uint64_t number);
void places_glanced(struct places *places, uint64_t number, const struct place *place);

/* The place of this number; *ret_is_new: it was added now. NULL: there is no room. */
struct place *places_find(struct places *places, uint64_t number, bool *ret_is_new);

#endif
