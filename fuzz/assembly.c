// SPDX-License-Identifier: MIT
/*
 * Any text as assembly: what is assembled is printed, assembled again, and must be the
 * same program; what is not has been told why, at places that are in the text.
 */
#include "callgate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const struct callgate_diagnostics *diagnostics)
{
	if (!callgate_diagnostics_severity_count(diagnostics, CALLGATE_ERROR))
		__builtin_trap();
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++) {
		struct callgate_position position;

		if (callgate_diagnostics_position(
			    diagnostics, callgate_diagnostics_at(diagnostics, i)->span,
			    &position) &&
		    position.column > position.text_length + 1)
			__builtin_trap();
	}
}

static void assemble_again(const struct callgate_filter *filter)
{
	size_t count = callgate_filter_length(filter), length;
	struct callgate_filter *again = NULL;
	char *text;

	if (callgate_filter_print(filter, CALLGATE_FORMAT_ASM, NULL, &text, &length))
		return;
	if (callgate_filter_assemble(text, length, "again", NULL, &again) ||
	    callgate_filter_length(again) != count ||
	    memcmp(callgate_filter_program(again), callgate_filter_program(filter),
		   count * sizeof(struct sock_filter)) != 0)
		__builtin_trap();
	callgate_filter_free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_filter *filter = NULL;

	if (callgate_filter_assemble((const char *)data, size, "fuzz", diagnostics,
				     &filter) == 0)
		assemble_again(filter);
	else
		look_at(diagnostics);
	callgate_filter_free(filter);
	callgate_diagnostics_free(diagnostics);
	return 0;
}
