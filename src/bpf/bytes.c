// SPDX-License-Identifier: MIT
/*
 * Programs as bytes: what a file holds becomes a filter, or a clear refusal.
 *
 * Invariant: nothing is handed on but whole instructions, at most as many as the kernel
 * takes. Whether they are valid is not decided here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

bool callgate_bytes_are_program(const void *bytes, size_t size)
{
	size_t count = size / sizeof(struct sock_filter);
	struct sock_filter insn = { 0 };

	if (!size || size % sizeof(insn))
		return false;
	for (size_t i = 0; i < count; i++) {
		memcpy(&insn, (const char *)bytes + i * sizeof(insn), sizeof(insn));
		if (insn.code > 0xff)
			return false;
	}
	return BPF_CLASS(insn.code) == BPF_RET;
}

int callgate_filter_from_bytes(const void *bytes, size_t size,
			       struct callgate_diagnostics *diagnostics,
			       struct callgate_filter **ret_filter)
{
	size_t count = size / sizeof(struct sock_filter);
	struct sock_filter *program;
	int error;

	if (size % sizeof(*program) || !count || count > BPF_MAXINSNS) {
		diag_error(diagnostics, "not-a-program", SPAN_NONE,
			   "a raw filter is a sequence of struct sock_filter, 8 bytes "
			   "each",
			   "%zu bytes are not between 1 and %d whole instructions",
			   size, BPF_MAXINSNS);
		return -EINVAL;
	}
	program = malloc(size); /* aligned, unlike perhaps `bytes` */
	if (!program)
		return -ENOMEM;
	memcpy(program, bytes, size);
	error = callgate_filter_from_program(program, count, diagnostics, ret_filter);
	free(program);
	return error;
}
