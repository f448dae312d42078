// SPDX-License-Identifier: MIT
/*
 * Statements.
 *
 * One statement is one line; a table says which word begins which. After an error
 * parsing goes on at the next statement: past the brackets that were open, or at a line
 * that begins with a statement's word, whichever comes first.
 *
 * `when` is decided here, since parameters are known: what is left out is parsed for
 * its errors and dropped, and its includes are not read.
 */
#include "policy/parse.h"

/* --- tokens ----------------------------------------------------------------------- */

void parse_advance(struct parser *parser)
{
	parser->previous = parser->token;
	parser->token = lex_next(&parser->lexer);
}

struct token parse_peek(const struct parser *parser)
{
	struct lexer ahead = parser->lexer;

	return lex_next(&ahead);
}

bool parse_take(struct parser *parser, enum token_kind kind)
{
	if (parser->broken || parser->token.kind != kind)
		return false;
	parse_advance(parser);
	return true;
}

bool parse_is_word(const struct parser *parser, const char *word)
{
	return parser->token.kind == TOKEN_NAME && str_is(parser->token.text, word);
}

bool parse_wanted(struct parser *parser, const char *what, const char *hint)
{
	/* What the lexer could not read is the one mistake of its statement. */
	bool is_first = !parser->broken && !parser->lexer.is_broken;

	parser->broken = true;
	return is_first && report_error(parser->report, "syntax", parser->token.span,
					hint, "expected %s, found %s", what,
					lex_describe(&parser->token, parser->report));
}

bool parse_expect(struct parser *parser, enum token_kind kind, const char *what)
{
	if (parse_take(parser, kind))
		return true;
	parse_wanted(parser, what, NULL);
	return false;
}

struct callgate_span parse_span_from(const struct parser *parser,
				     struct callgate_span start)
{
	struct callgate_span end = parser->previous.span;

	return end.offset < start.offset ? start : span_join(start, end);
}

/* Whether a line ends between the last token and the next one. */
static bool starts_line(const struct parser *parser)
{
	size_t start = parser->previous.span.offset + parser->previous.span.length;

	return parser->token.span.offset > start &&
	       memchr(parser->lexer.text.ptr + start, '\n',
		      parser->token.span.offset - start);
}

static void note_opened(struct parser *parser)
{
	diag_note(parser->report->diagnostics, parser->opened[parser->depth - 1],
		  "it begins here");
}

static bool enter(struct parser *parser)
{
	if (parser->depth >= SYNTAX_DEPTH && !parser->broken) {
		report_error(parser->report, "nested-too-deeply", parser->token.span,
			     NULL, "more than %d brackets within brackets",
			     SYNTAX_DEPTH);
		parser->broken = true;
	}
	if (parser->broken)
		return false;
	parser->opened[parser->depth++] = parser->token.span;
	return true;
}

bool parse_open(struct parser *parser, enum token_kind kind, const char *what)
{
	if (parser->token.kind != kind) {
		parse_wanted(parser, what, NULL);
		return false;
	}
	if (!enter(parser))
		return false;
	parser->lexer.nesting++;
	parse_advance(parser);
	return true;
}

bool parse_close(struct parser *parser, enum token_kind kind, const char *what)
{
	if (parser->broken)
		return false;
	if (parser->token.kind != kind) {
		if (parse_wanted(parser, what, NULL) && starts_line(parser))
			note_opened(parser);
		return false;
	}
	parser->depth--;
	parser->lexer.nesting--;
	parse_advance(parser);
	return true;
}

