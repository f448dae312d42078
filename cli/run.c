// SPDX-License-Identifier: MIT
/*
 * callgate run: a program under one or several layers of policy.
 *
 * Every layer is compiled and proven before the first one is loaded; from the first
 * load on this process has become the program, so its status and signals are its own.
 */
#include <stdlib.h>

#include "cli.h"
#include "diagnostics.h"
#include "input.h"
#include "output.h"
#include "run_explain.h"

struct launch {
	struct run_explain explain;
	bool log_only;
	bool print;
	bool keep_privileges;
};

enum {
	KEY_LOG_ONLY = 0x200,
	KEY_PRINT,
	KEY_KEEP,
	KEY_EXPLAIN,
	KEY_OUTPUT,
	KEY_DEATH,
	KEY_COVERAGE,
	KEY_SUGGEST,
	KEY_LEARN,
	KEY_YES,
};

static const struct argp_option options[] = {
	{ "policy", 'p', "FILE", 0,
	  "Load the policy or filter FILE; repeated, the last is the newest layer" },
	{ "coverage", KEY_COVERAGE, "FILE", OPTION_ARG_OPTIONAL,
	  "At the end tell what of the policies was used; as a page if FILE is *.html, "
	  "as *.json, or as text" },
	{ "learn", KEY_LEARN, NULL, 0,
	  "Deny nothing, tell, and at the end amend the policies by what was seen" },
	{ "log-only", KEY_LOG_ONLY, NULL, 0,
	  "Deny nothing: the kernel logs what would be denied" },
	{ "explain", KEY_EXPLAIN, "FORMAT", OPTION_ARG_OPTIONAL,
	  "Tell of each denied call, what denied it and from where; FORMAT: text, "
	  "json" },
	{ "explain-output", KEY_OUTPUT, "FILE", 0,
	  "Tell it in FILE, not on standard error" },
	{ "on-supervisor-death", KEY_DEATH, "WHAT", 0,
	  "When what explains is killed: kill the program (default), or continue" },
	{ "print", KEY_PRINT, NULL, 0,
	  "Show the filters on standard error before the start" },
	{ "suggest", KEY_SUGGEST, "FILE", 0,
	  "Write what the policy lacks: amended, or if FILE is *.patch as a patch" },
	{ "without-no-new-privs", KEY_KEEP, NULL, 0,
	  "Let set-user-ID programs work; takes CAP_SYS_ADMIN" },
	{ "yes", KEY_YES, NULL, 0, "Let --learn amend without asking" },
	{ 0 },
};

static void parse_format(struct run_explain *explain, const char *format,
			 struct argp_state *state)
{
	explain->wanted = true;
	explain->json = format && strcmp(format, "json") == 0;
	if (format && !explain->json && strcmp(format, "text") != 0)
		argp_error(state, "want the format text or json, not '%s'", format);
}

static void parse_death(struct run_explain *explain, const char *what,
			struct argp_state *state)
{
	if (strcmp(what, "continue") == 0)
		explain->orphans = CALLGATE_ORPHANS_CONTINUE;
	else if (strcmp(what, "kill") != 0)
		argp_error(state, "want kill or continue, not '%s'", what);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;
	struct launch *own = cli->own;

