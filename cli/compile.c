// SPDX-License-Identifier: MIT
/*
 * callgate compile: a policy as a filter in one of its printed forms.
 *
 * Nothing is written unless the proof and the expect lines hold.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "layout.h"
#include "output.h"
#include "stats.h"

struct compile {
	const char *output; /* NULL: standard output */
	const char *name;   /* of the C array, or NULL */
	enum callgate_format format;
	enum callgate_cost_model cost_model;
	const char *frequencies; /* a file, or NULL */
	bool exhaustive;
	bool stats;
	bool explain_layout;
};

enum {
	KEY_COST_MODEL = 0x200,
	KEY_EXHAUSTIVE,
	KEY_EXPLAIN_LAYOUT,
	KEY_FREQUENCIES,
	KEY_NAME,
	KEY_STATS,
};

static const struct argp_option options[] = {
	{ "output", 'o', "OUT", 0, "Write to the file OUT, whole or not at all" },
	{ "format", 'f', "FORMAT", 0, "raw (default), c, asm or hex" },
	{ "name", KEY_NAME, "NAME", 0, "Name of the C array; default: from FILE" },
	{ "cost-model", KEY_COST_MODEL, "MODEL", 0,
	  "cache: Linux 5.11 and later (default), or no-cache" },
	{ "frequencies", KEY_FREQUENCIES, "FILE", 0,
	  "Lay out for calls as often as FILE counts them: a recording, or lines "
	  "'name: count'" },
	{ "exhaustive", KEY_EXHAUSTIVE, NULL, 0,
	  "Find the best layout, however long it takes" },
	{ "explain-layout", KEY_EXPLAIN_LAYOUT, NULL, 0,
	  "Draw the tests of the filter; write the filter to OUT alone" },
	{ "stats", KEY_STATS, NULL, 0, "Say on standard error what the filter costs" },
	{ 0 },
};

static const char *const formats[] = {
	[CALLGATE_FORMAT_RAW] = "raw",
	[CALLGATE_FORMAT_HEX] = "hex",
	[CALLGATE_FORMAT_ASM] = "asm",
	[CALLGATE_FORMAT_C] = "c",
};

static const char *const cost_models[] = {
	[CALLGATE_COST_CACHE] = "cache",
	[CALLGATE_COST_NO_CACHE] = "no-cache",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The index of a word in a list; wrong usage when it is not there. */
static unsigned choose(struct argp_state *state, const char *const *words, size_t count,
		       const char *word)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	argp_error(state, "'%s' is not a choice; see --help", word);
	return 0;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct compile *own = ((struct cli *)state->input)->own;

	switch (key) {
	case 'o':
		own->output = value;
		return 0;
	case 'f':
		own->format = choose(state, formats, COUNT(formats), value);
		return 0;
	case KEY_NAME:
		own->name = value;
		return 0;
	case KEY_COST_MODEL:
		own->cost_model = choose(state, cost_models, COUNT(cost_models), value);
		return 0;
	case KEY_FREQUENCIES:
		own->frequencies = value;
		return 0;
	case KEY_EXHAUSTIVE:
		own->exhaustive = true;
		return 0;
	case KEY_EXPLAIN_LAYOUT:
		own->explain_layout = true;
		return 0;
	case KEY_STATS:
		own->stats = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* "policies/nginx-1.gate" makes "nginx_1". NULL for a text and standard input. */
static char *array_name(const struct cli_source *source)
{
	const char *base = strrchr(source->value, '/');
	char *name;

	base = base ? base + 1 : source->value;
	if (source->is_text || strcmp(base, "-") == 0)
		return NULL;
	name = cli_need(strdup(base));
	name[strcspn(name, ".")] = '\0';
	for (char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c))
			*c = '_';
	}
	if (isalpha((unsigned char)*name) || *name == '_')
		return name;
	free(name);
	return NULL;
}

