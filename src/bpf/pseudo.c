// SPDX-License-Identifier: MIT
/*
 * A program as structured text.
 *
 *     if (arch != x86_64)
 *             return kill;
 *     if (nr in {read, write})
 *             return allow;
 *     if (nr == socket) {
 *             …
 *     }
 *     return kill;
 *
 * Every way through a program ends in a return, so nothing needs an else: one way out
 * of a decision goes on at the same depth, the others are nested. A block that several
 * lead to is printed once, under a label, after those that lead to it. The text says the
 * same as the program for every call.
 */
#include "bpf/pseudo.h"

#include <stdlib.h>

#define DEPTH_MAX 12 /* what is nested deeper gets a label */
#define COLUMNS	  88
#define TAB	  8

struct printer {
	struct pseudo *pseudo;
	struct buffer *text;
	bool *is_labelled;
	unsigned depth;
	size_t line; /* where the current one begins in the text */
};

static void begin_line(struct printer *printer, const char *more)
{
	printer->line = printer->text->len;
	buffer_fill(printer->text, '\t', printer->depth);
	buffer_text(printer->text, more);
}

/* Ahead of a piece of text in a list. */
static void wrap(struct printer *printer, size_t length)
{
	size_t column = printer->text->len - printer->line + (TAB - 1) * printer->depth;

	if (column + length + 4 <= COLUMNS) {
		buffer_text(printer->text, " ");
		return;
	}
	buffer_text(printer->text, "\n");
	begin_line(printer, "    ");
}

/* --- statements ---------------------------------------------------------------- */

static void print_operand(const struct sock_filter *i, struct buffer *text)
{
	if (BPF_SRC(i->code) == BPF_X)
		buffer_text(text, "X");
	else
		buffer_printf(text, "0x%x", i->k);
}

static const char *operator_of(const struct sock_filter *i)
{
	switch (BPF_OP(i->code)) {
	case BPF_ADD:
		return "+";
	case BPF_SUB:
		return "-";
	case BPF_MUL:
		return "*";
	case BPF_DIV:
		return "/";
	case BPF_AND:
		return "&";
	case BPF_OR:
		return "|";
	case BPF_XOR:
		return "^";
	case BPF_LSH:
		return "<<";
	default: /* BPF_RSH */
		return ">>";
	}
}

/* A as it is known ahead of an instruction. */
static void print_a(const struct printer *printer, size_t at)
{
	pseudo_name_value(printer->pseudo, at, printer->pseudo->facts[at].a,
			  printer->text);
}

static void print_load(const struct printer *printer, const struct sock_filter *i,
		       size_t at)
{
	const struct bpf_program *program = printer->pseudo->program;
	struct value loaded = { .is_known = true, .mask = UINT32_MAX };

	switch (BPF_MODE(i->code)) {
	case BPF_ABS:
		loaded.word = (uint8_t)word_at_offset(i->k, program->big_endian);
		pseudo_name_value(printer->pseudo, at, loaded, printer->text);
		break;
	case BPF_MEM:
		buffer_printf(printer->text, "M[%u]", i->k);
		break;
	case BPF_LEN:
		buffer_printf(printer->text, "%zu", sizeof(struct seccomp_data));
		break;
	default: /* BPF_IMM */
		buffer_printf(printer->text, "0x%x", i->k);
		break;
	}
}

static void print_computation(const struct printer *printer,
			      const struct sock_filter *i, size_t at)
{
	bool known = printer->pseudo->facts[at].a.is_known;
	bool masked = known && printer->pseudo->facts[at].a.mask != UINT32_MAX;

	buffer_text(printer->text, BPF_OP(i->code) == BPF_NEG ? "-" : "");
	buffer_text(printer->text, masked ? "(" : "");
	print_a(printer, at);
	buffer_text(printer->text, masked ? ")" : "");
	if (BPF_OP(i->code) == BPF_NEG)
		return;
	buffer_printf(printer->text, " %s ", operator_of(i));
	print_operand(i, printer->text);
}

/* Loads and computations that are a part of what is tested are said there. */
static bool is_silent(const struct printer *printer, size_t at)
{
	unsigned class = BPF_CLASS(printer->pseudo->program->code[at].code);
	bool sets_a = class == BPF_LD || class == BPF_ALU ||
		      printer->pseudo->program->code[at].code == (BPF_MISC | BPF_TXA);

	return sets_a && !printer->pseudo->facts[at].is_shown;
}

