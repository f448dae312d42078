// SPDX-License-Identifier: MIT
/*
 * callgate dump: the filters of a running process as they are, each a layer: to files, or
 * as assembly to look at.
 *
 * What is written is what the process loaded, byte for byte. That of several layers goes to
 * several files, since a raw filter does not say where it ends.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "diagnostics.h"
#include "output.h"
#include "stack.h"

enum {
	KEY_BY = 0x200,
	KEY_LAYER,
};

#define SUFFIX ".bpf"

struct dump_options {
	const char *output; /* NULL: standard output */
	enum stack_way way;
	size_t layer; /* 0: all */
};

static const struct argp_option options[] = {
	{ "output", 'o', "OUT", 0,
	  "Write raw filters to OUT; several layers to OUT with .1, .2 in its name" },
	{ "layer", KEY_LAYER, "NUMBER", 0,
	  "Take this layer alone; the one that was loaded first has 1" },
	{ "by", KEY_BY, "WAY", 0,
	  "Read by 'ptrace' alone, or by 'ebpf' alone, which stops nothing" },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct dump_options *own = ((struct cli *)state->input)->own;
	uint64_t layer;

	switch (key) {
	case 'o':
		own->output = value;
		return 0;
	case KEY_BY:
		own->way = stack_parse_way(value, state);
		return 0;
	case KEY_LAYER:
		if (callgate_number_parse(value, &layer) || !layer || layer > INT_MAX)
			argp_error(state, "want a layer's number from 1 on, not '%s'",
				   value);
		own->layer = (size_t)layer;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What is dumped: layers `first` to `last` of a thread's. */
struct dump {
	const struct dump_options *options;
	int tid;
	struct stack stack;
	size_t first, last;
	struct callgate_diagnostics *diagnostics;
};

/* --- raw ---------------------------------------------------------------------------- */

/* "x.bpf" → "x.2.bpf"; the caller frees it. */
static char *name_of_layer(const char *output, size_t layer)
{
	size_t length = strlen(output), suffix = strlen(SUFFIX);
	bool has = length > suffix && strcmp(output + length - suffix, SUFFIX) == 0;
	char *name;

	if (asprintf(&name, "%.*s.%zu%s", (int)(length - (has ? suffix : 0)), output,
		     layer, has ? SUFFIX : "") < 0)
		name = NULL;
	return cli_need(name);
}

static enum cli_status write_layer(const struct dump *dump, size_t layer,
				   const char *file)
{
	size_t length;
	char *bytes;
	enum cli_status status;

	if (callgate_filter_print(dump->stack.filters[layer - 1], CALLGATE_FORMAT_RAW,
				  NULL, &bytes, &length))
		cli_need(NULL);
	status = output_write(file, bytes, length);
	free(bytes);
	return status;
}

static enum cli_status write_layers(const struct dump *dump)
{
	enum cli_status status = STATUS_DONE;

	for (size_t i = dump->first; i <= dump->last && status == STATUS_DONE; i++) {
		char *name = name_of_layer(dump->options->output, i);

		status = write_layer(dump, i, name);
		if (status == STATUS_DONE)
			fprintf(stderr, "callgate: layer %zu is in %s\n", i, name);
		free(name);
	}
	return status;
}

static enum cli_status write_raw(const struct dump *dump)
{
	if (dump->first == dump->last)
		return write_layer(dump, dump->first, dump->options->output);
	if (dump->options->output)
		return write_layers(dump);
	fprintf(stderr,
		"callgate dump: process %d has %zu filters, and one file holds one\n"
		"  hint: give -o FILE, or --layer NUMBER\n",
		dump->tid, dump->stack.count);
	return STATUS_USAGE;
}

/* --- to look at --------------------------------------------------------------------- */

static void print_assembly(const struct dump *dump)
{
	for (size_t i = dump->first; i <= dump->last; i++) {
		size_t length;
		char *text;

		if (callgate_filter_print(dump->stack.filters[i - 1],
					  CALLGATE_FORMAT_ASM, NULL, &text, &length))
			cli_need(NULL);
		printf("%s; process %d, layer %zu of %zu\n",
		       i > dump->first ? "\n" : "", dump->tid, i, dump->stack.count);
		fwrite(text, 1, length, stdout);
		free(text);
	}
}

static json_t *layers_json(const struct dump *dump)
{
	json_t *list = cli_need(json_array());

	for (size_t i = dump->first; i <= dump->last; i++) {
		const struct callgate_filter *filter = dump->stack.filters[i - 1];

		json_array_append_new(
			list,
			cli_need(json_pack("{s:I, s:I, s:o}", "layer", (json_int_t)i,
					   "length",
					   (json_int_t)callgate_filter_length(filter),
					   "program", json_program(filter))));
	}
	return list;
}

static void print_json(const struct dump *dump, enum cli_status status)
{
	json_t *object =
		cli_need(json_pack("{s:i, s:o}", "pid", dump->tid, "diagnostics",
				   diagnostics_json(dump->diagnostics, "dump")));

	if (status == STATUS_DONE) {
		json_object_set_new(object, "by",
				    json_text(stack_way_name(dump->stack.way)));
		json_object_set_new(object, "filters",
				    json_integer((json_int_t)dump->stack.count));
		json_object_set_new(object, "layers", layers_json(dump));
	}
	json_print(object);
}

/* --- the command -------------------------------------------------------------------- */

/* Looks whether there is such a layer, and takes it or all. */
static enum cli_status choose(struct dump *dump)
{
	size_t layer = dump->options->layer;
	struct callgate_filter *filter;
	int error;

	dump->first = layer ? layer : 1;
	dump->last = layer ? layer : dump->stack.count;
	if (!layer)
		return STATUS_DONE;
	error = stack_layer(&dump->stack, layer, dump->diagnostics, &filter);
	callgate_filter_free(filter);
	return error ? STATUS_INPUT : STATUS_DONE;
}

static enum cli_status show(const struct cli *cli, const struct dump *dump,
			    enum cli_status status)
{
	if (cli->json) {
		print_json(dump, status);
		return status;
	}
	diagnostics_print(stderr, dump->diagnostics, cli->words[0]);
	if (status != STATUS_DONE)
		return status;
	if (!output_is_terminal(dump->options->output))
		return write_raw(dump);
	print_assembly(dump);
	return STATUS_DONE;
}

static enum cli_status run(struct cli *cli)
{
	struct dump dump = { .options = cli->own };
	enum cli_status status;
	uint64_t id;

	if (callgate_number_parse(cli->words[0], &id) || !id || id > INT_MAX) {
		fputs("callgate dump: want a process's id, not '", stderr);
		print_safe(stderr, cli->words[0]);
		fputs("'\n", stderr);
		return STATUS_USAGE;
	}
	dump.tid = (int)id;
	dump.diagnostics = cli_need(callgate_diagnostics_new());
	status = stack_read(dump.tid, dump.options->way, dump.diagnostics, &dump.stack);
	if (status == STATUS_DONE)
		status = choose(&dump);
	status = show(cli, &dump, status);
	stack_done(&dump.stack);
	callgate_diagnostics_free(dump.diagnostics);
	return status;
}

const struct cli_command command_dump = {
	.name = "dump",
	.summary = "write the filters of a running process, as they are",
	.usage = "PID",
	.details =
		"Write the seccomp filters that a running process, or the thread of an "
		"id, has loaded: raw, or as assembly on a terminal.\v"
		"Reading them takes CAP_SYS_ADMIN. By ptrace the thread is stopped for "
		"a "
		"moment; what that refuses is tried by eBPF.\n"
		"Exit status: 0 done, 3 there is no such layer, 4 the system refused.",
	.options = options,
	.parse = parse,
	.shared = SHARED_JSON,
	.words_min = 1,
	.words_max = 1,
	.own_size = sizeof(struct dump_options),
	.run = run,
};
