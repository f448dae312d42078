// SPDX-License-Identifier: MIT
/*
 * One statement after another, in the order of the text: definitions become symbols,
 * rules and expects become lists of resolved items. Types of conditions are looked at
 * while lowering, in the same order.
 */
#include "policy/check.h"
#include "policy/value.h"

/* --- definitions ------------------------------------------------------------------ */

/* Of the groups and promises, or of the constants, that are there without a policy. */
static bool is_taken(struct str name, bool is_group)
{
	if (!is_group)
		return constant_by_name(name) != NULL;
	return group_by_name(name) || promise_by_name(name);
}

static void report_taken(struct checker *checker,
			 const struct syntax_statement *statement,
			 const struct symbol *first)
{
	const struct syntax_name *name = &statement->name;

	if (!first || first->span.length == 0)
		report_error(checker->report, "redefined", name->span,
			     "choose another name", "'%.*s' is known already",
			     STR_ARG(name->text));
	else if (report_error(checker->report, "redefined", name->span,
			      "choose another name", "'%.*s' is defined twice",
			      STR_ARG(name->text)))
		diag_note(checker->report->diagnostics, first->span,
			  "it is defined here first");
}

/* Names become known ahead of all, so that a use that comes too early can say so. */
static void declare(struct checker *checker, const struct syntax_statement *statement)
{
	bool is_group = statement->kind == STATEMENT_GROUP;
	struct symbol *symbol = symbol_find(&checker->symbols, statement->name.text);

	if (symbol || is_taken(statement->name.text, is_group)) {
		report_taken(checker, statement, symbol);
		return;
	}
	symbol = symbol_add(&checker->symbols, statement->name.text);
	if (!symbol)
		return;
	symbol->span = statement->name.span;
	if (is_group)
		symbol->set = call_set_new(checker->arena);
	else
		symbol->values =
			ARENA_ARRAY(checker->arena, struct define_value, abi_count());
}

static void declare_all(struct checker *checker,
			const struct syntax_statement *statements)
{
	for (const struct syntax_statement *at = statements; at; at = at->next) {
		if (at->kind == STATEMENT_DEFINE || at->kind == STATEMENT_GROUP)
			declare(checker, at);
		else if (at->kind == STATEMENT_BLOCK)
			declare_all(checker, at->body);
	}
}

/* The symbol that this statement declared; NULL when it was one too many. */
static struct symbol *declared(struct checker *checker,
			       const struct syntax_statement *statement)
{
	struct symbol *symbol = symbol_find(&checker->symbols, statement->name.text);

	if (!symbol || symbol->span.file != statement->name.span.file ||
	    symbol->span.offset != statement->name.span.offset)
		return NULL;
	return symbol;
}

/* A constant that some ABI lacks is an error only where it is used for that ABI. */
static void check_define(struct checker *checker,
			 const struct syntax_statement *statement, abi_mask abis)
{
	struct symbol *symbol = declared(checker, statement);

	if (!symbol || !symbol->values)
		return;
	symbol->is_broken = !statement->value;
	for (size_t i = 0; statement->value && i < abi_count(); i++) {
		struct value_scope scope = { checker->report, &checker->symbols,
					     abi_at(i) };
		struct define_value *value = &symbol->values[i];
		struct value_gap gap = { 0 };

		if (!(abis & abi_bit(scope.abi)))
			continue;
		value->known = value_try(&scope, statement->value, &value->value, &gap);
		value->missing = gap.constant;
		symbol->is_broken |= !value->known && !gap.constant;
	}
	symbol->is_defined = true;
}

static void check_group(struct checker *checker,
			const struct syntax_statement *statement)
{
	struct symbol *symbol = declared(checker, statement);

	if (!symbol || !symbol->set.words)
		return;
	symbol->is_broken =
		!statement->set || !resolve_set(checker, statement->set, symbol->set);
	symbol->is_defined = true;
}

/* --- rules ------------------------------------------------------------------------ */

static void warn_duplicate(struct checker *checker, const struct syntax_item *item,
			   uint32_t *rule, abi_mask *abis, abi_mask now)
{
	bool is_same_rule = *rule == checker->rule + 1;

	if (is_same_rule && (*abis & now) == now)
		report_warning(checker->report, "duplicate-item", item->span,
			       "drop one of them", "'%.*s' is in this rule already",
			       STR_ARG(item->name.text));
	*abis = is_same_rule ? *abis | now : now;
	*rule = checker->rule + 1;
}

/* A name twice in one rule; with conditions it may well be. */
static void check_duplicate(struct checker *checker, const struct syntax_item *item,
			    const struct resolved_item *resolved)
{
	if (item->condition)
		return;
	if (resolved->call) {
		size_t index = syscall_index(resolved->call);

		warn_duplicate(checker, item, &checker->stamps[index],
			       &checker->stamped[index], resolved->abis);
	} else if (resolved->set.words) {
		struct symbol *group = symbol_find(&checker->symbols, item->name.text);

		warn_duplicate(checker, item, &group->rule, &group->rule_abis,
			       resolved->abis);
	}
}

