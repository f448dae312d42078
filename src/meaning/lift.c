// SPDX-License-Identifier: MIT
/*
 * classic BPF → diagram, exactly, for any program that the kernel's checker accepts.
 *
 *   forward   each pc collects the distinct states (A, X, M[]) that reach it; jumps go
 *             forward only, so one pass in order of pc sees them all
 *   backward  each state's function is that of its successors: a jump is
 *             ite(predicate, yes, no), a return a terminal
 *
 * What a state holds is a number into a table of values (lift_value.c), so equal states
 * are found by their numbers. Registers and bits that no verdict depends on are cleared
 * first. No path conditions are kept: the backward pass builds the function itself, and
 * a state that no call can reach costs time but cannot change the result. Only where a
 * computed number is returned are the calls looked for that come there, as most numbers
 * that it could be are none that it is.
 *
 * Between the load of a word and the next load, nearly every program only compares the
 * word with constants. There the function is kept as a list of the word's intervals,
 * which a comparison cuts and joins; nodes are made once, where the word was loaded.
 */
#include "meaning/demand.h"
#include "meaning/lift_value.h"

#include <stdlib.h>

#include "data/verdict.h"

#define STEPS_MAX    (1000u * 1000) /* ten times what the largest real filters take */
#define CHOICE_STEPS 16384u	    /* a choice that takes more is put off */
#define PATH_STEPS   (200u * 1000)
#define STATES_MAX   (1u << 16)
#define PIECES_MAX   512 /* longer lists cost more to copy than nodes do to make */
#define NONE	     UINT32_MAX
#define DATA_LENGTH  ((uint32_t)sizeof(struct seccomp_data))

/* A function by intervals of one word; the arena owns them. */
struct pieces {
	unsigned word;
	size_t count; /* 0: not known this way */
	struct meaning_interval *intervals;
};

enum choice {
	CHOICE_KNOWN,
	CHOICE_COMPARISON, /* of a word as loaded with a constant */
	CHOICE_PUT_OFF,	   /* of values that are not known yet */
};

struct state {
	uint32_t registers[REGISTERS]; /* indices of values */
	uint32_t next;		       /* another state of the same pc, or NONE */
	uint32_t yes, no;	       /* successors; `no` NONE where there is one */
	enum choice choice;
	meaning_ref predicate; /* chooses `yes`, if it is known */
	struct pieces pieces;
	meaning_ref result; /* MEANING_FAILED while only the pieces are known */
};

struct lift {
	struct meaning *store;
	const struct sock_filter *code;
	size_t length;
	bool big_endian;
	vector_reading *read;
	struct arena arena;
	struct value_table values;
	struct state *states;
	size_t state_count, state_capacity;
	uint32_t *first;       /* of each pc: its newest state, or NONE */
	struct demand *demand; /* of each pc */
	meaning_ref *paths;    /* of each state: the calls that come there; or NULL */
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

/* --- forward ---------------------------------------------------------------------- */

/* The state at `pc` with these registers, and what nothing reads of them cleared. */
static uint32_t reach(struct lift *lift, size_t pc, const uint32_t *registers)
{
	struct state state = { .yes = NONE, .no = NONE, .next = lift->first[pc] };
	struct state *place;

	for (unsigned i = 0; i < REGISTERS; i++)
		state.registers[i] = value_masked(&lift->values, registers[i],
						  lift->demand[pc].bits[i]);
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
		return value_word(&lift->values,
				  word_at_offset(in->k, lift->big_endian));
	case BPF_MEM:
		return registers[REGISTER_M0 + in->k];
	case BPF_IMM:
		return value_constant(&lift->values, in->k);
	default: /* BPF_LEN */
		return value_constant(&lift->values, DATA_LENGTH);
	}
}

static uint32_t computed(struct lift *lift, size_t pc, const uint32_t *registers)
{
	const struct sock_filter *in = &lift->code[pc];
	const uint32_t *before = lift->demand[pc].bits;
	uint32_t wanted = lift->demand[pc + 1].bits[REGISTER_A];
	struct value_operand left = { registers[REGISTER_A], before[REGISTER_A] };
	struct value_operand right = { registers[REGISTER_X], before[REGISTER_X] };

	if (!wanted)
		return 0;
	if (BPF_SRC(in->code) != BPF_X)
		right = (struct value_operand){ value_constant(&lift->values, in->k),
						UINT32_MAX };
	return value_compute(&lift->values, BPF_OP(in->code), left, right, wanted);
}

static meaning_ref jump_predicate(struct lift *lift, const struct sock_filter *in,
				  const uint32_t *registers)
{
	return value_jump(&lift->values, in, registers[REGISTER_A],
			  registers[REGISTER_X]);
}

/* Predicate: X is not 0. */
static meaning_ref divides(struct lift *lift, const uint32_t *registers)
{
	struct vector x = value_bits(&lift->values, registers[REGISTER_X]);
	struct vector zero = vector_constant(0);

	return meaning_not(lift->store, vector_jump(lift->store, BPF_JEQ, &x, &zero));
}