/* --- actions ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum action_kind kind;
} actions[] = {
	{ "allow", ACTION_ALLOW },
	{ "deny", ACTION_DENY },
	{ "errno", ACTION_ERRNO },
	{ "kill", ACTION_KILL },
	{ "log", ACTION_LOG },
	{ "trap", ACTION_TRAP },
	{ "trace", ACTION_TRACE },
	{ "notify", ACTION_NOTIFY },
	{ "kill-thread", ACTION_KILL_THREAD },
};

#define ACTION_COUNT (sizeof(actions) / sizeof(actions[0]))

static bool find_action(struct str word, enum action_kind *ret_kind)
{
	for (size_t i = 0; i < ACTION_COUNT; i++) {
		if (!str_is(word, actions[i].name))
			continue;
		*ret_kind = actions[i].kind;
		return true;
	}
	return false;
}

static const char *nearest_action(struct parser *parser)
{
	struct str_nearest nearest = str_nearest_to(parser->token.text);

	for (size_t i = 0; i < ACTION_COUNT; i++)
		str_nearest_offer(&nearest, actions[i].name);
	return report_nearest(parser->report, &nearest,
			      "actions are allow, deny, log, errno NAME, trap, trace, "
			      "notify, kill and kill-thread");
}

/*
 * action = "allow" | "log" | "errno" ( NAME | NUMBER ) | "trap" [ NUMBER ]
 *	  | "trace" [ NUMBER ] | "notify" | "kill" | "kill-thread" | "deny" .
 */
static struct syntax_action parse_action(struct parser *parser)
{
	struct syntax_action action = { .span = parser->token.span };
	bool is_errno, has_data;

	if (parser->token.kind != TOKEN_NAME ||
	    !find_action(parser->token.text, &action.kind)) {
		parse_wanted(parser, "an action", nearest_action(parser));
		return action;
	}
	parse_advance(parser);
	is_errno = action.kind == ACTION_ERRNO;
	has_data =
		is_errno || action.kind == ACTION_TRAP || action.kind == ACTION_TRACE;
	if ((is_errno && parser->token.kind == TOKEN_NAME) ||
	    (has_data && parser->token.kind == TOKEN_NUMBER)) {
		action.argument =
			(struct syntax_name){ parser->token.text, parser->token.span };
		action.has_number = parser->token.kind == TOKEN_NUMBER;
		action.number = parser->token.number;
		parse_advance(parser);
	} else if (is_errno) {
		parse_wanted(parser, "the name or number of an error",
			     "write errno EPERM, or errno 1");
	}
	action.span = parse_span_from(parser, action.span);
	return action;
}

/* --- statements ------------------------------------------------------------------- */

static struct syntax_statement *parse_statements(struct parser *parser, bool is_block);

static struct syntax_statement *new_statement(struct parser *parser,
					      enum statement_kind kind)
{
	struct syntax_statement *statement =
		ARENA_NEW(parser->arena, struct syntax_statement);

	if (!statement) {
		parser->broken = true;
		return NULL;
	}
	statement->kind = kind;
	statement->span = parser->token.span;
	return statement;
}

/* "abi" NAME . */
static struct syntax_statement *parse_abi(struct parser *parser)
{
	struct syntax_statement *statement = new_statement(parser, STATEMENT_ABI);

	parse_advance(parser);
	if (!statement)
		return NULL;
	statement->name =
		(struct syntax_name){ parser->token.text, parser->token.span };
	if (!parse_take(parser, TOKEN_NAME))
		parse_wanted(parser, "a kernel version", "write abi linux-6.1");
	return statement;
}

static struct syntax_names *parse_names(struct parser *parser, const char *what)
{
	struct syntax_names *first = NULL, **tail = &first;

	do {
		*tail = ARENA_NEW(parser->arena, struct syntax_names);
		if (!*tail) {
			parser->broken = true;
			return NULL;
		}
		(*tail)->name =
			(struct syntax_name){ parser->token.text, parser->token.span };
		if (!parse_expect(parser, TOKEN_NAME, what))
			return NULL;
		tail = &(*tail)->next;
		parse_take(parser, TOKEN_COMMA);
	} while (parser->token.kind == TOKEN_NAME);
	return first;
}

/* block = "{" statements "}" . */
static struct syntax_statement *parse_block(struct parser *parser)
{
	struct syntax_statement *body;

	if (!enter(parser) || !parse_expect(parser, TOKEN_OPEN_BRACE, "'{'"))
		return NULL;
	body = parse_statements(parser, true);
	if (!parse_take(parser, TOKEN_CLOSE_BRACE) && parse_wanted(parser, "'}'", NULL))
		note_opened(parser);
	parser->depth--;
	return body;
}

/* "arch" NAME { [ "," ] NAME } [ block ] . */
static struct syntax_statement *parse_arch(struct parser *parser)
{
	struct syntax_statement *statement = new_statement(parser, STATEMENT_ARCH);

