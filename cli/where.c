// SPDX-License-Identifier: MIT
/*
 * The expressions of `callgate watch --where`: a parser by descent, one function a rule of
 * the grammar, that makes a tree of nodes in one array; and its evaluation over the JSON of
 * an event. Names are resolved when parsing, so a misspelt one is an error then. A field
 * that an event lacks has no value: it equals nothing and is false.
 */
#include "where.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "callgate.h"
#include "cli.h"
#include "events.h"

#define NESTING_MAX 64
#define NODES_MAX   1024

enum node_kind {
	NODE_NUMBER,
	NODE_TEXT,
	NODE_FIELD,
	NODE_NOT,
	NODE_AND,
	NODE_OR,
	NODE_MASK,
	NODE_EQUAL,
	NODE_UNEQUAL,
	NODE_LESS,
	NODE_LESS_EQUAL,
	NODE_GREATER,
	NODE_GREATER_EQUAL,
	NODE_LIKE,
};

struct node {
	enum node_kind kind;
	uint64_t bits; /* of a number, in two's complement */
	bool is_negative;
	char *text;	    /* of a text; of a field its path */
	size_t left, right; /* operands, as places in the array */
};

struct where {
	struct node *nodes;
	size_t count, capacity;
	size_t root;
};

/* --- names -------------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *path;
} aliases[] = {
	{ "comm", "processName" },   { "container", "containerId" },
	{ "event", "eventName" },    { "exe", "executable.path" },
	{ "pid", "hostProcessId" },  { "ppid", "hostParentProcessId" },
	{ "retval", "returnValue" }, { "tid", "hostThreadId" },
	{ "uid", "userId" },
};

#define ALIASES (sizeof(aliases) / sizeof(*aliases))

/* The path of a field, or NULL. Any argument's name may follow "args.". */
static const char *path_of(const char *name)
{
	if (strncmp(name, "args.", 5) == 0 && name[5])
		return name;
	for (size_t i = 0; i < ALIASES; i++) {
		if (strcmp(aliases[i].name, name) == 0)
			return aliases[i].path;
	}
	for (size_t i = 0; event_fields[i].path; i++) {
		if (strcmp(event_fields[i].path, name) == 0)
			return name;
	}
	return NULL;
}

static const char *nearest(const char *name)
{
	const char *names[ALIASES + 96];
	size_t count = 0;
	const char *found;

	for (size_t i = 0; i < ALIASES; i++)
		names[count++] = aliases[i].name;
	for (size_t i = 0; event_fields[i].path; i++) {
		if (count < sizeof(names) / sizeof(*names))
			names[count++] = event_fields[i].path;
	}
	found = callgate_nearest_name(name, names, count);
	return found ? found : callgate_nearest_fact(name);
}

/* --- parsing -------------------------------------------------------------------------- */

struct parser {
	const char *text;
	size_t at;
	unsigned depth;
	struct where *where;
	struct where_error *error;
	bool failed;
};

__attribute__((format(printf, 4, 5))) static size_t
fail(struct parser *parser, size_t offset, size_t length, const char *format, ...)
{
	va_list arguments;

	if (!parser->failed) {
		parser->error->offset = offset;
		parser->error->length = length;
		va_start(arguments, format);
		vsnprintf(parser->error->message, sizeof(parser->error->message),
			  format, arguments);
		va_end(arguments);
	}
	parser->failed = true;
	return 0;
}

static size_t add(struct parser *parser, const struct node *node)
{
	struct where *where = parser->where;

	if (where->count >= NODES_MAX)
		fail(parser, parser->at, 1, "this is too long");
	if (where->count == where->capacity) {
		where->capacity = where->capacity ? 2 * where->capacity : 16;
		where->nodes = cli_need(reallocarray(where->nodes, where->capacity,
						     sizeof(*where->nodes)));
	}
	where->nodes[where->count] = *node;
	return where->count++;
}

static void skip_blanks(struct parser *parser)
{
	while (isspace((unsigned char)parser->text[parser->at]))
		parser->at++;
}

