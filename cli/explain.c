// SPDX-License-Identifier: MIT
/*
 * callgate explain: why a call was or would be denied, after the fact or before it.
 *
 * The ways of asking are options: a call, a core file, a log, a process.
 */
#include "explain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diagnostics.h"
#include "output.h"

#define STEPS 64

struct own {
	const char *core, *audit;
	int pid;
};

enum {
	KEY_CORE = 0x200,
	KEY_AUDIT,
	KEY_PID,
};

static const struct argp_option options[] = {
	{ "policy", 'p', "FILE", 0, "The policy, or the filter, that is in force", 0 },
	{ "core", KEY_CORE, "FILE", 0,
	  "Explain the core file of a process that a filter "
	  "ended",
	  0 },
	{ "audit", KEY_AUDIT, "FILE", 0,
	  "Explain the SECCOMP lines of an audit or kernel log; - is standard input",
	  0 },
	{ "pid", KEY_PID, "PID", 0,
	  "Explain what is denied to the process from now on, whoever made its filter",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;
	struct own *own = cli->own;
	uint64_t pid;

	switch (key) {
	case 'p':
		cli->sources[cli->source_count++] = (struct cli_source){ value, false };
		return 0;
	case KEY_CORE:
		own->core = value;
		return 0;
	case KEY_AUDIT:
		own->audit = value;
		return 0;
	case KEY_PID:
		if (callgate_number_parse(value, &pid) || !pid || pid > INT_MAX)
			argp_error(state, "want a process id, not '%s'", value);
		own->pid = (int)pid;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* --- a call ----------------------------------------------------------------------- */

/* The statements that speak of the call, up to the one that decides. */
static void print_steps(const struct input *input, const struct seccomp_data *call)
{
	struct callgate_explain_step steps[STEPS];
	size_t count = callgate_explain_steps(input->policy, call, steps, STEPS);
	struct table table = { 0 };

	for (size_t i = 0; i < count && i < STEPS; i++) {
		struct explain_rule rule =
			explain_rule_of(input, steps[i].span, "rule");
		char *verdict =
			cli_need(callgate_verdict_text_for(call, steps[i].verdict));

		table_row(&table);
		table_cell(&table, "  %s", rule.place ? rule.place : "");
		table_cell(&table, "%s", rule.text);
		if (steps[i].holds)
			table_cell(&table, "holds: %s", verdict);
		else
			table_cell(&table, "does not hold");
		free(verdict);
		explain_rule_done(&rule);
	}
	table_print(&table);
	if (count > STEPS)
		printf("  … and %zu more\n", count - STEPS);
	if (count == 0 || (count <= STEPS && !steps[count - 1].holds))
		puts(count ? "  no rule holds: what is said of all other calls counts"
			   : "  no rule speaks of it: what is said of all other calls "
			     "counts");
}

/* The instructions that a filter runs for it, as far as numbers say. */
static void count_step(void *context, const struct callgate_step *step)
{
	size_t *last = context;

	*last = step->at;
}

static const char *ordinal(uint32_t number)
{
	static const char *const ends[] = { "th", "st", "nd", "rd" };

	return number % 10 < 4 && number / 10 % 10 != 1 ? ends[number % 10] : "th";
}

static void print_instruction(const struct input *input,
			      const struct seccomp_data *call)
{
	size_t last = 0;
	struct callgate_verdict verdict =
		callgate_filter_trace(input->filter, call, count_step, &last);

	printf("  decided by instruction %zu of the filter, the %" PRIu32
	       "%s that it runs%s\n",
	       last, verdict.executed, ordinal(verdict.executed),
	       verdict.cached ? " (Linux 5.11 and later runs none)" : "");
}

static enum cli_status tell_call(const struct explain *explain, const char *text,
				 const struct seccomp_data *data)
{
	const struct input *input = explain->input;
	struct callgate_explain_call *call;
	struct callgate_explain_denial denial = { 0 };
	uint32_t verdict = callgate_filter_run(input->filter, data).value;
	bool is_allowed = callgate_verdict_allows(verdict);

	if (callgate_explain_decode(data, NULL, &call))
		cli_need(NULL);
	denial.call = text;
	denial.verdict = verdict;
	if (explain->list || !is_allowed)
		explain_tell(explain, &denial, data,
			     cli_need(json_pack("{s:o}", "call",
						explain_call_json(call))));
	else
		printf("%s%s%s allowed\n", style_begin(stdout, STYLE_BOLD), text,
		       style_end(stdout, STYLE_BOLD));
	if (!explain->list && input->policy)
		print_steps(input, data);
	if (!explain->list)
		print_instruction(input, data);
	callgate_explain_call_free(call);
	return is_allowed ? STATUS_DONE : STATUS_NO;
}

enum cli_status explain_call(const struct explain *explain, const char *call)
{
	struct callgate_answer answer;
	enum cli_status status, other = STATUS_DONE;
	int error = callgate_policy_ask(explain->input->policy, explain->input->filter,
					call, explain->input->diagnostics, &answer);
	char *text;

	if (error == -ENOMEM)
		cli_need(NULL);
	if (error && error != -E2BIG)
		return STATUS_INPUT;
	if (answer.depends && !explain->list)
		puts("It depends on what is not said: with 0 for that, and with other "
		     "values:");
	text = cli_need(callgate_call_text(&answer.call));
	status = tell_call(explain, answer.depends ? text : call, &answer.call);
	free(text);
	if (answer.depends && !error) {
		text = cli_need(callgate_call_text(&answer.other_call));
		other = tell_call(explain, text, &answer.other_call);
		free(text);
	}
	return status > other ? status : other;
}

/* --- a core file ------------------------------------------------------------------ */

/* What ended the process, when no policy says it. */
static uint32_t verdict_of(const struct explain *explain,
			   const struct callgate_explain_core *core)
{
	if (explain->input)
		return callgate_filter_run(explain->input->filter, &core->data).value;
	return core->value ? SECCOMP_RET_TRAP | core->value : SECCOMP_RET_KILL_PROCESS;
}

static void tell_core(const struct explain *explain,
		      const struct callgate_explain_core *core)
{
	struct callgate_explain_denial denial = {
		.program = core->program,
		.thread = core->tid,
		.call = core->call->text,
		.verdict = verdict_of(explain, core),
		.stack = core->stack,
	};

	if (!explain->list && callgate_verdict_allows(denial.verdict)) {
		puts("The policy allows this call: it is not the one that was in "
		     "force.");
		denial.verdict = SECCOMP_RET_KILL_PROCESS;
	}
	explain_tell(explain, &denial, &core->data,
		     cli_need(json_pack("{s:i, s:o, s:i}", "process", core->pid, "call",
					explain_call_json(core->call), "value",
					(int)core->value)));
}

enum cli_status explain_core(const struct explain *explain, const char *file)
{
	struct callgate_diagnostics *diagnostics = cli_need(callgate_diagnostics_new());
	struct callgate_explain_core *core = NULL;
	int fd = open(file, O_RDONLY | O_CLOEXEC), error = fd < 0 ? -errno : 0;

	if (error)
		callgate_file_explain(file, error, diagnostics);
	else
		error = callgate_explain_core_read(fd, diagnostics, &core);
	if (error == -ENOMEM)
		cli_need(NULL);
	if (!error)
		tell_core(explain, core);
	diagnostics_print(stderr, diagnostics, file);
	callgate_explain_core_free(core);
	callgate_diagnostics_free(diagnostics);
	if (fd >= 0)
		close(fd);
	return error == 0	      ? STATUS_NO
	       : error == -EOPNOTSUPP ? STATUS_SYSTEM
				      : STATUS_INPUT;
}

/* --- the command ------------------------------------------------------------------ */

static enum cli_status answer(const struct explain *explain)
{
	const struct own *own = explain->cli->own;
	enum cli_status worst = STATUS_DONE, status;

	if (own->core)
		return explain_core(explain, own->core);
	if (own->audit)
		return explain_audit(explain, own->audit);
	if (own->pid)
		return explain_process(explain, own->pid);
	for (size_t i = 0; i < explain->cli->word_count; i++) {
		status = explain_call(explain, explain->cli->words[i]);
		worst = status > worst ? status : worst;
	}
	return worst;
}

static const char *misuse(const struct cli *cli)
{
	const struct own *own = cli->own;
	int ways = (own->core != NULL) + (own->audit != NULL) + (own->pid != 0) +
		   (cli->word_count != 0);

	if (ways == 0)
		return "nothing to explain: want a CALL, --core, --audit or --pid";
	if (ways > 1)
		return "one thing at a time: a CALL, --core, --audit or --pid";
	if (cli->source_count > 1)
		return "more than one policy is given";
	if (cli->word_count && !cli->source_count)
		return "what would deny the call? Name a policy with -p FILE";
	return NULL;
}

static enum cli_status run(struct cli *cli)
{
	const struct input_how how = { .compile.without_expects = true };
	struct explain explain = { .cli = cli };
	enum cli_status status = STATUS_DONE;
	const struct own *own = cli->own;
	const char *wrong = misuse(cli);
	struct input input;

	if (wrong) {
		fprintf(stderr, "callgate explain: %s\n", wrong);
		return STATUS_USAGE;
	}
	if (cli->source_count) {
		status = input_open(cli, &cli->sources[0], &how, &input);
		explain.input = &input;
	}
	explain.zero_is_unsaid = own->audit || cli->word_count;
	if (cli->json)
		explain.list = cli_need(json_array());
	if (status == STATUS_DONE)
		status = answer(&explain);
	if (explain.list)
		json_print(cli_need(json_pack("{s:o}", "denials", explain.list)));
	if (explain.input) {
		input_report(&input);
		input_done(&input);
	}
	return status;
}

const struct cli_command command_explain = {
	.name = "explain",
	.summary = "tell why a call was or would be denied",
	.usage = "[CALL]...",
	.details = "Tell what denied a call, from where it came and how to allow it: a "
		   "CALL\n"
		   "that is not made, a core file, a log, or a process that runs.\v"
		   "A CALL is like 'socket(AF_NETLINK, SOCK_RAW, 0)', 'ptrace' or "
		   "'i386:mkdir'.\n"
		   "Exit status: 0 nothing is denied, 1 something is, 3 errors, 4 the "
		   "system\n"
		   "refused.",
	.options = options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI | SHARED_JSON,
	.input = INPUT_NONE,
	.words_max = UINT32_MAX,
	.own_size = sizeof(struct own),
	.run = run,
};
