// SPDX-License-Identifier: MIT
/*
 * How `callgate top` reads: a head, processes, rules and a line of help, cut to the screen.
 *
 *     callgate top  14:05:00  by denied  2 of 3 processes  denied 123, 4.5/s
 *
 *         PID NAME              CALLS/s  DENIED/s   DENIED  LAST DENIED
 *        4711 tor                  12.0       4.5      123  openat: errno EPERM
 *
 *      DENIED/s   DENIED  CALL             VERDICT        LAYER  INSN  PROCESS
 *           4.5      123  openat           errno EPERM      1/1   221  tor
 *
 * Names are what processes choose: what is not printable ASCII is a "?".
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "callgate.h"
#include "top.h"

const char *const top_sort_names[TOP_SORTS] = {
	[TOP_BY_DENIED] = "denied", [TOP_BY_TOTAL] = "total", [TOP_BY_CALLS] = "calls",
	[TOP_BY_NAME] = "name",	    [TOP_BY_PID] = "pid",
};

/* A screen being filled. */
struct page {
	const struct top_view *view;
	struct top_line *lines;
	size_t count, room;
};

__attribute__((format(printf, 3, 4))) static void
add_line(struct page *page, enum style style, const char *format, ...)
{
	struct top_line *line = &page->lines[page->count];
	size_t width = page->view->width;
	va_list arguments;

	if (page->count == page->room)
		return;
	va_start(arguments, format);
	vsnprintf(line->text, sizeof(line->text), format, arguments);
	va_end(arguments);
	for (char *at = line->text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	if (width < sizeof(line->text))
		line->text[width] = '\0';
	line->style = style;
	page->count++;
}

/* --- words -------------------------------------------------------------------------- */

struct words {
	char text[48];
};

static struct words call_words(const struct top_denial *denial)
{
	size_t abi = callgate_abi_of(denial->arch, (uint32_t)denial->number);
	size_t call = callgate_syscall_by_number(abi, (uint32_t)denial->number);
	const char *name = callgate_syscall_name(call);
	struct callgate_abi facts = { .name = "?" };
	struct words words;

	callgate_abi_at(abi, &facts);
	if (name && abi == callgate_abi_native())
		snprintf(words.text, sizeof(words.text), "%s", name);
	else if (name)
		snprintf(words.text, sizeof(words.text), "%s:%s", facts.name, name);
	else
		snprintf(words.text, sizeof(words.text), "%d", denial->number);
	return words;
}

static struct words verdict_words(const struct top_denial *denial)
{
	char *text = cli_need(callgate_verdict_text(denial->verdict));
	struct words words;

	snprintf(words.text, sizeof(words.text), "%s", text);
	free(text);
	return words;
}

/* --- what is shown ------------------------------------------------------------------ */

static bool has_pattern(const struct top_view *view, const char *text)
{
	return strcasestr(text, view->pattern);
}

static bool is_shown(const struct top_view *view, const struct top_process *process)
{
	char id[16];

	if (!view->everyone && !process->is_confined)
		return false;
	snprintf(id, sizeof(id), "%u", process->key.pid);
	return has_pattern(view, process->name) || has_pattern(view, id) ||
	       (process->denied.total &&
		has_pattern(view, call_words(&process->last).text));
}

static bool is_rule_shown(const struct top_view *view, const struct top_rule *rule)
{
	return has_pattern(view, rule->name) ||
	       has_pattern(view, call_words(&rule->denial).text) ||
	       has_pattern(view, verdict_words(&rule->denial).text);
}

/* --- order -------------------------------------------------------------------------- */

/* The greater one first. */
static int compare_rates(double a, double b)
{
	return (a < b) - (a > b);
}

static int compare_totals(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int compare_by(const struct top_process *a, const struct top_process *b,
		      enum top_sort sort)
{
	switch (sort) {
	case TOP_BY_DENIED:
		return compare_rates(a->denied.per_second, b->denied.per_second);
	case TOP_BY_TOTAL:
		return compare_totals(a->denied.total, b->denied.total);
	case TOP_BY_CALLS:
		return compare_rates(a->calls.per_second, b->calls.per_second);
	case TOP_BY_NAME:
		return strcmp(a->name, b->name);
	default:
		return -compare_totals(a->key.pid, b->key.pid);
	}
}

/* Those that are equal by what is asked for stand as they would by the other columns. */
static int compare_processes(const void *first, const void *second, void *view)
{
	const struct top_process *a = *(const struct top_process *const *)first;
	const struct top_process *b = *(const struct top_process *const *)second;
	int order = compare_by(a, b, ((const struct top_view *)view)->sort);

	for (int sort = 0; !order && sort < TOP_SORTS; sort++)
		order = compare_by(a, b, (enum top_sort)sort);
	return order;
}

static int compare_rules(const void *first, const void *second, void *view)
{
	const struct top_rule *a = *(const struct top_rule *const *)first;
	const struct top_rule *b = *(const struct top_rule *const *)second;
	int order = compare_totals(a->denied.total, b->denied.total);

	if (((const struct top_view *)view)->sort == TOP_BY_DENIED)
		order = compare_rates(a->denied.per_second, b->denied.per_second)
				? compare_rates(a->denied.per_second,
						b->denied.per_second)
				: order;
	return order ? order : (int)a->denial.number - (int)b->denial.number;
}

/* --- parts -------------------------------------------------------------------------- */

static void add_head(struct page *page, const struct top *top, const char *clock)
{
	const struct top_view *view = page->view;
	size_t confined = 0;

	for (size_t i = 0; i < top->process_count; i++)
		confined += top->processes[i].is_confined;
	add_line(page, STYLE_BOLD,
		 "callgate top  %s%s  by %s  %zu of %zu processes confined  "
		 "denied %llu, %.1f/s",
		 clock, view->paused ? " PAUSED" : "", top_sort_names[view->sort],
		 confined, top->process_count, (unsigned long long)top->denied.total,
		 top->denied.per_second);
	if (top->lost)
		add_line(page, STYLE_ERROR, "%llu denials were lost: too many at once",
			 (unsigned long long)top->lost);
	if (view->typing || view->pattern[0])
		add_line(page, STYLE_NOTE, "filter: %s%s", view->pattern,
			 view->typing ? "_" : "");
	add_line(page, STYLE_NONE, "%s", "");
}

static void add_process(struct page *page, const struct top_process *process)
{
	char last[100] = "-";

	if (process->denied.total)
		snprintf(last, sizeof(last), "%s: %s", call_words(&process->last).text,
			 verdict_words(&process->last).text);
	add_line(page, process->denied.per_second > 0 ? STYLE_WARNING : STYLE_NONE,
		 "%8u %-15s %10.1f %9.1f %8llu  %s", process->key.pid, process->name,
		 process->calls.per_second, process->denied.per_second,
		 (unsigned long long)process->denied.total, last);
}

static void add_processes(struct page *page, const struct top *top, size_t most)
{
	const struct top_process **shown =
		cli_need(calloc(top->process_count + 1, sizeof(const void *)));
	struct top_view view = *page->view;
	size_t count = 0;

	for (size_t i = 0; i < top->process_count; i++)
		if (is_shown(page->view, &top->processes[i]))
			shown[count++] = &top->processes[i];
	qsort_r(shown, count, sizeof(const void *), compare_processes, &view);
	add_line(page, STYLE_BOLD, "%8s %-15s %10s %9s %8s  %s", "PID", "NAME",
		 "CALLS/s", "DENIED/s", "DENIED", "LAST DENIED");
	for (size_t i = 0; i < count && i < most; i++)
		add_process(page, shown[i]);
	if (count > most)
		add_line(page, STYLE_NONE, "%8s %zu more", "", count - most);
	free(shown);
}

static void add_rule(struct page *page, const struct top_rule *rule)
{
	char layer[32] = "-", instruction[32] = "-";

	if (rule->layer) {
		snprintf(layer, sizeof(layer), "%u/%u", rule->layer, rule->layers);
		snprintf(instruction, sizeof(instruction), "%zu", rule->instruction);
	}
	add_line(page, rule->denied.per_second > 0 ? STYLE_WARNING : STYLE_NONE,
		 "%10.1f %8llu  %-16s %-14s %5s %5s  %s", rule->denied.per_second,
		 (unsigned long long)rule->denied.total, call_words(&rule->denial).text,
		 verdict_words(&rule->denial).text, layer, instruction, rule->name);
}

static void add_rules(struct page *page, const struct top *top, size_t most)
{
	const struct top_rule **shown =
		cli_need(calloc(top->rule_count + 1, sizeof(const void *)));
	struct top_view view = *page->view;
	size_t count = 0;

	for (size_t i = 0; i < top->rule_count; i++)
		if (is_rule_shown(page->view, &top->rules[i]))
			shown[count++] = &top->rules[i];
	qsort_r(shown, count, sizeof(const void *), compare_rules, &view);
	add_line(page, STYLE_NONE, "%s", "");
	add_line(page, STYLE_BOLD, "%10s %8s  %-16s %-14s %5s %5s  %s", "DENIED/s",
		 "DENIED", "CALL", "VERDICT", "LAYER", "INSN", "PROCESS");
	for (size_t i = 0; i < count && i < most; i++)
		add_rule(page, shown[i]);
	if (count > most)
		add_line(page, STYLE_NONE, "%10s %zu more", "", count - most);
	free(shown);
}

static void add_help(struct page *page)
{
	static const char *const help[] = {
		"",
		"CALLS/s   system calls that were made, a second; refused ones are not",
		"DENIED    calls that a filter refused since top was started",
		"LAYER     which of the process's filters decided, and how many it has",
		"INSN      its return statement: callgate show pid:N --layer NUMBER",
		"",
		"q  quit              p  pause, go on        a  all processes, "
		"confined ones",
		"s  sort by the next: denied, total, calls, name, pid",
		"/  show names, calls and verdicts with a text; Enter ends it, Escape "
		"drops it",
		"h  this text",
	};

	for (size_t i = 0; i < sizeof(help) / sizeof(help[0]); i++)
		add_line(page, STYLE_NONE, "%s", help[i]);
}

size_t top_draw(const struct top *top, const struct top_view *view, const char *clock,
		struct top_line *lines)
{
	struct page page = { .view = view, .lines = lines, .room = view->height };
	size_t left, half;

	add_head(&page, top, clock);
	if (view->help) {
		add_help(&page);
		return page.count;
	}
	/* two tables with a title and a last line each, an empty one between them */
	left = page.room > page.count + 5 ? page.room - page.count - 5 : 0;
	half = left / 2;
	if (top->rule_count < half)
		half = left - top->rule_count;
	add_processes(&page, top, half);
	left = page.room > page.count + 3 ? page.room - page.count - 3 : 0;
	add_rules(&page, top, left);
	return page.count;
}
