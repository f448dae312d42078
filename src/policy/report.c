// SPDX-License-Identifier: MIT
/*
 * Reports of the language's phases.
 *
 * Invariant: `seen` holds errors + warnings entries. What comes over either maximum is
 * dropped; the last error is followed by a warning that says so.
 */
#include "policy/report.h"

#include <stdarg.h>

#include "base/buffer.h"

static bool same_span(struct callgate_span a, struct callgate_span b)
{
	return a.file == b.file && a.offset == b.offset && a.length == b.length;
}

/* Remembers a report. Returns false when it was made before. */
static bool is_news(struct report *report, const char *code, struct callgate_span span)
{
	size_t count = report->errors + report->warnings;

	for (size_t i = 0; i < count; i++)
		if (same_span(report->seen[i].span, span) &&
		    strcmp(report->seen[i].code, code) == 0)
			return false;
	report->seen[count].code = code;
	report->seen[count].span = span;
	return true;
}

static const char *__attribute__((format(printf, 2, 0)))
format_text(struct report *report, const char *format, va_list arguments)
{
	struct buffer text = { 0 };
	const char *copy = NULL;

	buffer_vprintf(&text, format, arguments);
	if (text.failed)
		report->arena->failed = true;
	else
		copy = arena_copy(report->arena, (struct str){ text.data, text.len });
	buffer_done(&text);
	return copy;
}

bool report_error(struct report *report, const char *code, struct callgate_span span,
		  const char *hint, const char *format, ...)
{
	va_list arguments;
	const char *message;

	if (report_is_full(report) || !is_news(report, code, span))
		return false;
	report->errors++;
	va_start(arguments, format);
	message = format_text(report, format, arguments);
	va_end(arguments);
	if (!message)
		return false;
	diag_error(report->diagnostics, code, span, hint, "%s", message);
	if (report_is_full(report))
		diag_warning(report->diagnostics, "too-many-errors", SPAN_NONE, NULL,
			     "there may be more: at most %d errors are reported",
			     REPORT_ERRORS);
	return true;
}

bool report_warning(struct report *report, const char *code, struct callgate_span span,
		    const char *hint, const char *format, ...)
{
	va_list arguments;
	const char *message;

	if (report->warnings >= REPORT_WARNINGS || !is_news(report, code, span))
		return false;
	report->warnings++;
	va_start(arguments, format);
	message = format_text(report, format, arguments);
	va_end(arguments);
	if (!message)
		return false;
	diag_warning(report->diagnostics, code, span, hint, "%s", message);
	return true;
}

const char *report_text(struct report *report, const char *format, ...)
{
	va_list arguments;
	const char *text;

	va_start(arguments, format);
	text = format_text(report, format, arguments);
	va_end(arguments);
	return text;
}

const char *report_nearest(struct report *report, const struct str_nearest *nearest,
			   const char *otherwise)
{
	if (!nearest->best)
		return otherwise;
	return report_text(report, "did you mean '%s'?", nearest->best);
}
