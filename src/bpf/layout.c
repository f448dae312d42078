// SPDX-License-Identifier: MIT
/*
 * Least expected cost over the intervals of a word, by dynamic programming.
 *
 * A run of neighbouring items, of which the `removed` heaviest single values have been
 * tested already, is decided by the best of
 *   done    what is left has one target
 *   equal   JEQ for the heaviest single value that is left, then the rest of the run
 *   split   JGE at a boundary, then both halves; what was removed from the run is what
 *           is heaviest in its halves, so they are runs of the same kind
 * Large runs look for the split near the middle of their weight only. Runs that hardly
 * ever run are laid out by size (small.c).
 */
#include "bpf/layout.h"
#include "bpf/small.h"

#include <linux/filter.h>
#include <stdlib.h>

#define REMOVED_MAX  6	 /* single values tested ahead of one run */
#define COUNT_MAX    256 /* items that the table is made for */
#define FULL_SEARCH  8
#define NEAR_MIDDLE  3 /* longer ones as many on each side of the middle */
#define LONG_RUN     32
#define NEAR_OF_LONG 1 /* long ones fewer: their splits hardly differ */

/* Runs as light as this times the price of a test are laid out by size alone. */
#define LIGHT 0.5

/* A heavy value is worth a test of its own when it is this share of a long run. */
#define HEAVY_SHARE 0.12

enum choice {
	CHOICE_UNKNOWN,
	CHOICE_DONE,
	CHOICE_EQUAL,
	CHOICE_SPLIT,
	CHOICE_SMALL,
};

struct plan {
	float cost; /* expected tests times weight */
	uint16_t split;
	uint8_t choice;
	uint8_t left_removed; /* of a split: how many were removed from the lower half */
};

#define NO_ITEM UINT16_MAX

/* What is known of neighbouring items. */
struct run {
	uint16_t heavy[REMOVED_MAX]; /* its singles, heaviest first, or NO_ITEM */
	struct plan plans[REMOVED_MAX + 1]; /* by how many are removed */
};

struct layout {
	struct flow *flow;
	const struct layout_item *items;
	size_t count;
	const struct layout_options *options;
	double *sums; /* weight of all items before this one */
	/* By first and last item; made when asked for: the search looks at few. */
	struct run ***runs;
	struct run no_run; /* instead of one that there is no memory for */
	bool failed;
};

/* The place of a single among the heaviest so far, if it is one of them. */
static void rank(const struct layout *layout, uint16_t *heavy, size_t item)
{
	const struct layout_item *items = layout->items;
	unsigned place;

	for (place = REMOVED_MAX; place > 0; place--) {
		if (heavy[place - 1] != NO_ITEM &&
		    items[heavy[place - 1]].weight >= items[item].weight)
			break;
		if (place < REMOVED_MAX)
			heavy[place] = heavy[place - 1];
	}
	if (place < REMOVED_MAX)
		heavy[place] = (uint16_t)item;
}

static inline struct run **place_of(const struct layout *layout, size_t from, size_t to)
{
	return &layout->runs[from][to];
}

/* Those of the run without the last item, if it is there, and that. */
static void find_heavy(const struct layout *layout, size_t from, size_t to,
		       uint16_t *ret_heavy)
{
	const struct run *shorter = to > from ? *place_of(layout, from, to - 1) : NULL;

	if (shorter)
		memcpy(ret_heavy, shorter->heavy, sizeof(shorter->heavy));
	else
		memset(ret_heavy, 0xff, sizeof(shorter->heavy));
	for (size_t i = shorter ? to : from; i <= to; i++)
		if (layout->items[i].single)
			rank(layout, ret_heavy, i);
}

static void make_run(struct layout *layout, size_t from, size_t to)
{
	struct run *run = ARENA_NEW(&layout->flow->arena, struct run);

	if (run)
		find_heavy(layout, from, to, run->heavy);
	else
		layout->failed = true;
	*place_of(layout, from, to) = run ? run : &layout->no_run;
}

/* A run is [from, to], both inclusive. */
static struct run *run_at(struct layout *layout, size_t from, size_t to)
{
	struct run **run = place_of(layout, from, to);

	if (!*run)
		make_run(layout, from, to);
	return *run;
}

/* What is left of a run when some of its heaviest singles are out of it. */
struct rest {
	size_t from, to;
	unsigned removed;
	struct run *run;
	double weight;
};

