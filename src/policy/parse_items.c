// SPDX-License-Identifier: MIT
/*
 * The calls that rules speak of, and sets of calls.
 */
#include "policy/parse.h"

static struct syntax_name take_name(struct parser *parser)
{
	struct syntax_name name = { parser->token.text, parser->token.span };

	parse_advance(parser);
	return name;
}

/* abi = NAME ":" , if that is what comes. */
static void parse_qualifier(struct parser *parser, struct syntax_item *item)
{
	if (parser->token.kind != TOKEN_NAME || parse_peek(parser).kind != TOKEN_COLON)
		return;
	item->abi = take_name(parser);
	parse_advance(parser);
}

/* number = [ "-" ] NUMBER , of 32 bits. */
static uint32_t parse_number(struct parser *parser)
{
	bool negative = parse_take(parser, TOKEN_MINUS);
	uint64_t number = parser->token.number;
	struct callgate_span span = parser->token.span;

	if (!parse_expect(parser, TOKEN_NUMBER, "the number of a call"))
		return 0;
	if (number > UINT32_MAX || (negative && number > INT32_MAX)) {
		report_error(parser->report, "value-range", span, NULL,
			     "a call's number has 32 bits");
		parser->broken = true;
	}
	return negative ? (uint32_t)-number : (uint32_t)number;
}

/* numbers = number [ ".." number ] . */
static void parse_numbers(struct parser *parser, struct syntax_item *item)
{
	struct callgate_span span = parser->token.span;
	uint32_t last;

	item->kind = ITEM_NUMBER;
	item->number = last = parse_number(parser);
	if (!parser->broken && parse_take(parser, TOKEN_RANGE))
		last = parse_number(parser);
	span = parse_span_from(parser, span);
	item->more = last - item->number;
	if (parser->broken)
		return;
	if (!item->abi.text.ptr) {
		report_error(parser->report, "number-without-abi", span,
			     report_text(parser->report,
					 "say whose number it is: x86_64:%u",
					 (unsigned)item->number),
			     "a call's number is another one on each ABI");
		parser->broken = true;
	} else if (last < item->number) {
		report_error(parser->report, "empty-range", span,
			     "write the lower number first",
			     "no number is in this range");
		parser->broken = true;
	}
}

/* item = [ "?" ] [ abi ":" ] ( NAME [ "(" … ")" ] | GROUP | numbers ) . */
struct syntax_item *parse_item(struct parser *parser)
{
	struct syntax_item *item = ARENA_NEW(parser->arena, struct syntax_item);

	if (!item) {
		parser->broken = true;
		return NULL;
	}
	item->span = parser->token.span;
	item->optional = parse_take(parser, TOKEN_QUESTION);
	parse_qualifier(parser, item);
	if (parser->token.kind == TOKEN_GROUP) {
		item->kind = ITEM_GROUP;
		item->name = take_name(parser);
	} else if (parser->token.kind == TOKEN_NAME) {
		item->kind = ITEM_CALL;
		item->name = take_name(parser);
	} else if (parser->token.kind == TOKEN_NUMBER ||
		   parser->token.kind == TOKEN_MINUS) {
		parse_numbers(parser, item);
	} else {
		parse_wanted(parser, "the name of a call or a group", NULL);
	}
	item->span = parse_span_from(parser, item->span);
	if (!parser->broken && parser->token.kind == TOKEN_OPEN)
		item->condition = parse_call_conditions(parser);
	return parser->broken ? NULL : item;
}

/* items = item { "," item } . */
struct syntax_item *parse_items(struct parser *parser)
{
	struct syntax_item *first = NULL, **tail = &first;

	do {
		*tail = parse_item(parser);
		if (!*tail)
			return NULL;
		tail = &(*tail)->next;
	} while (parse_take(parser, TOKEN_COMMA));
	if (parser->token.kind == TOKEN_PLUS || parser->token.kind == TOKEN_MINUS ||
	    parser->token.kind == TOKEN_AMPERSAND)
		parse_wanted(parser, "',', 'where' or the end of the line",
			     "name the set first: @mine = @a - @b");
	return first;
}

/* --- sets ------------------------------------------------------------------------- */

static struct syntax_set *new_set(struct parser *parser)
{
	struct syntax_set *set = ARENA_NEW(parser->arena, struct syntax_set);

	if (set)
		set->span = parser->token.span;
	else
		parser->broken = true;
	return set;
}

static struct syntax_set *parse_union(struct parser *parser, enum token_kind end);

/* primary = [ "?" ] NAME | GROUP | "(" set ")" | "{" [ set ] "}" . */
static struct syntax_set *parse_set_primary(struct parser *parser)
{
	bool is_brace = parser->token.kind == TOKEN_OPEN_BRACE;
	enum token_kind close = is_brace ? TOKEN_CLOSE_BRACE : TOKEN_CLOSE;
	struct syntax_set *set;

	if (is_brace || parser->token.kind == TOKEN_OPEN) {
		struct callgate_span start = parser->token.span;

		if (!parse_open(parser, parser->token.kind, "'{'"))
			return NULL;
		set = parser->token.kind == close && is_brace
			      ? new_set(parser)
			      : parse_union(parser, close);
		parse_close(parser, close, is_brace ? "'}'" : "')'");
		if (set)
			set->span = parse_span_from(parser, start);
		return set;
	}
	set = new_set(parser);
	if (!set)
		return NULL;
	set->optional = parse_take(parser, TOKEN_QUESTION);
	if (parser->token.kind == TOKEN_NAME || parser->token.kind == TOKEN_GROUP)
		set->name = take_name(parser);
	else
		parse_wanted(parser, "the name of a call or a group", NULL);
	return set;
}

/* intersection = primary { "&" primary } . */
static struct syntax_set *parse_intersection(struct parser *parser)
{
	struct syntax_set *first = parse_set_primary(parser), *last = first, *chain;

	if (parser->broken || parser->token.kind != TOKEN_AMPERSAND)
		return first;
	chain = new_set(parser);
	if (!chain)
		return NULL;
	chain->first = first;
	while (!parser->broken && parse_take(parser, TOKEN_AMPERSAND)) {
		last->next = parse_set_primary(parser);
		last = last->next;
		if (last)
			last->operator= SET_INTERSECTION;
	}
	chain->span = parse_span_from(parser, first->span);
	return chain;
}

/* Whether + - or a comma joins another operand, which is then taken. */
static bool take_joint(struct parser *parser, enum token_kind end,
		       enum set_operator *ret_operator)
{
	*ret_operator = SET_UNION;
	if (parse_take(parser, TOKEN_PLUS))
		return true;
	if (parse_take(parser, TOKEN_COMMA))
		return parser->token.kind != end;
	*ret_operator = SET_DIFFERENCE;
	return parse_take(parser, TOKEN_MINUS);
}

/* union = intersection { ( "+" | "," | "-" ) intersection } , from left to right. */
static struct syntax_set *parse_union(struct parser *parser, enum token_kind end)
{
	struct syntax_set *chain = new_set(parser), **tail;
	enum set_operator operator= SET_UNION;

	if (!chain)
		return NULL;
	tail = &chain->first;
	do {
		*tail = parse_intersection(parser);
		if (parser->broken)
			return NULL;
		(*tail)->operator= operator;
		tail = &(*tail)->next;
	} while (take_joint(parser, end, &operator));
	chain->span = parse_span_from(parser, chain->span);
	return chain;
}

/* set = union . */
struct syntax_set *parse_set(struct parser *parser)
{
	return parse_union(parser, TOKEN_SEPARATOR);
}
