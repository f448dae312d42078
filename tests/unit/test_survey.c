// SPDX-License-Identifier: MIT
/*
 * The survey of a filter: which verdicts calls get, and when, held against the policy
 * that the filter was made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "bpf/bpf.h"

static struct callgate_filter *compile(const char *text)
{
	struct callgate_policy *policy;
	struct callgate_filter *filter;

	assert_int_equal(callgate_policy_parse(text, strlen(text), NULL, NULL, &policy),
			 0);
	assert_int_equal(callgate_policy_compile(policy, NULL, NULL, &filter), 0);
	callgate_policy_free(policy);
	return filter;
}

static const struct survey_case {
	const char *name;
	const char *policy;
	const char *abi, *call;
	const char *cases; /* "VERDICT if CONDITION; …" */
} survey_cases[] = {
	{ "tells a call that is always allowed", "arch x86_64\nallow read", "x86_64",
	  "read", "allow if always; " },
	{ "tells a call that is never allowed", "arch x86_64\ndefault kill\nallow read",
	  "x86_64", "write", "kill if always; " },
	{ "tells when a call is allowed, the most lenient verdict first",
	  "arch x86_64\ndefault kill\nallow socket(domain == AF_UNIX)\n"
	  "errno EACCES socket(domain == AF_INET)",
	  "x86_64", "socket",
	  "allow if domain == AF_UNIX; errno EACCES if domain == AF_INET; "
	  "kill if domain not in {AF_UNIX, AF_INET}; " },
	{ "keeps ABIs of one architecture apart",
	  "arch x86_64 x32\nallow read\narch x32 {\n\terrno ENOSYS write\n}", "x32",
	  "write", "errno ENOSYS if always; " },
	{ "names arguments as the ABI has them",
	  "arch i386\ndefault errno EPERM\nallow mmap2(prot & PROT_EXEC == 0)", "i386",
	  "mmap2",
	  "allow if prot & PROT_EXEC == 0; errno EPERM if prot & PROT_EXEC != 0; " },
};

static void check_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(survey_cases) / sizeof(survey_cases[0]); i++) {
		const struct survey_case *test = &survey_cases[i];
		struct callgate_filter *filter = compile(test->policy);
		const struct callgate_case *cases;
		struct callgate_survey *survey;
		struct callgate_syscall call;
		struct buffer text = { 0 };
		size_t abi = callgate_abi_find(test->abi), count;

		print_message("  %s\n", test->name);
		assert_int_equal(callgate_filter_survey(filter, NULL, &survey), 0);
		assert_true(callgate_syscall_on(callgate_syscall_find(test->call), abi,
						&call));
		count = callgate_survey_cases(survey, abi, call.number, &cases);
		for (size_t k = 0; k < count; k++) {
			verdict_print(cases[k].verdict, abi_native(), &text);
			buffer_printf(&text, " if %s; ", cases[k].condition);
		}
		assert_string_equal(text.data, test->cases);
		buffer_done(&text);
		callgate_survey_free(survey);
		callgate_filter_free(filter);
	}
}

static void tells_what_whole_abis_get(void **state)
{
	struct callgate_filter *filter =
		compile("arch x86_64\nabi linux-6.1\ndefault errno EPERM\n"
			"badarch kill-thread\nallow read");
	struct callgate_survey *survey;
	uint32_t verdict;

	(void)state;
	assert_int_equal(callgate_filter_survey(filter, NULL, &survey), 0);
	assert_false(
		callgate_survey_uniform(survey, callgate_abi_find("x86_64"), &verdict));
	assert_true(
		callgate_survey_unknown(survey, callgate_abi_find("x86_64"), &verdict));
	assert_int_equal(verdict, SECCOMP_RET_ERRNO | ENOSYS);
	assert_true(
		callgate_survey_uniform(survey, callgate_abi_find("x32"), &verdict));
	assert_int_equal(verdict, SECCOMP_RET_KILL_THREAD);
	assert_true(
		callgate_survey_uniform(survey, callgate_abi_find("i386"), &verdict));
	assert_int_equal(verdict, SECCOMP_RET_KILL_THREAD);
	assert_false(callgate_survey_uniform(survey, CALLGATE_NONE, &verdict));
	assert_false(callgate_survey_unknown(survey, CALLGATE_NONE, &verdict));
	callgate_survey_free(survey);
	callgate_filter_free(filter);
}

