/* SPDX-License-Identifier: MIT */
/*
 * A growing byte buffer for text and binary output.
 *
 * The first failure sticks in `failed`: write everything, look once. `data` is always
 * NUL-terminated when not NULL.
 */
#ifndef CALLGATE_BASE_BUFFER_H
#define CALLGATE_BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct buffer {
	char *data;
	size_t len;
	size_t capacity;
	bool failed;
};

void buffer_done(struct buffer *buffer);
void buffer_put(struct buffer *buffer, const void *bytes, size_t len);
void buffer_str(struct buffer *buffer, struct str text);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_fill(struct buffer *buffer, char c, size_t count);
void buffer_printf(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* Hands the malloc'ed text over (the caller frees it), or NULL when anything failed. */
char *buffer_take(struct buffer *buffer);

#endif
