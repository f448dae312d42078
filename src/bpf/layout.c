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
#define COUNT_MAX    256 /* items that the tables are made for */
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

struct layout {
	struct flow *flow;
	const struct layout_item *items;
	size_t count;
	const struct layout_options *options;
	double *sums;	    /* weight of all items before this one */
	uint16_t *heavy;    /* REMOVED_MAX singles of each run, heaviest first */
	struct plan *plans; /* REMOVED_MAX + 1 of each run */
};

#define NO_ITEM UINT16_MAX

/* A run is [from, to], both inclusive; the tables hold a triangle of them. */
static size_t run_index(const struct layout *layout, size_t from, size_t to)
{
	return from * (2 * layout->count - from + 1) / 2 + (to - from);
}

static const uint16_t *heavy_of(const struct layout *layout, size_t from, size_t to)
{
	return &layout->heavy[run_index(layout, from, to) * REMOVED_MAX];
}

static double run_weight(const struct layout *layout, size_t from, size_t to,
			 unsigned removed)
{
	const uint16_t *heavy = heavy_of(layout, from, to);
	double weight = layout->sums[to + 1] - layout->sums[from];

	for (unsigned i = 0; i < removed; i++)
		weight -= layout->items[heavy[i]].weight;
	return weight > 0 ? weight : 0;
}

static bool is_removed(const uint16_t *heavy, unsigned removed, size_t item)
{
	for (unsigned i = 0; i < removed; i++)
		if (heavy[i] == item)
			return true;
	return false;
}

/* Whether all items that are not removed go to one place; any will do for none. */
static bool is_done(const struct layout *layout, size_t from, size_t to,
		    unsigned removed, flow_ref *ret_target)
{
	const uint16_t *heavy = heavy_of(layout, from, to);
	flow_ref target = FLOW_FAILED;

	if (to - from > 2 * removed)
		return false;
	for (size_t i = from; i <= to; i++) {
		if (is_removed(heavy, removed, i))
			continue;
		if (target != FLOW_FAILED && target != layout->items[i].target)
			return false;
		target = layout->items[i].target;
	}
	*ret_target = target == FLOW_FAILED ? layout->items[from].target : target;
	return true;
}

static void solve(struct layout *layout, size_t from, size_t to, unsigned removed,
		  struct plan *ret_plan);

static struct plan *plan_at(const struct layout *layout, size_t from, size_t to,
			    unsigned removed)
{
	return &layout->plans[run_index(layout, from, to) * (REMOVED_MAX + 1) +
			      removed];
}

static double cost_of(struct layout *layout, size_t from, size_t to, unsigned removed)
{
	struct plan *plan;

	if (from == to)
		return 0;
	plan = plan_at(layout, from, to, removed);
	if (plan->choice == CHOICE_UNKNOWN)
		solve(layout, from, to, removed, plan);
	return (double)plan->cost;
}

/* Whether the search leaves out what is hardly ever best. */
static bool is_narrowed(const struct layout *layout, size_t from, size_t to)
{
	return to - from >= FULL_SEARCH && !layout->options->exhaustive;
}

static void try_equal(struct layout *layout, size_t from, size_t to, unsigned removed,
		      struct plan *plan)
{
	double weight = run_weight(layout, from, to, removed);
	uint16_t next =
		removed < REMOVED_MAX ? heavy_of(layout, from, to)[removed] : NO_ITEM;
	double cost;

	if (next == NO_ITEM)
		return;
	if (is_narrowed(layout, from, to) &&
	    layout->items[next].weight < HEAVY_SHARE * weight)
		return;
	cost = weight + layout->options->test_price +
	       cost_of(layout, from, to, removed + 1);
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

static void try_splits(struct layout *layout, size_t from, size_t to, unsigned removed,
		       struct plan *plan)
{
	const uint16_t *heavy = heavy_of(layout, from, to);
	double weight =
		run_weight(layout, from, to, removed) + layout->options->test_price;
	size_t low = from + 1, high = to;

