// SPDX-License-Identifier: MIT
/*
 * `expect` lines, asked of the program itself: it is lifted, cut down to the expected
 * call, and searched for a verdict that the line excludes. What the line does not say
 * of an argument ranges over every value, the upper half of a narrow one included.
 */
#include "bpf/expect.h"

#include <errno.h>

#include "data/call.h"

bool expect_met(const struct policy_expect *expect, uint32_t verdict)
{
	switch (expect->kind) {
	case EXPECT_ALLOW:
		return verdict_is_allow(verdict);
	case EXPECT_DENY:
		return !verdict_is_allow(verdict);
	default:
		return verdict_normalize(verdict) == verdict_normalize(expect->verdict);
	}
}

/* A value that no filter of ours returns: outside of what the expect describes. */
#define OUTSIDE 0x12345678u

struct inside {
	bool (*test)(void *context, uint32_t value);
	void *context;
};

static bool test_inside(void *context, uint32_t value)
{
	const struct inside *inside = context;

	return value != OUTSIDE && inside->test(inside->context, value);
}

int expect_find(struct meaning *store, meaning_ref meaning,
		const struct policy_expect *expect,
		bool (*test)(void *context, uint32_t value), void *context,
		struct seccomp_data *ret_call)
{
	struct inside inside = { test, context };
	meaning_ref of_arch, of_call, described;
	int found;

	of_arch = meaning_restrict(store, meaning, WORD_ARCH, expect->abi->audit_arch);
	of_call = meaning_restrict(store, of_arch, WORD_NR, expect->number);
	described = meaning_ite(store, meaning_condition(store, expect->condition),
				of_call, meaning_terminal(store, OUTSIDE));
	if (described == MEANING_FAILED)
		return meaning_error(store);
	found = meaning_example(store, described, test_inside, &inside, ret_call);
	ret_call->arch = expect->abi->audit_arch;
	ret_call->nr = (int)expect->number;
	return found;
}

static bool is_unmet(void *context, uint32_t value)
{
	return !expect_met(context, value);
}

static bool is_any(void *context, uint32_t value)
{
	(void)context;
	(void)value;
	return true;
}

static void report(const struct callgate_policy *policy,
		   const struct policy_expect *expect,
		   const struct bpf_program *program, const struct seccomp_data *call,
		   struct callgate_diagnostics *diagnostics)
{
	struct buffer text = { 0 }, got = { 0 };
	uint32_t rule;

	call_print(call, &text);
	verdict_print(bpf_run(program, call).value, expect->abi, &got);
	if (!text.failed && !got.failed) {
		diag_error(diagnostics, "expect-failed", expect->span, NULL,
			   "this does not hold: %s gets '%s'", text.data, got.data);
		policy_evaluate(policy, call, &rule);
		if (rule < policy->rule_count)
			diag_note(diagnostics, policy->rules[rule].span,
				  "decided here");
	}
	buffer_done(&text);
	buffer_done(&got);
}

static int check_one(struct meaning *store, meaning_ref meaning,
		     const struct callgate_policy *policy,
		     const struct policy_expect *expect,
		     const struct bpf_program *program,
		     struct callgate_diagnostics *diagnostics)
{
	struct policy_expect copy = *expect;
	struct seccomp_data call;
	int found = expect_find(store, meaning, expect, is_unmet, &copy, &call);

	if (found < 0)
		return found;
	if (found) {
		report(policy, expect, program, &call, diagnostics);
		return -EINVAL;
	}
	found = expect_find(store, meaning, expect, is_any, NULL, &call);
	if (found == 0) {
		diag_error(diagnostics, "expect-empty", expect->span,
			   "the conditions contradict each other",
			   "no call is as this line says");
		return -EINVAL;
	}
	return found < 0 ? found : 0;
}

int expect_check(struct meaning *store, meaning_ref meaning,
		 const struct callgate_policy *policy,
		 const struct bpf_program *program,
		 struct callgate_diagnostics *diagnostics)
{
	int result = 0;

	if (meaning == MEANING_FAILED)
		return meaning_error(store);
	for (size_t i = 0; i < policy->expect_count; i++) {
		int error = check_one(store, meaning, policy, &policy->expects[i],
				      program, diagnostics);

		if (error && error != -EINVAL)
			return error;
		result = error ? error : result;
	}
	return result;
}
