// SPDX-License-Identifier: MIT
/*
 * A denial as text:
 *
 *	python3[20820] mkdir("/tmp/x", 0777) denied (EPERM)
 *	  by   app.gate:14  deny @file-system-write
 *	  at   os_mkdir+0x10d (python3.11)  posixmodule.c:4613
 *	       …
 *
 * All names and texts come from the program and may hold anything.
 */
#include "run_denial.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"

char *denial_verdict(uint32_t verdict)
{
	char *text = cli_need(callgate_verdict_text(verdict));

	if (strncmp(text, "errno ", 6) == 0)
		memmove(text, text + 6, strlen(text + 6) + 1);
	return text;
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

static void print_head(FILE *stream, const struct denial *denial)
{
	char *verdict = denial_verdict(denial->facts->verdict);

	fputs(style_begin(stream, STYLE_BOLD), stream);
	print_safe(stream, denial->program);
	fprintf(stream, "[%d]%s ", denial->facts->process,
		style_end(stream, STYLE_BOLD));
	print_safe(stream, denial->call->text);
	fprintf(stream, " %s%s (%s)%s\n", style_begin(stream, STYLE_ERROR),
		denial->facts->permitted ? "would be denied" : "denied", verdict,
		style_end(stream, STYLE_ERROR));
	free(verdict);
}

static void print_rule(FILE *stream, const struct denial *denial)
{
	struct callgate_position position;
	char *rule = denial_rule(denial->layer, denial->span, &position);

	fputs("  by   ", stream);
	print_safe(stream, rule ? position.file : denial->layer->name);
	if (rule)
		fprintf(stream, ":%u  ", position.line);
	else
		fputs(denial->layer->policy ? "  what it leaves unsaid" : "  a filter",
		      stream);
	if (rule)
		print_safe(stream, rule);
	fputc('\n', stream);
	free(rule);
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void print_frame(FILE *stream, const struct callgate_explain_frame *frame)
{
	if (frame->function) {
		print_safe(stream, frame->function);
		fprintf(stream, "+0x%llx", (unsigned long long)frame->offset);
	} else {
		fprintf(stream, "0x%llx",
			(unsigned long long)(frame->module ? frame->module_offset
							   : frame->pc));
	}
	if (frame->module) {
		fputs(" (", stream);
		print_safe(stream, base_of(frame->module));
		fputc(')', stream);
	}
	if (frame->file) {
		fputs("  ", stream);
		print_safe(stream, base_of(frame->file));
		fprintf(stream, ":%u", frame->line);
	}
	fputc('\n', stream);
}

/* From the first frame on that is the program's own. */
static void print_stack(FILE *stream, const struct callgate_explain_stack *stack)
{
	const char *lead = "  at   ";

	for (size_t i = stack->place == CALLGATE_NONE ? 0 : stack->place;
	     i < stack->count; i++) {
		fputs(lead, stream);
		print_frame(stream, &stack->frames[i]);
		lead = "       ";
	}
	if (stack->note)
		fprintf(stream, "  note %s\n", stack->note);
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

void denial_print(FILE *stream, const struct denial *denial)
{
	print_head(stream, denial);
	print_rule(stream, denial);
	if (denial->stack)
		print_stack(stream, denial->stack);
	if (denial->registers)
		print_refusal(stream, denial->registers);
}

static void print_place(FILE *stream, const struct place *place,
			const struct input *layers)
{
	struct callgate_position position;
	char *rule = denial_rule(&layers[place->layer], place->span, &position);
	char *verdict = denial_verdict(place->verdict);

	fprintf(stream, "  %6llu  ", (unsigned long long)place->count);
	print_safe(stream, rule ? position.file : layers[place->layer].name);
	if (rule)
		fprintf(stream, ":%u", position.line);
	fputs("  ", stream);
	print_safe(stream, place->call);
	fprintf(stream, " (%s)", verdict);
	if (place->function) {
		fputs("  ", stream);
		print_safe(stream, place->function);
	}
	fputc('\n', stream);
	free(verdict);
	free(rule);
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
		print_place(stream, &places->list[i], layers);
	if (places->others)
		fprintf(stream, "  %6llu  at places beyond the first %d\n",
			(unsigned long long)places->others, PLACES_MAX);
}
