// SPDX-License-Identifier: MIT
/*
 * callgate: finds the command, lets it parse its words, runs it.
 *
 * Whatever way the program ends, output that could not be written is an error.
 */
#include "cli.h"

#include <argp.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "probe/probe.h"
#include "top_screen.h"

const struct cli_command *const cli_commands[] = {
	/* clang-format off */
	&command_check,
	&command_compile,
	&command_test,
	&command_record,
	&command_merge,
	&command_replay,
	&command_run,
	&command_explain,
	&command_watch,
	&command_events,
	&command_ps,
	&command_top,
	&command_dump,
	&command_show,
	&command_asm,
	&command_emulate,
	&command_graph,
	&command_audit,
	&command_decompile,
	&command_diff,
	&command_flatten,
	&command_report,
	&command_convert,
	&command_syscall,
	&command_features,
	&command_completion,
	NULL,
	/* clang-format on */
};

/* Of the pipe that is the output, as in `callgate show | head`. */
static bool reader_is_gone(void)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&output, 1, 0) == 1 && output.revents & POLLERR;
}

static void close_output(void)
{
	int error = fflush(stdout) ? errno : 0;

	if (!error && !ferror(stdout))
		return;
	if (reader_is_gone())
		_exit(STATUS_SYSTEM); /* it has seen enough, and needs no message */
	fprintf(stderr, "callgate: cannot write the output%s%s\n", error ? ": " : "",
		error ? strerror(error) : "");
	_exit(STATUS_SYSTEM);
}

/* A part of this build that another may lack: then it has no version. */
struct part {
	const char *name, *library, *version;
};

static void print_part(FILE *stream, const struct part *part)
{
	bool is_there = part->version && *part->version;

	fprintf(stream, "%s %s%s%s%s%s\n", is_there ? "with" : "without", part->name,
		is_there ? " by " : "", is_there ? part->library : "",
		is_there && *part->library ? " " : "", is_there ? part->version : "");
}

static void print_version(FILE *stream, struct argp_state *state)
{
	const struct part parts[] = {
		{ "JSON", "jansson", JSON_VERSION },
		{ "profiles in JSON", "jansson", FORMAT_JSON },
		{ "profiles in YAML", "libyaml", FORMAT_YAML },
		{ "stacks and core files", "libdw", UNWIND_VERSION },
		{ "eBPF", "", probe_version() },
		{ "screens", "", top_screen_version() },
		{ "the journal", "", journal_version() },
	};
	unsigned newest = callgate_kernel_newest();

	(void)state;
	fprintf(stream,
		"callgate %s\n"
		"knows the system calls of Linux up to %u.%u on %zu ABIs\n"
		"built with glibc %u.%u (argp), %s; runs with glibc %s\n",
		callgate_version(), newest / 256, newest % 256, callgate_abi_count(),
		(unsigned)__GLIBC__, (unsigned)__GLIBC_MINOR__,
#ifdef __clang__
		"clang " __clang_version__,
#else
		"gcc " __VERSION__,
#endif
		gnu_get_libc_version());
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		print_part(stream, &parts[i]);
}

static const struct cli_command *find_command(const char *name)
{
	for (size_t i = 0; cli_commands[i]; i++) {
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	}
	return NULL;
}

static void unknown_command(struct argp_state *state, const char *name)
{
	const char *names[sizeof(cli_commands) / sizeof(*cli_commands)];
	const char *nearest;
	size_t count = 0;

	for (; cli_commands[count]; count++)
		names[count] = cli_commands[count]->name;
	nearest = callgate_nearest_name(name, names, count);
	if (nearest)
		argp_error(state, "no such command: '%s'; did you mean '%s'?", name,
			   nearest);
	argp_error(state, "no such command: '%s'", name);
}

/* What a command line asks for: a command, or its help. */
struct request {
	const struct cli_command *command;
	int argc;
	char **argv;
};

/* `callgate help CMD` is `callgate CMD --help`. */
static void ask_help(struct argp_state *state, struct request *request)
{
	static char help[] = "--help";

	if (state->next + 1 >= state->argc)
		argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP, state->name);
	if (state->next + 1 >= state->argc)
		exit(STATUS_DONE);
	state->argv[state->next] = state->argv[state->next + 1];
	state->argv[state->next + 1] = help;
	state->argc = state->next + 2;
	request->command = find_command(state->argv[state->next]);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct request *request = state->input;
	char **rest = state->argv + state->next;

	(void)value;
	switch (key) {
	case ARGP_KEY_ARGS:
		request->command = find_command(rest[0]);
		if (strcmp(rest[0], "help") == 0)
			ask_help(state, request);
		if (!request->command)
			unknown_command(state, rest[0]);
		request->argc = state->argc - state->next;
		request->argv = rest;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_state_help(state, stderr,
				ARGP_HELP_SHORT_USAGE | ARGP_HELP_SEE |
					ARGP_HELP_EXIT_ERR);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Lists the commands under the options. */
static char *list_commands(int key, const char *text, void *input)
{
	char *list = NULL;
	size_t size;
	FILE *stream;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)(uintptr_t)text;
	stream = cli_need(open_memstream(&list, &size));
	fputs("Commands:\n", stream);
	for (size_t i = 0; cli_commands[i]; i++)
		if (cli_commands[i]->summary)
			fprintf(stream, "  %-10s %s\n", cli_commands[i]->name,
				cli_commands[i]->summary);
	fputs("\n'callgate help COMMAND' says more, and callgate-COMMAND(1) all.",
	      stream);
	fclose(stream);
	return list;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "COMMAND [ARGUMENT...]",
		.doc = "Seccomp policies that people can read, and filters that are "
		       "proven equal to them.\v",
		.help_filter = list_commands,
	};
	struct request request = { 0 };
	enum cli_status status;
	struct cli cli;

	atexit(close_output);
	argp_err_exit_status = STATUS_USAGE;
	argp_program_version_hook = print_version;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &request);
	argp_program_version_hook = NULL;
	if (!request.command->is_launcher)
		signal(SIGPIPE, SIG_IGN); /* a closed pipe is then a write error */
	cli_parse(request.command, request.argc, request.argv, &cli);
	status = request.command->run(&cli);
	cli_done(&cli);
	return (int)status;
}
