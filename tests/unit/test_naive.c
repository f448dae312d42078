// SPDX-License-Identifier: MIT
/*
 * The unoptimised program: it must mean what its diagram means, jumps over 255
 * included, and say so when it does not fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "bpf/bpf.h"

static meaning_ref number_is(struct meaning *store, uint32_t number)
{
	return meaning_range(store, WORD_NR, number, number);
}

/* Emits, checks that the kernel would take it, and lifts it back to the same node. */
static size_t emit_and_lift(struct meaning *store, meaning_ref meaning, bool big_endian)
{
	struct bpf_program program;
	size_t length;

	assert_int_equal(meaning_error(store), 0);
	assert_int_equal(bpf_emit_naive(store, meaning, big_endian, &program), 0);
	assert_int_equal(bpf_validate(program.code, program.length, NULL, NULL), 0);
	assert_int_equal(meaning_of_program(store, program.code, program.length,
					    big_endian),
			 meaning);
	length = program.length;
	bpf_program_done(&program);
	return length;
}

static void emits_a_constant_as_one_return(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref allow = meaning_terminal(store, SECCOMP_RET_ALLOW);

	(void)state;
	assert_int_equal(emit_and_lift(store, allow, false), 1);
	meaning_free(store);
}

static void emits_two_instructions_a_node(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref bit = meaning_masked(store, word_low(2), 0x10, 0x10);

	(void)state;
	assert_int_equal(emit_and_lift(store, bit, false), 4);
	assert_int_equal(emit_and_lift(store, bit, true), 4);
	meaning_free(store);
}

/* Scattered numbers with a return value each: far too wide for 8-bit branches. */
static void reaches_children_further_than_255_instructions(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref meaning = meaning_terminal(store, SECCOMP_RET_ALLOW);

	(void)state;
	for (uint32_t i = 0; i < 40; i++)
		meaning = meaning_ite(store, number_is(store, i * 2654435761u),
				      meaning_terminal(store, SECCOMP_RET_ERRNO | i),
				      meaning);
	assert_true(emit_and_lift(store, meaning, false) > 1000);
	meaning_free(store);
}

static void refuses_more_than_4096_instructions(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref meaning = meaning_terminal(store, SECCOMP_RET_ALLOW);
	struct bpf_program program;

	(void)state;
	for (uint32_t i = 0; i < 200; i++)
		meaning = meaning_ite(store, number_is(store, i * 2654435761u),
				      meaning_terminal(store, SECCOMP_RET_ERRNO | i),
				      meaning);
	assert_int_equal(bpf_emit_naive(store, meaning, false, &program), -E2BIG);
	meaning_free(store);
}

static void passes_the_failure_of_its_store_on(void **state)
{
	struct meaning *store = meaning_new((struct meaning_limits){ 8, 1000 });
	struct bpf_program program;

	(void)state;
	assert_int_equal(bpf_emit_naive(store, number_is(store, 0x55555555), false,
					&program),
			 -E2BIG);
	meaning_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emits_a_constant_as_one_return),
		cmocka_unit_test(emits_two_instructions_a_node),
		cmocka_unit_test(reaches_children_further_than_255_instructions),
		cmocka_unit_test(refuses_more_than_4096_instructions),
		cmocka_unit_test(passes_the_failure_of_its_store_on),
	};

	return cmocka_run_group_tests_name("naive", tests, NULL, NULL);
}
