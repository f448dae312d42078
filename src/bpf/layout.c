// SPDX-License-Identifier: MIT
/*
 * Least expected cost over the intervals of a word, by dynamic programming.
 *
 * For each run of neighbouring items the best of
 *   split   JGE at a boundary, then both halves
 *   chain   JEQ for each item that is a single value, when all others of the run
 *           share one target (a few holes in a plain are cheaper tested one by one)
 * Runs longer than EXACT only try splits near those of the next shorter runs (Knuth's
 * bound for optimal search trees, here a heuristic because of the chains).
 */
#include "bpf/layout.h"

#include <linux/filter.h>
#include <stdlib.h>

#define EXACT	  48
#define CHAIN_MAX 5		      /* tests in a chain */
#define RUN_MAX	  (2 * CHAIN_MAX + 1) /* items that a chain can cover */
#define COUNT_MAX 1024		      /* items that the tables are made for */

/*
 * One test costs its weight plus a little: of trees that are as fast, the smaller one.
 */
#define SIZE_PRICE 1e-6

struct run {
	double cost;
	double weight;
	uint16_t split; /* item that the upper half begins with; 0: a chain */
};

struct layout {
	struct flow *flow;
	const struct layout_item *items;
	size_t count;
	struct run *runs; /* [from * count + to], both inclusive */
};

struct chain {
	size_t items[CHAIN_MAX];
	size_t length;
	flow_ref rest; /* where everything else goes */
};

static struct run *run_at(const struct layout *layout, size_t from, size_t to)
{
	return &layout->runs[from * layout->count + to];
}

/* The run's single values, if all its other items go to `rest`; heaviest first. */
static bool find_chain(const struct layout *layout, size_t from, size_t to,
		       flow_ref rest, struct chain *ret_chain)
{
	const struct layout_item *items = layout->items;

	*ret_chain = (struct chain){ .rest = rest };
	for (size_t i = from; i <= to; i++) {
		size_t place;

		if (items[i].target == rest)
			continue;
		if (!items[i].single || ret_chain->length == CHAIN_MAX)
			return false;
		for (place = ret_chain->length++; place > 0; place--) {
			size_t before = ret_chain->items[place - 1];

			if (items[before].weight >= items[i].weight)
				break;
			ret_chain->items[place] = before;
		}
		ret_chain->items[place] = i;
	}
	return true;
}

static double chain_cost(const struct layout *layout, const struct chain *chain,
			 double weight)
{
	double cost = 0;

	for (size_t i = 0; i < chain->length; i++) {
		cost += weight + SIZE_PRICE;
		weight -= layout->items[chain->items[i]].weight;
	}
	return cost;
}

/* The cheaper chain of a run: the rest is what its first or its second item goes to. */
static double best_chain(const struct layout *layout, size_t from, size_t to,
			 struct chain *ret_chain)
{
	double weight = run_at(layout, from, to)->weight, best = -1;

	if (to - from + 1 > RUN_MAX)
		return -1;
	for (size_t i = from; i <= from + 1 && i <= to; i++) {
		struct chain chain;
		double cost;

		if (!find_chain(layout, from, to, layout->items[i].target, &chain))
			continue;
		cost = chain_cost(layout, &chain, weight);
		if (best >= 0 && cost >= best)
			continue;
		best = cost;
		*ret_chain = chain;
	}
	return best;
}

/* Where to look for the split of a run: everywhere, or near those of its parts. */
static void split_window(const struct layout *layout, size_t from, size_t to,
			 size_t *ret_low, size_t *ret_high)
{
	size_t left, right;

	*ret_low = from + 1;
	*ret_high = to;
	if (to - from < EXACT)
		return;
	left = run_at(layout, from, to - 1)->split;
	right = run_at(layout, from + 1, to)->split;
	if (left <= from || right <= from)
		return;
	*ret_low = left < right ? left : right;
	*ret_high = left < right ? right : left;
}

static void solve_run(struct layout *layout, size_t from, size_t to)
{
	struct run *run = run_at(layout, from, to);
	struct chain chain;
	double best = best_chain(layout, from, to, &chain);
	size_t low, high;

	run->split = 0;
	split_window(layout, from, to, &low, &high);
	for (size_t split = low; split <= high; split++) {
		double cost = run->weight + SIZE_PRICE +
			      run_at(layout, from, split - 1)->cost +
			      run_at(layout, split, to)->cost;

		if (best >= 0 && cost >= best)
			continue;
		best = cost;
		run->split = (uint16_t)split;
	}
	run->cost = best;
}

static void solve(struct layout *layout)
{
	for (size_t i = 0; i < layout->count; i++)
		*run_at(layout, i, i) =
			(struct run){ .weight = layout->items[i].weight };
	for (size_t length = 2; length <= layout->count; length++)
		for (size_t from = 0; from + length <= layout->count; from++) {
			size_t to = from + length - 1;

			run_at(layout, from, to)->weight =
				run_at(layout, from, to - 1)->weight +
				layout->items[to].weight;
			solve_run(layout, from, to);
		}
}

static flow_ref build_chain(struct layout *layout, const struct chain *chain)
{
	flow_ref result = chain->rest;

	for (size_t i = chain->length; i-- > 0;) {
		const struct layout_item *item = &layout->items[chain->items[i]];

		result = flow_jump(layout->flow, BPF_JEQ, item->first, item->target,
				   result);
	}
	return result;
}

static flow_ref build(struct layout *layout, size_t from, size_t to)
{
	size_t split = run_at(layout, from, to)->split;
	struct chain chain;

	if (from == to)
		return layout->items[from].target;
	if (split == 0) {
		best_chain(layout, from, to, &chain);
		return build_chain(layout, &chain);
	}
	return flow_jump(layout->flow, BPF_JGE, layout->items[split].first,
			 build(layout, split, to), build(layout, from, split - 1));
}

/* Beyond what the tables are made for: halves of about equal weight. */
static flow_ref bisect(struct flow *flow, const struct layout_item *items, size_t count,
		       double *ret_cost)
{
	double total = 0, low_weight = 0, low_cost, high_cost;
	size_t split = 1;
	flow_ref low, high;

	*ret_cost = 0;
	if (count <= COUNT_MAX)
		return layout_tree(flow, items, count, ret_cost);
	for (size_t i = 0; i < count; i++)
		total += items[i].weight;
	while (split < count * 3 / 4 &&
	       (split < count / 4 || low_weight + items[split - 1].weight < total / 2))
		low_weight += items[split++ - 1].weight;
	low = bisect(flow, items, split, &low_cost);
	high = bisect(flow, items + split, count - split, &high_cost);
	*ret_cost = total + low_cost + high_cost;
	return flow_jump(flow, BPF_JGE, items[split].first, high, low);
}

flow_ref layout_tree(struct flow *flow, const struct layout_item *items, size_t count,
		     double *ret_cost)
{
	struct layout layout = { flow, items, count, NULL };
	flow_ref result;

	if (count > COUNT_MAX)
		return bisect(flow, items, count, ret_cost);
	layout.runs = calloc(count * count, sizeof(*layout.runs));
	if (!layout.runs)
		return FLOW_FAILED;
	solve(&layout);
	*ret_cost = run_at(&layout, 0, count - 1)->cost;
	result = build(&layout, 0, count - 1);
	free(layout.runs);
	return result;
}
