/* SPDX-License-Identifier: MIT */
/*
 * Tokens → syntax tree, by recursive descent: parse.c has the statements,
 * parse_items.c calls and sets, parse_condition.c conditions and values.
 *
 * The first error in a statement sets `broken`; everything then returns without a
 * further word, the statement is dropped and parsing goes on after it.
 */
#ifndef CALLGATE_POLICY_PARSE_H
#define CALLGATE_POLICY_PARSE_H

#include "policy/lex.h"
#include "policy/source.h"
#include "policy/syntax.h"

/* What all texts of a policy share. */
struct parse_context {
	struct report *report;
	struct arena *arena;
	struct sources *sources;
	const char *const *parameters; /* NULL-terminated, or NULL */
	bool *parameter_named;	       /* one each: a `when` names it */
};

struct parser {
	struct parse_context *context;
	struct report *report;
	struct arena *arena;
	const struct source *source;
	struct lexer lexer;
	struct token token;			   /* the next one */
	struct token previous;			   /* the last one taken */
	struct callgate_span opened[SYNTAX_DEPTH]; /* where */
	unsigned depth; /* brackets and blocks that are open */
	unsigned dead;	/* blocks around that a `when` leaves out */
	bool in_call;	/* a call of `expect`: `=` and values by position */
	bool broken;
};

/* The statements of a text and of what it includes, NULL if there are none. */
struct syntax_statement *parse_policy(struct parse_context *context,
				      const struct source *source);

/* One call, "openat(AT_FDCWD, _, O_RDONLY)", and nothing behind it; NULL on error. */
struct syntax_item *parse_call(struct parse_context *context,
			       const struct source *source);

/* --- between the parser's files --------------------------------------------------- */

void parse_advance(struct parser *parser);
/* Takes a token of this kind if it is next. */
bool parse_take(struct parser *parser, enum token_kind kind);
/* … or reports "expected WHAT, found …". */
bool parse_expect(struct parser *parser, enum token_kind kind, const char *what);
/* Whether the next token is this word. */
bool parse_is_word(const struct parser *parser, const char *word);
/* Reports it, unless the statement is broken already. True: a note may follow. */
bool parse_wanted(struct parser *parser, const char *what, const char *hint);
/* Takes an opening bracket; line ends mean nothing until its parse_close(). */
bool parse_open(struct parser *parser, enum token_kind kind, const char *what);
bool parse_close(struct parser *parser, enum token_kind kind, const char *what);
struct callgate_span parse_span_from(const struct parser *parser,
				     struct callgate_span start);
/* The token behind the next one. */
struct token parse_peek(const struct parser *parser);

struct syntax_item *parse_item(struct parser *parser);
struct syntax_item *parse_items(struct parser *parser);
struct syntax_set *parse_set(struct parser *parser);

struct syntax_condition *parse_condition(struct parser *parser);
struct syntax_condition *parse_call_conditions(struct parser *parser);
struct syntax_value *parse_value(struct parser *parser);

#endif
