// SPDX-License-Identifier: MIT
/*
 * The kernel's always-allow cache: what its emulation follows and where it gives up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/audit.h>

#include "bpf/bpf.h"

#define S(code, k)	   BPF_STMT((code), (k))
#define J(code, k, jt, jf) BPF_JUMP(BPF_JMP | (code) | BPF_K, (k), (jt), (jf))
#define NR		   S(BPF_LD | BPF_W | BPF_ABS, 0)
#define ARCH		   S(BPF_LD | BPF_W | BPF_ABS, 4)
#define ARG		   S(BPF_LD | BPF_W | BPF_ABS, 16)
#define ALLOW		   S(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL		   S(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static const struct cost_case {
	const char *name;
	struct sock_filter code[8];
	uint32_t arch, number;
	bool cached;
} cases[] = {
	{ "caches what is always allowed", { ALLOW }, AUDIT_ARCH_X86_64, 1, true },
	{ "does not cache what is denied", { KILL }, AUDIT_ARCH_X86_64, 1, false },
	{ "does not cache what is logged",
	  { S(BPF_RET | BPF_K, SECCOMP_RET_LOG) },
	  AUDIT_ARCH_X86_64,
	  1,
	  false },
	{ "does not cache an allow with data, which is not the value it compares with",
	  { S(BPF_RET | BPF_K, SECCOMP_RET_ALLOW | 1) },
	  AUDIT_ARCH_X86_64,
	  1,
	  false },
	{ "follows a test for the number",
	  { NR, J(BPF_JEQ, 1, 0, 1), ALLOW, KILL },
	  AUDIT_ARCH_X86_64,
	  1,
	  true },
	{ "follows it the other way too",
	  { NR, J(BPF_JEQ, 1, 0, 1), ALLOW, KILL },
	  AUDIT_ARCH_X86_64,
	  2,
	  false },
	{ "follows a test for the architecture",
	  { ARCH, J(BPF_JEQ, AUDIT_ARCH_I386, 0, 1), ALLOW, KILL },
	  AUDIT_ARCH_I386,
	  2,
	  true },
	{ "follows greater, at least, any bit, a mask and a jump",
	  { NR, J(BPF_JGT, 4, 0, 5), J(BPF_JGE, 5, 0, 4), J(BPF_JSET, 4, 0, 3),
	    S(BPF_ALU | BPF_AND | BPF_K, 4), S(BPF_JMP | BPF_JA, 0), ALLOW, KILL },
	  AUDIT_ARCH_X86_64,
	  5,
	  true },
	{ "gives up at the load of an argument",
	  { ARG, NR, ALLOW },
	  AUDIT_ARCH_X86_64,
	  1,
	  false },
	{ "gives up at a return of the accumulator",
	  { S(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW), S(BPF_RET | BPF_A, 0) },
	  AUDIT_ARCH_X86_64,
	  1,
	  false },
	{ "gives up at a constant load",
	  { S(BPF_LD | BPF_IMM, 0), ALLOW },
	  AUDIT_ARCH_X86_64,
	  1,
	  false },
	{ "gives up at any other arithmetic",
	  { NR, S(BPF_ALU | BPF_OR | BPF_K, 1), ALLOW },
	  AUDIT_ARCH_X86_64,
	  1,
	  false },
	{ "gives up at a comparison with X",
	  { BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 0), ALLOW },
	  AUDIT_ARCH_X86_64,
	  1,
	  false },
	{ "has no place for numbers of x32",
	  { ALLOW },
	  AUDIT_ARCH_X86_64,
	  0x40000001,
	  false },
	{ "has no place for the number -1",
	  { ALLOW },
	  AUDIT_ARCH_X86_64,
	  UINT32_MAX,
	  false },
	{ "has no place for an unknown architecture", { ALLOW }, 0x1234, 1, false },
};

static void check_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cost_case *test = &cases[i];
		struct sock_filter code[8];
		struct bpf_program program = { code, 8, false };

		print_message("  %s\n", test->name);
		memcpy(code, test->code, sizeof(code));
		assert_int_equal(bpf_cached(&program, test->arch, test->number),
				 test->cached);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(check_cases) };

	return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}
