/* SPDX-License-Identifier: MIT */
/*
 * The order of tests on one word: a decision tree over its intervals.
 */
#ifndef CALLGATE_BPF_LAYOUT_H
#define CALLGATE_BPF_LAYOUT_H

#include "bpf/flow.h"

/* Values of the loaded word from `first` up to the next item's first. */
struct layout_item {
	uint32_t first;
	bool single; /* only `first` itself can occur */
	flow_ref target;
	double weight; /* how often calls come here; ≥ 0 */
};

struct layout_options {
	/* What one instruction more costs, in weights, though no call may run it. */
	double test_price;
	bool exhaustive; /* look at every tree of JGE and JEQ tests */
	bool by_size;	 /* fewest instructions, however many are executed */
};

/*
 * A tree of JGE and JEQ tests that takes each value to its item's target, of least
 * expected number of tests as far as the search looks. `items` is sorted, its first
 * begins at the lowest value that can occur, neighbours' targets differ.
 * The accumulator holds the word; FLOW_FAILED when memory is short.
 */
flow_ref layout_tree(struct flow *flow, const struct layout_item *items, size_t count,
		     const struct layout_options *options, double *ret_cost);

#endif
