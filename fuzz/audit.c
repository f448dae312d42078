// SPDX-License-Identifier: MIT
/*
 * Audits of whatever the kernel's checker accepts: nothing crashes, and what is said of a
 * call is what the program answers for it.
 */
#include <string.h>

#include "callgate.h"
#include "data/verdict.h"

#define LENGTH_MAX 256

static void check(const struct callgate_filter *filter,
		  const struct callgate_finding *finding)
{
	if (finding->has_call &&
	    verdict_normalize(callgate_filter_run(filter, &finding->call).value) !=
		    finding->verdict)
		__builtin_trap();
	if (!finding->message || !finding->reason || !finding->mend)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sock_filter code[LENGTH_MAX];
	struct callgate_filter *filter;
	struct callgate_audit *audit;
	size_t length = size / sizeof(code[0]);

	if (length > LENGTH_MAX)
		return 0;
	memcpy(code, data, length * sizeof(code[0]));
	if (callgate_filter_from_program(code, length, NULL, &filter) < 0)
		return 0;
	if (callgate_filter_audit(filter, NULL, &audit) == 0) {
		for (size_t i = 0; i < callgate_audit_count(audit); i++)
			check(filter, callgate_audit_at(audit, i));
		callgate_audit_free(audit);
	}
	callgate_filter_free(filter);
	return 0;
}
