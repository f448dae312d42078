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
 * Registers and bits that no verdict depends on are cleared first. No path conditions
 * are kept: the backward pass builds the function itself, and a state that no call can
 * reach costs time but cannot change the result.
 *
 * Between the load of a word and the next load, nearly every program only compares the
 * word with constants. There the function is kept as a list of the word's intervals,
 * which a comparison cuts and joins; nodes are made once, where the word was loaded.
 */
#include "meaning/demand.h"

#include <linux/filter.h>
#include <stdlib.h>

#define STEPS_MAX   (1000u * 1000) /* ten times what the largest real filters take */
#define STATES_MAX  (1u << 16)
#define PIECES_MAX  512 /* longer lists cost more to copy than nodes do to make */
#define NONE	    UINT32_MAX
#define DATA_LENGTH ((uint32_t)sizeof(struct seccomp_data))

enum value_kind {
	VALUE_CONSTANT,
	VALUE_WORD,
	VALUE_VECTOR,
	VALUE_QUOTIENT, /* comparing it is comparing the dividend */
};

struct value {
	enum value_kind kind;
	uint32_t number;       /* the constant, the word, or the divisor */
	struct vector *vector; /* or the dividend */
};

/* A function by intervals of one word; the arena owns them. */
struct pieces {
	unsigned word;
	size_t count; /* 0: not known this way */
	struct meaning_interval *intervals;
};

struct state {
	uint32_t registers[REGISTERS]; /* indices of values */
	uint32_t next;		       /* another state of the same pc, or NONE */
	uint32_t yes, no;	       /* successors; `no` NONE where there is one */
	meaning_ref predicate;	       /* chooses `yes`, but for comparisons */
	bool is_comparison;	       /* of a word as loaded with a constant */
	struct pieces pieces;
	meaning_ref result; /* MEANING_FAILED while only the pieces are known */
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
	uint32_t *first;       /* of each pc: its newest state, or NONE */
	struct demand *demand; /* of each pc */
};

static uint32_t fail(struct lift *lift, int error)
{
	store_fail(lift->store, error);
	return 0;
}

/* Remembers the instruction that was too much. */
static bool has_failed(const struct lift *lift, size_t pc)
{
	if (lift->store->error)
		lift->store->failed_at = pc;
	return lift->store->error;
}

/* --- values ----------------------------------------------------------------------- */

static bool same_value(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	return a->number == b->number &&
	       (!a->vector || memcmp(a->vector, b->vector, sizeof(*a->vector)) == 0);
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
	struct vector number = vector_constant(value.number);

	switch (value.kind) {
	case VALUE_CONSTANT:
		return number;
	case VALUE_WORD:
		return vector_word(lift->store, value.number);
	case VALUE_VECTOR:
		return *value.vector;
	default:
		return vector_compute(lift->store, BPF_DIV, value.vector, &number,
				      UINT32_MAX);
	}
}

/* `number` is a quotient's divisor. */
static uint32_t intern_copy(struct lift *lift, enum value_kind kind, uint32_t number,
			    const struct vector *vector)
{
	struct vector *copy = ARENA_NEW(&lift->arena, struct vector);

	if (!copy)
		return fail(lift, lift->arena.limited ? -E2BIG : -ENOMEM);
	*copy = *vector;
	return intern(lift, (struct value){ kind, number, copy });
}

static uint32_t intern_vector(struct lift *lift, const struct vector *vector)
{
	uint32_t number;

	if (vector_is_constant(vector, &number))
		return constant(lift, number);
	return intern_copy(lift, VALUE_VECTOR, 0, vector);
}

/* --- forward ---------------------------------------------------------------------- */

/* A value with the bits that no verdict depends on cleared. */
static uint32_t demanded(struct lift *lift, uint32_t number, uint32_t bits)
{
	const struct value *value = &lift->values[number];
	struct vector vector;

	if (!bits)
		return 0;
	if (bits == UINT32_MAX || value->kind != VALUE_VECTOR)
		return number;
	vector = vector_masked(value->vector, bits);
	return intern_vector(lift, &vector);
}

