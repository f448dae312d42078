/* SPDX-License-Identifier: MIT */
/*
 * Memory that ends: the linker sends all allocations of a test through here (--wrap of
 * malloc, calloc and realloc). For one .c file a program.
 */
#ifndef CALLGATE_TESTS_FAILING_H
#define CALLGATE_TESTS_FAILING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many more allocations succeed; SIZE_MAX: all. */
static size_t allocations_left = SIZE_MAX;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool may_allocate(void)
{
	if (allocations_left == 0)
		return false;
	if (allocations_left != SIZE_MAX)
		allocations_left--;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	return may_allocate() ? __real_realloc(old, size) : NULL;
}

#endif
