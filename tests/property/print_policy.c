// SPDX-License-Identifier: MIT
/*
 * A policy as text in its language, for reports and for reading it back.
 */
#include "generate.h"

#include "data/verdict.h"

static const char *const operators[] = {
	[OPERATOR_EQ] = "==", [OPERATOR_NE] = "!=", [OPERATOR_LT] = "<",
	[OPERATOR_LE] = "<=", [OPERATOR_GT] = ">",  [OPERATOR_GE] = ">=",
};

static void print_value(const struct policy_test *test, struct buffer *ret_text)
{
	unsigned unused = 64u - test->bits;

	if (test->is_signed)
		buffer_printf(ret_text, "%lld",
			      (long long)(test->value << unused) >> unused);
	else
		buffer_printf(ret_text, "0x%llx", (unsigned long long)test->value);
}

static void print_test(const struct policy_test *test, struct buffer *ret_text)
{
	buffer_printf(ret_text, "%c%u(", test->is_signed ? 's' : 'u', test->bits);
	if (test->field == FIELD_IP)
		buffer_text(ret_text, "ip)");
	else
		buffer_printf(ret_text, "arg%u)", test->field);
	buffer_printf(ret_text, " & 0x%llx %s ", (unsigned long long)test->mask,
		      operators[test->operator]);
	print_value(test, ret_text);
}

static void print_condition(const struct policy_condition *condition,
			    struct buffer *ret_text)
{
	switch (condition->kind) {
	case CONDITION_ALWAYS:
		buffer_text(ret_text, "u64(arg0) >= 0");
		return;
	case CONDITION_NEVER:
		buffer_text(ret_text, "u64(arg0) < 0");
		return;
	case CONDITION_TEST:
		print_test(&condition->test, ret_text);
		return;
	case CONDITION_NOT:
		buffer_text(ret_text, "not (");
		print_condition(condition->left, ret_text);
		buffer_text(ret_text, ")");
		return;
	case CONDITION_AND:
	case CONDITION_OR:
		buffer_text(ret_text, "((");
		print_condition(condition->left, ret_text);
		buffer_text(ret_text,
			    condition->kind == CONDITION_AND ? ") and (" : ") or (");
		print_condition(condition->right, ret_text);
		buffer_text(ret_text, "))");
		return;
	}
}

/* The errno as a number: a name has another one on some ABIs. */
static void print_verdict(uint32_t verdict, struct buffer *ret_text)
{
	if ((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		buffer_printf(ret_text, "errno %u", verdict & SECCOMP_RET_DATA);
	else
		verdict_print(verdict, abi_native(), ret_text);
}

static void print_statement(const char *name, uint32_t verdict, struct buffer *ret_text)
{
	buffer_printf(ret_text, "%s ", name);
	print_verdict(verdict, ret_text);
	buffer_text(ret_text, "\n");
}

/* All matches of a rule have one condition. */
static void print_rule(const struct callgate_policy *policy, uint32_t rule,
		       struct buffer *ret_text)
{
	const struct policy_condition *condition = NULL;
	const char *separator = " ";

	print_verdict(policy->rules[rule].verdict, ret_text);
	for (size_t a = 0; a < policy->abi_count; a++) {
		const struct policy_abi *table = &policy->abis[a];

		for (size_t i = 0; i < table->count; i++) {
			if (table->matches[i].rule != rule)
				continue;
			condition = table->matches[i].condition;
			buffer_printf(ret_text, "%s%s:%u", separator, table->abi->name,
				      table->matches[i].number);
			separator = ", ";
		}
	}
	if (condition && condition->kind != CONDITION_ALWAYS) {
		buffer_text(ret_text, " where ");
		print_condition(condition, ret_text);
	}
	buffer_text(ret_text, "\n");
}

void print_policy(const struct callgate_policy *policy, struct buffer *ret_text)
{
	if (policy->has_unknown)
		buffer_printf(ret_text, "abi linux-%u.%u\n", policy->version / 256u,
			      policy->version % 256u);
	buffer_text(ret_text, "arch");
	for (size_t i = 0; i < policy->abi_count; i++)
		buffer_printf(ret_text, " %s", policy->abis[i].abi->name);
	buffer_text(ret_text, "\n");
	print_statement("default", policy->default_verdict, ret_text);
	print_statement("badarch", policy->badarch_verdict, ret_text);
	if (policy->has_unknown)
		print_statement("unknown", policy->unknown_verdict, ret_text);
	for (uint32_t rule = 0; rule < policy->rule_count; rule++)
		print_rule(policy, rule, ret_text);
}

void print_call(const struct seccomp_data *call, struct buffer *ret_text)
{
	const struct abi *abi = abi_of(call->arch, (uint32_t)call->nr);

	buffer_printf(ret_text, "%s:%d, arch 0x%x, ip 0x%llx", abi ? abi->name : "?",
		      call->nr, call->arch,
		      (unsigned long long)call->instruction_pointer);
	for (unsigned i = 0; i < 6; i++)
		buffer_printf(ret_text, "%s0x%llx", i ? ", " : " (",
			      (unsigned long long)call->args[i]);
	buffer_text(ret_text, ")");
}
