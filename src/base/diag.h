/* SPDX-License-Identifier: MIT */
/*
 * Diagnostics: what is wrong, where, and what to do, as objects that the command prints.
 *
 * Every function accepts a NULL `diagnostics` and then does nothing. Texts are copied.
 * A run-away list is cut at DIAG_MAX entries.
 */
#ifndef CALLGATE_BASE_DIAG_H
#define CALLGATE_BASE_DIAG_H

#include "base/str.h"
#include "callgate.h"

#define DIAG_MAX 200

#define SPAN_NONE ((struct callgate_span){ 0 })

/*
 * Makes a source known by name, so that spans into it can be shown; both are copied.
 * Returns its number, 0 when memory is short or `diagnostics` is NULL.
 */
uint32_t diag_add_source(struct callgate_diagnostics *diagnostics, const char *name,
			 struct str text);

/* The text of a source by its number; false: there is none such. */
bool diag_source(const struct callgate_diagnostics *diagnostics, uint32_t file,
		 const char **ret_name, struct str *ret_text);

/* Adds one entry. `hint` may be NULL. */
void diag_add(struct callgate_diagnostics *diagnostics, enum callgate_severity severity,
	      const char *code, struct callgate_span span, const char *hint,
	      const char *format, ...) __attribute__((format(printf, 6, 7)));

#define diag_error(diagnostics, code, span, hint, ...) \
	diag_add((diagnostics), CALLGATE_ERROR, (code), (span), (hint), __VA_ARGS__)
#define diag_warning(diagnostics, code, span, hint, ...) \
	diag_add((diagnostics), CALLGATE_WARNING, (code), (span), (hint), __VA_ARGS__)
#define diag_note(diagnostics, span, ...) \
	diag_add((diagnostics), CALLGATE_NOTE, "note", (span), NULL, __VA_ARGS__)

/* Puts the entries from `first` on in order of place; notes stay behind theirs. */
void diag_sort(struct callgate_diagnostics *diagnostics, size_t first);

/* The smallest span that covers both; they must be of one source. */
static inline struct callgate_span span_join(struct callgate_span a,
					     struct callgate_span b)
{
	uint32_t start = a.offset < b.offset ? a.offset : b.offset;
	uint32_t end_a = a.offset + a.length, end_b = b.offset + b.length;

	return (struct callgate_span){ a.file, start,
				       (end_a > end_b ? end_a : end_b) - start };
}

#endif
