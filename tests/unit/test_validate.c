// SPDX-License-Identifier: MIT
/*
 * The kernel's acceptance rules, one case a rule, with the edge on both sides.
 * tests/live/test_validate_kernel.c holds the whole against the kernel itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "bpf/bpf.h"

#define S(code, k)	   BPF_STMT((code), (k))
#define J(code, k, jt, jf) BPF_JUMP(BPF_JMP | (code), (k), (jt), (jf))
#define ALLOW		   S(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

#define PROGRAM(...)                                                  \
	(const struct sock_filter[]){ __VA_ARGS__ },                  \
		sizeof((const struct sock_filter[]){ __VA_ARGS__ }) / \
			sizeof(struct sock_filter)

static const struct validate_case {
	const char *name;
	const struct sock_filter *code;
	size_t length;
	const char *why; /* NULL: accepted */
	size_t at;
} cases[] = {
	{ "accepts a single return", PROGRAM(ALLOW), NULL, 0 },
	{ "accepts a return of the accumulator", PROGRAM(S(BPF_RET | BPF_A, 0)), NULL,
	  0 },
	{ "accepts a load of the last word",
	  PROGRAM(S(BPF_LD | BPF_W | BPF_ABS, 60), ALLOW), NULL, 0 },
	{ "accepts the length in both registers",
	  PROGRAM(S(BPF_LD | BPF_W | BPF_LEN, 0), S(BPF_LDX | BPF_W | BPF_LEN, 0),
		  ALLOW),
	  NULL, 0 },
	{ "refuses an empty program", NULL, 0, "the program is empty", 0 },
	{ "refuses a load behind the data",
	  PROGRAM(S(BPF_LD | BPF_W | BPF_ABS, 64), ALLOW),
	  "loads from behind the end of struct seccomp_data", 0 },
	{ "refuses an ancillary load",
	  PROGRAM(S(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
		  ALLOW),
	  "loads from behind the end of struct seccomp_data", 0 },
	{ "refuses a load across words",
	  PROGRAM(ALLOW, S(BPF_LD | BPF_W | BPF_ABS, 2), ALLOW),
	  "loads from an offset that is no multiple of 4", 1 },
	{ "refuses a load of a half word",
	  PROGRAM(S(BPF_LD | BPF_H | BPF_ABS, 0), ALLOW),
	  "loads a byte, a half word or a computed offset: a filter may only load "
	  "whole "
	  "words at constant offsets",
	  0 },
	{ "refuses a load of a header length",
	  PROGRAM(S(BPF_LDX | BPF_B | BPF_MSH, 0), ALLOW),
	  "loads an IP header length, which seccomp does not allow", 0 },
	{ "refuses a remainder", PROGRAM(S(BPF_ALU | BPF_MOD | BPF_K, 3), ALLOW),
	  "takes a remainder, which seccomp does not allow", 0 },
	{ "refuses an opcode wider than 8 bits", PROGRAM(S(0x106, 0), ALLOW),
	  "is no instruction of classic BPF", 0 },
	{ "refuses a return of X", PROGRAM(S(BPF_RET | BPF_X, 0), ALLOW),
	  "is no instruction that seccomp allows", 0 },
	{ "accepts a division by one", PROGRAM(S(BPF_ALU | BPF_DIV | BPF_K, 1), ALLOW),
	  NULL, 0 },
	{ "refuses a division by zero", PROGRAM(S(BPF_ALU | BPF_DIV | BPF_K, 0), ALLOW),
	  "divides by zero", 0 },
	{ "accepts a division by X", PROGRAM(S(BPF_ALU | BPF_DIV | BPF_X, 0), ALLOW),
	  NULL, 0 },
	{ "accepts a shift by 31", PROGRAM(S(BPF_ALU | BPF_LSH | BPF_K, 31), ALLOW),
	  NULL, 0 },
	{ "refuses a shift by 32", PROGRAM(S(BPF_ALU | BPF_RSH | BPF_K, 32), ALLOW),
	  "shifts by 32 bits or more", 0 },
	{ "accepts memory word 15",
	  PROGRAM(S(BPF_ST, 15), S(BPF_LDX | BPF_MEM, 15), ALLOW), NULL, 0 },
	{ "refuses memory word 16", PROGRAM(S(BPF_STX, 16), ALLOW),
	  "names a memory word above 15", 0 },
	{ "accepts a jump to the last instruction",
	  PROGRAM(S(BPF_JMP | BPF_JA, 1), ALLOW, ALLOW), NULL, 0 },
	{ "refuses a jump behind the end",
	  PROGRAM(S(BPF_JMP | BPF_JA, 2), ALLOW, ALLOW),
	  "jumps behind the end of the program", 0 },
	{ "refuses a jump backwards by overflow",
	  PROGRAM(ALLOW, S(BPF_JMP | BPF_JA, UINT32_MAX), ALLOW),
	  "jumps behind the end of the program", 1 },
	{ "accepts branches to the last instruction",
	  PROGRAM(J(BPF_JEQ | BPF_K, 0, 1, 1), ALLOW, ALLOW), NULL, 0 },
	{ "refuses a true branch behind the end",
	  PROGRAM(J(BPF_JSET | BPF_X, 0, 2, 0), ALLOW, ALLOW),
	  "branches behind the end of the program", 0 },
	{ "refuses a false branch behind the end",
	  PROGRAM(J(BPF_JGE | BPF_K, 0, 0, 255), ALLOW, ALLOW),
	  "branches behind the end of the program", 0 },
	{ "refuses a program that runs off its end",
	  PROGRAM(ALLOW, S(BPF_LD | BPF_IMM, 0)),
	  "is the last instruction and does not return", 1 },
	{ "refuses a read of memory that nothing wrote",
	  PROGRAM(S(BPF_LD | BPF_MEM, 0), ALLOW),
	  "reads a memory word that not every path has written", 0 },
	{ "refuses a read of memory that one of two paths wrote",
	  PROGRAM(J(BPF_JEQ | BPF_K, 0, 1, 0), S(BPF_ST, 3), S(BPF_LD | BPF_MEM, 3),
		  ALLOW),
	  "reads a memory word that not every path has written", 2 },
	{ "accepts a read of memory that both paths wrote",
	  PROGRAM(J(BPF_JEQ | BPF_K, 0, 2, 0), S(BPF_ST, 3), S(BPF_JMP | BPF_JA, 1),
		  S(BPF_STX, 3), S(BPF_LD | BPF_MEM, 3), ALLOW),
	  NULL, 0 },
	{ "accepts any read of memory that nothing reaches",
	  PROGRAM(S(BPF_JMP | BPF_JA, 1), S(BPF_LD | BPF_MEM, 0), ALLOW), NULL, 0 },
	{ "takes a return for no end of a path, as the kernel does",
	  PROGRAM(ALLOW, S(BPF_LD | BPF_MEM, 0), ALLOW),
	  "reads a memory word that not every path has written", 1 },
};

static void check_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct validate_case *test = &cases[i];
		const char *why = NULL;
		size_t at = 0;
		int r = bpf_validate(test->code, test->length, &at, &why);

		print_message("  %s\n", test->name);
		assert_int_equal(r, test->why ? -EINVAL : 0);
		assert_int_equal(at, test->at);
		if (test->why)
			assert_string_equal(why, test->why);
		else
			assert_null(why);
		assert_int_equal(bpf_validate(test->code, test->length, NULL, NULL), r);
	}
}

static void accepts_4096_instructions_and_no_more(void **state)
{
	static struct sock_filter code[BPF_MAXINSNS + 1];

	(void)state;
	for (size_t i = 0; i <= BPF_MAXINSNS; i++)
		code[i] = (struct sock_filter)ALLOW;
	assert_int_equal(bpf_validate(code, BPF_MAXINSNS, NULL, NULL), 0);
	assert_int_equal(bpf_validate(code, BPF_MAXINSNS + 1, NULL, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_cases),
		cmocka_unit_test(accepts_4096_instructions_and_no_more),
	};

	return cmocka_run_group_tests_name("validate", tests, NULL, NULL);
}