	switch (key) {
	case 'p':
		cli->sources[cli->source_count++] = (struct cli_source){ value, false };
		return 0;
	case KEY_LOG_ONLY:
		own->log_only = true;
		return 0;
	case KEY_EXPLAIN:
		parse_format(&own->explain, value, state);
		return 0;
	case KEY_COVERAGE:
		own->explain.wanted = own->explain.covers = true;
		own->explain.coverage = value;
		return 0;
	case KEY_SUGGEST:
		own->explain.wanted = true;
		own->explain.suggest = value;
		return 0;
	case KEY_LEARN:
		own->explain.wanted = own->explain.learn = true;
		own->log_only = true;
		return 0;
	case KEY_YES:
		own->explain.sure = true;
		return 0;
	case KEY_OUTPUT:
		own->explain.output = value;
		return 0;
	case KEY_DEATH:
		parse_death(&own->explain, value, state);
		return 0;
	case KEY_PRINT:
		own->print = true;
		return 0;
	case KEY_KEEP:
		own->keep_privileges = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_layer(const struct input *input)
{
	size_t length;
	char *text;

	if (callgate_filter_print(input->filter, CALLGATE_FORMAT_ASM, NULL, &text,
				  &length))
		cli_need(NULL);
	print_safe(stderr, input->name);
	fprintf(stderr, ":\n%s", text);
	free(text);
}

/* A filter made elsewhere says what it says: only a policy can be told to log. */
static bool can_log_only(const struct input *input)
{
	if (input->policy)
		return true;
	fputs("callgate run: ", stderr);
	print_safe(stderr, input->name);
	fputs(" is a filter; --log-only takes policies\n", stderr);
	return false;
}

static enum cli_status open_layers(const struct cli *cli, struct input *layers)
{
	const struct launch *own = cli->own;
	/* when it is explained, the denials that are let through want to be known */
	const struct input_how how = {
		.log_only = own->log_only && !own->explain.wanted,
	};
	enum cli_status worst = STATUS_DONE;

	for (size_t i = 0; i < cli->source_count; i++) {
		enum cli_status status =
			input_open(cli, &cli->sources[i], &how, &layers[i]);

		input_report(&layers[i]);
		if (status == STATUS_DONE && own->log_only && !own->explain.wanted &&
		    !can_log_only(&layers[i]))
			status = STATUS_USAGE;
		if (status == STATUS_DONE && own->print)
			print_layer(&layers[i]);
		worst = status > worst ? status : worst;
	}
	return worst;
}

#define OBEYED (SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW)
/* There is but one thread when the filters are loaded. */
#define NEEDLESS (SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH)

static void warn_of_profile(const struct input *layer, const char *what)
{
	fputs("callgate run: ", stderr);
	print_safe(stderr, layer->name);
	fprintf(stderr, ": warning: %s\n", what);
}

/* What profiles ask of who loads them, as far as it can be done here. */
static uint32_t flags_of(const struct cli *cli, const struct input *layers)
{
	const struct launch *own = cli->own;
	uint32_t flags = 0;

	for (size_t i = 0; i < cli->source_count; i++) {
		const struct input *layer = &layers[i];
		uint32_t asked =
			layer->policy ? callgate_policy_flags(layer->policy) : 0;

		flags |= asked & OBEYED;
		if (asked & ~(uint32_t)(OBEYED | NEEDLESS))
			warn_of_profile(layer, "its flags for a supervisor's listener "
					       "are left out");
		if (!own->explain.wanted && layer->policy &&
		    callgate_policy_listener_path(layer->policy))
			warn_of_profile(layer, "no supervisor is there: its calls fail "
					       "with ENOSYS");
	}
	return flags;
}

/* Comes back only when the start failed. */
static enum cli_status start(const struct cli *cli, const struct input *layers)
{
	const struct launch *own = cli->own;
	const struct callgate_exec_options how = {
		.flags = flags_of(cli, layers),
		.without_no_new_privs = own->keep_privileges,
		.name = "callgate run",
	};
	struct callgate_diagnostics *diagnostics = cli_need(callgate_diagnostics_new());
	const struct callgate_filter **filters =
		cli_need(calloc(cli->source_count, sizeof(struct callgate_filter *)));

	for (size_t i = 0; i < cli->source_count; i++)
		filters[i] = layers[i].filter;
	fflush(NULL);
	callgate_exec(filters, cli->source_count, cli->words, &how, diagnostics);
	diagnostics_print(stderr, diagnostics, "callgate run");
	callgate_diagnostics_free(diagnostics);
	free(filters);
	return STATUS_SYSTEM;
}

static enum cli_status explain(const struct cli *cli, const struct input *layers)
{
	struct launch *own = cli->own;
	const struct callgate_exec_options how = {
		.flags = flags_of(cli, layers),
		.without_no_new_privs = own->keep_privileges,
		.name = "callgate run",
	};

	own->explain.permissive = own->log_only;
	return run_explained(cli, &own->explain, &how, layers);
}

static enum cli_status run(struct cli *cli)
{
	const struct launch *own = cli->own;
	struct input *layers = cli_need(calloc(cli->source_count, sizeof(*layers)));
	enum cli_status status = open_layers(cli, layers);

	if (status == STATUS_DONE)
		status =
			own->explain.wanted ? explain(cli, layers) : start(cli, layers);
	for (size_t i = 0; i < cli->source_count; i++)
		input_done(&layers[i]);
	free(layers);
	return status;
}

const struct cli_command command_run = {
	.name = "run",
	.summary = "run a program under policies",
	.usage = "-- PROGRAM [ARGUMENT...]",
	.details = "Load each -p FILE and -e TEXT as a filter and execute PROGRAM.\v"
		   "The exit status is the program's own, or 2 for wrong usage,\n"
		   "1 or 3 when a policy is at fault, 4 when the system refused,\n"
		   "126 and 127 when PROGRAM could not be started after all.",
	.options = options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI,
	.input = INPUT_OPTIONS,
	.words_min = 1,
	.words_max = UINT32_MAX,
	.is_launcher = true,
	.own_size = sizeof(struct launch),
	.run = run,
};
