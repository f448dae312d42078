// SPDX-License-Identifier: MIT
/*
 * callgate flatten: one filter in place of a stack of them.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli.h"
#include "input.h"
#include "output.h"

static enum cli_status write_filter(const struct cli *cli,
				    const struct callgate_filter *filter)
{
	enum cli_status status;
	size_t length;
	char *bytes;

	if (output_is_terminal(cli->output)) {
		fputs("callgate flatten: a filter is no text for a terminal; "
		      "give -o FILE\n",
		      stderr);
		return STATUS_USAGE;
	}
	if (callgate_filter_print(filter, CALLGATE_FORMAT_RAW, NULL, &bytes, &length))
		cli_need(NULL);
	status = output_write(cli->output, bytes, length);
	free(bytes);
	return status;
}

/* `inputs` are as many as there are sources. */
static enum cli_status flatten(const struct cli *cli, struct input *inputs)
{
	const struct callgate_filter **filters =
		cli_need(calloc(cli->source_count, sizeof(*filters)));
	struct callgate_filter *flat;
	enum cli_status status;
	int error;

	for (size_t i = 0; i < cli->source_count; i++)
		filters[i] = inputs[i].filter;
	error = callgate_filter_flatten(filters, cli->source_count,
					inputs[0].diagnostics, &flat);
	if (error) {
		input_report(&inputs[0]);
		status = error == -ENOMEM ? STATUS_SYSTEM : STATUS_INPUT;
	} else {
		status = write_filter(cli, flat);
	}
	callgate_filter_free(flat);
	free(filters);
	return status;
}

static enum cli_status run(struct cli *cli)
{
	const struct input_how how = { 0 };
	struct input *inputs = cli_need(calloc(cli->source_count, sizeof(*inputs)));
	enum cli_status worst = STATUS_DONE;

	for (size_t i = 0; i < cli->source_count; i++) {
		enum cli_status status =
			input_open(cli, &cli->sources[i], &how, &inputs[i]);

		if (status > worst)
			worst = status;
		input_report(&inputs[i]);
	}
	if (worst == STATUS_DONE)
		worst = flatten(cli, inputs);
	for (size_t i = 0; i < cli->source_count; i++)
		input_done(&inputs[i]);
	free(inputs);
	return worst;
}

const struct cli_command command_flatten = {
	.name = "flatten",
	.summary = "make one filter of a stack of them",
	.usage = "FILE...",
	.details =
		"Make one filter that does what the FILEs do, loaded one after "
		"another.\v"
		"A FILE is a policy, '-' for standard input, or a raw filter (*.bpf).\n"
		"Exit status: 0 done, 1 an expect line does not hold, 3 errors.",
	.shared = SHARED_OUTPUT | SHARED_POLICY | SHARED_PROFILE | SHARED_ABI,
	.input = INPUT_ALL_WORDS,
	.run = run,
};
