// SPDX-License-Identifier: MIT
/*
 * The decision diagram: canonical form, operations, words, intervals, the budget.
 *
 * Predicates over fields are held against plain C arithmetic on boundary values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "meaning/meaning.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct seccomp_data call_of(uint32_t arch, uint32_t nr, uint64_t arg0)
{
	return (struct seccomp_data){ .arch = arch, .nr = (int)nr, .args = { arg0 } };
}

static void equal_functions_are_one_reference(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref below, equal, above, built, negated;

	(void)state;
	below = meaning_range(store, WORD_NR, 0, 41);
	equal = meaning_masked(store, WORD_NR, UINT32_MAX, 42);
	above = meaning_range(store, WORD_NR, 43, UINT32_MAX);
	built = meaning_or(store, above, below);
	negated = meaning_not(store, equal);
	assert_int_equal(built, negated);
	assert_int_equal(meaning_and(store, below, above), MEANING_FALSE);
	assert_int_equal(meaning_or(store, built, equal), MEANING_TRUE);
	assert_int_equal(meaning_masked(store, WORD_NR, 3, 4), MEANING_FALSE);
	meaning_free(store);
}

static void words_lie_where_seccomp_data_has_them(void **state)
{
	struct seccomp_data data = { .nr = 7,
				     .arch = 9,
				     .instruction_pointer = 0x1122334455667788,
				     .args = { 0, 0, 0, 0, 0, 0xaabbccdd00112233 } };

	(void)state;
	for (unsigned offset = 0; offset < sizeof(data); offset += 4) {
		uint32_t word;

		memcpy(&word, (const char *)&data + offset, 4);
		assert_int_equal(word_get(&data, word_at_offset(offset, false)), word);
	}
	for (unsigned word = 0; word < WORD_COUNT; word++) {
		assert_int_equal(word_at_offset(word_offset(word, true), true), word);
		word_set(&data, word, 0x80000000 + word);
		assert_int_equal(word_get(&data, word), 0x80000000 + word);
	}
	assert_int_equal(word_at_offset(16, true), WORD_ARG0_HIGH);
	assert_int_equal(word_at_offset(16, false), WORD_ARG0_LOW);
}

/* What a test means, in plain arithmetic. */
static bool holds(const struct policy_test *test, uint64_t value)
{
	uint64_t width =
		test->bits == 64 ? UINT64_MAX : (UINT64_C(1) << test->bits) - 1;
	uint64_t sign = test->is_signed ? UINT64_C(1) << (test->bits - 1) : 0;
	/* Flipping the sign bit makes two's complement order the unsigned one. */
	uint64_t left = (value & test->mask & width) ^ sign;
	uint64_t right = test->value ^ sign;

	switch (test->operator) {
	case OPERATOR_EQ:
		return left == right;
	case OPERATOR_NE:
		return left != right;
	case OPERATOR_LT:
		return left < right;
	case OPERATOR_LE:
		return left <= right;
	case OPERATOR_GT:
		return left > right;
	default:
		return left >= right;
	}
}

static const uint64_t boundaries[] = {
	0,	    1,		2,
	3,	    0x7f,	0x80,
	0xff,	    0x100,	0x7fff,
	0x8000,	    0xffff,	0x10000,
	0x7fffffff, 0x80000000, 0xfffffffe,
	0xffffffff, 1ull << 32, (1ull << 32) + 3,
	INT64_MAX,  1ull << 63, UINT64_MAX - 1,
	UINT64_MAX,
};

static void check_test(struct meaning *store, const struct policy_test *test)
{
	struct policy_condition condition = { .kind = CONDITION_TEST, .test = *test };
	meaning_ref predicate = meaning_condition(store, &condition);

	for (size_t i = 0; i < COUNT(boundaries); i++) {
		struct seccomp_data data = call_of(1, 2, boundaries[i]);
		uint32_t got = meaning_evaluate(store, predicate, &data);

		if (got != holds(test, boundaries[i]))
			fail_msg("%d bits, signed %d, operator %d, mask %#llx, "
				 "value %#llx: wrong for %#llx",
				 test->bits, test->is_signed,
				 (int)test->operator,(unsigned long long) test->mask,
				 (unsigned long long)test->value,
				 (unsigned long long)boundaries[i]);
	}
}