static void finds_one_number_that_differs_among_the_unknown(void **state)
{
	/* allows number 3000 of x86_64, and kills all else of every machine */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 3000, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	const struct callgate_case *cases;
	struct callgate_survey *survey;
	struct callgate_filter *filter;
	uint32_t verdict;

	(void)state;
	assert_int_equal(callgate_filter_from_program(code, 4, NULL, &filter), 0);
	assert_int_equal(callgate_filter_survey(filter, NULL, &survey), 0);
	assert_false(callgate_survey_uniform(survey, 0, &verdict));
	assert_false(callgate_survey_unknown(survey, 0, &verdict));
	assert_true(
		callgate_survey_uniform(survey, callgate_abi_find("x32"), &verdict));
	assert_int_equal(callgate_survey_cases(survey, 0, 3000, &cases), 0);
	assert_null(cases);
	callgate_survey_free(survey);
	callgate_filter_free(filter);
}

static const struct count_case {
	const char *name;
	const char *policy;
} count_cases[] = {
	{ "of a policy of some calls",
	  "arch x86_64\ndefault kill\nallow read, write\nlog close\n"
	  "allow socket(domain == AF_UNIX)\nnotify mkdir\ntrace rmdir" },
	{ "of one that allows everything", "default allow\nbadarch allow" },
	{ "of one that allows nothing", "default errno EPERM" },
	{ "of one for another architecture", "arch aarch64\nallow read" },
	{ "of two verdicts that both pass",
	  "default errno 1\nlog ioctl(cmd == 1)\nallow ioctl" },
};

/* What the survey's cases come to. */
static struct callgate_filter_counts
count_cases_of(const struct callgate_filter *filter, size_t abi)
{
	struct callgate_filter_counts counts = { 0 };
	const struct callgate_case *cases;
	struct callgate_survey *survey;
	const struct abi *numbers = abi_at(abi);

	assert_int_equal(callgate_filter_survey(filter, NULL, &survey), 0);
	for (uint32_t i = 0; i < syscall_number_end(numbers); i++) {
		size_t passing = 0,
		       count = callgate_survey_cases(survey, abi,
						     numbers->number_base + i, &cases);

		if (!count)
			continue;
		for (size_t k = 0; k < count; k++)
			passing += callgate_verdict_allows(cases[k].verdict);
		counts.calls++;
		counts.always += passing == count;
		counts.sometimes += passing && passing < count;
	}
	callgate_survey_free(survey);
	return counts;
}

static void counts_what_the_survey_tells(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(count_cases) / sizeof(count_cases[0]); i++) {
		struct callgate_filter *filter = compile(count_cases[i].policy);

		print_message("  %s\n", count_cases[i].name);
		for (size_t abi = 0; abi < abi_count(); abi++) {
			struct callgate_filter_counts wanted =
				count_cases_of(filter, abi);
			struct callgate_filter_counts counts;

			assert_int_equal(callgate_filter_count(filter, abi, &counts),
					 0);
			assert_memory_equal(&counts, &wanted, sizeof(counts));
		}
		callgate_filter_free(filter);
	}
}

static void counts_no_calls_of_an_abi_that_is_none(void **state)
{
	struct callgate_filter *filter = compile("default allow");
	struct callgate_filter_counts counts;

	(void)state;
	assert_int_equal(callgate_filter_count(filter, CALLGATE_NONE, &counts),
			 -EINVAL);
	assert_int_equal(counts.calls, 0);
	callgate_filter_free(filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_cases),
		cmocka_unit_test(tells_what_whole_abis_get),
		cmocka_unit_test(finds_one_number_that_differs_among_the_unknown),
		cmocka_unit_test(counts_what_the_survey_tells),
		cmocka_unit_test(counts_no_calls_of_an_abi_that_is_none),
	};

	return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
