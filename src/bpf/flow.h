/* SPDX-License-Identifier: MIT */
/*
 * A program before it has an order: a graph of instructions with explicit successors,
 * hash-consed, so that equal tails are shared across calls and ABIs by themselves.
 *
 *     load arch ─► jeq x86_64 ─yes─► load nr ─► jge 100 ─ …
 *                     └─no─► ret KILL_PROCESS
 */
#ifndef CALLGATE_BPF_FLOW_H
#define CALLGATE_BPF_FLOW_H

#include "base/arena.h"
#include "bpf/bpf.h"

/* Index of an instruction in its flow; FLOW_FAILED passes through as an operand. */
typedef uint32_t flow_ref;

#define FLOW_FAILED UINT32_MAX

struct flow_op {
	uint16_t code; /* BPF_RET|BPF_K, BPF_LD|BPF_W|BPF_ABS, BPF_ALU|BPF_AND|BPF_K,
			  jumps */
	uint32_t k;
	flow_ref yes; /* of a jump; the next of a load or an AND */
	flow_ref no;  /* of a jump */
};

struct flow {
	struct arena arena;
	struct flow_op *ops;
	size_t count, capacity;
	flow_ref *buckets; /* open addressing, FLOW_FAILED is empty */
	size_t bucket_count;
};

void flow_init(struct flow *flow);
void flow_done(struct flow *flow);

flow_ref flow_return(struct flow *flow, uint32_t verdict);
flow_ref flow_load(struct flow *flow, uint32_t offset, flow_ref next);
flow_ref flow_and(struct flow *flow, uint32_t mask, flow_ref next);
/* `operation` is BPF_JEQ, BPF_JGE, BPF_JGT or BPF_JSET. */
flow_ref flow_jump(struct flow *flow, unsigned operation, uint32_t k, flow_ref yes,
		   flow_ref no);

/*
 * Puts the graph in an order and makes it a program: jumps only forward, offsets in 8
 * bits (else by a near return or a JA), loads and ANDs before what follows them.
 * 0; -E2BIG: more than BPF_MAXINSNS instructions; -ENOMEM.
 */
int flow_link(const struct flow *flow, flow_ref start, struct bpf_program *ret_program);

#endif
