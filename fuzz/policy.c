// SPDX-License-Identifier: MIT
/*
 * Any bytes as a policy: parsed, its diagnostics looked at, and what is a short policy
 * compiled. A filter that is not proven equal to its policy is a finding.
 */
#include <errno.h>

#include "diagnostics.h"

#define COMPILE_MAX 1000 /* bytes of text: a compilation takes a thousand parses */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct callgate_parse_options options = { .name = "fuzz" };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	struct callgate_filter *filter = NULL;
	int error = callgate_policy_parse((const char *)data, size, &options,
					  diagnostics, &policy);

	if (error < 0 &&
	    callgate_diagnostics_severity_count(diagnostics, CALLGATE_ERROR) == 0)
		__builtin_trap();
	if (error == 0 && size <= COMPILE_MAX &&
	    callgate_policy_compile(policy, NULL, diagnostics, &filter) == -EBADMSG)
		__builtin_trap();
	look_at(diagnostics);
	callgate_filter_free(filter);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	return 0;
}
