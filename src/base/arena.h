/* SPDX-License-Identifier: MIT */
/*
 * An arena: memory that lives until one arena_done(), with a byte limit.
 *
 * The first failure (limit or malloc) is remembered in `failed`; callers may allocate
 * a whole tree and look once. Memory comes back zeroed and aligned for any type.
 */
#ifndef CALLGATE_BASE_ARENA_H
#define CALLGATE_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define ARENA_DEFAULT_LIMIT ((size_t)64 << 20)

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used;  /* bytes handed out, padding included */
	size_t limit; /* bytes that may be handed out */
	bool failed;
	bool limited; /* … because of the limit */
};

void arena_init(struct arena *arena, size_t limit);
void arena_done(struct arena *arena);

/* Room for `count` objects of `size` bytes, or NULL. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy, or NULL. */
char *arena_copy(struct arena *arena, struct str text);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, count) \
	((type *)arena_alloc((arena), (count), sizeof(type)))

/*
 * Room for one more element in an arena array, growing it by doubling (the old copy
 * stays in the arena). `items` is the address of the array's pointer, of whatever type,
 * NULL while `count` is 0. Returns false on failure and leaves the array as it was.
 */
bool arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity,
		size_t size);

/* The address of a new last element (zeroed), or NULL. */
#define ARENA_PUSH(arena, items, count, capacity)                              \
	(arena_grow((arena), &(items), (count), &(capacity), sizeof(*(items))) \
		 ? &(items)[(count)++]                                         \
		 : NULL)

#endif
