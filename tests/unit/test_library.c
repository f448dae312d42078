// SPDX-License-Identifier: MIT
/*
 * The library as a program sees it that has callgate.h and the shared library alone.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "callgate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct callgate_policy *parse(const char *text)
{
	static const char *const parameters[] = { "network", NULL };
	static const char *const abis[] = { "x86_64", "i386", NULL };
	const struct callgate_parse_options options = {
		.name = "test.gate",
		.parameters = parameters,
		.abis = abis,
	};
	struct callgate_policy *policy = NULL;

	assert_int_equal(callgate_policy_parse(text, strlen(text), &options, NULL,
					       &policy),
			 0);
	return policy;
}

static struct callgate_filter *compile(const struct callgate_policy *policy)
{
	struct callgate_filter *filter = NULL;

	assert_int_equal(callgate_policy_compile(policy, NULL, NULL, &filter), 0);
	return filter;
}

static void counts_what_a_policy_says(void **state)
{
	struct callgate_policy *policy =
		parse("default errno EPERM\nallow read, write\n"
		      "when network { allow socket }\nexpect allow read");
	struct callgate_policy_counts counts = callgate_policy_count(policy);

	(void)state;
	assert_int_equal(counts.rules, 2);
	/* one on each ABI */
	assert_int_equal(counts.expects, 2);
	assert_int_equal(counts.abis, 2);
	assert_int_equal(callgate_policy_abi(policy, 0), callgate_abi_find("x86_64"));
	assert_int_equal(callgate_policy_abi(policy, 1), callgate_abi_find("i686"));
	assert_int_equal(callgate_policy_abi(policy, 2), CALLGATE_NONE);
	callgate_policy_free(policy);
}

static const struct {
	const char *name;
	const char *call;
	uint32_t verdict, other; /* the same: it does not depend */
} questions[] = {
	{ "answers for a call that is said in full", "x86_64:read(0, 0, 1)",
	  SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW },
	{ "names another verdict when the call leaves it open", "x86_64:read",
	  SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM },
	{ "answers for another ABI", "i386:getpid", SECCOMP_RET_LOG, SECCOMP_RET_LOG },
	{ "answers for a number", "x86_64:1000", SECCOMP_RET_ERRNO | EPERM,
	  SECCOMP_RET_ERRNO | EPERM },
};

static void answers_questions(void **state)
{
	struct callgate_policy *policy =
		parse("default errno EPERM\nallow read(fd == 0)\nlog getpid");
	struct callgate_filter *filter = compile(policy);

	(void)state;
	for (size_t i = 0; i < COUNT(questions); i++) {
		struct callgate_answer answer;
		bool depends = questions[i].verdict != questions[i].other;

		if (callgate_policy_ask(policy, filter, questions[i].call, NULL,
					&answer) ||
		    answer.verdict.value != questions[i].verdict ||
		    answer.depends != depends ||
		    (depends && answer.other_verdict.value != questions[i].other))
			fail_msg("%s", questions[i].name);
	}
	callgate_filter_free(filter);
	callgate_policy_free(policy);
}

static void explains_a_question_that_is_none(void **state)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = parse("allow read");
	struct callgate_filter *filter = compile(policy);
	struct callgate_answer answer;

	(void)state;
	assert_int_equal(callgate_policy_ask(policy, filter, "raed(", diagnostics,
					     &answer),
			 -EINVAL);
	assert_true(callgate_diagnostics_severity_count(diagnostics, CALLGATE_ERROR));
	callgate_filter_free(filter);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
}

static const struct {
	uint32_t verdict;
	bool allows;
	const char *text;
} verdicts[] = {
	{ SECCOMP_RET_ALLOW, true, "allow" },
	{ SECCOMP_RET_LOG, true, "log" },
	{ SECCOMP_RET_ERRNO | EPERM, false, "errno EPERM" },
	{ SECCOMP_RET_TRAP, false, "trap" },
	{ SECCOMP_RET_TRACE | 7, false, "trace 7" },
	{ SECCOMP_RET_USER_NOTIF, false, "notify" },
	{ SECCOMP_RET_KILL_THREAD, false, "kill-thread" },
	{ SECCOMP_RET_KILL_PROCESS, false, "kill" },
};

