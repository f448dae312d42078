/* SPDX-License-Identifier: MIT */
/*
 * A meaning laid out as the language sees it: by ABI, by number.
 *
 *	audit architecture ──┬─ an ABI's, perhaps x32's too ── numbers ── body
 *	                     └─ any other: one function for all of them
 *
 * A body is a function of arguments and instruction pointer alone.
 */
#ifndef CALLGATE_MEANING_SURVEY_H
#define CALLGATE_MEANING_SURVEY_H

#include "meaning/meaning.h"

struct numbers {
	uint32_t first, last;
	meaning_ref body;
};

/* Consecutive numbers, neighbours different unless other numbers lie between them. */
struct number_list {
	struct numbers *items;
	size_t count, capacity;
};

struct surveyed_abi {
	const struct abi *abi;
	struct number_list numbers; /* all of the ABI's */
};

struct survey {
	struct surveyed_abi abis[ABI_MAX]; /* every ABI that callgate knows */
	size_t abi_count;
	/* What architectures get that are none of theirs: a function of the number. */
	meaning_ref others;
	uint32_t other_arch; /* one of them */
	/* Another one, with a function of its own, and whether there is such a one. */
	bool has_stranger;
	uint32_t stranger_arch;
};

/*
 * Lists live in the arena. Returns 0; -E2BIG: some ABI has over SURVEY_MAX stretches of
 * numbers, or the store's error; -ENOMEM.
 */
int survey_take(struct meaning *store, meaning_ref meaning, struct arena *arena,
		struct survey *ret_survey);

#define SURVEY_MAX 4096u
#define ARCHES_MAX 256u /* stretches of architectures, likewise */

/* The numbers of one function of the number: all 2^32 of them. -E2BIG, -ENOMEM. */
int survey_numbers(struct meaning *store, meaning_ref function, struct arena *arena,
		   struct number_list *ret_numbers);
/* The part of a list that is the ABI's. */
int survey_clip(const struct number_list *numbers, const struct abi *abi,
		struct arena *arena, struct number_list *ret_numbers);
bool survey_same(const struct number_list *a, const struct number_list *b);

#endif
