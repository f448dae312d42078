/* SPDX-License-Identifier: MIT */
/*
 * A JSON or YAML text as a tree in which every node knows its place.
 *
 *     text ──json.c or yaml.c──► tree ──profile.c──► profile ──lower.c──► policy
 *
 * Nodes live in the arena; their texts in the arena or in the source text.
 */
#ifndef CALLGATE_FORMAT_TREE_H
#define CALLGATE_FORMAT_TREE_H

#include "policy/report.h"

enum tree_kind {
	TREE_NULL,
	TREE_BOOL,
	TREE_NUMBER,
	TREE_STRING,
	TREE_ARRAY,
	TREE_OBJECT,
};

struct tree {
	enum tree_kind kind;
	struct callgate_span span; /* arrays and objects: where they begin */
	struct str text;	   /* a scalar's, unescaped */
	struct str key;		   /* of a member of an object */
	struct callgate_span key_span;
	struct tree *first; /* member or element */
	struct tree *next;
};

/* One source on its way to a tree. */
struct tree_reader {
	struct report *report;
	struct arena *arena;
	uint32_t file;
	struct str text;
};

/* "a string", "an array" … */
const char *tree_kind_text(enum tree_kind kind);
/* The member of an object, or NULL; also for a NULL `object`. */
const struct tree *tree_member(const struct tree *object, const char *key);
/* Links a new node at *tail. NULL: no memory. */
struct tree *tree_add(struct arena *arena, struct tree ***tail);

/* NULL, with a report (unless memory ended): it is not well-formed. */
const struct tree *json_read(struct tree_reader *reader);
/* The documents of a stream as elements of an array. */
const struct tree *yaml_read(struct tree_reader *reader);

#endif
