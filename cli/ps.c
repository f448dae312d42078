// SPDX-License-Identifier: MIT
/*
 * callgate ps: the seccomp state of every process, and what its filters come to.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "census.h"
#include "cli.h"
#include "output.h"
#include "probe.h"

enum {
	KEY_BY = 0x200,
};

#define NARROW	   80
#define WIDE	   120 /* columns, from which on there are more of them */
#define USER_WIDTH 8

struct own {
	bool all;
	enum stack_way way;
};

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0, "Show those without seccomp as well" },
	{ "by", KEY_BY, "WAY", 0,
	  "Read filters by 'ebpf', or by 'ptrace', which stops each for a moment" },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct own *own = ((struct cli *)state->input)->own;

	switch (key) {
	case 'a':
		own->all = true;
		return 0;
	case KEY_BY:
		own->way = stack_parse_way(value, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char *const risk_words[CENSUS_RISKS] = {
	[CALLGATE_RISK_NOTE] = "note",
	[CALLGATE_RISK_LOW] = "low",
	[CALLGATE_RISK_MEDIUM] = "medium",
	[CALLGATE_RISK_HIGH] = "high",
};

static const char *mode_word(int mode)
{
	static const char *const words[] = { "disabled", "strict", "filter", "dead" };

	return mode >= 0 && mode < 4 ? words[mode] : "unknown";
}

/* --- for people --------------------------------------------------------------------- */

static unsigned terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t number;

	if (columns && callgate_number_parse(columns, &number) == 0 && number > 0 &&
	    number < 10000)
		return (unsigned)number;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return NARROW;
}

static void cell_user(struct table *table, uint32_t uid)
{
	const struct passwd *user = getpwuid(uid);

	if (user && strlen(user->pw_name) <= USER_WIDTH)
		table_cell(table, "%s", user->pw_name);
	else
		table_cell(table, "%u", uid);
}

static void cell_state(struct table *table, const struct callgate_process *facts)
{
	if (facts->mode != SECCOMP_MODE_FILTER)
		table_cell(table, "%s", facts->mode ? mode_word(facts->mode) : "-");
	else if (facts->filters == CALLGATE_UNREADABLE)
		table_cell(table, "filters");
	else
		table_cell(table, "%d filter%s", facts->filters,
			   facts->filters == 1 ? "" : "s");
}

/* "-": there is nothing to know; "?": it is not known. */
static const char *blank(const struct census_thread *thread)
{
	return thread->facts->mode == SECCOMP_MODE_FILTER ? "?" : "-";
}

static void cell_allows(struct table *table, const struct census_thread *thread)
{
	const struct census_filters *filters = thread->filters;

	if (filters && filters->is_counted)
		table_cell(table, "%zu/%zu",
			   filters->counts.always + filters->counts.sometimes,
			   filters->counts.calls);
	else
		table_cell(table, "%s", blank(thread));
}

/* The worst finding; NULL: there is none from low on. */
static const struct callgate_finding *worst_of(const struct census_filters *filters)
{
	const struct callgate_finding *worst =
		filters && filters->audit && callgate_audit_count(filters->audit)
			? callgate_audit_at(filters->audit, 0)
			: NULL;

	return worst && worst->risk > CALLGATE_RISK_NOTE ? worst : NULL;
}

static void cell_risk(struct table *table, const struct census_thread *thread)
{
	const struct callgate_finding *worst = worst_of(thread->filters);

	if (worst)
		table_cell(table, "%s %zu", risk_words[worst->risk],
			   thread->filters->risks[worst->risk]);
	else if (thread->filters && thread->filters->audit)
		table_cell(table, "none");
	else
		table_cell(table, "%s", blank(thread));
}

static void add_row(struct table *table, const struct census_thread *thread,
		    bool is_wide)
{
	const struct callgate_process *facts = thread->facts;
	const struct callgate_finding *worst = worst_of(thread->filters);

	table_row(table);
	table_cell(table, "%s%d", thread->differs ? "+" : "", facts->tid);
	cell_user(table, facts->effective_uid);
	cell_state(table, facts);
	table_cell(table, "%s",
		   facts->no_new_privs == 1   ? "yes"
		   : facts->no_new_privs == 0 ? "-"
					      : "?");
	cell_allows(table, thread);
	cell_risk(table, thread);
	if (is_wide) {
		table_cell(table, "%s", worst ? worst->code : "-");
		table_cell(table, "%s", facts->name);
		table_cell(table, "%s", facts->exe ? facts->exe : "-");
	} else {
		table_cell(table, "%.24s", facts->name);
	}
}

static void add_titles(struct table *table, bool is_wide)
{
	static const char *const titles[] = { "PID", "USER",   "SECCOMP",
					      "NNP", "ALLOWS", "RISK" };

	table_row(table);
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		table_cell(table, "%s", titles[i]);
	if (is_wide)
		table_cell(table, "WORST");
	table_cell(table, "NAME");
	if (is_wide)
		table_cell(table, "PROGRAM");
}

static void print_table(const struct census *census, bool all)
{
	bool is_wide = terminal_width() >= WIDE;
	struct table table = { 0 };
	size_t confined = 0;

	add_titles(&table, is_wide);
	for (size_t i = 0; i < census->count; i++) {
		const struct census_process *process = &census->processes[i];
		bool is_confined = census_is_confined(process);

		confined += is_confined;
		for (size_t k = 0; (all || is_confined) && k < process->count; k++)
			if (k == 0 || process->threads[k].differs)
				add_row(&table, &process->threads[k], is_wide);
	}
	table_print(&table);
	printf("\n%zu of %zu processes %s under seccomp\n", confined, census->count,
	       confined == 1 ? "is" : "are");
}

/* --- for programs ------------------------------------------------------------------- */

static json_t *optional(int value)
{
	return value == CALLGATE_UNREADABLE ? json_null() : json_integer(value);
}

static json_t *lengths_json(const struct stack *stack)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < stack->count; i++)
		json_array_append_new(list,
				      json_integer((json_int_t)callgate_filter_length(
					      stack->filters[i])));
	return list;
}

