// SPDX-License-Identifier: MIT
/*
 * callgate diff: what two filters treat differently, and which of them is stricter.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "input.h"
#include "output.h"

struct diff_options {
	bool live;
};

enum {
	KEY_LIVE = 0x200
};

static const struct argp_option own_options[] = {
	{ "live", KEY_LIVE, NULL, 0,
	  "Also load the filters in children and make the calls that are denied", 0 },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;
	struct diff_options *options = cli->own;

	(void)value;
	if (key != KEY_LIVE)
		return ARGP_ERR_UNKNOWN;
	options->live = true;
	return 0;
}

static const char *const relations[] = {
	[CALLGATE_EQUAL] = "equal",
	[CALLGATE_SIMILAR] = "similar",
	[CALLGATE_STRICTER] = "stricter",
	[CALLGATE_LOOSER] = "looser",
	[CALLGATE_INCOMPARABLE] = "incomparable",
};

/* --- in the kernel ---------------------------------------------------------------- */

enum live_answer {
	LIVE_SAME,
	LIVE_DIFFERENT,
	LIVE_SKIPPED, /* the call would be made, or cannot be here */
};

/* What a child leaves behind; it may not be able to say more. */
struct live_result {
	bool loaded, answered;
	long value;
};

/* In a child: loads the filter, makes the call, ends without any other. */
static void make_call(const struct callgate_filter *filter,
		      const struct seccomp_data *call, struct live_result *result)
{
	long value;

	if (callgate_program_load(callgate_filter_program(filter),
				  callgate_filter_length(filter), NULL, NULL))
		_exit(STATUS_SYSTEM);
	result->loaded = true;
	value = syscall(call->nr, call->args[0], call->args[1], call->args[2],
			call->args[3], call->args[4], call->args[5]);
	result->value = value < 0 ? -errno : value;
	result->answered = true;
	__builtin_trap();
}

/* Only a verdict that denies can be seen: the call itself is never made. */
static bool is_observable(const struct callgate_filter *filter,
			  const struct seccomp_data *call, uint32_t verdict)
{
	size_t abi = callgate_abi_of(call->arch, (uint32_t)call->nr);
	struct callgate_abi native;

	return callgate_abi_at(callgate_abi_native(), &native) &&
	       callgate_filter_big_endian(filter) == native.big_endian &&
	       abi == callgate_abi_native() && !callgate_verdict_allows(verdict) &&
	       call->instruction_pointer == 0;
}

static bool is_as_said(const struct live_result *result, int status, uint32_t verdict)
{
	uint32_t action = verdict & SECCOMP_RET_ACTION_FULL;
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;

	switch (action) {
	case SECCOMP_RET_ERRNO:
		return result->answered &&
		       result->value == -(long)(verdict & SECCOMP_RET_DATA);
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return result->answered && result->value == -ENOSYS;
	default:
		return killed && !result->answered;
	}
}

static enum live_answer ask_kernel(const struct callgate_filter *filter,
				   const struct seccomp_data *call, uint32_t verdict)
{
	enum live_answer answer = LIVE_SKIPPED;
	struct live_result *result;
	pid_t child;
	int status;

	if (!is_observable(filter, call, verdict))
		return LIVE_SKIPPED;
	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED)
		return LIVE_SKIPPED;
	fflush(NULL);
	child = fork();
	if (child == 0)
		make_call(filter, call, result);
	if (child > 0 && waitpid(child, &status, 0) == child && result->loaded)
		answer = is_as_said(result, status, verdict) ? LIVE_SAME
							     : LIVE_DIFFERENT;
	munmap(result, sizeof(*result));
	return answer;
}

struct live_count {
	size_t confirmed, different, skipped;
};

static void count_live(const struct callgate_filter *filter,
		       const struct callgate_difference *difference, uint32_t verdict,
		       struct live_count *count)
{
	switch (ask_kernel(filter, &difference->example, verdict)) {
	case LIVE_SAME:
		count->confirmed++;
		break;
	case LIVE_DIFFERENT:
		count->different++;
		break;
	case LIVE_SKIPPED:
		count->skipped++;
		break;
	}
}

