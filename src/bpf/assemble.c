// SPDX-License-Identifier: MIT
/*
 * Assembly as CALLGATE_FORMAT_ASM has it, back into a program.
 *
 *     text ──assemble_line──► instructions with names of labels ──resolve──► distances
 *
 * Invariant: what is handed out has passed bpf_validate(), and a text that
 * callgate_filter_print() made becomes the very program that it was made of. Nothing is
 * optimised or repaired: a branch that does not reach is an error.
 */
#include "bpf/assembler.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "bpf/filter.h"

#define LENGTH_MAX ((size_t)16 << 20)

struct callgate_span assemble_span(const struct assembler *assembler, struct str part)
{
	return (struct callgate_span){ assembler->file,
				       (uint32_t)(part.ptr - assembler->text.ptr),
				       (uint32_t)part.len };
}

/* --- labels -------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
	const struct label *left = a, *right = b;

	return str_compare(left->name, right->name);
}

/* By name, those of one name in order of place. */
static int compare_labels(const void *a, const void *b)
{
	const struct label *left = a, *right = b;
	int order = compare_names(a, b);

	if (order)
		return order;
	return left->name.ptr < right->name.ptr ? -1 : 1;
}

static void sort_labels(struct assembler *assembler)
{
	if (!assembler->label_count)
		return;
	qsort(assembler->labels, assembler->label_count, sizeof(*assembler->labels),
	      compare_labels);
	for (size_t i = 1; i < assembler->label_count; i++) {
		const struct label *label = &assembler->labels[i];

		if (compare_names(label - 1, label) != 0 ||
		    assembler->errors >= ASSEMBLE_ERRORS_MAX)
			continue;
		assemble_error(assembler, "duplicate-label",
			       assemble_span(assembler, label->name), NULL,
			       "a label of this name is there already");
		diag_note(assembler->diagnostics,
			  assemble_span(assembler, label[-1].name), "it is here");
	}
}

static const struct label *find_label(const struct assembler *assembler,
				      struct str name)
{
	const struct label wanted = { .name = name };

	if (!assembler->label_count)
		return NULL;
	return bsearch(&wanted, assembler->labels, assembler->label_count,
		       sizeof(*assembler->labels), compare_names);
}

#define NAMES_LOOKED_AT 10000 /* for a did-you-mean */

/* The label nearest to a name; its `ptr` is NULL when none is near. */
static struct str nearest_label(const struct assembler *assembler, struct str name)
{
	struct str_nearest nearest = str_nearest_to(name);
	struct str best = { 0 };
	char text[65];

	for (size_t i = 0; i < assembler->label_count && i < NAMES_LOOKED_AT; i++) {
		struct str label = assembler->labels[i].name;
		unsigned before = nearest.best ? nearest.distance : UINT_MAX;

		if (label.len >= sizeof(text))
			continue;
		memcpy(text, label.ptr, label.len);
		text[label.len] = '\0';
		str_nearest_offer(&nearest, text);
		if (nearest.best && nearest.distance < before)
			best = label;
	}
	return best;
}

static void report_unknown(struct assembler *assembler, struct str name)
{
	struct str nearest = nearest_label(assembler, name);
	struct buffer hint = { 0 };

	if (nearest.len)
		buffer_printf(&hint, "did you mean '%.*s'?", STR_ARG(nearest));
	assemble_error(assembler, "unknown-label", assemble_span(assembler, name),
		       hint.data, "no line has this label");
	buffer_done(&hint);
}

/* How far ahead of the next instruction a label is; at most `reach`. */
static uint32_t distance_to(struct assembler *assembler, size_t at, struct str name,
			    size_t reach)
{
	const struct label *label = find_label(assembler, name);
	struct callgate_span span = assemble_span(assembler, name);

	if (!label)
		report_unknown(assembler, name);
	else if (label->at <= at)
		assemble_error(assembler, "backward-jump", span,
			       "so that every filter ends, jumps only go forward",
			       "this label is not ahead");
	else if (label->at >= assembler->length)
		assemble_error(assembler, "bad-jump", span,
			       "every path ends with a ret",
			       "no instruction follows this label");
	else if (label->at - at - 1 > reach)
		assemble_error(assembler, "far-jump", span,
			       "branch to a 'ja' that goes there",
			       "this label is %zu instructions ahead; a branch "
			       "reaches over %zu",
			       label->at - at - 1, reach);
	else
		return (uint32_t)(label->at - at - 1);
	return 0;
}

