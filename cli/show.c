// SPDX-License-Identifier: MIT
/*
 * callgate show: the filter as annotated disassembly, or as structured text.
 */
#include <stdlib.h>

#include "cli.h"
#include "input.h"
#include "output.h"

struct show {
	bool pseudo;
};

enum {
	KEY_PSEUDO = 0x200,
};

static const struct argp_option options[] = {
	{ "pseudo", KEY_PSEUDO, NULL, 0,
	  "Show nested conditions instead of instructions" },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct show *own = ((struct cli *)state->input)->own;

	(void)value;
	if (key != KEY_PSEUDO)
		return ARGP_ERR_UNKNOWN;
	own->pseudo = true;
	return 0;
}

static json_t *instruction_json(const struct sock_filter *insn)
{
	return json_pack("{s:i, s:i, s:i, s:I}", "code", (int)insn->code, "jt",
			 (int)insn->jt, "jf", (int)insn->jf, "k", (json_int_t)insn->k);
}

static void show_json(const struct input *input)
{
	json_t *object = input_json(input), *list;

	if (input->filter) {
		list = cli_need(json_array());
		for (size_t i = 0; i < callgate_filter_length(input->filter); i++)
			json_array_append_new(list,
					      instruction_json(&callgate_filter_program(
						      input->filter)[i]));
		json_object_set_new(object, "instructions", list);
	}
	json_print(object);
}

static void show_text(const struct input *input, enum callgate_format format)
{
	size_t length;
	char *text;

	input_report(input);
	if (!input->filter)
		return;
	if (callgate_filter_print(input->filter, format, NULL, &text, &length))
		cli_need(NULL);
	fwrite(text, 1, length, stdout);
	free(text);
}

static enum cli_status run(struct cli *cli)
{
	const struct show *own = cli->own;
	const struct input_how how = { 0 };
	struct input input;
	enum cli_status status = input_open(cli, &cli->sources[0], &how, &input);

	if (cli->json)
		show_json(&input);
	else
		show_text(&input,
			  own->pseudo ? CALLGATE_FORMAT_PSEUDO : CALLGATE_FORMAT_ASM);
	input_done(&input);
	return status;
}

const struct cli_command command_show = {
	.name = "show",
	.summary = "show a filter, or a policy's, as annotated disassembly",
	.usage = "FILE",
	.details =
		"Show the instructions of a raw filter, or of a compiled policy.\v"
		"A FILE is a policy, '-' for standard input, or a raw filter (*.bpf).\n"
		"Exit status: 0 done, 1 an expect line does not hold, 3 errors.",
	.options = options,
	.parse = parse,
	.own_size = sizeof(struct show),
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI | SHARED_JSON,
	.input = INPUT_ONE,
	.run = run,
};
