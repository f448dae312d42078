// SPDX-License-Identifier: MIT
/*
 * Shows diagnostics to people:
 *
 *     nginx.gate:3:7: error: there is no system call "opnat" [unknown-name]
 *         3 | allow opnat, read
 *           |       ^~~~~
 *           | hint: did you mean "openat"?
 *
 * and to programs, as JSON. The underline stands in columns of a terminal: tabs go to
 * the next multiple of 8, wide characters take two columns, combining ones none. Of a
 * long line the part around the underline is shown.
 */
#include "diagnostics.h"

#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "output.h"

#define WINDOW	    88 /* columns of a source line that are shown */
#define WINDOW_LEAD 24 /* … of them before the underline, in a long line */
#define TAB	    8

struct severity {
	const char *name;
	enum style style;
};

static const struct severity severities[] = {
	[CALLGATE_NOTE] = { "note", STYLE_NOTE },
	[CALLGATE_WARNING] = { "warning", STYLE_WARNING },
	[CALLGATE_ERROR] = { "error", STYLE_ERROR },
};

/* --- the source line -------------------------------------------------------------- */

/* A walk over a line, character by character. */
struct walk {
	const char *text;
	size_t left;
	unsigned column; /* of the terminal, from 0 */
	struct glyph glyph;
	bool is_tab;
};

static bool walk_next(struct walk *walk)
{
	walk->text += walk->glyph.length;
	walk->left -= walk->glyph.length;
	walk->column += walk->glyph.width;
	if (!walk->left)
		return false;
	walk->glyph = glyph_at(walk->text, walk->left);
	walk->is_tab = *walk->text == '\t';
	if (walk->is_tab)
		walk->glyph.width = TAB - walk->column % TAB;
	return true;
}

/* The column of the terminal at which byte `offset` of the line stands. */
static unsigned column_of(const struct callgate_position *position, size_t offset)
{
	struct walk walk = { .text = position->text, .left = position->text_length };

	while (walk_next(&walk)) {
		if ((size_t)(walk.text - position->text) >= offset)
			break;
	}
	return walk.column;
}

static void put_glyph(FILE *stream, const struct walk *walk)
{
	if (walk->is_tab)
		fprintf(stream, "%*s", (int)walk->glyph.width, "");
	else if (walk->glyph.is_safe)
		fwrite(walk->text, 1, walk->glyph.length, stream);
	else
		fputc('?', stream);
}

/* Prints what stands in the window that begins at column `first`. */
static void put_window(FILE *stream, const struct callgate_position *position,
		       unsigned first)
{
	struct walk walk = { .text = position->text, .left = position->text_length };

	fputs(first ? "..." : "", stream);
	while (walk_next(&walk)) {
		if (walk.column < first)
			continue;
		if (walk.column + walk.glyph.width > first + WINDOW) {
			fputs("...", stream);
			break;
		}
		put_glyph(stream, &walk);
	}
	fputc('\n', stream);
}

static void put_underline(FILE *stream, unsigned indent, unsigned width,
			  enum style style)
{
	fprintf(stream, "      | %*s%s^", (int)indent, "", style_begin(stream, style));
	for (unsigned i = 1; i < width; i++)
		fputc('~', stream);
	fprintf(stream, "%s\n", style_end(stream, style));
}

static void print_excerpt(FILE *stream, const struct callgate_position *position,
			  uint32_t length, enum style style)
{
	size_t offset = position->column - 1;
	unsigned start = column_of(position, offset);
	unsigned end = column_of(position, offset + length);
	unsigned total = column_of(position, position->text_length);
	unsigned first = total > WINDOW && start > WINDOW - WINDOW_LEAD
				 ? start - WINDOW_LEAD
				 : 0;
	unsigned indent = start - first + (first ? 3 : 0);

	if (end > first + WINDOW)
		end = first + WINDOW;
	fprintf(stream, "%5" PRIu32 " | ", position->line);
	put_window(stream, position, first);
	put_underline(stream, indent, end > start ? end - start : 1, style);
}

/* --- for people ------------------------------------------------------------------- */

static void print_one(FILE *stream, const struct callgate_diagnostics *diagnostics,
		      const struct callgate_diagnostic *entry, const char *name)
{
	const struct severity *severity = &severities[entry->severity];
	struct callgate_position position;
	bool has_place =
		callgate_diagnostics_position(diagnostics, entry->span, &position);

	fputs(style_begin(stream, STYLE_BOLD), stream);
	print_safe(stream, has_place ? position.file : name ? name : "callgate");
	if (has_place)
		fprintf(stream, ":%" PRIu32 ":%" PRIu32, position.line,
			position.column);
	fprintf(stream, ":%s %s%s:%s ", style_end(stream, STYLE_BOLD),
		style_begin(stream, severity->style), severity->name,
		style_end(stream, severity->style));
	print_safe(stream, entry->message);
	if (entry->severity != CALLGATE_NOTE)
		fprintf(stream, " [%s]", entry->code);
	fputc('\n', stream);
	if (has_place)
		print_excerpt(stream, &position, entry->span.length, severity->style);
	if (entry->hint) {
		fputs("      | hint: ", stream);
		print_safe(stream, entry->hint);
		fputc('\n', stream);
	}
}

void diagnostics_print(FILE *stream, const struct callgate_diagnostics *diagnostics,
		       const char *name)
{
	size_t count = callgate_diagnostics_count(diagnostics);

	for (size_t i = 0; i < count; i++)
		print_one(stream, diagnostics, callgate_diagnostics_at(diagnostics, i),
			  name);
}

/* --- for programs ----------------------------------------------------------------- */

static json_t *one_json(const struct callgate_diagnostics *diagnostics,
			const struct callgate_diagnostic *entry, const char *name)
{
	struct callgate_position position;
	json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:[]}", "severity",
				   severities[entry->severity].name, "code",
				   entry->code, "message", json_text(entry->message),
				   "hint", json_text(entry->hint), "notes");

	cli_need(object);
	if (!callgate_diagnostics_position(diagnostics, entry->span, &position)) {
		json_object_set_new(object, "file", json_text(name));
		return object;
	}
	json_object_set_new(object, "file", json_text(position.file));
	json_object_set_new(object, "line", json_integer(position.line));
	json_object_set_new(object, "column", json_integer(position.column));
	json_object_set_new(object, "length", json_integer(entry->span.length));
	return object;
}

json_t *diagnostics_json(const struct callgate_diagnostics *diagnostics,
			 const char *name)
{
	json_t *list = cli_need(json_array()), *last = NULL;
	size_t count = callgate_diagnostics_count(diagnostics);

	for (size_t i = 0; i < count; i++) {
		const struct callgate_diagnostic *entry =
			callgate_diagnostics_at(diagnostics, i);
		json_t *object = one_json(diagnostics, entry, name);

		if (entry->severity == CALLGATE_NOTE && last) {
			json_array_append_new(json_object_get(last, "notes"), object);
			continue;
		}
		last = object;
		json_array_append_new(list, object);
	}
	return list;
}