static bool take(struct parser *parser, const char *token)
{
	skip_blanks(parser);
	if (strncmp(parser->text + parser->at, token, strlen(token)) != 0)
		return false;
	parser->at += strlen(token);
	return true;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* Copies the word that begins here. */
static char *take_word(struct parser *parser)
{
	size_t start = parser->at;

	while (is_word(parser->text[parser->at]))
		parser->at++;
	return cli_need(strndup(parser->text + start, parser->at - start));
}

static size_t parse_number(struct parser *parser, bool is_negative)
{
	size_t start = parser->at;
	char *word = take_word(parser);
	struct node node = { .kind = NODE_NUMBER };
	uint64_t number = 0;

	if (callgate_number_parse(word, &number))
		fail(parser, start, parser->at - start, "'%.32s' is no number", word);
	free(word);
	node.bits = is_negative ? -number : number;
	node.is_negative = is_negative && number;
	return add(parser, &node);
}

/* A field or a constant. */
static size_t parse_name(struct parser *parser)
{
	size_t start = parser->at;
	char *word = take_word(parser);
	const char *path = path_of(word), *near;
	struct node node = { .kind = NODE_NUMBER };
	uint64_t value;

	if (path) {
		node.kind = NODE_FIELD;
		node.text = cli_need(strdup(path));
	} else if (callgate_constant_value(callgate_constant_find(word),
					   callgate_abi_native(), &value)) {
		node.bits = value;
	} else if (strcmp(word, "true") == 0) {
		node.bits = 1;
	} else if (strcmp(word, "false") != 0) {
		near = nearest(word);
		fail(parser, start, parser->at - start,
		     "there is no field or constant '%.48s'%s%.48s%s", word,
		     near ? "; did you mean '" : "", near ? near : "",
		     near ? "'?" : "");
	}
	free(word);
	return add(parser, &node);
}

static size_t parse_text(struct parser *parser, char quote)
{
	const char *start = parser->text + parser->at + 1;
	const char *end = strchr(start, quote);
	struct node node = { .kind = NODE_TEXT };

	if (!end)
		return fail(parser, parser->at, strlen(start) + 1,
			    "this text has no end; want %c", quote);
	node.text = cli_need(strndup(start, (size_t)(end - start)));
	parser->at += (size_t)(end - start) + 2;
	return add(parser, &node);
}

static size_t parse_or(struct parser *parser);

/* operand = number | "-" number | text | name | "(" or ")" */
static size_t parse_operand(struct parser *parser)
{
	size_t inner;
	char c;

	skip_blanks(parser);
	c = parser->text[parser->at];
	if (isdigit((unsigned char)c))
		return parse_number(parser, false);
	if (c == '"' || c == '\'')
		return parse_text(parser, c);
	if (isalpha((unsigned char)c) || c == '_')
		return parse_name(parser);
	if (take(parser, "-"))
		return parse_number(parser, true);
	if (!take(parser, "("))
		return fail(parser, parser->at, 1, "want a field or a value here");
	inner = parse_or(parser);
	if (!parser->failed && !take(parser, ")"))
		fail(parser, parser->at, 1, "want ')' here");
	return inner;
}

static size_t join(struct parser *parser, enum node_kind kind, size_t left,
		   size_t right)
{
	return add(parser, &(struct node){ kind, .left = left, .right = right });
}

/* mask = operand { "&" operand } */
static size_t parse_mask(struct parser *parser)
{
	size_t left = parse_operand(parser);

	while (!parser->failed) {
		skip_blanks(parser);
		if (strncmp(parser->text + parser->at, "&&", 2) == 0 ||
		    !take(parser, "&"))
			break;
		left = join(parser, NODE_MASK, left, parse_operand(parser));
	}
	return left;
}

/* comparison = mask [ ( "==" | "!=" | "<=" | "<" | ">=" | ">" | "~" ) mask ] */
static size_t parse_comparison(struct parser *parser)
{
	static const struct {
		const char *token;
		enum node_kind kind;
	} operators[] = {
		{ "==", NODE_EQUAL },	      { "!=", NODE_UNEQUAL },
		{ "<=", NODE_LESS_EQUAL },    { "<", NODE_LESS },
		{ ">=", NODE_GREATER_EQUAL }, { ">", NODE_GREATER },
		{ "~", NODE_LIKE },
	};
	size_t left = parse_mask(parser);

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		if (!parser->failed && take(parser, operators[i].token))
			return join(parser, operators[i].kind, left,
				    parse_mask(parser));
	}
	return left;
}

/* not = "!" not | comparison */
static size_t parse_not(struct parser *parser)
{
	size_t operand;

	if (++parser->depth > NESTING_MAX)
		return fail(parser, parser->at, 1, "this is nested too deep");
	if (take(parser, "!")) {
		operand = parse_not(parser);
		operand = join(parser, NODE_NOT, operand, operand);
	} else {
		operand = parse_comparison(parser);
	}
	parser->depth--;
	return operand;
}

/* and = not { "&&" not } */
static size_t parse_and(struct parser *parser)
{
	size_t left = parse_not(parser);

	while (!parser->failed && take(parser, "&&"))
		left = join(parser, NODE_AND, left, parse_not(parser));
	return left;
}

/* or = and { "||" and } */
static size_t parse_or(struct parser *parser)
{
	size_t left = parse_and(parser);

	while (!parser->failed && take(parser, "||"))
		left = join(parser, NODE_OR, left, parse_and(parser));
	return left;
}

struct where *where_parse(const char *text, struct where_error *ret_error)
{
	struct parser parser = { .text = text, .error = ret_error };

	parser.where = cli_need(calloc(1, sizeof(*parser.where)));
	parser.where->root = parse_or(&parser);
	skip_blanks(&parser);
	if (!parser.failed && text[parser.at])
		fail(&parser, parser.at, 1, "want an operator here");
	if (parser.failed) {
		where_free(parser.where);
		return NULL;
	}
	return parser.where;
}

