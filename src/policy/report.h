/* SPDX-License-Identifier: MIT */
/*
 * How the language's phases report: each problem once, at most REPORT_ERRORS errors.
 *
 * A rule is typed for each of its calls on each ABI; what is wrong with it is wrong
 * many times over, at one place. Two reports with one code and one place are one.
 */
#ifndef CALLGATE_POLICY_REPORT_H
#define CALLGATE_POLICY_REPORT_H

#include "base/arena.h"
#include "base/diag.h"

#define REPORT_ERRORS	20
#define REPORT_WARNINGS 60

struct report {
	struct callgate_diagnostics *diagnostics;
	struct arena *arena; /* for hints */
	unsigned errors, warnings;
	struct {
		const char *code;
		struct callgate_span span;
	} seen[REPORT_ERRORS + REPORT_WARNINGS];
};

/* Return true when it was news: a note may follow. */
bool report_error(struct report *report, const char *code, struct callgate_span span,
		  const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
bool report_warning(struct report *report, const char *code, struct callgate_span span,
		    const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* A formatted text in the arena: a hint. NULL when memory is short. */
const char *report_text(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "did you mean 'NAME'?", or `otherwise` (may be NULL) when no name is near. */
const char *report_nearest(struct report *report, const struct str_nearest *nearest,
			   const char *otherwise);

/* No use in looking further. */
static inline bool report_is_full(const struct report *report)
{
	return report->errors >= REPORT_ERRORS;
}

#endif
