// SPDX-License-Identifier: MIT
/*
 * Conditions and values.
 *
 * Precedence from loose to tight: or, and, not, comparison, `&` of an argument and its
 * mask, `|`, `+`, `-` and `~`. `flags & A | B == 0` therefore asks what people mean.
 * A parenthesis may hold a condition or an argument with its mask; the latter is
 * a SYNTAX_OPERAND until the comparison behind it makes it a condition.
 */
#include "policy/parse.h"

static const struct cast casts[] = {
	{ "u8", 8, false },   { "s8", 8, true },    { "u16", 16, false },
	{ "s16", 16, true },  { "u32", 32, false }, { "s32", 32, true },
	{ "u64", 64, false }, { "s64", 64, true },
};

static const struct cast *find_cast(struct str name)
{
	for (size_t i = 0; i < sizeof(casts) / sizeof(casts[0]); i++)
		if (str_is(name, casts[i].name))
			return &casts[i];
	return NULL;
}

/* --- values ----------------------------------------------------------------------- */

static struct syntax_value *new_value(struct parser *parser, enum value_kind kind)
{
	struct syntax_value *value = ARENA_NEW(parser->arena, struct syntax_value);

	if (!value) {
		parser->broken = true;
		return NULL;
	}
	value->kind = kind;
	value->span = parser->token.span;
	return value;
}

/* primary = NUMBER | NAME | "(" value ")" . */
static struct syntax_value *parse_primary_value(struct parser *parser)
{
	struct syntax_value *value;

	if (parser->token.kind == TOKEN_OPEN) {
		if (!parse_open(parser, TOKEN_OPEN, "'('"))
			return NULL;
		value = parse_value(parser);
		return parse_close(parser, TOKEN_CLOSE, "')'") ? value : NULL;
	}
	if (parser->token.kind != TOKEN_NUMBER && parser->token.kind != TOKEN_NAME) {
		parse_wanted(parser, "a number or the name of a constant", NULL);
		return NULL;
	}
	value = new_value(parser, parser->token.kind == TOKEN_NUMBER ? VALUE_NUMBER
								     : VALUE_NAME);
	if (!value)
		return NULL;
	value->number = parser->token.number;
	value->name = parser->token.text;
	parse_advance(parser);
	return value;
}

/* unary = [ "-" | "~" ] primary . */
static struct syntax_value *parse_unary_value(struct parser *parser)
{
	bool negate = parser->token.kind == TOKEN_MINUS;
	struct syntax_value *value;

	if (!negate && parser->token.kind != TOKEN_TILDE)
		return parse_primary_value(parser);
	value = new_value(parser, negate ? VALUE_NEGATE : VALUE_COMPLEMENT);
	if (!value)
		return NULL;
	parse_advance(parser);
	value->first = parse_primary_value(parser);
	value->span = parse_span_from(parser, value->span);
	return value;
}

/* A chain of operands of one operator, or its only operand. */
static struct syntax_value *
parse_value_chain(struct parser *parser, enum token_kind token, enum value_kind kind,
		  struct syntax_value *(*operand)(struct parser *))
{
	struct syntax_value *first = operand(parser), *last = first, *chain;

	if (parser->token.kind != token || parser->broken)
		return first;
	chain = new_value(parser, kind);
	if (!chain)
		return NULL;
	chain->first = first;
	while (!parser->broken && parse_take(parser, token)) {
		last->next = operand(parser);
		last = last->next;
	}
	chain->span = parse_span_from(parser, first->span);
	return chain;
}

/* sum = unary { "+" unary } . */
static struct syntax_value *parse_sum(struct parser *parser)
{
	return parse_value_chain(parser, TOKEN_PLUS, VALUE_ADD, parse_unary_value);
}

/* value = sum { "|" sum } . */
struct syntax_value *parse_value(struct parser *parser)
{
	return parse_value_chain(parser, TOKEN_PIPE, VALUE_OR, parse_sum);
}

/* --- conditions ------------------------------------------------------------------- */

