// SPDX-License-Identifier: MIT
/*
 * callgate convert: a policy as a profile of container runtimes, or a profile as another.
 *
 * Nothing is written unless the profile means the same as the policy.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "output.h"

struct convert {
	enum callgate_profile_format format;
	const char *name; /* metadata.name, or NULL */
};

enum {
	KEY_NAME = 0x200,
	KEY_TO,
};

static const struct argp_option options[] = {
	{ "name", KEY_NAME, "NAME", 0, "Name of a SeccompProfile; default: 'policy'" },
	{ "to", KEY_TO, "FORMAT", 0, "oci (JSON) or spo (YAML); default: by OUT" },
	{ 0 },
};

static const struct {
	const char *name;
	enum callgate_profile_format format;
} formats[] = {
	{ "oci", CALLGATE_PROFILE_OCI },
	{ "spo", CALLGATE_PROFILE_SPO },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void choose_format(struct convert *own, const char *name,
			  struct argp_state *state)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			own->format = formats[i].format;
	if (own->format == CALLGATE_PROFILE_AUTO)
		argp_error(state, "'%s' is not a choice; see --help", name);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct convert *own = ((struct cli *)state->input)->own;

	switch (key) {
	case KEY_NAME:
		own->name = value;
		return 0;
	case KEY_TO:
		choose_format(own, value, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static enum cli_status put(const char *output, const char *text, size_t length)
{
	int error;

	if (strcmp(output, "-") == 0) {
		fwrite(text, 1, length, stdout);
		return STATUS_DONE;
	}
	error = callgate_write_file(output, text, length);
	if (!error)
		return STATUS_DONE;
	fprintf(stderr, "callgate: cannot write %s: %s\n", output, strerror(-error));
	return STATUS_SYSTEM;
}

/* *ret_text is NULL when the status is not STATUS_DONE. */
static enum cli_status convert(const struct cli *cli, const struct input *input,
			       enum callgate_profile_format format, char **ret_text,
			       size_t *ret_length)
{
	const struct convert *own = cli->own;
	const struct callgate_export_options how = { .name = own->name,
						     .strict = cli->profile.strict };
	int error = callgate_policy_export(input->policy, format, &how,
					   input->diagnostics, ret_text, ret_length);

	if (!error)
		return STATUS_DONE;
	return error == -ENOMEM ? STATUS_SYSTEM : STATUS_NO;
}

static enum cli_status write_profile(const struct cli *cli, const struct input *input,
				     const char *output,
				     enum callgate_profile_format format)
{
	enum cli_status status;
	size_t length;
	char *text;

	if (!input->policy) {
		input_report(input);
		fputs("callgate convert: a raw filter is no policy\n", stderr);
		return STATUS_INPUT;
	}
	status = convert(cli, input, format, &text, &length);
	input_report(input);
	if (status != STATUS_DONE)
		return status;
	status = put(output, text, length);
	free(text);
	return status;
}

static enum cli_status run(struct cli *cli)
{
	const struct convert *own = cli->own;
	const struct input_how how = { 0 };
	const char *output = cli->word_count ? cli->words[0] : "-";
	enum callgate_profile_format format = own->format;
	enum cli_status status;
	struct input input;

	if (format == CALLGATE_PROFILE_AUTO)
		format = input_profile_format(output);
	if (format == CALLGATE_PROFILE_AUTO) {
		fputs("callgate convert: say into which format (--to oci, --to spo)\n",
		      stderr);
		return STATUS_USAGE;
	}
	status = input_open(cli, &cli->sources[0], &how, &input);
	if (status == STATUS_DONE)
		status = write_profile(cli, &input, output, format);
	else
		input_report(&input);
	input_done(&input);
	return status;
}

const struct cli_command command_convert = {
	.name = "convert",
	.summary = "write a policy as a profile of container runtimes",
	.usage = "IN [OUT]",
	.details = "Write the policy or profile IN as the profile OUT ('-', standard "
		   "output).\v"
		   "What the format cannot say is refused with a reason and a call.\n"
		   "Exit status: 0 done, 1 the format cannot say it, 3 errors in IN,\n"
		   "4 OUT cannot be written.",
	.options = options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI,
	.input = INPUT_ONE,
	.words_max = 1,
	.own_size = sizeof(struct convert),
	.run = run,
};