	if (is_narrowed(layout, from, to)) {
		size_t middle = middle_of(layout, from, to);
		size_t near = to - from >= LONG_RUN ? NEAR_OF_LONG : NEAR_MIDDLE;

		low = middle > low + near ? middle - near : low;
		high = middle + near < high ? middle + near : high;
	}
	for (size_t split = low; split <= high; split++) {
		unsigned left = 0;
		double cost;

		for (unsigned i = 0; i < removed; i++)
			left += heavy[i] < split;
		cost = weight + cost_of(layout, from, split - 1, left);
		if (plan->choice != CHOICE_UNKNOWN && cost >= (double)plan->cost)
			continue;
		cost += cost_of(layout, split, to, removed - left);
		if (plan->choice != CHOICE_UNKNOWN && cost >= (double)plan->cost)
			continue;
		*plan = (struct plan){ (float)cost, (uint16_t)split, CHOICE_SPLIT,
				       (uint8_t)left };
	}
}

static bool is_light(const struct layout *layout, size_t from, size_t to)
{
	return !layout->options->exhaustive &&
	       (layout->options->by_size ||
		run_weight(layout, from, to, 0) < LIGHT * layout->options->test_price);
}

static void solve(struct layout *layout, size_t from, size_t to, unsigned removed,
		  struct plan *ret_plan)
{
	struct plan plan = { .choice = CHOICE_UNKNOWN };
	flow_ref target;

	if (is_done(layout, from, to, removed, &target)) {
		plan.choice = CHOICE_DONE;
	} else if (is_light(layout, from, to) && removed == 0) {
		plan.choice = CHOICE_SMALL;
		plan.cost = (float)small_cost(&layout->items[from], to - from + 1,
					      layout->options->test_price);
	} else {
		try_equal(layout, from, to, removed, &plan);
		try_splits(layout, from, to, removed, &plan);
	}
	*ret_plan = plan;
}

static flow_ref build(struct layout *layout, size_t from, size_t to, unsigned removed)
{
	struct plan plan = *plan_at(layout, from, to, removed);
	const struct layout_item *item;
	flow_ref target;

	if (from == to)
		return layout->items[from].target;
	if (plan.choice == CHOICE_DONE) {
		is_done(layout, from, to, removed, &target);
		return target;
	}
	if (plan.choice == CHOICE_SMALL)
		return small_tree(layout->flow, &layout->items[from], to - from + 1);
	if (plan.choice == CHOICE_EQUAL) {
		item = &layout->items[heavy_of(layout, from, to)[removed]];
		return flow_jump(layout->flow, BPF_JEQ, item->first, item->target,
				 build(layout, from, to, removed + 1));
	}
	return flow_jump(layout->flow, BPF_JGE, layout->items[plan.split].first,
			 build(layout, plan.split, to, removed - plan.left_removed),
			 build(layout, from, plan.split - 1u, plan.left_removed));
}

/* A run's heaviest singles are those of the run without its last item, and that. */
static void rank(struct layout *layout, size_t from, size_t to)
{
	uint16_t *heavy = &layout->heavy[run_index(layout, from, to) * REMOVED_MAX];
	const struct layout_item *items = layout->items;
	unsigned place;

	if (to > from)
		memcpy(heavy, heavy_of(layout, from, to - 1),
		       sizeof(*heavy) * REMOVED_MAX);
	else
		memset(heavy, 0xff, sizeof(*heavy) * REMOVED_MAX);
	if (!items[to].single)
		return;
	for (place = REMOVED_MAX; place > 0; place--) {
		if (heavy[place - 1] != NO_ITEM &&
		    items[heavy[place - 1]].weight >= items[to].weight)
			break;
		if (place < REMOVED_MAX)
			heavy[place] = heavy[place - 1];
	}
	if (place < REMOVED_MAX)
		heavy[place] = (uint16_t)to;
}

static void prepare(struct layout *layout)
{
	layout->sums[0] = 0;
	for (size_t i = 0; i < layout->count; i++)
		layout->sums[i + 1] = layout->sums[i] + layout->items[i].weight;
	for (size_t from = 0; from < layout->count; from++)
		for (size_t to = from; to < layout->count; to++)
			rank(layout, from, to);
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

flow_ref layout_tree(struct flow *flow, const struct layout_item *items, size_t count,
		     const struct layout_options *options, double *ret_cost)
{
	struct layout layout = { flow, items, count, options, NULL, NULL, NULL };
	size_t runs = count * (count + 1) / 2;
	flow_ref result = FLOW_FAILED;

	if (count > COUNT_MAX)
		return bisect(flow, items, count, options, ret_cost);
	layout.sums = malloc(sizeof(*layout.sums) * (count + 1));
	layout.heavy = malloc(sizeof(*layout.heavy) * runs * REMOVED_MAX);
	layout.plans = calloc(runs * (REMOVED_MAX + 1), sizeof(*layout.plans));
	if (layout.sums && layout.heavy && layout.plans) {
		prepare(&layout);
		*ret_cost = cost_of(&layout, 0, count - 1, 0);
		result = build(&layout, 0, count - 1, 0);
	}
	free(layout.sums);
	free(layout.heavy);
	free(layout.plans);
	return result;
}
