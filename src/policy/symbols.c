// SPDX-License-Identifier: MIT
/*
 * A hash table with open addressing, and sets as bit strings.
 *
 * Invariant: the table is at most half full. Symbols never move.
 */
#include "policy/symbols.h"

static size_t hash_of(struct str name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.ptr[i]) * 0x100000001b3;
	return (size_t)(hash ^ hash >> 32);
}

/* The slot that holds the name, or the free one where it would be. */
static struct symbol **find_slot(struct symbol **slots, size_t capacity,
				 struct str name)
{
	size_t at = hash_of(name) & (capacity - 1);

	while (slots[at] && !str_equal(slots[at]->name, name))
		at = (at + 1) & (capacity - 1);
	return &slots[at];
}

struct symbol *symbol_find(const struct symbols *symbols, struct str name)
{
	return symbols->count ? *find_slot(symbols->slots, symbols->capacity, name)
			      : NULL;
}

static bool grow(struct symbols *symbols)
{
	size_t capacity = symbols->capacity ? symbols->capacity * 2 : 64;
	struct symbol **slots = ARENA_ARRAY(symbols->arena, struct symbol *, capacity);

	if (!slots)
		return false;
	for (size_t i = 0; i < symbols->capacity; i++)
		if (symbols->slots[i])
			*find_slot(slots, capacity, symbols->slots[i]->name) =
				symbols->slots[i];
	symbols->slots = slots;
	symbols->capacity = capacity;
	return true;
}

struct symbol *symbol_add(struct symbols *symbols, struct str name)
{
	struct symbol *symbol;

	if (symbols->count >= symbols->capacity / 2 && !grow(symbols))
		return NULL;
	symbol = ARENA_NEW(symbols->arena, struct symbol);
	if (!symbol)
		return NULL;
	symbol->name = name;
	*find_slot(symbols->slots, symbols->capacity, name) = symbol;
	symbols->count++;
	return symbol;
}

struct symbol *symbol_group(struct symbols *symbols, struct str name)
{
	struct symbol *symbol = symbol_find(symbols, name);
	const struct group *group;

	if (symbol)
		return symbol;
	group = group_by_name(name);
	symbol = group ? symbol_add(symbols, name) : NULL;
	if (!symbol)
		return NULL;
	symbol->is_defined = true;
	symbol->set = call_set_new(symbols->arena);
	for (size_t i = 0; symbol->set.words && i < group_size(group); i++)
		call_set_add(symbol->set, group_syscall(group, i));
	return symbol;
}

/* --- sets ------------------------------------------------------------------------- */

static size_t word_count(void)
{
	return (syscall_count() + 63) / 64;
}

struct call_set call_set_new(struct arena *arena)
{
	return (struct call_set){ ARENA_ARRAY(arena, uint64_t, word_count()) };
}

void call_set_add(struct call_set set, const struct syscall *call)
{
	size_t index = syscall_index(call);

	set.words[index / 64] |= (uint64_t)1 << index % 64;
}

bool call_set_has(struct call_set set, const struct syscall *call)
{
	size_t index = syscall_index(call);

	return set.words[index / 64] >> index % 64 & 1;
}

size_t call_set_next(struct call_set set, size_t index)
{
	for (size_t word = index / 64; word < word_count(); word++) {
		uint64_t bits = set.words[word];

		if (word == index / 64)
			bits &= UINT64_MAX << index % 64;
		if (bits)
			return word * 64 + (size_t)__builtin_ctzll(bits);
	}
	return syscall_count();
}

void call_set_combine(struct call_set left, enum set_operator operator,
		      struct call_set right)
{
	for (size_t i = 0; i < word_count(); i++) {
		switch (operator) {
		case SET_UNION:
			left.words[i] |= right.words[i];
			break;
		case SET_DIFFERENCE:
			left.words[i] &= ~right.words[i];
			break;
		case SET_INTERSECTION:
			left.words[i] &= right.words[i];
			break;
		}
	}
}
