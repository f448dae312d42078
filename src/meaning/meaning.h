/* SPDX-License-Identifier: MIT */
/*
 * The meaning of a policy or a filter: a total function from struct seccomp_data to the
 * filter's 32-bit return value, held as a reduced ordered binary decision diagram with
 * many terminals. Nodes are hash-consed: within one store two functions are equal
 * exactly when their references are the same number.
 *
 * A call is 16 words of 32 bits in logical order (architecture, number, each argument's
 * high then low word, the instruction pointer's), whatever the machine's endianness;
 * variable w * 32 + i is bit 31 - i of word w, tested from the most significant down.
 * A predicate is a diagram whose terminals are 0 and 1.
 *
 * Failure is sticky: when memory or the budget ends, operations return MEANING_FAILED,
 * accept it as an operand, and meaning_error() says -ENOMEM or -E2BIG ("too complex").
 */
#ifndef CALLGATE_MEANING_MEANING_H
#define CALLGATE_MEANING_MEANING_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/diag.h"
#include "policy/policy.h"

typedef uint32_t meaning_ref;

#define MEANING_FAILED UINT32_MAX
#define MEANING_FALSE  ((meaning_ref)0)
#define MEANING_TRUE   ((meaning_ref)1)

enum meaning_word {
	WORD_ARCH,
	WORD_NR,
	WORD_ARG0_HIGH,
	WORD_ARG0_LOW,
	/* … ARG1_HIGH = 4 and so on, see word_high() and word_low() … */
	WORD_IP_HIGH = 14,
	WORD_IP_LOW,
	WORD_COUNT,
};

#define WORD_BITS    32u
#define VARIABLE_MAX (WORD_COUNT * WORD_BITS)
#define TERMINAL     VARIABLE_MAX /* the `variable` of a terminal: below every other */

/* Words of field 0–5 (arguments) or FIELD_IP. */
static inline unsigned word_high(unsigned field)
{
	return WORD_ARG0_HIGH + 2 * field;
}

static inline unsigned word_low(unsigned field)
{
	return WORD_ARG0_LOW + 2 * field;
}

/* The value of a word in a call. */
uint32_t word_get(const struct seccomp_data *data, unsigned word);
void word_set(struct seccomp_data *data, unsigned word, uint32_t value);
/* The word that a filter's `ld [offset]` reads; offset is a multiple of 4 below 64. */
unsigned word_at_offset(uint32_t offset, bool big_endian);
uint32_t word_offset(unsigned word, bool big_endian);

struct meaning_node {
	uint32_t variable; /* or TERMINAL */
	meaning_ref low;   /* where the variable is 0; a terminal's value */
	meaning_ref high;
};

struct meaning_limits {
	uint32_t nodes; /* how many nodes a store may hold */
	uint64_t steps; /* how many recursive steps its operations may take */
};

/*
 * Half a million nodes (with their tables under 32 MiB) and 4 M steps: well under a
 * second. The largest real policies known need 50,000 nodes.
 */
#define MEANING_LIMITS ((struct meaning_limits){ 1u << 19, 4u * 1000 * 1000 })

struct meaning; /* a store of nodes */

/* Returns NULL when memory is short. */
struct meaning *meaning_new(struct meaning_limits limits);
void meaning_free(struct meaning *store);
/* 0, -ENOMEM or -E2BIG. */
int meaning_error(const struct meaning *store);
/* The instruction that was too much for meaning_of_program(), or SIZE_MAX. */
size_t meaning_failed_at(const struct meaning *store);
/* … as it returns too many different numbers. */
bool meaning_has_many_verdicts(const struct meaning *store);
uint32_t meaning_node_count(const struct meaning *store);
/* `ref` is not MEANING_FAILED. The node may move when the store grows. */
const struct meaning_node *meaning_at(const struct meaning *store, meaning_ref ref);

static inline bool meaning_is_terminal(const struct meaning *store, meaning_ref ref)
{
	return meaning_at(store, ref)->variable == TERMINAL;
}

/* Which word a diagram tests first; WORD_COUNT for a terminal. */
static inline unsigned meaning_word(const struct meaning *store, meaning_ref ref)
{
	return meaning_at(store, ref)->variable / WORD_BITS;
}

/*
 * What is done between the two may fail without harm when it takes over `steps`: false
 * says so. Other errors stay, and count as success, as the store has failed then.
 */
struct meaning_try {
	uint64_t limit;
};

struct meaning_try meaning_try_begin(struct meaning *store, uint64_t steps);
bool meaning_try_end(struct meaning *store, struct meaning_try try);

/* --- building ---------------------------------------------------------------------- */

meaning_ref meaning_terminal(struct meaning *store, uint32_t value);
/* The reduced node; `variable` must be above both children's. */
meaning_ref meaning_node(struct meaning *store, uint32_t variable, meaning_ref low,
			 meaning_ref high);
/* predicate ? yes : no, for any diagrams `yes` and `no`. */
meaning_ref meaning_ite(struct meaning *store, meaning_ref predicate, meaning_ref yes,
			meaning_ref no);
meaning_ref meaning_and(struct meaning *store, meaning_ref a, meaning_ref b);
meaning_ref meaning_or(struct meaning *store, meaning_ref a, meaning_ref b);
meaning_ref meaning_not(struct meaning *store, meaning_ref a);
/* Predicate: the calls for which the two functions differ. */
meaning_ref meaning_differ(struct meaning *store, meaning_ref a, meaning_ref b);
/* What the kernel does with two stacked filters: the return value that wins. */
meaning_ref meaning_stack(struct meaning *store, meaning_ref newer, meaning_ref older);
/* The more lenient of two functions' values, everywhere. */
meaning_ref meaning_join(struct meaning *store, meaning_ref a, meaning_ref b);
/* Every terminal's value replaced: map(context, value). */
meaning_ref meaning_map(struct meaning *store, meaning_ref a,
			uint32_t (*map)(void *context, uint32_t value), void *context);
