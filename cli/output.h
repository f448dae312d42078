/* SPDX-License-Identifier: MIT */
/* What commands print with: colour, tables, foreign text made safe, JSON. */
#ifndef CALLGATE_CLI_OUTPUT_H
#define CALLGATE_CLI_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli.h"

/* --- colour ----------------------------------------------------------------------- */

enum style {
	STYLE_NONE,
	STYLE_BOLD,
	STYLE_ERROR,
	STYLE_WARNING,
	STYLE_NOTE,
	STYLE_GOOD,
};

/* The escape sequence to begin it, and to end it; "" where the stream takes none. */
const char *style_begin(FILE *stream, enum style style);
const char *style_end(FILE *stream, enum style style);

/* --- text ------------------------------------------------------------------------- */

/* One character of UTF-8 as a terminal shows it. */
struct glyph {
	size_t length;	/* bytes of it, at least 1 */
	unsigned width; /* columns: 0 for a combining mark, 2 for a wide one */
	bool is_safe;	/* else an undecodable byte or a control character, 1 column */
};

/* `length` is not 0. */
struct glyph glyph_at(const char *text, size_t length);

/* Prints a text that may hold anything: what a terminal could obey becomes "?". */
void print_safe(FILE *stream, const char *text);

/* --- tables ----------------------------------------------------------------------- */

#define TABLE_COLUMNS 10 /* and the end */

/* Rows of cells, printed with columns aligned. Zero is an empty one. */
struct table {
	char *(*rows)[TABLE_COLUMNS];
	size_t count, capacity;
};

/* Begins a row; then a cell a call. */
void table_row(struct table *table);
void table_cell(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints it on stdout and empties it. */
void table_print(struct table *table);

/* --- files ------------------------------------------------------------------------ */

/* Where output goes without a file's name. */
bool output_is_terminal(const char *file);
/* To a file, whole or not at all, or NULL for standard output; what fails is printed. */
enum cli_status output_write(const char *file, const char *bytes, size_t length);

/* --- JSON ------------------------------------------------------------------------- */

/* A string of any text; what is not UTF-8 becomes U+FFFD. NULL becomes null. */
json_t *json_text(const char *text);
json_t *json_text_of(const char *text, size_t length);
/* The instructions as lists of code, jt, jf and k. */
json_t *json_program(const struct callgate_filter *filter);
/* Prints the document on stdout and frees it. */
void json_print(json_t *document);

#endif
