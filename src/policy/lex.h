/* SPDX-License-Identifier: MIT */
/*
 * Text → tokens, one at a time.
 *
 * A line end is a token, TOKEN_SEPARATOR, as is `;`; but not after a comma, after a
 * backslash, or while `nesting` says that a bracket is open (the parser counts, since
 * only it knows whether a brace opens a set or a block of statements).
 */
#ifndef CALLGATE_POLICY_LEX_H
#define CALLGATE_POLICY_LEX_H

#include "policy/report.h"

enum token_kind {
	TOKEN_END,
	TOKEN_SEPARATOR,
	TOKEN_NAME,   /* socket, kill-thread, linux-6.1 */
	TOKEN_GROUP,  /* @basic-io */
	TOKEN_NUMBER, /* 0x1f */
	TOKEN_STRING, /* "file"; `text` is without the quotes */
	TOKEN_AND,    /* and, && */
	TOKEN_OR,     /* or, || */
	TOKEN_NOT,    /* not, ! */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_OPEN_BRACE,
	TOKEN_CLOSE_BRACE,
	TOKEN_COMMA,
	TOKEN_COLON,
	TOKEN_QUESTION,
	TOKEN_ASSIGN,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_GE,
	TOKEN_AMPERSAND,
	TOKEN_PIPE,
	TOKEN_TILDE,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_RANGE, /* .. */
};

struct token {
	enum token_kind kind;
	struct str text;
	struct callgate_span span;
	uint64_t number; /* of a TOKEN_NUMBER */
};

struct lexer {
	struct report *report;
	struct str text;
	uint32_t file;
	size_t at;
	unsigned nesting; /* how many brackets are open */
	bool after_comma;
	bool is_broken; /* a report was made; for the parser to look at and reset */
};

struct token lex_next(struct lexer *lexer);

/* "'socket'", "the end of the line": what a message calls a token. */
const char *lex_describe(const struct token *token, struct report *report);

#endif
