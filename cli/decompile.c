// SPDX-License-Identifier: MIT
/*
 * callgate decompile: the policy that a filter amounts to.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "output.h"

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
	const struct input_how how = { 0 };
	struct callgate_decompile_options options = {
		.abis = cli->abi_count ? cli->abis : NULL,
	};
	struct input input;
	char *text = NULL;
	enum cli_status status = input_open(cli, &cli->sources[0], &how, &input);

	options.name = input.name;
	if (status == STATUS_DONE)
		status = cli_status_of(callgate_filter_decompile(input.filter, &options,
								 input.diagnostics,
								 &text));
	if (text && (cli->output || !cli->json))
		status = write_text(text, cli->output, &input);
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
	.shared = SHARED_OUTPUT | SHARED_POLICY | SHARED_PROFILE | SHARED_ABI |
		  SHARED_JSON,
	.input = INPUT_ONE,
	.run = run,
};
