// SPDX-License-Identifier: MIT
/*
 * From a case to its filter.
 */
#include <stdio.h>

#include "audit/cases.h"
#include "audit/program.h"

#define LENGTH_MAX 256

static struct callgate_filter *compile(const struct audit_case *test,
				       struct callgate_diagnostics *diagnostics)
{
	const struct callgate_compile_options options = {
		.without_optimizer = test->is_naive,
	};
	struct callgate_filter *filter = NULL;
	struct callgate_policy *policy;

	if (callgate_policy_parse(test->policy, strlen(test->policy), NULL, diagnostics,
				  &policy))
		return NULL;
	callgate_policy_compile(policy, &options, diagnostics, &filter);
	callgate_policy_free(policy);
	return filter;
}

/* The table's programs end with the last instruction that is not empty. */
static struct callgate_filter *assemble(const struct audit_case *test,
					struct callgate_diagnostics *diagnostics)
{
	struct sock_filter program[LENGTH_MAX];
	struct callgate_filter *filter = NULL;
	size_t length = 0;

	if (test->make) {
		length = test->make(program);
	} else {
		memcpy(program, test->program, sizeof(test->program));
		for (size_t i = 0; i < sizeof(test->program) / sizeof(*program); i++)
			if (program[i].code)
				length = i + 1;
	}
	callgate_filter_from_program(program, length, diagnostics, &filter);
	return filter;
}

struct callgate_filter *audit_case_filter(const struct audit_case *test)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_filter *filter;

	if (test->policy)
		filter = compile(test, diagnostics);
	else
		filter = assemble(test, diagnostics);
	for (size_t i = 0; !filter && i < callgate_diagnostics_count(diagnostics); i++)
		fprintf(stderr, "%s: %s\n", test->name,
			callgate_diagnostics_at(diagnostics, i)->message);
	callgate_diagnostics_free(diagnostics);
	return filter;
}
