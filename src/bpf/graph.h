/* SPDX-License-Identifier: MIT */
/* The inside of the drawings: graph.c and graph_diagram.c. */
#ifndef CALLGATE_BPF_GRAPH_H
#define CALLGATE_BPF_GRAPH_H

#include "bpf/bpf.h"

/*
 * Any text as a part of a double-quoted label of dot: what would end it or begin an
 * escape or an entity is taken its meaning, what is not printable ASCII is a '?'.
 */
void graph_quote(struct buffer *ret_text, struct str text);

/* The colour in which a verdict's node is filled. */
const char *graph_colour(uint32_t verdict);

/* The nodes and edges of the diagram. 0; -E2BIG; -ENOMEM. */
int graph_diagram(const struct bpf_program *program, struct buffer *ret_text);

#endif
