// SPDX-License-Identifier: MIT
/*
 * A report as a page: for each filter what it comes to, findings, a map of the calls by
 * group, the conditions, the other ABIs, what it costs.
 *
 * The map shows the ABI on which the filter lets most through; all others that differ
 * from one verdict for everything unfold below it.
 */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "html.h"

#define CONDITIONS_ROOM ((size_t)256 << 10) /* bytes, of all a filter's ABIs */

/* One ABI of one filter, on the page. */
struct view {
	FILE *page;
	const struct report_filter *filter;
	const size_t *groups; /* of each call */
	size_t *room;	      /* bytes of conditions that there is still room for */
	size_t abi;
	struct report_count count;
};

static const char *abi_name(size_t abi)
{
	struct callgate_abi facts;

	return callgate_abi_at(abi, &facts) ? facts.name : "";
}

static void print_verdict(FILE *page, uint32_t verdict)
{
	char *text = cli_need(callgate_verdict_text(verdict));

	html_text(page, text);
	free(text);
}

/* --- in a few words --------------------------------------------------------------- */

static void print_card(FILE *page, size_t value, const char *label)
{
	fprintf(page, "<div class=\"card\"><strong>%zu</strong>%s</div>\n", value,
		label);
}

static void print_bar(const struct view *view)
{
	fputs("<div class=\"bar\" role=\"img\" aria-label=\"shares of calls\">",
	      view->page);
	for (unsigned fate = 0; fate < FATE_COUNT; fate++) {
		if (view->count.fates[fate])
			fprintf(view->page,
				"<span class=\"%s\" style=\"flex:%zu\"></span>",
				fate_words[fate].class, view->count.fates[fate]);
	}
	fputs("</div>\n<ul class=\"legend\">\n", view->page);
	for (unsigned fate = 0; fate < FATE_COUNT; fate++) {
		if (view->count.fates[fate])
			fprintf(view->page,
				"<li><i class=\"%s\"></i>%zu %s <span class=\"soft\">"
				"&ndash; %s</span></li>\n",
				fate_words[fate].class, view->count.fates[fate],
				fate_words[fate].label, fate_words[fate].meaning);
	}
	fputs("</ul>\n", view->page);
}

static void print_unknown(const struct view *view)
{
	uint32_t verdict;

	fputs("<p class=\"soft\">Numbers that are no call of this ABI, such as those "
	      "of "
	      "newer kernels: ",
	      view->page);
	if (callgate_survey_unknown(view->filter->survey, view->abi, &verdict))
		print_verdict(view->page, verdict);
	else
		fputs("not all the same", view->page);
	fputs(".</p>\n", view->page);
}

static void print_summary(const struct view *view)
{
	const struct report_count *count = &view->count;

	fputs("<div class=\"cards\">\n", view->page);
	print_card(view->page, count->fates[FATE_ALLOWED] + count->fates[FATE_LOGGED],
		   "calls allowed");
	print_card(view->page, count->fates[FATE_DEPENDS], "depend on arguments");
	print_card(view->page,
		   count->fates[FATE_DENIED] + count->fates[FATE_KILLED] +
			   count->fates[FATE_HANDLED],
		   "not allowed");
	print_card(view->page, callgate_filter_length(view->filter->filter),
		   "instructions");
	fputs("</div>\n", view->page);
	print_bar(view);
	print_unknown(view);
}

/* --- the map ---------------------------------------------------------------------- */

/* The next call of a group on the ABI, from index *at on. */
static bool next_member(const struct view *view, size_t group, size_t *at,
			struct callgate_syscall *ret_call)
{
	for (; *at < callgate_syscall_count(); (*at)++) {
		if (view->groups[*at] == group &&
		    callgate_syscall_on(*at, view->abi, ret_call)) {
			(*at)++;
			return true;
		}
	}
	return false;
}

/* What a reader sees over a call: its verdicts. */
static void print_cell(const struct view *view, const struct callgate_syscall *call)
{
	enum fate fate = report_fate(view->filter->survey, view->abi, call->number);
	const struct callgate_case *cases;
	size_t count = callgate_survey_cases(view->filter->survey, view->abi,
					     call->number, &cases);

	fprintf(view->page, "<b class=\"%s\" title=\"", fate_words[fate].class);
	for (size_t i = 0; i < count; i++) {
		fputs(i ? " / " : "", view->page);
		print_verdict(view->page, cases[i].verdict);
	}
	fputs("\">", view->page);
	html_text(view->page, call->name);
	fputs("</b>\n", view->page);
}

