// SPDX-License-Identifier: MIT
/*
 * The list of diagnostics and the sources their spans point into.
 *
 * It owns one arena; when memory is short an entry is dropped and `severities` still
 * counts it, so "were there errors" stays true.
 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buffer.h"

struct source {
	const char *name;
	struct str text;
};

struct callgate_diagnostics {
	struct arena arena;
	struct callgate_diagnostic *entries;
	size_t count, capacity;
	struct source *sources;
	size_t source_count, source_capacity;
	size_t severities[CALLGATE_ERROR + 1];
};

struct callgate_diagnostics *callgate_diagnostics_new(void)
{
	struct callgate_diagnostics *diagnostics = calloc(1, sizeof(*diagnostics));

	if (diagnostics)
		arena_init(&diagnostics->arena, ARENA_DEFAULT_LIMIT);
	return diagnostics;
}

void callgate_diagnostics_free(struct callgate_diagnostics *diagnostics)
{
	if (!diagnostics)
		return;
	arena_done(&diagnostics->arena);
	free(diagnostics);
}

size_t callgate_diagnostics_count(const struct callgate_diagnostics *diagnostics)
{
	return diagnostics ? diagnostics->count : 0;
}

const struct callgate_diagnostic *
callgate_diagnostics_at(const struct callgate_diagnostics *diagnostics, size_t index)
{
	return index < callgate_diagnostics_count(diagnostics)
		       ? &diagnostics->entries[index]
		       : NULL;
}

size_t
callgate_diagnostics_severity_count(const struct callgate_diagnostics *diagnostics,
				    enum callgate_severity severity)
{
	return diagnostics ? diagnostics->severities[severity] : 0;
}

bool callgate_diagnostics_position(const struct callgate_diagnostics *diagnostics,
				   struct callgate_span span,
				   struct callgate_position *ret_position)
{
	const struct source *source;
	uint32_t line = 1;
	size_t start = 0, end;

	if (!diagnostics || span.file == 0 || span.file > diagnostics->source_count)
		return false;
	source = &diagnostics->sources[span.file - 1];
	if (span.offset > source->text.len)
		return false;
	for (size_t i = 0; i < span.offset; i++) {
		if (source->text.ptr[i] != '\n')
			continue;
		line++;
		start = i + 1;
	}
	for (end = start; end < source->text.len && source->text.ptr[end] != '\n';)
		end++;
	*ret_position = (struct callgate_position){
		.file = source->name,
		.line = line,
		.column = (uint32_t)(span.offset - start) + 1,
		.text = source->text.ptr + start,
		.text_length = end - start,
	};
	return true;
}

uint32_t diag_add_source(struct callgate_diagnostics *diagnostics, const char *name,
			 struct str text)
{
	struct source *source;
	char *name_copy, *text_copy;

	if (!diagnostics || diagnostics->source_count == UINT32_MAX)
		return 0;
	name_copy = arena_copy(&diagnostics->arena, str_of(name));
	text_copy = arena_copy(&diagnostics->arena, text);
	if (!name_copy || !text_copy)
		return 0;
	source = ARENA_PUSH(&diagnostics->arena, diagnostics->sources,
			    diagnostics->source_count, diagnostics->source_capacity);
	if (!source)
		return 0;
	*source = (struct source){ name_copy, { text_copy, text.len } };
	return (uint32_t)diagnostics->source_count;
}

bool diag_source(const struct callgate_diagnostics *diagnostics, uint32_t file,
		 const char **ret_name, struct str *ret_text)
{
	if (!diagnostics || file == 0 || file > diagnostics->source_count)
		return false;
	*ret_name = diagnostics->sources[file - 1].name;
	*ret_text = diagnostics->sources[file - 1].text;
	return true;
}

static void append(struct callgate_diagnostics *diagnostics,
		   struct callgate_diagnostic entry)
{
	struct callgate_diagnostic *place;

	entry.message = arena_copy(&diagnostics->arena, str_of(entry.message));
	if (entry.hint)
		entry.hint = arena_copy(&diagnostics->arena, str_of(entry.hint));
	if (!entry.message)
		return;
	place = ARENA_PUSH(&diagnostics->arena, diagnostics->entries,
			   diagnostics->count, diagnostics->capacity);
	if (place)
		*place = entry;
}

void diag_add(struct callgate_diagnostics *diagnostics, enum callgate_severity severity,
	      const char *code, struct callgate_span span, const char *hint,
	      const char *format, ...)
{
	struct buffer message = { 0 };
	va_list arguments;

	if (!diagnostics)
		return;
	diagnostics->severities[severity]++;
	if (diagnostics->count >= DIAG_MAX)
		return;
	va_start(arguments, format);
	buffer_vprintf(&message, format, arguments);
	va_end(arguments);
	if (!message.failed)
		append(diagnostics, (struct callgate_diagnostic){
					    .severity = severity,
					    .code = code,
					    .span = span,
					    .message = message.data,
					    .hint = hint,
				    });
	buffer_done(&message);
}

/* Without a place: last. */
static uint64_t place_key(struct callgate_span span)
{
	return span.file ? (uint64_t)span.file << 32 | span.offset : UINT64_MAX;
}

/* By insertion, which is stable; there are DIAG_MAX at most. */
void diag_sort(struct callgate_diagnostics *diagnostics, size_t first)
{
	uint64_t keys[DIAG_MAX], key = 0;
	size_t count = callgate_diagnostics_count(diagnostics);

	for (size_t i = first; i < count; i++) {
		struct callgate_diagnostic entry = diagnostics->entries[i];
		size_t at = i;

		/* A note has the key of the entry that it follows. */
		if (entry.severity != CALLGATE_NOTE || i == first)
			key = place_key(entry.span);
		for (; at > first && keys[at - 1] > key; at--) {
			diagnostics->entries[at] = diagnostics->entries[at - 1];
			keys[at] = keys[at - 1];
		}
		diagnostics->entries[at] = entry;
		keys[at] = key;
	}
}
