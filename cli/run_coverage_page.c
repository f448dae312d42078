// SPDX-License-Identifier: MIT
/*
 * Coverage as a page: the denials by place; the rules with their counts; a map of the calls
 * by group, each in the colour of what became of it.
 */
#include "run_coverage.h"

#include <inttypes.h>
#include <stdlib.h>

#include "html.h"
#include "probe/cover.h"
#include "run_denial.h"

static const struct {
	const char *class, *label;
} words[USE_COUNT] = {
	[USE_PASSED] = { "passed", "allowed and called" },
	[USE_UNUSED] = { "unused", "allowed and never called" },
	[USE_UNKNOWN] = { "unused", "allowed; whether they were called is not known" },
	[USE_MIXED] = { "mixed", "let through and denied" },
	[USE_DENIED] = { "hit", "called and denied" },
	[USE_NONE] = { "none", "not allowed, and not called" },
};

static const char style[] =
	"<style>\n"
	".passed{--c:var(--allowed)}.unused{--c:var(--allowed)}.mixed{--c:var(--denied)"
	"}"
	".hit{--c:var(--killed)}.none{--c:var(--soft)}\n"
	".map .unused,.map .none,.bar .unused,.legend .unused,.bar .none,.legend .none{"
	"background:color-mix(in srgb,var(--c) 18%,var(--page));"
	"border-color:color-mix(in srgb,var(--c) 40%,var(--page));"
	"color:color-mix(in srgb,var(--c) 75%,var(--ink))}\n"
	".map .none{background:none;opacity:.65}\n"
	".map .mixed,.bar .mixed,.legend .mixed{background:"
	"repeating-linear-gradient(135deg,var(--c) 0 6px,var(--allowed) 6px 12px)}\n"
	"td.count,th.count{text-align:right;font-variant-numeric:tabular-nums}\n"
	"tr.never td{color:var(--soft)}tr.hit td.hits{color:var(--killed);"
	"font-weight:600}\n"
	".rules td:first-child{white-space:nowrap}"
	".share{display:inline-block;height:.6rem;border-radius:.2rem;"
	"background:var(--allowed)}\n"
	"</style>\n";

/* --- the calls ----------------------------------------------------------------------- */

static void print_cell(FILE *page, const struct coverage *coverage, size_t abi,
		       const struct callgate_syscall *call)
{
	const struct covered_call *seen;
	enum use use = coverage_use(coverage, abi, call->number, &seen);

	fprintf(page, "<b class=\"%s\" title=\"%s", words[use].class, words[use].label);
	if (seen && coverage->cover)
		fprintf(page, ": %" PRIu64 " let through",
			coverage_passed(coverage, seen));
	if (seen && seen->denied)
		fprintf(page, ", %" PRIu64 " denied", seen->denied);
	fputs("\">", page);
	html_text(page, call->name);
	fputs("</b>\n", page);
}

static void print_group(FILE *page, const struct coverage *coverage, size_t abi,
			size_t group)
{
	const struct covered_group counts = coverage_group(coverage, abi, group);
	struct callgate_syscall call;

	if (!counts.calls)
		return;
	fputs("<div class=\"group\"><h4>", page);
	html_text(page,
		  group == CALLGATE_NONE ? "other calls" : callgate_group_name(group));
	fprintf(page, "<span>%zu of %zu</span></h4>\n<p class=\"help\">",
		counts.uses[USE_PASSED] + counts.uses[USE_MIXED] +
			counts.uses[USE_DENIED],
		counts.calls);
	html_text(page,
		  group == CALLGATE_NONE ? "in no group" : callgate_group_help(group));
	fputs("</p>\n", page);
	for (size_t at = 0; coverage_next(coverage, abi, group, &at, &call);)
		print_cell(page, coverage, abi, &call);
	fputs("</div>\n", page);
}

static struct covered_group count_all(const struct coverage *coverage, size_t abi)
{
	struct covered_group all = coverage_group(coverage, abi, CALLGATE_NONE);

	for (size_t group = 0; group < callgate_group_count(); group++) {
		const struct covered_group one = coverage_group(coverage, abi, group);

		all.calls += one.calls;
		for (unsigned use = 0; use < USE_COUNT; use++)
			all.uses[use] += one.uses[use];
	}
	return all;
}

