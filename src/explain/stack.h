/* SPDX-License-Identifier: MIT */
/*
 * A stack while it is made, whoever unwinds: a process by unwind.c, a core by core.c.
 */
#ifndef CALLGATE_EXPLAIN_STACK_H
#define CALLGATE_EXPLAIN_STACK_H

#include "base/arena.h"
#include "callgate-explain.h"

struct stack_builder {
	struct callgate_explain_stack stack; /* first: free() gets its address */
	struct arena arena;
	struct callgate_explain_frame *frames; /* room for FRAMES_MAX */
};

/* NULL: no memory. */
struct stack_builder *stack_new(void);
/* The next frame, zeroed; NULL: there is no room, and the stack says so. */
struct callgate_explain_frame *stack_push(struct stack_builder *builder);
void stack_note(struct stack_builder *builder, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Finds the place; *ret_stack is then the caller's. -ENOMEM: it was freed. */
int stack_finish(struct stack_builder *builder,
		 struct callgate_explain_stack **ret_stack);

/* Whether a file is libc, the dynamic linker or the kernel's. */
bool module_is_system(const char *path);

#endif
