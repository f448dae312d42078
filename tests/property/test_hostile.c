// SPDX-License-Identifier: MIT
/*
 * Programs that are made to be complex: whatever is asked of one ends with an answer, or
 * says that it is too complex. How long that takes is printed; ./dev bench reading
 * measures it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "callgate.h"
#include "hostile.h"

/* What is asked, of `filter` alone or besides a plain one. */
struct question {
	const struct callgate_filter *filter, *plain;
	struct callgate_diagnostics *diagnostics;
};

static int ask_survey(const struct question *question)
{
	struct callgate_survey *survey;
	int error = callgate_filter_survey(question->filter, question->diagnostics,
					   &survey);

	callgate_survey_free(survey);
	return error;
}

static int ask_audit(const struct question *question)
{
	struct callgate_audit *audit = NULL;
	int error =
		callgate_filter_audit(question->filter, question->diagnostics, &audit);

	callgate_audit_free(audit);
	return error;
}

static int ask_decompile(const struct question *question)
{
	char *text = NULL;
	int error = callgate_filter_decompile(question->filter, NULL,
					      question->diagnostics, &text);

	free(text);
	return error;
}

static int ask_compare(const struct question *question)
{
	struct callgate_comparison *comparison;
	int error = callgate_filter_compare(question->filter, question->plain,
					    question->diagnostics, &comparison);

	callgate_comparison_free(comparison);
	return error;
}

static int ask_flatten(const struct question *question)
{
	const struct callgate_filter *both[] = { question->filter, question->plain };
	struct callgate_filter *flat;
	int error = callgate_filter_flatten(both, 2, question->diagnostics, &flat);

	callgate_filter_free(flat);
	return error;
}

static int ask_graph(const struct question *question)
{
	char *text = NULL;
	size_t length;
	int error = callgate_filter_graph(question->filter, CALLGATE_GRAPH_DIAGRAM,
					  NULL, question->diagnostics, &text, &length);

	free(text);
	return error;
}

static int ask_pseudo(const struct question *question)
{
	char *text = NULL;
	size_t length;
	int error = callgate_filter_print(question->filter, CALLGATE_FORMAT_PSEUDO,
					  NULL, &text, &length);

	free(text);
	return error;
}

static int ask_call(const struct question *question)
{
	struct callgate_answer answer;

	return callgate_policy_ask(NULL, question->filter, "socket(AF_INET)",
				   question->diagnostics, &answer);
}

static const struct {
	const char *name;
	int (*ask)(const struct question *question);
} questions[] = {
	{ "survey", ask_survey },	{ "audit", ask_audit },
	{ "decompile", ask_decompile }, { "compare", ask_compare },
	{ "flatten", ask_flatten },	{ "graph", ask_graph },
	{ "pseudo", ask_pseudo },	{ "call", ask_call },
};

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* An error is told, and is one of those that a good program may have. */
static bool is_answer(int error, const struct callgate_diagnostics *diagnostics)
{
	if (!error)
		return true;
	return (error == -E2BIG || error == -EOPNOTSUPP) &&
	       callgate_diagnostics_severity_count(diagnostics, CALLGATE_ERROR) == 1;
}

static bool ask_all(const char *name, const struct callgate_filter *filter,
		    const struct callgate_filter *plain)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		struct question question = { filter, plain,
					     callgate_diagnostics_new() };
		double start = seconds();
		int error = questions[i].ask(&question);
		bool is_good = is_answer(error, question.diagnostics);

		printf("%s: %s: %s, %.2f s\n", name, questions[i].name,
		       !is_good ? "FAILED"
		       : error	? "too complex"
				: "answered",
		       seconds() - start);
		good &= is_good;
		callgate_diagnostics_free(question.diagnostics);
	}
	return good;
}

int main(void)
{
	struct sock_filter code[BPF_MAXINSNS];
	struct callgate_filter *filter, *plain;
	bool good = true;

	if (callgate_filter_from_program(code, hostile_program(6, code), NULL, &plain))
		return 1;
	for (size_t i = 0; hostile_name(i); i++) {
		if (callgate_filter_from_program(code, hostile_program(i, code), NULL,
						 &filter)) {
			printf("%s: no program\n", hostile_name(i));
			good = false;
			continue;
		}
		good &= ask_all(hostile_name(i), filter, plain);
		callgate_filter_free(filter);
	}
	callgate_filter_free(plain);
	return good ? 0 : 1;
}