/* The state at `pc` with these registers, and what nothing reads of them cleared. */
static uint32_t reach(struct lift *lift, size_t pc, const uint32_t *registers)
{
	struct state state = { .yes = NONE, .no = NONE, .next = lift->first[pc] };
	struct state *place;

	for (unsigned i = 0; i < REGISTERS; i++)
		state.registers[i] =
			demanded(lift, registers[i], lift->demand[pc].bits[i]);
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

/* (a / b) / c is a / (b * c); a divisor over 32 bits leaves nothing. */
static uint32_t divided(struct lift *lift, struct value left, uint32_t wanted,
			uint32_t divisor)
{
	struct vector dividend =
		left.kind == VALUE_QUOTIENT ? *left.vector : bits_of(lift, left);
	uint32_t number;

	dividend = vector_masked(&dividend, wanted);
	if (left.kind == VALUE_QUOTIENT &&
	    __builtin_mul_overflow(divisor, left.number, &divisor))
		return constant(lift, 0);
	if (vector_is_constant(&dividend, &number))
		return constant(lift, number / divisor);
	return intern_copy(lift, VALUE_QUOTIENT, divisor, &dividend);
}

static uint32_t computed(struct lift *lift, size_t pc, const uint32_t *registers)
{
	const struct sock_filter *in = &lift->code[pc];
	const uint32_t *before = lift->demand[pc].bits;
	uint32_t wanted = lift->demand[pc + 1].bits[REGISTER_A];
	struct value left = lift->values[registers[REGISTER_A]];
	struct value right = operand(lift, in, registers);
	struct vector a, b, result;

	if (!wanted)
		return 0;
	if (BPF_OP(in->code) == BPF_DIV && right.kind == VALUE_CONSTANT && right.number)
		return divided(lift, left, before[REGISTER_A], right.number);
	a = bits_of(lift, left);
	a = vector_masked(&a, before[REGISTER_A]);
	b = bits_of(lift, right);
	if (BPF_SRC(in->code) == BPF_X)
		b = vector_masked(&b, before[REGISTER_X]);
	result = vector_compute(lift->store, BPF_OP(in->code), &a, &b, wanted);
	return lift->store->error ? 0 : intern_vector(lift, &result);
}

/* The values [*ret_low, *ret_high] of a word that take a comparison's jump. */
static bool jump_range(const struct sock_filter *in, uint32_t *ret_low,
		       uint32_t *ret_high)
{
	*ret_low = in->k;
	*ret_high = UINT32_MAX;
	if (BPF_OP(in->code) == BPF_JEQ)
		*ret_high = in->k;
	else if (BPF_OP(in->code) == BPF_JGT)
		*ret_low = in->k + 1;
	return BPF_OP(in->code) != BPF_JGT || in->k != UINT32_MAX;
}

static meaning_ref word_jump(struct meaning *store, const struct sock_filter *in,
			     unsigned word)
{
	uint32_t low, high;

	if (BPF_OP(in->code) == BPF_JSET)
		return meaning_not(store, meaning_masked(store, word, in->k, 0));
	if (!jump_range(in, &low, &high))
		return MEANING_FALSE;
	return meaning_range(store, word, low, high);
}

/* Predicate: number <= vector. */
static meaning_ref reaches(struct lift *lift, const struct vector *vector,
			   uint64_t number)
{
	struct vector bound = vector_constant((uint32_t)number);

	if (number > UINT32_MAX)
		return MEANING_FALSE;
	return vector_jump(lift->store, BPF_JGE, vector, &bound);
}

/* low <= a / b <= high, which is low * b <= a < (high + 1) * b */
static meaning_ref quotient_jump(struct lift *lift, const struct sock_filter *in,
				 const struct value *quotient)
{
	uint32_t low, high;

	if (!jump_range(in, &low, &high))
		return MEANING_FALSE;
	return meaning_and(lift->store,
			   reaches(lift, quotient->vector,
				   (uint64_t)low * quotient->number),
			   meaning_not(lift->store, reaches(lift, quotient->vector,
							    ((uint64_t)high + 1) *
								    quotient->number)));
}

static meaning_ref jump_predicate(struct lift *lift, const struct sock_filter *in,
				  const uint32_t *registers)
{
	struct value left = lift->values[registers[REGISTER_A]];
	struct value right = operand(lift, in, registers);
	struct vector a, b;

	if (left.kind == VALUE_WORD && BPF_SRC(in->code) == BPF_K)
		return word_jump(lift->store, in, left.number);
	if (left.kind == VALUE_QUOTIENT && BPF_SRC(in->code) == BPF_K &&
	    BPF_OP(in->code) != BPF_JSET)
		return quotient_jump(lift, in, &left);
	a = bits_of(lift, left);
	b = bits_of(lift, right);
	return vector_jump(lift->store, BPF_OP(in->code), &a, &b);
}

static void step_jump(struct lift *lift, size_t pc, struct state *state)
{
	const struct sock_filter *in = &lift->code[pc];
	uint32_t low, high;

	if (BPF_OP(in->code) == BPF_JA || in->jt == in->jf) {
		size_t skipped = BPF_OP(in->code) == BPF_JA ? in->k : in->jt;

		state->yes = reach(lift, pc + 1 + skipped, state->registers);
		return;
	}
	if (BPF_SRC(in->code) == BPF_K && BPF_OP(in->code) != BPF_JSET &&
	    lift->values[state->registers[REGISTER_A]].kind == VALUE_WORD &&
	    jump_range(in, &low, &high)) {
		state->is_comparison = true;
		state->yes = reach(lift, pc + 1 + in->jt, state->registers);
		state->no = reach(lift, pc + 1 + in->jf, state->registers);
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
	after[REGISTER_A] = computed(lift, pc, state->registers);
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
			if (has_failed(lift, pc))
				return;
			lift->states[i] = state;
			i = state.next;
		}
	}
}

