// SPDX-License-Identifier: MIT
/*
 * The compiler as its users see it: what is proven, what is refused, and that a broken
 * emitter does not get past the proof.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>

#include "base/diag.h"
#include "bpf/bpf.h"
#include "policy/policy.h"

static struct callgate_policy *parse_with(const char *text,
					  struct callgate_diagnostics *diagnostics)
{
	const struct callgate_parse_options options = { .name = "test" };
	struct callgate_policy *policy;

	assert_int_equal(callgate_policy_parse(text, strlen(text), &options,
					       diagnostics, &policy),
			 0);
	return policy;
}

static struct callgate_policy *parse(const char *text)
{
	return parse_with(text, NULL);
}

static const char few_calls[] = "arch x86_64\n"
				"default errno EPERM\n"
				"allow read, write, exit_group\n"
				"allow ioctl(cmd == 0x5401)\n";

static void compiles_a_proven_filter_with_its_figures(void **state)
{
	const struct callgate_compile_options options = { 0 };
	struct callgate_policy *policy = parse(few_calls);
	struct callgate_filter *filter;
	struct callgate_stats stats;

	(void)state;
	assert_int_equal(callgate_policy_compile(policy, &options, NULL, &filter), 0);
	callgate_policy_free(policy);
	assert_int_equal(callgate_filter_stats(filter, &stats), 0);
	assert_true(stats.proven);
	assert_int_equal(stats.instructions, callgate_filter_length(filter));
	assert_int_equal(stats.all.cached, 3);
	assert_true(stats.worst <= stats.instructions);
	callgate_filter_free(filter);
}

static void says_that_a_filter_was_not_proven(void **state)
{
	const struct callgate_compile_options options = { .without_proof = true };
	struct callgate_policy *policy = parse(few_calls);
	struct callgate_filter *filter;
	struct callgate_stats stats;

	(void)state;
	assert_int_equal(callgate_policy_compile(policy, &options, NULL, &filter), 0);
	assert_int_equal(callgate_filter_stats(filter, &stats), 0);
	assert_false(stats.proven);
	callgate_filter_free(filter);
	callgate_policy_free(policy);
}

/* --- a broken emitter --------------------------------------------------------------- */

/* Which instruction to break, and the program as it then was. */
struct breakage {
	uint16_t code;
	uint32_t add;
	struct sock_filter program[64];
	size_t length;
};

static void break_it(void *context, struct sock_filter *program, size_t length)
{
	struct breakage *breakage = context;

	assert_true(length <= 64);
	for (size_t i = 0; i < length; i++) {
		if (program[i].code != breakage->code)
			continue;
		program[i].k += breakage->add;
		break;
	}
	memcpy(breakage->program, program, sizeof(*program) * length);
	breakage->length = length;
}

static const struct broken_case {
	const char *name;
	uint16_t code;
	uint32_t add;
	const char *message; /* how it begins */
} broken_cases[] = {
	{ "catches a wrong constant", BPF_JMP | BPF_JEQ | BPF_K, 1,
	  "the filter is not equal to the policy: for " },
	{ "catches a wrong verdict", BPF_RET | BPF_K, 1,
	  "the filter is not equal to the policy: for " },
	{ "catches a load of another word", BPF_LD | BPF_W | BPF_ABS, 4,
	  "the filter is not equal to the policy: for " },
	{ "catches what the kernel would refuse", BPF_LD | BPF_W | BPF_ABS, 1,
	  "the kernel would refuse the filter: instruction 0 loads from an offset" },
};

static void check_broken(const struct callgate_policy *policy,
			 const struct broken_case *test)
{
	struct breakage breakage = { .code = test->code, .add = test->add };
	const struct callgate_compile_options options = { .tamper = break_it,
							  .tamper_context = &breakage };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	const struct callgate_diagnostic *diagnostic;
	struct callgate_filter *filter;

	assert_int_equal(callgate_policy_compile(policy, &options, diagnostics,
						 &filter),
			 -EBADMSG);
	assert_null(filter);
	assert_int_equal(callgate_diagnostics_count(diagnostics), 1);
	diagnostic = callgate_diagnostics_at(diagnostics, 0);
	assert_string_equal(diagnostic->code, "proof-failed");
	assert_memory_equal(diagnostic->message, test->message, strlen(test->message));
	callgate_diagnostics_free(diagnostics);
}

static void catches_a_broken_emitter(void **state)
{
	struct callgate_policy *policy = parse(few_calls);

	(void)state;
	for (size_t i = 0; i < sizeof(broken_cases) / sizeof(broken_cases[0]); i++) {
		print_message("  %s\n", broken_cases[i].name);
		check_broken(policy, &broken_cases[i]);
	}
	callgate_policy_free(policy);
}

