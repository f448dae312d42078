// SPDX-License-Identifier: MIT
/*
 * classic BPF → diagram, exactly, for any program that the kernel's checker accepts.
 *
 *   forward   each pc collects the distinct states (A, X, M[]) that reach it; jumps go
 *             forward only, so one pass in order of pc sees them all
 *   backward  each state's function is that of its successors: a jump is
 *             ite(predicate, yes, no), a return a terminal
 *
 * What a state holds is a number into a table of values (a constant, a word of the
 * call as loaded, or 32 symbolic bits), so equal states are found by their numbers.
 * Registers that nothing reads any more are cleared first. No path conditions are
 * kept: the backward pass builds the function itself, and a state that no call can
 * reach costs time but cannot change the result.
 */
#include "meaning/vector.h"

#include <linux/filter.h>
#include <stdlib.h>

#define STATES_MAX  (1u << 16)
#define REGISTERS   (2 + BPF_MEMWORDS)
#define REGISTER_A  0
#define REGISTER_X  1
#define REGISTER_M0 2
#define NONE	    UINT32_MAX
#define DATA_LENGTH ((uint32_t)sizeof(struct seccomp_data))

enum value_kind {
	VALUE_CONSTANT,
	VALUE_WORD,
	VALUE_VECTOR,
};

struct value {
	enum value_kind kind;
	uint32_t number; /* the constant, or the word */
	struct vector *vector;
};

struct state {
	uint32_t registers[REGISTERS]; /* indices of values */
	uint32_t next;		       /* another state of the same pc, or NONE */
	uint32_t yes, no;	       /* successors; `no` NONE where there is one */
	meaning_ref predicate;	       /* chooses `yes` */
	meaning_ref result;
};

struct lift {
	struct meaning *store;
	const struct sock_filter *code;
	size_t length;
	bool big_endian;
	struct arena arena;
	struct value *values;
	size_t value_count, value_capacity;
	struct state *states;
	size_t state_count, state_capacity;
	uint32_t *first; /* of each pc: its newest state, or NONE */
	uint32_t *live; /* of each pc: a bit for each register that is read from here on
			 */
};

static uint32_t fail(struct lift *lift, int error)
{
	store_fail(lift->store, error);
	return 0;
}

/* --- values ------------------------------------------------------------------------
 */

static bool same_value(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == VALUE_VECTOR)
		return memcmp(a->vector, b->vector, sizeof(*a->vector)) == 0;
	return a->number == b->number;
}

/* The number of a value; few differ in any program, so a scan finds it. */
static uint32_t intern(struct lift *lift, struct value value)
{
	struct value *place;

	for (size_t i = lift->value_count; i-- > 0;)
		if (same_value(&lift->values[i], &value))
			return (uint32_t)i;
	if (lift->value_count == STATES_MAX)
		return fail(lift, -E2BIG);
	store_step(lift->store);
	lift->store->steps += lift->value_count;
	place = ARENA_PUSH(&lift->arena, lift->values, lift->value_count,
			   lift->value_capacity);
	if (!place)
		return fail(lift, -ENOMEM);
	*place = value;
	return (uint32_t)(lift->value_count - 1);
}

static uint32_t constant(struct lift *lift, uint32_t number)
{
	return intern(lift, (struct value){ VALUE_CONSTANT, number, NULL });
}

static struct vector bits_of(struct lift *lift, struct value value)
{
	if (value.kind == VALUE_CONSTANT)
		return vector_constant(value.number);
	if (value.kind == VALUE_WORD)
		return vector_word(lift->store, value.number);
	return *value.vector;
}

static uint32_t intern_vector(struct lift *lift, const struct vector *vector)
{
	uint32_t number;
	struct vector *copy;

	if (vector_is_constant(vector, &number))
		return constant(lift, number);
	copy = ARENA_NEW(&lift->arena, struct vector);
	if (!copy)
		return fail(lift, -ENOMEM);
	*copy = *vector;
	return intern(lift, (struct value){ VALUE_VECTOR, 0, copy });
}

/* --- liveness ----------------------------------------------------------------------
 */

static uint32_t register_bit(uint32_t index)
{
	return UINT32_C(1) << index;
}

/* The registers that an instruction reads, and in *ret_written the one it writes. */
static uint32_t reads(const struct sock_filter *in, uint32_t *ret_written)
{
	uint32_t a = register_bit(REGISTER_A), x = register_bit(REGISTER_X);
	uint32_t source = BPF_SRC(in->code) == BPF_X ? x : 0;
	uint32_t memory = in->k < BPF_MEMWORDS ? register_bit(REGISTER_M0 + in->k) : 0;

	*ret_written = 0;
	switch (BPF_CLASS(in->code)) {
	case BPF_LD:
		*ret_written = a;
		return BPF_MODE(in->code) == BPF_MEM ? memory : 0;
	case BPF_LDX:
		*ret_written = x;
		return BPF_MODE(in->code) == BPF_MEM ? memory : 0;
	case BPF_ST:
		*ret_written = memory;
		return a;
	case BPF_STX:
		*ret_written = memory;
		return x;
	case BPF_ALU:
		*ret_written = a;
		return a | source;
	case BPF_JMP:
		return BPF_OP(in->code) == BPF_JA ? 0 : a | source;
	case BPF_RET:
		return BPF_RVAL(in->code) == BPF_A ? a : 0;
	default:
		*ret_written = BPF_MISCOP(in->code) == BPF_TAX ? x : a;
		return BPF_MISCOP(in->code) == BPF_TAX ? a : x;
	}
}

