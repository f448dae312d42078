// SPDX-License-Identifier: MIT
/*
 * Any intervals of any weights as a layout: each must lead to its target, whatever the
 * search was told, and in no more tests than it says.
 *
 * Input: a byte of options, then an interval every 5 bytes: how far on it begins (2),
 * weight, target, whether it is a single value.
 */
#include "bpf/layout.h"

#include <stdlib.h>

#define ITEMS_MAX 300 /* over what is searched at once */
#define TARGETS	  6
#define ITEM_SIZE 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct intervals {
	struct layout_item items[ITEMS_MAX];
	size_t count;
};

/* Neighbours that could be one item are not, as the emitter has it. */
static void add_item(struct intervals *intervals, struct flow *flow,
		     const uint8_t *data)
{
	struct layout_item *last =
		intervals->count ? &intervals->items[intervals->count - 1] : NULL;
	struct layout_item item = {
		.single = data[4] & 1,
		.weight = data[2] < 8 ? 0 : (double)(data[2] * data[2]),
		.target = flow_return(flow, data[3] % TARGETS),
	};
	uint32_t step = 1u + data[0] + 256u * data[1];

	if (last) {
		if (item.target == last->target && !(item.single && last->single))
			return;
		item.first = last->first + (last->single ? 1 : step);
	}
	intervals->items[intervals->count++] = item;
}

static flow_ref next_of(const struct flow_op *op, uint32_t value)
{
	bool passed = BPF_OP(op->code) == BPF_JEQ ? value == op->k : value >= op->k;

	if (BPF_CLASS(op->code) != BPF_JMP || BPF_OP(op->code) == BPF_JSET)
		__builtin_trap();
	return passed ? op->yes : op->no;
}

/* Follows a value to its return; the tests on the way. */
static unsigned follow(const struct flow *flow, flow_ref start, uint32_t value,
		       flow_ref target)
{
	unsigned tests = 0;

	while (BPF_CLASS(flow->ops[start].code) != BPF_RET) {
		start = next_of(&flow->ops[start], value);
		tests++;
	}
	if (start != target)
		__builtin_trap();
	return tests;
}

/* The tests of all intervals, as often as they are called. */
static double check(const struct flow *flow, flow_ref start,
		    const struct intervals *intervals)
{
	double sum = 0;

	for (size_t i = 0; i < intervals->count; i++) {
		const struct layout_item *item = &intervals->items[i];
		uint32_t last =
			i + 1 < intervals->count ? item[1].first - 1 : UINT32_MAX;
		unsigned tests = follow(flow, start, item->first, item->target);

		sum += tests * item->weight;
		if (item->single)
			continue;
		follow(flow, start, last, item->target);
		follow(flow, start, item->first + (last - item->first) / 2,
		       item->target);
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct intervals intervals = { .count = 0 };
	struct layout_options options = { 0 };
	struct flow flow;
	flow_ref start;
	double cost;

	if (size < 1 + ITEM_SIZE)
		return 0;
	/* The full search of many takes long. */
	options.exhaustive = (data[0] & 1) && size < 64 * ITEM_SIZE;
	options.test_price = data[0] >> 1;
	flow_init(&flow);
	for (size_t at = 1; at + ITEM_SIZE <= size && intervals.count < ITEMS_MAX;
	     at += ITEM_SIZE)
		add_item(&intervals, &flow, &data[at]);
	start = layout_tree(&flow, intervals.items, intervals.count, &options, &cost);
	if (start == FLOW_FAILED)
		__builtin_trap();
	/* Costs are sums of floats. */
	if (check(&flow, start, &intervals) > cost * 1.001 + 0.01)
		__builtin_trap();
	flow_done(&flow);
	return 0;
}
