/* SPDX-License-Identifier: MIT */
/*
 * callgate: seccomp policies that people can read, filters that are proven equal to them.
 *
 * Conventions that hold for every function here:
 *
 * - Functions that can fail return 0, or a negative errno out of the list at the
 *   prototype; what went wrong goes to `diagnostics`, which may be NULL.
 *   -ENOMEM may come from any of them.
 * - Results are one object each, freed by the one _free() of its type, which accepts
 *   NULL. Results never point into arguments; strings that a getter returns live as long
 *   as the object they came from.
 * - There are no globals: different objects may be used from different threads at once; one
 *   object by one thread at a time, const functions by any number.
 * - Sizes are bytes, offsets are bytes from the start of a source, lines and columns
 *   start at 1, a column is a byte.
 */
#ifndef CALLGATE_H
#define CALLGATE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLGATE_API __attribute__((visibility("default")))

struct callgate_diagnostics;
struct callgate_policy;
struct callgate_filter;

/* --- diagnostics ------------------------------------------------------------------- */

enum callgate_severity {
	CALLGATE_NOTE,
	CALLGATE_WARNING,
	CALLGATE_ERROR,
};

/* A place: `length` bytes from `offset` of the source number `file`. */
struct callgate_span {
	uint32_t file; /* 0: no place; else callgate_diagnostics_source() knows it */
	uint32_t offset;
	uint32_t length;
};

/* The same for people. `text` is the whole source line, not NUL-terminated. */
struct callgate_position {
	const char *file;
	uint32_t line;
	uint32_t column;
	const char *text;
	size_t text_length;
};

struct callgate_diagnostic {
	enum callgate_severity severity;
	const char *code; /* stable, for machines: "unknown-syscall" */
	struct callgate_span span;
	const char *message; /* one line: what was found and what was expected */
	const char *hint;    /* what to do about it, or NULL */
};

/* Returns NULL when memory is short. */
CALLGATE_API struct callgate_diagnostics *callgate_diagnostics_new(void);
CALLGATE_API void callgate_diagnostics_free(struct callgate_diagnostics *diagnostics);

/* In the order they were found; a CALLGATE_NOTE belongs to the one before it. */
CALLGATE_API size_t
callgate_diagnostics_count(const struct callgate_diagnostics *diagnostics);
CALLGATE_API const struct callgate_diagnostic *
callgate_diagnostics_at(const struct callgate_diagnostics *diagnostics, size_t index);
/* How many have exactly this severity. */
CALLGATE_API size_t
callgate_diagnostics_severity_count(const struct callgate_diagnostics *diagnostics,
				    enum callgate_severity severity);
/* Finds the line and column of a span. Returns false when it has no place. */
CALLGATE_API bool
callgate_diagnostics_position(const struct callgate_diagnostics *diagnostics,
			      struct callgate_span span,
			      struct callgate_position *ret_position);

#ifdef __cplusplus
}
#endif

#endif