static json_t *findings_json(const struct callgate_audit *audit)
{
	json_t *list;

	if (!audit)
		return json_null();
	list = cli_need(json_array());
	for (size_t i = 0; i < callgate_audit_count(audit); i++) {
		const struct callgate_finding *finding = callgate_audit_at(audit, i);

		json_array_append_new(list,
				      cli_need(json_pack("{s:s, s:s, s:o}", "risk",
							 risk_words[finding->risk],
							 "code", finding->code,
							 "message",
							 json_text(finding->message))));
	}
	return list;
}

static json_t *filters_json(const struct census_filters *filters)
{
	json_t *object;

	if (!filters)
		return json_null();
	object = cli_need(json_pack("{s:o}", "lengths", lengths_json(&filters->stack)));
	if (filters->is_counted)
		json_object_set_new(
			object, "allows",
			cli_need(json_pack("{s:I, s:I, s:I}", "always",
					   (json_int_t)filters->counts.always,
					   "sometimes",
					   (json_int_t)filters->counts.sometimes,
					   "calls",
					   (json_int_t)filters->counts.calls)));
	else
		json_object_set_new(object, "allows", json_null());
	json_object_set_new(object, "findings", findings_json(filters->audit));
	return object;
}

static json_t *thread_json(const struct census_thread *thread)
{
	const struct callgate_process *facts = thread->facts;

	return cli_need(json_pack("{s:i, s:o, s:s, s:o, s:o, s:o}", "tid", facts->tid,
				  "name", json_text(facts->name), "mode",
				  mode_word(facts->mode), "filters",
				  optional(facts->filters), "no_new_privs",
				  optional(facts->no_new_privs), "installed",
				  filters_json(thread->filters)));
}

static json_t *process_json(const struct census_process *process)
{
	const struct callgate_process *facts = process->threads[0].facts;
	json_t *object = thread_json(&process->threads[0]);
	json_t *others = cli_need(json_array());
	json_t *more = cli_need(
		json_pack("{s:i, s:i, s:i, s:I, s:I, s:I, s:o, s:o, s:I}", "pid",
			  facts->pid, "parent", facts->parent, "inner_pid",
			  facts->inner_pid, "uid", (json_int_t)facts->uid,
			  "effective_uid", (json_int_t)facts->effective_uid, "start",
			  (json_int_t)facts->start, "executable", json_text(facts->exe),
			  "cgroup", json_text(facts->cgroup), "threads",
			  (json_int_t)facts->threads));

	json_object_update(object, more);
	json_decref(more);
	for (size_t i = 1; i < process->count; i++)
		if (process->threads[i].differs)
			json_array_append_new(others,
					      thread_json(&process->threads[i]));
	json_object_set_new(object, "differing", others);
	return object;
}

static void print_json(const struct census *census, bool all)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < census->count; i++)
		if (all || census_is_confined(&census->processes[i]))
			json_array_append_new(list,
					      process_json(&census->processes[i]));
	json_print(json_pack("{s:o, s:I, s:I, s:o}", "by",
			     json_text(stack_way_name(census->way)), "seen",
			     (json_int_t)census->count, "unreadable",
			     (json_int_t)census->unreadable, "processes", list));
}

/* --- the command -------------------------------------------------------------------- */

/* What is missing, and what would show it. */
static void print_lack(const struct census *census)
{
	const struct probe_lack lack = probe_explain(census->lack);

	if (census->lack) {
		fprintf(stderr, "callgate: what filters allow is not shown: %s\n",
			lack.problem);
		if (lack.hint)
			fprintf(stderr, "  hint: %s\n", lack.hint);
		if (geteuid() == 0)
			fputs("  hint: --by ptrace reads them, and stops each process "
			      "for a moment\n",
			      stderr);
	} else if (census->unreadable) {
		fprintf(stderr, "callgate: the filters of %zu thread%s were not read\n",
			census->unreadable, census->unreadable == 1 ? "" : "s");
	}
}

static enum cli_status run(struct cli *cli)
{
	const struct own *own = cli->own;
	struct census census;
	int error = census_take(own->way, &census);

	if (error) {
		fprintf(stderr, "callgate: cannot list processes: %s\n",
			error == -ENOTSUP ? "/proc is not mounted" : strerror(-error));
	} else if (cli->json) {
		print_json(&census, own->all);
	} else {
		print_table(&census, own->all);
		fflush(stdout);
		print_lack(&census);
	}
	census_done(&census);
	return error ? STATUS_SYSTEM : STATUS_DONE;
}

const struct cli_command command_ps = {
	.name = "ps",
	.summary = "show the seccomp state of every process",
	.usage = "",
	.details =
		"Show which processes are under seccomp, how many system calls their "
		"filters allow, and the risks that an audit finds in them.\v"
		"A line that begins with '+' is a thread whose state is not its "
		"leader's.\n"
		"Exit status: 0 done, 4 the system refused.",
	.options = options,
	.parse = parse,
	.shared = SHARED_JSON,
	.own_size = sizeof(struct own),
	.run = run,
};