/* A division by an X of 0 ends the program. */
static void print_division_check(struct printer *printer, const struct sock_filter *i)
{
	if (i->code != (BPF_ALU | BPF_DIV | BPF_X))
		return;
	begin_line(printer, "if (X == 0)\n");
	printer->depth++;
	begin_line(printer, "return kill-thread;\n");
	printer->depth--;
}

static void print_statement(struct printer *printer, size_t at)
{
	const struct sock_filter *i = &printer->pseudo->program->code[at];

	print_division_check(printer, i);
	if (is_silent(printer, at))
		return;
	begin_line(printer, "");
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
		buffer_text(printer->text, "A = ");
		print_load(printer, i, at);
		break;
	case BPF_LDX:
		buffer_text(printer->text, "X = ");
		print_load(printer, i, at);
		break;
	case BPF_ST:
		buffer_printf(printer->text, "M[%u] = ", i->k);
		print_a(printer, at);
		break;
	case BPF_STX:
		buffer_printf(printer->text, "M[%u] = X", i->k);
		break;
	case BPF_ALU:
		buffer_text(printer->text, "A = ");
		print_computation(printer, i, at);
		break;
	default: /* BPF_MISC */
		if (BPF_MISCOP(i->code) == BPF_TXA) {
			buffer_text(printer->text, "A = X");
			break;
		}
		buffer_text(printer->text, "X = ");
		print_a(printer, at);
		break;
	}
	buffer_text(printer->text, ";\n");
}

static void print_return(struct printer *printer, size_t at)
{
	const struct sock_filter *i = &printer->pseudo->program->code[at];

	begin_line(printer, "return ");
	if (i->code == (BPF_RET | BPF_K))
		verdict_print(i->k, abi_native(), printer->text);
	else
		print_a(printer, at);
	buffer_text(printer->text, ";\n");
}

/* --- conditions ---------------------------------------------------------------- */

static void print_branch(const struct printer *printer, size_t at, bool holds)
{
	static const char *const operators[][2] = {
		[BPF_JEQ >> 4] = { "!=", "==" },
		[BPF_JGT >> 4] = { "<=", ">" },
		[BPF_JGE >> 4] = { "<", ">=" },
	};
	const struct sock_filter *i = &printer->pseudo->program->code[at];
	struct value a = printer->pseudo->facts[at].a;
	bool is_set = BPF_OP(i->code) == BPF_JSET;

	/* "flags & X" with the mask by name reads as a masked value does */
	if (is_set && BPF_SRC(i->code) == BPF_K && a.is_known) {
		a.mask &= i->k;
		buffer_text(printer->text, holds ? "" : "!(");
		pseudo_name_value(printer->pseudo, at, a, printer->text);
		buffer_text(printer->text, holds ? "" : ")");
		return;
	}
	buffer_text(printer->text, is_set && !holds ? "!(" : "");
	print_a(printer, at);
	buffer_printf(printer->text, " %s ",
		      is_set ? "&" : operators[BPF_OP(i->code) >> 4][holds]);
	if (BPF_SRC(i->code) == BPF_X)
		buffer_text(printer->text, "X");
	else
		pseudo_name_number(printer->pseudo, at, a, i->k, printer->text);
	buffer_text(printer->text, is_set && !holds ? ")" : "");
}

/* A list of the values that go to one place. */
struct list {
	struct printer *printer;
	const struct block *block;
	struct buffer item;
	size_t count;
};

static void list_flush(struct list *list)
{
	struct printer *printer = list->printer;

	if (list->count++) {
		buffer_text(printer->text, ",");
		wrap(printer, list->item.len);
	}
	buffer_put(printer->text, list->item.data, list->item.len);
	printer->text->failed |= list->item.failed;
	buffer_done(&list->item);
}

static void list_number(struct list *list, uint32_t number)
{
	pseudo_name_number(list->printer->pseudo, list->block->end, list->block->key,
			   number, &list->item);
}

