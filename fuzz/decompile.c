// SPDX-License-Identifier: MIT
/*
 * Any bytes as a filter: the policy that it is decompiled to is one, and its filter
 * answers a call as the first one does. Input: see filters.h.
 */
#include "filters.h"

#include <errno.h>
#include <stdlib.h>

static void compile_again(const char *text, const struct callgate_filter *filter,
			  const struct seccomp_data *call)
{
	const struct callgate_compile_options fast = { .without_proof = true };
	struct callgate_policy *policy = NULL;
	struct callgate_filter *again = NULL;

	if (callgate_policy_parse(text, strlen(text), NULL, NULL, &policy))
		__builtin_trap();
	/* may be too long for one program, or for machines of both endiannesses */
	if (callgate_policy_compile(policy, &fast, NULL, &again) == 0 &&
	    answer_of(again, call) != answer_of(filter, call))
		__builtin_trap();
	callgate_filter_free(again);
	callgate_policy_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct seccomp_data call;
	struct callgate_filter *filter = call_and_filter(data, size, &call);
	char *text = NULL;
	int error = filter ? callgate_filter_decompile(filter, NULL, diagnostics, &text)
			   : 0;

	if (error == -EBADMSG ||
	    (error &&
	     !callgate_diagnostics_severity_count(diagnostics, CALLGATE_ERROR)))
		__builtin_trap();
	if (text)
		compile_again(text, filter, &call);
	free(text);
	callgate_filter_free(filter);
	callgate_diagnostics_free(diagnostics);
	return 0;
}