/* One item, or those of a promise. */
static struct resolved_item *check_item(struct checker *checker,
					const struct syntax_item *item,
					const struct syntax_condition *where,
					abi_mask abis)
{
	struct resolved_item *result;

	if (item->kind == ITEM_GROUP && promise_by_name(item->name.text))
		return resolve_promise(checker, item, where, abis);
	result = resolve_item(checker, item, abis);
	if (result)
		result->where = where;
	return result;
}

static struct resolved_item *check_items(struct checker *checker,
					 const struct syntax_statement *statement,
					 abi_mask abis)
{
	struct resolved_item *first = NULL, **tail = &first;
	bool is_rule = statement->kind == STATEMENT_RULE;

	for (const struct syntax_item *item = statement->items; item;
	     item = item->next) {
		/* An expect may ask about an ABI that the policy does not list. */
		bool is_anywhere = !is_rule && item->abi.text.ptr;

		*tail = check_item(checker, item, statement->where,
				   is_anywhere ? ~(abi_mask)0 : abis);
		if (*tail && is_rule && !(*tail)->is_promised) {
			check_duplicate(checker, item, *tail);
			resolve_warn_newer(checker, *tail);
		}
		while (*tail)
			tail = &(*tail)->next;
	}
	return first;
}

static void check_rule(struct checker *checker,
		       const struct syntax_statement *statement, abi_mask abis)
{
	struct resolved_rule *rule = ARENA_NEW(checker->arena, struct resolved_rule);

	if (!rule)
		return;
	rule->span = statement->span;
	check_action(checker, &statement->action, abis, &rule->verdicts);
	rule->verdict = check_first_verdict(checker, &rule->verdicts, abis);
	rule->items = check_items(checker, statement, abis);
	checker->rule++;
	*checker->rule_tail = rule;
	checker->rule_tail = &rule->next;
}

static void check_expect(struct checker *checker,
			 const struct syntax_statement *statement, abi_mask abis)
{
	struct resolved_expect *expect =
		ARENA_NEW(checker->arena, struct resolved_expect);

	if (!expect)
		return;
	if (statement->action.kind == ACTION_DENY)
		expect->kind = EXPECT_DENY;
	else if (statement->action.kind == ACTION_ALLOW)
		expect->kind = EXPECT_ALLOW;
	else
		check_action(checker, &statement->action, abis, &expect->verdicts);
	expect->items = check_items(checker, statement, abis);
	*checker->expect_tail = expect;
	checker->expect_tail = &expect->next;
}

/* --- all -------------------------------------------------------------------------- */

/* The ABIs of a block that are the policy's, and its parents'. */
static abi_mask block_abis(struct checker *checker,
			   const struct syntax_statement *statement, abi_mask around)
{
	abi_mask abis = 0;

	for (const struct syntax_names *at = statement->names; at; at = at->next) {
		const struct abi *abi = resolve_abi(checker, &at->name);

		if (!abi)
			continue;
		if (!(around & abi_bit(abi)) && !check_is_narrowed(checker))
			report_warning(checker->report, "abi-not-listed", at->name.span,
				       "add it to 'arch'",
				       "this never applies: %s is not an ABI here",
				       abi->name);
		abis |= abi_bit(abi);
	}
	return abis & around;
}

static void check_statements(struct checker *checker,
			     const struct syntax_statement *statements, abi_mask abis)
{
	const struct syntax_statement *at;

	for (at = statements; at && !report_is_full(checker->report); at = at->next) {
		if (checker->arena->failed)
			return;
		switch (at->kind) {
		case STATEMENT_DEFINE:
			check_define(checker, at, checker->abis);
			break;
		case STATEMENT_GROUP:
			check_group(checker, at);
			break;
		case STATEMENT_BLOCK:
			check_statements(checker, at->body,
					 block_abis(checker, at, abis));
			break;
		case STATEMENT_RULE:
			check_rule(checker, at, abis);
			break;
		case STATEMENT_EXPECT:
			check_expect(checker, at, abis);
			break;
		default: /* the settings were first */
			break;
		}
	}
}

void check_policy(struct checker *checker, const struct syntax_statement *statements)
{
	checker->symbols.arena = checker->arena;
	checker->rule_tail = &checker->rules;
	checker->expect_tail = &checker->expects;
	checker->stamps = ARENA_ARRAY(checker->arena, uint32_t, syscall_count());
	checker->stamped = ARENA_ARRAY(checker->arena, abi_mask, syscall_count());
	if (checker->arena->failed)
		return;
	check_settings(checker, statements);
	declare_all(checker, statements);
	check_statements(checker, statements, checker->abis);
}