static void gives_a_counterexample_that_the_simulator_confirms(void **state)
{
	struct callgate_policy *policy = parse(few_calls);
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref meaning = meaning_of_policy(store, policy);
	const struct emit_options options = { 0 };
	struct breakage breakage = { .code = BPF_JMP | BPF_JEQ | BPF_K, .add = 1 };
	struct bpf_program program;
	struct seccomp_data call;
	double expected;

	(void)state;
	assert_int_equal(bpf_emit(store, meaning, &options, &program, &expected), 0);
	assert_int_equal(bpf_prove(store, meaning, &program, &call), 0);
	break_it(&breakage, program.code, program.length);
	assert_int_equal(bpf_prove(store, meaning, &program, &call), -EBADMSG);
	assert_int_not_equal(bpf_run(&program, &call).value,
			     policy_evaluate(policy, &call, NULL));
	bpf_program_done(&program);
	meaning_free(store);
	callgate_policy_free(policy);
}

/* --- refusals ----------------------------------------------------------------------- */

static void finds_an_expectation_that_does_not_hold(void **state)
{
	const struct callgate_compile_options options = { 0 };
	const struct callgate_compile_options without = { .without_expects = true };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = parse_with("arch x86_64\n"
						    "default errno EPERM\n"
						    "allow read\n"
						    "expect allow read\n"
						    "expect allow write\n",
						    diagnostics);
	const struct callgate_diagnostic *diagnostic;
	struct callgate_position position;
	struct callgate_filter *filter;

	(void)state;
	assert_int_equal(callgate_policy_compile(policy, &options, diagnostics,
						 &filter),
			 -EINVAL);
	assert_int_equal(callgate_diagnostics_severity_count(diagnostics,
							     CALLGATE_ERROR),
			 1);
	diagnostic = callgate_diagnostics_at(diagnostics, 0);
	assert_true(callgate_diagnostics_position(diagnostics, diagnostic->span,
						  &position));
	assert_int_equal(position.line, 5);
	callgate_diagnostics_free(diagnostics);
	assert_int_equal(callgate_policy_compile(policy, &without, NULL, &filter), 0);
	callgate_filter_free(filter);
	callgate_policy_free(policy);
}

/* Refuses the text, which it frees, for this reason, and says what to do. */
static void check_too_big(struct buffer *text, const char *code)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = parse(text->data);
	const struct callgate_diagnostic *diagnostic;
	struct callgate_filter *filter;

	assert_int_equal(callgate_policy_compile(policy, NULL, diagnostics, &filter),
			 -E2BIG);
	assert_null(filter);
	diagnostic = callgate_diagnostics_at(diagnostics, 0);
	assert_string_equal(diagnostic->code, code);
	assert_non_null(diagnostic->hint);
	callgate_diagnostics_free(diagnostics);
	callgate_policy_free(policy);
	buffer_done(text);
}

/* 2500 values in no order, each with a verdict of its own. */
static void refuses_what_does_not_fit_4096_instructions(void **state)
{
	struct buffer text = { 0 };

	(void)state;
	buffer_text(&text, "arch x86_64\ndefault allow\n");
	for (uint32_t i = 1; i <= 2500; i++)
		buffer_printf(&text, "errno %u ioctl(u64(fd) == 0x%llx)\n", i,
			      (unsigned long long)i * 0x9e3779b97f4a7c15u);
	check_too_big(&text, "too-long");
}

/* Some bits of one argument in 200 ways: how long it would be is not known. */
static void refuses_what_is_too_complex_to_be_laid_out(void **state)
{
	struct buffer text = { 0 };

	(void)state;
	buffer_text(&text, "arch x86_64\n");
	for (uint32_t i = 1; i <= 200; i++) {
		uint32_t mask = i * 0x9e3779b9u, bits = mask & i * 0x85ebca6bu;

		buffer_printf(&text, "allow ioctl(cmd & %u == %u)\n", mask, bits);
	}
	check_too_big(&text, "too-complex");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiles_a_proven_filter_with_its_figures),
		cmocka_unit_test(says_that_a_filter_was_not_proven),
		cmocka_unit_test(catches_a_broken_emitter),
		cmocka_unit_test(gives_a_counterexample_that_the_simulator_confirms),
		cmocka_unit_test(finds_an_expectation_that_does_not_hold),
		cmocka_unit_test(refuses_what_does_not_fit_4096_instructions),
		cmocka_unit_test(refuses_what_is_too_complex_to_be_laid_out),
	};

	return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