static void resolve(struct assembler *assembler, size_t at)
{
	struct assembled *instruction = &assembler->code[at];
	uint8_t *fields[] = { &instruction->code.jt, &instruction->code.jf };
	struct str labels[] = { instruction->yes, instruction->no };

	if (!instruction->has_targets)
		return;
	if (instruction->code.code == (BPF_JMP | BPF_JA)) {
		instruction->code.k =
			distance_to(assembler, at, instruction->yes, BPF_MAXINSNS);
		return;
	}
	for (unsigned i = 0; i < 2; i++) {
		unsigned field = instruction->swapped ? 1 - i : i;

		if (labels[i].len)
			*fields[field] = (uint8_t)distance_to(assembler, at, labels[i],
							      UINT8_MAX);
	}
}

/* --- the whole ----------------------------------------------------------------- */

static void read_lines(struct assembler *assembler)
{
	struct str rest = assembler->text;

	while (rest.len && assembler->errors < ASSEMBLE_ERRORS_MAX &&
	       assembler->length <= BPF_MAXINSNS && !assembler->arena.failed) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t length = end ? (size_t)(end - rest.ptr) : rest.len;

		assemble_line(assembler, (struct str){ rest.ptr, length });
		length += end != NULL;
		rest = (struct str){ rest.ptr + length, rest.len - length };
	}
}

/* What is wrong with the program as a whole. */
static void check(struct assembler *assembler, const struct bpf_program *program)
{
	const char *why;
	size_t at;

	for (at = 0; at < program->length; at++) {
		why = bpf_validate_instruction(program->code, program->length, at);
		if (why && assembler->errors < ASSEMBLE_ERRORS_MAX)
			assemble_error(assembler, "bad-program",
				       assembler->code[at].span, NULL,
				       "the kernel would refuse this: it %s", why);
	}
	if (assembler->errors ||
	    !bpf_validate(program->code, program->length, &at, &why))
		return;
	if (program->length == 0)
		assemble_error(assembler, "bad-program",
			       assemble_span(assembler, assembler->text),
			       "the shortest filter is 'ret allow'", "%s", why);
	else
		assemble_error(assembler, "bad-program", assembler->code[at].span,
			       "every path must end with a ret, and read of M[] what "
			       "it has stored",
			       "the kernel would refuse this: it %s", why);
}

static int finish(struct assembler *assembler, struct bpf_program *ret_program)
{
	struct bpf_program program = { .length = assembler->length,
				       .big_endian = assembler->big_endian };

	program.code = malloc((assembler->length + 1) * sizeof(*program.code));
	if (!program.code)
		return -ENOMEM;
	for (size_t at = 0; at < assembler->length; at++)
		program.code[at] = assembler->code[at].code;
	if (!assembler->errors)
		check(assembler, &program);
	if (assembler->errors) {
		bpf_program_done(&program);
		return -EINVAL;
	}
	*ret_program = program;
	return 0;
}

static int assemble(struct assembler *assembler, struct bpf_program *ret_program)
{
	read_lines(assembler);
	if (assembler->arena.failed)
		return assembler->arena.limited ? -E2BIG : -ENOMEM;
	if (assembler->length > BPF_MAXINSNS) {
		assemble_error(assembler, "too-long",
			       assembler->code[BPF_MAXINSNS].span, NULL,
			       "this is instruction number %d; a filter has at most %d",
			       BPF_MAXINSNS + 1, BPF_MAXINSNS);
		return -EINVAL;
	}
	sort_labels(assembler);
	for (size_t at = 0;
	     at < assembler->length && assembler->errors < ASSEMBLE_ERRORS_MAX; at++)
		resolve(assembler, at);
	return finish(assembler, ret_program);
}

int callgate_filter_assemble(const char *text, size_t length, const char *name,
			     struct callgate_diagnostics *diagnostics,
			     struct callgate_filter **ret_filter)
{
	size_t first = callgate_diagnostics_count(diagnostics);
	struct assembler assembler = { .diagnostics = diagnostics,
				       .text = { text, length },
				       .big_endian = BIG_ENDIAN_HOST };
	struct bpf_program program;
	int error = -E2BIG;

	*ret_filter = NULL;
	if (length <= LENGTH_MAX) {
		assembler.file = diag_add_source(diagnostics, name, assembler.text);
		arena_init(&assembler.arena, ARENA_DEFAULT_LIMIT);
		error = assemble(&assembler, &program);
		arena_done(&assembler.arena);
		diag_sort(diagnostics, first);
	}
	if (error == -E2BIG)
		diag_error(diagnostics, "too-large", SPAN_NONE, "is it the right file?",
			   "no filter of 4096 instructions is so long");
	if (error)
		return error;
	*ret_filter = filter_new(&program);
	return *ret_filter ? 0 : -ENOMEM;
}
