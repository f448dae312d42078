// SPDX-License-Identifier: MIT
/*
 * The fewest tests for a run of items.
 *
 * A single value between two items of one target is a hole in a plain: one JEQ at the end
 * instead of two order tests. The plains are told apart by a balanced tree of JGE.
 *
 *     A  x  A  y  A | B | C  z  C        | is a JGE, x y z are holes with a JEQ each
 */
#include "bpf/small.h"

#include <linux/filter.h>

/* One past the plain that begins at `start`: items of one target, and holes in it. */
static size_t plain_end(const struct layout_item *items, size_t count, size_t start)
{
	size_t end = start + 1;

	while (end < count) {
		bool is_hole = items[end].single && end + 1 < count &&
			       items[end + 1].target == items[start].target;

		if (items[end].target != items[start].target && !is_hole)
			break;
		end++;
	}
	return end;
}

/* A chain of one JEQ a hole, then the plain. */
static double plain_cost(const struct layout_item *items, size_t count,
			 double test_price)
{
	double cost = 0, weight = 0;
	size_t tests = 0;

	for (size_t i = 0; i < count; i++) {
		if (items[i].target == items[0].target)
			weight += items[i].weight;
		else
			cost += items[i].weight * (double)++tests;
	}
	return cost + (weight + test_price) * (double)tests;
}

/* The start of the plain that lies about in the middle; 0 when there is only one. */
static size_t middle_plain(const struct layout_item *items, size_t count)
{
	size_t start, best = 0;

	for (start = plain_end(items, count, 0); start < count;
	     start = plain_end(items, count, start)) {
		if (best && start > count / 2)
			break;
		best = start;
	}
	return best;
}

double small_cost(const struct layout_item *items, size_t count, double test_price)
{
	size_t middle = middle_plain(items, count);
	double weight = 0;

	if (middle == 0)
		return plain_cost(items, count, test_price);
	for (size_t i = 0; i < count; i++)
		weight += items[i].weight;
	return weight + test_price + small_cost(items, middle, test_price) +
	       small_cost(items + middle, count - middle, test_price);
}

static flow_ref build_plain(struct flow *flow, const struct layout_item *items,
			    size_t count)
{
	flow_ref result = items[0].target;

	for (size_t i = count; i-- > 0;)
		if (items[i].target != items[0].target)
			result = flow_jump(flow, BPF_JEQ, items[i].first,
					   items[i].target, result);
	return result;
}

flow_ref small_tree(struct flow *flow, const struct layout_item *items, size_t count)
{
	size_t middle = middle_plain(items, count);

	if (middle == 0)
		return build_plain(flow, items, count);
	return flow_jump(flow, BPF_JGE, items[middle].first,
			 small_tree(flow, items + middle, count - middle),
			 small_tree(flow, items, middle));
}
