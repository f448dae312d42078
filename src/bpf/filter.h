/* SPDX-License-Identifier: MIT */
/*
 * struct callgate_filter: a valid program and what is known about it.
 */
#ifndef CALLGATE_BPF_FILTER_H
#define CALLGATE_BPF_FILTER_H

#include "bpf/bpf.h"

struct callgate_filter {
	struct bpf_program program; /* has passed bpf_validate() */
	/* Of a filter that was compiled from a policy; else abi_count is 0. */
	const struct abi *abis[ABI_MAX];
	size_t abi_count;
	uint32_t nodes;	 /* of the diagram's store, all operations */
	double expected; /* instructions per call, as the layout weighs them; or -1 */
	bool proven;
};

/*
 * A filter around a valid program, whose code becomes the filter's also on failure;
 * *program is left empty. Returns NULL when memory is short.
 */
struct callgate_filter *filter_new(struct bpf_program *program);

/* 0, or -EINVAL: the kernel would refuse it, `diagnostics` says where and why. */
int filter_check(const struct bpf_program *program,
		 struct callgate_diagnostics *diagnostics);

/* Of the machine this is built for. */
#define BIG_ENDIAN_HOST (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

#endif