static void list_piece(struct list *list, const struct piece *piece)
{
	for (uint32_t i = 0; piece->items > 1 && i < piece->items; i++) {
		list_number(list, piece->first + i);
		list_flush(list);
	}
	if (piece->items > 1)
		return;
	list_number(list, piece->first);
	if (piece->first != piece->last) {
		buffer_text(&list->item, "..");
		list_number(list, piece->last);
	}
	list_flush(list);
}

/* The only piece of a target, or NULL. */
static const struct piece *only_piece(const struct block *block, size_t target)
{
	const struct piece *found = NULL;

	for (size_t i = 0; i < block->piece_count; i++) {
		if (block->pieces[i].target != target)
			continue;
		if (found)
			return NULL;
		found = &block->pieces[i];
	}
	return found;
}

/* One comparison that is enough for a piece; NULL: there is none. */
static const char *comparison_of(const struct block *block, const struct piece *piece,
				 uint32_t *ret_number)
{
	bool at_start = piece == block->pieces;
	bool at_end = piece == &block->pieces[block->piece_count - 1];

	*ret_number = piece->first;
	if (piece->first == piece->last)
		return "==";
	if (piece->items > 1)
		return NULL;
	if (at_end)
		return ">=";
	*ret_number = piece->last;
	return at_start ? "<=" : NULL;
}

static void print_key(const struct printer *printer, const struct block *block)
{
	bool masked = block->key.mask != UINT32_MAX;

	buffer_text(printer->text, masked ? "(" : "");
	pseudo_name_value(printer->pseudo, block->end, block->key, printer->text);
	buffer_text(printer->text, masked ? ")" : "");
}

static size_t list_length(const struct block *block, size_t target)
{
	size_t length = 0;

	for (size_t i = 0; i < block->piece_count; i++) {
		if (block->pieces[i].target == target)
			length += block->pieces[i].items;
	}
	return length;
}

static void print_list(struct printer *printer, const struct block *block,
		       size_t target)
{
	struct list list = { .printer = printer, .block = block };

	buffer_text(printer->text, " in {");
	for (size_t i = 0; i < block->piece_count; i++) {
		if (block->pieces[i].target == target)
			list_piece(&list, &block->pieces[i]);
	}
	buffer_text(printer->text, "}");
}

/* The condition under which a split goes to a target. */
static void print_pieces(struct printer *printer, const struct block *block,
			 size_t target)
{
	const struct piece *only = only_piece(block, target);
	uint32_t number = 0;
	const char *comparison = only ? comparison_of(block, only, &number) : NULL;

	print_key(printer, block);
	if (comparison) {
		buffer_printf(printer->text, " %s ", comparison);
		pseudo_name_number(printer->pseudo, block->end, block->key, number,
				   printer->text);
		return;
	}
	print_list(printer, block, target);
}

/* --- structure ----------------------------------------------------------------- */

static bool is_return(const struct printer *printer, size_t at)
{
	return printer->pseudo->blocks[at]->kind == BLOCK_RETURN &&
	       printer->pseudo->blocks[at]->end == at;
}

/* It cannot stand where it is needed. */
static bool needs_label(const struct printer *printer, size_t target)
{
	return !is_return(printer, target) &&
	       (printer->pseudo->references[target] > 1 ||
		printer->is_labelled[target]);
}

static void print_goto(struct printer *printer, size_t target)
{
	printer->is_labelled[target] = true;
	begin_line(printer, "goto ");
	buffer_printf(printer->text, "l%zu;\n", target);
}

static void print_from(struct printer *printer, size_t at);

/* Behind a condition: where it leads, nested. */
static void print_arm(struct printer *printer, size_t target)
{
	bool is_short = is_return(printer, target) || needs_label(printer, target) ||
			printer->depth >= DEPTH_MAX;

	buffer_text(printer->text, is_short ? ")\n" : ") {\n");
	printer->depth++;
	if (is_return(printer, target))
		print_return(printer, target);
	else if (is_short)
		print_goto(printer, target);
	else
		print_from(printer, target);
	printer->depth--;
	if (!is_short)
		begin_line(printer, "}\n");
}

static uint64_t values_of(const struct block *block, size_t target)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < block->piece_count; i++) {
		const struct piece *piece = &block->pieces[i];

		if (piece->target == target)
			sum += (uint64_t)piece->last - piece->first + 1;
	}
	return sum;
}

