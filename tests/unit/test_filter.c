// SPDX-License-Identifier: MIT
/*
 * The filter object: programs made elsewhere, and the forms it is printed in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>

#include "bpf/filter.h"

#define S(code, k) BPF_STMT((code), (k))
#define ALLOW	   S(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const struct sock_filter only_write[] = {
	S(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 1, 0),
	S(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
	ALLOW,
};

static struct callgate_filter *make(const struct sock_filter *code, size_t length)
{
	struct callgate_filter *filter;

	assert_int_equal(callgate_filter_from_program(code, length, NULL, &filter), 0);
	return filter;
}

static void copies_a_valid_program(void **state)
{
	struct callgate_filter *filter = make(only_write, 4);

	(void)state;
	assert_int_equal(callgate_filter_length(filter), 4);
	assert_ptr_not_equal(callgate_filter_program(filter), only_write);
	assert_memory_equal(callgate_filter_program(filter), only_write,
			    sizeof(only_write));
	callgate_filter_free(filter);
	callgate_filter_free(NULL);
}

static void says_which_instruction_is_wrong(void **state)
{
	const struct sock_filter code[] = { ALLOW, S(BPF_ALU | BPF_DIV | BPF_K, 0),
					    ALLOW };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	const struct callgate_diagnostic *diagnostic;
	struct callgate_filter *filter;

	(void)state;
	assert_int_equal(callgate_filter_from_program(code, 3, diagnostics, &filter),
			 -EINVAL);
	assert_null(filter);
	assert_int_equal(callgate_diagnostics_count(diagnostics), 1);
	diagnostic = callgate_diagnostics_at(diagnostics, 0);
	assert_int_equal(diagnostic->severity, CALLGATE_ERROR);
	assert_string_equal(diagnostic->code, "bad-program");
	assert_string_equal(diagnostic->message,
			    "instruction 1 (code 0x0034, jt 0, jf 0, k 0x00000000) "
			    "divides by zero");
	assert_non_null(diagnostic->hint);
	callgate_diagnostics_free(diagnostics);
}

static void says_that_a_program_is_empty_or_too_long(void **state)
{
	static struct sock_filter code[BPF_MAXINSNS + 1];
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_filter *filter;

	(void)state;
	assert_int_equal(callgate_filter_from_program(NULL, 0, diagnostics, &filter),
			 -EINVAL);
	assert_int_equal(callgate_filter_from_program(code, BPF_MAXINSNS + 1,
						      diagnostics, &filter),
			 -EINVAL);
	assert_int_equal(callgate_diagnostics_count(diagnostics), 2);
	assert_string_equal(callgate_diagnostics_at(diagnostics, 0)->message,
			    "the program is empty: it has 0");
	assert_string_equal(
		callgate_diagnostics_at(diagnostics, 1)->message,
		"the program is longer than 4096 instructions: it has 4097");
	callgate_diagnostics_free(diagnostics);
}

static void runs_with_costs(void **state)
{
	struct callgate_filter *filter = make(only_write, 4);
	struct seccomp_data call = { .nr = 1, .arch = AUDIT_ARCH_X86_64 };
	struct callgate_verdict verdict = callgate_filter_run(filter, &call);
	struct callgate_stats stats;

	(void)state;
	assert_int_equal(verdict.value, SECCOMP_RET_ALLOW);
	assert_int_equal(verdict.executed, 3);
	assert_int_equal(verdict.span.file, 0);
	assert_true(verdict.cached);
	call.nr = 2;
	verdict = callgate_filter_run(filter, &call);
	assert_int_equal(verdict.value, SECCOMP_RET_ERRNO | 1);
	assert_false(verdict.cached);
	assert_int_equal(callgate_filter_stats(filter, &stats), -EINVAL);
	callgate_filter_free(filter);
}

static void assert_prints(const struct callgate_filter *filter,
			  enum callgate_format format, const char *name,
			  const char *wanted)
{
	size_t length;
	char *text;

	assert_int_equal(callgate_filter_print(filter, format, name, &text, &length),
			 0);
	assert_string_equal(text, wanted);
	assert_int_equal(length, strlen(wanted));
	free(text);
}

static void prints_text(void **state)
{
	struct callgate_filter *filter = make(only_write + 2, 2);

	(void)state;
	assert_prints(filter, CALLGATE_FORMAT_HEX, NULL,
		      "0006000000050001\n"
		      "000600007fff0000\n");
	assert_prints(filter, CALLGATE_FORMAT_ASM, NULL,
		      "l0:    ret  #0x50001                    ; errno EPERM\n"
		      "l1:    ret  #0x7fff0000                 ; never reached\n");
	callgate_filter_free(filter);
}

static void prints_a_c_header_with_a_valid_name(void **state)
{
	struct callgate_filter *filter = make(only_write + 3, 1);

	(void)state;
	assert_prints(
		filter, CALLGATE_FORMAT_C, "2-my.filter",
		"/*\n"
		" * A seccomp filter made by callgate: 1 instruction, for a "
		"little-endian machine.\n"
		" * struct sock_fprog program = { _2_MY_FILTER_LENGTH, _2_my_filter "
		"};\n"
		" */\n"
		"#ifndef _2_MY_FILTER_LENGTH\n"
		"#define _2_MY_FILTER_LENGTH 1\n\n"
		"#include <linux/filter.h>\n\n"
		"static struct sock_filter _2_my_filter[_2_MY_FILTER_LENGTH] = {\n"
		"\t{ 0x06,   0,   0, 0x7fff0000 }, "
		"/* l0:    ret  #0x7fff0000                 ; allow */\n"
		"};\n\n"
		"#endif\n");
	callgate_filter_free(filter);
}

static void prints_bytes_in_the_order_of_the_machine_it_is_for(void **state)
{
	struct callgate_filter *filter = make(only_write, 4);
	static const unsigned char swapped[] = { 0, 0x20, 0, 0, 0, 0, 0, 0,
						 0, 0x15, 1, 0, 0, 0, 0, 1 };
	size_t length;
	char *text;

	(void)state;
	assert_int_equal(callgate_filter_print(filter, CALLGATE_FORMAT_RAW, NULL, &text,
					       &length),
			 0);
	assert_int_equal(length, sizeof(only_write));
	assert_memory_equal(text, only_write, sizeof(only_write));
	free(text);
	filter->program.big_endian = !BIG_ENDIAN_HOST;
	assert_int_equal(callgate_filter_print(filter, CALLGATE_FORMAT_RAW, NULL, &text,
					       &length),
			 0);
	if (!BIG_ENDIAN_HOST)
		assert_memory_equal(text, swapped, sizeof(swapped));
	free(text);
	callgate_filter_free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_a_valid_program),
		cmocka_unit_test(says_which_instruction_is_wrong),
		cmocka_unit_test(says_that_a_program_is_empty_or_too_long),
		cmocka_unit_test(runs_with_costs),
		cmocka_unit_test(prints_text),
		cmocka_unit_test(prints_a_c_header_with_a_valid_name),
		cmocka_unit_test(prints_bytes_in_the_order_of_the_machine_it_is_for),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
