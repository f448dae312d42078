// SPDX-License-Identifier: MIT
/*
 * What an audit found about a filter, as a part of its report: each finding with the
 * call that shows it and the edit that mends it.
 */
#include "report.h"

#include <stdlib.h>

#include "cli.h"
#include "html.h"

static const char *const risks[] = {
	[CALLGATE_RISK_NOTE] = "note",
	[CALLGATE_RISK_LOW] = "low",
	[CALLGATE_RISK_MEDIUM] = "medium",
	[CALLGATE_RISK_HIGH] = "high",
};

static void print_call(FILE *page, const struct seccomp_data *call, uint32_t verdict)
{
	char *call_text = cli_need(callgate_call_text(call));
	char *verdict_text = cli_need(callgate_verdict_text_for(call, verdict));

	fputs("<p><code>", page);
	html_text(page, call_text);
	fputs("</code> &rarr; ", page);
	html_text(page, verdict_text);
	fputs("</p>\n", page);
	free(verdict_text);
	free(call_text);
}

static void print_finding(FILE *page, const struct callgate_finding *finding)
{
	const char *risk = risks[finding->risk];

	fprintf(page, "<li class=\"risk-%s\"><p><em>%s</em> <strong>", risk, risk);
	html_text(page, finding->message);
	fputs("</strong></p>\n<p>", page);
	html_text(page, finding->reason);
	fputs("</p>\n", page);
	if (finding->has_call)
		print_call(page, &finding->call, finding->verdict);
	if (finding->has_other)
		print_call(page, &finding->other, finding->other_verdict);
	if (finding->mend) {
		fputs("<p><span class=\"soft\">To mend it:</span> <code>", page);
		html_text(page, finding->mend);
		fputs("</code></p>\n", page);
	}
	fputs("</li>\n", page);
}

/* How many there are of each risk, the worst first. */
static void print_risks(FILE *page, const struct callgate_audit *audit)
{
	size_t counts[sizeof(risks) / sizeof(risks[0])] = { 0 };
	const char *before = "<p>";

	for (size_t i = 0; i < callgate_audit_count(audit); i++)
		counts[callgate_audit_at(audit, i)->risk]++;
	for (size_t risk = sizeof(risks) / sizeof(risks[0]); risk-- > 0;) {
		if (!counts[risk])
			continue;
		fprintf(page, "%s<strong>%zu</strong> %s", before, counts[risk],
			risks[risk]);
		before = ", ";
	}
	fputs("; each with a call that shows it, where one can, and the edit that "
	      "mends it.</p>\n",
	      page);
}

void report_print_findings(FILE *page, const struct callgate_audit *audit)
{
	fputs("<h3>Findings</h3>\n", page);
	if (!audit) {
		fputs("<p>The filter is too complex to be judged.</p>\n", page);
		return;
	}
	if (callgate_audit_count(audit) == 0) {
		fputs("<p>None: nothing was found that the filter would be better "
		      "without.</p>\n",
		      page);
		return;
	}
	print_risks(page, audit);
	fputs("<ul class=\"findings\">\n", page);
	for (size_t i = 0; i < callgate_audit_count(audit); i++)
		print_finding(page, callgate_audit_at(audit, i));
	fputs("</ul>\n", page);
}
