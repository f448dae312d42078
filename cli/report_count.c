// SPDX-License-Identifier: MIT
/*
 * The figures of a report: what becomes of calls, and what they cost. Prints nothing.
 */
#include "report.h"

#include <stdlib.h>

#include "cli.h"

const struct fate_words fate_words[FATE_COUNT] = {
	[FATE_ALLOWED] = { "allowed", "allowed", "whatever their arguments" },
	[FATE_LOGGED] = { "logged", "logged", "as allowed, and told in the audit log" },
	[FATE_DEPENDS] = { "depends", "depend on arguments",
			   "allowed with some arguments, refused with others" },
	[FATE_HANDLED] = { "handled", "handed on",
			   "to a supervisor, a tracer or a signal handler" },
	[FATE_DENIED] = { "denied", "refused", "with an error to the program" },
	[FATE_KILLED] = { "killed", "killed", "the program ends" },
};

static enum fate fate_of(uint32_t verdict)
{
	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return FATE_ALLOWED;
	case SECCOMP_RET_LOG:
		return FATE_LOGGED;
	case SECCOMP_RET_ERRNO:
		return FATE_DENIED;
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return FATE_HANDLED;
	default:
		return FATE_KILLED;
	}
}

enum fate report_fate(const struct callgate_survey *survey, size_t abi, uint32_t number)
{
	const struct callgate_case *cases;
	size_t count = callgate_survey_cases(survey, abi, number, &cases);
	enum fate first;

	if (!count)
		return FATE_KILLED;
	first = fate_of(cases[0].verdict); /* the most lenient */
	if (callgate_verdict_allows(cases[0].verdict) !=
	    callgate_verdict_allows(cases[count - 1].verdict))
		return FATE_DEPENDS;
	/* all let it through or none does */
	return first == FATE_ALLOWED && count > 1 ? FATE_LOGGED : first;
}

static double mean(double sum, size_t count)
{
	return count ? sum / (double)count : 0;
}

struct report_count report_count(const struct report_filter *filter, size_t abi)
{
	struct report_count count = { 0 };
	size_t allowed = 0, rest = 0;
	struct callgate_abi facts;
	struct callgate_syscall call;

	if (!callgate_abi_at(abi, &facts))
		return count;
	for (size_t i = 0; i < callgate_syscall_count(); i++) {
		struct seccomp_data data = { .arch = facts.audit_arch };
		struct callgate_verdict verdict;

		if (!callgate_syscall_on(i, abi, &call))
			continue;
		data.nr = (int)call.number;
		verdict = callgate_filter_run(filter->filter, &data);
		count.calls++;
		count.fates[report_fate(filter->survey, abi, call.number)]++;
		count.cached += verdict.cached;
		if (verdict.executed > count.worst)
			count.worst = verdict.executed;
		if (verdict.cached)
			continue;
		if (callgate_verdict_allows(verdict.value)) {
			count.allowed += verdict.executed;
			allowed++;
		} else {
			count.rest += verdict.executed;
			rest++;
		}
	}
	count.allowed = mean(count.allowed, allowed);
	count.rest = mean(count.rest, rest);
	return count;
}

size_t *report_partition(void)
{
	size_t *groups = cli_need(calloc(callgate_syscall_count(), sizeof(*groups)));

	for (size_t i = 0; i < callgate_syscall_count(); i++)
		groups[i] = CALLGATE_NONE;
	for (size_t group = 0; group < callgate_group_count(); group++) {
		size_t size = callgate_group_size(group);

		/* a group of everything sorts nothing */
		for (size_t i = 0; size < callgate_syscall_count() && i < size; i++) {
			size_t *place = &groups[callgate_group_member(group, i)];

			if (*place == CALLGATE_NONE ||
			    size < callgate_group_size(*place))
				*place = group;
		}
	}
	return groups;
}
