// SPDX-License-Identifier: MIT
/*
 * callgate explain --audit: denials that a log has kept.
 *
 * A record has the call's number and no arguments, so a policy is asked about the call
 * with any: where they decide, both answers are told, and that the record does not say.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "diagnostics.h"
#include "explain.h"
#include "output.h"

struct audit {
	const struct explain *explain;
	struct callgate_explain_record record;
	size_t told;
};

/* "i386:mkdir", or "#999". */
static char *call_name(const struct seccomp_data *call)
{
	size_t abi = callgate_abi_of(call->arch, (uint32_t)call->nr);
	size_t syscall = callgate_syscall_by_number(abi, (uint32_t)call->nr);
	const char *name = callgate_syscall_name(syscall);
	struct callgate_abi about = { .name = "?" };
	char *text;
	int length;

	callgate_abi_at(abi, &about);
	if (name)
		length = asprintf(&text, "%s:%s", about.name, name);
	else
		length = asprintf(&text, "%s:%d", about.name, call->nr);
	return cli_need(length < 0 ? NULL : text);
}

/* What the record says became of the call. */
static uint32_t verdict_of(const struct callgate_explain_record *record)
{
	if (record->verdict)
		return record->verdict;
	return record->signal ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_LOG;
}

static bool is_action(uint32_t verdict, const struct callgate_explain_record *record)
{
	return (verdict & SECCOMP_RET_ACTION_FULL) ==
	       (verdict_of(record) & SECCOMP_RET_ACTION_FULL);
}

static void print_answer(const struct audit *audit, const struct seccomp_data *call,
			 const struct callgate_verdict *verdict, const char *when)
{
	const struct input *input = audit->explain->input;
	struct callgate_explain_rule decided =
		callgate_explain_rule(input->policy, call);
	struct explain_rule rule = explain_rule_of(input, decided.span, decided.kind);
	char *text = cli_need(callgate_verdict_text_for(call, verdict->value));

	printf("  by   %s%s%s%s\n", rule.place ? rule.place : "",
	       rule.place ? "  " : "", rule.text, when);
	if (!is_action(verdict->value, &audit->record))
		printf("       which says %s\n", text);
	free(text);
	explain_rule_done(&rule);
}

/* Both answers where arguments decide; of them, those that the record fits count. */
static void print_answers(const struct audit *audit,
			  const struct callgate_answer *answer)
{
	bool first = is_action(answer->verdict.value, &audit->record);
	bool second = answer->depends &&
		      is_action(answer->other_verdict.value, &audit->record);

	if (first || !second)
		print_answer(audit, &answer->call, &answer->verdict, "");
	if (second)
		print_answer(audit, &answer->other_call, &answer->other_verdict,
			     first ? ", with other arguments" : "");
	if (answer->depends)
		puts("       (arguments decide, and the record has none)");
	else if (!first)
		puts("       (so it was another policy that was in force)");
}

/* For the answer that the record fits, or else the one that denies. */
static void print_fix(const struct audit *audit, const struct callgate_answer *answer)
{
	bool is_other =
		!is_action(answer->verdict.value, &audit->record) && answer->depends;
	struct callgate_explain_advice *advice;
	const struct callgate_explain_edit *edit =
		explain_fix(audit->explain,
			    is_other ? &answer->other_call : &answer->call,
			    audit->record.program, &advice);

	if (edit && edit->file) {
		char *place = explain_fix_place(edit);

		printf("  fix  %s:  %s\n", place, edit->rule);
		free(place);
	} else if (edit) {
		printf("  fix  %s\n", edit->reason);
	}
	callgate_explain_advice_free(advice);
}

static void ask_policy(const struct audit *audit, const char *name)
{
	const struct input *input = audit->explain->input;
	struct callgate_answer answer;

	if (callgate_policy_ask(input->policy, input->filter, name, NULL, &answer)) {
		puts("  by   (no policy can speak of this call)");
		return;
	}
	if (!input->policy) {
		char *text = cli_need(callgate_verdict_text(answer.verdict.value));

		printf("  by   the filter, which says %s%s\n", text,
		       answer.depends ? " for some arguments, and the record has none"
				      : "");
		free(text);
		return;
	}
	print_answers(audit, &answer);
	print_fix(audit, &answer);
}

