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
