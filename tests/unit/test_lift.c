// SPDX-License-Identifier: MIT
/*
 * Lifting is exact: random valid programs, run by the simulator and evaluated as
 * diagrams, give the same verdict; hostile ones end in "too complex", soon.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "bpf/bpf.h"
#include "data/verdict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PROGRAMS     3000
#define PROBES	     40
#define LENGTH_MAX   24

static uint64_t random_state;

static uint32_t draw(void)
{
	random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(random_state >> 33);
}

static const uint32_t interesting[] = {
	0, 1,	 2,	3,	    4,		5,	    7,
	8, 0xff, 0x100, 0x7fffffff, 0x80000000, 0xffffffff, 0xc000003e,
};

static uint32_t draw_number(void)
{
	return draw() % 4 ? interesting[draw() % COUNT(interesting)] : draw();
}

/* Everything that the kernel's checker lets through, the costly arithmetic rarely. */
static const uint16_t codes[] = {
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_W | BPF_LEN,
	BPF_LD | BPF_IMM,
	BPF_LD | BPF_MEM,
	BPF_LDX | BPF_IMM,
	BPF_LDX | BPF_MEM,
	BPF_LDX | BPF_W | BPF_LEN,
	BPF_ST,
	BPF_STX,
	BPF_ALU | BPF_ADD | BPF_K,
	BPF_ALU | BPF_ADD | BPF_X,
	BPF_ALU | BPF_SUB | BPF_K,
	BPF_ALU | BPF_AND | BPF_K,
	BPF_ALU | BPF_AND | BPF_K,
	BPF_ALU | BPF_AND | BPF_X,
	BPF_ALU | BPF_OR | BPF_K,
	BPF_ALU | BPF_XOR | BPF_K,
	BPF_ALU | BPF_XOR | BPF_X,
	BPF_ALU | BPF_LSH | BPF_K,
	BPF_ALU | BPF_RSH | BPF_K,
	BPF_ALU | BPF_LSH | BPF_X,
	BPF_ALU | BPF_RSH | BPF_X,
	BPF_ALU | BPF_MUL | BPF_K,
	BPF_ALU | BPF_DIV | BPF_K,
	BPF_ALU | BPF_DIV | BPF_X,
	BPF_ALU | BPF_NEG,
	BPF_MISC | BPF_TAX,
	BPF_MISC | BPF_TXA,
	BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K,
	BPF_JMP | BPF_JEQ | BPF_K,
	BPF_JMP | BPF_JEQ | BPF_X,
	BPF_JMP | BPF_JGE | BPF_K,
	BPF_JMP | BPF_JGE | BPF_X,
	BPF_JMP | BPF_JGT | BPF_K,
	BPF_JMP | BPF_JGT | BPF_X,
	BPF_JMP | BPF_JSET | BPF_K,
	BPF_JMP | BPF_JSET | BPF_X,
	BPF_RET | BPF_K,
	BPF_RET | BPF_A,
};

static struct sock_filter draw_instruction(size_t left)
{
	struct sock_filter in = { .code = codes[draw() % COUNT(codes)] };

	in.k = draw_number();
	if (BPF_CLASS(in.code) == BPF_LD && BPF_MODE(in.code) == BPF_ABS)
		in.k = draw() % 16 * 4;
	else if (BPF_CLASS(in.code) == BPF_ALU && BPF_SRC(in.code) == BPF_K &&
		 (BPF_OP(in.code) == BPF_LSH || BPF_OP(in.code) == BPF_RSH))
		in.k %= 32;
	else if (BPF_CLASS(in.code) == BPF_ST || BPF_CLASS(in.code) == BPF_STX ||
		 BPF_MODE(in.code) == BPF_MEM)
		in.k %= 3;
	if (BPF_CLASS(in.code) == BPF_JMP) {
		in.jt = (uint8_t)(draw() % left);
		in.jf = (uint8_t)(draw() % left);
		if (BPF_OP(in.code) == BPF_JA)
			in.k = in.jt;
	}
	return in;
}

static size_t draw_program(struct sock_filter *code)
{
	size_t length = 1 + draw() % LENGTH_MAX;

	do {
		for (size_t i = 0; i + 1 < length; i++)
			code[i] = draw_instruction(length - 1 - i);
		code[length - 1] = (struct sock_filter)
			BPF_STMT(BPF_RET | (draw() % 2 ? BPF_K : BPF_A), draw_number());
	} while (bpf_validate(code, length, NULL, NULL));
	return length;
}

static struct seccomp_data draw_call(void)
{
	struct seccomp_data data;

	for (unsigned word = 0; word < WORD_COUNT; word++)
		word_set(&data, word, draw_number());
	return data;
}

/* The rank of an unknown action is its own. */
static void check_layers(struct meaning *store, const struct bpf_program *program)
{
	meaning_ref ref = meaning_of_layer(store, program->code, program->length,
					   program->big_endian);

	for (int i = 0; ref != MEANING_FAILED && i < PROBES; i++) {
		struct seccomp_data data = draw_call();
		uint32_t ran = bpf_run(program, &data).value;
		uint32_t found = meaning_evaluate(store, ref, &data);

		assert_int_equal(found & SECCOMP_RET_ACTION_FULL,
				 ran & SECCOMP_RET_ACTION_FULL);
		assert_int_equal(verdict_normalize(found), verdict_normalize(ran));
	}
}

