// SPDX-License-Identifier: MIT
/*
 * Threads that parse, compile, ask and print at once, and that share one policy and one
 * filter for reading: all must get what one gets alone. Under the thread sanitizer
 * (`./dev sanitize`) also: no memory is written by one that another looks at.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "callgate.h"

#define THREADS 8
#define ROUNDS	4

static const char text[] =
	"default errno EPERM\narch x86_64 i386 aarch64\n"
	"allow @basic-io, @file-system\nallow mprotect(prot & PROT_EXEC == 0)\n"
	"allow socket(domain in {AF_UNIX, AF_INET})\nkill ptrace\n"
	"expect kill ptrace\n";

struct work {
	pthread_t thread;
	const struct callgate_policy *policy; /* shared */
	const struct callgate_filter *filter;
	bool went_well;
};

static struct callgate_policy *parse(struct callgate_diagnostics *diagnostics)
{
	struct callgate_policy *policy = NULL;

	callgate_policy_parse(text, strlen(text), NULL, diagnostics, &policy);
	return policy;
}

static bool is_same(const struct callgate_filter *one,
		    const struct callgate_filter *other)
{
	size_t length = callgate_filter_length(one);

	return length == callgate_filter_length(other) &&
	       memcmp(callgate_filter_program(one), callgate_filter_program(other),
		      length * sizeof(struct sock_filter)) == 0;
}

static bool asks(const struct work *work)
{
	struct callgate_answer answer;
	size_t length;
	char *printed;
	bool well = !callgate_policy_ask(work->policy, work->filter,
					 "x86_64:socket(AF_NETLINK)", NULL, &answer) &&
		    !callgate_verdict_allows(answer.verdict.value);

	if (callgate_filter_print(work->filter, CALLGATE_FORMAT_ASM, NULL, &printed,
				  &length))
		return false;
	free(printed);
	return well;
}

static bool compiles(const struct work *work)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = parse(diagnostics);
	struct callgate_filter *own = NULL, *of_shared = NULL;
	bool well = policy &&
		    !callgate_policy_compile(policy, NULL, diagnostics, &own) &&
		    !callgate_policy_compile(work->policy, NULL, NULL, &of_shared) &&
		    is_same(own, work->filter) && is_same(of_shared, work->filter);

	callgate_filter_free(own);
	callgate_filter_free(of_shared);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	return well;
}

static void *run(void *argument)
{
	struct work *work = argument;

	work->went_well = true;
	for (int i = 0; i < ROUNDS; i++)
		work->went_well &= compiles(work) && asks(work);
	return NULL;
}

static void all_get_what_one_gets_alone(void **state)
{
	struct callgate_policy *policy = parse(NULL);
	struct callgate_filter *filter = NULL;
	struct work works[THREADS];

	(void)state;
	assert_non_null(policy);
	assert_int_equal(callgate_policy_compile(policy, NULL, NULL, &filter), 0);
	for (int i = 0; i < THREADS; i++) {
		works[i] = (struct work){ .policy = policy, .filter = filter };
		assert_int_equal(pthread_create(&works[i].thread, NULL, run, &works[i]),
				 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(works[i].thread, NULL), 0);
		assert_true(works[i].went_well);
	}
	callgate_filter_free(filter);
	callgate_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_get_what_one_gets_alone),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