static struct live_count check_live(const struct input inputs[2],
				    const struct callgate_comparison *comparison)
{
	struct live_count count = { 0 };

	for (size_t i = 0; i < callgate_comparison_count(comparison); i++) {
		const struct callgate_difference *difference =
			callgate_comparison_at(comparison, i);

		count_live(inputs[0].filter, difference, difference->first, &count);
		count_live(inputs[1].filter, difference, difference->second, &count);
	}
	return count;
}

/* --- for people ------------------------------------------------------------------- */

static void print_relation(const struct input inputs[2],
			   enum callgate_relation relation)
{
	static const char *const forms[] = {
		[CALLGATE_EQUAL] = "%s and %s are equal\n",
		[CALLGATE_SIMILAR] = "%s and %s are as strict, with other numbers\n",
		[CALLGATE_STRICTER] = "%s is stricter than %s\n",
		[CALLGATE_LOOSER] = "%s is looser than %s\n",
		[CALLGATE_INCOMPARABLE] = "%s and %s are incomparable\n",
	};
	const char *form = forms[relation];

	for (unsigned name = 0; *form; form++) {
		if (form[0] == '%') {
			print_safe(stdout, inputs[name++].name);
			form++;
		} else {
			putchar(*form);
		}
	}
}

#define WIDTH	    80
#define INDENT	    4
#define ITEMS_SHOWN 100

