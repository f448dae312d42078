// SPDX-License-Identifier: MIT
/*
 * callgate decompile: the policy that a filter amounts to.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "output.h"

struct decompile_options {
	const char *output; /* a file, or NULL */
};

static const struct argp_option own_options[] = {
	{ "output", 'o', "FILE", 0, "Write FILE instead of standard output", 0 },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;
	struct decompile_options *options = cli->own;

	if (key != 'o')
		return ARGP_ERR_UNKNOWN;
	options->output = value;
	return 0;
}

static enum cli_status status_of(int error)
{
	if (!error)
		return STATUS_DONE;
	return error == -ENOMEM ? STATUS_SYSTEM : STATUS_INPUT;
}

static enum cli_status write_text(const char *text, const char *output,
				  struct input *input)
{
	int error;

	if (!output) {
		fputs(text, stdout);
		return STATUS_DONE;
	}
	error = callgate_write_file(output, text, strlen(text));
	if (error)
		callgate_file_explain(output, error, input->diagnostics);
	return error ? STATUS_SYSTEM : STATUS_DONE;
}

static void print_json(const struct input *input, const char *text)
{
	json_t *object = input_json(input);

	if (text)
		json_object_set_new(object, "policy", json_text(text));
	json_print(object);
}

static enum cli_status run(struct cli *cli)
{
	const struct decompile_options *own = cli->own;
	const struct input_how how = { 0 };
	struct callgate_decompile_options options = {
		.abis = cli->abi_count ? cli->abis : NULL,
	};
	struct input input;
	char *text = NULL;
	enum cli_status status = input_open(cli, &cli->sources[0], &how, &input);

	options.name = input.name;
	if (status == STATUS_DONE)
		status = status_of(callgate_filter_decompile(input.filter, &options,
							     input.diagnostics, &text));
	if (text && (own->output || !cli->json))
		status = write_text(text, own->output, &input);
	if (cli->json)
		print_json(&input, text);
	else
		input_report(&input);
	free(text);
	input_done(&input);
	return status;
}

const struct cli_command command_decompile = {
	.name = "decompile",
	.summary = "the policy that a filter amounts to",
	.usage = "FILE",
	.details =
		"Write a policy with the same meaning as a filter, proven to be "
		"equal.\v"
		"A FILE is a raw filter (*.bpf), '-' for standard input, or a policy.\n"
		"Exit status: 0 done, 1 an expect line does not hold, 3 errors.",
	.options = own_options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI | SHARED_JSON,
	.input = INPUT_ONE,
	.own_size = sizeof(struct decompile_options),
	.run = run,
};
