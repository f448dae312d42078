/* SPDX-License-Identifier: MIT */
/*
 * Random policies, and calls that come near their edges.
 */
#ifndef CALLGATE_TESTS_GENERATE_H
#define CALLGATE_TESTS_GENERATE_H

#include "base/buffer.h"
#include "policy/policy.h"
#include "random.h"

#include <linux/seccomp.h>

/* What a generated policy may contain. */
struct generate_options {
	const struct abi
		*abis[ABI_MAX]; /* one to three of these; the first one always */
	size_t abi_count;
	/*
	 * For a child that runs under it: every verdict is an errno of its own, but for a
	 * first rule that allows this call of the first ABI.
	 */
	bool only_errnos;
	uint32_t allowed_number;
	uint64_t instruction_pointer; /* what conditions compare it with; 0: anything */
	bool without_pointer;	      /* no conditions on the instruction pointer */
};

struct generated {
	struct callgate_policy policy;
	const struct generate_options *options;
	uint64_t values[4]; /* that its conditions like to compare with */
};

/* False: no memory. */
bool generate_policy(struct random *random, const struct generate_options *options,
		     struct generated *ret_generated);
void generated_done(struct generated *generated);

/* A call, more often than not of a rule and on a boundary of its condition. */
void generate_call(struct random *random, const struct generated *generated,
		   struct seccomp_data *ret_call);

/* The policy in its language; parsing it gives the same policy. */
void print_policy(const struct callgate_policy *policy, struct buffer *ret_text);
void print_call(const struct seccomp_data *call, struct buffer *ret_text);

#endif