	parse_advance(parser);
	if (!statement)
		return NULL;
	statement->names = parse_names(parser, "the name of an ABI");
	if (parser->broken || parser->token.kind != TOKEN_OPEN_BRACE)
		return statement;
	statement->kind = STATEMENT_BLOCK;
	statement->span = parse_span_from(parser, statement->span);
	statement->body = parse_block(parser);
	return statement;
}

static struct syntax_statement *parse_setting(struct parser *parser,
					      enum statement_kind kind)
{
	struct syntax_statement *statement = new_statement(parser, kind);

	parse_advance(parser);
	if (statement)
		statement->action = parse_action(parser);
	return statement;
}

/* "default" action . */
static struct syntax_statement *parse_default(struct parser *parser)
{
	return parse_setting(parser, STATEMENT_DEFAULT);
}

/* "unknown" action . */
static struct syntax_statement *parse_unknown(struct parser *parser)
{
	return parse_setting(parser, STATEMENT_UNKNOWN);
}

/* "badarch" ( action | "like" NAME ) . */
static struct syntax_statement *parse_badarch(struct parser *parser)
{
	struct syntax_statement *statement;

	if (!str_is(parse_peek(parser).text, "like"))
		return parse_setting(parser, STATEMENT_BADARCH);
	parse_advance(parser);
	statement = new_statement(parser, STATEMENT_BADARCH);
	parse_advance(parser);
	if (!statement)
		return NULL;
	statement->name =
		(struct syntax_name){ parser->token.text, parser->token.span };
	if (!parse_take(parser, TOKEN_NAME)) {
		parse_wanted(parser, "the name of an ABI", NULL);
		return NULL;
	}
	return statement;
}

/* "define" NAME "=" value . */
static struct syntax_statement *parse_define(struct parser *parser)
{
	struct syntax_statement *statement = new_statement(parser, STATEMENT_DEFINE);

	parse_advance(parser);
	if (!statement)
		return NULL;
	statement->name =
		(struct syntax_name){ parser->token.text, parser->token.span };
	if (!parse_take(parser, TOKEN_NAME)) {
		parse_wanted(parser, "a name to define",
			     parser->token.kind == TOKEN_GROUP
				     ? "a group needs no 'define': @name = …"
				     : NULL);
		return NULL;
	}
	/* From here on the name is known: its uses are no second error. */
	if (parse_expect(parser, TOKEN_ASSIGN, "'='"))
		statement->value = parse_value(parser);
	if (parser->broken)
		statement->value = NULL;
	return statement;
}

/* GROUP "=" set . */
static struct syntax_statement *parse_group(struct parser *parser)
{
	struct syntax_statement *statement = new_statement(parser, STATEMENT_GROUP);

	if (!statement)
		return NULL;
	statement->name =
		(struct syntax_name){ parser->token.text, parser->token.span };
	parse_advance(parser);
	if (parser->token.kind != TOKEN_ASSIGN) {
		parse_wanted(parser, "'=' after the name of a group",
			     "a rule begins with its action: allow @group");
		return NULL;
	}
	parse_advance(parser);
	statement->set = parse_set(parser);
	if (parser->broken)
		statement->set = NULL;
	return statement;
}

/* action items [ "where" condition ] . */
static struct syntax_statement *parse_rule(struct parser *parser)
{
	struct syntax_statement *statement = new_statement(parser, STATEMENT_RULE);

	if (!statement)
		return NULL;
	statement->action = parse_action(parser);
	if (!parser->broken)
		statement->items = parse_items(parser);
	if (parser->broken || !parse_is_word(parser, "where"))
		return statement;
	parse_advance(parser);
	statement->where = parse_condition(parser);
	if (!parser->broken && parser->token.kind == TOKEN_COMMA)
		parse_wanted(
			parser, "the end of the line",
			"a comma ends no condition: join conditions with 'and', or "
			"write a second rule");
	return statement;
}

/* "expect" action items . */
static struct syntax_statement *parse_expectation(struct parser *parser)
{
	struct syntax_statement *statement = new_statement(parser, STATEMENT_EXPECT);

	parse_advance(parser);
	if (!statement)
		return NULL;
	statement->action = parse_action(parser);
	parser->in_call = true;
	if (!parser->broken)
		statement->items = parse_items(parser);
	parser->in_call = false;
	return statement;
}

