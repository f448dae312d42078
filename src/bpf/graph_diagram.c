// SPDX-License-Identifier: MIT
/*
 * The decision diagram as nodes and edges for dot: a node a question about one word of
 * the call, an edge all its values that lead to one place.
 *
 *     (arch) ─x86_64─► (nr) ─read, write─► [allow]
 *        └─else─► [kill]  └─socket─► (args[0] low) ─0x1─► …
 *
 * Where the values of a word fall into too many pieces, as those of a masked test do, the
 * word is asked bit by bit. A node is drawn once however many ways lead to it, except
 * that questions about the number are drawn for each architecture, whose calls they name.
 */
#include "bpf/graph.h"

#include <errno.h>
#include <stdlib.h>

#define NODES_MAX     2000 /* nobody can read more, and dot takes minutes */
#define INTERVALS_MAX 400
#define NAMES_SHOWN   12
#define NAMES_A_LINE  4

struct drawn {
	meaning_ref ref;
	bool arch_known; /* … of the calls that come here: for names of numbers */
	uint32_t arch;
};

struct drawing {
	struct meaning *store;
	struct buffer *text;
	struct drawn nodes[NODES_MAX];
	size_t count;
	bool is_full;
	struct meaning_interval intervals[INTERVALS_MAX];
	size_t interval_count;
};

/* The index of a node, new or not. */
static size_t node_of(struct drawing *drawing, struct drawn wanted)
{
	if (meaning_word(drawing->store, wanted.ref) != WORD_NR)
		wanted.arch_known = false;
	if (!wanted.arch_known)
		wanted.arch = 0;
	for (size_t i = 0; i < drawing->count; i++) {
		const struct drawn *node = &drawing->nodes[i];

		if (node->ref == wanted.ref && node->arch_known == wanted.arch_known &&
		    node->arch == wanted.arch)
			return i;
	}
	if (drawing->count == NODES_MAX) {
		drawing->is_full = true;
		return 0;
	}
	drawing->nodes[drawing->count] = wanted;
	return drawing->count++;
}

static void begin_edge(struct drawing *drawing, size_t from, struct drawn to)
{
	buffer_printf(drawing->text, "\tn%zu -> n%zu [label=\"", from,
		      node_of(drawing, to));
}

/* --- labels of edges ----------------------------------------------------------- */

/* A list that is cut when it grows long. */
struct names {
	struct buffer *text;
	size_t count;
};

/* True: the name may be written. */
static bool names_next(struct names *names)
{
	size_t index = names->count++;

	if (index >= NAMES_SHOWN)
		return false;
	if (index)
		buffer_text(names->text, index % NAMES_A_LINE ? ", " : ",\\n");
	return true;
}

static void names_end(struct names *names)
{
	if (names->count > NAMES_SHOWN)
		buffer_printf(names->text, "\\n… and %zu more",
			      names->count - NAMES_SHOWN);
}

static uint32_t interval_end(const struct drawing *drawing, size_t index)
{
	return index + 1 < drawing->interval_count
		       ? drawing->intervals[index + 1].first - 1
		       : UINT32_MAX;
}

static uint64_t values_of(const struct drawing *drawing, meaning_ref target)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < drawing->interval_count; i++) {
		if (drawing->intervals[i].ref == target)
			sum += (uint64_t)interval_end(drawing, i) -
			       drawing->intervals[i].first + 1;
	}
	return sum;
}

/* The interval that holds a value. */
static size_t interval_of(const struct drawing *drawing, uint32_t value)
{
	return meaning_interval_of(drawing->intervals, drawing->interval_count, value);
}

static void name_calls(const struct drawing *drawing, const struct abi *abi,
		       meaning_ref target, struct names *names)
{
	for (uint32_t i = 0; i < syscall_number_end(abi); i++) {
		uint32_t number = abi->number_base + i;
		const struct syscall *call = syscall_by_number(abi, number);

		if (!call ||
		    drawing->intervals[interval_of(drawing, number)].ref != target ||
		    !names_next(names))
			continue;
		if (abi->number_base)
			buffer_printf(names->text, "%s:", abi->name);
		buffer_text(names->text, syscall_name(call));
	}
}

static void name_range(uint32_t first, uint32_t last, unsigned word,
		       struct names *names)
{
	struct buffer arch = { 0 };

	if (!names_next(names))
		return;
	if (word == WORD_ARCH && first == last)
		bpf_name_arch(first, &arch);
	if (arch.len)
		buffer_str(names->text, (struct str){ arch.data, arch.len });
	else if (first == last)
		buffer_printf(names->text, "0x%x", first);
	else
		buffer_printf(names->text, "0x%x-0x%x", first, last);
	buffer_done(&arch);
}

static void name_values(struct drawing *drawing, const struct drawn *from,
			unsigned word, meaning_ref target)
{
	struct names names = { .text = drawing->text };
	bool by_call;

	for (size_t i = 0; from->arch_known && i < abi_count(); i++) {
		if (abi_at(i)->audit_arch == from->arch)
			name_calls(drawing, abi_at(i), target, &names);
	}
	by_call = names.count > 0;
	for (size_t i = 0; !by_call && i < drawing->interval_count; i++) {
		if (drawing->intervals[i].ref == target)
			name_range(drawing->intervals[i].first,
				   interval_end(drawing, i), word, &names);
	}
	names_end(&names);
	if (by_call && values_of(drawing, target) > names.count)
		buffer_text(drawing->text, "\\nand numbers of no call");
}