/* "errno": its number is not in the record. */
static char *action_text(uint32_t verdict)
{
	char *text = cli_need(callgate_verdict_text(verdict));

	if (verdict == SECCOMP_RET_ERRNO)
		text[strcspn(text, " ")] = 0;
	return text;
}

static void tell_text(struct audit *audit)
{
	const struct callgate_explain_record *record = &audit->record;
	char *name = call_name(&record->call);
	char *verdict = action_text(verdict_of(record));
	bool went_on = callgate_verdict_allows(verdict_of(record));

	printf("%s", style_begin(stdout, STYLE_BOLD));
	print_safe(stdout, record->program);
	printf("[%d]%s %s(…) %s%s (%s)%s\n", record->pid, style_end(stdout, STYLE_BOLD),
	       name, style_begin(stdout, went_on ? STYLE_GOOD : STYLE_ERROR),
	       went_on ? "logged" : "denied", verdict,
	       style_end(stdout, went_on ? STYLE_GOOD : STYLE_ERROR));
	if (audit->explain->input)
		ask_policy(audit, name);
	printf("  at   0x%" PRIx64, (uint64_t)record->call.instruction_pointer);
	if (*record->path) {
		fputs(" in ", stdout);
		print_safe(stdout, record->path);
	}
	putchar('\n');
	free(verdict);
	free(name);
}

static void tell_json(struct audit *audit)
{
	const struct callgate_explain_record *record = &audit->record;
	char *name = call_name(&record->call);
	char *verdict = action_text(verdict_of(record));
	json_t *object = cli_need(
		json_pack("{s:o, s:o, s:i, s:i, s:i, s:o, s:o, s:I, s:I, s:s}",
			  "program", json_text(record->program), "path",
			  json_text(record->path), "process", record->pid, "user",
			  (int)record->user, "signal", (int)record->signal, "call",
			  json_text(name), "verdict", json_text(verdict), "time",
			  (json_int_t)record->time, "instruction_pointer",
			  (json_int_t)record->call.instruction_pointer, "unknown",
			  "arguments"));
	const struct input *input = audit->explain->input;
	struct callgate_answer answer;

	if (input &&
	    !callgate_policy_ask(input->policy, input->filter, name, NULL, &answer)) {
		json_object_set_new(object, "depends", json_boolean(answer.depends));
		json_object_set_new(object, "decision",
				    explain_decision_json(audit->explain,
							  &answer.call));
		if (answer.depends)
			json_object_set_new(object, "other_decision",
					    explain_decision_json(audit->explain,
								  &answer.other_call));
	}
	json_array_append_new(audit->explain->list, object);
	free(verdict);
	free(name);
}

static void take_line(struct audit *audit, const char *line, size_t length)
{
	if (!callgate_explain_record_parse(line, length, &audit->record))
		return;
	audit->told++;
	if (audit->explain->list)
		tell_json(audit);
	else
		tell_text(audit);
	fflush(stdout);
}

/* A pipe may go on for ever: lines are told as they come. */
enum cli_status explain_audit(const struct explain *explain, const char *file)
{
	struct audit audit = { .explain = explain };
	bool is_input = strcmp(file, "-") == 0;
	FILE *stream = is_input ? stdin : fopen(file, "re");
	size_t capacity = 0;
	char *line = NULL;
	ssize_t length;

	if (!stream) {
		struct callgate_diagnostics *diagnostics =
			cli_need(callgate_diagnostics_new());

		callgate_file_explain(file, -errno, diagnostics);
		diagnostics_print(stderr, diagnostics, "callgate explain");
		callgate_diagnostics_free(diagnostics);
		return STATUS_INPUT;
	}
	while ((length = getline(&line, &capacity, stream)) >= 0)
		take_line(&audit, line, (size_t)length);
	free(line);
	if (!is_input)
		fclose(stream);
	if (!audit.told && !explain->list)
		fprintf(stderr,
			"callgate explain: %s: no line is about seccomp; they have "
			"type=SECCOMP or type=1326\n",
			is_input ? "standard input" : file);
	return audit.told ? STATUS_NO : STATUS_DONE;
}