/* --- backward ---------------------------------------------------------------------- */

static meaning_ref returned(struct lift *lift, const struct sock_filter *in,
			    const struct state *state)
{
	struct vector a;

	if (BPF_RVAL(in->code) == BPF_K)
		return meaning_terminal(lift->store, in->k);
	a = bits_of(lift, lift->values[state->registers[REGISTER_A]]);
	return vector_terminals(lift->store, &a);
}

/* The function of a state that has been folded; 0 is what NONE stands for. */
static meaning_ref result_of(struct lift *lift, uint32_t index)
{
	struct state *state = &lift->states[index];

	if (index == NONE)
		return MEANING_FALSE;
	if (state->result == MEANING_FAILED && state->pieces.count)
		state->result = meaning_from_intervals(lift->store, state->pieces.word,
						       state->pieces.intervals,
						       state->pieces.count);
	return state->result;
}

/*
 * The same as intervals of a word; one of them when it does not test the word at all.
 * False: it tests the word in another way, or an earlier word.
 */
static bool pieces_of(struct lift *lift, uint32_t index, unsigned word,
		      struct meaning_interval *single, struct pieces *ret_pieces)
{
	const struct state *state = &lift->states[index];

	*ret_pieces = state->pieces;
	if (ret_pieces->count)
		return ret_pieces->word == word && ret_pieces->count <= PIECES_MAX;
	*single = (struct meaning_interval){ 0, state->result };
	*ret_pieces = (struct pieces){ word, 1, single };
	return state->result != MEANING_FAILED &&
	       meaning_word(lift->store, state->result) > word;
}

/* Appends what `from` has in [low, high]. */
static void append(struct pieces *to, const struct pieces *from, uint32_t low,
		   uint32_t high)
{
	size_t i = 0, step = from->count;

	/* The last piece that begins at `low` or before. */
	while (step > 1) {
		size_t half = step / 2;

		if (from->intervals[i + half].first <= low)
			i += half;
		step -= half;
	}
	for (; i < from->count && from->intervals[i].first <= high; i++) {
		struct meaning_interval piece = from->intervals[i];

		if (piece.first < low)
			piece.first = low;
		if (to->count == 0 || to->intervals[to->count - 1].ref != piece.ref)
			to->intervals[to->count++] = piece;
	}
}

/* `yes` in [low, high], `no` elsewhere. */
static bool join(struct lift *lift, const struct sock_filter *in, struct state *state)
{
	unsigned word = lift->values[state->registers[REGISTER_A]].number;
	struct meaning_interval single_yes, single_no;
	struct pieces yes, no, *to = &state->pieces;
	uint32_t low, high;

	if (!pieces_of(lift, state->yes, word, &single_yes, &yes) ||
	    !pieces_of(lift, state->no, word, &single_no, &no))
		return false;
	jump_range(in, &low, &high);
	to->intervals = ARENA_ARRAY(&lift->arena, struct meaning_interval,
				    yes.count + no.count + 2);
	if (!to->intervals) {
		store_fail(lift->store, lift->arena.limited ? -E2BIG : -ENOMEM);
		return true;
	}
	to->word = word;
	if (low > 0)
		append(to, &no, 0, low - 1);
	append(to, &yes, low, high);
	if (high < UINT32_MAX)
		append(to, &no, high + 1, UINT32_MAX);
	lift->store->steps += to->count / 8;
	return store_step(lift->store);
}

static void fold(struct lift *lift, const struct sock_filter *in, struct state *state)
{
	meaning_ref predicate = state->predicate;

	state->result = MEANING_FAILED;
	if (BPF_CLASS(in->code) == BPF_RET) {
		state->result = returned(lift, in, state);
		return;
	}
	if (state->is_comparison) {
		if (join(lift, in, state))
			return;
		predicate = jump_predicate(lift, in, state->registers);
	} else if (predicate == MEANING_TRUE && lift->states[state->yes].pieces.count &&
		   BPF_CLASS(in->code) == BPF_JMP) {
		state->pieces = lift->states[state->yes].pieces;
		return;
	}
	state->result = meaning_ite(lift->store, predicate, result_of(lift, state->yes),
				    result_of(lift, state->no));
}

