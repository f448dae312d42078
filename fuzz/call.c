// SPDX-License-Identifier: MIT
/*
 * Any text as a call, asked of a small filter: what is answered holds in the simulator,
 * what is not has been told why.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "callgate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char assembly[] = "ld [4]\njne #x86_64, other\nld [0]\n"
			       "jeq #x86_64:socket, socket\njge #100, no\nret allow\n"
			       "socket: ld [16]\njset #1, no\nret log\n"
			       "other: ret kill\nno: ret errno EPERM\n";

static void check(const struct callgate_filter *filter,
		  const struct callgate_answer *answer)
{
	if (callgate_filter_run(filter, &answer->call).value != answer->verdict.value)
		__builtin_trap();
	if (answer->depends && callgate_filter_run(filter, &answer->other_call).value !=
				       answer->other_verdict.value)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	char *text = strndup((const char *)data, size);
	struct callgate_filter *filter = NULL;
	struct callgate_answer answer;

	if (!diagnostics || !text ||
	    callgate_filter_assemble(assembly, sizeof(assembly) - 1, "filter", NULL,
				     &filter))
		__builtin_trap();
	if (callgate_policy_ask(NULL, filter, text, diagnostics, &answer) == 0)
		check(filter, &answer);
	else if (!callgate_diagnostics_severity_count(diagnostics, CALLGATE_ERROR))
		__builtin_trap();
	callgate_filter_free(filter);
	callgate_diagnostics_free(diagnostics);
	free(text);
	return 0;
}
