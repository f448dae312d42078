// SPDX-License-Identifier: MIT
/*
 * From a policy's text to a fenced process in one call.
 *
 * Nothing is loaded before the text is parsed, compiled and proven. No file is read.
 */
#include "os/os.h"

int callgate_confine(const char *text, struct callgate_diagnostics *diagnostics)
{
	const struct callgate_load_options all_threads = {
		.flags = SECCOMP_FILTER_FLAG_TSYNC,
	};
	struct callgate_policy *policy = NULL;
	struct callgate_filter *filter = NULL;
	int error;

	error = callgate_policy_parse(text, strlen(text), NULL, diagnostics, &policy);
	if (!error)
		error = callgate_policy_compile(policy, NULL, diagnostics, &filter);
	if (!error)
		error = callgate_filter_load(filter, &all_threads, diagnostics, NULL);
	callgate_filter_free(filter);
	callgate_policy_free(policy);
	return error;
}
