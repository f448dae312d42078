/* SPDX-License-Identifier: MIT */
/*
 * What a value of the tree is on one ABI.
 */
#ifndef CALLGATE_POLICY_VALUE_H
#define CALLGATE_POLICY_VALUE_H

#include "policy/symbols.h"

struct value_scope {
	struct report *report;
	const struct symbols *symbols;
	const struct abi *abi;
};

/* What the ABI has no value for. */
struct value_gap {
	const char *constant; /* NULL: nothing is missing */
	struct callgate_span span;
};

/*
 * False: there is none. Either that was reported, or the ABI lacks a constant, which is
 * then in *ret_gap: an error where the value is used, not where it is defined.
 */
bool value_try(const struct value_scope *scope, const struct syntax_value *value,
	       struct wide *ret_value, struct value_gap *ret_gap);

/* The same; a missing constant is reported. */
bool value_evaluate(const struct value_scope *scope, const struct syntax_value *value,
		    struct wide *ret_value);

/* Reports a name that is used ahead of its definition. */
void value_report_early(struct report *report, const struct symbol *symbol,
			struct callgate_span span);

#endif
