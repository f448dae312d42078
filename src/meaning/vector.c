// SPDX-License-Identifier: MIT
/*
 * Arithmetic on words of symbolic bits, as circuits: ripple-carry addition,
 * shift-and-add multiplication, restoring division, barrel shifts.
 *
 * Failure of the store makes bits MEANING_FAILED, which every operation passes on.
 */
#include "meaning/vector.h"

#include <linux/filter.h>

struct vector vector_constant(uint32_t value)
{
	struct vector result;

	for (unsigned i = 0; i < WORD_BITS; i++)
		result.bits[i] = value >> i & 1 ? MEANING_TRUE : MEANING_FALSE;
	return result;
}

struct vector vector_word(struct meaning *store, unsigned word)
{
	struct vector result;

	for (unsigned i = 0; i < WORD_BITS; i++)
		result.bits[i] = meaning_node(store, (word + 1) * WORD_BITS - 1 - i,
					      MEANING_FALSE, MEANING_TRUE);
	return result;
}

bool vector_is_constant(const struct vector *a, uint32_t *ret_value)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < WORD_BITS; i++) {
		if (a->bits[i] > MEANING_TRUE)
			return false;
		value |= a->bits[i] << i;
	}
	*ret_value = value;
	return true;
}

struct vector vector_masked(const struct vector *a, uint32_t mask)
{
	struct vector result;

	for (unsigned i = 0; i < WORD_BITS; i++)
		result.bits[i] = mask >> i & 1 ? a->bits[i] : MEANING_FALSE;
	return result;
}

static meaning_ref bit_xor(struct meaning *store, meaning_ref a, meaning_ref b)
{
	return meaning_ite(store, a, meaning_not(store, b), b);
}

/* a + b + carry */
static struct vector add(struct meaning *store, const struct vector *a,
			 const struct vector *b, meaning_ref carry)
{
	struct vector result;

	for (unsigned i = 0; i < WORD_BITS; i++) {
		meaning_ref half = bit_xor(store, a->bits[i], b->bits[i]);

		result.bits[i] = bit_xor(store, half, carry);
		carry = meaning_ite(store, half, carry, a->bits[i]);
	}
	return result;
}

static struct vector invert(struct meaning *store, const struct vector *a)
{
	struct vector result;

	for (unsigned i = 0; i < WORD_BITS; i++)
		result.bits[i] = meaning_not(store, a->bits[i]);
	return result;
}

static struct vector subtract(struct meaning *store, const struct vector *a,
			      const struct vector *b)
{
	struct vector inverted = invert(store, b);

	return add(store, a, &inverted, MEANING_TRUE);
}

/* condition ? a : b */
static struct vector choose(struct meaning *store, meaning_ref condition,
			    const struct vector *a, const struct vector *b)
{
	struct vector result;

	for (unsigned i = 0; i < WORD_BITS; i++)
		result.bits[i] = meaning_ite(store, condition, a->bits[i], b->bits[i]);
	return result;
}

static struct vector shift_left(const struct vector *a, unsigned count)
{
	struct vector result;

	for (unsigned i = 0; i < WORD_BITS; i++)
		result.bits[i] = i < count ? MEANING_FALSE : a->bits[i - count];
	return result;
}

static struct vector shift_right(const struct vector *a, unsigned count)
{
	struct vector result;

	for (unsigned i = 0; i < WORD_BITS; i++)
		result.bits[i] =
			i + count < WORD_BITS ? a->bits[i + count] : MEANING_FALSE;
	return result;
}

/* Shifts by the low five bits of b, as the kernel's interpreter and its JITs do. */
static struct vector shift(struct meaning *store, const struct vector *a,
			   const struct vector *b,
			   struct vector (*by)(const struct vector *a, unsigned count))
{
	struct vector result = *a;

	for (unsigned i = 0; i < 5; i++) {
		struct vector moved = by(&result, 1u << i);

		result = choose(store, b->bits[i], &moved, &result);
	}
	return result;
}

/* No bit of a product comes from a higher one. */
static struct vector multiply(struct meaning *store, const struct vector *a,
			      const struct vector *b, uint32_t wanted)
{
	struct vector result = vector_constant(0);
	uint32_t kept = wanted ? UINT32_MAX >> __builtin_clz(wanted) : 0;

	for (unsigned i = 0; i < WORD_BITS && !store->error; i++) {
		struct vector moved, sum;

		if (b->bits[i] == MEANING_FALSE)
			continue;
		moved = shift_left(a, i);
		moved = vector_masked(&moved, kept);
		sum = add(store, &result, &moved, MEANING_FALSE);
		result = choose(store, b->bits[i], &sum, &result);
		result = vector_masked(&result, kept);
	}
	return result;
}

