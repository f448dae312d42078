// SPDX-License-Identifier: MIT
/*
 * From a name on the command line to a compiled policy or a filter.
 *
 * Whatever goes wrong is a diagnostic of the input. Prints nothing by itself.
 */
#include "input.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "diagnostics.h"
#include "output.h"
#include "stack.h"

#define TEXT_NAME "<-e>" /* how messages call a text of the command line */

static bool is_raw(const char *name, const char *bytes, size_t size)
{
	const char *suffix = strrchr(name, '.');

	return (suffix && strcmp(suffix, ".bpf") == 0) ||
	       callgate_bytes_are_program(bytes, size);
}

/* All that is wrong are expect lines that do not hold. */
static bool only_expects_failed(const struct callgate_diagnostics *diagnostics)
{
	size_t count = callgate_diagnostics_count(diagnostics);

	for (size_t i = 0; i < count; i++) {
		const struct callgate_diagnostic *entry =
			callgate_diagnostics_at(diagnostics, i);

		if (entry->severity == CALLGATE_ERROR &&
		    strcmp(entry->code, "expect-failed") != 0)
			return false;
	}
	return true;
}

static enum cli_status compile(struct input *input, const struct input_how *how)
{
	struct callgate_compile_options options = how->compile;
	int error = 0;

	if (how->review)
		error = callgate_policy_review(input->policy, input->diagnostics);
	if (error)
		return cli_status_of(error);
	if (how->log_only) {
		callgate_policy_log_only(input->policy);
		options.without_expects = true;
	}
	error = callgate_policy_compile(input->policy, &options, input->diagnostics,
					&input->filter);
	if (error == -EINVAL && only_expects_failed(input->diagnostics))
		return STATUS_NO;
	return cli_status_of(error);
}

enum callgate_profile_format input_profile_format(const char *name)
{
	static const struct {
		const char *suffix;
		enum callgate_profile_format format;
	} suffixes[] = {
		{ ".json", CALLGATE_PROFILE_OCI },
		{ ".yaml", CALLGATE_PROFILE_SPO },
		{ ".yml", CALLGATE_PROFILE_SPO },
	};
	const char *suffix = strrchr(name, '.');

	for (size_t i = 0; suffix && i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (strcmp(suffixes[i].suffix, suffix) == 0)
			return suffixes[i].format;
	return CALLGATE_PROFILE_AUTO;
}

/* Its text is one, or it is called as one. */
static bool is_profile(const struct cli_source *source, const char *text, size_t length)
{
	return callgate_text_is_profile(text, length) ||
	       (!source->is_text &&
		input_profile_format(source->value) != CALLGATE_PROFILE_AUTO);
}

static int import(const struct cli *cli, const char *text, size_t length,
		  struct input *input)
{
	static const struct callgate_reader reader = { callgate_read_file, NULL };
	struct callgate_import_options options = cli->profile;

	if (!callgate_text_is_profile(text, length))
		options.format = input_profile_format(input->name);
	options.reader = &reader;
	options.bases = cli->bases;
	options.name = input->name;
	options.abis = cli->abi_count ? cli->abis : NULL;
	options.capabilities = cli->capabilities;
	return callgate_policy_import(text, length, &options, input->diagnostics,
				      &input->policy);
}

struct callgate_parse_options input_parse_options(const struct cli *cli,
						  const struct cli_source *source)
{
	static const struct callgate_reader reader = { callgate_read_file, NULL };

	return (struct callgate_parse_options){
		.name = source->is_text ? TEXT_NAME : source->value,
		.reader = &reader,
		.parameters = cli->parameters,
		.abis = cli->abi_count ? cli->abis : NULL,
		.unknown_is_default = source->is_text,
	};
}

static int parse(const struct cli *cli, const struct cli_source *source,
		 const char *text, size_t length, struct input *input)
{
	const struct callgate_parse_options options = input_parse_options(cli, source);

	if (is_profile(source, text, length))
		return import(cli, text, length, input);
	return callgate_policy_parse(text, length, &options, input->diagnostics,
				     &input->policy);
}

/* The bytes of a source; *ret_storage is what to free of them. */
static enum cli_status read_source(const struct cli_source *source, struct input *input,
				   char **ret_storage, size_t *ret_length)
{
	int error;

	*ret_storage = NULL;
	*ret_length = strlen(source->value);
	if (source->is_text)
		return STATUS_DONE;
	error = callgate_read_file(NULL, source->value, NULL, ret_storage, ret_length,
				   NULL);
	if (error)
		callgate_file_explain(NULL, error, input->diagnostics);
	return cli_status_of(error);
}

/* --- processes -------------------------------------------------------------------- */

#define PROCESS "pid:"

bool input_is_process(const struct cli_source *source)
{
	return !source->is_text &&
	       strncmp(source->value, PROCESS, strlen(PROCESS)) == 0;
}

static enum cli_status open_process(const struct cli *cli,
				    const struct cli_source *source,
				    struct input *input)
{
	enum cli_status status;
	struct stack stack;
	uint64_t pid;

