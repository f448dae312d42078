// SPDX-License-Identifier: MIT
/*
 * Which statement of a policy decided, by the language's own meaning rather than the
 * filter's.
 */
#include "callgate-explain.h"
#include "policy/policy.h"

struct callgate_explain_rule callgate_explain_rule(const struct callgate_policy *policy,
						   const struct seccomp_data *call)
{
	struct callgate_explain_rule result = { .rule = CALLGATE_NONE };
	uint32_t rule;

	result.verdict = policy_evaluate(policy, call, &rule);
	switch (rule) {
	case RULE_DEFAULT:
		result.kind = "default";
		result.span = policy->default_span;
		break;
	case RULE_UNKNOWN:
		result.kind = "unknown";
		result.span = policy->unknown_span;
		break;
	case RULE_BADARCH:
		result.kind = "badarch";
		result.span = policy->badarch_span;
		break;
	default:
		result.kind = "rule";
		result.rule = rule;
		result.span = policy->rules[rule].span;
	}
	return result;
}

struct callgate_explain_rule
callgate_explain_rule_at(const struct callgate_policy *policy, size_t rule)
{
	const struct policy_rule *at = &policy->rules[rule];

	return (struct callgate_explain_rule){ at->verdict, rule, "rule", at->span };
}

static void add_fields(const struct policy_condition *condition, uint64_t *bits)
{
	const struct policy_test *test = &condition->test;

	switch (condition->kind) {
	case CONDITION_ALWAYS:
	case CONDITION_NEVER:
		return;
	case CONDITION_TEST:
		bits[test->field] |= UINT64_MAX >> (64 - test->bits) & test->mask;
		return;
	case CONDITION_AND:
	case CONDITION_OR:
		add_fields(condition->right, bits);
		add_fields(condition->left, bits);
		return;
	case CONDITION_NOT:
		add_fields(condition->left, bits);
	}
}

_Static_assert(CALLGATE_EXPLAIN_FIELDS == FIELD_MAX, "the fields of a call");

void callgate_explain_fields(const struct callgate_policy *policy,
			     const struct seccomp_data *call,
			     uint64_t ret_bits[CALLGATE_EXPLAIN_FIELDS])
{
	uint32_t number = (uint32_t)call->nr;
	const struct policy_abi *table = policy_abi_of(policy, call->arch, number);

	for (size_t i = 0; i < FIELD_MAX; i++)
		ret_bits[i] = 0;
	for (size_t i = 0; table && i < table->count; i++) {
		const struct policy_match *match = &table->matches[i];

		if (number - match->number <= match->more)
			add_fields(match->condition, ret_bits);
	}
}

size_t callgate_explain_steps(const struct callgate_policy *policy,
			      const struct seccomp_data *call,
			      struct callgate_explain_step *ret_steps, size_t room)
{
	uint32_t number = (uint32_t)call->nr;
	const struct policy_abi *table = policy_abi_of(policy, call->arch, number);
	size_t count = 0;
	bool holds = false;

	for (size_t i = 0; table && i < table->count && !holds; i++) {
		const struct policy_match *match = &table->matches[i];
		const struct policy_rule *rule = &policy->rules[match->rule];

		if (number - match->number > match->more)
			continue;
		holds = condition_holds(match->condition, call);
		if (count < room)
			ret_steps[count] = (struct callgate_explain_step){
				match->rule, policy_match_verdict(policy, match),
				rule->span, holds
			};
		count++;
	}
	return count;
}
