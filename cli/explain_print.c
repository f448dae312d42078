// SPDX-License-Identifier: MIT
/*
 * Denials on a terminal, in a pipe and as JSON.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "explain.h"
#include "output.h"

#define FRAMES 12 /* of a stack, as text */

/* --- text ------------------------------------------------------------------------- */

/* A pipe gets lines as long as they are: what reads them cuts no words in two. */
static size_t width_of(FILE *stream)
{
	struct winsize size;

	if (!isatty(fileno(stream)))
		return 0;
	if (ioctl(fileno(stream), TIOCGWINSZ, &size) || size.ws_col < 40)
		return 80;
	return size.ws_col;
}

static enum style style_of(enum callgate_explain_role role)
{
	static const enum style styles[] = {
		[CALLGATE_EXPLAIN_PROGRAM] = STYLE_BOLD,
		[CALLGATE_EXPLAIN_CALL] = STYLE_BOLD,
		[CALLGATE_EXPLAIN_VERDICT] = STYLE_ERROR,
		[CALLGATE_EXPLAIN_LABEL] = STYLE_NOTE,
		[CALLGATE_EXPLAIN_PLACE] = STYLE_BOLD,
		[CALLGATE_EXPLAIN_FIX] = STYLE_GOOD,
	};

	return role < sizeof(styles) / sizeof(styles[0]) ? styles[role] : STYLE_NONE;
}

void explain_print(FILE *stream, const struct callgate_explain_denial *denial)
{
	const struct callgate_explain_layout layout = { width_of(stream), FRAMES };
	struct callgate_explain_text *text;

	if (callgate_explain_denial_print(denial, &layout, &text))
		cli_need(NULL);
	for (size_t i = 0; i < text->count; i++) {
		enum style style = style_of(text->pieces[i].role);

		fprintf(stream, "%s%s%s", style_begin(stream, style),
			text->pieces[i].text, style_end(stream, style));
	}
	callgate_explain_text_free(text);
	fflush(stream);
}

/* --- rules ------------------------------------------------------------------------ */

struct explain_rule explain_rule_of(const struct input *input,
				    struct callgate_span span, const char *kind)
{
	struct callgate_position position;
	struct explain_rule rule = { 0 };
	size_t length;

	if (!callgate_diagnostics_position(input->diagnostics, span, &position)) {
		if (asprintf(&rule.text, "the language's own %s", kind) < 0)
			cli_need(NULL);
		return rule;
	}
	length = position.text_length - (position.column - 1);
	if (span.length < length)
		length = span.length;
	if (asprintf(&rule.place, "%s:%" PRIu32, position.file, position.line) < 0)
		cli_need(NULL);
	rule.text = cli_need(strndup(position.text + position.column - 1, length));
	return rule;
}

void explain_rule_done(struct explain_rule *rule)
{
	free(rule->place);
	free(rule->text);
}

const struct callgate_explain_edit *
explain_fix(const struct explain *explain, const struct seccomp_data *call,
	    const char *note, struct callgate_explain_advice **ret_advice)
{
	const struct input *input = explain->input;
	const struct callgate_reader reader = { callgate_read_file, NULL };
	const struct callgate_parse_options options = { .reader = &reader };
	const struct callgate_explain_policy about = { input->policy,
						       input->diagnostics, &options };
	struct callgate_explain_seen seen = { .call = *call, .note = note };

	for (unsigned i = 0; explain->zero_is_unsaid && i < 6; i++)
		seen.unsaid |= call->args[i] ? 0 : 1u << i;
	*ret_advice = NULL;
	if (!input->policy || callgate_explain_advise(&about, &seen, 1, ret_advice) ||
	    (*ret_advice)->edit_of[0] == CALLGATE_NONE)
		return NULL;
	return &(*ret_advice)->edits[(*ret_advice)->edit_of[0]];
}

char *explain_fix_place(const struct callgate_explain_edit *edit)
{
	char *text;
	int length;

	if (edit->at_end)
		length = asprintf(&text, "%s, add at the end", edit->file);
	else
		length = asprintf(&text, "%s:%" PRIu32 ", insert before", edit->file,
				  edit->line);
	return cli_need(length < 0 ? NULL : text);
}

/* --- JSON ------------------------------------------------------------------------- */

static json_t *value_json(const struct callgate_explain_value *value);

static json_t *values_json(const struct callgate_explain_value *values, size_t count)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, value_json(&values[i]));
	return list;
}

/* "tag": where it is from, and that it may have changed since the kernel read it. */
static json_t *value_json(const struct callgate_explain_value *value)
{
	json_t *object = cli_need(json_object());

	if (value->name)
		json_object_set_new(object, "name", json_text(value->name));
	json_object_set_new(object, "text", json_text(value->text));
	json_object_set_new(object, "number", json_integer((json_int_t)value->number));
	if (value->from_memory) {
		json_object_set_new(object, "from_memory", json_true());
		json_object_set_new(object, "tag", json_string("U,TOCTOU"));
	}
	if (value->bytes)
		json_object_set_new(object, "value",
				    json_text_of(value->bytes, value->length));
	if (value->cut)
		json_object_set_new(object, "cut", json_true());
	if (value->count)
		json_object_set_new(object, "members",
				    values_json(value->members, value->count));
	return object;
}

