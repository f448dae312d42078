// SPDX-License-Identifier: MIT
/*
 * Recordings on their way out: as they are, as policies, as frequencies.
 */
#include "recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnostics.h"
#include "output.h"

enum {
	KEY_ARGS = 0x400,
	KEY_DEFAULT,
	KEY_FREQUENCIES,
	KEY_MARGIN,
	KEY_NO_COUNTS,
};

const struct argp_option recording_options[] = {
	{ NULL, 0, NULL, 0, "The policy made of a recording:", 4 },
	{ "args", KEY_ARGS, "none|safe|tight", 0,
	  "Conditions on no arguments, on those that decide what a program may do "
	  "(safe), or on all that were recorded (tight)",
	  4 },
	{ "default", KEY_DEFAULT, "ACTION", 0,
	  "What a call gets that was not seen (errno EPERM)", 4 },
	{ "frequencies", KEY_FREQUENCIES, "FILE", 0,
	  "Also write how often calls were made, for 'compile --frequencies'", 4 },
	{ "margin", KEY_MARGIN, "libc", 0,
	  "Also allow what libc of another version may call instead", 4 },
	{ "no-counts", KEY_NO_COUNTS, NULL, 0,
	  "No numbers in comments, so that two policies differ less", 4 },
	{ 0 },
};

static const struct {
	const char *name;
	enum callgate_arguments arguments;
} kinds[] = {
	{ "none", CALLGATE_ARGUMENTS_NONE },
	{ "safe", CALLGATE_ARGUMENTS_SAFE },
	{ "tight", CALLGATE_ARGUMENTS_TIGHT },
};

static enum callgate_arguments parse_arguments(const char *value,
					       struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, value) == 0)
			return kinds[i].arguments;
	argp_error(state, "want --args none, safe or tight, not '%s'", value);
	return CALLGATE_ARGUMENTS_SAFE;
}

error_t recording_parse_option(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case KEY_ARGS:
		cli->recorded.arguments = parse_arguments(value, state);
		return 0;
	case KEY_DEFAULT:
		cli->recorded.default_action = value;
		return 0;
	case KEY_FREQUENCIES:
		cli->frequencies = value;
		return 0;
	case KEY_MARGIN:
		if (strcmp(value, "libc") != 0)
			argp_error(state, "the only margin is libc, not '%s'", value);
		cli->recorded.margin_libc = true;
		return 0;
	case KEY_NO_COUNTS:
		cli->recorded.without_counts = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct input_how recording_input_how(bool salvage)
{
	return (struct input_how){
		.recordings = true,
		.salvage = salvage,
		.compile.without_expects = true,
	};
}

enum cli_status recording_join(const struct cli *cli, struct input *input,
			       struct callgate_recording **recording)
{
	int error;

	if (!*recording) {
		*recording = input->recording;
		input->recording = NULL;
		return STATUS_DONE;
	}
	error = callgate_recording_merge(*recording, input->recording);
	if (error == -E2BIG)
		fprintf(stderr,
			"callgate %s: more different calls than any kernel has\n",
			cli->command->name);
	return cli_status_of(error);
}

bool recording_is_policy(const char *file)
{
	const char *suffix = file ? strrchr(file, '.') : NULL;

	return suffix && strcmp(suffix, ".gate") == 0;
}

enum cli_status recording_policy(const struct cli *cli,
				 const struct callgate_recording *recording,
				 char **ret_text)
{
	struct callgate_diagnostics *diagnostics = cli_need(callgate_diagnostics_new());
	int error = callgate_recording_policy(recording, &cli->recorded, diagnostics,
					      ret_text);

	if (error == -ENOMEM)
		cli_need(NULL);
	diagnostics_print(stderr, diagnostics, "--default");
	callgate_diagnostics_free(diagnostics);
	return error ? STATUS_USAGE : STATUS_DONE;
}

static enum cli_status write_text(const struct cli *cli,
				  const struct callgate_recording *recording,
				  const char *file)
{
	enum cli_status status = STATUS_DONE;
	char *text = NULL;
	size_t length;

	if (recording_is_policy(file))
		status = recording_policy(cli, recording, &text);
	else if (callgate_recording_print(recording, &text, &length))
		cli_need(NULL);
	if (status == STATUS_DONE)
		status = output_write(file, text, strlen(text));
	free(text);
	return status;
}

static enum cli_status write_frequencies(const struct callgate_recording *recording,
					 const char *file)
{
	enum cli_status status;
	char *text;

	if (callgate_recording_frequencies(recording, &text))
		cli_need(NULL);
	status = output_write(file, text, strlen(text));
	free(text);
	return status;
}

enum cli_status recording_write(const struct cli *cli,
				const struct callgate_recording *recording,
				const char *file)
{
	enum cli_status status = write_text(cli, recording, file);

	if (status == STATUS_DONE && cli->frequencies)
		status = write_frequencies(recording, cli->frequencies);
	return status;
}