static struct syntax_condition *new_condition(struct parser *parser,
					      enum syntax_condition_kind kind)
{
	struct syntax_condition *condition =
		ARENA_NEW(parser->arena, struct syntax_condition);

	if (!condition) {
		parser->broken = true;
		return NULL;
	}
	condition->kind = kind;
	condition->span = parser->token.span;
	return condition;
}

/* argument = NAME | cast "(" NAME ")" . */
static bool parse_argument(struct parser *parser, struct syntax_operand *ret_operand)
{
	struct callgate_span start = parser->token.span;
	const struct cast *cast = NULL;

	if (parser->token.kind == TOKEN_NAME && parse_peek(parser).kind == TOKEN_OPEN) {
		cast = find_cast(parser->token.text);
		if (!cast) {
			parse_wanted(parser, "an argument or one of u8 … u64, s8 … s64",
				     NULL);
			return false;
		}
		parse_advance(parser);
		if (!parse_open(parser, TOKEN_OPEN, "'('"))
			return false;
	}
	if (parser->token.kind != TOKEN_NAME) {
		parse_wanted(parser, "the name of an argument",
			     "an argument stands left of its comparison: flags == 0");
		return false;
	}
	ret_operand->name =
		(struct syntax_name){ parser->token.text, parser->token.span };
	ret_operand->cast = cast;
	parse_advance(parser);
	if (cast && !parse_close(parser, TOKEN_CLOSE, "')'"))
		return false;
	ret_operand->span = parse_span_from(parser, start);
	return true;
}

/* operand = argument [ "&" value ] . */
static struct syntax_condition *parse_operand(struct parser *parser)
{
	struct syntax_condition *condition = new_condition(parser, SYNTAX_OPERAND);

	if (!condition || !parse_argument(parser, &condition->operand))
		return NULL;
	if (parse_take(parser, TOKEN_AMPERSAND)) {
		condition->operand.mask = parse_value(parser);
		condition->operand.span =
			parse_span_from(parser, condition->operand.span);
	}
	condition->span = parse_span_from(parser, condition->span);
	return condition;
}

/* element = value [ ".." value ] . */
static struct syntax_element *parse_element(struct parser *parser)
{
	struct syntax_element *element =
		ARENA_NEW(parser->arena, struct syntax_element);

	if (!element) {
		parser->broken = true;
		return NULL;
	}
	element->span = parser->token.span;
	element->low = parse_value(parser);
	if (!parser->broken && parse_take(parser, TOKEN_RANGE))
		element->high = parse_value(parser);
	element->span = parse_span_from(parser, element->span);
	return parser->broken ? NULL : element;
}

/* set = "{" element { "," element } [ "," ] "}" | value ".." value . */
static struct syntax_element *parse_elements(struct parser *parser)
{
	struct syntax_element *first = NULL, **tail = &first;

	if (parser->token.kind != TOKEN_OPEN_BRACE) {
		first = parse_element(parser);
		if (first && !first->high)
			parse_wanted(parser, "'..' of a range",
				     "sets are written {A, B}");
		return first;
	}
	parse_open(parser, TOKEN_OPEN_BRACE, "'{'");
	do {
		if (first && parser->token.kind == TOKEN_CLOSE_BRACE)
			break;
		*tail = parse_element(parser);
		if (!*tail)
			return NULL;
		tail = &(*tail)->next;
	} while (parse_take(parser, TOKEN_COMMA));
	return parse_close(parser, TOKEN_CLOSE_BRACE, "',' or '}'") ? first : NULL;
}

static struct syntax_condition *negate(struct parser *parser,
				       struct syntax_condition *condition)
{
	struct syntax_condition *result;

	if (!condition)
		return NULL;
	result = new_condition(parser, SYNTAX_NOT);
	if (!result)
		return NULL;
	result->first = condition;
	result->span = condition->span;
	return result;
}

