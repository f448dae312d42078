// SPDX-License-Identifier: MIT
/*
 * The lexer.
 *
 * It looks at one byte after another and never back; every byte of the text belongs to
 * one token or to the space between two. A byte that begins no token is reported and
 * skipped, a number that is none is reported and counts as 0: the parser goes on.
 */
#include "policy/lex.h"

#include <errno.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
	return is_letter(c) || is_digit(c);
}

/* The byte at `distance` from here; past the end it is a NUL, which no text holds. */
static char look(const struct lexer *lexer, size_t distance)
{
	size_t left = lexer->text.len - lexer->at;

	return distance < left ? lexer->text.ptr[lexer->at + distance] : 0;
}

static struct callgate_span span_from(const struct lexer *lexer, size_t start)
{
	return (struct callgate_span){ lexer->file, (uint32_t)start,
				       (uint32_t)(lexer->at - start) };
}

/* Takes a backslash and the line end behind it; false if that is not what is here. */
static bool take_continuation(struct lexer *lexer)
{
	size_t length = 1;

	if (look(lexer, 0) != '\\')
		return false;
	while (look(lexer, length) == '\r' || look(lexer, length) == ' ' ||
	       look(lexer, length) == '\t')
		length++;
	if (look(lexer, length) != '\n')
		return false;
	lexer->at += length + 1;
	return true;
}

static void skip_space(struct lexer *lexer)
{
	for (;;) {
		char c = look(lexer, 0);

		if (c == '#') {
			while (lexer->at < lexer->text.len && look(lexer, 0) != '\n')
				lexer->at++;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			lexer->at++;
		} else if (c == '\n' && (lexer->nesting || lexer->after_comma)) {
			lexer->at++;
		} else if (!take_continuation(lexer)) {
			return;
		}
	}
}

/* word: letter { letter | digit | ("-" | ".") (letter | digit) } */
static void take_word(struct lexer *lexer)
{
	for (;;) {
		char c = look(lexer, 0);

		if (is_word(c))
			lexer->at++;
		else if ((c == '-' || c == '.') && is_word(look(lexer, 1)))
			lexer->at += 2;
		else
			return;
	}
}

static struct token finish(const struct lexer *lexer, enum token_kind kind,
			   size_t start)
{
	return (struct token){
		.kind = kind,
		.text = { lexer->text.ptr + start, lexer->at - start },
		.span = span_from(lexer, start),
	};
}

static struct token take_name(struct lexer *lexer)
{
	static const struct {
		const char *text;
		enum token_kind kind;
	} words[] = {
		{ "and", TOKEN_AND },
		{ "or", TOKEN_OR },
		{ "not", TOKEN_NOT },
	};
	size_t start = lexer->at;
	struct token token;

	take_word(lexer);
	token = finish(lexer, TOKEN_NAME, start);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_is(token.text, words[i].text))
			token.kind = words[i].kind;
	return token;
}

static struct token take_number(struct lexer *lexer)
{
	size_t start = lexer->at;
	struct token token;
	int error;

	while (is_word(look(lexer, 0)))
		lexer->at++;
	token = finish(lexer, TOKEN_NUMBER, start);
	error = str_number(token.text, &token.number);
	lexer->is_broken |= error != 0;
	if (error == -ERANGE)
		report_error(lexer->report, "bad-number", token.span,
			     "the largest number is 0xffffffffffffffff",
			     "'%.*s' has more than 64 bits", STR_ARG(token.text));
	else if (error)
		report_error(lexer->report, "bad-number", token.span,
			     "numbers are decimal, 0x hexadecimal, 0 or 0o octal, "
			     "0b binary",
			     "'%.*s' is not a number", STR_ARG(token.text));
	return token;
}

static struct token take_string(struct lexer *lexer)
{
	size_t start = lexer->at++;
	struct token token;
	char c;

	while ((c = look(lexer, 0)) && c != '"' && c != '\n')
		lexer->at++;
	token = finish(lexer, TOKEN_STRING, start);
	token.text.ptr++;
	token.text.len--;
	if (c == '"') {
		lexer->at++;
		token.span.length++;
	} else {
		lexer->is_broken = true;
		report_error(lexer->report, "unterminated-string", token.span,
			     "close the string with \" on the same line",
			     "a string ends with the line");
	}
	return token;
}

