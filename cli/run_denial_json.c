// SPDX-License-Identifier: MIT
/*
 * A denial as JSON, one object a line: what was read from the memory of the program is
 * marked, for it may have changed since the kernel read it.
 */
#include "run_denial.h"

#include <stdlib.h>

#include "explain.h"
#include "output.h"

static json_t *rule_json(const struct input *layer, struct callgate_span span)
{
	struct callgate_position position;
	char *rule = denial_rule(layer, span, &position);
	json_t *object;

	if (!rule)
		return cli_need(json_pack("{s:o}", "file", json_text(layer->name)));
	object = cli_need(json_pack("{s:o, s:i, s:o}", "file", json_text(position.file),
				    "line", (int)position.line, "text",
				    json_text(rule)));
	free(rule);
	return object;
}

static json_t *verdict_json(uint32_t verdict)
{
	char *text = cli_need(callgate_verdict_text(verdict));
	json_t *string = json_text(text);

	free(text);
	return string;
}

/* How the stack was read: by all registers or without. */
static const char *way_of(const struct callgate_registers *registers)
{
	static const char *const ways[] = {
		[CALLGATE_STOPPED] = "stopped",
		[CALLGATE_TRACED] = "traced by another",
		[CALLGATE_NOT_TRACED] = "not stopped",
	};

	return registers ? ways[registers->stop] : NULL;
}

static void print_line(FILE *stream, json_t *object)
{
	json_dumpf(object, stream, JSON_COMPACT | JSON_ENSURE_ASCII);
	fputc('\n', stream);
	json_decref(object);
}

static json_t *edit_json(const struct callgate_explain_edit *edit)
{
	if (!edit)
		return json_null();
	return cli_need(
		json_pack("{s:o, s:i, s:b, s:o, s:o}", "file", json_text(edit->file),
			  "line", (int)edit->line, "at_end", (int)edit->at_end, "rule",
			  json_text(edit->rule), "reason", json_text(edit->reason)));
}

void denial_print_json(FILE *stream, const struct denial *denial)
{
	const struct callgate_denial *facts = denial->facts;
	json_t *object = cli_need(json_pack(
		"{s:s, s:i, s:i, s:o, s:o, s:b, s:o, s:i, s:I, s:o, s:o, s:o}", "event",
		"denied", "process", facts->process, "thread", facts->thread, "program",
		json_text(denial->program), "verdict", verdict_json(facts->verdict),
		"permitted", (int)facts->permitted, "call",
		explain_call_json(denial->call), "number", facts->call.nr,
		"instruction_pointer", (json_int_t)facts->call.instruction_pointer,
		"rule", rule_json(denial->layer, denial->span), "registers",
		json_text(way_of(denial->registers)), "fix", edit_json(denial->edit)));

	if (denial->stack)
		json_object_set_new(object, "stack", explain_stack_json(denial->stack));
	print_line(stream, object);
}

void denials_print_json(FILE *stream, const struct places *places,
			const struct input *layers)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < places->count; i++) {
		const struct place *place = &places->list[i];

		json_array_append_new(
			list, cli_need(json_pack("{s:o, s:o, s:o, s:o, s:I}", "call",
						 json_text(place->call), "function",
						 json_text(place->function), "verdict",
						 verdict_json(place->verdict), "rule",
						 rule_json(&layers[place->layer],
							   place->span),
						 "count", (json_int_t)place->count)));
	}
	print_line(stream,
		   cli_need(json_pack("{s:s, s:I, s:I, s:o}", "event", "summary",
				      "denials", (json_int_t)places->total, "elsewhere",
				      (json_int_t)places->others, "places", list)));
}
