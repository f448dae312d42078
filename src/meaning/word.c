// SPDX-License-Identifier: MIT
/*
 * Words: where they lie in struct seccomp_data, predicates over one word or one field,
 * and the two-way passage between a word's diagram and its intervals.
 *
 * All of these are built bottom up, a node at a time, without the general operations.
 */
#include "meaning/store.h"

#include <stddef.h>

/* --- places ----------------------------------------------------------------------- */

static unsigned field_of(unsigned word)
{
	return (word - WORD_ARG0_HIGH) / 2;
}

static uint64_t field_get(const struct seccomp_data *data, unsigned field)
{
	return field == FIELD_IP ? data->instruction_pointer : data->args[field];
}

uint32_t word_get(const struct seccomp_data *data, unsigned word)
{
	if (word == WORD_ARCH)
		return data->arch;
	if (word == WORD_NR)
		return (uint32_t)data->nr;
	return (uint32_t)(field_get(data, field_of(word)) >> (word & 1 ? 0 : 32));
}

void word_set(struct seccomp_data *data, unsigned word, uint32_t value)
{
	unsigned shift = word & 1 ? 0 : 32;
	uint64_t field;

	if (word == WORD_ARCH) {
		data->arch = value;
	} else if (word == WORD_NR) {
		data->nr = (int)value;
	} else {
		field = field_get(data, field_of(word));
		field = (field & ~((uint64_t)UINT32_MAX << shift)) | (uint64_t)value
									     << shift;
		if (field_of(word) == FIELD_IP)
			data->instruction_pointer = field;
		else
			data->args[field_of(word)] = field;
	}
}

/* nr, arch, the instruction pointer at 8, the arguments from 16: seccomp(2). */
unsigned word_at_offset(uint32_t offset, bool big_endian)
{
	bool is_low = (offset & 4) ? big_endian : !big_endian;
	unsigned field;

	if (offset < offsetof(struct seccomp_data, instruction_pointer))
		return offset == offsetof(struct seccomp_data, nr) ? WORD_NR
								   : WORD_ARCH;
	if (offset < offsetof(struct seccomp_data, args))
		field = FIELD_IP;
	else
		field = (offset - (uint32_t)offsetof(struct seccomp_data, args)) / 8;
	return is_low ? word_low(field) : word_high(field);
}

uint32_t word_offset(unsigned word, bool big_endian)
{
	uint32_t offset = 0;

	while (word_at_offset(offset, big_endian) != word)
		offset += 4;
	return offset;
}

/* --- predicates ------------------------------------------------------------------- */

meaning_ref meaning_masked(struct meaning *store, unsigned word, uint32_t mask,
			   uint32_t value)
{
	meaning_ref result = value & ~mask ? MEANING_FALSE : MEANING_TRUE;

	for (unsigned bit = 0; bit < WORD_BITS; bit++) {
		uint32_t variable = word * WORD_BITS + WORD_BITS - 1 - bit;

		if (!(mask >> bit & 1))
			continue;
		result = value >> bit & 1
				 ? meaning_node(store, variable, MEANING_FALSE, result)
				 : meaning_node(store, variable, result, MEANING_FALSE);
	}
	return result;
}

meaning_ref meaning_range(struct meaning *store, unsigned word, uint32_t low,
			  uint32_t high)
{
	struct meaning_interval intervals[3];
	size_t count = 0;

	if (low > high)
		return MEANING_FALSE;
	if (low > 0)
		intervals[count++] = (struct meaning_interval){ 0, MEANING_FALSE };
	intervals[count++] = (struct meaning_interval){ low, MEANING_TRUE };
	if (high < UINT32_MAX)
		intervals[count++] =
			(struct meaning_interval){ high + 1, MEANING_FALSE };
	return meaning_from_intervals(store, word, intervals, count);
}

struct outcome outcome_of(enum policy_operator operator)
{
	static const struct outcome outcomes[] = {
		[OPERATOR_EQ] = { 0, 1, 0 }, [OPERATOR_NE] = { 1, 0, 1 },
		[OPERATOR_LT] = { 1, 0, 0 }, [OPERATOR_LE] = { 1, 1, 0 },
		[OPERATOR_GT] = { 0, 0, 1 }, [OPERATOR_GE] = { 0, 1, 1 },
	};

	return outcomes[operator];
}

/*
 * Compares bit by bit from the least significant: `result` is the answer if all higher
 * bits are equal. The sign bit of two's complement counts the other way round.
 */