/* "include" STRING . */
static struct syntax_statement *parse_include(struct parser *parser)
{
	const struct source *source;
	struct token name;

	parse_advance(parser);
	name = parser->token;
	if (!parse_take(parser, TOKEN_STRING)) {
		parse_wanted(parser, "the name of a file in quotes",
			     "write include \"file.gate\"");
		return NULL;
	}
	if (parser->dead || parser->lexer.is_broken)
		return NULL;
	source = source_include(parser->context->sources, parser->source, name.text,
				name.span);
	return source ? parse_policy(parser->context, source) : NULL;
}

static bool has_parameter(struct parse_context *context, struct str name)
{
	for (size_t i = 0; context->parameters && context->parameters[i]; i++) {
		if (!str_is(name, context->parameters[i]))
			continue;
		context->parameter_named[i] = true;
		return true;
	}
	return false;
}

/* A block, of which nothing is left when it is not taken. */
static struct syntax_statement *parse_branch(struct parser *parser, bool is_taken)
{
	struct syntax_statement *body;

	parser->dead += !is_taken;
	body = parse_block(parser);
	parser->dead -= !is_taken;
	return is_taken ? body : NULL;
}

/* "when" [ "not" ] NAME block [ "else" block ] . */
static struct syntax_statement *parse_when(struct parser *parser)
{
	struct syntax_statement *body, *otherwise = NULL;
	bool is_taken;

	parse_advance(parser);
	is_taken = !parse_take(parser, TOKEN_NOT);
	if (parser->token.kind != TOKEN_NAME) {
		parse_wanted(parser, "the name of a parameter", NULL);
		return NULL;
	}
	is_taken ^= !has_parameter(parser->context, parser->token.text);
	parse_advance(parser);
	body = parse_branch(parser, is_taken);
	if (!parser->broken && parse_is_word(parser, "else")) {
		parse_advance(parser);
		otherwise = parse_branch(parser, !is_taken);
	}
	return is_taken ? body : otherwise;
}

static const struct {
	const char *word;
	struct syntax_statement *(*parse)(struct parser *);
} statements[] = {
	{ "abi", parse_abi },
	{ "arch", parse_arch },
	{ "default", parse_default },
	{ "unknown", parse_unknown },
	{ "badarch", parse_badarch },
	{ "define", parse_define },
	{ "include", parse_include },
	{ "when", parse_when },
	{ "expect", parse_expectation },
};

#define STATEMENT_COUNT (sizeof(statements) / sizeof(statements[0]))

static void report_statement(struct parser *parser)
{
	struct str_nearest nearest = str_nearest_to(parser->token.text);

	if (parser->token.kind == TOKEN_NAME) {
		for (size_t i = 0; i < STATEMENT_COUNT; i++)
			str_nearest_offer(&nearest, statements[i].word);
		for (size_t i = 0; i < ACTION_COUNT; i++)
			str_nearest_offer(&nearest, actions[i].name);
	}
	report_error(parser->report, "unknown-statement", parser->token.span,
		     report_nearest(parser->report, &nearest,
				    "a rule begins with its action: allow read"),
		     "expected a statement, found %s",
		     lex_describe(&parser->token, parser->report));
	parser->broken = true;
}

static bool begins_statement(const struct token *token)
{
	enum action_kind kind;

	if (token->kind != TOKEN_NAME)
		return false;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		if (str_is(token->text, statements[i].word))
			return true;
	return find_action(token->text, &kind);
}

/* A statement, or the ones that it stands for. */
static struct syntax_statement *parse_statement(struct parser *parser)
{
	enum action_kind kind;

	if (parser->token.kind == TOKEN_GROUP)
		return parse_group(parser);
	if (parser->token.kind == TOKEN_NAME) {
		for (size_t i = 0; i < STATEMENT_COUNT; i++)
			if (str_is(parser->token.text, statements[i].word))
				return statements[i].parse(parser);
		if (find_action(parser->token.text, &kind))
			return parse_rule(parser);
	}
	report_statement(parser);
	return NULL;
}

/* --- recovery and lists ----------------------------------------------------------- */