static void tests_agree_with_arithmetic_at_every_boundary(void **state)
{
	static const uint8_t widths[] = { 8, 16, 32, 64 };
	static const uint64_t masks[] = { UINT64_MAX, 0xf, 0x80, 0xffff0000ffff0000 };
	struct meaning *store = meaning_new(MEANING_LIMITS);

	(void)state;
	for (size_t w = 0; w < COUNT(widths); w++) {
		uint64_t width = widths[w] == 64 ? UINT64_MAX : (1ull << widths[w]) - 1;

		for (size_t m = 0; m < COUNT(masks); m++)
			for (size_t v = 0; v < COUNT(boundaries); v++)
				for (int op = OPERATOR_EQ; op <= OPERATOR_GE; op++) {
					struct policy_test test = {
						.bits = widths[w],
						.operator=(enum policy_operator) op,
						.mask = masks[m] & width,
						.value = boundaries[v] & width,
					};

					check_test(store, &test);
					test.is_signed = true;
					check_test(store, &test);
				}
	}
	assert_int_equal(meaning_error(store), 0);
	meaning_free(store);
}

static void intervals_come_back_as_they_went_in(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	struct meaning_interval out[16];
	meaning_ref a = meaning_terminal(store, 10), b = meaning_terminal(store, 20);
	struct meaning_interval in[] = {
		{ 0, a }, { 1, b }, { 7, a }, { 0x40000000, b }, { UINT32_MAX, a },
	};
	meaning_ref ref = meaning_from_intervals(store, WORD_NR, in, COUNT(in));

	(void)state;
	assert_int_equal(meaning_intervals(store, ref, WORD_NR, out, 16), COUNT(in));
	assert_memory_equal(out, in, sizeof(in));
	assert_int_equal(meaning_intervals(store, ref, WORD_NR, out, 3), 4);
	/* A test of the lowest bit has 2^32 intervals: it must not try them all. */
	ref = meaning_masked(store, WORD_NR, 1, 1);
	assert_int_equal(meaning_intervals(store, ref, WORD_NR, out, 16), 17);
	meaning_free(store);
}

static void stacking_follows_the_kernels_precedence(void **state)
{
	static const uint32_t order[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
		SECCOMP_RET_ERRNO | 5,	  SECCOMP_RET_USER_NOTIF,  SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG,	  SECCOMP_RET_ALLOW,
	};
	struct meaning *store = meaning_new(MEANING_LIMITS);

	(void)state;
	for (size_t i = 0; i < COUNT(order); i++)
		for (size_t j = i; j < COUNT(order); j++) {
			meaning_ref a = meaning_terminal(store, order[i]);
			meaning_ref b = meaning_terminal(store, order[j]);

			assert_int_equal(meaning_stack(store, a, b), a);
			assert_int_equal(meaning_stack(store, b, a), a);
		}
	meaning_free(store);
}

static bool is_true(void *context, uint32_t value)
{
	(void)context;
	return value == 1;
}

static void a_difference_has_an_example(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref a = meaning_range(store, WORD_ARG0_LOW, 0, 99);
	meaning_ref b = meaning_range(store, WORD_ARG0_LOW, 0, 100);
	meaning_ref differ = meaning_differ(store, a, b);
	struct seccomp_data data;

	(void)state;
	assert_int_equal(meaning_example(store, differ, is_true, NULL, &data), 1);
	assert_int_equal(data.args[0], 100);
	assert_int_equal(meaning_differ(store, a, a), MEANING_FALSE);
	assert_int_equal(meaning_example(store, MEANING_FALSE, is_true, NULL, &data),
			 0);
	assert_int_equal(meaning_restrict(store, a, WORD_ARG0_LOW, 99), MEANING_TRUE);
	assert_int_equal(meaning_restrict(store, a, WORD_ARG0_LOW, 100), MEANING_FALSE);
	meaning_free(store);
}

/* Many unrelated predicates or-ed together. */
static void a_budget_ends_what_would_never_end(void **state)
{
	struct meaning *store = meaning_new((struct meaning_limits){ 1000, 100000 });
	meaning_ref ref = MEANING_FALSE;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++)
		ref = meaning_or(store, ref,
				 meaning_masked(store, i % 16, UINT32_MAX, i * 77777));
	assert_int_equal(ref, MEANING_FAILED);
	assert_int_equal(meaning_error(store), -E2BIG);
	assert_int_equal(meaning_not(store, ref), MEANING_FAILED);
	assert_true(meaning_node_count(store) <= 1000);
	meaning_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_functions_are_one_reference),
		cmocka_unit_test(words_lie_where_seccomp_data_has_them),
		cmocka_unit_test(tests_agree_with_arithmetic_at_every_boundary),
		cmocka_unit_test(intervals_come_back_as_they_went_in),
		cmocka_unit_test(stacking_follows_the_kernels_precedence),
		cmocka_unit_test(a_difference_has_an_example),
		cmocka_unit_test(a_budget_ends_what_would_never_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
