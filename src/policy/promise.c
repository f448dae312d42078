// SPDX-License-Identifier: MIT
/*
 * Promises → the items that they stand for.
 *
 *     allow @rpath    allow openat(…), … where …, and so on, at the place of "@rpath"
 *
 * A promise's text is read as any policy is, for each use anew. Its places are in no
 * file: items have the place of the promise that brings them, and that is where their
 * problems are reported. It has none on any ABI, which is a test.
 */
#include "policy/check.h"
#include "policy/parse.h"

struct expansion {
	struct checker *checker;
	struct callgate_span span; /* of the promise's name */
	struct resolved_item *first, **tail;
};

static struct syntax_statement *parse_promise(struct checker *checker,
					      const struct promise *promise)
{
	struct sources sources = { .report = checker->report };
	struct parse_context context = {
		.report = checker->report,
		.arena = checker->arena,
		.sources = &sources,
	};
	struct source source = {
		.name = promise_name(promise),
		.text = str_of(promise_text(promise)),
	};

	return parse_policy(&context, &source);
}

static void expand_rule(struct expansion *expansion,
			const struct syntax_statement *rule, abi_mask abis)
{
	for (const struct syntax_item *item = rule->items; item; item = item->next) {
		struct resolved_item *resolved =
			resolve_item(expansion->checker, item, abis);

		if (!resolved)
			continue;
		resolved->span = expansion->span;
		resolved->where = rule->where;
		resolved->is_promised = true;
		*expansion->tail = resolved;
		expansion->tail = &resolved->next;
	}
}

/* A block's ABIs, of which the policy need not have any. */
static abi_mask narrow(const struct syntax_statement *block, abi_mask abis)
{
	abi_mask named = 0;

	for (const struct syntax_names *at = block->names; at; at = at->next)
		named |= abi_bit(abi_by_name(at->name.text));
	return abis & named;
}

/* Blocks hold rules alone. */
static void expand(struct expansion *expansion,
		   const struct syntax_statement *statements, abi_mask abis)
{
	const struct syntax_statement *at, *rule;

	for (at = statements; at; at = at->next) {
		abi_mask within = at->kind == STATEMENT_BLOCK ? narrow(at, abis) : 0;

		if (at->kind == STATEMENT_RULE)
			expand_rule(expansion, at, abis);
		for (rule = at->body; within && rule; rule = rule->next)
			expand_rule(expansion, rule, within);
	}
}

struct resolved_item *resolve_promise(struct checker *checker,
				      const struct syntax_item *item,
				      const struct syntax_condition *where,
				      abi_mask abis)
{
	const struct promise *promise = promise_by_name(item->name.text);
	struct expansion expansion = { .checker = checker, .span = item->span };

	if (item->condition || where) {
		report_error(checker->report, "promise-condition", item->span,
			     "write a rule of its own for it, and one for the calls "
			     "with conditions",
			     "'%s' is a promise: its calls have conditions already",
			     promise_name(promise));
		return NULL;
	}
	if (!resolve_abis(checker, item, &abis) || !abis)
		return NULL;
	expansion.tail = &expansion.first;
	expand(&expansion, parse_promise(checker, promise), abis);
	return expansion.first;
}