static const struct punctuation {
	const char text[3];
	uint8_t length;
	enum token_kind kind;
} punctuations[] = {
	/* Longer ones first. */
	{ "&&", 2, TOKEN_AND },	       { "||", 2, TOKEN_OR },
	{ "==", 2, TOKEN_EQ },	       { "!=", 2, TOKEN_NE },
	{ "<=", 2, TOKEN_LE },	       { ">=", 2, TOKEN_GE },
	{ "..", 2, TOKEN_RANGE },      { "(", 1, TOKEN_OPEN },
	{ ")", 1, TOKEN_CLOSE },       { "{", 1, TOKEN_OPEN_BRACE },
	{ "}", 1, TOKEN_CLOSE_BRACE }, { ",", 1, TOKEN_COMMA },
	{ ":", 1, TOKEN_COLON },       { "?", 1, TOKEN_QUESTION },
	{ "=", 1, TOKEN_ASSIGN },      { "<", 1, TOKEN_LT },
	{ ">", 1, TOKEN_GT },	       { "&", 1, TOKEN_AMPERSAND },
	{ "|", 1, TOKEN_PIPE },	       { "~", 1, TOKEN_TILDE },
	{ "+", 1, TOKEN_PLUS },	       { "-", 1, TOKEN_MINUS },
	{ "!", 1, TOKEN_NOT },	       { ";", 1, TOKEN_SEPARATOR },
	{ "\n", 1, TOKEN_SEPARATOR },
};

static const struct punctuation *find_punctuation(const struct lexer *lexer)
{
	for (size_t i = 0; i < sizeof(punctuations) / sizeof(punctuations[0]); i++) {
		const struct punctuation *candidate = &punctuations[i];

		if (look(lexer, 0) == candidate->text[0] &&
		    (candidate->length == 1 || look(lexer, 1) == candidate->text[1]))
			return candidate;
	}
	return NULL;
}

static bool is_high(char c)
{
	return (unsigned char)c >= 0x80;
}

/* One byte, or a whole run outside ASCII: a letter of another alphabet is one mistake.
 */
static void skip_unexpected(struct lexer *lexer)
{
	size_t start = lexer->at;
	struct callgate_span span;

	do
		lexer->at++;
	while (is_high(lexer->text.ptr[start]) && is_high(look(lexer, 0)));
	span = span_from(lexer, start);
	lexer->is_broken = true;
	if (is_high(lexer->text.ptr[start]))
		report_error(lexer->report, "unexpected-character", span,
			     "outside of comments and strings a policy is plain ASCII",
			     "unexpected character outside ASCII");
	else
		report_error(lexer->report, "unexpected-character", span, NULL,
			     lexer->text.ptr[start] > ' ' ? "unexpected character '%c'"
							  : "unexpected byte %#04x",
			     lexer->text.ptr[start]);
}

static struct token take_token(struct lexer *lexer)
{
	const struct punctuation *punctuation;
	size_t start;
	char c;

	for (;;) {
		skip_space(lexer);
		start = lexer->at;
		c = look(lexer, 0);
		if (lexer->at == lexer->text.len)
			return finish(lexer, TOKEN_END, start);
		if (is_letter(c))
			return take_name(lexer);
		if (is_digit(c))
			return take_number(lexer);
		if (c == '"')
			return take_string(lexer);
		if (c == '@' && is_word(look(lexer, 1))) {
			lexer->at++;
			take_word(lexer);
			return finish(lexer, TOKEN_GROUP, start);
		}
		punctuation = find_punctuation(lexer);
		if (punctuation) {
			lexer->at += punctuation->length;
			return finish(lexer, punctuation->kind, start);
		}
		skip_unexpected(lexer);
	}
}

struct token lex_next(struct lexer *lexer)
{
	struct token token = take_token(lexer);

	lexer->after_comma = token.kind == TOKEN_COMMA;
	return token;
}

const char *lex_describe(const struct token *token, struct report *report)
{
	const char *text;

	if (token->kind == TOKEN_END)
		return "the end of the text";
	if (token->kind == TOKEN_SEPARATOR)
		return token->text.ptr[0] == ';' ? "';'" : "the end of the line";
	if (token->kind == TOKEN_STRING)
		return "a string";
	text = report_text(report, "'%.*s'", STR_ARG(token->text));
	return text ? text : "";
}