static void names_verdicts_and_calls(void **state)
{
	struct callgate_abi abi;
	struct seccomp_data call = { .nr = 41, .args = { 16, 3, 0 } };
	char *text;

	(void)state;
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		text = callgate_verdict_text(verdicts[i].verdict);
		assert_string_equal(text, verdicts[i].text);
		assert_int_equal(callgate_verdict_allows(verdicts[i].verdict),
				 verdicts[i].allows);
		free(text);
	}
	assert_true(callgate_abi_at(callgate_abi_find("mipsel"), &abi));
	call.arch = abi.audit_arch;
	text = callgate_verdict_text_for(&call, SECCOMP_RET_ERRNO | 89);
	assert_string_equal(text, "errno ENOSYS");
	free(text);
	assert_true(callgate_abi_at(callgate_abi_find("x86_64"), &abi));
	call.arch = abi.audit_arch;
	text = callgate_verdict_text_for(&call, SECCOMP_RET_ERRNO | 38);
	assert_string_equal(text, "errno ENOSYS");
	free(text);
	text = callgate_call_text(&call);
	assert_string_equal(text, "x86_64:socket(AF_NETLINK, SOCK_RAW, IPPROTO_IP)");
	free(text);
}

static void knows_its_version_and_the_newest_kernel(void **state)
{
	(void)state;
	assert_true(strchr(callgate_version(), '.'));
	assert_true(callgate_kernel_newest() >= 6 * 256 + 1);
	assert_true(callgate_abi_native() < callgate_abi_count());
}

static void warns_of_a_rule_that_is_shadowed(void **state)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = parse("allow read\nerrno EPERM read");

	(void)state;
	assert_int_equal(callgate_policy_review(policy, diagnostics), 0);
	assert_string_equal(callgate_diagnostics_at(diagnostics, 0)->code,
			    "unreachable");
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
}

static void lays_out_by_frequencies(void **state)
{
	static const char counted[] = "getppid: 1000000\nread: 1\n";
	struct callgate_policy *policy = parse("default errno EPERM\n"
					       "allow @file-system, @signal, getppid");
	struct callgate_compile_options options = { .cost_model =
							    CALLGATE_COST_NO_CACHE };
	struct callgate_frequencies *frequencies = NULL;
	struct callgate_filter *flat = NULL, *weighted = NULL;
	struct seccomp_data call = { .nr = 110 };
	struct callgate_abi abi;

	(void)state;
	assert_true(callgate_abi_at(callgate_abi_find("x86_64"), &abi));
	call.arch = abi.audit_arch;
	assert_int_equal(callgate_frequencies_parse(counted, strlen(counted), "counts",
						    NULL, &frequencies),
			 0);
	assert_true(callgate_frequencies_count(frequencies, callgate_syscall_find(
								    "getppid")) == 1e6);
	assert_true(callgate_frequencies_count(frequencies,
					       callgate_syscall_find("write")) == 0.5);
	assert_true(callgate_frequencies_count(frequencies, CALLGATE_NONE) == 0);
	assert_int_equal(callgate_policy_compile(policy, &options, NULL, &flat), 0);
	options.frequencies = frequencies;
	assert_int_equal(callgate_policy_compile(policy, &options, NULL, &weighted), 0);
	assert_true(callgate_filter_run(weighted, &call).executed <
		    callgate_filter_run(flat, &call).executed);
	callgate_filter_free(flat);
	callgate_filter_free(weighted);
	callgate_frequencies_free(frequencies);
	callgate_policy_free(policy);
}

static const struct {
	const char *name;
	unsigned char bytes[16];
	size_t size;
	bool is_program;
	int error;
	bool big_endian;
} files[] = {
	{ "takes a return", { 6, 0, 0, 0, 0, 0, 0xff, 0x7f }, 8, true, 0 },
	{ "takes one of a big-endian machine",
	  { 0, 6, 0, 0, 0x7f, 0xff },
	  8,
	  true,
	  0,
	  .big_endian = true },
	{ "refuses one of no order",
	  { 0, 6, 0, 0, 0, 0, 0, 0, 6 },
	  16,
	  false,
	  -EINVAL },
	{ "refuses nothing", { 0 }, 0, false, -EINVAL },
	{ "refuses half an instruction", { 6 }, 12, false, -EINVAL },
	{ "refuses text", "allow read, 1234", 16, false, -EINVAL },
	{ "refuses what does not end with a return",
	  { 6, 0, 0, 0, 0, 0, 0, 0, 0x20 },
	  16,
	  false,
	  -EINVAL },
};

