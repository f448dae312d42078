// SPDX-License-Identifier: MIT
/*
 * Resolved rules → the policy: for each ABI one match after another, conditions typed.
 *
 * i386 also reaches `socket` by socketcall(1, …), whose arguments lie in memory where
 * no filter sees them. A rule on `socket` without a condition therefore also matches
 * socketcall with that selector. One with a condition cannot: an allow rule then
 * does not extend, which is safe; for any other action the way around it is a warning.
 * The multiplexers of a group stand for the calls of the group that they carry.
 *
 * Members of a group that are newer than the policy's `abi` are unknown to it: a policy
 * does not change its meaning with the tables.
 */
#include <linux/seccomp.h>

#include "data/verdict.h"
#include "policy/check.h"
#include "policy/type.h"

/* One item of a rule or an expect, on one ABI. */
struct lowering {
	struct checker *checker;
	const struct abi *abi;
	const struct resolved_item *item;
	bool is_expect;
	bool extends; /* a denial: a way around it is worth a warning */
	void (*found)(struct lowering *lowering, uint32_t number,
		      const struct policy_condition *condition);
	uint32_t more; /* numbers behind the one found that match too */
	union {
		const struct resolved_rule *rule;
		const struct resolved_expect *expect;
	};
	struct policy_abi *table; /* of a rule */
};

/* --- conditions ------------------------------------------------------------------- */

static const struct policy_condition *lower_condition(struct lowering *lowering,
						      const struct syscall *call)
{
	struct checker *checker = lowering->checker;
	const struct resolved_item *item = lowering->item;
	struct arena *arena = &checker->policy->arena;
	const struct policy_condition *condition = NULL;
	struct typing typing;

	if (!item->condition && !item->where)
		return type_always(arena, item->span);
	typing = type_for((struct value_scope){ checker->report, &checker->symbols,
						lowering->abi },
			  arena, call);
	typing.in_call = lowering->is_expect;
	typing.by_number = !item->call && !item->set.words;
	if (item->condition)
		condition = type_condition(&typing, item->condition);
	if (!item->where)
		return condition;
	if (!item->condition)
		return type_condition(&typing, item->where);
	return type_and(arena, condition, type_condition(&typing, item->where));
}

static void found_call(struct lowering *lowering, const struct syscall *call,
		       uint32_t number)
{
	const struct policy_condition *condition = lower_condition(lowering, call);

	if (condition)
		lowering->found(lowering, number, condition);
}

/* --- multiplexers ----------------------------------------------------------------- */

/* The first argument of ipc has a version in its upper half. */
static uint64_t selector_mask(const struct syscall *multiplexer)
{
	return str_is(str_of(syscall_name(multiplexer)), "ipc") ? 0xffff : 0xffffffff;
}

static const struct policy_condition *
selector_condition(struct lowering *lowering, const struct syscall *multiplexer,
		   uint32_t selector)
{
	struct policy_condition *condition =
		ARENA_NEW(&lowering->checker->policy->arena, struct policy_condition);

	if (!condition)
		return NULL;
	condition->kind = CONDITION_TEST;
	condition->span = lowering->item->span;
	condition->test = (struct policy_test){
		.field = 0,
		.bits = 32,
		.operator= OPERATOR_EQ,
		.mask = selector_mask(multiplexer),
		.value = selector,
	};
	return condition;
}

static void warn_multiplexed(struct lowering *lowering, const struct syscall *call,
			     const struct syscall *multiplexer, bool is_only_way)
{
	struct report *report = lowering->checker->report;
	const char *hint = report_text(report,
				       "a rule without a condition covers both; "
				       "or deny %s:%s",
				       lowering->abi->name, syscall_name(multiplexer));

	if (lowering->is_expect || (!lowering->extends && !is_only_way))
		return;
	report_warning(
		report, "multiplexed", lowering->item->span, hint,
		"on %s '%s' is also made by '%s', whose arguments no filter sees: "
		"this condition does not reach it",
		lowering->abi->name, syscall_name(call), syscall_name(multiplexer));
}

static void lower_multiplexed(struct lowering *lowering, const struct syscall *call,
			      bool is_only_way)
{
	uint32_t selector, number;
	const struct syscall *multiplexer =
		syscall_multiplexer(call, lowering->abi, &selector);
	const struct policy_condition *condition;

	if (!multiplexer || !syscall_number(multiplexer, lowering->abi, &number))
		return;
	if (lowering->item->condition || lowering->item->where) {
		warn_multiplexed(lowering, call, multiplexer, is_only_way);
		return;
	}
	condition = selector_condition(lowering, multiplexer, selector);
	if (condition)
		lowering->found(lowering, number, condition);
}

/* --- calls ------------------------------------------------------------------------ */

static void lower_call(struct lowering *lowering, const struct syscall *call)
{
	uint32_t number;
	bool has_number = syscall_number(call, lowering->abi, &number);

	if (has_number)
		found_call(lowering, call, number);
	/* An expect asks about the call itself where there is one. */
	if (!has_number || !lowering->is_expect)
		lower_multiplexed(lowering, call, !has_number);
}

/* The calls that others of this ABI are carried by. */
static struct call_set find_multiplexers(struct checker *checker, const struct abi *abi)
{
	struct call_set *known = &checker->multiplexers[abi->index];
	uint32_t ignored;

	if (known->words)
		return *known;
	*known = call_set_new(checker->arena);
	for (size_t i = 0; known->words && i < syscall_count(); i++) {
		const struct syscall *multiplexer =
			syscall_multiplexer(syscall_at(i), abi, &ignored);

		if (multiplexer)
			call_set_add(*known, multiplexer);
	}
	return *known;
}

