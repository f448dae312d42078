/* SPDX-License-Identifier: MIT */
/*
 * What registers hold, for the lift: a number into a table of values, each of them once.
 *
 * Arithmetic that would make too many nodes is put off: the value is then no more than
 * its operation, until a verdict turns out to depend on it.
 */
#ifndef CALLGATE_MEANING_LIFT_VALUE_H
#define CALLGATE_MEANING_LIFT_VALUE_H

#include "meaning/vector.h"

#include <linux/filter.h>

enum value_kind {
	VALUE_CONSTANT,
	VALUE_WORD,
	VALUE_VECTOR,
	VALUE_QUOTIENT, /* comparing it is comparing the dividend */
	VALUE_PUT_OFF,
};

/* One side of an operation: of a value, the bits of a mask. */
struct value_operand {
	uint32_t value, mask;
};

struct value {
	enum value_kind kind;
	uint32_t number;       /* the constant, word, divisor, or operation */
	struct vector *vector; /* its bits, or the dividend's; NULL: not known yet */
	/* Of an operation that was put off: */
	struct value_operand left, right;
	uint32_t wanted;
};

struct value_table {
	struct meaning *store;
	struct arena *arena;
	struct value *items;
	size_t count, capacity;
};

#define VALUES_MAX (1u << 16)

/* All of these return 0, with the store failed, when there is no room. */
uint32_t value_constant(struct value_table *table, uint32_t number);
uint32_t value_word(struct value_table *table, unsigned word);
/* A value of which only these bits are read. */
uint32_t value_masked(struct value_table *table, uint32_t value, uint32_t bits);
/* `wanted` ≠ 0 bits of a BPF_ALU operation; a division by 0 does not come here. */
uint32_t value_compute(struct value_table *table, unsigned operation,
		       struct value_operand left, struct value_operand right,
		       uint32_t wanted);

/* The 32 bits, computed now if they were put off. */
struct vector value_bits(struct value_table *table, uint32_t value);
/* The same for the calls of a predicate; for others they may be anything. */
struct vector value_bits_for(struct value_table *table, uint32_t value,
			     meaning_ref calls);

/* Some bits of it are not known yet. */
bool value_is_put_off(const struct value_table *table, uint32_t value);

/* The values [*ret_low, *ret_high] that take a comparison's jump; false: none. */
bool value_jump_range(const struct sock_filter *in, uint32_t *ret_low,
		      uint32_t *ret_high);
/* Predicate of a conditional jump, whatever it costs. */
meaning_ref value_jump(struct value_table *table, const struct sock_filter *in,
		       uint32_t left, uint32_t right);

#endif
