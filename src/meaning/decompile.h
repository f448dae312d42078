/* SPDX-License-Identifier: MIT */
/*
 * The inside of decompile, for the decompile_*.c files.
 *
 *	diagram ──survey──► layout ──► cases of each call ──plan──► rules ──print──► text
 *	                                                └── for each default and version
 */
#ifndef CALLGATE_MEANING_DECOMPILE_H
#define CALLGATE_MEANING_DECOMPILE_H

#include "meaning/survey.h"
#include "policy/symbols.h"

/* A body gives one verdict in these cases, others in others. */
struct body_case {
	uint32_t verdict;
	const char *condition; /* NULL: always */
	size_t length;	       /* of the condition */
	size_t effort;	       /* to read it */
};

#define CASES_MAX 32u /* different verdicts of one call */

struct case_list {
	struct body_case items[CASES_MAX]; /* the hardest to read last */
	size_t count;
};

/* A call of a listed ABI that rules name. */
struct entry {
	bool is_named; /* else: there is none, or rules by number decide it */
	kernel_version since;
	meaning_ref body;
	const struct case_list *cases;

	/* For the default and version at hand: */
	size_t conditions; /* so many of the cases first … */
	size_t skipped;	   /* … but for this one: the fallback; or conditions */
	bool has_final;
	uint32_t final; /* … and then this, whatever the arguments are */
	unsigned abis;	/* which have the same: bits of listed ABIs, or ABIS_ALL */
};

#define ABIS_ALL UINT32_MAX

/* Numbers decided ahead of all names. */
struct by_number {
	const struct abi *abi;
	uint32_t first, last;
	const struct syscall *call; /* its name is shown, or NULL */
	const struct case_list *cases;
	bool is_open; /* the last case is left to `default` */
	struct by_number *next;
};

struct listed {
	const struct abi *abi;
	struct number_list numbers;
	struct entry *entries; /* by syscall_index() */
	bool by_number;	       /* all of it */
};

struct decompile {
	struct meaning *store;
	struct callgate_diagnostics *diagnostics;
	struct arena arena;
	meaning_ref meaning;
	struct survey survey;
	struct listed abis[ABI_MAX];
	size_t abi_count;
	const struct abi *badarch_like; /* or NULL */
	uint32_t badarch_verdict, unknown_verdict;
	struct by_number *by_number, **by_number_tail;
};

/* --- cases (decompile_cases.c) ----------------------------------------------------- */

/* Finds unknown_verdict, by_number and the entries. */
int decompile_sort(struct decompile *decompile);

/* --- plan (decompile_plan.c) ------------------------------------------------------- */

struct rule {
	unsigned abis; /* bits of listed ABIs, or ABIS_ALL */
	uint32_t verdict;
	const char *condition; /* or NULL */
	struct call_set calls; /* named one by one */
	uint64_t groups;       /* bits of group_at() */
	struct rule *next;
};

/* What the text says, for one choice of default and version. */
struct plan {
	struct decompile *decompile;
	struct arena *arena;
	uint32_t default_verdict;
	kernel_version version;
	struct by_number *multiplexers;	 /* ahead of `rules` */
	struct rule *rules, **rule_tail; /* in order */
};

/* -ENOMEM, -E2BIG. */
int plan_make(struct plan *plan);

/* --- print (decompile_print.c) ----------------------------------------------------- */

void plan_print(const struct plan *plan, struct buffer *ret_text);

#endif