/* --- edges --------------------------------------------------------------------- */

static bool is_first_of_target(const struct drawing *drawing, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (drawing->intervals[i].ref == drawing->intervals[index].ref)
			return false;
	}
	return true;
}

/* How many calls go to a target; of ABIs that share it, the first one's. */
static size_t calls_of(const struct drawing *drawing, const struct drawn *from,
		       meaning_ref target)
{
	const struct abi *abi = from->arch_known ? abi_of(from->arch, 0) : NULL;
	size_t count = 0;

	for (uint32_t i = 0; abi && i < syscall_number_end(abi); i++) {
		uint32_t number = abi->number_base + i;

		count += syscall_by_number(abi, number) &&
			 drawing->intervals[interval_of(drawing, number)].ref == target;
	}
	return count;
}

/* Where most calls go, or else most values: that edge is the "else". */
static meaning_ref commonest(const struct drawing *drawing, const struct drawn *from)
{
	meaning_ref best = drawing->intervals[0].ref;
	size_t most = calls_of(drawing, from, best);

	for (size_t i = 1; i < drawing->interval_count; i++) {
		meaning_ref ref = drawing->intervals[i].ref;
		size_t calls = calls_of(drawing, from, ref);

		if (calls < most || (calls == most && values_of(drawing, ref) <=
							      values_of(drawing, best)))
			continue;
		most = calls;
		best = ref;
	}
	return best;
}

/* The architecture that an edge settles, if it settles one. */
static struct drawn target_of(const struct drawing *drawing, const struct drawn *from,
			      unsigned word, size_t index)
{
	struct drawn target = { .ref = drawing->intervals[index].ref,
				.arch_known = from->arch_known,
				.arch = from->arch };
	uint32_t first = drawing->intervals[index].first;

	if (word == WORD_ARCH && first == interval_end(drawing, index)) {
		target.arch_known = true;
		target.arch = first;
	}
	return target;
}

static void draw_word(struct drawing *drawing, size_t index, unsigned word)
{
	const struct drawn from = drawing->nodes[index];
	meaning_ref rest = commonest(drawing, &from);

	for (size_t i = 0; i < drawing->interval_count && !drawing->is_full; i++) {
		struct drawn to = target_of(drawing, &from, word, i);

		if (!is_first_of_target(drawing, i))
			continue;
		begin_edge(drawing, index, to);
		if (to.ref == rest)
			buffer_text(drawing->text, "else\", style=dashed];\n");
		else
			name_values(drawing, &from, word, to.ref);
		if (to.ref != rest)
			buffer_text(drawing->text, "\"];\n");
	}
}

static void draw_bit(struct drawing *drawing, size_t index)
{
	const struct drawn from = drawing->nodes[index];
	const struct meaning_node node = *meaning_at(drawing->store, from.ref);
	const meaning_ref targets[] = { node.low, node.high };

	for (unsigned i = 0; i < 2; i++) {
		begin_edge(drawing, index,
			   (struct drawn){ targets[i], from.arch_known, from.arch });
		buffer_printf(drawing->text, "%u\"];\n", i);
	}
}

/* --- nodes --------------------------------------------------------------------- */

static void draw_terminal(struct drawing *drawing, size_t index)
{
	uint32_t verdict = meaning_at(drawing->store, drawing->nodes[index].ref)->low;

	buffer_printf(drawing->text, "\tn%zu [label=\"", index);
	verdict_print(verdict, abi_native(), drawing->text);
	buffer_printf(drawing->text, "\", fillcolor=\"%s\"];\n", graph_colour(verdict));
}

static void draw_node(struct drawing *drawing, size_t index)
{
	meaning_ref ref = drawing->nodes[index].ref;
	unsigned word = meaning_word(drawing->store, ref);
	unsigned bit;

	if (meaning_is_terminal(drawing->store, ref)) {
		draw_terminal(drawing, index);
		return;
	}
	bit = WORD_BITS - 1 - meaning_at(drawing->store, ref)->variable % WORD_BITS;
	drawing->interval_count = meaning_intervals(drawing->store, ref, word,
						    drawing->intervals, INTERVALS_MAX);
	buffer_printf(drawing->text, "\tn%zu [label=\"", index);
	bpf_name_word(word, drawing->text);
	if (drawing->interval_count > INTERVALS_MAX)
		buffer_printf(drawing->text, ", bit %u", bit);
	buffer_text(drawing->text, "\"];\n");
	if (drawing->interval_count > INTERVALS_MAX)
		draw_bit(drawing, index);
	else
		draw_word(drawing, index, word);
}

static int draw(struct meaning *store, const struct bpf_program *program,
		struct drawing *drawing)
{
	meaning_ref meaning = meaning_of_program(store, program->code, program->length,
						 program->big_endian);

	if (meaning == MEANING_FAILED)
		return meaning_error(store);
	node_of(drawing, (struct drawn){ .ref = meaning });
	for (size_t i = 0; i < drawing->count && !drawing->is_full; i++)
		draw_node(drawing, i);
	return drawing->is_full ? -E2BIG : 0;
}

int graph_diagram(const struct bpf_program *program, struct buffer *ret_text)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	struct drawing *drawing = calloc(1, sizeof(*drawing));
	int error = -ENOMEM;

	if (store && drawing) {
		drawing->store = store;
		drawing->text = ret_text;
		error = draw(store, program, drawing);
	}
	free(drawing);
	meaning_free(store);
	return error;
}
