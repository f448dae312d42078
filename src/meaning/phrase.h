/* SPDX-License-Identifier: MIT */
/*
 * What describe says, before it is text: tests of one field joined by and and or.
 *
 * Every phrase has a cost, which is how long it is for a reader; negation is pushed
 * down to the tests. A phrase may be part of many others.
 */
#ifndef CALLGATE_MEANING_PHRASE_H
#define CALLGATE_MEANING_PHRASE_H

#include "meaning/meaning.h"

struct named_value {
	const char *name;
	uint64_t value;
};

/* How the language sees a field of one call. */
struct phrase_field {
	char name[32];
	bool has_name; /* false: another argument took the only one it could have */
	uint8_t bits;
	bool is_signed;
	const char *family;
	bool is_flags;
	struct named_value *flags; /* of a family of flags, else none */
	size_t flag_count, flag_capacity;
};

enum phrase_kind {
	PHRASE_ALWAYS,
	PHRASE_NEVER,
	PHRASE_TEST,
	PHRASE_AND,
	PHRASE_OR,
};

/* Inclusive; bits of the view, in the view's order. */
struct phrase_range {
	uint64_t first, last;
};

/* The low bits of a field, as a cast reads it. */
struct phrase_view {
	uint8_t field;
	uint8_t bits;
	bool is_signed;
};

struct phrase {
	enum phrase_kind kind;
	uint32_t cost;
	/* (view & mask) in ranges, or not in them */
	struct phrase_view view;
	bool is_negated;
	uint64_t mask;
	const struct phrase_range *ranges;
	size_t count;
	const struct phrase *left, *right;
};

struct phrase_book {
	struct arena arena;
	const struct abi *abi;
	struct phrase_field fields[FIELD_MAX];
};

static inline uint64_t phrase_ones(unsigned bits)
{
	return UINT64_MAX >> (64 - bits);
}

/* Reads the prototype; `call` may be NULL. */
void phrase_book_init(struct phrase_book *book, const struct syscall *call,
		      const struct abi *abi);

/* All of these return NULL when the book's arena has failed or a part is NULL. */
const struct phrase *phrase_constant(struct phrase_book *book, bool value);
/* The ranges are copied. */
const struct phrase *phrase_test(struct phrase_book *book, struct phrase_view view,
				 uint64_t mask, const struct phrase_range *ranges,
				 size_t count);
/* `kind` is PHRASE_AND or PHRASE_OR; a constant part disappears. */
const struct phrase *phrase_join(struct phrase_book *book, enum phrase_kind kind,
				 const struct phrase *left, const struct phrase *right);
const struct phrase *phrase_not(struct phrase_book *book, const struct phrase *phrase);

/* The one that costs less, the first if both do; NULL costs more than any. */
const struct phrase *phrase_cheaper(const struct phrase *a, const struct phrase *b);

/*
 * Writes the text. Returns 0; -E2BIG above `limit` bytes; -EOPNOTSUPP when a field has
 * no name.
 */
int phrase_print(const struct phrase_book *book, const struct phrase *phrase,
		 size_t limit, struct buffer *ret_text);

/* --- numbers (numeral.c) -------------------------------------------------------- */

/* How a number is used; or-ed together, 0 where just its bits count. */
#define NUMERAL_ORDERED	 1u /* it must be a value of the view's type */
#define NUMERAL_MASK	 2u
#define NUMERAL_NAMELESS 4u /* its family's names would mislead */

/* A value as the language has it: a constant's name, or or-ed ones, or digits. */
void numeral_put(const struct phrase_book *book, struct phrase_view view, unsigned role,
		 uint64_t value, struct buffer *text);
/* Its name in the field's family, or NULL. */
const char *numeral_name(const struct phrase_book *book, struct phrase_view view,
			 unsigned role, uint64_t value);
/*
 * The mask of a family's part that holds one value rather than flags (O_ACCMODE) and
 * to which all of `bits` belong; 0 if there is none.
 */
uint64_t numeral_part(const struct phrase_book *book, struct phrase_view view,
		      uint64_t bits);
/* How odd a number looks: 0 for names and 0, 1 for powers of two, else its digits. */
unsigned numeral_oddness(const struct phrase_book *book, struct phrase_view view,
			 unsigned role, uint64_t value);

#endif
