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
	struct callgate_stats *stats;
	double executed, executed_uncached;
};

static void count_call(struct tally *tally, const struct abi *abi, uint32_t number)
{
	const struct bpf_program *program = &tally->filter->program;
	struct seccomp_data data = { .arch = abi->audit_arch, .nr = (int)number };
	struct bpf_run run = bpf_run(program, &data);

	tally->stats->calls++;
	tally->executed += run.executed;
	if (bpf_cached(program, abi->audit_arch, number))
		tally->stats->cached++;
	else
		tally->executed_uncached += run.executed;
}

static double mean(double sum, size_t count)
{
	return count ? sum / (double)count : 0;
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
	struct tally tally = { .filter = filter, .stats = ret_stats };

	if (filter->abi_count == 0)
		return -EINVAL;
	*ret_stats = (struct callgate_stats){
		.instructions = filter->program.length,
		.nodes = filter->nodes,
		.proven = filter->proven,
		.worst = longest_path(&filter->program),
	};
	if (ret_stats->worst == 0)
		return -ENOMEM;
	for (size_t i = 0; i < filter->abi_count; i++) {
		const struct abi *abi = filter->abis[i];
		uint32_t base = abi->number_base, end = syscall_number_end(abi);

		for (uint32_t n = base; n < base + end; n++)
			if (syscall_by_number(abi, n))
				count_call(&tally, abi, n);
	}
	ret_stats->mean = mean(tally.executed, ret_stats->calls);
	ret_stats->mean_uncached =
		mean(tally.executed_uncached, ret_stats->calls - ret_stats->cached);
	return 0;
}