/* The target that would take the longest list, of such the one of most values. */
static size_t hardest_to_list(const struct block *block)
{
	size_t best = block->pieces[0].target, most = list_length(block, best);

	for (size_t i = 1; i < block->piece_count; i++) {
		size_t target = block->pieces[i].target;
		size_t length = list_length(block, target);

		if (length < most || (length == most && values_of(block, target) <=
								values_of(block, best)))
			continue;
		most = length;
		best = target;
	}
	return best;
}

/*
 * "if (arch != x86_64) return kill;": one value goes on, all others are done. Returns
 * where it goes on, or SIZE_MAX when it is not so.
 */
static size_t print_guard(struct printer *printer, const struct block *block,
			  size_t rest)
{
	const struct piece *one = NULL;

	for (size_t i = 0; i < block->piece_count; i++) {
		if (block->pieces[i].target == rest)
			continue;
		if (one || block->pieces[i].first != block->pieces[i].last)
			return SIZE_MAX;
		one = &block->pieces[i];
	}
	if (!one || !is_return(printer, rest) || is_return(printer, one->target))
		return SIZE_MAX;
	begin_line(printer, "if (");
	print_key(printer, block);
	buffer_text(printer->text, " != ");
	pseudo_name_number(printer->pseudo, block->end, block->key, one->first,
			   printer->text);
	print_arm(printer, rest);
	return one->target;
}

/* Prints all ways but one, and returns that. */
static size_t print_split(struct printer *printer, const struct block *block)
{
	size_t rest = hardest_to_list(block),
	       guarded = print_guard(printer, block, rest);

	if (guarded != SIZE_MAX)
		return guarded;
	for (size_t i = 0; i < block->piece_count; i++) {
		size_t target = block->pieces[i].target;
		bool is_first = true;

		for (size_t k = 0; k < i && is_first; k++)
			is_first = block->pieces[k].target != target;
		if (target == rest || !is_first)
			continue;
		begin_line(printer, "if (");
		print_pieces(printer, block, target);
		print_arm(printer, target);
	}
	return rest;
}

static size_t print_test(struct printer *printer, const struct block *block)
{
	size_t yes = block->targets[0], no = block->targets[1];
	bool holds = is_return(printer, yes) || !is_return(printer, no);

	begin_line(printer, "if (");
	print_branch(printer, block->end, holds);
	print_arm(printer, holds ? yes : no);
	return holds ? no : yes;
}

/* A block and what follows it, at the same depth. */
static void print_from(struct printer *printer, size_t at)
{
	for (;;) {
		const struct block *block = printer->pseudo->blocks[at];

		for (size_t i = at; i < block->end; i++)
			print_statement(printer, i);
		switch (block->kind) {
		case BLOCK_RETURN:
			print_return(printer, block->end);
			return;
		case BLOCK_GOTO:
			at = block->targets[0];
			break;
		case BLOCK_BRANCH:
			at = print_test(printer, block);
			break;
		case BLOCK_SPLIT:
			at = print_split(printer, block);
			break;
		}
		if (needs_label(printer, at)) {
			print_goto(printer, at);
			return;
		}
	}
}

static void print_all(struct printer *printer)
{
	print_from(printer, 0);
	/* jumps go forward: what a block leads to comes after it */
	for (size_t at = 1; at < printer->pseudo->program->length; at++) {
		if (!printer->is_labelled[at])
			continue;
		buffer_printf(printer->text, "\nl%zu:\n", at);
		printer->depth = 1;
		print_from(printer, at);
		printer->depth = 0;
	}
}

void bpf_print_pseudo(const struct bpf_program *program, struct buffer *ret_text)
{
	struct pseudo pseudo = { .program = program };
	struct printer printer = { .pseudo = &pseudo, .text = ret_text };

	arena_init(&pseudo.arena, ARENA_DEFAULT_LIMIT);
	pseudo.facts = pseudo_find_facts(program);
	printer.is_labelled = calloc(program->length + 1, sizeof(bool));
	if (pseudo.facts && printer.is_labelled && !pseudo_find_blocks(&pseudo))
		print_all(&printer);
	else
		ret_text->failed = true;
	free(printer.is_labelled);
	free(pseudo.facts);
	arena_done(&pseudo.arena);
}
