// SPDX-License-Identifier: MIT
/*
 * Values of registers, and arithmetic on them.
 *
 * Equal values have equal numbers, but for those that were put off: of these the
 * operation is compared. Operands stand before what is made of them.
 */
#include "meaning/lift_value.h"
#include "meaning/project.h"

#include <stdlib.h>

#define TRY_STEPS 16384u /* arithmetic that takes more is put off */

static uint32_t fail(struct value_table *table, int error)
{
	store_fail(table->store, error);
	return 0;
}

/* --- the table -------------------------------------------------------------------- */

static bool same_operand(struct value_operand a, struct value_operand b)
{
	return a.value == b.value && a.mask == b.mask;
}

static bool same_value(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind || a->number != b->number)
		return false;
	if (a->kind == VALUE_PUT_OFF)
		return same_operand(a->left, b->left) &&
		       same_operand(a->right, b->right) && a->wanted == b->wanted;
	return !a->vector || memcmp(a->vector, b->vector, sizeof(*a->vector)) == 0;
}

/* The number of a value; few differ in any program, so a scan finds it. */
static uint32_t intern(struct value_table *table, struct value value)
{
	struct value *place;

	for (size_t i = table->count; i-- > 0;)
		if (same_value(&table->items[i], &value))
			return (uint32_t)i;
	if (table->count == VALUES_MAX)
		return fail(table, -E2BIG);
	store_step(table->store);
	table->store->steps += table->count;
	place = ARENA_PUSH(table->arena, table->items, table->count, table->capacity);
	if (!place)
		return fail(table, -ENOMEM);
	*place = value;
	return (uint32_t)(table->count - 1);
}

uint32_t value_constant(struct value_table *table, uint32_t number)
{
	return intern(table, (struct value){ .number = number });
}

uint32_t value_word(struct value_table *table, unsigned word)
{
	return intern(table, (struct value){ .kind = VALUE_WORD, .number = word });
}

static struct vector *copy_of(struct value_table *table, const struct vector *vector)
{
	struct vector *copy = ARENA_NEW(table->arena, struct vector);

	if (copy)
		*copy = *vector;
	else
		fail(table, table->arena->limited ? -E2BIG : -ENOMEM);
	return copy;
}

/* `number` is a quotient's divisor. */
static uint32_t intern_copy(struct value_table *table, enum value_kind kind,
			    uint32_t number, const struct vector *vector)
{
	struct vector *copy = copy_of(table, vector);

	return copy ? intern(table, (struct value){ .kind = kind,
						    .number = number,
						    .vector = copy })
		    : 0;
}

static uint32_t intern_vector(struct value_table *table, const struct vector *vector)
{
	uint32_t number;

	if (vector_is_constant(vector, &number))
		return value_constant(table, number);
	return intern_copy(table, VALUE_VECTOR, 0, vector);
}

bool value_is_put_off(const struct value_table *table, uint32_t value)
{
	const struct value *at = &table->items[value];

	return at->kind == VALUE_PUT_OFF && !at->vector;
}

/* --- bits ------------------------------------------------------------------------- */

/* Of a value whose bits are known. */
static struct vector known_bits(struct value_table *table, uint32_t value)
{
	const struct value *at = &table->items[value];
	struct vector number = vector_constant(at->number);

	switch (at->kind) {
	case VALUE_CONSTANT:
		return number;
	case VALUE_WORD:
		return vector_word(table->store, at->number);
	case VALUE_QUOTIENT:
		return vector_compute(table->store, BPF_DIV, at->vector, &number,
				      UINT32_MAX);
	default:
		return *at->vector;
	}
}

static struct vector operate(struct value_table *table, unsigned operation,
			     struct value_operand left, struct value_operand right,
			     uint32_t wanted)
{
	struct vector a = known_bits(table, left.value);
	struct vector b = known_bits(table, right.value);

	a = vector_masked(&a, left.mask);
	b = vector_masked(&b, right.mask);
	return vector_compute(table->store, operation, &a, &b, wanted);
}

/* What is needed to compute one value now: no more than it and those below. */
struct need {
	struct value_table *table;
	bool *is_needed;	/* of each value */
	struct vector *vectors; /* of those that are put off, as far as there are any */
	meaning_ref calls;
};

