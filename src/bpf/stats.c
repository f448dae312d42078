// SPDX-License-Identifier: MIT
/*
 * What a compiled filter costs: executed instructions per call, and which calls the
 * kernel's cache absorbs. Counted by running it, once for each call of its ABIs, with
 * arguments of 0; only the worst case looks at every path.
 */
#include "bpf/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>

struct tally {
	const struct callgate_filter *filter;
	const struct meaning *store; /* of the filter's meaning */
	meaning_ref meaning;
	struct callgate_stats *stats;
};

/* What is left to decide once architecture and number are known. */
static meaning_ref body_at(const struct tally *tally, const struct seccomp_data *call)
{
	meaning_ref ref = tally->meaning;

	while (meaning_word(tally->store, ref) <= WORD_NR) {
		const struct meaning_node *node = meaning_at(tally->store, ref);
		uint32_t word = word_get(call, node->variable / WORD_BITS);
		unsigned shift = WORD_BITS - 1 - node->variable % WORD_BITS;

		ref = word >> shift & 1 ? node->high : node->low;
	}
	return ref;
}

static struct callgate_class_stats *class_of(const struct tally *tally,
					     const struct seccomp_data *call)
{
	meaning_ref body = body_at(tally, call);

	if (!meaning_is_terminal(tally->store, body))
		return &tally->stats->tested;
	return verdict_is_allow(meaning_at(tally->store, body)->low)
		       ? &tally->stats->allowed
		       : &tally->stats->denied;
}

/* The means hold sums until finish(). */
static void count_in(struct callgate_class_stats *class, uint32_t executed, bool cached)
{
	class->calls++;
	class->cached += cached;
	class->mean += executed;
	class->mean_uncached += cached ? 0 : executed;
}

static void count_call(struct tally *tally, const struct abi *abi, uint32_t number)
{
	const struct bpf_program *program = &tally->filter->program;
	struct seccomp_data call = { .arch = abi->audit_arch, .nr = (int)number };
	uint32_t executed = bpf_run(program, &call).executed;
	bool cached = bpf_cached(program, abi->audit_arch, number);

	count_in(&tally->stats->all, executed, cached);
	count_in(class_of(tally, &call), executed, cached);
}

static void finish(struct callgate_class_stats *class)
{
	size_t uncached = class->calls - class->cached;

	class->mean /= class->calls ? (double)class->calls : 1;
	class->mean_uncached /= uncached ? (double)uncached : 1;
}

static void count_calls(struct tally *tally)
{
	const struct callgate_filter *filter = tally->filter;

	for (size_t i = 0; i < filter->abi_count; i++) {
		const struct abi *abi = filter->abis[i];

		for (uint32_t n = 0; syscall_number_from(abi, n, &n); n++)
			count_call(tally, abi, n);
	}
	finish(&tally->stats->all);
	finish(&tally->stats->allowed);
	finish(&tally->stats->tested);
	finish(&tally->stats->denied);
}

/* The longest path, from the end: jumps only go forward. */
static uint32_t longest_path(const struct bpf_program *program)
{
	uint32_t *longest = calloc(program->length, sizeof(*longest)), result;

	if (!longest)
		return 0;
	for (size_t pc = program->length; pc-- > 0;) {
		const struct sock_filter *in = &program->code[pc];
		uint32_t yes = 0, no = 0;

		if (BPF_CLASS(in->code) == BPF_JMP && BPF_OP(in->code) == BPF_JA) {
			yes = longest[pc + 1 + in->k];
		} else if (BPF_CLASS(in->code) == BPF_JMP) {
			yes = longest[pc + 1 + in->jt];
			no = longest[pc + 1 + in->jf];
		} else if (BPF_CLASS(in->code) != BPF_RET) {
			yes = longest[pc + 1];
		}
		longest[pc] = 1 + (yes > no ? yes : no);
	}
	result = longest[0];
	free(longest);
	return result;
}

int callgate_filter_stats(const struct callgate_filter *filter,
			  struct callgate_stats *ret_stats)
{
	const struct bpf_program *program = &filter->program;
	struct tally tally = { .filter = filter, .stats = ret_stats };
	struct meaning *store;
	int error;

	if (filter->abi_count == 0)
		return -EINVAL;
	*ret_stats = (struct callgate_stats){
		.instructions = program->length,
		.nodes = filter->nodes,
		.proven = filter->proven,
		.expected = filter->expected,
		.worst = longest_path(program),
	};
	store = meaning_new(MEANING_LIMITS);
	if (!store || ret_stats->worst == 0) {
		meaning_free(store);
		return -ENOMEM;
	}
	tally.store = store;
	tally.meaning = meaning_of_program(store, program->code, program->length,
					   program->big_endian);
	error = meaning_error(store);
	if (!error)
		count_calls(&tally);
	meaning_free(store);
	return error;
}
