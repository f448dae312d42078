// SPDX-License-Identifier: MIT
/*
 * callgate graph: a filter as text for Graphviz, or drawn by it.
 *
 * dot is started without a shell, with the text on its standard input; the picture goes
 * where the text would have gone.
 */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "input.h"
#include "output.h"

struct graph {
	const char *output; /* NULL: standard output */
	enum callgate_graph what;
	bool svg;
};

enum {
	KEY_PROGRAM = 0x200,
	KEY_DIAGRAM,
	KEY_SVG,
};

static const struct argp_option options[] = {
	{ "output", 'o', "OUT", 0, "Write to the file OUT, whole or not at all" },
	{ "diagram", KEY_DIAGRAM, NULL, 0,
	  "Draw what is decided by what, each question once (default)" },
	{ "program", KEY_PROGRAM, NULL, 0, "Draw the instructions and their jumps" },
	{ "svg", KEY_SVG, NULL, 0, "Have Graphviz draw it: SVG instead of text" },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct graph *own = ((struct cli *)state->input)->own;

	switch (key) {
	case 'o':
		own->output = value;
		return 0;
	case KEY_DIAGRAM:
		own->what = CALLGATE_GRAPH_DIAGRAM;
		return 0;
	case KEY_PROGRAM:
		own->what = CALLGATE_GRAPH_PROGRAM;
		return 0;
	case KEY_SVG:
		own->svg = true;
		return 0;
	case ARGP_KEY_INIT:
		own->what = CALLGATE_GRAPH_DIAGRAM;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* --- drawing by dot --------------------------------------------------------------- */

/* A temporary file that holds the text, at its beginning. */
static FILE *text_file(const char *text, size_t length)
{
	FILE *file = tmpfile();

	if (file && (fwrite(text, 1, length, file) != length || fflush(file))) {
		fclose(file);
		file = NULL;
	}
	if (file)
		rewind(file);
	return file;
}

static enum cli_status fail(const char *what, int error)
{
	fprintf(stderr, "callgate graph: cannot %s: %s\n", what, strerror(error));
	return STATUS_SYSTEM;
}

/* Starts dot between two files. Returns 0 or an errno. */
static int spawn_dot(FILE *in, FILE *out, pid_t *ret_pid)
{
	static char name[] = "dot", format[] = "-Tsvg";
	char *const arguments[] = { name, format, NULL };
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, fileno(out),
							 STDOUT_FILENO);
	if (!error)
		error = posix_spawnp(ret_pid, name, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static enum cli_status run_dot(FILE *in, FILE *out)
{
	pid_t pid;
	int error = spawn_dot(in, out, &pid), status;

	if (error == ENOENT) {
		fputs("callgate graph: Graphviz' program dot is not installed\n"
		      "hint: install graphviz, or leave out --svg and draw the text "
		      "elsewhere\n",
		      stderr);
		return STATUS_SYSTEM;
	}
	if (error)
		return fail("start dot", error);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return fail("wait for dot", errno);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return STATUS_DONE;
	fputs("callgate graph: dot has failed\n", stderr);
	return STATUS_SYSTEM;
}

static enum cli_status copy_file(FILE *file, const char *output)
{
	enum cli_status status;
	long size = fseek(file, 0, SEEK_END) ? -1 : ftell(file);
	char *bytes;

	if (size < 0)
		return fail("read what dot has drawn", errno);
	rewind(file);
	bytes = cli_need(malloc((size_t)size + 1));
	if (fread(bytes, 1, (size_t)size, file) == (size_t)size)
		status = output_write(output, bytes, (size_t)size);
	else
		status = fail("read what dot has drawn", EIO);
	free(bytes);
	return status;
}

static enum cli_status write_svg(const char *output, const char *text, size_t length)
{
	FILE *in = text_file(text, length), *out = in ? tmpfile() : NULL;
	enum cli_status status;

	status = out ? run_dot(in, out) : fail("make a temporary file", errno);
	if (status == STATUS_DONE)
		status = copy_file(out, output);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return status;
}

/* ---------------------------------------------------------------------------------- */

static enum cli_status draw(const struct graph *own, const struct input *input)
{
	enum cli_status status;
	size_t length;
	char *text;
	int error = callgate_filter_graph(input->filter, own->what, input->name,
					  input->diagnostics, &text, &length);

	if (error == -ENOMEM)
		cli_need(NULL);
	if (error)
		return STATUS_INPUT;
	status = own->svg ? write_svg(own->output, text, length)
			  : output_write(own->output, text, length);
	free(text);
	return status;
}

static enum cli_status run(struct cli *cli)
{
	const struct input_how how = { .compile.without_expects = true };
	struct input input;
	enum cli_status status = input_open(cli, &cli->sources[0], &how, &input);

	if (status == STATUS_DONE)
		status = draw(cli->own, &input);
	input_report(&input);
	input_done(&input);
	return status;
}

const struct cli_command command_graph = {
	.name = "graph",
	.summary = "draw a filter, as text for Graphviz or as SVG",
	.usage = "FILE",
	.details = "Draw the filter that the policy FILE compiles to, or the filter "
		   "FILE.\v"
		   "Exit status: 0 done, 3 errors, 4 dot is missing or the output "
		   "cannot be\n"
		   "written.",
	.options = options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI,
	.input = INPUT_ONE,
	.own_size = sizeof(struct graph),
	.run = run,
};
