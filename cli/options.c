// SPDX-License-Identifier: MIT
/*
 * Command lines: a command's own option table beside those that many share, parsed by
 * argp, which makes --help and --usage of the same tables.
 *
 * Nothing here opens a file or understands a policy.
 */
#include "cli.h"

#include <errno.h>
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording.h"

enum {
	KEY_ABI = 0x100,
	KEY_JSON,
	KEY_BASE,
	KEY_CAPABILITY,
	KEY_ENDIAN,
	KEY_KERNEL,
	KEY_LAYER,
	KEY_MACHINE,
	KEY_PROFILE,
	KEY_STRICT,
};

static const struct argp_option policy_options[] = {
	{ "expression", 'e', "TEXT", 0,
	  "Take the policy from TEXT, where unknown calls follow the default", 1 },
	{ "define", 'D', "NAME", 0, "Set the parameter NAME, for 'when NAME'", 1 },
	{ "endian", KEY_ENDIAN, "big|little", 0,
	  "Raw filters are for such machines, whatever the order of their bytes", 1 },
	{ "layer", KEY_LAYER, "NUMBER", 0,
	  "Of a process's filters (pid:N) take this one alone; the first has 1", 1 },
	{ 0 },
};

static const struct argp_option profile_options[] = {
	{ NULL, 0, NULL, 0, "Profiles of container runtimes:", 3 },
	{ "base", KEY_BASE, "FILE", 0,
	  "FILE has profiles that 'baseProfileName' may name; may be repeated", 3 },
	{ "cap", KEY_CAPABILITY, "NAME", 0,
	  "The container has the capability NAME; may be repeated", 3 },
	{ "kernel", KEY_KERNEL, "M.N", 0, "It runs on Linux M.N (the newest known)",
	  3 },
	{ "machine", KEY_MACHINE, "ABI", 0,
	  "It runs on a machine of this ABI (this one)", 3 },
	{ "profile", KEY_PROFILE, "NAME", 0, "Take this one of several in a file", 3 },
	{ "strict", KEY_STRICT, NULL, 0,
	  "What the format does not define is an error, not a warning", 3 },
	{ 0 },
};

static const struct argp_option abi_options[] = {
	{ "abi", KEY_ABI, "NAME", 0,
	  "Take ABI NAME instead of the policy's or all; may be repeated", 1 },
	{ 0 },
};

static const struct argp_option json_options[] = {
	{ "json", KEY_JSON, NULL, 0, "Print one JSON document", 2 },
	{ 0 },
};

static const struct argp_option output_options[] = {
	{ "output", 'o', "FILE", 0, "Write FILE instead of standard output", 0 },
	{ 0 },
};

enum cli_status cli_status_of(int error)
{
	if (error != -ENOMEM)
		return error ? STATUS_INPUT : STATUS_DONE;
	fputs("callgate: out of memory\n", stderr);
	return STATUS_SYSTEM;
}

void *cli_need(void *pointer)
{
	if (!pointer) {
		fputs("callgate: out of memory\n", stderr);
		exit(STATUS_SYSTEM);
	}
	return pointer;
}

static enum callgate_endian parse_endian(const char *name, struct argp_state *state)
{
	if (strcmp(name, "big") == 0)
		return CALLGATE_ENDIAN_BIG;
	if (strcmp(name, "little") != 0)
		argp_error(state, "want 'big' or 'little', not '%s'", name);
	return CALLGATE_ENDIAN_LITTLE;
}