/* Items with ", " between them, broken into lines. Returns how long the last one is. */
static size_t print_list(const char *items)
{
	size_t column = INDENT, shown = 0;

	printf("%*s", INDENT, "");
	while (*items && shown++ < ITEMS_SHOWN) {
		size_t length = strcspn(items, ","); /* none has one inside */
		size_t whole = items[length] ? length + 1 : length;

		if (column > INDENT && column + 1 + whole > WIDTH) {
			printf("\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)whole, items);
		column += whole;
		items += whole + (items[whole] == ' ');
	}
	if (*items)
		printf(" ... (all with --json)");
	return *items ? WIDTH : column;
}

/* "on i386: 2 calls" and which they are; returns how long the last line is. */
static size_t print_calls(const struct callgate_difference *difference)
{
	bool is_others = difference->abi == CALLGATE_NONE;
	bool is_every = strcmp(difference->calls, "every call") == 0;

	printf(" on %s", is_others ? "other architectures" : difference->abis);
	if (is_every)
		printf(": every call");
	else
		printf(": %zu %s%s", difference->count, is_others ? "number" : "call",
		       difference->count == 1 ? "" : "s");
	if (is_every)
		return WIDTH;
	putchar('\n');
	return print_list(difference->calls);
}

static void print_difference(const struct callgate_difference *difference)
{
	char *first = cli_need(
		callgate_verdict_text_for(&difference->example, difference->first));
	char *second = cli_need(
		callgate_verdict_text_for(&difference->example, difference->second));
	char *call = cli_need(callgate_call_text(&difference->example));
	size_t column;

	printf("\n%s -> %s", first, second);
	column = print_calls(difference);
	if (difference->condition && column + 7 + strlen(difference->condition) > WIDTH)
		printf("\n%*s", INDENT - 1, "");
	if (difference->condition)
		printf(" where %s", difference->condition);
	printf("\n%*sfor instance %s\n", INDENT, "", call);
	free(first);
	free(second);
	free(call);
}

/* Which ABIs the others are, ahead of the first of their differences. */
static void print_differences(const struct callgate_comparison *comparison)
{
	const char *said = "";

	for (size_t i = 0; i < callgate_comparison_count(comparison); i++) {
		const struct callgate_difference *difference =
			callgate_comparison_at(comparison, i);

		if (difference->abi == CALLGATE_NONE &&
		    strcmp(difference->abis, said) != 0) {
			said = difference->abis;
			puts("\nother architectures are the unknown ones and");
			print_list(said);
			putchar('\n');
		}
		print_difference(difference);
	}
}

static void print_text(const struct input inputs[2],
		       const struct callgate_comparison *comparison,
		       const struct live_count *live)
{
	print_relation(inputs, callgate_comparison_relation(comparison));
	print_differences(comparison);
	if (live)
		printf("\nthe kernel confirms %zu answers, contradicts %zu; "
		       "%zu were not asked for\n",
		       live->confirmed, live->different, live->skipped);
}

/* --- JSON ------------------------------------------------------------------------- */

static json_t *owned_text(char *text)
{
	json_t *json = json_text(cli_need(text));

	free(text);
	return json;
}

static json_t *difference_json(const struct callgate_difference *difference)
{
	bool is_others = difference->abi == CALLGATE_NONE;

	return cli_need(
		json_pack("{s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "abi",
			  is_others ? json_null() : json_text(difference->abis), "abis",
			  json_text(difference->abis), "calls",
			  json_text(difference->calls), "count",
			  (json_int_t)difference->count, "condition",
			  json_text(difference->condition), "first",
			  owned_text(callgate_verdict_text_for(&difference->example,
							       difference->first)),
			  "second",
			  owned_text(callgate_verdict_text_for(&difference->example,
							       difference->second)),
			  "example",
			  owned_text(callgate_call_text(&difference->example))));
}

static void print_json(const struct input inputs[2],
		       const struct callgate_comparison *comparison,
		       const struct live_count *live)
{
	json_t *list = cli_need(json_array());
	json_t *object =
		cli_need(json_pack("{s:[o, o], s:o}", "files", input_json(&inputs[0]),
				   input_json(&inputs[1]), "differences", list));

	for (size_t i = 0; comparison && i < callgate_comparison_count(comparison); i++)
		json_array_append_new(list,
				      difference_json(
					      callgate_comparison_at(comparison, i)));
	if (comparison)
		json_object_set_new(
			object, "relation",
			json_text(relations[callgate_comparison_relation(comparison)]));
	if (live)
		json_object_set_new(object, "live",
				    cli_need(json_pack("{s:I, s:I, s:I}", "confirmed",
						       (json_int_t)live->confirmed,
						       "contradicted",
						       (json_int_t)live->different,
						       "skipped",
						       (json_int_t)live->skipped)));
	json_print(object);
}

/* ---------------------------------------------------------------------------------- */

static enum cli_status compare(const struct cli *cli, struct input inputs[2])
{
	const struct diff_options *options = cli->own;
	struct callgate_comparison *comparison;
	struct live_count live = { 0 };
	enum cli_status status;
	int error = callgate_filter_compare(inputs[0].filter, inputs[1].filter,
					    inputs[0].diagnostics, &comparison);

	if (error) {
		if (cli->json)
			print_json(inputs, NULL, NULL);
		else
			input_report(&inputs[0]);
		return error == -ENOMEM ? STATUS_SYSTEM : STATUS_INPUT;
	}
	if (options->live)
		live = check_live(inputs, comparison);
	if (cli->json)
		print_json(inputs, comparison, options->live ? &live : NULL);
	else
		print_text(inputs, comparison, options->live ? &live : NULL);
	status = callgate_comparison_relation(comparison) == CALLGATE_EQUAL
			 ? STATUS_DONE
			 : STATUS_NO;
	callgate_comparison_free(comparison);
	return live.different ? STATUS_SYSTEM : status;
}

static enum cli_status run(struct cli *cli)
{
	const struct input_how how = { .compile = { .without_expects = true } };
	enum cli_status worst = STATUS_DONE;
	struct input inputs[2];

	if (cli->source_count != 2) {
		fprintf(stderr, "callgate diff: want two filters, got %zu\n",
			cli->source_count);
		return STATUS_USAGE;
	}
	for (int i = 0; i < 2; i++) {
		enum cli_status status =
			input_open(cli, &cli->sources[i], &how, &inputs[i]);

		if (status > worst)
			worst = status;
		if (!cli->json)
			input_report(&inputs[i]);
	}
	if (worst == STATUS_DONE)
		worst = compare(cli, inputs);
	else if (cli->json)
		print_json(inputs, NULL, NULL);
	for (int i = 0; i < 2; i++)
		input_done(&inputs[i]);
	return worst;
}

const struct cli_command command_diff = {
	.name = "diff",
	.summary = "tell what two filters treat differently, and which is stricter",
	.usage = "FILE FILE",
	.details =
		"Compare two filters, or policies, by what they mean.\v"
		"A FILE is a policy, '-' for standard input, or a raw filter (*.bpf).\n"
		"Exit status: 0 they are equal, 1 they differ, 3 errors.",
	.options = own_options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI | SHARED_JSON,
	.input = INPUT_ALL_WORDS,
	.own_size = sizeof(struct diff_options),
	.run = run,
};
