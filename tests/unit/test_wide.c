// SPDX-License-Identifier: MIT
/* Integers wider than 64 bits: where a half carries into the other. */
#include "policy/wide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* From the least to the greatest. */
static const struct wide numbers[] = {
	{ -2, UINT64_MAX },
	{ -1, 0 },
	{ -1, 1 },
	{ -1, UINT64_MAX },
	{ 0, 0 },
	{ 0, 1 },
	{ 0, INT64_MAX },
	{ 0, (uint64_t)1 << 63 },
	{ 0, UINT64_MAX - 1 },
	{ 0, UINT64_MAX },
	{ 1, 0 },
	{ 1, UINT64_MAX },
};

static void assert_same(struct wide left, struct wide right)
{
	assert_int_equal(left.high, right.high);
	assert_int_equal(left.low, right.low);
}

static void orders_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++)
		for (size_t j = 0; j < LENGTH(numbers); j++) {
			assert_int_equal(wide_is_less(numbers[i], numbers[j]), i < j);
			assert_int_equal(wide_is_within(numbers[i], numbers[j],
							numbers[j]),
					 i == j);
		}
}

static void adds_and_negates(void **state)
{
	static const struct {
		struct wide left, right, sum;
	} sums[] = {
		{ { 0, UINT64_MAX }, { 0, 1 }, { 1, 0 } },
		{ { 0, UINT64_MAX }, { 0, UINT64_MAX }, { 1, UINT64_MAX - 1 } },
		{ { 1, 0 }, { -1, UINT64_MAX }, { 0, UINT64_MAX } },
		{ { -1, 0 }, { -1, UINT64_MAX }, { -2, UINT64_MAX } },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(sums); i++) {
		assert_same(wide_add(sums[i].left, sums[i].right), sums[i].sum);
		assert_same(wide_add(sums[i].right, sums[i].left), sums[i].sum);
	}
	for (size_t i = 0; i < LENGTH(numbers); i++) {
		struct wide negative = wide_negate(numbers[i]);

		assert_same(wide_add(numbers[i], negative), (struct wide){ 0, 0 });
		assert_same(wide_complement(numbers[i]),
			    wide_add(negative, (struct wide){ -1, UINT64_MAX }));
	}
}

static void joins_bits_of_negative_numbers(void **state)
{
	(void)state;
	assert_same(wide_or((struct wide){ -1, 0 }, (struct wide){ 0, 5 }),
		    (struct wide){ -1, 5 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_numbers),
		cmocka_unit_test(adds_and_negates),
		cmocka_unit_test(joins_bits_of_negative_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
