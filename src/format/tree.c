// SPDX-License-Identifier: MIT
/*
 * What readers and users of trees share.
 *
 * Members are a list: the objects of profiles have few of them.
 */
#include "format/tree.h"

const char *tree_kind_text(enum tree_kind kind)
{
	static const char *const texts[] = {
		[TREE_NULL] = "null",	    [TREE_BOOL] = "a truth value",
		[TREE_NUMBER] = "a number", [TREE_STRING] = "a string",
		[TREE_ARRAY] = "an array",  [TREE_OBJECT] = "an object",
	};

	return texts[kind];
}

const struct tree *tree_member(const struct tree *object, const char *key)
{
	if (!object || object->kind != TREE_OBJECT)
		return NULL;
	for (const struct tree *member = object->first; member; member = member->next)
		if (str_is(member->key, key))
			return member;
	return NULL;
}

struct tree *tree_add(struct arena *arena, struct tree ***tail)
{
	struct tree *node = ARENA_NEW(arena, struct tree);

	if (!node)
		return NULL;
	**tail = node;
	*tail = &node->next;
	return node;
}