/* Predicate: the calls that go on from a state to its `yes`. */
static meaning_ref goes_on(struct lift *lift, size_t pc, const struct state *state)
{
	const struct sock_filter *in = &lift->code[pc];

	if (state->choice == CHOICE_KNOWN)
		return state->predicate;
	if (BPF_CLASS(in->code) == BPF_ALU)
		return divides(lift, state->registers);
	return jump_predicate(lift, in, state->registers);
}

/*
 * A choice that takes few steps is made at once, so that ways that no call takes are not
 * followed; others when both ways turn out to differ.
 */
static void choose(struct lift *lift, size_t pc, struct state *state)
{
	struct meaning_try try;

	state->choice = CHOICE_PUT_OFF;
	try = meaning_try_begin(lift->store, CHOICE_STEPS);
	state->predicate = goes_on(lift, pc, state);
	if (meaning_try_end(lift->store, try))
		state->choice = CHOICE_KNOWN;
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
	    lift->values.items[state->registers[REGISTER_A]].kind == VALUE_WORD &&
	    value_jump_range(in, &low, &high)) {
		state->choice = CHOICE_COMPARISON;
		state->yes = reach(lift, pc + 1 + in->jt, state->registers);
		state->no = reach(lift, pc + 1 + in->jf, state->registers);
		return;
	}
	choose(lift, pc, state);
	if (state->predicate != MEANING_FALSE)
		state->yes = reach(lift, pc + 1 + in->jt, state->registers);
	if (state->predicate != MEANING_TRUE)
		state->no = reach(lift, pc + 1 + in->jf, state->registers);
}

/* A division by X ends the program with 0 where X is 0. */
static void step_alu(struct lift *lift, size_t pc, struct state *state, uint32_t *after)
{
	const struct sock_filter *in = &lift->code[pc];

	if (BPF_OP(in->code) == BPF_DIV && BPF_SRC(in->code) == BPF_X)
		choose(lift, pc, state);
	if (state->predicate == MEANING_FALSE)
		return;
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

	value_constant(&lift->values,
		       0); /* value number 0, what A, X and cleared registers hold */
	reach(lift, 0, registers);
	for (size_t pc = 0; pc < lift->length; pc++) {
		for (uint32_t i = lift->first[pc]; i != NONE;) {
			/* The array may move while its states multiply. */
			struct state state = lift->states[i];

			state.predicate = MEANING_TRUE;
			state.choice = CHOICE_KNOWN;
			step(lift, pc, &state);
			if (has_failed(lift, pc))
				return;
			lift->states[i] = state;
			i = state.next;
		}
	}
}

/* --- paths ------------------------------------------------------------------------- */

static void pass_on(struct lift *lift, uint32_t to, meaning_ref calls)
{
	if (to != NONE)
		lift->paths[to] = meaning_or(lift->store, lift->paths[to], calls);
}

static void follow(struct lift *lift, size_t pc, uint32_t index)
{
	const struct state *state = &lift->states[index];
	meaning_ref predicate = goes_on(lift, pc, state), calls = lift->paths[index];

	pass_on(lift, state->yes, meaning_and(lift->store, calls, predicate));
	pass_on(lift, state->no,
		meaning_and(lift->store, calls, meaning_not(lift->store, predicate)));
}

/* Jumps only go forward, so a state's calls are known when its turn comes. */
static bool follow_all(struct lift *lift)
{
	lift->paths = ARENA_ARRAY(&lift->arena, meaning_ref, lift->state_count);
	if (!lift->paths) {
		store_fail(lift->store, -ENOMEM);
		return false;
	}
	lift->paths[lift->first[0]] = MEANING_TRUE;
	for (size_t pc = 0; pc < lift->length && !lift->store->error; pc++)
		for (uint32_t i = lift->first[pc]; i != NONE; i = lift->states[i].next)
			follow(lift, pc, i);
	return !lift->store->error;
}

/* Within few steps; else any call may come anywhere. */
static void find_paths(struct lift *lift)
{
	struct meaning_try try = meaning_try_begin(lift->store, PATH_STEPS);

	follow_all(lift);
	if (!meaning_try_end(lift->store, try))
		for (size_t i = 0; i < lift->state_count; i++)
			lift->paths[i] = MEANING_TRUE;
}

/* --- backward ---------------------------------------------------------------------- */

/* The calls that come to a state, or more: which ones may be too much to know. */
static meaning_ref callers_of(struct lift *lift, uint32_t index)
{
	if (!lift->paths)
		find_paths(lift);
	return lift->paths ? lift->paths[index] : MEANING_FAILED;
}