static struct rest rest_of(struct layout *layout, size_t from, size_t to,
			   unsigned removed)
{
	struct rest rest = { from, to, removed, run_at(layout, from, to),
			     layout->sums[to + 1] - layout->sums[from] };

	for (unsigned i = 0; i < removed; i++)
		rest.weight -= layout->items[rest.run->heavy[i]].weight;
	if (rest.weight < 0)
		rest.weight = 0;
	return rest;
}

static bool is_removed(const struct rest *rest, size_t item)
{
	for (unsigned i = 0; i < rest->removed; i++)
		if (rest->run->heavy[i] == item)
			return true;
	return false;
}

/* Whether all items that are not removed go to one place; any will do for none. */
static bool is_done(const struct layout *layout, const struct rest *rest,
		    flow_ref *ret_target)
{
	flow_ref target = FLOW_FAILED;

	if (rest->to - rest->from > 2 * rest->removed)
		return false;
	for (size_t i = rest->from; i <= rest->to; i++) {
		if (is_removed(rest, i))
			continue;
		if (target != FLOW_FAILED && target != layout->items[i].target)
			return false;
		target = layout->items[i].target;
	}
	*ret_target = target == FLOW_FAILED ? layout->items[rest->from].target : target;
	return true;
}

static void solve(struct layout *layout, size_t from, size_t to, unsigned removed);

/* Most are known already: this is the innermost of the search, and stays small. */
static inline double cost_of(struct layout *layout, size_t from, size_t to,
			     unsigned removed)
{
	const struct run *run;

	if (from == to)
		return 0;
	run = *place_of(layout, from, to);
	if (!run || run->plans[removed].choice == CHOICE_UNKNOWN)
		solve(layout, from, to, removed);
	return (double)(*place_of(layout, from, to))->plans[removed].cost;
}

/* Whether the search leaves out what is hardly ever best. */
static bool is_narrowed(const struct layout *layout, const struct rest *rest)
{
	return rest->to - rest->from >= FULL_SEARCH && !layout->options->exhaustive;
}

static void try_equal(struct layout *layout, const struct rest *rest, struct plan *plan)
{
	uint16_t next =
		rest->removed < REMOVED_MAX ? rest->run->heavy[rest->removed] : NO_ITEM;
	double cost;

	if (next == NO_ITEM)
		return;
	if (is_narrowed(layout, rest) &&
	    layout->items[next].weight < HEAVY_SHARE * rest->weight)
		return;
	cost = rest->weight + layout->options->test_price +
	       cost_of(layout, rest->from, rest->to, rest->removed + 1);
	if (plan->choice != CHOICE_UNKNOWN && cost >= (double)plan->cost)
		return;
	*plan = (struct plan){ .cost = (float)cost, .choice = CHOICE_EQUAL };
}

