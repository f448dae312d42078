// SPDX-License-Identifier: MIT
/*
 * The language's meaning by the book, slow and plain: the reference that the decision
 * diagram and emitted programs are held against. It shares no code with them.
 */
#include "policy/policy.h"

static uint64_t field_of(const struct seccomp_data *data, uint8_t field)
{
	return field == FIELD_IP ? data->instruction_pointer : data->args[field];
}

/* The low `bits` of a value, in two's complement. */
static int64_t sign_extend(uint64_t value, unsigned bits)
{
	uint64_t sign = (uint64_t)1 << (bits - 1);

	return (int64_t)((value ^ sign) - sign);
}

static int compare(const struct policy_test *test, uint64_t left)
{
	uint64_t right = test->value;

	if (test->is_signed) {
		int64_t a = sign_extend(left, test->bits);
		int64_t b = sign_extend(right, test->bits);

		return (a > b) - (a < b);
	}
	return (left > right) - (left < right);
}

static bool test_holds(const struct policy_test *test, const struct seccomp_data *data)
{
	uint64_t used = UINT64_MAX >> (64 - test->bits);
	int order = compare(test, field_of(data, test->field) & used & test->mask);

	switch (test->operator) {
	case OPERATOR_EQ:
		return order == 0;
	case OPERATOR_NE:
		return order != 0;
	case OPERATOR_LT:
		return order < 0;
	case OPERATOR_LE:
		return order <= 0;
	case OPERATOR_GT:
		return order > 0;
	case OPERATOR_GE:
		return order >= 0;
	}
	return false;
}

bool condition_holds(const struct policy_condition *condition,
		     const struct seccomp_data *data)
{
	switch (condition->kind) {
	case CONDITION_ALWAYS:
		return true;
	case CONDITION_NEVER:
		return false;
	case CONDITION_TEST:
		return test_holds(&condition->test, data);
	case CONDITION_AND:
		return condition_holds(condition->left, data) &&
		       condition_holds(condition->right, data);
	case CONDITION_OR:
		return condition_holds(condition->left, data) ||
		       condition_holds(condition->right, data);
	case CONDITION_NOT:
		return !condition_holds(condition->left, data);
	}
	return false;
}

static const struct policy_abi *find_table(const struct callgate_policy *policy,
					   const struct abi *abi)
{
	for (size_t i = 0; abi && i < policy->abi_count; i++)
		if (policy->abis[i].abi == abi)
			return &policy->abis[i];
	return NULL;
}

const struct policy_abi *policy_abi_of(const struct callgate_policy *policy,
				       uint32_t audit_arch, uint32_t number)
{
	const struct policy_abi *table = find_table(policy, abi_of(audit_arch, number));

	return table ? table : find_table(policy, policy->badarch_like);
}

uint32_t policy_match_verdict(const struct callgate_policy *policy,
			      const struct policy_match *match)
{
	return match->own_errno ? SECCOMP_RET_ERRNO | match->own_errno
				: policy->rules[match->rule].verdict;
}

static bool is_known(const struct callgate_policy *policy, const struct abi *abi,
		     uint32_t number)
{
	const struct syscall *call = syscall_by_number(abi, number);

	return call && syscall_since(call, abi) <= policy->version;
}

uint32_t policy_fallback(const struct callgate_policy *policy, const struct abi *abi,
			 uint32_t number)
{
	const struct policy_abi *table = find_table(policy, abi);
	bool is_unknown = policy->has_unknown && !is_known(policy, abi, number);
	uint16_t own = 0;

	if (table)
		own = is_unknown ? table->unknown_errno : table->default_errno;
	if (own)
		return SECCOMP_RET_ERRNO | own;
	return is_unknown ? policy->unknown_verdict : policy->default_verdict;
}

static uint32_t fall_back(const struct callgate_policy *policy, const struct abi *abi,
			  uint32_t number, uint32_t *ret_rule)
{
	bool is_unknown = policy->has_unknown && !is_known(policy, abi, number);

	*ret_rule = is_unknown ? RULE_UNKNOWN : RULE_DEFAULT;
	return policy_fallback(policy, abi, number);
}

uint32_t policy_evaluate(const struct callgate_policy *policy,
			 const struct seccomp_data *data, uint32_t *ret_rule)
{
	uint32_t number = (uint32_t)data->nr, ignored;
	const struct policy_abi *table = policy_abi_of(policy, data->arch, number);

	if (!ret_rule)
		ret_rule = &ignored;
	if (!table) {
		*ret_rule = RULE_BADARCH;
		return policy->badarch_verdict;
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct policy_match *match = &table->matches[i];

		if (number - match->number > match->more ||
		    !condition_holds(match->condition, data))
			continue;
		*ret_rule = match->rule;
		return policy_match_verdict(policy, match);
	}
	return fall_back(policy, table->abi, number, ret_rule);
}
