// SPDX-License-Identifier: MIT
/*
 * Any bytes as a filter: what a survey says of calls must hold in the simulator, as must
 * the steps of a trace.
 *
 * Input: struct seccomp_data, then struct sock_filter after struct sock_filter.
 */
#include "bpf/bpf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LENGTH_MAX 64 /* instructions: the budget of a survey is seconds */

static void count_step(void *context, const struct callgate_step *step)
{
	if (step->at >= BPF_MAXINSNS)
		__builtin_trap();
	++*(uint32_t *)context;
}

static bool is_among(uint32_t verdict, const struct callgate_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (cases[i].verdict == verdict)
			return true;
	}
	return count == CALLGATE_CASES_MAX;
}

/* One call: `call` with this number. */
static void check_call(const struct callgate_survey *survey,
		       const struct callgate_filter *filter, size_t abi,
		       const struct seccomp_data *call)
{
	const struct callgate_case *cases;
	size_t count = callgate_survey_cases(survey, abi, (uint32_t)call->nr, &cases);
	uint32_t steps = 0, whole;
	struct callgate_verdict verdict =
		callgate_filter_trace(filter, call, count_step, &steps);
	uint32_t value = verdict_normalize(verdict.value);

	if (steps != verdict.executed)
		__builtin_trap();
	if (count && !is_among(value, cases, count))
		__builtin_trap();
	if (callgate_survey_uniform(survey, abi, &whole) && whole != value)
		__builtin_trap();
	if (!count && callgate_survey_unknown(survey, abi, &whole) && whole != value)
		__builtin_trap();
}

static void check(const struct callgate_survey *survey,
		  const struct callgate_filter *filter, struct seccomp_data call)
{
	for (size_t abi = 0; abi < callgate_abi_count(); abi++) {
		struct callgate_abi facts;

		callgate_abi_at(abi, &facts);
		call.arch = facts.audit_arch;
		for (uint32_t i = 0; i < 1024; i++) {
			call.nr = (int)(abi_at(abi)->number_base + i);
			if (callgate_abi_of(call.arch, (uint32_t)call.nr) == abi)
				check_call(survey, filter, abi, &call);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callgate_survey *survey;
	struct callgate_filter *filter;
	struct seccomp_data call;

	if (size < sizeof(call) ||
	    size > sizeof(call) + LENGTH_MAX * sizeof(struct sock_filter))
		return 0;
	memcpy(&call, data, sizeof(call));
	if (callgate_filter_from_bytes(data + sizeof(call), size - sizeof(call),
				       CALLGATE_ENDIAN_AUTO, NULL, &filter))
		return 0;
	if (callgate_filter_survey(filter, NULL, &survey) == 0)
		check(survey, filter, call);
	callgate_survey_free(survey);
	callgate_filter_free(filter);
	return 0;
}