static int bracket_change(enum token_kind kind)
{
	switch (kind) {
	case TOKEN_OPEN:
	case TOKEN_OPEN_BRACE:
		return 1;
	case TOKEN_CLOSE:
	case TOKEN_CLOSE_BRACE:
		return -1;
	default:
		return 0;
	}
}

/* Goes to the end of a broken statement. */
static void recover(struct parser *parser, unsigned depth)
{
	size_t open = parser->lexer.nesting;

	parser->lexer.nesting = 0;
	parser->broken = false;
	parser->depth = depth;
	/* A bracket that was never closed: this line is another statement. */
	if (open && starts_line(parser) && begins_statement(&parser->token))
		return;
	for (; parser->token.kind != TOKEN_END; parse_advance(parser)) {
		int change = bracket_change(parser->token.kind);

		if (parser->token.kind == TOKEN_SEPARATOR) {
			struct token next = parse_peek(parser);

			if (!open || begins_statement(&next))
				return;
		}
		if (change < 0 && open == 0) {
			if (parser->token.kind == TOKEN_CLOSE_BRACE)
				return;
			continue;
		}
		open += (size_t)change;
	}
}

static void end_statement(struct parser *parser, bool is_block)
{
	if (parser->broken || parser->token.kind == TOKEN_SEPARATOR ||
	    parser->token.kind == TOKEN_END ||
	    (is_block && parser->token.kind == TOKEN_CLOSE_BRACE))
		return;
	parse_wanted(parser, "the end of the line", NULL);
}

/* A broken statement is dropped, unless others need to know what it would define. */
static bool is_kept(const struct parser *parser,
		    const struct syntax_statement *statement)
{
	if (!statement)
		return false;
	return !(parser->broken || parser->lexer.is_broken) ||
	       statement->kind == STATEMENT_DEFINE ||
	       statement->kind == STATEMENT_GROUP || statement->kind == STATEMENT_BLOCK;
}

/* A stray `}` of a file would be found again and again: takes it. */
static void skip_stray(struct parser *parser, bool is_block)
{
	if (!is_block && parser->token.kind == TOKEN_CLOSE_BRACE)
		parse_advance(parser);
}

/* statements = { [ statement ] SEPARATOR } . */
static struct syntax_statement *parse_statements(struct parser *parser, bool is_block)
{
	struct syntax_statement *first = NULL, **tail = &first;
	unsigned depth = parser->depth;

	while (!report_is_full(parser->report) && !parser->arena->failed &&
	       !parser->context->sources->error) {
		struct syntax_statement *statement;
		struct callgate_span start;

		parser->lexer.is_broken = false;
		while (parse_take(parser, TOKEN_SEPARATOR))
			;
		if (parser->token.kind == TOKEN_END ||
		    (is_block && parser->token.kind == TOKEN_CLOSE_BRACE))
			break;
		start = parser->token.span;
		statement = parse_statement(parser);
		if (statement && statement->span.file == start.file &&
		    statement->span.offset == start.offset &&
		    statement->kind != STATEMENT_BLOCK)
			statement->span = parse_span_from(parser, start);
		end_statement(parser, is_block);
		if (is_kept(parser, statement))
			*tail = statement;
		while (*tail)
			tail = &(*tail)->next;
		if (parser->broken) {
			recover(parser, depth);
			skip_stray(parser, is_block);
		}
	}
	return first;
}

static struct parser start_parser(struct parse_context *context,
				  const struct source *source)
{
	struct parser parser = {
		.context = context,
		.report = context->report,
		.arena = context->arena,
		.source = source,
		.lexer = { context->report, source->text, source->file },
	};

	parse_advance(&parser);
	parser.previous = parser.token;
	return parser;
}

struct syntax_statement *parse_policy(struct parse_context *context,
				      const struct source *source)
{
	struct parser parser = start_parser(context, source);

	return parse_statements(&parser, false);
}

struct syntax_item *parse_call(struct parse_context *context,
			       const struct source *source)
{
	struct parser parser = start_parser(context, source);
	struct syntax_item *item;

	parser.in_call = true;
	item = parse_item(&parser);
	while (parse_take(&parser, TOKEN_SEPARATOR))
		;
	if (item && parser.token.kind != TOKEN_END)
		parse_wanted(&parser, "the end of the call", NULL);
	return parser.broken ? NULL : item;
}