static void print_group(const struct view *view, size_t group)
{
	struct callgate_syscall call;
	size_t members = 0, allowed = 0, at = 0;

	while (next_member(view, group, &at, &call)) {
		members++;
		allowed += report_fate(view->filter->survey, view->abi, call.number) <=
			   FATE_DEPENDS;
	}
	if (!members)
		return;
	fputs("<div class=\"group\"><h4>", view->page);
	html_text(view->page,
		  group == CALLGATE_NONE ? "other calls" : callgate_group_name(group));
	fprintf(view->page, "<span>%zu of %zu</span></h4>\n<p class=\"help\">", allowed,
		members);
	html_text(view->page,
		  group == CALLGATE_NONE ? "in no group" : callgate_group_help(group));
	fputs("</p>\n", view->page);
	for (at = 0; next_member(view, group, &at, &call);)
		print_cell(view, &call);
	fputs("</div>\n", view->page);
}

static void print_map(const struct view *view)
{
	fputs("<div class=\"map\">\n", view->page);
	for (size_t group = 0; group < callgate_group_count(); group++)
		print_group(view, group);
	print_group(view, CALLGATE_NONE);
	fputs("</div>\n", view->page);
}

/* --- conditions ------------------------------------------------------------------- */

/* Calls with the same cases share a row. */
struct conditions {
	const struct view *view;
	size_t rows;
	bool *is_shown;	 /* by call */
	size_t left_out; /* calls for whose conditions there was none */
};

static size_t cases_of(const struct view *view, size_t syscall,
		       const struct callgate_case **ret_cases)
{
	struct callgate_syscall call;

	if (!callgate_syscall_on(syscall, view->abi, &call))
		return 0;
	return callgate_survey_cases(view->filter->survey, view->abi, call.number,
				     ret_cases);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_cases(const struct callgate_case *a, const struct callgate_case *b,
		       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a[i].verdict != b[i].verdict ||
		    !same_text(a[i].condition, b[i].condition))
			return false;
	return true;
}

static void print_case(const struct view *view, const struct callgate_case *one,
		       bool is_rest)
{
	fputs("<div>", view->page);
	print_verdict(view->page, one->verdict);
	if (is_rest) {
		fputs(" <span class=\"soft\">otherwise</span></div>\n", view->page);
		return;
	}
	fputs(" <span class=\"soft\">if</span> <code>", view->page);
	html_text(view->page,
		  one->condition ? one->condition : "(too complex to be said)");
	fputs("</code></div>\n", view->page);
}

/* The names of all calls from this one on whose cases are these. */
static void print_names(struct conditions *conditions, size_t first,
			const struct callgate_case *cases, size_t count)
{
	const struct callgate_case *others;

	for (size_t i = first; i < callgate_syscall_count(); i++) {
		if (conditions->is_shown[i] ||
		    cases_of(conditions->view, i, &others) != count ||
		    !same_cases(cases, others, count))
			continue;
		if (i != first)
			fputs(", ", conditions->view->page);
		html_text(conditions->view->page, callgate_syscall_name(i));
		conditions->is_shown[i] = true;
	}
}

static size_t length_of(const struct callgate_case *cases, size_t count)
{
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += cases[i].condition ? strlen(cases[i].condition) : 0;
	return length;
}

static void print_conditions_of(struct conditions *conditions, size_t syscall)
{
	const struct view *view = conditions->view;
	const struct callgate_case *cases;
	size_t count = cases_of(view, syscall, &cases), length;

	if (count < 2 || conditions->is_shown[syscall])
		return;
	length = length_of(cases, count);
	if (length >= *view->room) {
		conditions->left_out++;
		return;
	}
	if (conditions->rows++ == 0)
		fputs("<h3>Conditions</h3>\n<table class=\"conditions\"><tr><th>Call"
		      "</th><th>Verdict</th></tr>\n",
		      view->page);
	*view->room -= length + 1;
	fputs("<tr><td>", view->page);
	print_names(conditions, syscall, cases, count);
	fputs("</td><td>", view->page);
	/* all there are but the last leave the rest to it */
	for (size_t i = 0; i < count; i++)
		print_case(view, &cases[i],
			   i + 1 == count && count < CALLGATE_CASES_MAX);
	fputs("</td></tr>\n", view->page);
}

