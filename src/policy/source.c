// SPDX-License-Identifier: MIT
/*
 * Texts come in here, from the caller or through its reader; nothing else opens or
 * bounds them.
 *
 * Invariant: every source in the list has no NUL, and all together at most
 * SOURCE_BYTES. A name that is already being read further up is a loop.
 */
#include "policy/source.h"

#include <errno.h>

/* Accepts a text that is within limits. */
static bool is_sound(struct sources *sources, const struct source *source)
{
	struct callgate_span span = { .file = source->file, .length = 1 };
	const char *nul;

	nul = source->text.len ? memchr(source->text.ptr, 0, source->text.len) : NULL;
	if (!nul)
		return true;
	span.offset = (uint32_t)(nul - source->text.ptr);
	report_error(sources->report, "nul-in-text", span,
		     "a policy is text: is this a compiled filter?",
		     "the text has a NUL byte");
	return false;
}

static bool is_too_large(struct sources *sources, const char *name, size_t length,
			 struct callgate_span place)
{
	if (length <= SOURCE_BYTES - sources->bytes)
		return false;
	report_error(sources->report, "too-large", place, NULL,
		     "'%s' is too large: a policy, with all that it includes, has at "
		     "most 16 MiB",
		     name);
	sources->error = -E2BIG;
	return true;
}

/* Makes the source known to diagnostics. */
static bool add_source(struct sources *sources, struct source *source)
{
	source->next = sources->list;
	sources->list = source;
	sources->count++;
	sources->bytes += source->text.len;
	source->file = diag_add_source(sources->report->diagnostics, source->name,
				       source->text);
	if (source->file == 0 && sources->report->diagnostics) {
		sources->error = -ENOMEM;
		return false;
	}
	return is_sound(sources, source);
}

const struct source *source_open(struct sources *sources, const char *name,
				 struct str text)
{
	struct source *source;

	if (is_too_large(sources, name, text.len, SPAN_NONE))
		return NULL;
	source = ARENA_NEW(sources->report->arena, struct source);
	if (!source)
		return NULL;
	source->name = name;
	source->text = text;
	return add_source(sources, source) ? source : NULL;
}

static const char *explain(int error)
{
	static const struct {
		int error;
		const char *text;
	} texts[] = {
		{ ENOENT, "there is no such file" },
		{ EACCES, "permission denied" },
		{ EPERM, "permission denied" },
		{ EISDIR, "it is a directory" },
		{ ENOTDIR, "a part of the path is no directory" },
		{ EFBIG, "it is over 16 MiB" },
		{ E2BIG, "it is over 16 MiB" },
		{ ELOOP, "too many symbolic links" },
		{ ENAMETOOLONG, "the name is too long" },
		{ ENOTSUP, "it is no regular file" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].error == error)
			return texts[i].text;
	return "it cannot be read";
}

/* Limits that hold before anything is read. */
static bool may_include(struct sources *sources, const struct source *from,
			struct callgate_span place)
{
	struct report *report = sources->report;

	if (!sources->reader) {
		report_error(report, "include-unavailable", place,
			     "write the rules out, or put the policy into a file",
			     "this policy cannot include others");
		return false;
	}
	if (from->depth + 1 >= SOURCE_DEPTH) {
		report_error(report, "include-depth", place, NULL,
			     "more than %d includes within includes", SOURCE_DEPTH);
		return false;
	}
	if (sources->count >= SOURCE_COUNT) {
		report_error(report, "include-count", place, NULL,
			     "more than %d included texts", SOURCE_COUNT);
		return false;
	}
	return true;
}

static bool is_loop(struct sources *sources, const struct source *source)
{
	const struct source *from = source->from;

	for (const struct source *up = from; up; up = up->from) {
		if (strcmp(up->name, source->name) != 0)
			continue;
		if (!report_error(sources->report, "include-loop", source->place,
				  "a file cannot include itself, on whatever way",
				  "'%s' is being read already", source->wanted))
			return true;
		for (; from->from; from = from->from)
			diag_note(sources->report->diagnostics, from->place,
				  "'%s' is included here", from->wanted);
		return true;
	}
	return false;
}

static bool read_source(struct sources *sources, struct str name, struct source *source)
{
	const char *wanted = arena_copy(sources->report->arena, name);
	int error;

	if (!wanted)
		return false;
	error = sources->reader->read(sources->reader->context, wanted,
				      source->from->name, &source->owned_text,
				      &source->text.len, &source->owned_name);
	if (error == -ENOMEM)
		sources->error = error;
	else if (error)
		report_error(sources->report, "include-failed", source->place,
			     "the name is relative to the including file",
			     "cannot include '%s': %s", wanted, explain(-error));
	if (error)
		return false;
	source->text.ptr = source->owned_text;
	source->wanted = wanted;
	source->name = source->owned_name ? source->owned_name : wanted;
	return true;
}

const struct source *source_include(struct sources *sources, const struct source *from,
				    struct str name, struct callgate_span place)
{
	struct source *source;

	if (!may_include(sources, from, place))
		return NULL;
	source = ARENA_NEW(sources->report->arena, struct source);
	if (!source)
		return NULL;
	source->from = from;
	source->place = place;
	source->depth = from->depth + 1;
	if (!read_source(sources, name, source))
		return NULL;
	if (is_loop(sources, source) ||
	    is_too_large(sources, source->name, source->text.len, place)) {
		free(source->owned_text);
		free(source->owned_name);
		return NULL;
	}
	return add_source(sources, source) ? source : NULL;
}

void sources_done(struct sources *sources)
{
	for (struct source *source = sources->list; source; source = source->next) {
		free(source->owned_text);
		free(source->owned_name);
	}
	sources->list = NULL;
}
