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
	const char *output; /* NULL: standard output */
};

static const struct argp_option options[] = {
	{ "output", 'o', "OUT", 0, "Write to the file OUT, whole or not at all" },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct own *own = ((struct cli *)state->input)->own;

	if (key != 'o')
		return ARGP_ERR_UNKNOWN;
	own->output = value;
	return 0;
}

static enum cli_status open_filter(const struct cli *cli,
				   const struct cli_source *source, struct input *input,
				   struct report_filter *filter)
{
	const struct input_how how = { .compile.without_expects = true };
	enum cli_status status = input_open(cli, source, &how, input);
	int error;

	if (status == STATUS_DONE) {
		*filter = (struct report_filter){ .name = input->name,
						  .filter = input->filter };
		error = callgate_filter_survey(input->filter, input->diagnostics,
					       &filter->survey);
		if (error)
			status = STATUS_INPUT;
		else
			error = callgate_filter_audit(input->filter, NULL,
						      &filter->audit);
		if (error == -ENOMEM)
			cli_need(NULL);
	}
	input_report(input);
	return status;
}

static enum cli_status write_page(const char *output,
				  const struct report_filter *filters, size_t count)
{
	enum cli_status status;
	char *text = NULL;
	size_t length;
	FILE *page = cli_need(open_memstream(&text, &length));

	report_print(page, filters, count);
	if (fclose(page))
		cli_need(NULL);
	status = output_write(output, text, length);
	free(text);
	return status;
}

static enum cli_status run(struct cli *cli)
{
	const struct own *own = cli->own;
	size_t count = cli->source_count;
	struct input *inputs = cli_need(calloc(count, sizeof(*inputs)));
	struct report_filter *filters = cli_need(calloc(count, sizeof(*filters)));
	enum cli_status worst = STATUS_DONE;

	for (size_t i = 0; i < count; i++) {
		enum cli_status status =
			open_filter(cli, &cli->sources[i], &inputs[i], &filters[i]);

		worst = status > worst ? status : worst;
	}
	if (worst == STATUS_DONE)
		worst = write_page(own->output, filters, count);
	for (size_t i = 0; i < count; i++) {
		callgate_audit_free(filters[i].audit);
		callgate_survey_free(filters[i].survey);
		input_done(&inputs[i]);
	}
	free(filters);
	free(inputs);
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
	.shared = SHARED_POLICY | SHARED_ABI,
	.input = INPUT_ALL_WORDS,
	.own_size = sizeof(struct own),
	.run = run,
};
