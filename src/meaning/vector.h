/* SPDX-License-Identifier: MIT */
/*
 * 32-bit words of symbolic bits, for the lift: bits[i] is the predicate of bit i, 0 the
 * least significant. The arithmetic is that of classic BPF, modulo 2^32.
 */
#ifndef CALLGATE_MEANING_VECTOR_H
#define CALLGATE_MEANING_VECTOR_H

#include "meaning/store.h"

struct vector {
	meaning_ref bits[WORD_BITS];
};

struct vector vector_constant(uint32_t value);
struct vector vector_word(struct meaning *store, unsigned word);
/* True and the value, when no bit is symbolic. */
bool vector_is_constant(const struct vector *a, uint32_t *ret_value);

/* The bits of a mask, the others 0. */
struct vector vector_masked(const struct vector *a, uint32_t mask);

/*
 * `operation` is a BPF_ALU one: BPF_ADD … BPF_XOR, BPF_NEG. Division by 0 gives 0. Only
 * the `wanted` bits of the result count.
 */
struct vector vector_compute(struct meaning *store, unsigned operation,
			     const struct vector *a, const struct vector *b,
			     uint32_t wanted);
/* Predicate of a jump: BPF_JEQ, BPF_JGE, BPF_JGT or BPF_JSET. */
meaning_ref vector_jump(struct meaning *store, unsigned operation,
			const struct vector *a, const struct vector *b);
/* Whether first … last are one verdict, and which: verdict_of_range(), for one. */
typedef bool vector_reading(uint32_t first, uint32_t last, uint32_t *ret_verdict);

/*
 * What returning the vector is to the kernel, for these calls; others may get anything.
 * -E2BIG when they are over VECTOR_TERMINALS_MAX verdicts.
 */
meaning_ref vector_terminals(struct meaning *store, const struct vector *a,
			     vector_reading *read, meaning_ref callers);

#define VECTOR_TERMINALS_MAX 2048u

#endif
