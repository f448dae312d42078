// SPDX-License-Identifier: MIT
/*
 * callgate asm: what `callgate show` prints, back into a filter.
 */
#include <stdlib.h>

#include "cli.h"
#include "input.h"
#include "output.h"

struct assemble {
	const char *output; /* NULL: standard output */
};

static const struct argp_option options[] = {
	{ "output", 'o', "OUT", 0, "Write to the file OUT, whole or not at all" },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct assemble *own = ((struct cli *)state->input)->own;

	if (key != 'o')
		return ARGP_ERR_UNKNOWN;
	own->output = value;
	return 0;
}

static enum cli_status write_raw(const char *file, const struct callgate_filter *filter)
{
	enum cli_status status;
	size_t length;
	char *bytes;

	if (callgate_filter_print(filter, CALLGATE_FORMAT_RAW, NULL, &bytes, &length))
		cli_need(NULL);
	status = output_write(file, bytes, length);
	free(bytes);
	return status;
}

static void print_json(const struct input *input)
{
	json_t *object = input_json(input);

	if (input->filter)
		json_object_set_new(object, "program", json_program(input->filter));
	json_print(object);
}

static enum cli_status run(struct cli *cli)
{
	const struct assemble *own = cli->own;
	const struct input_how how = { .assembly = true };
	enum cli_status status;
	struct input input;

	if (!cli->json && output_is_terminal(own->output)) {
		fputs("callgate asm: a raw filter is not for a terminal\n"
		      "hint: name a file with -o, or ask for --json\n",
		      stderr);
		return STATUS_USAGE;
	}
	status = input_open(cli, &cli->sources[0], &how, &input);
	if (!cli->json)
		input_report(&input);
	if (status == STATUS_DONE && (own->output || !cli->json))
		status = write_raw(own->output, input.filter);
	if (cli->json)
		print_json(&input);
	input_done(&input);
	return status;
}

const struct cli_command command_asm = {
	.name = "asm",
	.summary = "assemble a filter from what show prints",
	.usage = "FILE",
	.details = "Assemble the text FILE to a raw filter.\v"
		   "A FILE is a text such as 'callgate show' prints, or '-' for "
		   "standard input.\n"
		   "Exit status: 0 done, 3 errors, 4 the output cannot be written.",
	.options = options,
	.parse = parse,
	.shared = SHARED_JSON,
	.input = INPUT_ONE,
	.own_size = sizeof(struct assemble),
	.run = run,
};