static struct vector needed_bits(const struct need *need, struct value_operand operand)
{
	struct meaning *store = need->table->store;
	struct vector bits = value_is_put_off(need->table, operand.value)
				     ? need->vectors[operand.value]
				     : known_bits(need->table, operand.value);

	for (unsigned i = 0; need->calls != MEANING_TRUE && i < WORD_BITS; i++)
		bits.bits[i] = project_simplify(store, bits.bits[i], need->calls);
	return vector_masked(&bits, operand.mask);
}

/* Operands stand before what is made of them: marked downwards, computed upwards. */
static struct vector compute_now(struct need *need, uint32_t value)
{
	struct value_table *table = need->table;

	need->is_needed[value] = true;
	for (uint32_t i = value + 1; i-- > 0;) {
		const struct value *at = &table->items[i];

		if (!need->is_needed[i] || !value_is_put_off(table, i))
			continue;
		need->is_needed[at->left.value] = true;
		need->is_needed[at->right.value] = true;
	}
	for (uint32_t i = 0; i <= value && !table->store->error; i++) {
		const struct value *at = &table->items[i];
		struct vector a, b;

		if (!need->is_needed[i] || !value_is_put_off(table, i))
			continue;
		a = needed_bits(need, at->left);
		b = needed_bits(need, at->right);
		need->vectors[i] =
			vector_compute(table->store, at->number, &a, &b, at->wanted);
	}
	return need->vectors[value];
}

struct vector value_bits_for(struct value_table *table, uint32_t value,
			     meaning_ref calls)
{
	struct need need = { .table = table, .calls = calls };
	struct vector result = vector_constant(0);

	if (!value_is_put_off(table, value))
		return known_bits(table, value);
	need.is_needed = calloc((size_t)value + 1, sizeof(*need.is_needed));
	need.vectors = calloc((size_t)value + 1, sizeof(*need.vectors));
	if (need.is_needed && need.vectors)
		result = compute_now(&need, value);
	else
		fail(table, -ENOMEM);
	free(need.is_needed);
	free(need.vectors);
	return result;
}

struct vector value_bits(struct value_table *table, uint32_t value)
{
	struct value *at = &table->items[value];
	struct vector bits = value_bits_for(table, value, MEANING_TRUE);

	if (value_is_put_off(table, value) && !table->store->error)
		at->vector = copy_of(table, &bits);
	return bits;
}

/* --- arithmetic ------------------------------------------------------------------- */

uint32_t value_masked(struct value_table *table, uint32_t value, uint32_t bits)
{
	const struct value *at = &table->items[value];
	struct vector vector;

	if (!bits)
		return 0;
	if (bits == UINT32_MAX || at->kind != VALUE_VECTOR)
		return value;
	vector = vector_masked(at->vector, bits);
	return intern_vector(table, &vector);
}

/* (a / b) / c is a / (b * c); a divisor over 32 bits leaves nothing. */
static uint32_t divide(struct value_table *table, struct value_operand left,
		       uint32_t divisor)
{
	const struct value *at = &table->items[left.value];
	struct vector dividend = at->kind == VALUE_QUOTIENT
					 ? *at->vector
					 : known_bits(table, left.value);
	uint32_t number;

	dividend = vector_masked(&dividend, left.mask);
	if (at->kind == VALUE_QUOTIENT &&
	    __builtin_mul_overflow(divisor, at->number, &divisor))
		return value_constant(table, 0);
	if (vector_is_constant(&dividend, &number))
		return value_constant(table, number / divisor);
	return intern_copy(table, VALUE_QUOTIENT, divisor, &dividend);
}

static bool is_zero(const struct value_table *table, struct value_operand operand)
{
	const struct value *at = &table->items[operand.value];

	return at->kind == VALUE_CONSTANT && !(at->number & operand.mask);
}

/* What is known without any bits: 0 and 0, x / x … */
static bool is_obvious(struct value_table *table, unsigned operation,
		       struct value_operand left, struct value_operand right,
		       uint32_t *ret_number)
{
	bool absorbs = operation == BPF_AND || operation == BPF_MUL;
	bool is_same = same_operand(left, right);

	*ret_number = is_same && operation == BPF_DIV;
	if (is_same &&
	    (operation == BPF_DIV || operation == BPF_SUB || operation == BPF_XOR))
		return true;
	return absorbs && (is_zero(table, left) || is_zero(table, right));
}

