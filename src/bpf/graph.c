// SPDX-License-Identifier: MIT
/*
 * A filter as a picture: text for Graphviz' dot.
 *
 *     b0 [label="l0: ld [4]\ll1: jeq #0xc000003e, l2, l9\l"]
 *     b0 -> b2 [label="yes"]
 *
 * Here is the program, a node a basic block; what no path reaches is not drawn. The text
 * is well formed whatever the title and the program are.
 */
#include "bpf/graph.h"

#include <errno.h>
#include <stdlib.h>

#include "bpf/filter.h"

void graph_quote(struct buffer *ret_text, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '"' || c == '\\')
			buffer_printf(ret_text, "\\%c", c);
		else if (c == '&')
			buffer_text(ret_text, "&amp;");
		else
			buffer_fill(ret_text, c >= ' ' && c <= '~' ? c : '?', 1);
	}
}

const char *graph_colour(uint32_t verdict)
{
	if (!verdict_is_allow(verdict))
		return (verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO
			       ? "#f9d9b0"
			       : "#f3b6b0";
	return (verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_LOG ? "#f5efb0"
								      : "#c5e5c0";
}

/* --- the program --------------------------------------------------------------- */

enum mark {
	UNREACHED,
	INSIDE, /* follows in the block of the instruction before */
	LEADER, /* begins a block */
};

static bool ends_block(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_JMP || BPF_CLASS(i->code) == BPF_RET;
}

/* The instructions that may follow; returns how many. */
static size_t successors(const struct sock_filter *i, size_t at, size_t ret_next[2])
{
	if (BPF_CLASS(i->code) == BPF_RET)
		return 0;
	ret_next[0] = at + 1;
	if (BPF_CLASS(i->code) != BPF_JMP)
		return 1;
	ret_next[0] += BPF_OP(i->code) == BPF_JA ? i->k : i->jt;
	ret_next[1] = at + 1 + i->jf;
	return BPF_OP(i->code) == BPF_JA || i->jt == i->jf ? 1 : 2;
}

static void mark_blocks(const struct bpf_program *program, enum mark *marks)
{
	marks[0] = LEADER;
	for (size_t at = 0; at < program->length; at++) {
		const struct sock_filter *i = &program->code[at];
		size_t next[2], count = successors(i, at, next);

		if (marks[at] == UNREACHED)
			continue;
		for (size_t k = 0; k < count; k++) {
			if (ends_block(i))
				marks[next[k]] = LEADER;
			else if (marks[next[k]] == UNREACHED)
				marks[next[k]] = INSIDE;
		}
	}
}

static void draw_edges(const struct bpf_program *program, size_t block, size_t last,
		       struct buffer *ret_text)
{
	static const char *const labels[] = { "yes", "no" };
	size_t next[2], count = successors(&program->code[last], last, next);

	for (size_t i = 0; i < count; i++) {
		buffer_printf(ret_text, "\tb%zu -> b%zu", block, next[i]);
		if (count == 2)
			buffer_printf(ret_text, " [label=\"%s\"]", labels[i]);
		buffer_text(ret_text, ";\n");
	}
}

/* One block, whose text begins at `lines`. */
static void draw_block(const struct bpf_program *program, const enum mark *marks,
		       size_t at, const char *lines, struct buffer *ret_text)
{
	size_t block = at;

	buffer_printf(ret_text, "\tb%zu [label=\"", block);
	do {
		struct str line = { lines, strcspn(lines, "\n") };

		graph_quote(ret_text, line);
		buffer_text(ret_text, "\\l");
		lines += line.len + 1;
	} while (!ends_block(&program->code[at]) && marks[at + 1] == INSIDE && ++at);
	buffer_text(ret_text, "\"");
	if (program->code[at].code == (BPF_RET | BPF_K))
		buffer_printf(ret_text, ", fillcolor=\"%s\"",
			      graph_colour(program->code[at].k));
	buffer_text(ret_text, "];\n");
	draw_edges(program, block, at, ret_text);
}

static int draw_program(const struct bpf_program *program, struct buffer *ret_text)
{
	enum mark *marks = calloc(program->length + 1, sizeof(*marks));
	struct buffer listing = { 0 };
	const char *line;

	bpf_disassemble(program, &listing);
	if (marks && !listing.failed) {
		mark_blocks(program, marks);
		line = listing.data;
		for (size_t at = 0; at < program->length; at++) {
			if (marks[at] == LEADER)
				draw_block(program, marks, at, line, ret_text);
			line += strcspn(line, "\n") + 1;
		}
	}
	ret_text->failed |= !marks || listing.failed;
	buffer_done(&listing);
	free(marks);
	return ret_text->failed ? -ENOMEM : 0;
}

/* ------------------------------------------------------------------------------- */

int callgate_filter_graph(const struct callgate_filter *filter,
			  enum callgate_graph what, const char *title,
			  struct callgate_diagnostics *diagnostics, char **ret_text,
			  size_t *ret_length)
{
	struct buffer text = { 0 };
	int error;

	*ret_text = NULL;
	buffer_text(&text, "digraph filter {\n"
			   "\tgraph [fontname=\"sans-serif\", labelloc=t, label=\"");
	graph_quote(&text, str_of(title));
	buffer_text(&text, "\"];\n"
			   "\tnode [fontname=\"monospace\", fontsize=10, shape=box, "
			   "style=\"filled,rounded\", fillcolor=\"#f4f4f4\"];\n"
			   "\tedge [fontname=\"monospace\", fontsize=9];\n");
	error = what == CALLGATE_GRAPH_PROGRAM ? draw_program(&filter->program, &text)
					       : graph_diagram(&filter->program, &text);
	buffer_text(&text, "}\n");
	*ret_length = text.len;
	if (!error)
		*ret_text = buffer_take(&text);
	buffer_done(&text);
	if (error == -E2BIG)
		diag_error(diagnostics, "too-complex", SPAN_NONE,
			   "the program itself can be drawn",
			   "the diagram of this filter is too large to draw");
	return error ? error : *ret_text ? 0 : -ENOMEM;
}
