// SPDX-License-Identifier: MIT
/*
 * How much a checked policy holds, for those who report on it.
 *
 * Counts what was written: a rule over a group of forty calls is one rule.
 */
#include "policy/policy.h"

struct callgate_policy_counts
callgate_policy_count(const struct callgate_policy *policy)
{
	return (struct callgate_policy_counts){
		.rules = policy->rule_count,
		.expects = policy->expect_count,
		.abis = policy->abi_count,
	};
}

size_t callgate_policy_abi(const struct callgate_policy *policy, size_t index)
{
	return index < policy->abi_count ? policy->abis[index].abi->index
					 : CALLGATE_NONE;
}