/* A number that was computed has been read as the kernel does. */
static void check_program(struct meaning *store, meaning_ref ref,
			  const struct bpf_program *program)
{
	for (int i = 0; i < PROBES; i++) {
		struct seccomp_data data = draw_call();
		struct bpf_run run = bpf_run(program, &data);
		uint32_t found = meaning_evaluate(store, ref, &data);

		if (found != run.value)
			assert_int_equal(found, verdict_normalize(run.value));
	}
}

static void random_programs_mean_what_they_do(void **state)
{
	int lifted = 0;

	(void)state;
	random_state = 20260101;
	for (int i = 0; i < PROGRAMS; i++) {
		struct meaning *store =
			meaning_new((struct meaning_limits){ 1u << 16, 1u << 18 });
		struct sock_filter code[LENGTH_MAX + 1];
		struct bpf_program program = { code, draw_program(code), draw() % 2 };
		meaning_ref ref = meaning_of_program(store, code, program.length,
						     program.big_endian);

		if (ref == MEANING_FAILED) {
			assert_int_equal(meaning_error(store), -E2BIG);
		} else {
			check_program(store, ref, &program);
			check_layers(store, &program);
			lifted++;
		}
		meaning_free(store);
	}
	print_message("%d of %d lifted\n", lifted, PROGRAMS);
	assert_true(lifted > PROGRAMS * 8 / 10);
}

/* A doubles and takes in a bit at each branch: 2^n distinct states. */
static void an_exponential_program_is_too_complex(void **state)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	struct sock_filter code[4096];
	size_t n = 0;

	(void)state;
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16);
	while (n + 8 < COUNT(code)) {
		uint32_t bit = 1u << (n % 32);

		code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 77);
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
							 bit, 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	assert_int_equal(bpf_validate(code, n, NULL, NULL), 0);
	assert_int_equal(meaning_of_program(store, code, n, false), MEANING_FAILED);
	assert_int_equal(meaning_error(store), -E2BIG);
	meaning_free(store);
}

/* What could be a circuit of a million nodes, and need not be. */
static struct frugal_case {
	const char *name;
	struct sock_filter code[7];
	size_t length;
} frugal_cases[] = {
	{ "computes no value that nothing reads",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0x4d1c0543),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0x8a3015a9),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) },
	  4 },
	{ "computes only bits that are read",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
	    BPF_STMT(BPF_LDX | BPF_IMM, 0x4d1c0543),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0),
	    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xe6),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x42, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS) },
	  7 },
	{ "compares a quotient by its dividend",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
	    BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0x18d),
	    BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0xa2),
	    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x1234, 1, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xf0, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS) },
	  7 },
	{ "asks nothing where both ways are one",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 24),
	    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) },
	  5 },
};

static void check_frugal(struct frugal_case *test, struct meaning_limits limits)
{
	struct bpf_program program = { .code = test->code, .length = test->length };
	struct meaning *store = meaning_new(limits);
	meaning_ref ref = meaning_of_program(store, test->code, test->length, false);

	print_message("%s: %u nodes\n", test->name, meaning_node_count(store));
	assert_int_equal(bpf_validate(test->code, test->length, NULL, NULL), 0);
	assert_int_not_equal(ref, MEANING_FAILED);
	check_program(store, ref, &program);
	meaning_free(store);
}

static void values_cost_what_is_made_of_them(void **state)
{
	(void)state;
	random_state = 20260102;
	for (size_t i = 0; i < COUNT(frugal_cases); i++)
		check_frugal(&frugal_cases[i],
			     (struct meaning_limits){ 1u << 12, 1u << 14 });
}

/* Nor could it be computed at all: what comes of it is that no verdict depends on it. */
static struct frugal_case futile_cases[] = {
	{ "a product of two words is compared, and both ways return the same",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 24),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0),
	    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 77, 0, 1),
	    BPF_STMT(BPF_LD | BPF_IMM, 5),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) },
	  7 },
	{ "a square is multiplied by 0",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0), BPF_STMT(BPF_RET | BPF_A, 0) },
	  5 },
	{ "a square is divided by itself, which returns where it is 0",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP) },
	  6 },
	{ "a word is returned where it is below 99",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
	    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 99, 1, 0), BPF_STMT(BPF_RET | BPF_A, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) },
	  4 },
	{ "a word is returned where it is no action that is known",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
	    BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 0xc0000015, 0, 1),
	    BPF_STMT(BPF_RET | BPF_A, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) },
	  4 },
	{ "a product is returned where its factor is one number",
	  { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 0, 2),
	    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 0x4d1c0543),
	    BPF_STMT(BPF_RET | BPF_A, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) },
	  5 },
};

static void what_cannot_be_computed_need_not_be(void **state)
{
	(void)state;
	random_state = 20260103;
	for (size_t i = 0; i < COUNT(futile_cases); i++)
		check_frugal(&futile_cases[i], MEANING_LIMITS);
}

/* Who is told that it is too complex is told where. */
static void a_failure_has_its_place(void **state)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct meaning *store = meaning_new(MEANING_LIMITS);

	(void)state;
	assert_int_equal(meaning_of_program(store, code, COUNT(code), false),
			 MEANING_FAILED);
	assert_int_equal(meaning_error(store), -E2BIG);
	assert_int_equal(meaning_failed_at(store), 3);
	meaning_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs_mean_what_they_do),
		cmocka_unit_test(an_exponential_program_is_too_complex),
		cmocka_unit_test(values_cost_what_is_made_of_them),
		cmocka_unit_test(what_cannot_be_computed_need_not_be),
		cmocka_unit_test(a_failure_has_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
