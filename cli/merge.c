// SPDX-License-Identifier: MIT
/*
 * callgate merge: one recording of many, or one policy that allows what any allows.
 *
 * In whatever order and however often the same are merged, the result is the same: of
 * recordings by what they are, of policies because the text is made of the meaning.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "diagnostics.h"
#include "input.h"
#include "output.h"
#include "recording.h"

enum {
	KEY_SALVAGE = 0x300,
};

struct merge_options {
	const char *output; /* a file, or NULL */
	bool salvage;
};

static const struct argp_option own_options[] = {
	{ "output", 'o', "FILE", 0,
	  "Write FILE instead of standard output: *.gate is a policy", 0 },
	{ "salvage", KEY_SALVAGE, NULL, 0,
	  "Take what is whole of a recording whose end is missing", 0 },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;
	struct merge_options *options = cli->own;

	switch (key) {
	case 'o':
		options->output = value;
		return 0;
	case KEY_SALVAGE:
		options->salvage = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What there is of it, and of all inputs together. */
struct merge {
	struct cli *cli;
	struct input *inputs;			/* as many as there are sources */
	struct callgate_recording *recording;	/* all of them, or NULL */
	const struct callgate_filter **filters; /* of policies, then of the recording */
	size_t filter_count;
};

static enum cli_status take(struct merge *merge, struct input *input)
{
	if (!input->filter)
		return recording_join(merge->cli, input, &merge->recording);
	merge->filters[merge->filter_count++] = input->filter;
	return STATUS_DONE;
}

static enum cli_status read_all(struct merge *merge)
{
	const struct merge_options *own = merge->cli->own;
	const struct input_how how = recording_input_how(own->salvage);
	enum cli_status worst = STATUS_DONE;

	for (size_t i = 0; i < merge->cli->source_count; i++) {
		struct input *input = &merge->inputs[i];
		enum cli_status status =
			input_open(merge->cli, &merge->cli->sources[i], &how, input);

		input_report(input);
		if (status == STATUS_DONE)
			status = take(merge, input);
		if (status > worst)
			worst = status;
		/* Of thousands of recordings none stays. */
		if (!input->filter) {
			input_done(input);
			*input = (struct input){ 0 };
		}
	}
	return worst;
}

/* --- policies ----------------------------------------------------------------------- */

#define HEAD "# Merged: allows what any of these allows.\n"

/* The text of a policy, without the comment about a program that nobody has seen. */
static enum cli_status write_policy(const struct merge *merge,
				    const struct callgate_filter *filter)
{
	const struct merge_options *own = merge->cli->own;
	struct callgate_diagnostics *diagnostics = cli_need(callgate_diagnostics_new());
	enum cli_status status;
	char *text, *body, *all = NULL;
	int error = callgate_filter_decompile(filter, NULL, diagnostics, &text);

	diagnostics_print(stderr, diagnostics, NULL);
	callgate_diagnostics_free(diagnostics);
	if (error)
		return cli_status_of(error);
	body = strstr(text, "\n\n");
	if (asprintf(&all, HEAD "%s", body ? body + 1 : text) < 0)
		cli_need(NULL);
	status = output_write(own->output, all, strlen(all));
	free(all);
	free(text);
	return status;
}

static enum cli_status join(const struct merge *merge)
{
	struct callgate_diagnostics *diagnostics = cli_need(callgate_diagnostics_new());
	struct callgate_filter *filter;
	enum cli_status status =
		cli_status_of(callgate_filter_join(merge->filters, merge->filter_count,
						   diagnostics, &filter));

	diagnostics_print(stderr, diagnostics, NULL);
	callgate_diagnostics_free(diagnostics);
	if (status == STATUS_DONE)
		status = write_policy(merge, filter);
	callgate_filter_free(filter);
	return status;
}

/* The policy that the recordings make, as one more among the others. */
static enum cli_status join_recording(struct merge *merge)
{
	const struct callgate_parse_options options = { .name = "the recordings" };
	struct callgate_diagnostics *diagnostics = cli_need(callgate_diagnostics_new());
	struct callgate_policy *policy = NULL;
	struct callgate_filter *filter = NULL;
	char *text = NULL;
	enum cli_status status = recording_policy(merge->cli, merge->recording, &text);
	int error = 0;

	if (status == STATUS_DONE)
		error = callgate_policy_parse(text, strlen(text), &options, diagnostics,
					      &policy);
	if (policy)
		error = callgate_policy_compile(policy, NULL, diagnostics, &filter);
	diagnostics_print(stderr, diagnostics, NULL);
	if (filter) {
		merge->filters[merge->filter_count++] = filter;
		status = join(merge);
	} else if (error) {
		status = cli_status_of(error);
	}
	callgate_filter_free(filter);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	free(text);
	return status;
}

/* Whether an option was given that says how a policy is to be. */
static bool wants_policy(const struct callgate_recording_policy_options *options)
{
	return options->arguments != CALLGATE_ARGUMENTS_SAFE ||
	       options->default_action || options->margin_libc ||
	       options->without_counts;
}

static enum cli_status write_all(struct merge *merge)
{
	const struct merge_options *own = merge->cli->own;

	if (!merge->filter_count && !recording_is_policy(own->output) &&
	    wants_policy(&merge->cli->recorded)) {
		fprintf(stderr,
			"callgate merge: these options are for policies; want -o "
			"FILE.gate\n");
		return STATUS_USAGE;
	}
	if (!merge->filter_count)
		return recording_write(merge->cli, merge->recording, own->output);
	if (own->output && !recording_is_policy(own->output)) {
		fprintf(stderr, "callgate merge: policies make no recording; want -o "
				"FILE.gate\n");
		return STATUS_USAGE;
	}
	return merge->recording ? join_recording(merge) : join(merge);
}

static enum cli_status run(struct cli *cli)
{
	struct merge merge = {
		.cli = cli,
		.inputs = cli_need(calloc(cli->source_count, sizeof(struct input))),
		.filters = cli_need(calloc(cli->source_count + 1,
					   sizeof(struct callgate_filter *))),
	};
	enum cli_status status = read_all(&merge);

	if (status == STATUS_DONE)
		status = write_all(&merge);
	for (size_t i = 0; i < cli->source_count; i++)
		input_done(&merge.inputs[i]);
	callgate_recording_free(merge.recording);
	free(merge.filters);
	free(merge.inputs);
	return status;
}

const struct cli_command command_merge = {
	.name = "merge",
	.summary = "one of many recordings or policies",
	.usage = "FILE...",
	.details =
		"Make one recording of many, or one policy that allows what any of the "
		"FILEs allows.\v"
		"A FILE is a recording, a policy, or a filter; '-' is standard input. "
		"Recordings become a policy where the output is named *.gate.\n"
		"Exit status: 0 done, 3 errors.",
	.options = own_options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_ABI | SHARED_RECORDED,
	.input = INPUT_ALL_WORDS,
	.own_size = sizeof(struct merge_options),
	.run = run,
};
