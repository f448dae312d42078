/* SPDX-License-Identifier: MIT */
/*
 * Where denied calls came from, each place once, with a count. A place has a number
 * that its stack makes; a glance finds it again without unwinding: the same call at the
 * same stack pointer, with the same return addresses where there were some. Both tables
 * are bounded: what comes after is counted together.
 */
#ifndef CALLGATE_CLI_RUN_PLACES_H
#define CALLGATE_CLI_RUN_PLACES_H

#include "callgate.h"

#define PLACES_MAX  10000
#define GLANCES_MAX 16384 /* a power of two */
#define SLOTS_MAX   64
#define WINDOW	    16384 /* bytes of a stack that a glance may take in */

struct place {
	uint64_t number, count;
	uint32_t verdict;
	size_t layer;
	struct callgate_span span; /* of the rule */
	char *call, *function;	   /* names, or NULL */
};

/* What is seen of a call without stopping its thread. */
struct glance {
	uint64_t key; /* of call, verdict, program counter and stack pointer; 0: none */
	uint64_t returns;	  /* of the words in these slots */
	uint32_t slots;		  /* how many */
	uint16_t slot[SLOTS_MAX]; /* bytes above the stack pointer */
	uint32_t place;
};

struct places {
	struct place *list;
	size_t count, capacity;
	uint64_t others;	/* denials at places that are not in the list */
	uint64_t total;		/* denials */
	struct glance *glances; /* by key modulo GLANCES_MAX, the last one stays */
};

void places_init(struct places *places);
void places_done(struct places *places);

/* Whether there may be a glance of this key, and how much of the stack it wants. */
size_t places_window(const struct places *places, uint64_t key);
/* NULL: it was not seen yet, or only long ago. `size` bytes of the stack are at hand. */
struct place *places_at_a_glance(struct places *places, uint64_t key,
				 const unsigned char *stack, size_t size);

/* A stack that was unwound: where its return addresses are. `width`: of a word. */
struct glanced {
	uint64_t key;
	const unsigned char *stack;
	size_t size, width;
	const uint64_t *returns; /* without the innermost, which is no word of it */
	size_t count;
};

/* Keeps it, if all return addresses are to be seen. */
void places_glanced(struct places *places, const struct glanced *glanced,
		    const struct place *place);

/* The place of this number; *ret_is_new: it was added now. NULL: there is no room. */
struct place *places_find(struct places *places, uint64_t number, bool *ret_is_new);

#endif
