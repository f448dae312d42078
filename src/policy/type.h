/* SPDX-License-Identifier: MIT */
/*
 * Conditions of the tree, typed for one call of one ABI.
 */
#ifndef CALLGATE_POLICY_TYPE_H
#define CALLGATE_POLICY_TYPE_H

#include "policy/value.h"

struct typing {
	struct value_scope scope;
	struct arena *arena;	    /* for the result */
	const struct syscall *call; /* NULL: a number that has no name */
	struct prototype prototype;
	bool by_number; /* the rule names no call: argN is nobody's name */
	bool in_call;	/* of `expect`: what it says of a call needs no warning */
};

struct typing type_for(struct value_scope scope, struct arena *arena,
		       const struct syscall *call);

/* NULL, with a report, when it is in error (or memory is short). */
const struct policy_condition *type_condition(struct typing *typing,
					      const struct syntax_condition *condition);

/* A condition that always holds, at a place. */
const struct policy_condition *type_always(struct arena *arena,
					   struct callgate_span span);

/* Both hold; either may be NULL and then so is the result. */
const struct policy_condition *type_and(struct arena *arena,
					const struct policy_condition *left,
					const struct policy_condition *right);

#endif