/* The operation within few steps; false: it takes more, and the store is as before. */
static bool try_operation(struct value_table *table, unsigned operation,
			  struct value_operand left, struct value_operand right,
			  uint32_t wanted, struct vector *ret_vector)
{
	struct meaning_try try;

	if (value_is_put_off(table, left.value) || value_is_put_off(table, right.value))
		return false;
	try = meaning_try_begin(table->store, TRY_STEPS);
	*ret_vector = operate(table, operation, left, right, wanted);
	return meaning_try_end(table->store, try);
}

uint32_t value_compute(struct value_table *table, unsigned operation,
		       struct value_operand left, struct value_operand right,
		       uint32_t wanted)
{
	const struct value *divisor = &table->items[right.value];
	struct vector result;
	uint32_t number;

	if (is_obvious(table, operation, left, right, &number))
		return value_constant(table, number & wanted);
	if (operation == BPF_DIV && divisor->kind == VALUE_CONSTANT &&
	    !value_is_put_off(table, left.value))
		return divide(table, left, divisor->number & right.mask);
	if (try_operation(table, operation, left, right, wanted, &result))
		return table->store->error ? 0 : intern_vector(table, &result);
	return intern(table, (struct value){ .kind = VALUE_PUT_OFF,
					     .number = operation,
					     .left = left,
					     .right = right,
					     .wanted = wanted });
}

/* --- jumps ------------------------------------------------------------------------ */

bool value_jump_range(const struct sock_filter *in, uint32_t *ret_low,
		      uint32_t *ret_high)
{
	*ret_low = in->k;
	*ret_high = UINT32_MAX;
	if (BPF_OP(in->code) == BPF_JEQ)
		*ret_high = in->k;
	else if (BPF_OP(in->code) == BPF_JGT)
		*ret_low = in->k + 1;
	return BPF_OP(in->code) != BPF_JGT || in->k != UINT32_MAX;
}

static meaning_ref word_jump(struct meaning *store, const struct sock_filter *in,
			     unsigned word)
{
	uint32_t low, high;

	if (BPF_OP(in->code) == BPF_JSET)
		return meaning_not(store, meaning_masked(store, word, in->k, 0));
	if (!value_jump_range(in, &low, &high))
		return MEANING_FALSE;
	return meaning_range(store, word, low, high);
}

/* Predicate: number <= vector. */
static meaning_ref reaches(struct meaning *store, const struct vector *vector,
			   uint64_t number)
{
	struct vector bound = vector_constant((uint32_t)number);

	if (number > UINT32_MAX)
		return MEANING_FALSE;
	return vector_jump(store, BPF_JGE, vector, &bound);
}

/* low <= a / b <= high, which is low * b <= a < (high + 1) * b */
static meaning_ref quotient_jump(struct meaning *store, const struct sock_filter *in,
				 const struct value *quotient)
{
	uint32_t low, high;

	if (!value_jump_range(in, &low, &high))
		return MEANING_FALSE;
	return meaning_and(store,
			   reaches(store, quotient->vector,
				   (uint64_t)low * quotient->number),
			   meaning_not(store, reaches(store, quotient->vector,
						      ((uint64_t)high + 1) *
							      quotient->number)));
}

meaning_ref value_jump(struct value_table *table, const struct sock_filter *in,
		       uint32_t left, uint32_t right)
{
	const struct value *at = &table->items[left];
	bool is_constant = BPF_SRC(in->code) == BPF_K;
	struct vector a, b;

	if (at->kind == VALUE_WORD && is_constant)
		return word_jump(table->store, in, at->number);
	if (at->kind == VALUE_QUOTIENT && is_constant && BPF_OP(in->code) != BPF_JSET)
		return quotient_jump(table->store, in, at);
	if (left == right && !is_constant && BPF_OP(in->code) != BPF_JSET)
		return BPF_OP(in->code) == BPF_JGT ? MEANING_FALSE : MEANING_TRUE;
	a = value_bits(table, left);
	b = is_constant ? vector_constant(in->k) : value_bits(table, right);
	return table->store->error
		       ? MEANING_FAILED
		       : vector_jump(table->store, BPF_OP(in->code), &a, &b);
}
