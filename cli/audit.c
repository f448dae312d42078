// SPDX-License-Identifier: MIT
/*
 * callgate audit: what a filter would be better without, and the calls that show it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "output.h"
#include "sarif.h"

enum {
	KEY_SARIF = 0x200,
	KEY_LEVEL,
};

struct own {
	bool sarif;
	bool has_level;
	enum callgate_risk level;
};

static const struct risk_word {
	const char *name;
	enum style style;
} risks[] = {
	[CALLGATE_RISK_NOTE] = { "note", STYLE_NOTE },
	[CALLGATE_RISK_LOW] = { "low", STYLE_WARNING },
	[CALLGATE_RISK_MEDIUM] = { "medium", STYLE_WARNING },
	[CALLGATE_RISK_HIGH] = { "high", STYLE_ERROR },
};

#define RISK_COUNT (sizeof(risks) / sizeof(risks[0]))

/* The findings of one filter that are asked for: the first `count`, the worst first. */
struct findings {
	const struct callgate_audit *audit;
	size_t count;
};

/* --- for people -------------------------------------------------------------------- */

static void print_call(const char *what, const struct seccomp_data *call,
		       uint32_t verdict)
{
	char *text = cli_need(callgate_call_text(call));
	char *answer = cli_need(callgate_verdict_text_for(call, verdict));

	printf("    %-7s ", what);
	print_safe(stdout, text);
	printf("  ->  %s\n", answer);
	free(text);
	free(answer);
}

static void print_finding(const struct callgate_finding *finding)
{
	const struct risk_word *risk = &risks[finding->risk];

	printf("%s%s%s %s%s%s: %s\n", style_begin(stdout, risk->style), risk->name,
	       style_end(stdout, risk->style), style_begin(stdout, STYLE_BOLD),
	       finding->code, style_end(stdout, STYLE_BOLD), finding->message);
	if (finding->has_call)
		print_call("call", &finding->call, finding->verdict);
	if (finding->has_other)
		print_call("but", &finding->other, finding->other_verdict);
	printf("    %-7s %s\n", "why", finding->reason);
	printf("    %-7s %s\n\n", "mend", finding->mend);
}

static void print_findings(const struct input *input, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		print_finding(callgate_audit_at(findings->audit, i));
	print_safe(stdout, input->name);
	if (findings->count)
		printf(": %zu finding%s\n", findings->count,
		       findings->count == 1 ? "" : "s");
	else
		printf(": %sno findings%s\n", style_begin(stdout, STYLE_GOOD),
		       style_end(stdout, STYLE_GOOD));
}

/* --- for programs ------------------------------------------------------------------ */

static json_t *call_json(bool has, const struct seccomp_data *call, uint32_t verdict)
{
	json_t *object;
	char *text, *answer;

	if (!has)
		return json_null();
	text = cli_need(callgate_call_text(call));
	answer = cli_need(callgate_verdict_text_for(call, verdict));
	object = json_pack("{s:o, s:o}", "call", json_text(text), "verdict",
			   json_text(answer));
	free(text);
	free(answer);
	return cli_need(object);
}

static json_t *finding_json(const struct callgate_finding *finding)
{
	json_t *instruction = finding->instruction == CALLGATE_NONE
				      ? json_null()
				      : json_integer((json_int_t)finding->instruction);

	return cli_need(json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "risk",
				  risks[finding->risk].name, "code", finding->code,
				  "message", json_text(finding->message), "reason",
				  json_text(finding->reason), "mend",
				  json_text(finding->mend), "evidence",
				  call_json(finding->has_call, &finding->call,
					    finding->verdict),
				  "contrast",
				  call_json(finding->has_other, &finding->other,
					    finding->other_verdict),
				  "instruction", instruction));
}

static json_t *findings_json(const struct findings *findings)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(list,
				      finding_json(
					      callgate_audit_at(findings->audit, i)));
	return list;
}

static void print_json(const struct input *input, const struct findings *findings)
{
	json_t *object = input_json(input);

	if (findings->audit)
		json_object_set_new(object, "findings", findings_json(findings));
	json_print(object);
}

/* --- the command ------------------------------------------------------------------- */

static enum cli_status audit(struct input *input, enum callgate_risk level,
			     struct callgate_audit **ret_audit,
			     struct findings *findings)
{
	int error = callgate_filter_audit(input->filter, input->diagnostics, ret_audit);

	if (error == -ENOMEM)
		cli_need(NULL);
	if (error)
		return STATUS_INPUT;
	findings->audit = *ret_audit;
	while (findings->count < callgate_audit_count(*ret_audit) &&
	       callgate_audit_at(*ret_audit, findings->count)->risk >= level)
		findings->count++;
	return findings->count ? STATUS_NO : STATUS_DONE;
}

static enum cli_status run(struct cli *cli)
{
	/* what expect lines say is asked for by `check` */
	const struct input_how how = { .compile.without_expects = true };
	const struct own *own = cli->own;
	struct callgate_audit *found = NULL;
	struct findings findings = { 0 };
	struct input input;
	enum cli_status status = input_open(cli, &cli->sources[0], &how, &input);

	if (status == STATUS_DONE)
		status = audit(&input, own->has_level ? own->level : CALLGATE_RISK_LOW,
			       &found, &findings);
	if (own->sarif)
		sarif_print(&input, found, findings.count);
	else if (cli->json)
		print_json(&input, &findings);
	if (!cli->json || own->sarif)
		input_report(&input);
	if (found && !cli->json && !own->sarif)
		print_findings(&input, &findings);
	callgate_audit_free(found);
	input_done(&input);
	return status;
}

static enum callgate_risk parse_level(const char *value, struct argp_state *state)
{
	for (size_t i = 0; i < RISK_COUNT; i++)
		if (strcmp(risks[i].name, value) == 0)
			return (enum callgate_risk)i;
	argp_error(state, "no such level: '%s'; want note, low, medium or high", value);
	return CALLGATE_RISK_LOW;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;
	struct own *own = cli->own;

	switch (key) {
	case KEY_SARIF:
		own->sarif = true;
		return 0;
	case KEY_LEVEL:
		own->has_level = true;
		own->level = parse_level(value, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "level", KEY_LEVEL, "LEVEL", 0,
	  "Tell of findings from LEVEL on: note, low (the default), medium or high" },
	{ "sarif", KEY_SARIF, NULL, 0, "Print one SARIF 2.1.0 document" },
	{ 0 },
};

const struct cli_command command_audit = {
	.name = "audit",
	.summary = "tell what is wrong with a filter, by calls that show it",
	.usage = "FILE",
	.details =
		"Judge a raw filter, or a compiled policy, by what it means.\v"
		"A FILE is a policy, '-' for standard input, or a raw filter (*.bpf).\n"
		"Exit status: 0 there are no findings, 1 there are, 3 errors.",
	.options = options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI | SHARED_JSON,
	.input = INPUT_ONE,
	.own_size = sizeof(struct own),
	.run = run,
};