static void lower_members(struct lowering *lowering)
{
	struct checker *checker = lowering->checker;
	struct call_set set = lowering->item->set;
	struct call_set multiplexers = find_multiplexers(checker, lowering->abi);

	if (!multiplexers.words)
		return;
	for (size_t i = call_set_next(set, 0); i < syscall_count();
	     i = call_set_next(set, i + 1)) {
		const struct syscall *call = syscall_at(i);

		if (call_set_has(multiplexers, call) ||
		    syscall_since(call, lowering->abi) > checker->policy->version)
			continue;
		lower_call(lowering, call);
		if (checker->policy->arena.failed)
			return;
	}
}

/* The arguments of a range have no names. */
static void lower_numbers(struct lowering *lowering)
{
	const struct resolved_item *item = lowering->item;
	const struct syscall *call = NULL;

	if (item->more && lowering->is_expect)
		report_error(lowering->checker->report, "range-asked", item->span,
			     "ask about its first and its last number",
			     "an expect asks about one call, not a range");
	if (!item->more)
		call = syscall_by_number(lowering->abi, item->number);
	lowering->more = item->more;
	found_call(lowering, call, item->number);
	lowering->more = 0;
}

static void lower_item(struct lowering *lowering)
{
	const struct resolved_item *item = lowering->item;

	if (item->is_promised && item->call &&
	    syscall_since(item->call, lowering->abi) >
		    lowering->checker->policy->version)
		return;
	if (item->set.words)
		lower_members(lowering);
	else if (item->call)
		lower_call(lowering, item->call);
	else
		lower_numbers(lowering);
}

/* --- rules ------------------------------------------------------------------------ */

static void add_match(struct lowering *lowering, uint32_t number,
		      const struct policy_condition *condition)
{
	struct callgate_policy *policy = lowering->checker->policy;
	struct policy_abi *table = lowering->table;
	struct policy_match *match = ARENA_PUSH(&policy->arena, table->matches,
						table->count, table->capacity);
	uint32_t verdict = lowering->rule->verdicts.on[lowering->abi->index];

	if (match)
		*match = (struct policy_match){
			.rule = (uint32_t)policy->rule_count - 1,
			.number = number,
			.more = lowering->more,
			.own_errno = verdict == lowering->rule->verdict
					     ? 0
					     : verdict & SECCOMP_RET_DATA,
			.condition = condition,
			.span = lowering->item->span,
		};
}

static void lower_rule(struct checker *checker, const struct resolved_rule *rule)
{
	struct callgate_policy *policy = checker->policy;
	struct policy_rule *result =
		ARENA_PUSH(&policy->arena, policy->rules, policy->rule_count,
			   policy->rule_capacity);
	struct lowering lowering = {
		.checker = checker,
		.extends = !verdict_is_allow(rule->verdict),
		.found = add_match,
		.rule = rule,
	};

	if (!result)
		return;
	result->verdict = rule->verdict;
	result->span = rule->span;
	for (lowering.item = rule->items; lowering.item;
	     lowering.item = lowering.item->next) {
		for (size_t i = 0; i < policy->abi_count; i++) {
			lowering.table = &policy->abis[i];
			lowering.abi = lowering.table->abi;
			if (lowering.item->abis & abi_bit(lowering.abi))
				lower_item(&lowering);
		}
	}
}

/* --- expects ---------------------------------------------------------------------- */

static void add_expect(struct lowering *lowering, uint32_t number,
		       const struct policy_condition *condition)
{
	struct callgate_policy *policy = lowering->checker->policy;
	const struct syntax_condition *said = lowering->item->condition;
	struct policy_expect *expect =
		ARENA_PUSH(&policy->arena, policy->expects, policy->expect_count,
			   policy->expect_capacity);

	if (expect)
		*expect = (struct policy_expect){
			.kind = lowering->expect->kind,
			.verdict = lowering->expect->verdicts.on[lowering->abi->index],
			.abi = lowering->abi,
			.number = number,
			.condition = condition,
			.span = said ? span_join(lowering->item->span, said->span)
				     : lowering->item->span,
		};
}

/* Unless an error is why: then that was reported. */
static void report_nothing(struct checker *checker, const struct resolved_item *item)
{
	if (checker->report->errors == 0)
		report_error(
			checker->report, "nothing-to-ask", item->span,
			"what goes through socketcall or ipc is asked about without "
			"arguments, which no filter sees",
			"there is no such call to ask about");
}

void lower_expect(struct checker *checker, const struct resolved_expect *expect)
{
	struct lowering lowering = {
		.checker = checker,
		.is_expect = true,
		.found = add_expect,
		.expect = expect,
	};

	for (lowering.item = expect->items; lowering.item;
	     lowering.item = lowering.item->next) {
		size_t before = checker->policy->expect_count;

		for (size_t i = 0; i < abi_count(); i++) {
			lowering.abi = abi_at(i);
			if (lowering.item->abis & abi_bit(lowering.abi))
				lower_item(&lowering);
		}
		if (checker->policy->expect_count == before)
			report_nothing(checker, lowering.item);
	}
}

static bool is_over(const struct checker *checker)
{
	return report_is_full(checker->report) || checker->arena->failed ||
	       checker->policy->arena.failed;
}

void lower_policy(struct checker *checker)
{
	const struct resolved_rule *rule = checker->rules;
	const struct resolved_expect *expect = checker->expects;

	for (; rule && !is_over(checker); rule = rule->next)
		lower_rule(checker, rule);
	for (; expect && !is_over(checker); expect = expect->next)
		lower_expect(checker, expect);
}
