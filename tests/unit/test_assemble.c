// SPDX-License-Identifier: MIT
/*
 * The assembler: what it takes besides the disassembler's own output, and what it says
 * of what it does not take. tests/property/test_assembly.c has the round trip.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>

#include "bpf/bpf.h"

#define S(code, k)	   BPF_STMT((code), (k))
#define J(code, k, jt, jf) BPF_JUMP(BPF_JMP | (code), (k), (jt), (jf))
#define LOAD(k)		   S(BPF_LD | BPF_W | BPF_ABS, (k))
#define RET(k)		   S(BPF_RET | BPF_K, (k))
#define ALLOW		   RET(SECCOMP_RET_ALLOW)

static const struct good_case {
	const char *name;
	const char *text;
	struct sock_filter code[10];
	size_t length;
} good_cases[] = {
	{ "reads verdicts as the language writes them",
	  "ret allow\nret log\nret kill\nret kill-thread\nret notify\nret trap\n"
	  "ret errno 13\nret trace 7\nret trap 3\nret errno ENOSYS",
	  { ALLOW, RET(SECCOMP_RET_LOG), RET(SECCOMP_RET_KILL_PROCESS),
	    RET(SECCOMP_RET_KILL_THREAD), RET(SECCOMP_RET_USER_NOTIF),
	    RET(SECCOMP_RET_TRAP), RET(SECCOMP_RET_ERRNO | EACCES),
	    RET(SECCOMP_RET_TRACE | 7), RET(SECCOMP_RET_TRAP | 3),
	    RET(SECCOMP_RET_ERRNO | ENOSYS) },
	  10 },
	{ "reads names of ABIs, calls, constants and errors as numbers",
	  "ld #i386\nld #x86_64:openat\nld #x32:read\nld #i386:openat\nld #O_CLOEXEC\n"
	  "ld #EPERM\nld #AT_FDCWD\nret a",
	  { S(BPF_LD | BPF_IMM, AUDIT_ARCH_I386), S(BPF_LD | BPF_IMM, 257),
	    S(BPF_LD | BPF_IMM, 0x40000000), S(BPF_LD | BPF_IMM, 295),
	    S(BPF_LD | BPF_IMM, 02000000), S(BPF_LD | BPF_IMM, EPERM),
	    S(BPF_LD | BPF_IMM, 0xffffff9c), S(BPF_RET | BPF_A, 0) },
	  8 },
	{ "reads numbers in every base, and negative ones",
	  "ld #10\nld #0x10\nld #010\nld #0b10\nld #-1\nld #-0x80000000\nret #0",
	  { S(BPF_LD | BPF_IMM, 10), S(BPF_LD | BPF_IMM, 16), S(BPF_LD | BPF_IMM, 8),
	    S(BPF_LD | BPF_IMM, 2), S(BPF_LD | BPF_IMM, UINT32_MAX),
	    S(BPF_LD | BPF_IMM, 0x80000000), RET(0) },
	  7 },
	{ "turns the opposite comparisons around",
	  "jne #1, end\njlt #2, end\njle x, end\njneq #3, end, next\nnext: jmp end\n"
	  "end: ret allow",
	  { J(BPF_JEQ | BPF_K, 1, 0, 4), J(BPF_JGE | BPF_K, 2, 0, 3),
	    J(BPF_JGT | BPF_X, 0, 0, 2), J(BPF_JEQ | BPF_K, 3, 0, 1),
	    S(BPF_JMP | BPF_JA, 0), ALLOW },
	  6 },
	{ "goes on with the next line where a branch names one label",
	  "jset #4, end\nret kill\nend: ret allow",
	  { J(BPF_JSET | BPF_K, 4, 1, 0), RET(SECCOMP_RET_KILL_PROCESS), ALLOW },
	  3 },
	{ "takes labels called like registers",
	  "ja a\nx: a: ret a",
	  { S(BPF_JMP | BPF_JA, 0), S(BPF_RET | BPF_A, 0) },
	  2 },
	{ "ignores comments, blank lines and labels of their own line",
	  "; a filter\n\n  \t\r\nstart:\n\tld   [ 4 ] ; arch\r\n ret allow;\n;",
	  { LOAD(4), ALLOW },
	  2 },
	{ "takes raw instructions",
	  ".raw 0x20, 0, 0, 4\n.raw 0x0006, 7, 255, 0x7fff0000",
	  { LOAD(4), { BPF_RET | BPF_K, 7, 255, SECCOMP_RET_ALLOW } },
	  2 },
};

static void check_good_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good_cases) / sizeof(good_cases[0]); i++) {
		const struct good_case *test = &good_cases[i];
		struct callgate_filter *filter;

		print_message("  %s\n", test->name);
		assert_int_equal(callgate_filter_assemble(test->text,
							  strlen(test->text), "test",
							  NULL, &filter),
				 0);
		assert_int_equal(callgate_filter_length(filter), test->length);
		assert_memory_equal(callgate_filter_program(filter), test->code,
				    test->length * sizeof(test->code[0]));
		callgate_filter_free(filter);
	}
}

static const struct bad_case {
	const char *name;
	const char *text;
	const char *code;
	uint32_t line, column;
	const char *hint; /* a part of it, or NULL */
} bad_cases[] = {
	{ "offers the nearest instruction", "ret allow\njeqq #1, a",
	  "unknown-instruction", 2, 1, "'jeq'" },
	{ "offers the nearest label", "jeq #1, wrogn\nwrong: ret allow",
	  "unknown-label", 1, 9, "'wrong'" },
	{ "refuses a label behind", "back: ld #1\njmp back\nret a", "backward-jump", 2,
	  5, "forward" },
	{ "refuses a jump to itself", "l0: ja l0\nret a", "backward-jump", 1, 8,
	  "forward" },
	{ "refuses a label twice", "a: ld #1\na: ret a", "duplicate-label", 2, 1,
	  NULL },
	{ "refuses a label behind the end", "ja end\nret a\nend:", "bad-jump", 1, 4,
	  "ret" },
	{ "refuses a number too large", "ld #0x100000000\nret a", "number-too-large", 1,
	  5, NULL },
	{ "refuses a number of more than 64 bits", "ld #0x10000000000000000\nret a",
	  "number-too-large", 1, 5, NULL },
	{ "refuses a number below all", "ld #-0x80000001\nret a", "number-too-large", 1,
	  5, NULL },
	{ "refuses an error number of more than 16 bits", "ret errno 65536",
	  "number-too-large", 1, 11, NULL },
	{ "wants the number of an error", "ret errno", "unexpected-end", 1, 10, NULL },
	{ "offers the nearest name", "ld #opeat\nret a", "unknown-name", 1, 5,
	  "'openat'" },
	{ "offers the nearest verdict", "ret alow", "unexpected-word", 1, 5,
	  "'allow'" },
	{ "refuses a call that the ABI lacks", "ld #aarch64:open\nret a",
	  "unknown-name", 1, 13, NULL },
	{ "says what an instruction takes", "lsh [4]\nret a", "bad-operand", 1, 5,
	  "#NUMBER" },
	{ "refuses words behind the end", "ret allow it", "unexpected-word", 1, 11,
	  "';'" },
	{ "wants the targets of a branch", "jeq #1\nret a", "unexpected-end", 1, 7,
	  NULL },
	{ "wants all of a raw instruction", ".raw 6, 0, 0\nret a", "unexpected-end", 1,
	  13, NULL },
	{ "refuses characters that nothing has", "ret $", "unexpected-word", 1, 5,
	  NULL },
	{ "refuses bytes outside ASCII", "\xff", "unexpected-character", 1, 1, NULL },
	{ "wants a return at the end", "ld [0]", "bad-program", 1, 1, "ret" },
	{ "refuses what the kernel refuses", "ld [3]\nret a", "bad-program", 1, 1,
	  NULL },
	{ "refuses reads of what was not stored", "ld M[2]\nret a", "bad-program", 1, 1,
	  "stored" },
	{ "refuses an empty text", "; nothing", "bad-program", 1, 1, "ret allow" },
};

