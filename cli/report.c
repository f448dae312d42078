// SPDX-License-Identifier: MIT
/*
 * callgate report: filters as one page of HTML, to be read in a browser or printed.
 *
 * Nothing is written unless all filters could be read.
 */
#include "report.h"

#include <errno.h>
#include <stdlib.h>

#include "cli.h"
#include "input.h"
#include "output.h"

struct own {
	const char *output;    /* NULL: standard output */
	const char *reference; /* a file, or NULL */
};

enum {
	KEY_REFERENCE = 0x200,
};

/* A filter of the report and what it was read from. */
struct part {
	struct input input;
	struct report_filter filter;
	struct part *layers; /* as many as filter.layers */
};

#define LAYERS_MAX 64 /* of a process, that are shown one by one */

static const struct argp_option options[] = {
	{ "output", 'o', "OUT", 0, "Write to the file OUT, whole or not at all" },
	{ "reference", KEY_REFERENCE, "REF", 0,
	  "Tell what differs from the policy or filter REF" },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct own *own = ((struct cli *)state->input)->own;

	switch (key) {
	case 'o':
		own->output = value;
		return 0;
	case KEY_REFERENCE:
		own->reference = value;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What is too complex is left out of the page, what is out of memory ends it. */
static void check_memory(int error)
{
	if (error == -ENOMEM)
		cli_need(NULL);
}

/* A filter and what becomes of each call. */
static enum cli_status open_surveyed(const struct cli *cli,
				     const struct cli_source *source, struct part *part)
{
	const struct input_how how = { .compile.without_expects = true };
	enum cli_status status = input_open(cli, source, &how, &part->input);
	int error;

	if (status != STATUS_DONE)
		return status;
	part->filter = (struct report_filter){ .name = part->input.name,
					       .filter = part->input.filter };
	error = callgate_filter_survey(part->input.filter, part->input.diagnostics,
				       &part->filter.survey);
	check_memory(error);
	return error ? STATUS_INPUT : STATUS_DONE;
}

/* All layers of a process one by one, as long as it has them. */
static void open_layers(const struct cli *cli, const struct cli_source *source,
			struct part *part)
{
	struct report_filter *filter = &part->filter;

	filter->layers = cli_need(calloc(LAYERS_MAX, sizeof(*filter->layers)));
	part->layers = cli_need(calloc(LAYERS_MAX, sizeof(*part->layers)));
	for (; filter->layer_count < LAYERS_MAX; filter->layer_count++) {
		struct part *layer = &part->layers[filter->layer_count];
		struct cli one = *cli;

		one.layer = (unsigned)filter->layer_count + 1;
		if (open_surveyed(&one, source, layer) != STATUS_DONE) {
			input_done(&layer->input);
			return;
		}
		filter->layers[filter->layer_count] = layer->filter;
	}
}

static enum cli_status open_part(const struct cli *cli, const struct cli_source *source,
				 const struct input *reference, struct part *part)
{
	struct report_filter *filter = &part->filter;
	enum cli_status status = open_surveyed(cli, source, part);

	input_report(&part->input);
	if (status != STATUS_DONE)
		return status;
	check_memory(callgate_filter_audit(filter->filter, NULL, &filter->audit));
	filter->reference = reference->name;
	if (reference->filter)
		check_memory(callgate_filter_compare(filter->filter, reference->filter,
						     NULL, &filter->comparison));
	if (input_is_process(source) && !cli->layer)
		open_layers(cli, source, part);
	return STATUS_DONE;
}

static void part_done(struct part *part)
{
	for (size_t i = 0; i < part->filter.layer_count; i++)
		part_done(&part->layers[i]);
	free(part->filter.layers);
	free(part->layers);
	callgate_comparison_free(part->filter.comparison);
	callgate_audit_free(part->filter.audit);
	callgate_survey_free(part->filter.survey);
	input_done(&part->input);
}

static enum cli_status open_reference(const struct cli *cli, struct input *reference)
{
	const struct own *own = cli->own;
	const struct cli_source source = { .value = own->reference };
	const struct input_how how = { .compile.without_expects = true };
	enum cli_status status;

	*reference = (struct input){ 0 };
	if (!own->reference)
		return STATUS_DONE;
	status = input_open(cli, &source, &how, reference);
	input_report(reference);
	return status;
}

static enum cli_status write_page(const char *output, const struct part *parts,
				  size_t count)
{
	struct report_filter *filters = cli_need(calloc(count, sizeof(*filters)));
	enum cli_status status;
	char *text = NULL;
	size_t length;
	FILE *page = cli_need(open_memstream(&text, &length));

	for (size_t i = 0; i < count; i++)
		filters[i] = parts[i].filter;
	report_print(page, filters, count);
	if (fclose(page))
		cli_need(NULL);
	status = output_write(output, text, length);
	free(text);
	free(filters);
	return status;
}

static enum cli_status run(struct cli *cli)
{
	const struct own *own = cli->own;
	struct part *parts = cli_need(calloc(cli->source_count, sizeof(*parts)));
	struct input reference;
	enum cli_status worst = open_reference(cli, &reference);

	for (size_t i = 0; i < cli->source_count; i++) {
		enum cli_status status =
			open_part(cli, &cli->sources[i], &reference, &parts[i]);

		worst = status > worst ? status : worst;
	}
	if (worst == STATUS_DONE)
		worst = write_page(own->output, parts, cli->source_count);
	for (size_t i = 0; i < cli->source_count; i++)
		part_done(&parts[i]);
	input_done(&reference);
	free(parts);
	return worst;
}

const struct cli_command command_report = {
	.name = "report",
	.summary = "write a page about filters, to read in a browser",
	.usage = "FILE...",
	.details =
		"Write one page of HTML about policies and filters: what they "
		"allow, by\n"
		"groups and conditions, what is wrong with them, and what they cost.\v"
		"The page needs no script and fetches nothing.\n"
		"Exit status: 0 done, 3 errors, 4 the output cannot be written.",
	.options = options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI,
	.input = INPUT_ALL_WORDS,
	.own_size = sizeof(struct own),
	.run = run,
};