static void print_bar(FILE *page, const struct covered_group *all)
{
	fputs("<div class=\"bar\" role=\"img\" aria-label=\"shares of calls\">", page);
	for (unsigned use = 0; use < USE_COUNT; use++)
		if (all->uses[use])
			fprintf(page, "<span class=\"%s\" style=\"flex:%zu\"></span>",
				words[use].class, all->uses[use]);
	fputs("</div>\n<ul class=\"legend\">\n", page);
	for (unsigned use = 0; use < USE_COUNT; use++)
		if (all->uses[use])
			fprintf(page, "<li><i class=\"%s\"></i>%zu %s</li>\n",
				words[use].class, all->uses[use], words[use].label);
	fputs("</ul>\n", page);
}

static void print_abi(FILE *page, const struct coverage *coverage, size_t abi)
{
	const struct covered_group all = count_all(coverage, abi);
	struct callgate_abi facts = { 0 };

	callgate_abi_at(abi, &facts);
	fprintf(page,
		"<h2 class=\"first\">Calls of %s</h2>\n<p class=\"soft\">Of each "
		"group, how "
		"many of its calls were made.</p>\n",
		facts.name);
	print_bar(page, &all);
	fputs("<div class=\"map\">\n", page);
	for (size_t group = 0; group < callgate_group_count(); group++)
		print_group(page, coverage, abi, group);
	print_group(page, coverage, abi, CALLGATE_NONE);
	fputs("</div>\n", page);
}

/* --- the rules ----------------------------------------------------------------------- */

static void print_count(FILE *page, const char *class, uint64_t count, bool is_known)
{
	fprintf(page, "<td class=\"count %s\">", class);
	if (is_known)
		fprintf(page, "%" PRIu64, count);
	else
		fputs("?", page);
	fputs("</td>", page);
}

/* Width in em, at most 12: four times as often is half an em more. */
static double share_of(uint64_t count)
{
	double width = 0;

	for (; count; count /= 4)
		width += 0.5;
	return width > 12 ? 12 : width;
}

static void print_rule(FILE *page, const struct coverage *coverage, size_t layer,
		       const struct covered_rule *rule)
{
	struct callgate_position position;
	char *text = denial_rule(&coverage->layers[layer], rule->span, &position);
	const char *class = rule->denied		       ? "hit"
			    : rule->passed || !coverage->cover ? ""
							       : "never";

	fprintf(page, "<tr class=\"%s\"><td>", class);
	html_text(page, text ? position.file : coverage->layers[layer].name);
	if (text)
		fprintf(page, ":%" PRIu32, position.line);
	fputs("</td><td><code>", page);
	html_text(page, text ? text : rule->kind);
	fputs("</code></td>", page);
	print_count(page, "", rule->passed, coverage->cover);
	print_count(page, "hits", rule->denied, true);
	fprintf(page,
		"<td><span class=\"share\" style=\"width:%.1fem\"></span></td></tr>\n",
		share_of(rule->passed));
	free(text);
}

static void print_rules(FILE *page, const struct coverage *coverage)
{
	fputs("<h2 class=\"first\">Rules</h2>\n<table "
	      "class=\"rules\"><tr><th>Place</th><th>Rule</th>"
	      "<th class=\"count\">Let through</th><th class=\"count\">Denied</th>"
	      "<th></th></tr>\n",
	      page);
	for (size_t i = 0; i < coverage->layer_count; i++) {
		const struct covered_layer *layer = &coverage->rules[i];

		for (size_t j = 0; j < layer->rule_count + COVERED_FALLBACKS; j++) {
			const struct covered_rule *rule = &layer->rules[j];

			if (j < layer->rule_count || rule->passed || rule->denied)
				print_rule(page, coverage, i, rule);
		}
	}
	fputs("</table>\n", page);
}

/* --- the denials --------------------------------------------------------------------- */