static void check_bad_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
		const struct bad_case *test = &bad_cases[i];
		struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
		const struct callgate_diagnostic *found;
		struct callgate_position place;
		struct callgate_filter *filter;

		print_message("  %s\n", test->name);
		assert_int_equal(callgate_filter_assemble(test->text,
							  strlen(test->text), "test",
							  diagnostics, &filter),
				 -EINVAL);
		assert_null(filter);
		found = callgate_diagnostics_at(diagnostics, 0);
		assert_string_equal(found->code, test->code);
		assert_true(callgate_diagnostics_position(diagnostics, found->span,
							  &place));
		assert_int_equal(place.line, test->line);
		assert_int_equal(place.column, test->column);
		if (test->hint)
			assert_non_null(strstr(found->hint, test->hint));
		callgate_diagnostics_free(diagnostics);
	}
}

/* `count` lines of a text, then `last`. */
static char *repeated(const char *text, size_t count, const char *last)
{
	struct buffer buffer = { 0 };

	for (size_t i = 0; i < count; i++)
		buffer_text(&buffer, text);
	buffer_text(&buffer, last);
	return buffer_take(&buffer);
}

static const struct size_case {
	const char *name;
	const char *first;
	size_t count;
	const char *code; /* NULL: it is a program */
	size_t errors;
} size_cases[] = {
	{ "takes 4096 instructions", "ret a\n", 4095, NULL, 0 },
	{ "refuses one more", "ret a\n", 4096, "too-long", 1 },
	{ "stops after twenty errors", "nonsense\n", 50, "unknown-instruction", 20 },
	{ "takes a branch over 255 instructions", "jeq #1, end\n", 256, NULL, 0 },
	{ "refuses a branch over 256", "jeq #1, end\n", 257, "far-jump", 1 },
	{ "takes a jump as far as a filter goes", "ja end\n", 4095, NULL, 0 },
};

static void check_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(size_cases) / sizeof(size_cases[0]); i++) {
		const struct size_case *test = &size_cases[i];
		struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
		char *text = repeated(test->first, test->count, "end: ret a\n");
		struct callgate_filter *filter;
		int error = callgate_filter_assemble(text, strlen(text), "test",
						     diagnostics, &filter);

		print_message("  %s\n", test->name);
		assert_int_equal(error, test->code ? -EINVAL : 0);
		assert_int_equal(callgate_diagnostics_count(diagnostics), test->errors);
		if (test->code)
			assert_string_equal(callgate_diagnostics_at(diagnostics, 0)
						    ->code,
					    test->code);
		callgate_filter_free(filter);
		callgate_diagnostics_free(diagnostics);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_good_cases),
		cmocka_unit_test(check_bad_cases),
		cmocka_unit_test(check_sizes),
	};

	return cmocka_run_group_tests_name("assemble", tests, NULL, NULL);
}
