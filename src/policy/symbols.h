/* SPDX-License-Identifier: MIT */
/*
 * What names mean in one policy: its defines and groups, and the kernel's groups.
 */
#ifndef CALLGATE_POLICY_SYMBOLS_H
#define CALLGATE_POLICY_SYMBOLS_H

#include "policy/report.h"
#include "policy/syntax.h"
#include "policy/wide.h"

/* A set of calls, one bit for each syscall_index(). */
struct call_set {
	uint64_t *words;
};

/* A define's value on one ABI. */
struct define_value {
	bool known;
	struct wide value;
	const char *missing; /* the constant that the ABI lacks, when not known */
};

struct symbol {
	struct str name;
	struct callgate_span
		span;	 /* of the name in its definition; file 0: the kernel's */
	bool is_defined; /* the definition has been passed */
	bool is_broken;	 /* it had an error: uses are silent */
	struct define_value *values; /* of a define, by abi->index; else NULL */
	struct call_set set;	     /* of a group */
	uint32_t rule;		     /* the last rule that names it, plus 1 */
	uint32_t rule_abis;	     /* … for these ABIs */
};

struct symbols {
	struct arena *arena;
	struct symbol **slots;
	size_t count, capacity;
};

/* The symbol, or NULL. */
struct symbol *symbol_find(const struct symbols *symbols, struct str name);
/* A new one; the name is not there yet. NULL when memory is short. */
struct symbol *symbol_add(struct symbols *symbols, struct str name);
/* The group of a name with its @: the policy's own or the kernel's; NULL: none. */
struct symbol *symbol_group(struct symbols *symbols, struct str name);

/* An empty set; its words are NULL when memory is short. */
struct call_set call_set_new(struct arena *arena);
void call_set_add(struct call_set set, const struct syscall *call);
bool call_set_has(struct call_set set, const struct syscall *call);
/* The index of the first member from `index` on; syscall_count() when none is left. */
size_t call_set_next(struct call_set set, size_t index);
/* left = left `operator` right. */
void call_set_combine(struct call_set left, enum set_operator operator,
		      struct call_set right);

#endif
