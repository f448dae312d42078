/* SPDX-License-Identifier: MIT */
/* The tests that stand in a policy beside its rules. */
#ifndef CALLGATE_BPF_EXPECT_H
#define CALLGATE_BPF_EXPECT_H

#include "bpf/bpf.h"

/*
 * Holds every `expect` of a policy against the emitted program, whose lifted meaning is
 * `meaning`: for all calls that a line describes, not for one. Those that do not hold are
 * errors with a counterexample and what the simulator gives for it.
 * 0; -EINVAL; the store's error.
 */
int expect_check(struct meaning *store, meaning_ref meaning,
		 const struct callgate_policy *policy,
		 const struct bpf_program *program,
		 struct callgate_diagnostics *diagnostics);

/* Whether a verdict is what an `expect` asks for. */
bool expect_met(const struct policy_expect *expect, uint32_t verdict);

/*
 * Looks for a call that the expect describes and whose terminal in `meaning` satisfies
 * `test`: 1, 0, or the store's error.
 */
int expect_find(struct meaning *store, meaning_ref meaning,
		const struct policy_expect *expect,
		bool (*test)(void *context, uint32_t value), void *context,
		struct seccomp_data *ret_call);

#endif
