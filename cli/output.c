// SPDX-License-Identifier: MIT
/*
 * Colour, safe text, tables, files and JSON.
 *
 * Text that came from a file or from a program may hold escape sequences and broken
 * UTF-8. Nothing that a terminal could obey passes through here, and JSON stays valid.
 * Widths follow Unicode's east asian wide and combining blocks, and no locale.
 */
#include "output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- colour ----------------------------------------------------------------------- */

static const char *const style_codes[] = {
	[STYLE_BOLD] = "\033[1m",	[STYLE_ERROR] = "\033[1;31m",
	[STYLE_WARNING] = "\033[1;35m", [STYLE_NOTE] = "\033[1;36m",
	[STYLE_GOOD] = "\033[1;32m",
};

static bool is_coloured(FILE *stream)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return !(refused && *refused) && terminal && strcmp(terminal, "dumb") != 0 &&
	       isatty(fileno(stream));
}

const char *style_begin(FILE *stream, enum style style)
{
	return style != STYLE_NONE && is_coloured(stream) ? style_codes[style] : "";
}

const char *style_end(FILE *stream, enum style style)
{
	return style != STYLE_NONE && is_coloured(stream) ? "\033[0m" : "";
}

/* --- text ------------------------------------------------------------------------- */

struct block {
	uint32_t first, last;
	unsigned width;
};

static const struct block blocks[] = {
	{ 0x0300, 0x036f, 0 },	 { 0x0483, 0x0489, 0 },	  { 0x0591, 0x05bd, 0 },
	{ 0x064b, 0x065f, 0 },	 { 0x1100, 0x115f, 2 },	  { 0x1ab0, 0x1aff, 0 },
	{ 0x1dc0, 0x1dff, 0 },	 { 0x200b, 0x200f, 0 },	  { 0x20d0, 0x20ff, 0 },
	{ 0x2e80, 0x303e, 2 },	 { 0x3041, 0xa4cf, 2 },	  { 0xa960, 0xa97f, 2 },
	{ 0xac00, 0xd7a3, 2 },	 { 0xf900, 0xfaff, 2 },	  { 0xfe00, 0xfe0f, 0 },
	{ 0xfe20, 0xfe2f, 0 },	 { 0xfe30, 0xfe6f, 2 },	  { 0xff00, 0xff60, 2 },
	{ 0xffe0, 0xffe6, 2 },	 { 0x1f300, 0x1f64f, 2 }, { 0x1f680, 0x1f6ff, 2 },
	{ 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 }, { 0xe0100, 0xe01ef, 0 },
};

static unsigned width_of(uint32_t character)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		if (character <= blocks[i].last)
			return character >= blocks[i].first ? blocks[i].width : 1;
	}
	return 1;
}

/* C0 and C1 controls, and what turns the direction of text around. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* How many bytes a character that begins so takes; 0: none begins so. */
static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

struct glyph glyph_at(const char *text, size_t length)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const struct glyph bad = { .length = 1, .width = 1 };
	size_t need = sequence_length((unsigned char)*text);
	uint32_t c = (unsigned char)*text;

	if (!need || need > length)
		return bad;
	if (need > 1)
		c &= 0x7fu >> need;
	for (size_t i = 1; i < need; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return bad;
		c = c << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (c < smallest[need] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return bad;
	if (is_control(c))
		return (struct glyph){ .length = need, .width = 1 };
	return (struct glyph){ .length = need, .width = width_of(c), .is_safe = true };
}

void print_safe(FILE *stream, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		struct glyph glyph = glyph_at(text, left);

		if (glyph.is_safe)
			fwrite(text, 1, glyph.length, stream);
		else
			fputc('?', stream);
		text += glyph.length;
		left -= glyph.length;
	}
}

/* --- tables ----------------------------------------------------------------------- */

void table_row(struct table *table)
{
	if (table->count == table->capacity) {
		table->capacity = table->capacity ? 2 * table->capacity : 64;
		table->rows = cli_need(reallocarray(table->rows, table->capacity,
						    sizeof(*table->rows)));
	}
	memset(table->rows[table->count++], 0, sizeof(*table->rows));
}

