// SPDX-License-Identifier: MIT
/*
 * A denial as text, see callgate_explain_denial_print(), and the count at the end.
 *
 * All names and texts come from the program and may hold anything.
 */
#include "run_denial.h"

#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "output.h"

char *denial_verdict(uint32_t verdict)
{
	char *text = cli_need(callgate_verdict_text(verdict)), *name;

	if (strncmp(text, "errno ", 6) != 0)
		return text;
	name = cli_need(strdup(text + 6));
	free(text);
	return name;
}

char *denial_rule(const struct input *layer, struct callgate_span span,
		  struct callgate_position *ret_position)
{
	const char *text;
	size_t length;

	if (!callgate_diagnostics_position(layer->diagnostics, span, ret_position))
		return NULL;
	text = ret_position->text;
	length = ret_position->text_length;
	while (length && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	return cli_need(strndup(text, length));
}

/* Why there is no more of a stack than one frame. */
static void print_refusal(FILE *stream, const struct callgate_registers *registers)
{
	if (registers->stop == CALLGATE_TRACED)
		fprintf(stream,
			"  note process %d traces it: read without stopping it\n",
			registers->tracer);
	else if (registers->stop == CALLGATE_NOT_TRACED)
		fprintf(stream, "  note it cannot be stopped (%s): read as it is\n",
			strerror(-registers->error));
}

/* "app.gate:14", or what else decided. */
static char *place_of(const struct denial *denial, const char *rule,
		      const struct callgate_position *position)
{
	char *text;
	int length = rule ? asprintf(&text, "%s:%u", position->file, position->line)
			  : asprintf(&text, "%s", denial->layer->name);

	return cli_need(length < 0 ? NULL : text);
}

void denial_print(FILE *stream, const struct denial *denial)
{
	const struct callgate_explain_edit *edit = denial->edit;
	struct callgate_position position;
	char *rule = denial_rule(denial->layer, denial->span, &position);
	char *place = place_of(denial, rule, &position), *fix_place = NULL;
	struct callgate_explain_denial text = {
		.program = denial->program,
		.thread = denial->facts->thread,
		.call = denial->call->text,
		.verdict = denial->facts->verdict,
		.permissive = denial->facts->permitted,
		.place = place,
		.rule = rule			? rule
			: denial->layer->policy ? "what it leaves unsaid"
						: "a filter",
		.stack = denial->stack,
	};

	if (edit && edit->file)
		text.fix_place = fix_place = explain_fix_place(edit);
	if (edit)
		text.fix = edit->file ? edit->rule : edit->reason;
	explain_print(stream, &text);
	if (denial->registers)
		print_refusal(stream, denial->registers);
	free(fix_place);
	free(place);
	free(rule);
}

static void print_call(FILE *stream, const struct place *place)
{
	char *verdict = denial_verdict(place->verdict);

	fputs("  ", stream);
	print_safe(stream, place->call);
	fprintf(stream, " (%s)", verdict);
	if (place->function) {
		fputs("  ", stream);
		print_safe(stream, place->function);
	}
	fputc('\n', stream);
	free(verdict);
}

bool places_share_rule(const struct place *a, const struct place *b)
{
	return a->layer == b->layer && a->span.file == b->span.file &&
	       a->span.offset == b->span.offset && a->span.length == b->span.length;
}

/* A rule that denied at several places: its own line, and theirs below it. */
static void print_places(FILE *stream, const struct places *places,
			 const struct place *first, const char *rule)
{
	fputs("  ", stream);
	print_safe(stream, rule ? rule : "what it leaves unsaid");
	fputc('\n', stream);
	for (size_t i = 0; i < places->count; i++) {
		const struct place *place = &places->list[i];

		if (!places_share_rule(place, first))
			continue;
		fprintf(stream, "    %6llu", (unsigned long long)place->count);
		print_call(stream, place);
	}
}

static void print_rule(FILE *stream, const struct places *places,
		       const struct place *first, const struct input *layers)
{
	struct callgate_position position;
	char *rule = denial_rule(&layers[first->layer], first->span, &position);
	uint64_t count = 0;
	size_t sharing = 0;

	for (size_t i = 0; i < places->count; i++) {
		if (!places_share_rule(&places->list[i], first))
			continue;
		count += places->list[i].count;
		sharing++;
	}
	fprintf(stream, "  %6llu  ", (unsigned long long)count);
	print_safe(stream, rule ? position.file : layers[first->layer].name);
	if (rule)
		fprintf(stream, ":%u", position.line);
	if (sharing == 1)
		print_call(stream, first);
	else
		print_places(stream, places, first, rule);
	free(rule);
}

/* Whether it is the first place at which its rule denied. */
static bool is_first(const struct places *places, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (places_share_rule(&places->list[i], &places->list[index]))
			return false;
	return true;
}

void denials_print(FILE *stream, const struct places *places,
		   const struct input *layers)
{
	if (!places->total)
		return;
	fprintf(stream, "callgate run: %llu denial%s at %zu place%s\n",
		(unsigned long long)places->total, places->total == 1 ? "" : "s",
		places->count, places->count == 1 ? "" : "s");
	for (size_t i = 0; i < places->count; i++)
		if (is_first(places, i))
			print_rule(stream, places, &places->list[i], layers);
	if (places->others)
		fprintf(stream, "  %6llu  at places beyond the first %d\n",
			(unsigned long long)places->others, PLACES_MAX);
}
