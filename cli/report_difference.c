// SPDX-License-Identifier: MIT
/*
 * How a filter differs from a reference, and what its layers are: the parts of a report
 * that set filters side by side.
 */
#include "report.h"

#include <stdlib.h>

#include "cli.h"
#include "html.h"

#define CALLS_SHOWN 20

static const char *const relations[] = {
	[CALLGATE_EQUAL] = "It does the same for every call.",
	[CALLGATE_SIMILAR] = "It is as strict, and answers some calls otherwise.",
	[CALLGATE_STRICTER] = "It is stricter: it allows nothing more.",
	[CALLGATE_LOOSER] = "It is looser: it refuses nothing more.",
	[CALLGATE_INCOMPARABLE] =
		"It is stricter with some calls and looser with others.",
};

static void print_text(FILE *page, const char *before, char *text, const char *after)
{
	fputs(before, page);
	html_text(page, cli_need(text));
	fputs(after, page);
	free(text);
}

/* Many are folded. */
static void print_calls(FILE *page, const struct callgate_difference *difference)
{
	if (difference->count > CALLS_SHOWN)
		fprintf(page, "<details><summary>%zu numbers</summary>\n",
			difference->count);
	html_text(page, difference->calls);
	if (difference->count > CALLS_SHOWN)
		fputs("</details>", page);
}

/* The ABI, or those that are like any unknown architecture. */
static void print_abi(FILE *page, const struct callgate_difference *difference)
{
	if (difference->abi != CALLGATE_NONE) {
		html_text(page, difference->abis);
		return;
	}
	fputs("<details><summary>others</summary>\n", page);
	html_text(page, difference->abis);
	fputs(*difference->abis ? " and unknown architectures</details>"
				: "unknown architectures</details>",
	      page);
}

static void print_row(FILE *page, const struct callgate_difference *difference)
{
	fputs("<tr><td>", page);
	print_calls(page, difference);
	fputs("</td><td>", page);
	print_abi(page, difference);
	fputs("</td><td>", page);
	if (difference->condition) {
		fputs("<code>", page);
		html_text(page, difference->condition);
		fputs("</code><br>", page);
	}
	print_text(page, "<span class=\"soft\">such as</span> <code>",
		   callgate_call_text(&difference->example), "</code></td>");
	print_text(page, "<td>",
		   callgate_verdict_text_for(&difference->example, difference->first),
		   "</td>");
	print_text(page, "<td>",
		   callgate_verdict_text_for(&difference->example, difference->second),
		   "</td></tr>\n");
}

void report_print_difference(FILE *page, const struct report_filter *filter)
{
	const struct callgate_comparison *comparison = filter->comparison;
	size_t count = comparison ? callgate_comparison_count(comparison) : 0;

	if (!filter->reference)
		return;
	fputs("<h3>Difference to ", page);
	html_text(page, filter->reference);
	fprintf(page, "</h3>\n<p>%s</p>\n",
		comparison ? relations[callgate_comparison_relation(comparison)]
			   : "The two are too complex to be compared.");
	if (!count)
		return;
	fputs("<table "
	      "class=\"difference\"><tr><th>Calls</th><th>ABI</th><th>When</"
	      "th><th>Here</th>"
	      "<th>Reference</th></tr>\n",
	      page);
	for (size_t i = 0; i < count; i++)
		print_row(page, callgate_comparison_at(comparison, i));
	fputs("</table>\n", page);
}

void report_print_layers(FILE *page, const struct report_filter *filter, size_t abi)
{
	if (!filter->layer_count)
		return;
	fprintf(page,
		"<h3>Layers</h3>\n<p>The process has loaded %zu filters; of their "
		"verdicts the strictest counts, and that is what this page shows.</p>\n"
		"<table><tr><th>Layer</th><th>Allowed</th><th>Depend on arguments</th>"
		"<th>Not allowed</th><th>Instructions</th></tr>\n",
		filter->layer_count);
	for (size_t i = 0; i < filter->layer_count; i++) {
		const struct report_filter *layer = &filter->layers[i];
		struct report_count count = report_count(layer, abi);

		fprintf(page, "<tr><td>%zu</td>", i + 1);
		report_print_shares(page, layer, &count);
		fputs("</tr>\n", page);
	}
	fputs("</table>\n", page);
}