static void takes_programs_from_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct callgate_filter *filter = NULL;

		if (callgate_bytes_are_program(files[i].bytes, files[i].size) !=
			    files[i].is_program ||
		    callgate_filter_from_bytes(files[i].bytes, files[i].size,
					       CALLGATE_ENDIAN_AUTO, NULL,
					       &filter) != files[i].error)
			fail_msg("%s", files[i].name);
		if (filter && callgate_filter_big_endian(filter) != files[i].big_endian)
			fail_msg("%s: byte order", files[i].name);
		callgate_filter_free(filter);
	}
}

static void believes_what_machine_a_program_is_for(void **state)
{
	static const unsigned char load_and_return[] = { 0x20, 0, 0, 0, 16, 0, 0, 0,
							 0x16, 0, 0, 0, 0,  0, 0, 0 };
	const struct seccomp_data call = { .args = { 1 } };

	(void)state;
	for (enum callgate_endian machine = CALLGATE_ENDIAN_AUTO;
	     machine <= CALLGATE_ENDIAN_BIG; machine++) {
		bool big_endian = machine == CALLGATE_ENDIAN_BIG;
		struct callgate_filter *filter;

		assert_int_equal(callgate_filter_from_bytes(load_and_return,
							    sizeof(load_and_return),
							    machine, NULL, &filter),
				 0);
		assert_int_equal(callgate_filter_big_endian(filter), big_endian);
		/* the low half of the argument, or the high one */
		assert_int_equal(callgate_filter_run(filter, &call).value, !big_endian);
		callgate_filter_free(filter);
	}
}

static void count_step(void *context, const struct callgate_step *step)
{
	size_t *count = context;

	/* a return is the last, jumps go forward */
	assert_true(step->at >= *count);
	++*count;
}

static void shows_each_step(void **state)
{
	struct callgate_policy *policy = parse("default errno EPERM\nallow getppid");
	struct callgate_filter *filter = compile(policy);
	struct seccomp_data call = { .nr = 110 };
	struct callgate_verdict verdict;
	size_t steps = 0;

	(void)state;
	verdict = callgate_filter_trace(filter, &call, count_step, &steps);
	assert_int_equal(verdict.value, callgate_filter_run(filter, &call).value);
	assert_int_equal(verdict.executed, steps);
	callgate_filter_free(filter);
	callgate_policy_free(policy);
}

static void draws_graphs(void **state)
{
	struct callgate_policy *policy = parse("default errno EPERM\nallow getppid");
	struct callgate_filter *filter = compile(policy);

	(void)state;
	for (enum callgate_graph kind = CALLGATE_GRAPH_PROGRAM;
	     kind <= CALLGATE_GRAPH_DIAGRAM; kind++) {
		size_t length;
		char *text;

		assert_int_equal(callgate_filter_graph(filter, kind, "a \"title\"",
						       NULL, &text, &length),
				 0);
		assert_int_equal(length, strlen(text));
		assert_memory_equal(text, "digraph", strlen("digraph"));
		assert_non_null(strstr(text, "a \\\"title\\\""));
		free(text);
	}
	callgate_filter_free(filter);
	callgate_policy_free(policy);
}

static void frees_nothing(void **state)
{
	(void)state;
	callgate_diagnostics_free(NULL);
	callgate_policy_free(NULL);
	callgate_filter_free(NULL);
	callgate_frequencies_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_a_policy_says),
		cmocka_unit_test(answers_questions),
		cmocka_unit_test(explains_a_question_that_is_none),
		cmocka_unit_test(names_verdicts_and_calls),
		cmocka_unit_test(knows_its_version_and_the_newest_kernel),
		cmocka_unit_test(warns_of_a_rule_that_is_shadowed),
		cmocka_unit_test(lays_out_by_frequencies),
		cmocka_unit_test(takes_programs_from_bytes),
		cmocka_unit_test(believes_what_machine_a_program_is_for),
		cmocka_unit_test(shows_each_step),
		cmocka_unit_test(draws_graphs),
		cmocka_unit_test(frees_nothing),
	};

	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
