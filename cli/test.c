// SPDX-License-Identifier: MIT
/*
 * callgate test: what a policy or a filter does with a call, and which rule says so.
 *
 * A call whose unsaid arguments matter is shown with both answers, and is allowed only
 * if both are.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "cli.h"
#include "diagnostics.h"
#include "input.h"
#include "output.h"

/* --- for people ------------------------------------------------------------------- */

/* The line of the deciding statement, without what surrounds it. */
static void print_rule(const struct input *input, struct callgate_span span)
{
	struct callgate_position place;
	size_t length;
	char *text;

	if (!callgate_diagnostics_position(input->diagnostics, span, &place)) {
		if (input->policy)
			puts("  (said nowhere: the language's default)");
		return;
	}
	length = place.text_length - (place.column - 1);
	if (span.length < length)
		length = span.length;
	text = cli_need(strndup(place.text + (place.column - 1), length));
	fputs("  ", stdout);
	print_safe(stdout, place.file);
	printf(":%" PRIu32 ": ", place.line);
	print_safe(stdout, text);
	putchar('\n');
	free(text);
}

/* `asked` is how it was asked for, or another text of the call. */
static void print_verdict(const struct input *input, const char *asked,
			  const struct seccomp_data *call,
			  const struct callgate_verdict *verdict)
{
	enum style style =
		callgate_verdict_allows(verdict->value) ? STYLE_GOOD : STYLE_ERROR;
	char *text = cli_need(callgate_verdict_text_for(call, verdict->value));

	print_safe(stdout, asked);
	printf(": %s%s%s, ", style_begin(stdout, style), text,
	       style_end(stdout, style));
	if (verdict->cached)
		printf("cached (else %" PRIu32 " instructions)\n", verdict->executed);
	else
		printf("%" PRIu32 " instruction%s\n", verdict->executed,
		       verdict->executed == 1 ? "" : "s");
	print_rule(input, verdict->span);
	free(text);
}

static void print_example(const struct input *input, const struct seccomp_data *call,
			  const struct callgate_verdict *verdict)
{
	char *text = cli_need(callgate_call_text(call));

	print_verdict(input, text, call, verdict);
	free(text);
}

static void print_answer(const struct input *input, const char *call,
			 const struct callgate_answer *answer)
{
	if (!answer->depends) {
		print_verdict(input, call, &answer->call, &answer->verdict);
		return;
	}
	print_safe(stdout, call);
	puts(": depends on what is not said");
	print_example(input, &answer->call, &answer->verdict);
	print_example(input, &answer->other_call, &answer->other_verdict);
}

/* --- for programs ----------------------------------------------------------------- */

static json_t *verdict_json(const struct input *input,
			    const struct callgate_verdict *verdict,
			    const struct seccomp_data *call)
{
	char *action = cli_need(callgate_verdict_text_for(call, verdict->value));
	char *text = cli_need(callgate_call_text(call));
	struct callgate_position place;
	json_t *object = json_pack("{s:o, s:o, s:I, s:b, s:I, s:b}", "call",
				   json_text(text), "verdict", json_text(action),
				   "value", (json_int_t)verdict->value, "allowed",
				   (int)callgate_verdict_allows(verdict->value),
				   "executed", (json_int_t)verdict->executed, "cached",
				   (int)verdict->cached);

	cli_need(object);
	free(action);
	free(text);
	if (callgate_diagnostics_position(input->diagnostics, verdict->span, &place)) {
		json_object_set_new(object, "file", json_text(place.file));
		json_object_set_new(object, "line", json_integer(place.line));
		json_object_set_new(object, "rule",
				    json_text_of(place.text, place.text_length));
	}
	return object;
}

static json_t *answer_json(const struct input *input, const char *call,
			   const struct callgate_answer *answer, bool is_allowed)
{
	json_t *object =
		json_pack("{s:o, s:b, s:b, s:[o]}", "asked", json_text(call), "allowed",
			  (int)is_allowed, "depends", (int)answer->depends, "answers",
			  verdict_json(input, &answer->verdict, &answer->call));

	cli_need(object);
	if (answer->depends)
		json_array_append_new(json_object_get(object, "answers"),
				      verdict_json(input, &answer->other_verdict,
						   &answer->other_call));
	return object;
}

/* --- asking ----------------------------------------------------------------------- */

/* Asks of one call. The answer goes to `list`, or without one to standard output. */
static enum cli_status ask(const struct input *input, const char *call, json_t *list)
{
	struct callgate_answer answer;
	bool is_allowed;
	int error = callgate_policy_ask(input->policy, input->filter, call,
					input->diagnostics, &answer);

	if (error)
		return error == -ENOMEM ? STATUS_SYSTEM : STATUS_INPUT;
	is_allowed = callgate_verdict_allows(answer.verdict.value) &&
		     (!answer.depends ||
		      callgate_verdict_allows(answer.other_verdict.value));
	if (list)
		json_array_append_new(list,
				      answer_json(input, call, &answer, is_allowed));
	else
		print_answer(input, call, &answer);
	return is_allowed ? STATUS_DONE : STATUS_NO;
}

static enum cli_status run(struct cli *cli)
{
	return calls_ask(cli, "calls", ask);
}

const struct cli_command command_test = {
	.name = "test",
	.summary = "tell what a policy does with a call, and by which rule",
	.usage = "FILE CALL...",
	.details = "Tell the verdict of the policy or filter FILE for each CALL.\v"
		   "A CALL is like 'socket(AF_NETLINK, SOCK_RAW, 0)', "
		   "'openat(flags = O_RDONLY)',\n"
		   "'ptrace' or 'i386:socketcall': what is not said may be anything.\n"
		   "Exit status: 0 all are allowed, 1 not all, 3 errors.",
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI | SHARED_JSON,
	.input = INPUT_ONE,
	.words_min = 1,
	.words_max = UINT32_MAX,
	.run = run,
};
