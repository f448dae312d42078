// SPDX-License-Identifier: MIT
/*
 * The flow graph's instructions, each made once.
 *
 * Invariants: successors exist before an instruction does, so the graph has no cycle;
 * a jump whose successors are the same instruction is that instruction.
 */
#include "bpf/flow.h"

#include <linux/filter.h>

#define FIRST_BUCKETS 256

void flow_init(struct flow *flow)
{
	*flow = (struct flow){ 0 };
	arena_init(&flow->arena, ARENA_DEFAULT_LIMIT);
}

void flow_done(struct flow *flow)
{
	arena_done(&flow->arena);
}

static size_t slot_of(const struct flow *flow, const struct flow_op *op)
{
	uint64_t hash = ((uint64_t)op->yes << 32 | op->no) * 0x9e3779b97f4a7c15ull;

	hash = (hash ^ hash >> 32 ^ ((uint64_t)op->code << 32 | op->k)) *
	       0xbf58476d1ce4e5b9ull;
	return (size_t)(hash >> 32) & (flow->bucket_count - 1);
}

static bool same(const struct flow_op *a, const struct flow_op *b)
{
	return a->code == b->code && a->k == b->k && a->yes == b->yes && a->no == b->no;
}

/* The slot that holds an equal instruction, or the empty one where it belongs. */
static flow_ref *find(struct flow *flow, const struct flow_op *op)
{
	size_t slot = slot_of(flow, op);

	while (flow->buckets[slot] != FLOW_FAILED &&
	       !same(&flow->ops[flow->buckets[slot]], op))
		slot = (slot + 1) & (flow->bucket_count - 1);
	return &flow->buckets[slot];
}

/* Buckets stay at most half full. */
static bool grow(struct flow *flow)
{
	size_t wanted = flow->bucket_count ? flow->bucket_count * 2 : FIRST_BUCKETS;

	if (flow->count * 2 < flow->bucket_count)
		return true;
	flow->buckets = ARENA_ARRAY(&flow->arena, flow_ref, wanted);
	if (!flow->buckets)
		return false;
	memset(flow->buckets, 0xff, sizeof(flow_ref) * wanted);
	flow->bucket_count = wanted;
	for (size_t i = 0; i < flow->count; i++)
		*find(flow, &flow->ops[i]) = (flow_ref)i;
	return true;
}

static flow_ref make(struct flow *flow, struct flow_op op)
{
	struct flow_op *place;
	flow_ref *bucket;

	if (flow->arena.failed || !grow(flow))
		return FLOW_FAILED;
	bucket = find(flow, &op);
	if (*bucket != FLOW_FAILED)
		return *bucket;
	place = ARENA_PUSH(&flow->arena, flow->ops, flow->count, flow->capacity);
	if (!place)
		return FLOW_FAILED;
	*place = op;
	*bucket = (flow_ref)(flow->count - 1);
	return *bucket;
}

flow_ref flow_return(struct flow *flow, uint32_t verdict)
{
	return make(flow, (struct flow_op){ BPF_RET | BPF_K, verdict, 0, 0 });
}

flow_ref flow_load(struct flow *flow, uint32_t offset, flow_ref next)
{
	if (next == FLOW_FAILED)
		return next;
	return make(flow,
		    (struct flow_op){ BPF_LD | BPF_W | BPF_ABS, offset, next, 0 });
}

flow_ref flow_and(struct flow *flow, uint32_t mask, flow_ref next)
{
	if (next == FLOW_FAILED)
		return next;
	return make(flow, (struct flow_op){ BPF_ALU | BPF_AND | BPF_K, mask, next, 0 });
}

flow_ref flow_jump(struct flow *flow, unsigned operation, uint32_t k, flow_ref yes,
		   flow_ref no)
{
	uint16_t code = (uint16_t)(BPF_JMP | operation | BPF_K);

	if (yes == FLOW_FAILED || no == FLOW_FAILED)
		return FLOW_FAILED;
	if (yes == no)
		return yes;
	return make(flow, (struct flow_op){ code, k, yes, no });
}
