// SPDX-License-Identifier: MIT
/*
 * A denial as JSON, one object a line: what was read from the memory of the program is
 * marked, for it may have changed since the kernel read it.
 */
#include "run_denial.h"

#include <stdlib.h>

#include "output.h"

static json_t *value_json(const struct callgate_explain_value *value);

static json_t *members_json(const struct callgate_explain_value *value)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < value->count; i++)
		json_array_append_new(list, value_json(&value->members[i]));
	return list;
}

static json_t *value_json(const struct callgate_explain_value *value)
{
	json_t *object = cli_need(json_object());

	if (value->name)
		json_object_set_new(object, "name", json_text(value->name));
	json_object_set_new(object, "text", json_text(value->text));
	json_object_set_new(object, "number", json_integer((json_int_t)value->number));
	if (value->from_memory)
		json_object_set_new(object, "from_memory", json_true());
	if (value->bytes)
		json_object_set_new(object, "value",
				    json_text_of(value->bytes, value->length));
	if (value->cut)
		json_object_set_new(object, "cut", json_true());
	if (value->count)
		json_object_set_new(object, "members", members_json(value));
	return object;
}

static json_t *call_json(const struct denial *denial)
{
	const struct callgate_explain_call *call = denial->call;
	struct callgate_abi abi = { 0 };
	json_t *list = cli_need(json_array());

	callgate_abi_at(call->abi, &abi);
	for (size_t i = 0; i < call->count; i++)
		json_array_append_new(list, value_json(&call->arguments[i]));
	return cli_need(json_pack("{s:o, s:o, s:o, s:i, s:I, s:o}", "name",
				  json_text(call->name), "text", json_text(call->text),
				  "abi", json_text(abi.name), "number",
				  denial->facts->call.nr, "instruction_pointer",
				  (json_int_t)denial->facts->call.instruction_pointer,
				  "arguments", list));
}

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

static json_t *frame_json(const struct callgate_explain_frame *frame)
{
	json_t *object = cli_need(
		json_pack("{s:I, s:o, s:I, s:o, s:I, s:b}", "pc", (json_int_t)frame->pc,
			  "function", json_text(frame->function), "offset",
			  (json_int_t)frame->offset, "module", json_text(frame->module),
			  "module_offset", (json_int_t)frame->module_offset, "system",
			  (int)frame->is_system));

	if (frame->file) {
		json_object_set_new(object, "file", json_text(frame->file));
		json_object_set_new(object, "line", json_integer(frame->line));
	}
	return object;
}

static json_t *stack_json(const struct callgate_explain_stack *stack)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < stack->count; i++)
		json_array_append_new(list, frame_json(&stack->frames[i]));
	return list;
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
	const struct callgate_explain_stack *stack = denial->stack;
	json_t *object = cli_need(
		json_pack("{s:s, s:i, s:i, s:o, s:o, s:b, s:o, s:o, s:o}", "event",
			  "denied", "process", denial->facts->process, "thread",
			  denial->facts->thread, "program", json_text(denial->program),
			  "verdict", verdict_json(denial->facts->verdict), "permitted",
			  (int)denial->facts->permitted, "call", call_json(denial),
			  "rule", rule_json(denial->layer, denial->span), "registers",
			  json_text(way_of(denial->registers))));

	json_object_set_new(object, "fix", edit_json(denial->edit));
	if (stack) {
		json_object_set_new(object, "stack", stack_json(stack));
		json_object_set_new(object, "place",
				    stack->place == CALLGATE_NONE
					    ? json_null()
					    : json_integer((json_int_t)stack->place));
		json_object_set_new(object, "note", json_text(stack->note));
	}
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
