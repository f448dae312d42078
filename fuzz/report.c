// SPDX-License-Identifier: MIT
/*
 * Any bytes as two filters, one the other's reference, and as their names: the page about
 * them is whole, and no name of them is markup. Input: see filters.h.
 */
#include "../cli/report.h"

#include <stdio.h>
#include <stdlib.h>

#include "../cli/cli.h"
#include "filters.h"

void *cli_need(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

static void print(const struct report_filter *filter)
{
	size_t length;
	char *text;
	FILE *page = cli_need(open_memstream(&text, &length));

	report_print(page, filter, 1);
	if (fclose(page) || !strstr(text, "</html>") || strstr(text, "<script") ||
	    strstr(text, "<img") || strstr(text, "://"))
		__builtin_trap();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callgate_filter *filters[2];
	struct seccomp_data call;
	char *name;

	if (call_and_filters(data, size, &call, filters)) {
		struct report_filter filter = { .filter = filters[0] };

		name = cli_need(strndup((const char *)call.args, sizeof(call.args)));
		filter.name = filter.reference = name;
		callgate_filter_audit(filters[0], NULL, &filter.audit);
		callgate_filter_compare(filters[0], filters[1], NULL,
					&filter.comparison);
		if (!callgate_filter_survey(filters[0], NULL, &filter.survey))
			print(&filter);
		callgate_survey_free(filter.survey);
		callgate_audit_free(filter.audit);
		callgate_comparison_free(filter.comparison);
		free(name);
	}
	callgate_filter_free(filters[0]);
	callgate_filter_free(filters[1]);
	return 0;
}