static void print_conditions(const struct view *view)
{
	struct conditions conditions = { .view = view };

	conditions.is_shown = cli_need(
		calloc(callgate_syscall_count(), sizeof(*conditions.is_shown)));
	for (size_t i = 0; i < callgate_syscall_count(); i++)
		print_conditions_of(&conditions, i);
	if (conditions.rows)
		fputs("</table>\n", view->page);
	if (conditions.left_out)
		fprintf(view->page,
			"<p>%zu more call%s, whose conditions are too long for this "
			"page: <code>callgate decompile</code> says them.</p>\n",
			conditions.left_out, conditions.left_out == 1 ? "" : "s");
	free(conditions.is_shown);
}

/* --- other ABIs ------------------------------------------------------------------- */

static size_t passed(const struct report_count *count)
{
	return count->fates[FATE_ALLOWED] + count->fates[FATE_LOGGED] +
	       count->fates[FATE_DEPENDS];
}

static bool lets_through(const struct report_filter *filter, size_t abi)
{
	struct report_count count;
	uint32_t verdict;

	if (callgate_survey_uniform(filter->survey, abi, &verdict))
		return callgate_verdict_allows(verdict);
	count = report_count(filter, abi);
	return passed(&count) > 0;
}

/* The ABI that a reader wants to see: the native one, or the first that is let through. */
static size_t main_abi(const struct report_filter *filter)
{
	size_t native = callgate_abi_native();

	if (lets_through(filter, native))
		return native;
	for (size_t abi = 0; abi < callgate_abi_count(); abi++) {
		if (lets_through(filter, abi))
			return abi;
	}
	return native;
}

/* The ABIs that have one and the same verdict for everything, by verdict. */
static void print_uniform(const struct view *view, uint32_t wanted)
{
	const char *separator = "";

	fputs("<tr><td>", view->page);
	for (size_t abi = 0; abi < callgate_abi_count(); abi++) {
		uint32_t verdict;

		if (abi == view->abi ||
		    !callgate_survey_uniform(view->filter->survey, abi, &verdict) ||
		    verdict != wanted)
			continue;
		fprintf(view->page, "%s%s", separator, abi_name(abi));
		separator = ", ";
	}
	fputs("</td><td>every call: ", view->page);
	print_verdict(view->page, wanted);
	fputs("</td></tr>\n", view->page);
}

/* Whether an ABI is the first one with its verdict for everything. */
static bool is_first_uniform(const struct view *view, size_t abi, uint32_t *ret_verdict)
{
	uint32_t verdict;

	if (abi == view->abi ||
	    !callgate_survey_uniform(view->filter->survey, abi, ret_verdict))
		return false;
	for (size_t i = 0; i < abi; i++) {
		if (i != view->abi &&
		    callgate_survey_uniform(view->filter->survey, i, &verdict) &&
		    verdict == *ret_verdict)
			return false;
	}
	return true;
}

static void print_uniforms(const struct view *view)
{
	uint32_t verdict;
	bool any = false;

	for (size_t abi = 0; abi < callgate_abi_count(); abi++) {
		if (!is_first_uniform(view, abi, &verdict))
			continue;
		if (!any)
			fputs("<h3>Other ABIs</h3>\n<table><tr><th>ABI</th>"
			      "<th>Verdict</th></tr>\n",
			      view->page);
		any = true;
		print_uniform(view, verdict);
	}
	if (any)
		fputs("</table>\n", view->page);
}

static void print_other(const struct view *main, size_t abi)
{
	struct view view = *main;
	uint32_t verdict;

	if (abi == main->abi ||
	    callgate_survey_uniform(main->filter->survey, abi, &verdict))
		return;
	view.abi = abi;
	view.count = report_count(view.filter, abi);
	fprintf(view.page,
		"<details><summary>%s: of %zu calls %zu allowed, %zu depend on their "
		"arguments</summary>\n",
		abi_name(abi), view.count.calls,
		view.count.fates[FATE_ALLOWED] + view.count.fates[FATE_LOGGED],
		view.count.fates[FATE_DEPENDS]);
	print_bar(&view);
	print_unknown(&view);
	print_map(&view);
	print_conditions(&view);
	fputs("</details>\n", view.page);
}