void where_free(struct where *where)
{
	for (size_t i = 0; where && i < where->count; i++)
		free(where->nodes[i].text);
	if (where)
		free(where->nodes);
	free(where);
}

/* --- evaluating ------------------------------------------------------------------------ */

struct value {
	enum {
		VALUE_NONE,
		VALUE_NUMBER,
		VALUE_TEXT
	} kind;
	uint64_t bits;
	bool is_negative;
	const char *text;
};

static const struct value no_value = { .kind = VALUE_NONE };

static struct value number_value(uint64_t bits, bool is_negative)
{
	return (struct value){ VALUE_NUMBER, bits, is_negative, NULL };
}

static struct value truth_value(bool truth)
{
	return number_value(truth, false);
}

static struct value text_value(const char *text)
{
	return (struct value){ VALUE_TEXT, 0, false, text };
}

static const json_t *argument_of(const json_t *event, const char *name)
{
	const json_t *arguments = json_object_get(event, "args");

	for (size_t i = 0; i < json_array_size(arguments); i++) {
		const json_t *argument = json_array_get(arguments, i);

		if (strcmp(json_string_value(json_object_get(argument, "name")),
			   name) == 0)
			return json_object_get(argument, "value");
	}
	return NULL;
}

static const json_t *field_of(const json_t *event, const char *path)
{
	char key[64];

	if (strncmp(path, "args.", 5) == 0)
		return argument_of(event, path + 5);
	while (event) {
		size_t length = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)length, path);
		event = json_object_get(event, key);
		if (!path[length])
			break;
		path += length + 1;
	}
	return event;
}

static struct value field_value(const json_t *event, const char *path)
{
	const json_t *field = field_of(event, path);

	if (json_is_integer(field))
		return number_value((uint64_t)json_integer_value(field),
				    json_integer_value(field) < 0);
	if (json_is_boolean(field))
		return truth_value(json_is_true(field));
	return json_is_string(field) ? text_value(json_string_value(field)) : no_value;
}

static bool is_true(struct value value)
{
	return value.kind == VALUE_NUMBER ? value.bits != 0
					  : value.kind == VALUE_TEXT && *value.text;
}

/* "317" and "0xffffffffffffffff" are numbers beside a number. */
static struct value as_number(struct value value)
{
	uint64_t number;

	if (value.kind != VALUE_TEXT)
		return value;
	if (callgate_number_parse(value.text, &number))
		return no_value;
	return number_value(number, false);
}

static bool compare(enum node_kind kind, struct value left, struct value right)
{
	int order;

	if (kind == NODE_LIKE)
		return left.kind == VALUE_TEXT && right.kind == VALUE_TEXT &&
		       fnmatch(right.text, left.text, 0) == 0;
	if (left.kind != VALUE_TEXT || right.kind != VALUE_TEXT) {
		left = as_number(left);
		right = as_number(right);
	}
	if (left.kind == VALUE_NONE || right.kind == VALUE_NONE)
		return kind == NODE_UNEQUAL;
	if (left.kind == VALUE_TEXT)
		order = strcmp(left.text, right.text);
	else if (left.is_negative != right.is_negative)
		order = right.is_negative - left.is_negative;
	else
		order = (left.bits > right.bits) - (left.bits < right.bits);
	switch (kind) {
	case NODE_EQUAL:
		return order == 0;
	case NODE_UNEQUAL:
		return order != 0;
	case NODE_LESS:
		return order < 0;
	case NODE_LESS_EQUAL:
		return order <= 0;
	case NODE_GREATER:
		return order > 0;
	default:
		return order >= 0;
	}
}

static struct value mask(struct value left, struct value right)
{
	left = as_number(left);
	right = as_number(right);
	if (left.kind != VALUE_NUMBER || right.kind != VALUE_NUMBER)
		return no_value;
	return number_value(left.bits & right.bits, false);
}

static struct value evaluate(const struct where *where, size_t at, const json_t *event)
{
	const struct node *node = &where->nodes[at];
	struct value left;

	switch (node->kind) {
	case NODE_NUMBER:
		return number_value(node->bits, node->is_negative);
	case NODE_TEXT:
		return text_value(node->text);
	case NODE_FIELD:
		return field_value(event, node->text);
	default:
		break;
	}
	left = evaluate(where, node->left, event);
	if (node->kind == NODE_NOT)
		return truth_value(!is_true(left));
	if (node->kind == NODE_AND && !is_true(left))
		return truth_value(false);
	if (node->kind == NODE_OR && is_true(left))
		return truth_value(true);
	if (node->kind == NODE_AND || node->kind == NODE_OR)
		return truth_value(is_true(evaluate(where, node->right, event)));
	if (node->kind == NODE_MASK)
		return mask(left, evaluate(where, node->right, event));
	return truth_value(
		compare(node->kind, left, evaluate(where, node->right, event)));
}

bool where_matches(const struct where *where, const json_t *event)
{
	return is_true(evaluate(where, where->root, event));
}