static bool find_operator(enum token_kind kind, enum policy_operator *ret_operator)
{
	static const struct {
		enum token_kind kind;
		enum policy_operator operator;
	} operators[] = {
		{ TOKEN_EQ, OPERATOR_EQ }, { TOKEN_ASSIGN, OPERATOR_EQ },
		{ TOKEN_NE, OPERATOR_NE }, { TOKEN_LT, OPERATOR_LT },
		{ TOKEN_LE, OPERATOR_LE }, { TOKEN_GT, OPERATOR_GT },
		{ TOKEN_GE, OPERATOR_GE },
	};

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (operators[i].kind != kind)
			continue;
		*ret_operator = operators[i].operator;
		return true;
	}
	return false;
}

static void parse_membership(struct parser *parser, struct syntax_condition *condition)
{
	parse_advance(parser);
	condition->kind = SYNTAX_IN;
	condition->elements = parse_elements(parser);
	condition->span = parse_span_from(parser, condition->span);
}

/* comparison = operand ( OPERATOR value | [ "not" ] "in" set ) , the operand is parsed.
 */
static struct syntax_condition *parse_comparison(struct parser *parser,
						 struct syntax_condition *condition)
{
	if (parse_is_word(parser, "in")) {
		parse_membership(parser, condition);
		return condition;
	}
	if (parser->token.kind == TOKEN_NOT) {
		parse_advance(parser);
		if (!parse_is_word(parser, "in")) {
			parse_wanted(parser, "'in' after 'not'", NULL);
			return NULL;
		}
		parse_membership(parser, condition);
		return negate(parser, condition);
	}
	if (!find_operator(parser->token.kind, &condition->operator))
		return condition; /* perhaps the one in a parenthesis */
	if (parser->token.kind == TOKEN_ASSIGN && !parser->in_call) {
		report_error(parser->report, "assignment", parser->token.span,
			     "write '==' to compare",
			     "'=' compares only in calls of 'expect'");
		parser->broken = true;
		return NULL;
	}
	parse_advance(parser);
	condition->kind = SYNTAX_COMPARE;
	condition->value = parse_value(parser);
	condition->span = parse_span_from(parser, condition->span);
	return condition;
}

/* Rejects an operand that nothing compares. */
static struct syntax_condition *require(struct parser *parser,
					struct syntax_condition *condition)
{
	const struct syntax_operand *operand;

	if (parser->broken || !condition || condition->kind != SYNTAX_OPERAND)
		return condition;
	operand = &condition->operand;
	if (operand->mask)
		report_error(parser->report, "missing-comparison", condition->span,
			     "say what it is compared with, such as '!= 0'",
			     "'&' alone is no condition");
	else
		report_error(parser->report, "missing-comparison", condition->span,
			     "a condition reads NAME == VALUE",
			     "expected a comparison, found %s after '%.*s'",
			     lex_describe(&parser->token, parser->report),
			     STR_ARG(operand->name.text));
	parser->broken = true;
	return NULL;
}

static struct syntax_condition *parse_or(struct parser *parser);

/* "(" condition ")" | "(" operand ")" comparison . */
static struct syntax_condition *parse_parenthesis(struct parser *parser)
{
	struct callgate_span start = parser->token.span;
	struct syntax_condition *condition;

	if (!parse_open(parser, TOKEN_OPEN, "'('"))
		return NULL;
	condition = parse_or(parser);
	if (!parse_close(parser, TOKEN_CLOSE, "')'") || !condition)
		return NULL;
	condition->span = parse_span_from(parser, start);
	if (condition->kind == SYNTAX_OPERAND)
		return parse_comparison(parser, condition);
	return condition;
}

/* unary = "not" unary | parenthesis | comparison . */
static struct syntax_condition *parse_unary(struct parser *parser)
{
	struct callgate_span start = parser->token.span;
	struct syntax_condition *condition;
	unsigned nots = 0;

	while (parse_take(parser, TOKEN_NOT))
		nots++;
	if (parser->token.kind == TOKEN_OPEN) {
		condition = parse_parenthesis(parser);
	} else {
		condition = parse_operand(parser);
		if (condition)
			condition = parse_comparison(parser, condition);
	}
	if (nots)
		condition = require(parser, condition);
	if (nots % 2)
		condition = negate(parser, condition);
	if (condition)
		condition->span = parse_span_from(parser, start);
	return parser->broken ? NULL : condition;
}