/* --- cost ------------------------------------------------------------------------- */

static void print_cost(const struct view *view)
{
	const struct report_count *count = &view->count;

	fprintf(view->page,
		"<h3>What it costs</h3>\n<table>\n"
		"<tr><td>size</td><td>%zu instructions of at most %d</td></tr>\n"
		"<tr><td>cached</td><td>%zu calls are answered by the kernel (Linux "
		"5.11 and later) without running the filter</td></tr>\n"
		"<tr><td>allowed</td><td>%.1f instructions on average, for allowed "
		"calls that are not cached</td></tr>\n"
		"<tr><td>refused</td><td>%.1f instructions on average, for all other "
		"calls</td></tr>\n"
		"<tr><td>longest</td><td>%" PRIu32 " instructions for one call"
		"</td></tr>\n</table>\n"
		"<p class=\"soft\">Run in a simulator, each call of %s once with its "
		"arguments 0.</p>\n",
		callgate_filter_length(view->filter->filter), BPF_MAXINSNS,
		count->cached, count->allowed, count->rest, count->worst,
		abi_name(view->abi));
}

/* --- the page --------------------------------------------------------------------- */

static void print_filter(FILE *page, const struct report_filter *filter,
			 const size_t *groups, bool is_first)
{
	size_t room = CONDITIONS_ROOM;
	struct view view = { page, filter, groups, &room, main_abi(filter), { 0 } };

	view.count = report_count(filter, view.abi);
	fprintf(page, "<section>\n<h2%s>", is_first ? " class=\"first\"" : "");
	html_text(page, filter->name);
	fprintf(page,
		"</h2>\n<p>On %s, %zu of %zu system calls are always allowed, %zu "
		"depend on their arguments, and %zu are not allowed.</p>\n",
		abi_name(view.abi),
		view.count.fates[FATE_ALLOWED] + view.count.fates[FATE_LOGGED],
		view.count.calls, view.count.fates[FATE_DEPENDS],
		view.count.calls - passed(&view.count));
	print_summary(&view);
	report_print_findings(page, filter->audit);
	report_print_difference(page, filter);
	report_print_layers(page, filter, view.abi);
	fprintf(page, "<h3>Calls of %s by what they are for</h3>\n",
		abi_name(view.abi));
	print_map(&view);
	print_conditions(&view);
	print_uniforms(&view);
	for (size_t abi = 0; abi < callgate_abi_count(); abi++)
		print_other(&view, abi);
	print_cost(&view);
	fputs("</section>\n", page);
}

void report_print_shares(FILE *page, const struct report_filter *filter,
			 const struct report_count *count)
{
	fprintf(page, "<td>%zu</td><td>%zu</td><td>%zu</td><td>%zu</td>",
		count->fates[FATE_ALLOWED] + count->fates[FATE_LOGGED],
		count->fates[FATE_DEPENDS], count->calls - passed(count),
		callgate_filter_length(filter->filter));
}

static void print_overview(FILE *page, const struct report_filter *filters,
			   size_t count)
{
	fputs("<table><tr><th>Filter</th><th>Allowed</th><th>Depend on arguments</th>"
	      "<th>Not allowed</th><th>Instructions</th></tr>\n",
	      page);
	for (size_t i = 0; i < count; i++) {
		struct report_count figures =
			report_count(&filters[i], main_abi(&filters[i]));

		fputs("<tr><td>", page);
		html_text(page, filters[i].name);
		fputs("</td>", page);
		report_print_shares(page, &filters[i], &figures);
		fputs("</tr>\n", page);
	}
	fputs("</table>\n", page);
}

void report_print(FILE *page, const struct report_filter *filters, size_t count)
{
	size_t *groups = report_partition();

	html_begin(page, count == 1 ? filters[0].name : "seccomp filters");
	fputs("<header><h1>What the system call filter allows</h1>\n"
	      "<p class=\"soft\">A filter is asked about each system call that a "
	      "program "
	      "makes, and the kernel does what it says.</p></header>\n",
	      page);
	if (count > 1)
		print_overview(page, filters, count);
	for (size_t i = 0; i < count; i++)
		print_filter(page, &filters[i], groups, i == 0);
	html_end(page, "Everything here is computed from the filters&#39; exact "
		       "meaning.");
	free(groups);
}
