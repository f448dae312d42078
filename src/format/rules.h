/* SPDX-License-Identifier: MIT */
/* What a diagram says of one call's arguments, as rules of a profile. */
#ifndef CALLGATE_FORMAT_RULES_H
#define CALLGATE_FORMAT_RULES_H

#include "format/profile.h"
#include "meaning/meaning.h"

enum rules_outcome {
	RULES_DONE,
	RULES_POINTER, /* it looks at the instruction pointer */
	RULES_WIDE,    /* it compares 64 bits where the runtimes compare 32 */
	RULES_VERDICT, /* a verdict has no name, see `verdict` */
	RULES_MANY,    /* more than RULES_MAX, or memory ended */
};

#define RULES_MAX 4096

struct rules {
	struct meaning *store;
	struct arena *arena;
	uint32_t otherwise; /* the profile's default verdict */
	bool is_narrow;	    /* the call is on ABIs of 32 bits alone */
	struct profile_name *names;

	enum rules_outcome outcome;
	uint32_t verdict;
	struct profile_rule *first, **tail; /* the result; set tail to &first */
	size_t count;

	const struct profile_argument *path[PROFILE_ARGUMENTS];
	unsigned depth;
};

/* Appends the rules that `body`, a function of arguments alone, comes to. */
void rules_from_body(struct rules *rules, meaning_ref body);
/* One rule without conditions. */
void rules_add(struct rules *rules, uint32_t verdict);

#endif
