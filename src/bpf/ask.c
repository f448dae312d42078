// SPDX-License-Identifier: MIT
/*
 * One call asked of a filter: the verdict with what is not said at 0, and whether other
 * values would change it. The program itself answers, run and lifted; the policy only
 * names the statement that decides.
 */
#include "bpf/filter.h"

#include <errno.h>

#include "bpf/expect.h"
#include "policy/call.h"

static bool is_any(void *context, uint32_t value)
{
	(void)context;
	(void)value;
	return true;
}

static bool is_other(void *context, uint32_t value)
{
	return verdict_normalize(value) != verdict_normalize(*(uint32_t *)context);
}

static struct callgate_span span_of(const struct callgate_policy *policy,
				    const struct seccomp_data *call)
{
	uint32_t rule;

	policy_evaluate(policy, call, &rule);
	switch (rule) {
	case RULE_DEFAULT:
		return policy->default_span;
	case RULE_UNKNOWN:
		return policy->unknown_span;
	case RULE_BADARCH:
		return policy->badarch_span;
	default:
		return policy->rules[rule].span;
	}
}

static struct callgate_verdict verdict_of(const struct callgate_policy *policy,
					  const struct callgate_filter *filter,
					  const struct seccomp_data *call)
{
	struct callgate_verdict verdict = callgate_filter_run(filter, call);

	if (policy)
		verdict.span = span_of(policy, call);
	return verdict;
}

/* Whatever the filter is: a call that the text describes. */
static int find_call(struct meaning *store, const struct policy_expect *described,
		     struct seccomp_data *ret_call)
{
	meaning_ref anything = meaning_terminal(store, 0);
	int found = anything == MEANING_FAILED ? meaning_error(store)
					       : expect_find(store, anything, described,
							     is_any, NULL, ret_call);

	return found == 0 ? -ENOENT : found < 0 ? found : 0;
}

/* Whether another call that the text describes gets another verdict. */
static int find_other(struct meaning *store, const struct callgate_filter *filter,
		      const struct policy_expect *described,
		      struct callgate_answer *answer)
{
	meaning_ref meaning =
		meaning_of_program(store, filter->program.code, filter->program.length,
				   filter->program.big_endian);

	if (meaning == MEANING_FAILED)
		return meaning_error(store);
	return expect_find(store, meaning, described, is_other, &answer->verdict.value,
			   &answer->other_call);
}

static int ask(struct meaning *store, const struct callgate_policy *policy,
	       const struct callgate_filter *filter,
	       const struct policy_expect *described,
	       struct callgate_answer *ret_answer)
{
	int found = find_call(store, described, &ret_answer->call);

	if (found)
		return found;
	ret_answer->verdict = verdict_of(policy, filter, &ret_answer->call);
	found = find_other(store, filter, described, ret_answer);
	if (found < 0)
		return found;
	ret_answer->depends = found;
	if (found)
		ret_answer->other_verdict =
			verdict_of(policy, filter, &ret_answer->other_call);
	return 0;
}

static int report(int error, struct callgate_span span,
		  struct callgate_diagnostics *diagnostics)
{
	if (error == -ENOENT) {
		diag_error(diagnostics, "empty-call", span,
			   "the conditions contradict each other",
			   "no call is as this says");
		return -EINVAL;
	}
	if (error == -E2BIG)
		diag_error(
			diagnostics, "too-complex", span, NULL,
			"the filter is too complex to answer for every call like this");
	return error;
}

struct callgate_verdict callgate_policy_judge(const struct callgate_policy *policy,
					      const struct seccomp_data *call)
{
	return (struct callgate_verdict){
		.value = policy_evaluate(policy, call, NULL),
		.span = span_of(policy, call),
	};
}

int callgate_policy_ask(const struct callgate_policy *policy,
			const struct callgate_filter *filter, const char *call,
			struct callgate_diagnostics *diagnostics,
			struct callgate_answer *ret_answer)
{
	struct meaning *store;
	struct policy_call parsed;
	int error = policy_call_parse(policy, call, diagnostics, &parsed);

	*ret_answer = (struct callgate_answer){ 0 };
	if (error)
		return error;
	store = meaning_new(MEANING_LIMITS);
	error = store ? ask(store, policy, filter,
			    &(struct policy_expect){ .abi = parsed.abi,
						     .number = parsed.number,
						     .condition = parsed.condition },
			    ret_answer)
		      : -ENOMEM;
	error = report(error, parsed.span, diagnostics);
	meaning_free(store);
	policy_call_done(&parsed);
	return error;
}