static void print_place(FILE *page, const struct coverage *coverage,
			const struct place *place)
{
	const struct input *layer = &coverage->layers[place->layer];
	struct callgate_position position;
	char *text = denial_rule(layer, place->span, &position);
	char *verdict = denial_verdict(place->verdict);

	fputs("<tr><td>", page);
	html_text(page, place->call);
	fputs("</td><td><code>", page);
	html_text(page, place->function);
	fputs("</code></td><td>", page);
	html_text(page, verdict);
	fputs("</td><td><code>", page);
	html_text(page, text ? position.file : layer->name);
	if (text)
		fprintf(page, ":%" PRIu32, position.line);
	fputs("</code></td>", page);
	print_count(page, "hits", place->count, true);
	fputs("</tr>\n", page);
	free(verdict);
	free(text);
}

static void print_places(FILE *page, const struct coverage *coverage,
			 const struct places *places)
{
	if (!places->count)
		return;
	fputs("<h2 class=\"first\">Denials by place</h2>\n<table><tr><th>Call</th>"
	      "<th>Function</th><th>Verdict</th><th>Rule</th>"
	      "<th class=\"count\">Count</th></tr>\n",
	      page);
	for (size_t i = 0; i < places->count; i++)
		print_place(page, coverage, &places->list[i]);
	fputs("</table>\n", page);
	if (places->others)
		fprintf(page,
			"<p>%" PRIu64 " more at places beyond the first %d.</p>\n",
			places->others, PLACES_MAX);
}

/* --- the page ------------------------------------------------------------------------ */

static void print_card(FILE *page, uint64_t value, bool is_known, const char *label)
{
	if (is_known)
		fprintf(page,
			"<div class=\"card\"><strong>%" PRIu64 "</strong>%s</div>\n",
			value, label);
	else
		fprintf(page, "<div class=\"card\"><strong>?</strong>%s</div>\n",
			label);
}

static void print_cards(FILE *page, const struct coverage *coverage,
			const struct places *places)
{
	size_t rules = 0, used = 0, calls = 0;
	uint64_t passed = 0;

	for (size_t i = 0; i < coverage->layer_count; i++)
		for (size_t j = 0; j < coverage->rules[i].rule_count; j++) {
			const struct covered_rule *rule = &coverage->rules[i].rules[j];

			rules++;
			used += rule->passed || rule->denied;
		}
	for (size_t i = 0; i < coverage->call_count; i++) {
		uint64_t count = coverage_passed(coverage, &coverage->calls[i]);

		calls += count != 0;
		passed += count;
	}
	fputs("<div class=\"cards\">\n", page);
	print_card(page, calls, coverage->cover, "different calls let through");
	print_card(page, passed, coverage->cover, "calls let through");
	print_card(page, places->total, true, "denials");
	print_card(page, rules - used, coverage->cover, "rules never used");
	fputs("</div>\n", page);
}

static void print_head(FILE *page, const struct coverage *coverage,
		       char *const *program)
{
	fputs("<header><h1>What was used of the policy</h1>\n<p class=\"soft\"><code>",
	      page);
	for (size_t i = 0; program[i]; i++) {
		fputs(i ? " " : "", page);
		html_text(page, program[i]);
	}
	fputs("</code></p></header>\n", page);
	if (!coverage->cover) {
		fputs("<p>Only denials are known, not what was let through: ", page);
		html_text(page, coverage->problem);
		fputs(".</p>\n", page);
	} else if (cover_lost(coverage->cover)) {
		fprintf(page,
			"<p>%" PRIu64 " calls were not counted: too many kinds.</p>\n",
			cover_lost(coverage->cover));
	}
	if (!coverage->survey)
		fputs("<p>The layers are too complex for a map of what they "
		      "allow.</p>\n",
		      page);
}

void coverage_print_page(FILE *page, const struct coverage *coverage,
			 const struct coverage_run *run)
{
	bool any = false;

	html_begin(page, "What was used of the policy");
	fputs(style, page);
	print_head(page, coverage, run->words);
	print_cards(page, coverage, run->places);
	print_places(page, coverage, run->places);
	print_rules(page, coverage);
	for (size_t abi = 0; abi < callgate_abi_count(); abi++) {
		if (!coverage_has(coverage, abi))
			continue;
		print_abi(page, coverage, abi);
		any = true;
	}
	if (!any)
		print_abi(page, coverage, callgate_abi_native());
	html_end(page,
		 "What is allowed is computed from the filters&#39; exact meaning, "
		 "the rest was seen.");
}