/* Writes the filter, unless it is only shown in another way. */
static enum cli_status write_filter(const struct cli *cli, const struct input *input)
{
	const struct compile *own = cli->own;
	enum cli_status status;
	char *text, *name = NULL;
	size_t length;

	if ((cli->json || own->explain_layout) && !own->output)
		return STATUS_DONE;
	if (!own->name)
		name = array_name(&cli->sources[0]);
	if (callgate_filter_print(input->filter, own->format,
				  own->name ? own->name : name, &text, &length))
		cli_need(NULL);
	status = output_write(own->output, text, length);
	free(text);
	free(name);
	return status;
}

/* What the exhaustive layout of the same policy would cost. */
static double optimum_of(const struct input *input, const struct input_how *how)
{
	struct callgate_compile_options exhaustive = how->compile;
	struct callgate_stats stats = { .expected = -1 };
	struct callgate_filter *filter;

	exhaustive.exhaustive_layout = true;
	exhaustive.without_expects = true;
	if (!callgate_policy_compile(input->policy, &exhaustive, NULL, &filter))
		callgate_filter_stats(filter, &stats);
	callgate_filter_free(filter);
	return stats.expected;
}

static void tell(const struct cli *cli, const struct input *input,
		 const struct input_how *how)
{
	const struct compile *own = cli->own;
	struct callgate_stats stats;
	bool has_stats = input->filter && input->policy && (cli->json || own->stats) &&
			 !callgate_filter_stats(input->filter, &stats);
	json_t *object;

	if (!cli->json) {
		if (own->explain_layout && input->filter)
			layout_print(input->filter, input->policy,
				     how->compile.frequencies);
		if (has_stats)
			stats_print(&stats, optimum_of(input, how));
		return;
	}
	object = input_json(input);
	if (input->filter)
		json_object_set_new(object, "program", json_program(input->filter));
	if (has_stats)
		json_object_set_new(object, "stats",
				    stats_json(&stats, optimum_of(input, how)));
	json_print(object);
}

static enum cli_status compile(struct cli *cli, const struct input_how *how)
{
	enum cli_status status;
	struct input input;

	status = input_open(cli, &cli->sources[0], how, &input);
	if (!cli->json)
		input_report(&input);
	if (status == STATUS_DONE)
		status = write_filter(cli, &input);
	tell(cli, &input, how);
	input_done(&input);
	return status;
}

static enum cli_status run(struct cli *cli)
{
	const struct compile *own = cli->own;
	struct input_how how = { .review = true,
				 .compile.cost_model = own->cost_model,
				 .compile.exhaustive_layout = own->exhaustive };
	struct callgate_frequencies *frequencies = NULL;
	enum cli_status status = STATUS_DONE;

	if (own->format == CALLGATE_FORMAT_RAW && !cli->json &&
	    output_is_terminal(own->output)) {
		fputs("callgate compile: a raw filter is not for a terminal\n"
		      "hint: name a file with -o, or ask for --format asm\n",
		      stderr);
		return STATUS_USAGE;
	}
	if (own->frequencies)
		status = input_frequencies(own->frequencies, &frequencies);
	how.compile.frequencies = frequencies;
	if (status == STATUS_DONE)
		status = compile(cli, &how);
	callgate_frequencies_free(frequencies);
	return status;
}

const struct cli_command command_compile = {
	.name = "compile",
	.summary = "compile a policy to a filter",
	.usage = "FILE",
	.details =
		"Compile FILE to a filter for seccomp(2) and prove it equal.\v"
		"A FILE is a policy, '-' for standard input, or a raw filter (*.bpf),\n"
		"which is printed in the other form.\n"
		"Exit status: 0 done, 1 an expect line does not hold, 3 errors,\n"
		"4 the output cannot be written.",
	.options = options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI | SHARED_JSON,
	.input = INPUT_ONE,
	.own_size = sizeof(struct compile),
	.run = run,
};
