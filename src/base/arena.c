// SPDX-License-Identifier: MIT
/*
 * The arena: a list of malloc'ed blocks, each at least ARENA_BLOCK bytes.
 *
 * Invariant: used <= limit; a block's bytes between `used` and `size` are zero.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

#define ARENA_BLOCK ((size_t)16 << 10)
#define ALIGNMENT   (_Alignof(max_align_t))

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t used;
	max_align_t bytes[];
};

void arena_init(struct arena *arena, size_t limit)
{
	*arena = (struct arena){ .limit = limit };
}

void arena_done(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	*arena = (struct arena){ .limit = arena->limit };
}

static struct arena_block *add_block(struct arena *arena, size_t need)
{
	size_t size = need > ARENA_BLOCK ? need : ARENA_BLOCK;
	struct arena_block *block = calloc(1, sizeof(*block) + size);

	if (!block)
		return NULL;
	block->size = size;
	/* A large object gets a block of its own behind the one that still has room. */
	if (arena->blocks && need > ARENA_BLOCK / 2) {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
	}
	return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	struct arena_block *block = arena->blocks;
	size_t need;
	char *result;

	if (__builtin_mul_overflow(count, size, &need) ||
	    need > SIZE_MAX - sizeof(*block) - ALIGNMENT)
		goto fail;
	need = (need + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (need > arena->limit - arena->used) {
		arena->limited = true;
		goto fail;
	}
	if (!block || need > block->size - block->used)
		block = add_block(arena, need);
	if (!block)
		goto fail;
	result = (char *)block->bytes + block->used;
	block->used += need;
	arena->used += need;
	return result;
fail:
	arena->failed = true;
	return NULL;
}

char *arena_copy(struct arena *arena, struct str text)
{
	char *copy = text.len == SIZE_MAX ? NULL : arena_alloc(arena, text.len + 1, 1);

	if (copy && text.len)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

bool arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity,
		size_t size)
{
	size_t wanted = *capacity ? *capacity * 2 : 8;
	void *old, *grown;

	if (count < *capacity)
		return true;
	grown = arena_alloc(arena, wanted, size);
	if (!grown)
		return false;
	/* memcpy: a pointer of the caller's type is not a void pointer to the compiler.
	 */
	memcpy(&old, items, sizeof(old));
	if (count)
		memcpy(grown, old, count * size);
	memcpy(items, &grown, sizeof(grown));
	*capacity = wanted;
	return true;
}