json_t *explain_call_json(const struct callgate_explain_call *call)
{
	struct callgate_abi abi = { 0 };

	callgate_abi_at(call->abi, &abi);
	return cli_need(json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(call->name),
				  "text", json_text(call->text), "abi",
				  json_text(abi.name), "arguments",
				  values_json(call->arguments, call->count)));
}

json_t *explain_stack_json(const struct callgate_explain_stack *stack)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < stack->count; i++) {
		const struct callgate_explain_frame *frame = &stack->frames[i];
		json_t *object =
			cli_need(json_pack("{s:I, s:o, s:I, s:o, s:I, s:b}", "pc",
					   (json_int_t)frame->pc, "function",
					   json_text(frame->function), "offset",
					   (json_int_t)frame->offset, "module",
					   json_text(frame->module), "module_offset",
					   (json_int_t)frame->module_offset, "system",
					   (int)frame->is_system));

		if (frame->file) {
			json_object_set_new(object, "file", json_text(frame->file));
			json_object_set_new(object, "line", json_integer(frame->line));
		}
		json_array_append_new(list, object);
	}
	return cli_need(json_pack("{s:o, s:o, s:o}", "frames", list, "place",
				  stack->place < stack->count
					  ? json_integer((json_int_t)stack->place)
					  : json_null(),
				  "note", json_text(stack->note)));
}

static json_t *rule_json(const struct input *input, const struct seccomp_data *call)
{
	struct callgate_explain_rule decided =
		callgate_explain_rule(input->policy, call);
	struct explain_rule rule = explain_rule_of(input, decided.span, decided.kind);
	struct callgate_position position = { 0 };
	json_t *object;

	callgate_diagnostics_position(input->diagnostics, decided.span, &position);
	object = cli_need(json_pack("{s:s, s:o, s:I, s:o}", "kind", decided.kind,
				    "file", json_text(position.file), "line",
				    (json_int_t)position.line, "text",
				    json_text(rule.text)));
	explain_rule_done(&rule);
	return object;
}

static json_t *fix_json(const struct explain *explain, const struct seccomp_data *call)
{
	struct callgate_explain_advice *advice;
	const struct callgate_explain_edit *edit =
		explain_fix(explain, call, NULL, &advice);
	json_t *object = edit ? cli_need(json_pack("{s:o, s:I, s:b, s:o, s:o, s:o}",
						   "file", json_text(edit->file),
						   "line", (json_int_t)edit->line,
						   "at_end", (int)edit->at_end, "rule",
						   json_text(edit->rule), "reason",
						   json_text(edit->reason), "patch",
						   json_text(advice->patch)))
			      : json_null();

	callgate_explain_advice_free(advice);
	return object;
}

json_t *explain_decision_json(const struct explain *explain,
			      const struct seccomp_data *call)
{
	const struct input *input = explain->input;
	struct callgate_verdict verdict = callgate_filter_run(input->filter, call);
	char *action = cli_need(callgate_verdict_text_for(call, verdict.value));
	json_t *object =
		cli_need(json_pack("{s:o, s:I, s:b}", "verdict", json_text(action),
				   "value", (json_int_t)verdict.value, "allowed",
				   (int)callgate_verdict_allows(verdict.value)));

	free(action);
	if (input->policy) {
		json_object_set_new(object, "rule", rule_json(input, call));
		json_object_set_new(object, "fix", fix_json(explain, call));
	}
	return object;
}

/* --- a denial ---------------------------------------------------------------------- */

static void tell_text(const struct explain *explain,
		      struct callgate_explain_denial *denial,
		      const struct seccomp_data *call)
{
	const struct input *input = explain->input;
	struct callgate_explain_advice *advice = NULL;
	const struct callgate_explain_edit *edit = NULL;
	struct explain_rule rule = { 0 };
	char *place = NULL;

	if (input && input->policy) {
		struct callgate_explain_rule decided =
			callgate_explain_rule(input->policy, call);

		rule = explain_rule_of(input, decided.span, decided.kind);
		denial->place = rule.place;
		denial->rule = rule.text;
		edit = explain_fix(explain, call, denial->program, &advice);
	}
	if (edit && edit->file)
		denial->fix_place = place = explain_fix_place(edit);
	if (edit)
		denial->fix = edit->rule ? edit->rule : edit->reason;
	explain_print(stdout, denial);
	explain_rule_done(&rule);
	callgate_explain_advice_free(advice);
	free(place);
}

void explain_tell(const struct explain *explain, struct callgate_explain_denial *denial,
		  const struct seccomp_data *call, json_t *more)
{
	json_t *object;

	if (!explain->list) {
		tell_text(explain, denial, call);
		json_decref(more);
		return;
	}
	object = cli_need(json_pack("{s:o, s:i}", "program", json_text(denial->program),
				    "thread", denial->thread));
	json_object_update(object, more);
	json_decref(more);
	if (denial->stack)
		json_object_set_new(object, "stack", explain_stack_json(denial->stack));
	if (explain->input)
		json_object_set_new(object, "decision",
				    explain_decision_json(explain, call));
	json_array_append_new(explain->list, object);
}
