// SPDX-License-Identifier: MIT
/*
 * YAML text → tree, by the events of libyaml. Scalars are typed as JSON's would be:
 * null, true, false and numbers when they are plain, else strings.
 *
 * Aliases are refused: a profile has no use for them, and a few lines of them can stand
 * for more nodes than a machine has memory.
 */
#include <errno.h>
#include <yaml.h>

#include "format/tree.h"

#define YAML_DEPTH 64

struct yaml_walk {
	struct tree_reader *reader;
	yaml_parser_t parser;
	yaml_event_t event;	  /* the current one */
	size_t characters, bytes; /* a place of the text, counted both ways */
	unsigned depth;
};

static bool walk_node(struct yaml_walk *walk, struct tree *node);

/* libyaml counts characters, spans count bytes. */
static uint32_t byte_offset(struct yaml_walk *walk, size_t character)
{
	struct str text = walk->reader->text;

	if (character < walk->characters)
		walk->characters = walk->bytes = 0;
	while (walk->characters < character && walk->bytes < text.len) {
		walk->bytes++;
		while (walk->bytes < text.len &&
		       ((unsigned char)text.ptr[walk->bytes] & 0xc0) == 0x80)
			walk->bytes++;
		walk->characters++;
	}
	return (uint32_t)walk->bytes;
}

static struct callgate_span event_span(struct yaml_walk *walk)
{
	uint32_t start = byte_offset(walk, walk->event.start_mark.index);
	uint32_t end = byte_offset(walk, walk->event.end_mark.index);

	return (struct callgate_span){ walk->reader->file, start, end - start };
}

static bool refuse(struct yaml_walk *walk, const char *code, struct callgate_span span,
		   const char *message)
{
	report_error(walk->reader->report, code, span, NULL, "%s", message);
	return false;
}

static void report_yaml(struct yaml_walk *walk)
{
	const yaml_parser_t *parser = &walk->parser;
	struct callgate_span span = { .file = walk->reader->file, .length = 1 };

	if (parser->error == YAML_MEMORY_ERROR) {
		walk->reader->arena->failed = true;
		return;
	}
	span.offset = parser->error == YAML_READER_ERROR
			      ? (uint32_t)parser->problem_offset
			      : byte_offset(walk, parser->problem_mark.index);
	report_error(walk->reader->report, "yaml-syntax", span, NULL,
		     "not YAML: %s%s%s",
		     parser->problem ? parser->problem : "it cannot be read",
		     parser->context ? " " : "",
		     parser->context ? parser->context : "");
}

/* Goes to the next event. */
static bool advance(struct yaml_walk *walk)
{
	yaml_event_delete(&walk->event);
	if (yaml_parser_parse(&walk->parser, &walk->event))
		return true;
	report_yaml(walk);
	return false;
}

static bool is_number(struct str text)
{
	uint64_t ignored;
	size_t sign = text.len > 1 && (text.ptr[0] == '-' || text.ptr[0] == '+');

	return text.len > 0 && (isdigit((unsigned char)text.ptr[0]) || sign) &&
	       str_number((struct str){ text.ptr + sign, text.len - sign }, &ignored) !=
		       -EINVAL;
}

static enum tree_kind scalar_kind(const yaml_event_t *event, struct str text)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
	static const char *const bools[] = { "true",  "True",  "TRUE",
					     "false", "False", "FALSE" };

	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return TREE_STRING;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
		if (str_is(text, nulls[i]))
			return TREE_NULL;
	for (size_t i = 0; i < sizeof(bools) / sizeof(bools[0]); i++)
		if (str_is(text, bools[i]))
			return TREE_BOOL;
	return is_number(text) ? TREE_NUMBER : TREE_STRING;
}

/* The text of a scalar event, kept. */
static struct str scalar_text(struct yaml_walk *walk)
{
	struct str text = { (const char *)walk->event.data.scalar.value,
			    walk->event.data.scalar.length };

	text.ptr = arena_copy(walk->reader->arena, text);
	return text.ptr ? text : (struct str){ 0 };
}

/* [ element … ] */
static bool walk_sequence(struct yaml_walk *walk, struct tree *node)
{
	struct tree **tail = &node->first, *element;

	for (;;) {
		if (!advance(walk))
			return false;
		if (walk->event.type == YAML_SEQUENCE_END_EVENT)
			return true;
		element = tree_add(walk->reader->arena, &tail);
		if (!element || !walk_node(walk, element))
			return false;
	}
}

/* { key: value … } */
static bool walk_mapping(struct yaml_walk *walk, struct tree *node)
{
	struct tree **tail = &node->first, *member;
	struct callgate_span span;
	struct str key;

	for (;;) {
		if (!advance(walk))
			return false;
		if (walk->event.type == YAML_MAPPING_END_EVENT)
			return true;
		span = event_span(walk);
		if (walk->event.type != YAML_SCALAR_EVENT)
			return refuse(walk, "yaml-key", span, "a key must be a string");
		key = scalar_text(walk);
		if (!key.ptr)
			return false;
		if (tree_member(node, key.ptr))
			return refuse(walk, "duplicate-key", span,
				      "this key was given before");
		member = tree_add(walk->reader->arena, &tail);
		if (!member)
			return false;
		member->key = key;
		member->key_span = span;
		if (!advance(walk) || !walk_node(walk, member))
			return false;
	}
}

/* The node that begins with the current event. */
static bool walk_node(struct yaml_walk *walk, struct tree *node)
{
	bool done;

	node->span = event_span(walk);
	switch (walk->event.type) {
	case YAML_SCALAR_EVENT:
		node->text = scalar_text(walk);
		node->kind = scalar_kind(&walk->event, node->text);
		return node->text.ptr != NULL;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		break;
	default:
		return refuse(walk, "yaml-alias", node->span,
			      "aliases are not taken: write it out");
	}
	if (walk->depth == YAML_DEPTH)
		return refuse(walk, "yaml-depth", node->span, "too deeply nested");
	walk->depth++;
	if (walk->event.type == YAML_SEQUENCE_START_EVENT) {
		node->kind = TREE_ARRAY;
		done = walk_sequence(walk, node);
	} else {
		node->kind = TREE_OBJECT;
		done = walk_mapping(walk, node);
	}
	walk->depth--;
	return done;
}

static bool walk_stream(struct yaml_walk *walk, struct tree *root)
{
	struct tree **tail = &root->first, *document;

	do {
		if (!advance(walk))
			return false;
		if (walk->event.type != YAML_DOCUMENT_START_EVENT)
			continue;
		document = tree_add(walk->reader->arena, &tail);
		if (!document || !advance(walk) || !walk_node(walk, document))
			return false;
	} while (walk->event.type != YAML_STREAM_END_EVENT);
	return true;
}

const struct tree *yaml_read(struct tree_reader *reader)
{
	struct yaml_walk walk = { .reader = reader };
	struct tree *root = ARENA_NEW(reader->arena, struct tree);

	if (!root)
		return NULL;
	if (!yaml_parser_initialize(&walk.parser)) {
		reader->arena->failed = true;
		return NULL;
	}
	root->kind = TREE_ARRAY;
	yaml_parser_set_encoding(&walk.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&walk.parser,
				     (const unsigned char *)reader->text.ptr,
				     reader->text.len);
	if (!walk_stream(&walk, root))
		root = NULL;
	yaml_event_delete(&walk.event);
	yaml_parser_delete(&walk.parser);
	return root;
}