static meaning_ref returned(struct lift *lift, const struct sock_filter *in,
			    uint32_t index)
{
	uint32_t value = lift->states[index].registers[REGISTER_A];
	meaning_ref callers;
	struct vector a;

	if (BPF_RVAL(in->code) == BPF_K)
		return meaning_terminal(lift->store, in->k);
	if (lift->values.items[value].kind == VALUE_CONSTANT)
		return meaning_terminal(lift->store, lift->values.items[value].number);
	callers = callers_of(lift, index);
	if (callers == MEANING_FAILED)
		return MEANING_FAILED;
	a = value_bits_for(&lift->values, value, callers);
	return vector_terminals(lift->store, &a, lift->read, callers);
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
	size_t i = meaning_interval_of(from->intervals, from->count, low);

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
	unsigned word = lift->values.items[state->registers[REGISTER_A]].number;
	struct meaning_interval single_yes, single_no;
	struct pieces yes, no, *to = &state->pieces;
	uint32_t low, high;

	if (!pieces_of(lift, state->yes, word, &single_yes, &yes) ||
	    !pieces_of(lift, state->no, word, &single_no, &no))
		return false;
	value_jump_range(in, &low, &high);
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

static void fold(struct lift *lift, size_t pc, uint32_t index)
{
	const struct sock_filter *in = &lift->code[pc];
	struct state *state = &lift->states[index];
	meaning_ref yes, no;

	state->result = MEANING_FAILED;
	if (BPF_CLASS(in->code) == BPF_RET) {
		state->result = returned(lift, in, index);
		return;
	}
	if (state->choice == CHOICE_COMPARISON && join(lift, in, state))
		return;
	if (state->choice == CHOICE_KNOWN && state->predicate == MEANING_TRUE &&
	    lift->states[state->yes].pieces.count && BPF_CLASS(in->code) == BPF_JMP) {
		state->pieces = lift->states[state->yes].pieces;
		return;
	}
	yes = result_of(lift, state->yes);
	no = result_of(lift, state->no);
	state->result =
		yes == no ? yes
			  : meaning_ite(lift->store, goes_on(lift, pc, state), yes, no);
}

static meaning_ref backward(struct lift *lift)
{
	for (size_t pc = lift->length; pc-- > 0;) {
		for (uint32_t i = lift->first[pc]; i != NONE;
		     i = lift->states[i].next) {
			fold(lift, pc, i);
			if (has_failed(lift, pc))
				return MEANING_FAILED;
		}
	}
	return result_of(lift, lift->first[0]);
}

/* --- reach ------------------------------------------------------------------------- */

static uint8_t reach_state(struct lift *lift, size_t pc, uint32_t index)
{
	const struct state *state = &lift->states[index];
	meaning_ref calls = lift->paths[index];
	meaning_ref predicate = goes_on(lift, pc, state);
	meaning_ref yes = meaning_and(lift->store, calls, predicate);
	meaning_ref no =
		meaning_and(lift->store, calls, meaning_not(lift->store, predicate));

	return (uint8_t)((calls != MEANING_FALSE ? REACH_RUN : 0) |
			 (yes != MEANING_FALSE ? REACH_YES : 0) |
			 (no != MEANING_FALSE ? REACH_NO : 0));
}

static void reach_all(struct lift *lift, uint8_t *ret_reach)
{
	for (size_t pc = 0; pc < lift->length && !lift->store->error; pc++) {
		ret_reach[pc] = 0;
		for (uint32_t i = lift->first[pc]; i != NONE; i = lift->states[i].next)
			ret_reach[pc] |= reach_state(lift, pc, i);
	}
}

/* --- the whole --------------------------------------------------------------------- */

/* Ready for the backward pass, or the store has failed. */
static void begin(struct lift *lift)
{
	arena_init(&lift->arena, ARENA_DEFAULT_LIMIT / 2);
	lift->values.store = lift->store;
	lift->values.arena = &lift->arena;
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

static meaning_ref lift_all(struct lift *lift)
{
	meaning_ref result = MEANING_FAILED;

	begin(lift);
	if (!lift->store->error)
		result = backward(lift);
	arena_done(&lift->arena);
	return result;
}

/*
 * In a store of its own: most nodes are of values and predicates on the way, and each
 * later walk over a store costs the more, the more it holds.
 */
static meaning_ref lift_apart(struct meaning *store, struct lift *lift)
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
	lift->store = own;
	result = lift_all(lift);
	store->steps += own->steps;
	store->failed_at = own->failed_at;
	store->has_many_verdicts = own->has_many_verdicts;
	result = own->error ? store_fail(store, own->error)
			    : store_copy(store, own, result);
	meaning_free(own);
	return result;
}

meaning_ref meaning_of_program(struct meaning *store, const struct sock_filter *code,
			       size_t length, bool big_endian)
{
	struct lift lift = { .code = code,
			     .length = length,
			     .big_endian = big_endian,
			     .read = verdict_of_range };

	return lift_apart(store, &lift);
}

meaning_ref meaning_of_layer(struct meaning *store, const struct sock_filter *code,
			     size_t length, bool big_endian)
{
	struct lift lift = { .code = code,
			     .length = length,
			     .big_endian = big_endian,
			     .read = verdict_of_layer_range };

	return lift_apart(store, &lift);
}

void meaning_reach(struct meaning *store, const struct sock_filter *code, size_t length,
		   bool big_endian, uint8_t *ret_reach)
{
	struct lift lift = { .store = store,
			     .code = code,
			     .length = length,
			     .big_endian = big_endian,
			     .read = verdict_of_range };

	begin(&lift);
	if (!store->error && follow_all(&lift))
		reach_all(&lift, ret_reach);
	arena_done(&lift.arena);
}