static void find_live(struct lift *lift)
{
	for (size_t pc = lift->length; pc-- > 0;) {
		const struct sock_filter *in = &lift->code[pc];
		uint32_t written, read = reads(in, &written), after = 0;

		if (BPF_CLASS(in->code) == BPF_JMP && BPF_OP(in->code) == BPF_JA)
			after = lift->live[pc + 1 + in->k];
		else if (BPF_CLASS(in->code) == BPF_JMP)
			after = lift->live[pc + 1 + in->jt] |
				lift->live[pc + 1 + in->jf];
		else if (BPF_CLASS(in->code) != BPF_RET)
			after = lift->live[pc + 1];
		lift->live[pc] = (after & ~written) | read;
	}
}

/* --- forward -----------------------------------------------------------------------
 */

/* The state at `pc` with these registers, the dead ones cleared. */
static uint32_t reach(struct lift *lift, size_t pc, const uint32_t *registers)
{
	struct state state = { .yes = NONE, .no = NONE, .next = lift->first[pc] };
	struct state *place;

	for (unsigned i = 0; i < REGISTERS; i++)
		state.registers[i] =
			lift->live[pc] & register_bit(i) ? registers[i] : 0;
	for (uint32_t i = lift->first[pc]; i != NONE; i = lift->states[i].next) {
		if (!store_step(lift->store))
			return 0;
		if (!memcmp(lift->states[i].registers, state.registers,
			    sizeof(state.registers)))
			return i;
	}
	if (lift->state_count == STATES_MAX)
		return fail(lift, -E2BIG);
	place = ARENA_PUSH(&lift->arena, lift->states, lift->state_count,
			   lift->state_capacity);
	if (!place)
		return fail(lift, -ENOMEM);
	*place = state;
	lift->first[pc] = (uint32_t)(lift->state_count - 1);
	return lift->first[pc];
}

/* What an LD or LDX brings. */
static uint32_t loaded(struct lift *lift, const struct sock_filter *in,
		       const uint32_t *registers)
{
	switch (BPF_MODE(in->code)) {
	case BPF_ABS:
		return intern(lift,
			      (struct value){ VALUE_WORD,
					      word_at_offset(in->k, lift->big_endian),
					      NULL });
	case BPF_MEM:
		return registers[REGISTER_M0 + in->k];
	case BPF_IMM:
		return constant(lift, in->k);
	default: /* BPF_LEN */
		return constant(lift, DATA_LENGTH);
	}
}

static struct value operand(const struct lift *lift, const struct sock_filter *in,
			    const uint32_t *registers)
{
	if (BPF_SRC(in->code) == BPF_X)
		return lift->values[registers[REGISTER_X]];
	return (struct value){ VALUE_CONSTANT, in->k, NULL };
}

static uint32_t computed(struct lift *lift, const struct sock_filter *in,
			 const uint32_t *registers)
{
	struct vector a = bits_of(lift, lift->values[registers[REGISTER_A]]);
	struct vector b = bits_of(lift, operand(lift, in, registers));
	struct vector result = vector_compute(lift->store, BPF_OP(in->code), &a, &b);

	return lift->store->error ? 0 : intern_vector(lift, &result);
}

static meaning_ref word_jump(struct meaning *store, unsigned operation, unsigned word,
			     uint32_t k)
{
	switch (operation) {
	case BPF_JEQ:
		return meaning_masked(store, word, UINT32_MAX, k);
	case BPF_JGE:
		return meaning_range(store, word, k, UINT32_MAX);
	case BPF_JGT:
		return k == UINT32_MAX ? MEANING_FALSE
				       : meaning_range(store, word, k + 1, UINT32_MAX);
	default: /* BPF_JSET */
		return meaning_not(store, meaning_masked(store, word, k, 0));
	}
}

static meaning_ref jump_predicate(struct lift *lift, const struct sock_filter *in,
				  const uint32_t *registers)
{
	struct value left = lift->values[registers[REGISTER_A]];
	struct value right = operand(lift, in, registers);
	struct vector a, b;

	if (left.kind == VALUE_WORD && right.kind == VALUE_CONSTANT)
		return word_jump(lift->store, BPF_OP(in->code), left.number,
				 right.number);
	a = bits_of(lift, left);
	b = bits_of(lift, right);
	return vector_jump(lift->store, BPF_OP(in->code), &a, &b);
}

