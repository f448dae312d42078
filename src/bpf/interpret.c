// SPDX-License-Identifier: MIT
/*
 * The simulator: runs a filter on a call as the kernel would.
 *
 * Classic BPF after the kernel's translation (bpf_convert_filter() of
 * net/core/filter.c): A, X and everything computed are 32 bits and wrap, comparisons
 * are unsigned, a shift by X uses its low 5 bits, a division by an X of 0 ends the
 * program with 0, LEN is the size of struct seccomp_data. The program must have passed
 * bpf_validate(), which is why nothing is checked here and every run ends.
 */
#include "bpf/bpf.h"

static uint32_t load(const struct bpf_program *program, const struct seccomp_data *data,
		     uint32_t offset)
{
	return word_get(data, word_at_offset(offset, program->big_endian));
}

/* Division by zero is the caller's. */
static uint32_t compute(uint16_t code, uint32_t a, uint32_t operand)
{
	switch (BPF_OP(code)) {
	case BPF_ADD:
		return a + operand;
	case BPF_SUB:
		return a - operand;
	case BPF_MUL:
		return a * operand;
	case BPF_DIV:
		return a / operand;
	case BPF_AND:
		return a & operand;
	case BPF_OR:
		return a | operand;
	case BPF_XOR:
		return a ^ operand;
	case BPF_LSH:
		return a << (operand & 31);
	case BPF_RSH:
		return a >> (operand & 31);
	default: /* BPF_NEG */
		return -a;
	}
}

static bool compare(uint16_t code, uint32_t a, uint32_t operand)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == operand;
	case BPF_JGT:
		return a > operand;
	case BPF_JGE:
		return a >= operand;
	default: /* BPF_JSET */
		return a & operand;
	}
}

static uint32_t jump(const struct sock_filter *i, const struct bpf_state *state)
{
	uint32_t operand = BPF_SRC(i->code) == BPF_X ? state->x : i->k;

	if (BPF_OP(i->code) == BPF_JA)
		return i->k;
	return compare(i->code, state->a, operand) ? i->jt : i->jf;
}

/* A load into A or X: of a word of the call, of memory, of a constant. */
static uint32_t fetch(const struct bpf_program *program,
		      const struct seccomp_data *data, const struct bpf_state *state)
{
	const struct sock_filter *i = &program->code[state->pc];

	switch (BPF_MODE(i->code)) {
	case BPF_ABS:
		return load(program, data, i->k);
	case BPF_MEM:
		return state->memory[i->k];
	case BPF_LEN:
		return sizeof(struct seccomp_data);
	default: /* BPF_IMM */
		return i->k;
	}
}

/* Runs one instruction. True: the program has returned *ret_value. */
static bool step(const struct bpf_program *program, const struct seccomp_data *data,
		 struct bpf_state *state, uint32_t *ret_value)
{
	const struct sock_filter *i = &program->code[state->pc];
	uint32_t operand = BPF_SRC(i->code) == BPF_X ? state->x : i->k;

	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
		state->a = fetch(program, data, state);
		break;
	case BPF_LDX:
		state->x = fetch(program, data, state);
		break;
	case BPF_ST:
		state->memory[i->k] = state->a;
		break;
	case BPF_STX:
		state->memory[i->k] = state->x;
		break;
	case BPF_ALU:
		if (BPF_OP(i->code) == BPF_DIV && operand == 0) {
			*ret_value = 0;
			return true;
		}
		state->a = compute(i->code, state->a, operand);
		break;
	case BPF_JMP:
		state->pc += jump(i, state);
		break;
	case BPF_RET:
		*ret_value = BPF_RVAL(i->code) == BPF_A ? state->a : i->k;
		return true;
	case BPF_MISC:
		if (BPF_MISCOP(i->code) == BPF_TAX)
			state->x = state->a;
		else
			state->a = state->x;
		break;
	}
	state->pc++;
	return false;
}

struct bpf_run bpf_trace(const struct bpf_program *program,
			 const struct seccomp_data *data,
			 void (*visit)(void *context, const struct bpf_state *state),
			 void *context)
{
	struct bpf_state state = { 0 };
	struct bpf_run run = { 0 };
	bool returned;

	do {
		if (visit)
			visit(context, &state);
		run.at = state.pc;
		run.executed++;
		returned = step(program, data, &state, &run.value);
	} while (!returned);
	return run;
}

struct bpf_run bpf_run(const struct bpf_program *program,
		       const struct seccomp_data *data)
{
	return bpf_trace(program, data, NULL, NULL);
}
