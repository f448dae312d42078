// SPDX-License-Identifier: MIT
/*
 * Disassembly: how instructions are written and which numbers get a name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/audit.h>

#include "bpf/bpf.h"

#define S(code, k)	   BPF_STMT((code), (k))
#define J(code, k, jt, jf) BPF_JUMP(BPF_JMP | (code), (k), (jt), (jf))
#define LOAD(k)		   S(BPF_LD | BPF_W | BPF_ABS, (k))
#define ALU(code, k)	   S(BPF_ALU | (code), (k))
#define ALLOW		   S(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define EPERM_ERRNO	   S(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1)

/* The number of openat on x86_64. */
#define OPENAT 257

static const struct disassemble_case {
	const char *name;
	struct sock_filter code[12];
	size_t length;
	const char *text;
} cases[] = {
	{ "names the words of a call and what is compared with them",
	  { LOAD(4), J(BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 5), LOAD(0),
	    J(BPF_JEQ | BPF_K, OPENAT, 0, 3), LOAD(36), J(BPF_JSET | BPF_K, 3, 0, 1),
	    EPERM_ERRNO, ALLOW },
	  8,
	  "l0:    ld   [4]                         ; arch\n"
	  "l1:    jeq  #0xc000003e, l2, l7         ; x86_64, x32\n"
	  "l2:    ld   [0]                         ; nr\n"
	  "l3:    jeq  #0x101, l4, l7              ; openat\n"
	  "l4:    ld   [36]                        ; args[2] high\n"
	  "l5:    jset #0x3, l6, l7\n"
	  "l6:    ret  #0x50001                    ; errno EPERM\n"
	  "l7:    ret  #0x7fff0000                 ; allow\n" },
	{ "names calls beyond a comparison",
	  { LOAD(4), J(BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 3), LOAD(0),
	    J(BPF_JGE | BPF_K, 0x40000001, 1, 0), J(BPF_JGT | BPF_K, OPENAT, 0, 0),
	    ALLOW },
	  6,
	  "l0:    ld   [4]                         ; arch\n"
	  "l1:    jeq  #0xc000003e, l2, l5         ; x86_64, x32\n"
	  "l2:    ld   [0]                         ; nr\n"
	  "l3:    jge  #0x40000001, l5, l4         ; >= x32:write\n"
	  "l4:    jgt  #0x101, l5, l5              ; > openat\n"
	  "l5:    ret  #0x7fff0000                 ; allow\n" },
	{ "names no call where the architecture is not known",
	  { LOAD(0), J(BPF_JEQ | BPF_K, OPENAT, 0, 0), ALLOW },
	  3,
	  "l0:    ld   [0]                         ; nr\n"
	  "l1:    jeq  #0x101, l2, l2\n"
	  "l2:    ret  #0x7fff0000                 ; allow\n" },
	{ "names no call where paths of two architectures meet",
	  { LOAD(4), J(BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
	    J(BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, 2), LOAD(0),
	    J(BPF_JEQ | BPF_K, OPENAT, 0, 0), ALLOW },
	  6,
	  "l0:    ld   [4]                         ; arch\n"
	  "l1:    jeq  #0xc000003e, l3, l2         ; x86_64, x32\n"
	  "l2:    jeq  #0x40000003, l3, l5         ; i386\n"
	  "l3:    ld   [0]                         ; nr\n"
	  "l4:    jeq  #0x101, l5, l5\n"
	  "l5:    ret  #0x7fff0000                 ; allow\n" },
	{ "forgets what A held once it is computed with",
	  { LOAD(4), ALU(BPF_AND | BPF_K, 0xff),
	    J(BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 0), ALLOW },
	  4,
	  "l0:    ld   [4]                         ; arch\n"
	  "l1:    and  #0xff\n"
	  "l2:    jeq  #0xc000003e, l3, l3\n"
	  "l3:    ret  #0x7fff0000                 ; allow\n" },
	{ "writes every kind of operand",
	  { S(BPF_LD | BPF_W | BPF_LEN, 0), S(BPF_LDX | BPF_IMM, 16), S(BPF_STX, 3),
	    S(BPF_LD | BPF_MEM, 3), S(BPF_MISC | BPF_TAX, 0), ALU(BPF_ADD | BPF_X, 0),
	    ALU(BPF_LSH | BPF_K, 4), ALU(BPF_NEG, 0), S(BPF_JMP | BPF_JA, 0),
	    J(BPF_JGT | BPF_X, 0, 0, 0), S(BPF_RET | BPF_A, 0) },
	  11,
	  "l0:    ld   #len\n"
	  "l1:    ldx  #0x10\n"
	  "l2:    stx  M[3]\n"
	  "l3:    ld   M[3]\n"
	  "l4:    tax\n"
	  "l5:    add  x\n"
	  "l6:    lsh  #4\n"
	  "l7:    neg\n"
	  "l8:    ja   l9\n"
	  "l9:    jgt  x, l10, l10\n"
	  "l10:   ret  a\n" },
	{ "shows what nothing reaches",
	  { ALLOW, EPERM_ERRNO },
	  2,
	  "l0:    ret  #0x7fff0000                 ; allow\n"
	  "l1:    ret  #0x50001                    ; never reached\n" },
	{ "shows what the kernel refuses, and why",
	  { ALU(BPF_MOD | BPF_K, 3), J(BPF_JEQ | BPF_K, 0, 9, 0), ALLOW },
	  3,
	  "l0:    .raw 0x0094, 0, 0, 0x00000003    ; takes a remainder, which seccomp "
	  "does not allow\n"
	  "l1:    .raw 0x0015, 9, 0, 0x00000000    ; branches behind the end of the "
	  "program\n"
	  "l2:    ret  #0x7fff0000                 ; never reached\n" },
};

static void check_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct disassemble_case *test = &cases[i];
		struct sock_filter code[12];
		struct bpf_program program = { code, test->length, false };
		struct buffer text = { 0 };

		print_message("  %s\n", test->name);
		memcpy(code, test->code, sizeof(code));
		bpf_disassemble(&program, &text);
		assert_false(text.failed);
		assert_string_equal(text.data, test->text);
		buffer_done(&text);
	}
}

static void names_the_other_half_for_a_big_endian_machine(void **state)
{
	struct sock_filter code[] = { LOAD(8), LOAD(20), ALLOW };
	struct bpf_program program = { code, 3, true };
	struct buffer text = { 0 };

	(void)state;
	bpf_disassemble(&program, &text);
	assert_string_equal(
		text.data,
		"l0:    ld   [8]                         ; instruction_pointer high\n"
		"l1:    ld   [20]                        ; args[0] low\n"
		"l2:    ret  #0x7fff0000                 ; allow\n");
	buffer_done(&text);
}

static void survives_any_bytes(void **state)
{
	struct sock_filter code[64];
	struct bpf_program program = { code, 64, false };
	struct buffer text = { 0 };

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		memset(code, (int)byte, sizeof(code));
		bpf_disassemble(&program, &text);
	}
	assert_false(text.failed);
	program.length = 0;
	bpf_disassemble(&program, &text);
	assert_false(text.failed);
	buffer_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_cases),
		cmocka_unit_test(names_the_other_half_for_a_big_endian_machine),
		cmocka_unit_test(survives_any_bytes),
	};

	return cmocka_run_group_tests_name("disassemble", tests, NULL, NULL);
}
