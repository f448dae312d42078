// SPDX-License-Identifier: MIT
/*
 * The simulator: what every instruction computes, at the edges of 32 bits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bpf/bpf.h"

#define S(code, k)	   BPF_STMT((code), (k))
#define J(code, k, jt, jf) BPF_JUMP(BPF_JMP | (code), (k), (jt), (jf))
#define LOAD(k)		   S(BPF_LD | BPF_W | BPF_ABS, (k))
#define A(k)		   S(BPF_LD | BPF_IMM, (k))
#define X(k)		   S(BPF_LDX | BPF_IMM, (k))
#define ALU(code, k)	   S(BPF_ALU | (code), (k))
#define RET(k)		   S(BPF_RET | BPF_K, (k))
#define RET_A		   S(BPF_RET | BPF_A, 0)

#define PROGRAM(...)        \
	{                   \
		__VA_ARGS__ \
	}

static const struct seccomp_data call = {
	.nr = -2,
	.arch = 0xc000003e,
	.instruction_pointer = 0x1112131415161718,
	.args = { 0x2122232425262728, 1, 2, 3, 4, 0x7172737475767778 },
};

static const struct interpret_case {
	const char *name;
	struct sock_filter code[8];
	uint32_t value, executed, at;
} cases[] = {
	{ "returns a constant", PROGRAM(RET(7)), 7, 1, 0 },
	{ "starts with A as 0", PROGRAM(RET_A), 0, 1, 0 },
	{ "starts with X as 0", PROGRAM(A(5), S(BPF_MISC | BPF_TXA, 0), RET_A), 0, 3,
	  2 },
	{ "loads the number", PROGRAM(LOAD(0), RET_A), 0xfffffffe, 2, 1 },
	{ "loads the architecture", PROGRAM(LOAD(4), RET_A), 0xc000003e, 2, 1 },
	{ "loads the low half of the instruction pointer first",
	  PROGRAM(LOAD(8), RET_A), 0x15161718, 2, 1 },
	{ "loads the high half of the instruction pointer second",
	  PROGRAM(LOAD(12), RET_A), 0x11121314, 2, 1 },
	{ "loads the low half of an argument first", PROGRAM(LOAD(16), RET_A),
	  0x25262728, 2, 1 },
	{ "loads the last word", PROGRAM(LOAD(60), RET_A), 0x71727374, 2, 1 },
	{ "knows the length in A", PROGRAM(S(BPF_LD | BPF_W | BPF_LEN, 0), RET_A), 64,
	  2, 1 },
	{ "knows the length in X",
	  PROGRAM(S(BPF_LDX | BPF_W | BPF_LEN, 0), S(BPF_MISC | BPF_TXA, 0), RET_A), 64,
	  3, 2 },
	{ "keeps A in memory",
	  PROGRAM(A(9), S(BPF_ST, 15), A(1), S(BPF_LD | BPF_MEM, 15), RET_A), 9, 5, 4 },
	{ "keeps X in memory",
	  PROGRAM(X(9), S(BPF_STX, 0), X(1), S(BPF_LDX | BPF_MEM, 0),
		  S(BPF_MISC | BPF_TXA, 0), RET_A),
	  9, 6, 5 },
	{ "copies A to X",
	  PROGRAM(A(3), S(BPF_MISC | BPF_TAX, 0), ALU(BPF_ADD | BPF_X, 0), RET_A), 6, 4,
	  3 },
	{ "adds and wraps", PROGRAM(A(UINT32_MAX), ALU(BPF_ADD | BPF_K, 2), RET_A), 1,
	  3, 2 },
	{ "subtracts and wraps", PROGRAM(X(1), ALU(BPF_SUB | BPF_X, 0), RET_A),
	  UINT32_MAX, 3, 2 },
	{ "multiplies and wraps",
	  PROGRAM(A(0x10001), ALU(BPF_MUL | BPF_K, 0x10001), RET_A), 0x20001, 3, 2 },
	{ "divides without sign",
	  PROGRAM(A(UINT32_MAX), ALU(BPF_DIV | BPF_K, 2), RET_A), 0x7fffffff, 3, 2 },
	{ "returns 0 from a division by an X of 0",
	  PROGRAM(A(8), ALU(BPF_DIV | BPF_X, 0), RET(1)), 0, 2, 1 },
	{ "divides by an X", PROGRAM(A(8), X(3), ALU(BPF_DIV | BPF_X, 0), RET_A), 2, 4,
	  3 },
	{ "shifts left by the low 5 bits of X",
	  PROGRAM(A(1), X(0xffffff21), ALU(BPF_LSH | BPF_X, 0), RET_A), 2, 4, 3 },
	{ "shifts right by the low 5 bits of X",
	  PROGRAM(A(4), X(32), ALU(BPF_RSH | BPF_X, 0), RET_A), 4, 4, 3 },
	{ "shifts right without sign",
	  PROGRAM(A(0x80000000), ALU(BPF_RSH | BPF_K, 31), RET_A), 1, 3, 2 },
	{ "computes and, or, xor",
	  PROGRAM(A(0xff), ALU(BPF_AND | BPF_K, 0x3c), ALU(BPF_OR | BPF_K, 0x100),
		  ALU(BPF_XOR | BPF_K, 0x10c), RET_A),
	  0x30, 5, 4 },
	{ "negates", PROGRAM(A(1), ALU(BPF_NEG, 0), RET_A), UINT32_MAX, 3, 2 },
	{ "jumps over instructions", PROGRAM(S(BPF_JMP | BPF_JA, 1), RET(1), RET(2)), 2,
	  2, 2 },
	{ "takes the branch when equal",
	  PROGRAM(A(5), J(BPF_JEQ | BPF_K, 5, 1, 0), RET(1), RET(2)), 2, 3, 3 },
	{ "takes the other branch when not equal",
	  PROGRAM(A(4), J(BPF_JEQ | BPF_K, 5, 1, 0), RET(1), RET(2)), 1, 3, 2 },
	{ "compares without sign",
	  PROGRAM(A(0x80000000), J(BPF_JGT | BPF_K, 1, 1, 0), RET(1), RET(2)), 2, 3,
	  3 },
	{ "does not hold a number greater than itself",
	  PROGRAM(A(5), J(BPF_JGT | BPF_K, 5, 1, 0), RET(1), RET(2)), 1, 3, 2 },
	{ "holds a number at least itself",
	  PROGRAM(A(5), X(5), J(BPF_JGE | BPF_X, 0, 1, 0), RET(1), RET(2)), 2, 4, 4 },
	{ "tests for any common bit",
	  PROGRAM(A(6), J(BPF_JSET | BPF_K, 3, 1, 0), RET(1), RET(2)), 2, 3, 3 },
	{ "finds no common bit",
	  PROGRAM(A(6), J(BPF_JSET | BPF_K, 9, 1, 0), RET(1), RET(2)), 1, 3, 2 },
};

static size_t length_of(const struct sock_filter *code, size_t capacity)
{
	size_t length = 0;

	for (size_t i = 0; i < capacity; i++)
		if (BPF_CLASS(code[i].code) == BPF_RET)
			length = i + 1;
	return length;
}

static void check_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct interpret_case *test = &cases[i];
		struct sock_filter code[8];
		struct bpf_program program = { .code = code };
		struct bpf_run run;

		print_message("  %s\n", test->name);
		memcpy(code, test->code, sizeof(code));
		program.length = length_of(code, 8);
		assert_int_equal(bpf_validate(code, program.length, NULL, NULL), 0);
		run = bpf_run(&program, &call);
		assert_int_equal(run.value, test->value);
		assert_int_equal(run.executed, test->executed);
		assert_int_equal(run.at, test->at);
	}
}

static void loads_the_high_half_first_on_a_big_endian_machine(void **state)
{
	struct sock_filter code[] = { LOAD(16), RET_A };
	struct bpf_program program = { code, 2, .big_endian = true };

	(void)state;
	assert_int_equal(bpf_run(&program, &call).value, 0x21222324);
	code[0].k = 60;
	assert_int_equal(bpf_run(&program, &call).value, 0x75767778);
	code[0].k = 4;
	assert_int_equal(bpf_run(&program, &call).value, 0xc000003e);
}

struct visits {
	uint32_t count, pcs[4], a_before_return;
};

static void visit(void *context, const struct bpf_state *state)
{
	struct visits *visits = context;

	assert_true(visits->count < 4);
	visits->pcs[visits->count++] = state->pc;
	visits->a_before_return = state->a;
}

static void traces_each_instruction_before_it_runs(void **state)
{
	struct sock_filter code[] = { A(7), S(BPF_JMP | BPF_JA, 1), RET(0), RET_A };
	struct bpf_program program = { code, 4, false };
	struct visits visits = { 0 };

	(void)state;
	assert_int_equal(bpf_trace(&program, &call, visit, &visits).value, 7);
	assert_int_equal(visits.count, 3);
	assert_int_equal(visits.pcs[0], 0);
	assert_int_equal(visits.pcs[1], 1);
	assert_int_equal(visits.pcs[2], 3);
	assert_int_equal(visits.a_before_return, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_cases),
		cmocka_unit_test(loads_the_high_half_first_on_a_big_endian_machine),
		cmocka_unit_test(traces_each_instruction_before_it_runs),
	};

	return cmocka_run_group_tests_name("interpret", tests, NULL, NULL);
}
