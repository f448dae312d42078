// SPDX-License-Identifier: MIT
/*
 * JSON text → tree. jansson decides what is JSON, unescapes strings and says where a
 * text stops being JSON; but it forgets where its values stood. So its values are walked
 * in the order of the text, side by side with it.
 *
 * Numbers are taken from the text: jansson's integers have a sign, those of profiles
 * are 64 bits without one.
 *
 * Invariant of the walk: `at` is inside the text, which jansson has found well-formed.
 */
#include <jansson.h>

#include "format/tree.h"

/* Integers as real numbers: no overflow to refuse, the value is not used. */
#define JSON_FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL)

struct json_walk {
	struct tree_reader *reader;
	size_t at;
};

static bool walk_value(struct json_walk *walk, json_t *value, struct tree *node);

/* Blanks and what stands between values. */
static void skip_gap(struct json_walk *walk)
{
	struct str text = walk->reader->text;

	while (walk->at < text.len && text.ptr[walk->at] &&
	       strchr(" \t\r\n,:", text.ptr[walk->at]))
		walk->at++;
}

static struct callgate_span span_from(const struct json_walk *walk, size_t start)
{
	return (struct callgate_span){ walk->reader->file, (uint32_t)start,
				       (uint32_t)(walk->at - start) };
}

/* "…" in the text; sets the span. */
static struct str walk_string(struct json_walk *walk, const char *value,
			      struct callgate_span *ret_span)
{
	struct str text = walk->reader->text, raw;
	size_t start = walk->at++;
	bool is_escaped = false;

	while (text.ptr[walk->at] != '"') {
		bool is_escape = text.ptr[walk->at] == '\\';

		is_escaped |= is_escape;
		walk->at += is_escape ? 2 : 1;
	}
	raw = (struct str){ text.ptr + start + 1, walk->at - start - 1 };
	walk->at++;
	*ret_span = span_from(walk, start);
	if (is_escaped)
		return str_of(arena_copy(walk->reader->arena, str_of(value)));
	return raw;
}

/* A number, true, false or null. */
static void walk_bare(struct json_walk *walk, struct tree *node)
{
	struct str text = walk->reader->text;
	size_t start = walk->at;

	while (walk->at < text.len && !strchr(" \t\r\n,]}", text.ptr[walk->at]))
		walk->at++;
	node->text = (struct str){ text.ptr + start, walk->at - start };
	node->span = span_from(walk, start);
}

static bool walk_array(struct json_walk *walk, json_t *value, struct tree *node)
{
	struct tree **tail = &node->first, *element;
	size_t index;
	json_t *item;

	json_array_foreach(value, index, item)
	{
		skip_gap(walk);
		element = tree_add(walk->reader->arena, &tail);
		if (!element || !walk_value(walk, item, element))
			return false;
	}
	return true;
}

/* jansson keeps members in the order of the text. */
static bool walk_object(struct json_walk *walk, json_t *value, struct tree *node)
{
	struct tree **tail = &node->first, *member;
	const char *key;
	json_t *item;

	json_object_foreach(value, key, item)
	{
		member = tree_add(walk->reader->arena, &tail);
		if (!member)
			return false;
		skip_gap(walk);
		member->key = walk_string(walk, key, &member->key_span);
		skip_gap(walk);
		if (!walk_value(walk, item, member))
			return false;
	}
	return true;
}

/* Arrays and objects: from their opening to their closing bracket. */
static bool walk_bracket(struct json_walk *walk, json_t *value, struct tree *node)
{
	bool done;

	walk->at++;
	node->span = span_from(walk, walk->at - 1);
	done = node->kind == TREE_ARRAY ? walk_array(walk, value, node)
					: walk_object(walk, value, node);
	skip_gap(walk);
	walk->at++;
	return done;
}

static bool walk_value(struct json_walk *walk, json_t *value, struct tree *node)
{
	static const enum tree_kind kinds[] = {
		[JSON_OBJECT] = TREE_OBJECT, [JSON_ARRAY] = TREE_ARRAY,
		[JSON_STRING] = TREE_STRING, [JSON_INTEGER] = TREE_NUMBER,
		[JSON_REAL] = TREE_NUMBER,   [JSON_TRUE] = TREE_BOOL,
		[JSON_FALSE] = TREE_BOOL,    [JSON_NULL] = TREE_NULL,
	};

	node->kind = kinds[json_typeof(value)];
	if (node->kind == TREE_ARRAY || node->kind == TREE_OBJECT)
		return walk_bracket(walk, value, node);
	if (node->kind == TREE_STRING)
		node->text = walk_string(walk, json_string_value(value), &node->span);
	else
		walk_bare(walk, node);
	return true;
}

static void report_json(struct tree_reader *reader, const json_error_t *error)
{
	size_t at = error->position > 0 ? (size_t)error->position - 1 : 0;
	struct callgate_span span = { reader->file, 0, 1 };

	if (json_error_code(error) == json_error_out_of_memory) {
		reader->arena->failed = true;
		return;
	}
	if (at >= reader->text.len && reader->text.len > 0)
		at = reader->text.len - 1;
	span.offset = (uint32_t)at;
	report_error(reader->report, "json-syntax", span, NULL, "not JSON: %s",
		     error->text);
}

const struct tree *json_read(struct tree_reader *reader)
{
	struct json_walk walk = { .reader = reader };
	struct tree *root = ARENA_NEW(reader->arena, struct tree);
	json_error_t error;
	json_t *value;

	if (!root)
		return NULL;
	value = json_loadb(reader->text.ptr, reader->text.len, JSON_FLAGS, &error);
	if (!value) {
		report_json(reader, &error);
		return NULL;
	}
	skip_gap(&walk);
	if (!walk_value(&walk, value, root))
		root = NULL;
	json_decref(value);
	return root;
}
