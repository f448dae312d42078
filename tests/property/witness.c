// SPDX-License-Identifier: MIT
/*
 * A verdict is looked for by changing one word of a call bit by bit: from the least, as
 * no bit of a sum or product depends on a higher one, and from the greatest, as a
 * quotient grows with what is divided. What is found is certain, as the call is run;
 * what is not found may be there all the same.
 */
#include "witness.h"

#include "data/verdict.h"
#include "meaning/meaning.h"

#define CALLS	   64	/* that are begun with */
#define REACH_BITS 10	/* how far a bit of a result is above one that it comes from */
#define SAMPLES	   8192 /* of a word's values */
#define FEW	   64	/* … of which some differ, if it is worth it */

/* An architecture that the program asks for, as most begin with, or that there is. */
static uint32_t draw_arch(struct random *random, const struct bpf_program *program)
{
	unsigned within = random_percent(random, 50) ? 4 : (unsigned)program->length;
	size_t at = random_below(random, within) % program->length;

	if (BPF_CLASS(program->code[at].code) == BPF_JMP)
		return program->code[at].k;
	return abi_at(random_below(random, abi_count()))->audit_arch;
}

/* Half of the words are small: what programs ask for is more often met by these. */
static struct seccomp_data draw_call(struct random *random,
				     const struct bpf_program *program)
{
	struct seccomp_data call = { 0 };

	for (unsigned word = 0; word < WORD_COUNT; word++) {
		uint32_t value = random_word(random);

		word_set(&call, word, random_percent(random, 50) ? value : value % 512);
	}
	if (random_percent(random, 90))
		call.arch = draw_arch(random, program);
	return call;
}

/* --- verdicts --------------------------------------------------------------------- */

/* The bits up to one are those of the target. */
static bool agrees(const struct bpf_program *program, const struct seccomp_data *call,
		   uint32_t target, unsigned bit)
{
	return !((bpf_run(program, call).value ^ target) << (WORD_BITS - 1 - bit));
}

/* Makes one more bit agree by another of the word, the same or one below. */
static bool solve_bit(const struct bpf_program *program, struct seccomp_data *call,
		      unsigned word, uint32_t target, unsigned bit)
{
	uint32_t was = word_get(call, word);

	if (agrees(program, call, target, bit))
		return true;
	for (unsigned other = bit + 1; other-- > 0 && other + REACH_BITS > bit;) {
		word_set(call, word, was ^ UINT32_C(1) << other);
		if (agrees(program, call, target, bit))
			return true;
	}
	return false;
}

static bool solve_upwards(const struct bpf_program *program, struct seccomp_data call,
			  unsigned word, uint32_t target)
{
	for (unsigned bit = 0; bit < WORD_BITS; bit++)
		if (!solve_bit(program, &call, word, target, bit))
			return false;
	return true;
}

static bool solve_downwards(const struct bpf_program *program, struct seccomp_data call,
			    unsigned word, uint32_t target)
{
	word_set(&call, word, 0);
	for (unsigned bit = WORD_BITS; bit-- > 0;) {
		uint32_t was = word_get(&call, word);

		word_set(&call, word, was | UINT32_C(1) << bit);
		if (bpf_run(program, &call).value > target)
			word_set(&call, word, was);
	}
	return bpf_run(program, &call).value == target;
}

/* Verdicts of one action that only differ in their data. */
static size_t count_solved(const struct bpf_program *program, struct seccomp_data call,
			   unsigned word, uint32_t action)
{
	size_t solved = 0;

	for (uint32_t data = 0; data < 4096; data++) {
		solved += solve_upwards(program, call, word, action | data) ||
			  solve_downwards(program, call, word, action | data);
		if (data == 16 && !solved)
			break;
	}
	return solved;
}

static bool solve_some(const struct bpf_program *program, struct seccomp_data call,
		       unsigned word, size_t count)
{
	static const uint32_t actions[] = { SECCOMP_RET_TRAP, SECCOMP_RET_TRACE,
					    SECCOMP_RET_ERRNO };
	size_t solved = 0;

	for (size_t i = 0; solved <= count && i < 3; i++) {
		word_set(&call, word, actions[i]);
		solved += count_solved(program, call, word, actions[i]);
	}
	return solved > count;
}

bool witness_verdicts(struct random *random, const struct bpf_program *program,
		      size_t count)
{
	for (int i = 0; i < CALLS; i++) {
		struct seccomp_data call = draw_call(random, program);
		uint32_t at = bpf_run(program, &call).at;

		if (program->code[at].code != (BPF_RET | BPF_A))
			continue;
		for (unsigned word = WORD_NR; word < WORD_COUNT; word++)
			if (solve_some(program, call, word, count))
				return true;
	}
	return false;
}

/* --- changes ---------------------------------------------------------------------- */

static size_t count_changes(const struct bpf_program *program, struct seccomp_data call,
			    unsigned word, unsigned stride)
{
	uint32_t start = word_get(&call, word), last = 0;
	size_t changes = 0;

	for (uint64_t i = 0; i < SAMPLES; i++) {
		uint64_t value = start + (i << stride);
		uint32_t verdict;

		if (value > UINT32_MAX || (i == FEW && changes < FEW / 4))
			break;
		word_set(&call, word, (uint32_t)value);
		verdict = verdict_normalize(bpf_run(program, &call).value);
		changes += i && verdict != last;
		last = verdict;
	}
	return changes;
}

bool witness_changes(struct random *random, const struct bpf_program *program,
		     unsigned word, size_t count)
{
	for (int i = 0; i < CALLS * CALLS / 8; i++) {
		struct seccomp_data call = draw_call(random, program);

		if (random_percent(random, 90))
			word_set(&call, word, random_below(random, 512));
		for (unsigned stride = 0; stride < 20; stride++)
			if (count_changes(program, call, word, stride) > count)
				return true;
	}
	return false;
}
