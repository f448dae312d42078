// SPDX-License-Identifier: MIT
/*
 * Whatever the library does, allocation number k and all later ones fail, for every k.
 * It must say -ENOMEM or be done, keep what it was given as it is, and hand out nothing;
 * the address sanitizer sees what it leaves behind.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "callgate.h"
#include "failing.h"

/* Long operations have thousands of allocations of one kind: then only some fail. */
#define EVERY 200

static const char text[] =
	"default errno EPERM\narch x86_64 i386\n"
	"allow read(fd == 0 or count & 7 == 1), write, @signal\n"
	"log socket(domain in {AF_UNIX, 5..9})\nallow getpid\nkill getpid\n"
	"expect allow write\nexpect deny socket(domain = 3)\n";
static const char counts[] = "read: 100\nwrite: 50\nraed: 1\n";
static const char assembly[] = "l0: ld [0]\nl1: jeq #1, l2, l3\nl2: ret #0\n"
			       "l3: ret #0x7fff0000\n";

/* Made while memory lasts. */
struct things {
	struct callgate_policy *policy;
	struct callgate_filter *filter;
	struct callgate_diagnostics *diagnostics;
};

static int compile(const struct things *things)
{
	struct callgate_filter *filter = NULL;
	int error = callgate_policy_compile(things->policy, NULL, things->diagnostics,
					    &filter);

	assert_true(!error == !!filter);
	callgate_filter_free(filter);
	return error;
}

static int compile_naively(const struct things *things)
{
	const struct callgate_compile_options options = { .without_optimizer = true };
	struct callgate_filter *filter = NULL;
	int error = callgate_policy_compile(things->policy, &options,
					    things->diagnostics, &filter);

	callgate_filter_free(filter);
	return error;
}

static void spoil(void *context, struct sock_filter *program, size_t length)
{
	(void)context;
	for (size_t i = 0; i < length; i++)
		if (BPF_CLASS(program[i].code) == BPF_RET)
			program[i].k = SECCOMP_RET_TRAP;
}

/* A proof that fails makes an example for people. */
static int compile_what_is_refuted(const struct things *things)
{
	const struct callgate_compile_options options = { .tamper = spoil };
	struct callgate_filter *filter = NULL;
	int error = callgate_policy_compile(things->policy, &options,
					    things->diagnostics, &filter);

	assert_null(filter);
	return error == -EBADMSG ? 0 : error;
}

static int ask(const struct things *things)
{
	struct callgate_answer answer;

	return callgate_policy_ask(things->policy, things->filter,
				   "i386:socket(type = 1)", things->diagnostics,
				   &answer);
}

static int review(const struct things *things)
{
	return callgate_policy_review(things->policy, things->diagnostics);
}

static int tell_stats(const struct things *things)
{
	struct callgate_stats stats;

	return callgate_filter_stats(things->filter, &stats);
}

static int print_all(const struct things *things)
{
	int error = 0;

	for (enum callgate_format format = CALLGATE_FORMAT_RAW;
	     !error && format <= CALLGATE_FORMAT_C; format++) {
		char *printed = NULL;
		size_t length;

		error = callgate_filter_print(things->filter, format, "a-name",
					      &printed, &length);
		free(printed);
	}
	return error;
}

static int draw(const struct things *things)
{
	int error = 0;

	for (enum callgate_graph graph = CALLGATE_GRAPH_PROGRAM;
	     !error && graph <= CALLGATE_GRAPH_DIAGRAM; graph++) {
		char *drawn = NULL;
		size_t length;

		error = callgate_filter_graph(things->filter, graph, "title",
					      things->diagnostics, &drawn, &length);
		free(drawn);
	}
	return error;
}

static int audit(const struct things *things)
{
	struct callgate_audit *made = NULL;
	int error = callgate_filter_audit(things->filter, things->diagnostics, &made);

	callgate_audit_free(made);
	return error;
}

static int take_program(const struct things *things)
{
	size_t length = callgate_filter_length(things->filter);
	struct callgate_filter *filter = NULL;
	int error = callgate_filter_from_bytes(callgate_filter_program(things->filter),
					       length * sizeof(struct sock_filter),
					       CALLGATE_ENDIAN_AUTO,
					       things->diagnostics, &filter);

	callgate_filter_free(filter);
	return error;
}

static int assemble(const struct things *things)
{
	struct callgate_filter *filter = NULL;
	int error = callgate_filter_assemble(assembly, strlen(assembly), "text",
					     things->diagnostics, &filter);

	callgate_filter_free(filter);
	return error;
}

/* One name is misspelt. */
static int count_calls(const struct things *things)
{
	struct callgate_frequencies *frequencies = NULL;
	int error = callgate_frequencies_parse(counts, strlen(counts), "counts",
					       things->diagnostics, &frequencies);

	callgate_frequencies_free(frequencies);
	return error == -EINVAL ? 0 : error;
}

static int name_things(const struct things *things)
{
	struct seccomp_data call = { .nr = 41, .args = { 2, 1 } };
	char *verdict = callgate_verdict_text(SECCOMP_RET_ERRNO | 1);
	char *named = callgate_call_text(&call);
	int error = verdict && named ? 0 : -ENOMEM;

	(void)things;
	free(verdict);
	free(named);
	return error;
}

static const struct {
	const char *name;
	int (*run)(const struct things *things);
} operations[] = {
	{ "compiling", compile },
	{ "compiling without the optimizer", compile_naively },
	{ "refuting", compile_what_is_refuted },
	{ "asking", ask },
	{ "reviewing", review },
	{ "figures", tell_stats },
	{ "printing", print_all },
	{ "drawing", draw },
	{ "auditing", audit },
	{ "taking a program", take_program },
	{ "assembling", assemble },
	{ "counted calls", count_calls },
	{ "words for verdicts and calls", name_things },
};

static void make(struct things *ret_things)
{
	*ret_things = (struct things){ 0 };
	assert_int_equal(callgate_policy_parse(text, strlen(text), NULL, NULL,
					       &ret_things->policy),
			 0);
	assert_int_equal(callgate_policy_compile(ret_things->policy, NULL, NULL,
						 &ret_things->filter),
			 0);
}

static void done(struct things *things)
{
	callgate_filter_free(things->filter);
	callgate_policy_free(things->policy);
}

/* Runs with k allocations; whether any failed. */
static bool fails_at(size_t operation, struct things *things, size_t k)
{
	bool did_fail;
	int error;

	things->diagnostics = callgate_diagnostics_new();
	allocations_left = k;
	error = operations[operation].run(things);
	did_fail = allocations_left == 0;
	allocations_left = SIZE_MAX;
	callgate_diagnostics_free(things->diagnostics);
	if (error && !(did_fail && error == -ENOMEM))
		fail_msg("%s, %zu allocations: %d", operations[operation].name, k,
			 error);
	return did_fail;
}

static void every_allocation_may_fail(void **state)
{
	struct things things;

	(void)state;
	make(&things);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		size_t k = 0;

		while (fails_at(i, &things, k))
			k += 1 + k / EVERY;
		if (k < 1)
			fail_msg("%s: allocates nothing", operations[i].name);
	}
	done(&things);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
