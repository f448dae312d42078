// SPDX-License-Identifier: MIT
/* Trees over intervals: each value gets where its interval goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bpf/layout.h"

#define ITEMS_MAX 600

/* Interval number i of a case: where it goes is all that has to differ. */
struct layout_case {
	const char *name;
	size_t count;
	size_t singles; /* how many at the start are single values */
	double single_weight, weight, price;
	uint32_t step;	 /* how wide the others are */
	uint32_t places; /* that the single values go to in turn; the others: to 3 */
};

static const struct layout_case cases[] = {
	{ "one interval", 1, 0, 1, 1, 1, 10, 2 },
	{ "two", 2, 0, 1, 1, 1, 10, 2 },
	{ "hot values ahead", 14, 6, 1e5, 1, 0.01, 10, 2 },
	{ "nothing is ever called, and tests cost nothing", 12, 6, 0, 0, 0, 7, 2 },
	{ "the same, and neighbours go to one place", 12, 6, 0, 0, 0, 7, 1 },
	{ "hot values that all are tested before", 20, 7, 1e9, 1e-9, 0, 3, 2 },
	{ "more values than are tested ahead", 60, 50, 5, 1, 0.1, 2, 2 },
	{ "more than one search takes", 600, 100, 3, 1, 0.1, 5, 2 },
};

static flow_ref follow(const struct flow *flow, flow_ref at, uint32_t value)
{
	while (BPF_CLASS(flow->ops[at].code) == BPF_JMP) {
		const struct flow_op *op = &flow->ops[at];
		bool passed =
			BPF_OP(op->code) == BPF_JEQ ? value == op->k : value >= op->k;

		at = passed ? op->yes : op->no;
	}
	return at;
}

static void make_items(const struct layout_case *one, struct flow *flow,
		       struct layout_item *items)
{
	uint32_t first = 0;

	for (size_t i = 0; i < one->count; i++) {
		bool is_single = i < one->singles;

		items[i] = (struct layout_item){
			.first = first,
			.single = is_single,
			.target = flow_return(flow,
					      (uint32_t)(i % (is_single ? one->places
									: 3))),
			.weight = is_single ? one->single_weight / (double)(i + 1)
					    : one->weight,
		};
		first += is_single ? 1 : one->step;
	}
}

static void check(const char *name, struct flow *flow, const struct layout_item *items,
		  size_t count, const struct layout_options *options)
{
	double cost;
	flow_ref start = layout_tree(flow, items, count, options, &cost);

	if (start == FLOW_FAILED)
		fail_msg("%s: no tree", name);
	for (size_t i = 0; i < count; i++) {
		uint32_t last = i + 1 < count ? items[i + 1].first - 1 : UINT32_MAX;

		if (follow(flow, start, items[i].first) != items[i].target ||
		    follow(flow, start, last) != items[i].target)
			fail_msg("%s: interval %zu goes astray", name, i);
	}
}

static void check_case(const struct layout_case *one, bool exhaustive)
{
	struct layout_options options = { one->price, exhaustive };
	struct layout_item items[ITEMS_MAX];
	struct flow flow;

	flow_init(&flow);
	make_items(one, &flow, items);
	check(one->name, &flow, items, one->count, &options);
	flow_done(&flow);
}

/* Half a run may be values that have all been tested before. */
static void splits_off_what_is_decided(void **state)
{
	static const struct layout_item items[] = {
		{ 0, true, 0, 0 },	  { 1, true, 0, 0 },	 { 2, true, 0, 0 },
		{ 3, true, 0, 0 },	  { 4, false, 1, 0 },	 { 1290, true, 0, 0 },
		{ 1291, true, 1, 65025 }, { 1292, false, 0, 0 }, { 66813, false, 2, 0 },
	};
	const struct layout_options options = { 0, false };
	struct flow flow;

	(void)state;
	flow_init(&flow);
	for (flow_ref i = 0; i < 3; i++)
		assert_int_equal(flow_return(&flow, i), i);
	check("what is decided", &flow, items, sizeof(items) / sizeof(items[0]),
	      &options);
	flow_done(&flow);
}

static void leads_each_value_to_its_target(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_case(&cases[i], false);
		if (cases[i].count <= 64)
			check_case(&cases[i], true);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(leads_each_value_to_its_target),
		cmocka_unit_test(splits_off_what_is_decided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