/* The function with one word known. */
meaning_ref meaning_restrict(struct meaning *store, meaning_ref a, unsigned word,
			     uint32_t value);

/* --- words ------------------------------------------------------------------------- */

/* Predicate: (word & mask) == value. False when value has a bit outside mask. */
meaning_ref meaning_masked(struct meaning *store, unsigned word, uint32_t mask,
			   uint32_t value);
/* Predicate: low <= word <= high. */
meaning_ref meaning_range(struct meaning *store, unsigned word, uint32_t low,
			  uint32_t high);
/* Predicate: a policy's condition. */
meaning_ref meaning_condition(struct meaning *store,
			      const struct policy_condition *condition);

/* One word's values from `first` up to the next interval's first go to `ref`. */
struct meaning_interval {
	uint32_t first;
	meaning_ref ref;
};

/*
 * The function that looks at one word and goes on as the intervals say: sorted, the
 * first begins at 0; refs must not test `word` or any above it.
 */
meaning_ref meaning_from_intervals(struct meaning *store, unsigned word,
				   const struct meaning_interval *intervals,
				   size_t count);
/*
 * The reverse: how a diagram that tests no word above `word` splits that word's values,
 * neighbours different. Writes at most `capacity` and returns how many there are, or
 * capacity + 1 when there are more.
 */
size_t meaning_intervals(const struct meaning *store, meaning_ref a, unsigned word,
			 struct meaning_interval *ret_intervals, size_t capacity);
/* The index of the one that holds a value; there is one at least. */
size_t meaning_interval_of(const struct meaning_interval *intervals, size_t count,
			   uint32_t value);

/* --- terminals --------------------------------------------------------------------- */

/*
 * The values that a function can take, each once. Writes at most `capacity` and returns
 * how many there are, or capacity + 1 when there are more.
 */
size_t meaning_values(struct meaning *store, meaning_ref a, uint32_t *ret_values,
		      size_t capacity);
/* Predicate: the calls that get this value. */
meaning_ref meaning_equals(struct meaning *store, meaning_ref a, uint32_t value);

/* --- from and to the rest ---------------------------------------------------------- */

/* The policy's meaning. */
meaning_ref meaning_of_policy(struct meaning *store,
			      const struct callgate_policy *policy);

/*
 * A filter's meaning. The program must have passed bpf_validate(). Big-endian programs
 * differ in which offset holds which half of a 64-bit field. Numbers that are computed
 * and returned are read as meaning_normalize() would, constants are kept as they are.
 */
meaning_ref meaning_of_program(struct meaning *store, const struct sock_filter *code,
			       size_t length, bool big_endian);
/* The same for meaning_stack(), where unknown actions have their own rank. */
meaning_ref meaning_of_layer(struct meaning *store, const struct sock_filter *code,
			     size_t length, bool big_endian);

/* What calls make of an instruction; or-ed together. */
#define REACH_RUN 1u /* some call runs it */
#define REACH_YES 2u /* … and goes on, where it jumps by its jt */
#define REACH_NO  4u /* … by its jf */

/* The same for each instruction of a program; meaning_error() says when it failed. */
void meaning_reach(struct meaning *store, const struct sock_filter *code, size_t length,
		   bool big_endian, uint8_t *ret_reach);

/* Every verdict as verdict_normalize() has it. */
meaning_ref meaning_normalize(struct meaning *store, meaning_ref a);

/* --- questions --------------------------------------------------------------------- */

uint32_t meaning_evaluate(const struct meaning *store, meaning_ref a,
			  const struct seccomp_data *data);

/*
 * A call whose terminal satisfies `test`: 1, or 0 if there is none, or -ENOMEM. Bits
 * that do not matter are 0.
 */
int meaning_example(const struct meaning *store, meaning_ref a,
		    bool (*test)(void *context, uint32_t value), void *context,
		    struct seccomp_data *ret_data);

/*
 * What a call's arguments may be, as text in the language: the condition under which
 * `predicate`, a function of arguments and instruction pointer alone, holds. Names and
 * constants are those of the call (NULL: argN and numbers). "always" and "never" for
 * the constant ones. Exact, short where it can be; -E2BIG when it would pass 64 KiB;
 * -EOPNOTSUPP when it looks at an argument that the call does not have and whose argN
 * is also the name of another one (prctl's sixth: the kernel calls its fifth arg5).
 */
int meaning_describe(struct meaning *store, meaning_ref predicate,
		     const struct syscall *call, const struct abi *abi,
		     struct buffer *ret_text);

/*
 * A policy text with this meaning: meaning_normalize()d, as the kernel reads verdicts.
 * Proven: the text was parsed, its diagram is this one. Returns 0; -EOPNOTSUPP:
 * the language cannot say it, `diagnostics` says what; -E2BIG: too complex; -EBADMSG: the
 * proof failed, `diagnostics` has a counterexample.
 */
int meaning_decompile(struct meaning *store, meaning_ref meaning,
		      struct callgate_diagnostics *diagnostics,
		      struct buffer *ret_text);

/*
 * Warnings that only the meaning knows: a rule that can never match because earlier
 * ones take all its calls, a duplicate, a condition that is always or never true.
 */
int meaning_review(struct meaning *store, const struct callgate_policy *policy,
		   struct callgate_diagnostics *diagnostics);

#endif