static meaning_ref test_predicate(struct meaning *store, const struct policy_test *test)
{
	struct outcome outcome = outcome_of(test->operator);
	meaning_ref result = outcome.equal;

	for (unsigned bit = 0; bit < test->bits; bit++) {
		unsigned word = bit < WORD_BITS ? word_low(test->field)
						: word_high(test->field);
		uint32_t variable = (word + 1) * WORD_BITS - 1 - bit % WORD_BITS;
		bool is_sign = test->is_signed && bit + 1u == test->bits;
		meaning_ref below = is_sign ? outcome.greater : outcome.less;
		meaning_ref above = is_sign ? outcome.less : outcome.greater;
		meaning_ref zero = test->value >> bit & 1 ? below : result;
		meaning_ref one = test->value >> bit & 1 ? result : above;

		result = test->mask >> bit & 1
				 ? meaning_node(store, variable, zero, one)
				 : zero;
	}
	return result;
}

meaning_ref meaning_condition(struct meaning *store,
			      const struct policy_condition *condition)
{
	meaning_ref left;

	switch (condition->kind) {
	case CONDITION_ALWAYS:
		return MEANING_TRUE;
	case CONDITION_NEVER:
		return MEANING_FALSE;
	case CONDITION_TEST:
		return test_predicate(store, &condition->test);
	case CONDITION_NOT:
		return meaning_not(store, meaning_condition(store, condition->left));
	case CONDITION_AND:
		left = meaning_condition(store, condition->left);
		return meaning_and(store, left,
				   meaning_condition(store, condition->right));
	case CONDITION_OR:
		left = meaning_condition(store, condition->left);
		return meaning_or(store, left,
				  meaning_condition(store, condition->right));
	}
	return MEANING_FAILED;
}

/* --- intervals -------------------------------------------------------------------- */

/* Index of the first interval that begins at `value` or after; `count` if none does. */
static size_t first_from(const struct meaning_interval *intervals, size_t count,
			 uint32_t value)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (intervals[middle].first < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 *            base                     base + 2^bits
 *   intervals |  i0   |   i1   |  i2   |       split at the middle until one
 *             |---- low ----|--- high -|       interval covers the whole half
 */
static meaning_ref build(struct meaning *store, unsigned word,
			 const struct meaning_interval *intervals, size_t count,
			 uint32_t base, unsigned bits)
{
	uint32_t middle;
	size_t split;
	meaning_ref low, high;

	if (count == 1)
		return intervals[0].ref;
	middle = base + (UINT32_C(1) << (bits - 1));
	split = first_from(intervals, count, middle);
	low = build(store, word, intervals, split, base, bits - 1);
	/* The last interval of the lower half may reach into the upper one. */
	if (split == count || intervals[split].first > middle)
		split--;
	high = build(store, word, intervals + split, count - split, middle, bits - 1);
	return meaning_node(store, (word + 1) * WORD_BITS - bits, low, high);
}

meaning_ref meaning_from_intervals(struct meaning *store, unsigned word,
				   const struct meaning_interval *intervals,
				   size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (intervals[i].ref == MEANING_FAILED)
			return MEANING_FAILED;
	return build(store, word, intervals, count, 0, WORD_BITS);
}

struct interval_list {
	const struct meaning *store;
	unsigned word;
	struct meaning_interval *intervals;
	size_t count, capacity;
};

static void split(struct interval_list *list, meaning_ref ref, uint32_t base,
		  unsigned bits)
{
	const struct meaning_node *node = meaning_at(list->store, ref);

	if (list->count > list->capacity)
		return;
	if (node->variable / WORD_BITS != list->word) {
		if (list->count && list->intervals[list->count - 1].ref == ref)
			return;
		if (list->count < list->capacity)
			list->intervals[list->count] =
				(struct meaning_interval){ base, ref };
		list->count++;
		return;
	}
	/* A bit that the node skips has the same node on both sides. */
	if (node->variable == (list->word + 1) * WORD_BITS - bits) {
		split(list, node->low, base, bits - 1);
		split(list, node->high, base + (UINT32_C(1) << (bits - 1)), bits - 1);
	} else {
		split(list, ref, base, bits - 1);
		split(list, ref, base + (UINT32_C(1) << (bits - 1)), bits - 1);
	}
}

size_t meaning_intervals(const struct meaning *store, meaning_ref a, unsigned word,
			 struct meaning_interval *ret_intervals, size_t capacity)
{
	struct interval_list list = { store, word, ret_intervals, 0, capacity };

	split(&list, a, 0, WORD_BITS);
	return list.count;
}

size_t meaning_interval_of(const struct meaning_interval *intervals, size_t count,
			   uint32_t value)
{
	size_t low = 0, high = count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (intervals[middle].first <= value)
			low = middle;
		else
			high = middle;
	}
	return low;
}