static meaning_ref backward(struct lift *lift)
{
	for (size_t pc = lift->length; pc-- > 0;) {
		for (uint32_t i = lift->first[pc]; i != NONE;
		     i = lift->states[i].next) {
			fold(lift, &lift->code[pc], &lift->states[i]);
			if (has_failed(lift, pc))
				return MEANING_FAILED;
		}
	}
	return result_of(lift, lift->first[0]);
}

/* --- reach ------------------------------------------------------------------------- */

/* Predicate: the calls that go on from a state to its `yes`. */
static meaning_ref goes_on(struct lift *lift, size_t pc, const struct state *state)
{
	if (!state->is_comparison)
		return state->predicate;
	return jump_predicate(lift, &lift->code[pc], state->registers);
}

static void pass_on(struct lift *lift, meaning_ref *paths, uint32_t to,
		    meaning_ref calls)
{
	if (to != NONE)
		paths[to] = meaning_or(lift->store, paths[to], calls);
}

static uint8_t reach_state(struct lift *lift, size_t pc, uint32_t index,
			   meaning_ref *paths)
{
	const struct state *state = &lift->states[index];
	meaning_ref predicate = goes_on(lift, pc, state);
	meaning_ref yes = meaning_and(lift->store, paths[index], predicate);
	meaning_ref no = meaning_and(lift->store, paths[index],
				     meaning_not(lift->store, predicate));

	pass_on(lift, paths, state->yes, yes);
	pass_on(lift, paths, state->no, no);
	return (uint8_t)((paths[index] != MEANING_FALSE ? REACH_RUN : 0) |
			 (yes != MEANING_FALSE ? REACH_YES : 0) |
			 (no != MEANING_FALSE ? REACH_NO : 0));
}

/* Jumps only go forward, so a state's calls are known when its turn comes. */
static void reach_all(struct lift *lift, uint8_t *ret_reach)
{
	meaning_ref *paths = ARENA_ARRAY(&lift->arena, meaning_ref, lift->state_count);

	if (!paths) {
		store_fail(lift->store, -ENOMEM);
		return;
	}
	paths[lift->first[0]] = MEANING_TRUE;
	for (size_t pc = 0; pc < lift->length && !lift->store->error; pc++) {
		ret_reach[pc] = 0;
		for (uint32_t i = lift->first[pc]; i != NONE; i = lift->states[i].next)
			ret_reach[pc] |= reach_state(lift, pc, i, paths);
	}
}

/* --- the whole --------------------------------------------------------------------- */

/* Ready for the backward pass, or the store has failed. */
static void begin(struct lift *lift)
{
	arena_init(&lift->arena, ARENA_DEFAULT_LIMIT / 2);
	lift->first = ARENA_ARRAY(&lift->arena, uint32_t, lift->length);
	lift->demand = ARENA_ARRAY(&lift->arena, struct demand, lift->length);
	if (!lift->first || !lift->demand) {
		store_fail(lift->store, -ENOMEM);
		return;
	}
	memset(lift->first, 0xff, sizeof(*lift->first) * lift->length);
	demand_find(lift->code, lift->length, lift->demand);
	forward(lift);
}

static meaning_ref lift_all(struct meaning *store, const struct sock_filter *code,
			    size_t length, bool big_endian)
{
	struct lift lift = { store, code, length, big_endian };
	meaning_ref result = MEANING_FAILED;

	begin(&lift);
	if (!store->error)
		result = backward(&lift);
	arena_done(&lift.arena);
	return result;
}

/*
 * In a store of its own: most nodes are of values and predicates on the way, and each
 * later walk over a store costs the more, the more it holds.
 */
meaning_ref meaning_of_program(struct meaning *store, const struct sock_filter *code,
			       size_t length, bool big_endian)
{
	struct meaning_limits limits = store->limits;
	struct meaning *own;
	meaning_ref result;

	if (store->error)
		return MEANING_FAILED;
	limits.steps -= store->steps < limits.steps ? store->steps : limits.steps;
	if (limits.steps > STEPS_MAX)
		limits.steps = STEPS_MAX;
	own = meaning_new(limits);
	if (!own)
		return store_fail(store, -ENOMEM);
	result = lift_all(own, code, length, big_endian);
	store->steps += own->steps;
	store->failed_at = own->failed_at;
	result = own->error ? store_fail(store, own->error)
			    : store_copy(store, own, result);
	meaning_free(own);
	return result;
}

void meaning_reach(struct meaning *store, const struct sock_filter *code, size_t length,
		   bool big_endian, uint8_t *ret_reach)
{
	struct lift lift = { store, code, length, big_endian };

	begin(&lift);
	if (!store->error)
		reach_all(&lift, ret_reach);
	arena_done(&lift.arena);
}
