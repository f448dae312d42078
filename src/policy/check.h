/* SPDX-License-Identifier: MIT */
/*
 * Syntax tree → resolved rules: names are calls, ABIs and verdicts; conditions are
 * still syntax, since their types differ from call to call. settings.c looks at what
 * stands once for the whole policy, resolve.c at names, check.c at one statement after
 * another, and lower.c makes the policy of what they found.
 */
#ifndef CALLGATE_POLICY_CHECK_H
#define CALLGATE_POLICY_CHECK_H

#include "policy/symbols.h"

/* One bit for each abi->index. */
typedef uint32_t abi_mask;

static inline abi_mask abi_bit(const struct abi *abi)
{
	return (abi_mask)1 << abi->index;
}

/* Calls that a rule speaks of: one by name, one by number, or a set. */
struct resolved_item {
	struct callgate_span span;
	abi_mask abis;
	const struct syscall *call;		  /* or NULL */
	struct call_set set;			  /* words NULL: none */
	uint32_t number;			  /* when there is neither */
	uint32_t more;				  /* … and as many behind it */
	const struct syntax_condition *condition; /* or NULL */
	const struct syntax_condition *where;	  /* of its rule, or NULL */
	bool is_promised; /* of a promise: newer calls are left out as in a group */
	struct resolved_item *next;
};

/* What an action comes to, by abi->index: an error has a number on each ABI. */
struct verdicts {
	uint32_t on[ABI_MAX];
};

struct resolved_rule {
	uint32_t verdict; /* on the first of its ABIs; only errors differ on others */
	struct verdicts verdicts;
	struct callgate_span span;
	struct resolved_item *items;
	struct resolved_rule *next;
};

struct resolved_expect {
	enum expect_kind kind;
	struct verdicts verdicts;
	struct resolved_item *items;
	struct resolved_expect *next;
};

struct checker {
	struct callgate_policy *policy; /* its settings are filled in */
	const struct callgate_parse_options *options;
	struct report *report;
	struct arena *arena; /* of what goes when the policy is there */
	struct symbols symbols;
	abi_mask abis;	   /* of the policy */
	uint32_t rule;	   /* how many rules there were, for symbol.rule */
	uint32_t *stamps;  /* by syscall_index(): the last rule that names it, plus 1 */
	abi_mask *stamped; /* … for these ABIs */
	struct call_set multiplexers[ABI_MAX]; /* by abi->index, filled when needed */
	struct resolved_rule *rules, **rule_tail;
	struct resolved_expect *expects, **expect_tail;
};

/* The caller chose the ABIs: the policy's speaking of others is no mistake. */
static inline bool check_is_narrowed(const struct checker *checker)
{
	return checker->options->abis && checker->options->abis[0];
}

/* Fills policy, rules and expects, as far as nothing is wrong. */
void check_policy(struct checker *checker, const struct syntax_statement *statements);

/* resolved → policy->abis[].matches and the rest. */
void lower_policy(struct checker *checker);

/* The expects that an item of `expect` stands for. */
void lower_expect(struct checker *checker, const struct resolved_expect *expect);

/* --- settings.c ------------------------------------------------------------------- */

void check_settings(struct checker *checker, const struct syntax_statement *statements);
/* The verdicts of an action; false, with a report: it has none on one of these ABIs. */
bool check_action(struct checker *checker, const struct syntax_action *action,
		  abi_mask abis, struct verdicts *ret_verdicts);
/* The one on the first of the policy's ABIs that is among these. */
uint32_t check_first_verdict(const struct checker *checker,
			     const struct verdicts *verdicts, abi_mask abis);

/* --- resolve.c -------------------------------------------------------------------- */

/* NULL, with a report: there is no such ABI. */
const struct abi *resolve_abi(struct checker *checker, const struct syntax_name *name);
/* NULL: no such call; reported, unless `optional`. */
const struct syscall *resolve_call(struct checker *checker,
				   const struct syntax_name *name, bool optional);
/* NULL, with a report: no such group, or not here. */
struct symbol *resolve_group(struct checker *checker, const struct syntax_name *name);
/* Adds the calls of a set. Returns false, with a report, when a name is in error. */
bool resolve_set(struct checker *checker, const struct syntax_set *set,
		 struct call_set result);
/* NULL: nothing is left of it, with a report unless that is as asked. */
struct resolved_item *resolve_item(struct checker *checker,
				   const struct syntax_item *item, abi_mask abis);
/* Takes the ABIs away that an item with "ABI:" does not speak of; false: no such ABI. */
bool resolve_abis(struct checker *checker, const struct syntax_item *item,
		  abi_mask *abis);
/* Warns of a call that is named, though newer than the policy's `abi`. */
void resolve_warn_newer(struct checker *checker, const struct resolved_item *item);
/* Whether the ABI has the call, perhaps only through a multiplexer. */
bool resolve_has(const struct syscall *call, const struct abi *abi);

/* --- promise.c -------------------------------------------------------------------- */

/* The items that a promise of the rule stands for; NULL as with resolve_item(). */
struct resolved_item *resolve_promise(struct checker *checker,
				      const struct syntax_item *item,
				      const struct syntax_condition *where,
				      abi_mask abis);

#endif
