// SPDX-License-Identifier: MIT
/*
 * The growing buffer. Invariant: data == NULL, or data[len] == 0 and len < capacity.
 */
#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>

void buffer_done(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}

/* Room for `more` bytes and the NUL. */
static bool reserve(struct buffer *buffer, size_t more)
{
	size_t need, wanted = buffer->capacity ? buffer->capacity : 256;
	char *grown;

	if (buffer->failed || __builtin_add_overflow(buffer->len, more, &need) ||
	    __builtin_add_overflow(need, (size_t)1, &need))
		goto fail;
	if (need <= buffer->capacity)
		return true;
	while (wanted < need)
		if (__builtin_mul_overflow(wanted, (size_t)2, &wanted))
			goto fail;
	grown = realloc(buffer->data, wanted);
	if (!grown)
		goto fail;
	buffer->data = grown;
	buffer->capacity = wanted;
	return true;
fail:
	buffer->failed = true;
	return false;
}

void buffer_put(struct buffer *buffer, const void *bytes, size_t len)
{
	if (!reserve(buffer, len))
		return;
	if (len)
		memcpy(buffer->data + buffer->len, bytes, len);
	buffer->len += len;
	buffer->data[buffer->len] = 0;
}

void buffer_str(struct buffer *buffer, struct str text)
{
	buffer_put(buffer, text.ptr, text.len);
}

void buffer_text(struct buffer *buffer, const char *text)
{
	buffer_str(buffer, str_of(text));
}

void buffer_fill(struct buffer *buffer, char c, size_t count)
{
	if (!reserve(buffer, count))
		return;
	memset(buffer->data + buffer->len, c, count);
	buffer->len += count;
	buffer->data[buffer->len] = 0;
}

void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	int need;

	va_copy(again, arguments);
	need = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (need < 0 || !reserve(buffer, (size_t)need)) {
		buffer->failed = true;
		return;
	}
	vsnprintf(buffer->data + buffer->len, (size_t)need + 1, format, arguments);
	buffer->len += (size_t)need;
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	buffer_vprintf(buffer, format, arguments);
	va_end(arguments);
}

char *buffer_take(struct buffer *buffer)
{
	char *text;

	reserve(buffer, 0);
	if (buffer->failed) {
		buffer_done(buffer);
		return NULL;
	}
	buffer->data[buffer->len] = 0;
	text = buffer->data;
	*buffer = (struct buffer){ 0 };
	return text;
}