	if (callgate_number_parse(source->value + strlen(PROCESS), &pid) ||
	    pid > INT_MAX)
		pid = 0;
	status = stack_read((int)pid, STACK_ANY, input->diagnostics, &stack);
	if (status == STATUS_DONE)
		status = cli_status_of(stack_layer(&stack, cli->layer,
						   input->diagnostics, &input->filter));
	stack_done(&stack);
	return status;
}

static int parse_recording(const char *text, size_t length, const struct input_how *how,
			   struct input *input)
{
	const struct callgate_recording_options options = { .name = input->name,
							    .salvage = how->salvage };

	return callgate_recording_parse(text, length, &options, input->diagnostics,
					&input->recording);
}

enum cli_status input_open(const struct cli *cli, const struct cli_source *source,
			   const struct input_how *how, struct input *ret_input)
{
	struct input *input = ret_input;
	enum cli_status status;
	const char *text;
	char *storage;
	size_t length;
	int error;

	*input = (struct input){ .name = source->is_text ? TEXT_NAME : source->value };
	input->diagnostics = cli_need(callgate_diagnostics_new());
	if (input_is_process(source))
		return open_process(cli, source, input);
	status = read_source(source, input, &storage, &length);
	if (status != STATUS_DONE)
		return status;
	text = storage ? storage : source->value;
	if (how->assembly)
		error = callgate_filter_assemble(text, length, input->name,
						 input->diagnostics, &input->filter);
	else if (!source->is_text && is_raw(source->value, text, length))
		error = callgate_filter_from_bytes(text, length, cli->machine,
						   input->diagnostics, &input->filter);
	else if (how->recordings && callgate_text_is_recording(text, length))
		error = parse_recording(text, length, how, input);
	else
		error = parse(cli, source, text, length, input);
	free(storage);
	return error || input->filter || input->recording ? cli_status_of(error)
							  : compile(input, how);
}

void input_done(struct input *input)
{
	callgate_filter_free(input->filter);
	callgate_policy_free(input->policy);
	callgate_recording_free(input->recording);
	callgate_diagnostics_free(input->diagnostics);
}

/* A recording has them too: its text becomes that of a file of frequencies. */
static int take_frequencies(struct input *input, char **text, size_t *length)
{
	static const struct input_how how = { .recordings = true };
	char *found;
	int error = parse_recording(*text, *length, &how, input);

	if (!error)
		error = callgate_recording_frequencies(input->recording, &found);
	if (error)
		return error;
	free(*text);
	*text = found;
	*length = strlen(found);
	return 0;
}

enum cli_status input_frequencies(const char *file,
				  struct callgate_frequencies **ret_frequencies)
{
	const struct cli_source source = { .value = file };
	struct input input = { .name = file };
	enum cli_status status;
	size_t length;
	char *text;

	*ret_frequencies = NULL;
	input.diagnostics = cli_need(callgate_diagnostics_new());
	status = read_source(&source, &input, &text, &length);
	if (status == STATUS_DONE && callgate_text_is_recording(text, length))
		status = cli_status_of(take_frequencies(&input, &text, &length));
	if (status == STATUS_DONE)
		status = cli_status_of(callgate_frequencies_parse(text, length, file,
								  input.diagnostics,
								  ret_frequencies));
	input_report(&input);
	free(text);
	input_done(&input);
	return status;
}

void input_report(const struct input *input)
{
	fflush(stdout);
	diagnostics_print(stderr, input->diagnostics, input->name);
}

json_t *input_json(const struct input *input)
{
	return cli_need(json_pack("{s:o, s:o}", "file", json_text(input->name),
				  "diagnostics",
				  diagnostics_json(input->diagnostics, input->name)));
}
