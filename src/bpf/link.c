// SPDX-License-Identifier: MIT
/*
 * flow graph → program, written from its end to its start.
 *
 * Successors are placed before the instruction that needs them, so every jump goes
 * forward, and a distance is known the moment it is needed:
 *
 *     written last ─► jge 100 ─┬─ … ─┬─ ret ALLOW ◄─ written first
 *     (the start)              └─────┴─► distance = written now - written then
 *
 * What is too far for 8 bits is brought near: a return is written again, anything else
 * is reached through a JA. A later instruction uses the nearest copy.
 */
#include "bpf/flow.h"

#include <errno.h>
#include <stdlib.h>

#define NOT_PLACED UINT32_MAX
#define NEAR	   255u

struct linker {
	const struct flow *flow;
	struct sock_filter *code; /* backwards: code[0] is the program's last */
	uint32_t length;
	uint32_t *place; /* of each instruction: where in `code`, or NOT_PLACED */
	bool full;
};

static void write_one(struct linker *linker, uint16_t code, uint8_t jt, uint8_t jf,
		      uint32_t k)
{
	if (linker->length == BPF_MAXINSNS) {
		linker->full = true;
		return;
	}
	linker->code[linker->length++] = (struct sock_filter){ code, jt, jf, k };
}

static uint32_t distance(const struct linker *linker, flow_ref ref)
{
	return linker->length - 1 - linker->place[ref];
}

/* Writes something right here that does what `ref` does. */
static void bring_near(struct linker *linker, flow_ref ref)
{
	const struct flow_op *op = &linker->flow->ops[ref];

	if (BPF_CLASS(op->code) == BPF_RET)
		write_one(linker, op->code, 0, 0, op->k);
	else
		write_one(linker, BPF_JMP | BPF_JA, 0, 0, distance(linker, ref));
	linker->place[ref] = linker->length - 1;
}

static void place(struct linker *linker, flow_ref ref);

static void place_jump(struct linker *linker, const struct flow_op *op)
{
	/* The branch that jumps less far down the line is written nearer. */
	place(linker, op->no);
	place(linker, op->yes);
	while (!linker->full &&
	       (distance(linker, op->yes) > NEAR || distance(linker, op->no) > NEAR)) {
		bool yes_is_far = distance(linker, op->yes) > NEAR;

		bring_near(linker, yes_is_far ? op->yes : op->no);
	}
	if (!linker->full)
		write_one(linker, op->code, (uint8_t)distance(linker, op->yes),
			  (uint8_t)distance(linker, op->no), op->k);
}

static void place(struct linker *linker, flow_ref ref)
{
	const struct flow_op *op = &linker->flow->ops[ref];

	if (linker->full || linker->place[ref] != NOT_PLACED)
		return;
	switch (BPF_CLASS(op->code)) {
	case BPF_RET:
		write_one(linker, op->code, 0, 0, op->k);
		break;
	case BPF_JMP:
		place_jump(linker, op);
		break;
	default:
		place(linker, op->yes);
		if (!linker->full && distance(linker, op->yes) != 0)
			bring_near(linker, op->yes);
		write_one(linker, op->code, 0, 0, op->k);
	}
	linker->place[ref] = linker->length - 1;
}

static void reverse(struct sock_filter *code, uint32_t length)
{
	for (uint32_t i = 0; i < length / 2; i++) {
		struct sock_filter swap = code[i];

		code[i] = code[length - 1 - i];
		code[length - 1 - i] = swap;
	}
}

int flow_link(const struct flow *flow, flow_ref start, struct bpf_program *ret_program)
{
	struct linker linker = { .flow = flow };
	int error = -ENOMEM;

	if (start == FLOW_FAILED)
		return -ENOMEM;
	linker.code = malloc(sizeof(*linker.code) * BPF_MAXINSNS);
	linker.place = malloc(sizeof(*linker.place) * flow->count);
	if (!linker.code || !linker.place)
		goto out;
	memset(linker.place, 0xff, sizeof(*linker.place) * flow->count);
	place(&linker, start);
	error = linker.full ? -E2BIG : 0;
	if (error)
		goto out;
	reverse(linker.code, linker.length);
	ret_program->code = realloc(linker.code, sizeof(*linker.code) * linker.length);
	if (!ret_program->code)
		ret_program->code = linker.code;
	ret_program->length = linker.length;
	linker.code = NULL;
out:
	free(linker.code);
	free(linker.place);
	return error;
}