static struct syntax_condition *
parse_chain(struct parser *parser, enum token_kind token,
	    enum syntax_condition_kind kind,
	    struct syntax_condition *(*operand)(struct parser *))
{
	struct syntax_condition *first = operand(parser), *last, *chain;

	if (parser->token.kind != token || parser->broken)
		return first;
	chain = new_condition(parser, kind);
	if (!chain)
		return NULL;
	chain->first = last = require(parser, first);
	while (!parser->broken && parse_take(parser, token)) {
		last->next = require(parser, operand(parser));
		last = last->next;
	}
	if (parser->broken)
		return NULL;
	chain->span = parse_span_from(parser, first->span);
	return chain;
}

/* and = unary { "and" unary } . */
static struct syntax_condition *parse_and(struct parser *parser)
{
	return parse_chain(parser, TOKEN_AND, SYNTAX_AND, parse_unary);
}

/* or = and { "or" and } . */
static struct syntax_condition *parse_or(struct parser *parser)
{
	return parse_chain(parser, TOKEN_OR, SYNTAX_OR, parse_and);
}

/* condition = or . */
struct syntax_condition *parse_condition(struct parser *parser)
{
	return require(parser, parse_or(parser));
}

/* --- in the parentheses of a call ------------------------------------------------- */

/* Whether an argument's value, rather than a condition on it, comes next. */
static bool is_positional(const struct parser *parser)
{
	enum token_kind next;

	switch (parser->token.kind) {
	case TOKEN_NUMBER:
	case TOKEN_MINUS:
	case TOKEN_TILDE:
	case TOKEN_STRING:
		return true;
	case TOKEN_NAME:
		next = parse_peek(parser).kind;
		return next == TOKEN_COMMA || next == TOKEN_CLOSE ||
		       next == TOKEN_PIPE || next == TOKEN_PLUS;
	default:
		return false;
	}
}

/* position = value | "_" | STRING . */
static struct syntax_condition *parse_position(struct parser *parser, uint8_t position)
{
	struct syntax_condition *condition = new_condition(parser, SYNTAX_POSITION);

	if (!condition)
		return NULL;
	condition->position = position;
	if (!parser->in_call) {
		report_error(parser->report, "positional", parser->token.span,
			     "a rule names the argument: NAME == VALUE",
			     "expected a condition, found the value %s",
			     lex_describe(&parser->token, parser->report));
		parser->broken = true;
		return NULL;
	}
	if (parse_is_word(parser, "_") || parser->token.kind == TOKEN_STRING) {
		condition->kind = SYNTAX_ANYTHING;
		parse_advance(parser);
	} else {
		condition->value = parse_value(parser);
	}
	condition->span = parse_span_from(parser, condition->span);
	return parser->broken ? NULL : condition;
}

/* "(" [ ( condition | position ) { "," … } [ "," ] ] ")" , NULL if there is none. */
struct syntax_condition *parse_call_conditions(struct parser *parser)
{
	struct syntax_condition *all = new_condition(parser, SYNTAX_AND);
	struct syntax_condition **tail = all ? &all->first : NULL;

	if (!all || !parse_open(parser, TOKEN_OPEN, "'('"))
		return NULL;
	for (uint8_t position = 0; parser->token.kind != TOKEN_CLOSE; position++) {
		if (position == UINT8_MAX) {
			parse_wanted(parser, "')'", "join conditions with 'and'");
			return NULL;
		}
		*tail = is_positional(parser) ? parse_position(parser, position)
					      : parse_condition(parser);
		if (!*tail)
			return NULL;
		tail = &(*tail)->next;
		if (!parse_take(parser, TOKEN_COMMA))
			break;
	}
	if (!parse_close(parser, TOKEN_CLOSE, "',' or ')'"))
		return NULL;
	all->span = parse_span_from(parser, all->span);
	return all->first ? all : NULL;
}
