// SPDX-License-Identifier: MIT
/*
 * Stacks where libdw was not at hand when this was built: the one frame that needs none.
 */
#include <errno.h>

#include "base/diag.h"
#include "explain/stack.h"

struct callgate_explain_unwinder {
	char unused;
};

bool callgate_explain_can_unwind(void)
{
	return false;
}

int callgate_explain_unwinder_new(struct callgate_explain_unwinder **ret_unwinder)
{
	*ret_unwinder = calloc(1, sizeof(**ret_unwinder));
	return *ret_unwinder ? 0 : -ENOMEM;
}

void callgate_explain_unwinder_free(struct callgate_explain_unwinder *unwinder)
{
	free(unwinder);
}

int callgate_explain_unwind(struct callgate_explain_unwinder *unwinder,
			    const struct callgate_explain_thread *thread,
			    struct callgate_explain_stack **ret_stack)
{
	struct stack_builder *builder = stack_new();
	struct callgate_explain_frame *frame;

	(void)unwinder;
	if (!builder)
		return -ENOMEM;
	frame = stack_push(builder);
	if (frame)
		frame->pc = thread->registers->pc;
	stack_note(builder, "built without libdw");
	return stack_finish(builder, ret_stack);
}

int callgate_explain_symbolize(struct callgate_explain_unwinder *unwinder, int pid,
			       const uint64_t *addresses, size_t count,
			       const struct callgate_explain_memory *memory,
			       struct callgate_explain_stack **ret_stack)
{
	struct stack_builder *builder = stack_new();

	(void)unwinder, (void)pid, (void)memory;
	if (!builder)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct callgate_explain_frame *frame = stack_push(builder);

		if (frame)
			frame->pc = addresses[i];
	}
	stack_note(builder, "no names: built without libdw");
	return stack_finish(builder, ret_stack);
}

int callgate_explain_core_read(int descriptor, struct callgate_diagnostics *diagnostics,
			       struct callgate_explain_core **ret_core)
{
	(void)descriptor, (void)ret_core;
	diag_error(diagnostics, "not-built", SPAN_NONE, "build callgate with libdw-dev",
		   "this callgate was built without libdw: it reads no core files");
	return -EOPNOTSUPP;
}

void callgate_explain_core_free(struct callgate_explain_core *core)
{
	(void)core;
}
