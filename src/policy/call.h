/* SPDX-License-Identifier: MIT */
/*
 * One call as text, for questions: "openat(AT_FDCWD, _, O_RDONLY)", "i386:socketcall".
 */
#ifndef CALLGATE_POLICY_CALL_H
#define CALLGATE_POLICY_CALL_H

#include "policy/policy.h"

struct policy_call {
	struct arena arena;
	const struct abi *abi;
	uint32_t number;			  /* as a filter sees it */
	const struct policy_condition *condition; /* what is said of it, never NULL */
	struct callgate_span span;
};

/*
 * Parses it: on the ABI it names, else on the native one if the policy has that and
 * that has the call, else on the first of the policy's ABIs that has it. A NULL policy
 * has every ABI. The text
 * becomes the source "call" of `diagnostics`. -EINVAL: it is no call, see there.
 * -E2BIG: too large or too complex. policy_call_done() is for success alone.
 */
int policy_call_parse(const struct callgate_policy *policy, const char *text,
		      struct callgate_diagnostics *diagnostics,
		      struct policy_call *ret_call);
void policy_call_done(struct policy_call *call);

#endif