/* The item before which half of the run's weight lies. */
static size_t middle_of(const struct layout *layout, size_t from, size_t to)
{
	double half = (layout->sums[from] + layout->sums[to + 1]) / 2;
	size_t low = from + 1, high = to;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (layout->sums[middle] < half)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many of what is removed lie before an item. */
static unsigned removed_before(const struct rest *rest, size_t item)
{
	unsigned count = 0;

	for (unsigned i = 0; i < rest->removed; i++)
		count += rest->run->heavy[i] < item;
	return count;
}

static void try_splits(struct layout *layout, const struct rest *rest,
		       struct plan *plan)
{
	double weight = rest->weight + layout->options->test_price;
	size_t low = rest->from + 1, high = rest->to;

	if (is_narrowed(layout, rest)) {
		size_t middle = middle_of(layout, rest->from, rest->to);
		size_t near =
			rest->to - rest->from >= LONG_RUN ? NEAR_OF_LONG : NEAR_MIDDLE;

		low = middle > low + near ? middle - near : low;
		high = middle + near < high ? middle + near : high;
	}
	for (size_t split = low; split <= high; split++) {
		unsigned left = removed_before(rest, split);
		double cost = weight + cost_of(layout, rest->from, split - 1, left);

		if (plan->choice != CHOICE_UNKNOWN && cost >= (double)plan->cost)
			continue;
		cost += cost_of(layout, split, rest->to, rest->removed - left);
		if (plan->choice != CHOICE_UNKNOWN && cost >= (double)plan->cost)
			continue;
		*plan = (struct plan){ (float)cost, (uint16_t)split, CHOICE_SPLIT,
				       (uint8_t)left };
	}
}

static bool is_light(const struct layout *layout, const struct rest *rest)
{
	return !layout->options->exhaustive && rest->removed == 0 &&
	       (layout->options->by_size ||
		rest->weight < LIGHT * layout->options->test_price);
}

static __attribute__((noinline)) void solve(struct layout *layout, size_t from,
					    size_t to, unsigned removed)
{
	struct rest rest = rest_of(layout, from, to, removed);
	struct plan *plan = &rest.run->plans[removed];
	struct plan best = { .choice = CHOICE_UNKNOWN };
	flow_ref target;

	if (layout->failed || is_done(layout, &rest, &target)) {
		plan->choice = CHOICE_DONE;
		return;
	}
	if (is_light(layout, &rest)) {
		plan->choice = CHOICE_SMALL;
		plan->cost = (float)small_cost(&layout->items[from], to - from + 1,
					       layout->options->test_price);
		return;
	}
	try_equal(layout, &rest, &best);
	try_splits(layout, &rest, &best);
	*plan = best;
}

static flow_ref build(struct layout *layout, size_t from, size_t to, unsigned removed)
{
	const struct layout_item *item;
	struct plan plan;
	struct rest rest;
	flow_ref target;

	if (from == to)
		return layout->items[from].target;
	rest = rest_of(layout, from, to, removed);
	plan = rest.run->plans[removed];
	if (plan.choice == CHOICE_DONE) {
		is_done(layout, &rest, &target);
		return target;
	}
	if (plan.choice == CHOICE_SMALL)
		return small_tree(layout->flow, &layout->items[from], to - from + 1);
	if (plan.choice == CHOICE_EQUAL) {
		item = &layout->items[rest.run->heavy[removed]];
		return flow_jump(layout->flow, BPF_JEQ, item->first, item->target,
				 build(layout, from, to, removed + 1));
	}
	return flow_jump(layout->flow, BPF_JGE, layout->items[plan.split].first,
			 build(layout, plan.split, to, removed - plan.left_removed),
			 build(layout, from, plan.split - 1u, plan.left_removed));
}

static void add_weights(struct layout *layout)
{
	layout->sums[0] = 0;
	for (size_t i = 0; i < layout->count; i++)
		layout->sums[i + 1] = layout->sums[i] + layout->items[i].weight;
}

/* Beyond what the tables are made for: halves of about equal weight. */
static flow_ref bisect(struct flow *flow, const struct layout_item *items, size_t count,
		       const struct layout_options *options, double *ret_cost)
{
	double total = 0, low_weight = 0, low_cost, high_cost;
	size_t split = 1;
	flow_ref low, high;

	for (size_t i = 0; i < count; i++)
		total += items[i].weight;
	while (split < count * 3 / 4 &&
	       (split < count / 4 || low_weight + items[split - 1].weight < total / 2))
		low_weight += items[split++ - 1].weight;
	low = layout_tree(flow, items, split, options, &low_cost);
	high = layout_tree(flow, items + split, count - split, options, &high_cost);
	*ret_cost = total + low_cost + high_cost;
	return flow_jump(flow, BPF_JGE, items[split].first, high, low);
}

/* The triangle of all runs, a row for each first item; none is made yet. */
static struct run ***new_runs(size_t count)
{
	size_t cells = count * (count + 1) / 2;
	struct run ***rows = malloc(sizeof(*rows) * count + sizeof(**rows) * cells);
	struct run **cell;

	if (!rows)
		return NULL;
	cell = (struct run **)(rows + count);
	memset(cell, 0, sizeof(*cell) * cells);
	for (size_t from = 0; from < count; from++) {
		rows[from] = cell - from; /* cells [from][from] to [from][count - 1] */
		cell += count - from;
	}
	return rows;
}

flow_ref layout_tree(struct flow *flow, const struct layout_item *items, size_t count,
		     const struct layout_options *options, double *ret_cost)
{
	struct layout layout = {
		.flow = flow, .items = items, .count = count, .options = options
	};
	flow_ref result = FLOW_FAILED;

	if (count > COUNT_MAX)
		return bisect(flow, items, count, options, ret_cost);
	layout.sums = malloc(sizeof(*layout.sums) * (count + 1));
	layout.runs = new_runs(count);
	if (layout.sums && layout.runs) {
		add_weights(&layout);
		*ret_cost = cost_of(&layout, 0, count - 1, 0);
		if (!layout.failed)
			result = build(&layout, 0, count - 1, 0);
	}
	free(layout.sums);
	free(layout.runs);
	return result;
}