static void step_jump(struct lift *lift, size_t pc, struct state *state)
{
	const struct sock_filter *in = &lift->code[pc];

	if (BPF_OP(in->code) == BPF_JA) {
		state->yes = reach(lift, pc + 1 + in->k, state->registers);
		return;
	}
	state->predicate = jump_predicate(lift, in, state->registers);
	if (state->predicate != MEANING_FALSE)
		state->yes = reach(lift, pc + 1 + in->jt, state->registers);
	if (state->predicate != MEANING_TRUE)
		state->no = reach(lift, pc + 1 + in->jf, state->registers);
}

/* A division by X ends the program with 0 where X is 0. */
static void step_alu(struct lift *lift, size_t pc, struct state *state, uint32_t *after)
{
	const struct sock_filter *in = &lift->code[pc];
	struct vector x, zero = vector_constant(0);

	if (BPF_OP(in->code) == BPF_DIV && BPF_SRC(in->code) == BPF_X) {
		x = bits_of(lift, lift->values[state->registers[REGISTER_X]]);
		state->predicate =
			meaning_not(lift->store,
				    vector_jump(lift->store, BPF_JEQ, &x, &zero));
		if (state->predicate == MEANING_FALSE)
			return;
	}
	after[REGISTER_A] = computed(lift, in, state->registers);
	state->yes = reach(lift, pc + 1, after);
}

static void step(struct lift *lift, size_t pc, struct state *state)
{
	const struct sock_filter *in = &lift->code[pc];
	uint32_t after[REGISTERS];

	memcpy(after, state->registers, sizeof(after));
	switch (BPF_CLASS(in->code)) {
	case BPF_RET:
		return;
	case BPF_JMP:
		step_jump(lift, pc, state);
		return;
	case BPF_ALU:
		step_alu(lift, pc, state, after);
		return;
	case BPF_LD:
		after[REGISTER_A] = loaded(lift, in, after);
		break;
	case BPF_LDX:
		after[REGISTER_X] = loaded(lift, in, after);
		break;
	case BPF_ST:
		after[REGISTER_M0 + in->k] = after[REGISTER_A];
		break;
	case BPF_STX:
		after[REGISTER_M0 + in->k] = after[REGISTER_X];
		break;
	default:
		if (BPF_MISCOP(in->code) == BPF_TAX)
			after[REGISTER_X] = after[REGISTER_A];
		else
			after[REGISTER_A] = after[REGISTER_X];
	}
	state->yes = reach(lift, pc + 1, after);
}

static void forward(struct lift *lift)
{
	uint32_t registers[REGISTERS] = { 0 };

	constant(lift, 0); /* value number 0, what A, X and cleared registers hold */
	reach(lift, 0, registers);
	for (size_t pc = 0; pc < lift->length; pc++) {
		for (uint32_t i = lift->first[pc]; i != NONE;) {
			/* The array may move while its states multiply. */
			struct state state = lift->states[i];

			state.predicate = MEANING_TRUE;
			step(lift, pc, &state);
			if (lift->store->error)
				return;
			lift->states[i] = state;
			i = state.next;
		}
	}
}

/* --- backward ----------------------------------------------------------------------
 */

static meaning_ref returned(struct lift *lift, const struct sock_filter *in,
			    const struct state *state)
{
	struct vector a;

	if (BPF_RVAL(in->code) == BPF_K)
		return meaning_terminal(lift->store, in->k);
	a = bits_of(lift, lift->values[state->registers[REGISTER_A]]);
	return vector_terminals(lift->store, &a);
}

static meaning_ref backward(struct lift *lift)
{
	meaning_ref zero = meaning_terminal(lift->store, 0);

	for (size_t pc = lift->length; pc-- > 0;) {
		for (uint32_t i = lift->first[pc]; i != NONE;) {
			struct state *state = &lift->states[i];
			meaning_ref yes = zero, no = zero;

			i = state->next;
			if (BPF_CLASS(lift->code[pc].code) == BPF_RET) {
				state->result = returned(lift, &lift->code[pc], state);
				continue;
			}
			if (state->yes != NONE)
				yes = lift->states[state->yes].result;
			if (state->no != NONE)
				no = lift->states[state->no].result;
			state->result =
				meaning_ite(lift->store, state->predicate, yes, no);
		}
	}
	return lift->states[lift->first[0]].result;
}

meaning_ref meaning_of_program(struct meaning *store, const struct sock_filter *code,
			       size_t length, bool big_endian)
{
	struct lift lift = { store, code, length, big_endian };
	meaning_ref result = MEANING_FAILED;

	arena_init(&lift.arena, ARENA_DEFAULT_LIMIT / 2);
	lift.first = ARENA_ARRAY(&lift.arena, uint32_t, length);
	lift.live = ARENA_ARRAY(&lift.arena, uint32_t, length);
	if (!lift.first || !lift.live) {
		store_fail(store, -ENOMEM);
	} else {
		memset(lift.first, 0xff, sizeof(*lift.first) * length);
		find_live(&lift);
		forward(&lift);
	}
	if (!store->error)
		result = backward(&lift);
	arena_done(&lift.arena);
	return result;
}
