// SPDX-License-Identifier: MIT
/*
 * Stacks as results, and which place of a program a stack is.
 */
#include "explain/stack.h"

#include <errno.h>
#include <stdarg.h>

#include "base/buffer.h"

struct stack_builder *stack_new(void)
{
	struct stack_builder *builder = calloc(1, sizeof(*builder));

	if (!builder)
		return NULL;
	arena_init(&builder->arena, ARENA_DEFAULT_LIMIT);
	builder->frames = ARENA_ARRAY(&builder->arena, struct callgate_explain_frame,
				      CALLGATE_EXPLAIN_FRAMES_MAX);
	builder->stack.frames = builder->frames;
	return builder;
}

struct callgate_explain_frame *stack_push(struct stack_builder *builder)
{
	if (!builder->frames)
		return NULL;
	if (builder->stack.count == CALLGATE_EXPLAIN_FRAMES_MAX) {
		stack_note(builder, "there are more frames");
		return NULL;
	}
	return &builder->frames[builder->stack.count++];
}

void stack_note(struct stack_builder *builder, const char *format, ...)
{
	struct buffer text = { 0 };
	va_list arguments;

	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	if (text.failed)
		builder->arena.failed = true;
	else
		builder->stack.note = arena_copy(&builder->arena,
						 (struct str){ text.data, text.len });
	buffer_done(&text);
}

bool module_is_system(const char *path)
{
	static const char *const beginnings[] = {
		"libc.so", "libc-2.", "libpthread", "ld-linux", "ld-2.",     "ld64.so",
		"ld-musl", "ld.so",   "libc.musl",  "[vdso",	"[vsyscall",
	};
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;

	for (size_t i = 0; name && i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static size_t find_place(const struct callgate_explain_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		if (!stack->frames[i].is_system)
			return i;
	return stack->count ? 0 : CALLGATE_NONE;
}

int stack_finish(struct stack_builder *builder,
		 struct callgate_explain_stack **ret_stack)
{
	if (builder->arena.failed) {
		callgate_explain_stack_free(&builder->stack);
		return -ENOMEM;
	}
	builder->stack.place = find_place(&builder->stack);
	*ret_stack = &builder->stack;
	return 0;
}

void callgate_explain_stack_free(struct callgate_explain_stack *stack)
{
	struct stack_builder *builder = (struct stack_builder *)stack;

	if (!builder)
		return;
	arena_done(&builder->arena);
	free(builder);
}

/* FNV-1a, which spreads short keys well enough to count by. */
static uint64_t hash(uint64_t key, const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < size; i++)
		key = (key ^ byte[i]) * UINT64_C(0x100000001b3);
	return key;
}

static uint64_t hash_frame(uint64_t key, const struct callgate_explain_frame *frame)
{
	uint64_t at = frame->module ? frame->module_offset : frame->pc;

	if (frame->module)
		key = hash(key, frame->module, strlen(frame->module));
	return hash(key, &at, sizeof(at));
}

uint64_t callgate_explain_place(const struct seccomp_data *call,
				const struct callgate_explain_stack *stack)
{
	uint64_t key = UINT64_C(0xcbf29ce484222325);

	key = hash(key, &call->arch, sizeof(call->arch));
	key = hash(key, &call->nr, sizeof(call->nr));
	if (!stack || stack->count == 0)
		return hash(key, &call->instruction_pointer,
			    sizeof(call->instruction_pointer));
	/* Up to the place: the way there, through libc, is a part of it. */
	for (size_t i = 0; i <= stack->place; i++)
		key = hash_frame(key, &stack->frames[i]);
	return key;
}