/* Predicate by lexicographic order from the least significant bit up. */
static meaning_ref compare(struct meaning *store, const struct vector *a,
			   const struct vector *b, struct outcome outcome)
{
	meaning_ref result = outcome.equal;

	for (unsigned i = 0; i < WORD_BITS; i++) {
		meaning_ref one =
			meaning_ite(store, b->bits[i], result, outcome.greater);
		meaning_ref zero = meaning_ite(store, b->bits[i], outcome.less, result);

		result = meaning_ite(store, a->bits[i], one, zero);
	}
	return result;
}

/* No bit of a quotient needs the lower ones. */
static struct vector divide(struct meaning *store, const struct vector *a,
			    const struct vector *b, uint32_t wanted)
{
	struct vector quotient = vector_constant(0), rest = vector_constant(0);

	for (unsigned i = WORD_BITS;
	     i-- > 0 && (wanted & ((UINT32_C(2) << i) - 1)) && !store->error;) {
		meaning_ref overflow = rest.bits[WORD_BITS - 1], fits;
		struct vector less;

		rest = shift_left(&rest, 1);
		rest.bits[0] = a->bits[i];
		fits = meaning_or(store, overflow,
				  compare(store, &rest, b, outcome_of(OPERATOR_GE)));
		less = subtract(store, &rest, b);
		rest = choose(store, fits, &less, &rest);
		quotient.bits[i] = fits;
	}
	return quotient;
}

static struct vector bitwise(struct meaning *store, unsigned operation,
			     const struct vector *a, const struct vector *b)
{
	struct vector result;

	for (unsigned i = 0; i < WORD_BITS; i++) {
		meaning_ref x = a->bits[i], y = b->bits[i];

		if (operation == BPF_AND)
			result.bits[i] = meaning_and(store, x, y);
		else if (operation == BPF_OR)
			result.bits[i] = meaning_or(store, x, y);
		else
			result.bits[i] = bit_xor(store, x, y);
	}
	return result;
}

struct vector vector_compute(struct meaning *store, unsigned operation,
			     const struct vector *a, const struct vector *b,
			     uint32_t wanted)
{
	struct vector zero = vector_constant(0);

	switch (operation) {
	case BPF_ADD:
		return add(store, a, b, MEANING_FALSE);
	case BPF_SUB:
		return subtract(store, a, b);
	case BPF_MUL:
		return multiply(store, a, b, wanted);
	case BPF_DIV:
		return divide(store, a, b, wanted);
	case BPF_LSH:
		return shift(store, a, b, shift_left);
	case BPF_RSH:
		return shift(store, a, b, shift_right);
	case BPF_NEG:
		return subtract(store, &zero, a);
	default:
		return bitwise(store, operation, a, b);
	}
}

meaning_ref vector_jump(struct meaning *store, unsigned operation,
			const struct vector *a, const struct vector *b)
{
	meaning_ref result = MEANING_FALSE;

	if (operation == BPF_JEQ)
		return compare(store, a, b, outcome_of(OPERATOR_EQ));
	if (operation == BPF_JGE)
		return compare(store, a, b, outcome_of(OPERATOR_GE));
	if (operation == BPF_JGT)
		return compare(store, a, b, outcome_of(OPERATOR_GT));
	for (unsigned i = 0; i < WORD_BITS; i++)
		result = meaning_or(store, result,
				    meaning_and(store, a->bits[i], b->bits[i]));
	return result;
}

/* --- what a vector's values return ------------------------------------------------ */

struct returns {
	struct meaning *store;
	const struct vector *a;
	vector_reading *read;
	size_t count; /* of terminals so far */
};

/*
 * The function of the values that begin like `value` above their low `bits` bits. A bit
 * that is the same for all callers is not asked for, so each terminal has a caller.
 */
static meaning_ref returns_of(struct returns *returns, uint32_t value, unsigned bits,
			      meaning_ref callers)
{
	uint32_t last = value | (uint32_t)((UINT64_C(1) << bits) - 1), verdict;
	struct meaning *store = returns->store;
	meaning_ref bit, with, without, one, zero;

	if (store->error)
		return MEANING_FAILED;
	if (returns->read(value, last, &verdict)) {
		if (returns->count++ < VECTOR_TERMINALS_MAX)
			return meaning_terminal(store, verdict);
		store->has_many_verdicts = true;
		return store_fail(store, -E2BIG);
	}
	bits--;
	bit = returns->a->bits[bits];
	with = meaning_and(store, callers, bit);
	without = meaning_and(store, callers, meaning_not(store, bit));
	if (with == MEANING_FALSE)
		return returns_of(returns, value, bits, callers);
	one = returns_of(returns, value | UINT32_C(1) << bits, bits, with);
	if (without == MEANING_FALSE)
		return one;
	zero = returns_of(returns, value, bits, without);
	return meaning_ite(store, bit, one, zero);
}

meaning_ref vector_terminals(struct meaning *store, const struct vector *a,
			     vector_reading *read, meaning_ref callers)
{
	struct returns returns = { .store = store, .a = a, .read = read };

	if (callers == MEANING_FALSE)
		return meaning_terminal(store, 0);
	return returns_of(&returns, 0, WORD_BITS, callers);
}
