// SPDX-License-Identifier: MIT
/*
 * Counted calls: lines `name: count`, as recordings write them beside a policy.
 *
 * A call has one count for all ABIs. Blank lines and what follows a # say nothing.
 */
#include "bpf/frequencies.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/diag.h"

#define LENGTH_MAX ((size_t)1 << 20)
#define ERRORS_MAX 20

/* Of a call that was not counted: rarer than any that was. */
#define UNCOUNTED 0.5

struct callgate_frequencies {
	double *counts; /* by syscall_index() */
};

struct reading {
	struct str text;
	uint32_t file;
	struct callgate_diagnostics *diagnostics;
	struct callgate_frequencies *frequencies;
	unsigned errors;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct str trimmed(struct str s)
{
	while (s.len && is_blank(s.ptr[0]))
		s = (struct str){ s.ptr + 1, s.len - 1 };
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static struct callgate_span span_of(const struct reading *reading, struct str part)
{
	return (struct callgate_span){ reading->file,
				       (uint32_t)(part.ptr - reading->text.ptr),
				       (uint32_t)part.len };
}

static void unknown_call(struct reading *reading, struct str name)
{
	struct str_nearest nearest = str_nearest_to(name);
	struct buffer hint = { 0 };

	for (size_t i = 0; i < syscall_count(); i++)
		str_nearest_offer(&nearest, syscall_name(syscall_at(i)));
	if (nearest.best)
		buffer_printf(&hint, "did you mean '%s'?", nearest.best);
	reading->errors++;
	diag_error(reading->diagnostics, "unknown-syscall", span_of(reading, name),
		   hint.data, "there is no call '%.*s'", STR_ARG(name));
	buffer_done(&hint);
}

static void read_line(struct reading *reading, struct str line)
{
	const char *hash = memchr(line.ptr, '#', line.len);
	const char *colon;
	const struct syscall *call;
	struct str name, count;
	uint64_t value;

	if (hash)
		line.len = (size_t)(hash - line.ptr);
	line = trimmed(line);
	if (line.len == 0)
		return;
	colon = memchr(line.ptr, ':', line.len);
	name = trimmed((struct str){ line.ptr,
				     colon ? (size_t)(colon - line.ptr) : line.len });
	count = (struct str){ line.ptr + line.len, 0 };
	if (colon)
		count = trimmed((struct str){
			colon + 1, line.len - (size_t)(colon - line.ptr) - 1 });
	call = syscall_by_name(name);
	if (!call) {
		unknown_call(reading, name);
	} else if (str_number(count, &value)) {
		reading->errors++;
		diag_error(reading->diagnostics, "bad-frequency",
			   span_of(reading, line), "write a line as 'openat: 1204'",
			   "the count of %s is no number", syscall_name(call));
	} else {
		reading->frequencies->counts[syscall_index(call)] += (double)value;
	}
}

static void read_lines(struct reading *reading)
{
	struct str rest = reading->text;

	while (rest.len && reading->errors < ERRORS_MAX) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t length = end ? (size_t)(end - rest.ptr) : rest.len;

		read_line(reading, (struct str){ rest.ptr, length });
		length += end != NULL;
		rest = (struct str){ rest.ptr + length, rest.len - length };
	}
}

int callgate_frequencies_parse(const char *text, size_t length, const char *name,
			       struct callgate_diagnostics *diagnostics,
			       struct callgate_frequencies **ret_frequencies)
{
	struct reading reading = { .text = { text, length },
				   .diagnostics = diagnostics };

	*ret_frequencies = NULL;
	if (length > LENGTH_MAX) {
		diag_error(diagnostics, "too-large", SPAN_NONE, "is it the right file?",
			   "%s has over 1 MiB of frequencies", name);
		return -E2BIG;
	}
	reading.file = diag_add_source(diagnostics, name, reading.text);
	reading.frequencies = calloc(1, sizeof(*reading.frequencies));
	if (!reading.frequencies)
		return -ENOMEM;
	reading.frequencies->counts = calloc(syscall_count(), sizeof(double));
	if (!reading.frequencies->counts) {
		callgate_frequencies_free(reading.frequencies);
		return -ENOMEM;
	}
	read_lines(&reading);
	if (reading.errors) {
		callgate_frequencies_free(reading.frequencies);
		return -EINVAL;
	}
	*ret_frequencies = reading.frequencies;
	return 0;
}

void callgate_frequencies_free(struct callgate_frequencies *frequencies)
{
	if (!frequencies)
		return;
	free(frequencies->counts);
	free(frequencies);
}

double frequency_of(const struct callgate_frequencies *frequencies,
		    const struct syscall *call)
{
	double count = frequencies->counts[syscall_index(call)];

	return count > 0 ? count : UNCOUNTED;
}

double callgate_frequencies_count(const struct callgate_frequencies *frequencies,
				  size_t syscall)
{
	return syscall < syscall_count()
		       ? frequency_of(frequencies, syscall_at(syscall))
		       : 0;
}
