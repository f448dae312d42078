/* SPDX-License-Identifier: MIT */
/* Trees of few instructions, for what hardly ever runs. */
#ifndef CALLGATE_BPF_SMALL_H
#define CALLGATE_BPF_SMALL_H

#include "bpf/layout.h"

/* What small_tree() costs: tests that are executed, by weight, and `test_price` a test. */
double small_cost(const struct layout_item *items, size_t count, double test_price);

/* As layout_tree(), with as few tests as there can be. */
flow_ref small_tree(struct flow *flow, const struct layout_item *items, size_t count);

#endif
