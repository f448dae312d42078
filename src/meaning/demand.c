// SPDX-License-Identifier: MIT
/*
 * One pass from the last instruction to the first: what is demanded after an
 * instruction, and of which bits of its operands that is made.
 *
 *	mul #0x8a3015a8		A: bits 0–7, all that those of a product come from
 *	and #0xe6		A: what the mask leaves
 *	jset #0x20, …		A: bit 5
 *
 * It only ever demands too much: no path is left out, and no value is looked at.
 */
#include "meaning/demand.h"

/* The bits at and below the highest (at and above the lowest) of some. */
static uint32_t downward(uint32_t bits)
{
	return bits ? UINT32_MAX >> __builtin_clz(bits) : 0;
}

static uint32_t upward(uint32_t bits)
{
	return bits ? UINT32_MAX << __builtin_ctz(bits) : 0;
}

/* The bits of A that those of an ALU instruction's result are made of. */
static uint32_t alu_left(const struct sock_filter *in, uint32_t wanted)
{
	bool is_constant = BPF_SRC(in->code) == BPF_K;

	switch (BPF_OP(in->code)) {
	case BPF_AND:
		return is_constant ? wanted & in->k : wanted;
	case BPF_OR:
		return is_constant ? wanted & ~in->k : wanted;
	case BPF_XOR:
		return wanted;
	case BPF_LSH:
		return is_constant ? wanted >> (in->k & 31) : downward(wanted);
	case BPF_RSH:
		return is_constant ? wanted << (in->k & 31) : upward(wanted);
	case BPF_DIV:
		return upward(wanted);
	default:
		return downward(wanted);
	}
}

/* … and of X. A division by X ends the program where X is 0. */
static uint32_t alu_right(const struct sock_filter *in, uint32_t wanted)
{
	if (BPF_SRC(in->code) != BPF_X || BPF_OP(in->code) == BPF_NEG)
		return 0;
	switch (BPF_OP(in->code)) {
	case BPF_DIV:
		return UINT32_MAX;
	case BPF_LSH:
	case BPF_RSH:
		return wanted ? WORD_BITS - 1 : 0;
	default:
		return alu_left(in, wanted);
	}
}

/* A >= k looks at no bit below k's lowest. */
static uint32_t jump_left(const struct sock_filter *in)
{
	if (BPF_SRC(in->code) == BPF_X || BPF_OP(in->code) == BPF_JEQ)
		return UINT32_MAX;
	if (BPF_OP(in->code) == BPF_JSET)
		return in->k;
	return upward(BPF_OP(in->code) == BPF_JGT ? in->k + 1 : in->k);
}

static void step_jump(const struct sock_filter *in, const struct demand *next,
		      struct demand *ret_demand)
{
	if (BPF_OP(in->code) == BPF_JA) {
		*ret_demand = next[in->k];
		return;
	}
	*ret_demand = next[in->jt];
	if (in->jt == in->jf)
		return;
	for (unsigned i = 0; i < REGISTERS; i++)
		ret_demand->bits[i] |= next[in->jf].bits[i];
	ret_demand->bits[REGISTER_A] |= jump_left(in);
	if (BPF_SRC(in->code) == BPF_X)
		ret_demand->bits[REGISTER_X] = UINT32_MAX;
}

/* Register `to` takes what `from` has. */
static void move(struct demand *demand, unsigned from, unsigned to)
{
	uint32_t wanted = demand->bits[to];

	demand->bits[to] = 0;
	demand->bits[from] |= wanted;
}

static void step_load(const struct sock_filter *in, unsigned to, struct demand *demand)
{
	if (BPF_MODE(in->code) == BPF_MEM)
		move(demand, REGISTER_M0 + in->k, to);
	else
		demand->bits[to] = 0;
}

static void step_alu(const struct sock_filter *in, struct demand *demand)
{
	uint32_t wanted = demand->bits[REGISTER_A];

	demand->bits[REGISTER_A] = alu_left(in, wanted);
	demand->bits[REGISTER_X] |= alu_right(in, wanted);
}

/* `next` is what the instructions behind this one demand. */
static void step(const struct sock_filter *in, const struct demand *next,
		 struct demand *ret_demand)
{
	if (BPF_CLASS(in->code) == BPF_JMP) {
		step_jump(in, next, ret_demand);
		return;
	}
	if (BPF_CLASS(in->code) == BPF_RET) {
		*ret_demand = (struct demand){ 0 };
		if (BPF_RVAL(in->code) == BPF_A)
			ret_demand->bits[REGISTER_A] = UINT32_MAX;
		return;
	}
	*ret_demand = *next;
	switch (BPF_CLASS(in->code)) {
	case BPF_LD:
		step_load(in, REGISTER_A, ret_demand);
		break;
	case BPF_LDX:
		step_load(in, REGISTER_X, ret_demand);
		break;
	case BPF_ST:
		move(ret_demand, REGISTER_A, REGISTER_M0 + in->k);
		break;
	case BPF_STX:
		move(ret_demand, REGISTER_X, REGISTER_M0 + in->k);
		break;
	case BPF_ALU:
		step_alu(in, ret_demand);
		break;
	default:
		if (BPF_MISCOP(in->code) == BPF_TAX)
			move(ret_demand, REGISTER_A, REGISTER_X);
		else
			move(ret_demand, REGISTER_X, REGISTER_A);
	}
}

void demand_find(const struct sock_filter *code, size_t length,
		 struct demand *ret_demand)
{
	for (size_t pc = length; pc-- > 0;)
		step(&code[pc], ret_demand + pc + 1, &ret_demand[pc]);
}