void table_cell(struct table *table, const char *format, ...)
{
	char **row = table->rows[table->count - 1];
	va_list arguments;
	char *text;
	int length;

	while (*row)
		row++;
	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	*row = cli_need(length < 0 ? NULL : text);
}

static unsigned text_width(const char *text)
{
	size_t left = strlen(text);
	unsigned width = 0;

	while (left) {
		struct glyph glyph = glyph_at(text, left);

		width += glyph.width;
		text += glyph.length;
		left -= glyph.length;
	}
	return width;
}

/* The last cell of a row takes no part in its column's width. */
static unsigned column_width(const struct table *table, size_t column)
{
	unsigned width = 0;

	for (size_t i = 0; i < table->count; i++) {
		char *const *row = table->rows[i];
		unsigned cell;

		if (!row[column] || !row[column + 1])
			continue;
		cell = text_width(row[column]);
		width = cell > width ? cell : width;
	}
	return width;
}

static void print_row(char *const *row, const unsigned *widths)
{
	for (size_t i = 0; row[i]; i++) {
		print_safe(stdout, row[i]);
		if (row[i + 1])
			printf("%*s", (int)(widths[i] - text_width(row[i]) + 2), "");
	}
	putchar('\n');
}

void table_print(struct table *table)
{
	unsigned widths[TABLE_COLUMNS] = { 0 };

	for (size_t i = 0; i + 1 < TABLE_COLUMNS; i++)
		widths[i] = column_width(table, i);
	for (size_t i = 0; i < table->count; i++) {
		print_row(table->rows[i], widths);
		for (size_t k = 0; k < TABLE_COLUMNS; k++)
			free(table->rows[i][k]);
	}
	free(table->rows);
	*table = (struct table){ 0 };
}

/* --- files ------------------------------------------------------------------------ */

bool output_is_terminal(const char *file)
{
	return !file && isatty(STDOUT_FILENO);
}

enum cli_status output_write(const char *file, const char *bytes, size_t length)
{
	int error;

	if (!file) {
		fwrite(bytes, 1, length, stdout);
		return STATUS_DONE;
	}
	error = callgate_write_file(file, bytes, length);
	if (!error)
		return STATUS_DONE;
	fprintf(stderr, "callgate: cannot write %s: %s\n", file, strerror(-error));
	return STATUS_SYSTEM;
}

/* --- JSON ------------------------------------------------------------------------- */

json_t *json_text_of(const char *text, size_t length)
{
	json_t *string;
	char *copy;
	size_t size;
	FILE *stream = cli_need(open_memstream(&copy, &size));

	while (length) {
		struct glyph glyph = glyph_at(text, length);

		/* a control character has more than one byte or is ASCII: JSON escapes
		 * it */
		if (glyph.is_safe || glyph.length > 1 || (unsigned char)*text < 0x80)
			fwrite(text, 1, glyph.length, stream);
		else
			fputs("\xef\xbf\xbd", stream);
		text += glyph.length;
		length -= glyph.length;
	}
	fclose(stream);
	string = cli_need(json_stringn(copy, size));
	free(copy);
	return string;
}

json_t *json_text(const char *text)
{
	return text ? json_text_of(text, strlen(text)) : json_null();
}

json_t *json_program(const struct callgate_filter *filter)
{
	const struct sock_filter *program = callgate_filter_program(filter);
	size_t length = callgate_filter_length(filter);
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < length; i++)
		json_array_append_new(list,
				      json_pack("[i,i,i,I]", (int)program[i].code,
						(int)program[i].jt, (int)program[i].jf,
						(json_int_t)program[i].k));
	return list;
}

void json_print(json_t *document)
{
	char *text = cli_need(json_dumps(cli_need(document), JSON_INDENT(2)));

	puts(text);
	free(text);
	json_decref(document);
}