static error_t parse_policy(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;
	uint64_t layer = 0;

	switch (key) {
	case 'e':
		cli->sources[cli->source_count++] = (struct cli_source){ value, true };
		return 0;
	case 'D':
		cli->parameters[cli->parameter_count++] = value;
		return 0;
	case KEY_ENDIAN:
		cli->machine = parse_endian(value, state);
		return 0;
	case KEY_LAYER:
		if (callgate_number_parse(value, &layer) || !layer || layer > INT_MAX)
			argp_error(state, "want a layer's number from 1 on, not '%s'",
				   value);
		cli->layer = (unsigned)layer;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static uint16_t parse_kernel(const char *text, struct argp_state *state)
{
	char major[8] = "";
	const char *dot = strchr(text, '.');
	uint64_t high = 256, low = 256;

	if (dot && (size_t)(dot - text) < sizeof(major)) {
		memcpy(major, text, (size_t)(dot - text));
		if (callgate_number_parse(major, &high) ||
		    callgate_number_parse(dot + 1, &low))
			high = 256;
	}
	if (high > 255 || low > 255)
		argp_error(state, "want a kernel's version such as 6.1, not '%s'",
			   text);
	return (uint16_t)(high << 8 | low);
}

static error_t parse_profile(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case KEY_BASE:
		cli->bases[cli->base_count++] = value;
		return 0;
	case KEY_CAPABILITY:
		cli->capabilities[cli->capability_count++] = value;
		return 0;
	case KEY_KERNEL:
		cli->profile.kernel = parse_kernel(value, state);
		return 0;
	case KEY_MACHINE:
		if (callgate_abi_find(value) == CALLGATE_NONE)
			argp_error(state, "no such ABI: '%s'", value);
		cli->profile.machine = value;
		return 0;
	case KEY_PROFILE:
		cli->profile.profile = value;
		return 0;
	case KEY_STRICT:
		cli->profile.strict = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_abi(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;

	if (key != KEY_ABI)
		return ARGP_ERR_UNKNOWN;
	if (callgate_abi_find(value) == CALLGATE_NONE)
		argp_error(state, "no such ABI: '%s'; see 'callgate syscall --abis'",
			   value);
	cli->abis[cli->abi_count++] = value;
	return 0;
}

static error_t parse_json(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;

	(void)value;
	if (key != KEY_JSON)
		return ARGP_ERR_UNKNOWN;
	cli->json = true;
	return 0;
}

static error_t parse_output(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;

	if (key != 'o')
		return ARGP_ERR_UNKNOWN;
	cli->output = value;
	return 0;
}

/* In the order of enum cli_shared's bits. */
static const struct argp shared_argps[] = {
	{ .options = policy_options, .parser = parse_policy },
	{ .options = abi_options, .parser = parse_abi },
	{ .options = json_options, .parser = parse_json },
	{ .options = profile_options, .parser = parse_profile },
	{ .options = recording_options, .parser = recording_parse_option },
	{ .options = output_options, .parser = parse_output },
};

#define SHARED_COUNT (sizeof(shared_argps) / sizeof(*shared_argps))

static_assert(CLI_TABLES == SHARED_COUNT + 1, "one table is the command's own");

const struct argp_option *cli_options(const struct cli_command *command, unsigned table)
{
	if (table == 0)
		return command->options;
	return command->shared & 1u << (table - 1) ? shared_argps[table - 1].options
						   : NULL;
}

/* Makes sources of the leading `count` words. */
static void take_files(struct cli *cli, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cli->sources[cli->source_count++] =
			(struct cli_source){ cli->words[i], false };
	cli->words += count;
	cli->word_count -= count;
}

static void check_words(struct cli *cli, struct argp_state *state)
{
	const struct cli_command *command = cli->command;

	if (command->input == INPUT_ONE && !cli->source_count)
		take_files(cli, cli->word_count > 0);
	if (command->input != INPUT_NONE && !cli->source_count)
		argp_error(state, "no policy is given; want %s", command->usage);
	if (command->input == INPUT_ONE && cli->source_count > 1)
		argp_error(state, "more than one policy is given");
	if (cli->word_count < command->words_min)
		argp_error(state, "too few arguments; want %s", command->usage);
	if (cli->word_count > command->words_max)
		argp_error(state, "too many arguments: '%s'",
			   cli->words[command->words_max]);
}

/* The command's own table and the shared ones. */
static unsigned child_count(const struct cli_command *command)
{
	return 1 + (unsigned)__builtin_popcount(command->shared);
}

/* The parser above them all: hands the input down and collects words. */
static error_t parse_words(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		for (unsigned i = 0; i < child_count(cli->command); i++)
			state->child_inputs[i] = cli;
		return 0;
	case ARGP_KEY_ARG:
		if (cli->command->is_launcher)
			return ARGP_ERR_UNKNOWN; /* asks again with ARGP_KEY_ARGS */
		if (cli->command->input == INPUT_ALL_WORDS)
			cli->sources[cli->source_count++] =
				(struct cli_source){ value, false };
		else
			cli->words[cli->word_count++] = value;
		return 0;
	case ARGP_KEY_ARGS:
		cli->words = state->argv + state->next;
		cli->word_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		check_words(cli, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void *array(size_t count, size_t size)
{
	return cli_need(calloc(count, size));
}

void cli_parse(const struct cli_command *command, int argc, char **argv,
	       struct cli *ret_cli)
{
	const struct argp own = { .options = command->options,
				  .parser = command->parse };
	struct argp_child children[SHARED_COUNT + 2] = { { .argp = &own } };
	const struct argp argp = { .parser = parse_words,
				   .args_doc = command->usage,
				   .doc = command->details,
				   .children = children };
	struct argp_child *last = children;
	size_t room = (size_t)argc + 1;
	char name[64];

	for (unsigned i = 0; i < SHARED_COUNT; i++) {
		if (command->shared & 1u << i)
			(++last)->argp = &shared_argps[i];
	}
	*ret_cli = (struct cli){
		.command = command,
		.sources = array(room, sizeof(struct cli_source)),
		.parameters = array(room, sizeof(char *)),
		.abis = array(room, sizeof(char *)),
		.capabilities = array(room, sizeof(char *)),
		.bases = array(room, sizeof(char *)),
		.words = array(room, sizeof(char *)),
		.own = array(1, command->own_size + 1),
	};
	ret_cli->storage = ret_cli->words;
	snprintf(name, sizeof(name), "callgate %s", command->name);
	/* what messages call the program; the command's word is there now */
	argv[0] = name;
	/* -e TEXT and files are sources in the order of the line */
	argp_parse(&argp, argc, argv,
		   command->is_launcher || command->input == INPUT_ALL_WORDS
			   ? ARGP_IN_ORDER
			   : 0,
		   NULL, ret_cli);
	argv[0] = NULL;
}

void cli_done(struct cli *cli)
{
	free(cli->sources);
	free(cli->parameters);
	free(cli->abis);
	free(cli->capabilities);
	free(cli->bases);
	free(cli->storage);
	free(cli->own);
}
