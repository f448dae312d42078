// SPDX-License-Identifier: MIT
/*
 * The inside of the structured listing against the simulator: for random programs and
 * calls, what is known of A and of the call is so, the way through the blocks is the way
 * that the program takes, and it ends in the same return.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <stdio.h>

#include "bpf/bpf.h"
#include "bpf/pseudo.h"
#include "generate_program.h"
#include "random.h"

#define PROGRAMS 2000
#define LENGTH	 120
#define CALLS	 40

/* A run: what A was ahead of each instruction that ran. */
struct trace {
	bool ran[BPF_MAXINSNS];
	uint32_t a[BPF_MAXINSNS];
	struct bpf_run run;
};

static void record(void *context, const struct bpf_state *state)
{
	struct trace *trace = context;

	trace->ran[state->pc] = true;
	trace->a[state->pc] = state->a;
}

static bool facts_hold(const struct pseudo *pseudo, const struct trace *trace,
		       const struct seccomp_data *call)
{
	for (size_t at = 0; at < pseudo->program->length; at++) {
		const struct pseudo_facts *facts = &pseudo->facts[at];

		if (!trace->ran[at])
			continue;
		if (!facts->reached || (uint32_t)call->nr < facts->first ||
		    (uint32_t)call->nr > facts->last ||
		    (facts->arch_known && facts->arch != call->arch))
			return false;
		if (facts->a.is_known &&
		    trace->a[at] != (word_get(call, facts->a.word) & facts->a.mask))
			return false;
	}
	return true;
}

static size_t target_of_split(const struct block *block,
			      const struct seccomp_data *call)
{
	uint32_t value = word_get(call, block->key.word) & block->key.mask;

	for (size_t i = 0; i < block->piece_count; i++) {
		if (block->pieces[i].first <= value && value <= block->pieces[i].last)
			return block->pieces[i].target;
	}
	return SIZE_MAX;
}

/* Where a block goes on in a run; SIZE_MAX: nowhere. */
static size_t next_block(const struct pseudo *pseudo, const struct block *block,
			 const struct trace *trace, const struct seccomp_data *call)
{
	const struct sock_filter *i = &pseudo->program->code[block->end];
	size_t yes = block->end + 1 + i->jt, no = block->end + 1 + i->jf;

	if (block->kind == BLOCK_SPLIT)
		return target_of_split(block, call);
	if (block->kind == BLOCK_GOTO || i->jt == i->jf)
		return block->targets[0];
	/* if both have run, it went to the first: jumps go forward */
	if (trace->ran[yes] && trace->ran[no])
		return block->targets[yes > no];
	return block->targets[!trace->ran[yes]];
}

static bool way_is_same(const struct pseudo *pseudo, const struct trace *trace,
			const struct seccomp_data *call)
{
	const struct sock_filter *code = pseudo->program->code;
	size_t at = 0;

	while (pseudo->blocks[at]->kind != BLOCK_RETURN) {
		const struct block *block = pseudo->blocks[at];

		for (size_t i = at; i < block->end; i++) {
			if (!trace->ran[i])
				return false;
		}
		/* a division by an X of 0 ends the run between */
		if (!trace->ran[block->end] && block->end != trace->run.at)
			return BPF_CLASS(code[trace->run.at].code) == BPF_ALU;
		at = next_block(pseudo, block, trace, call);
		if (at == SIZE_MAX)
			return false;
	}
	at = pseudo->blocks[at]->end;
	return code[at].code == code[trace->run.at].code &&
	       code[at].k == code[trace->run.at].k;
}

static void random_call(struct random *random, const struct sock_filter *code,
			size_t length, struct seccomp_data *ret_call)
{
	*ret_call = (struct seccomp_data){ 0 };
	for (unsigned word = 0; word < WORD_COUNT; word++) {
		uint32_t near = code[random_below(random, length)].k;

		word_set(ret_call, word,
			 random_percent(random, 80) ? near + random_below(random, 3) - 1
						    : random_word(random));
	}
}

static bool check_program(struct random *random, size_t length)
{
	static struct sock_filter code[BPF_MAXINSNS];
	static struct trace trace;
	const struct bpf_program program = { code, length, false };
	struct pseudo pseudo = { .program = &program };
	struct seccomp_data call;
	bool good;

	generate_program(random, code, length);
	arena_init(&pseudo.arena, ARENA_DEFAULT_LIMIT);
	pseudo.facts = pseudo_find_facts(&program);
	good = pseudo.facts && !pseudo_find_blocks(&pseudo);
	for (int i = 0; good && i < CALLS; i++) {
		random_call(random, code, length, &call);
		trace = (struct trace){ 0 };
		trace.run = bpf_trace(&program, &call, record, &trace);
		good = facts_hold(&pseudo, &trace, &call) &&
		       (BPF_CLASS(code[trace.run.at].code) != BPF_RET ||
			way_is_same(&pseudo, &trace, &call));
	}
	free(pseudo.facts);
	arena_done(&pseudo.arena);
	return good;
}

int main(void)
{
	uint64_t programs = PROGRAMS * number_from_environment("CALLGATE_EFFORT", 1);
	struct random random = { random_seed() };

	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	for (uint64_t i = 0; i < programs; i++) {
		if (!check_program(&random, 1 + random_below(&random, LENGTH))) {
			printf("program %llu is misread\n", (unsigned long long)i);
			return 1;
		}
	}
	printf("%llu programs\n", (unsigned long long)programs);
	return 0;
}
