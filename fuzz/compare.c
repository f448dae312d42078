// SPDX-License-Identifier: MIT
/*
 * Any text that is a policy: the rules one by one, the optimised program and the
 * unoptimised one must give the same verdict to calls drawn near the policy's own
 * numbers and values. Unlike the proof this trusts neither diagram nor lifting.
 *
 * Input: the text. The calls are drawn from a seed that is made of it.
 */
#include <errno.h>

#include "bpf/bpf.h"
#include "policy/policy.h"
#include "random.h"

#define TEXT_MAX  1000 /* bytes: a compilation takes a thousand parses */
#define CALLS	  64
#define DEPTH_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t seed_of(const uint8_t *data, size_t size)
{
	uint64_t seed = size;

	for (size_t i = 0; i < size; i++)
		seed = (seed ^ data[i]) * 0x100000001b3u;
	return seed;
}

/* A test somewhere below; NULL: the way down ended elsewhere. */
static const struct policy_test *pick_test(struct random *random,
					   const struct policy_condition *condition)
{
	for (unsigned depth = 0; condition && depth < DEPTH_MAX; depth++) {
		if (condition->kind == CONDITION_TEST)
			return &condition->test;
		condition = condition->right && random_percent(random, 50)
				    ? condition->right
				    : condition->left;
	}
	return NULL;
}

static uint64_t pick_value(struct random *random, const struct policy_test *test)
{
	uint64_t value = test ? test->value + random_below(random, 3) - 1
			      : random_below(random, 4);

	if (test && random_percent(random, 50))
		value |= ~test->mask & random_next(random);
	/* the half that the kernel does not look at */
	if (random_percent(random, 25))
		value ^= random_next(random) << 32;
	return value;
}

static void set_field(struct seccomp_data *call, unsigned field, uint64_t value)
{
	if (field == FIELD_IP)
		call->instruction_pointer = value;
	else
		call->args[field] = value;
}

static struct seccomp_data pick_call(struct random *random,
				     const struct callgate_policy *policy)
{
	const struct policy_abi *abi =
		&policy->abis[random_below(random, policy->abi_count)];
	struct seccomp_data call = { .arch = abi->abi->audit_arch,
				     .nr = (int)random_below(random, 600) };
	const struct policy_condition *condition = NULL;
	const struct policy_match *match;

	if (abi->count && random_percent(random, 90)) {
		match = &abi->matches[random_below(random, abi->count)];
		call.nr = (int)match->number;
		condition = match->condition;
	}
	for (unsigned field = 0; field < FIELD_MAX; field++)
		set_field(&call, field, pick_value(random, NULL));
	for (unsigned tries = 0; tries < 4; tries++) {
		const struct policy_test *test = pick_test(random, condition);

		if (test)
			set_field(&call, test->field, pick_value(random, test));
	}
	if (random_percent(random, 3))
		call.arch ^= 1u << random_below(random, 32);
	return call;
}

static void compare(struct random *random, const struct callgate_policy *policy,
		    const struct callgate_filter *optimised,
		    const struct callgate_filter *naive)
{
	for (unsigned i = 0; i < CALLS; i++) {
		struct seccomp_data call = pick_call(random, policy);
		uint32_t wanted = policy_evaluate(policy, &call, NULL);

		if (callgate_filter_run(optimised, &call).value != wanted ||
		    (naive && callgate_filter_run(naive, &call).value != wanted))
			__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct callgate_compile_options fast = { .without_proof = true,
						       .without_expects = true };
	const struct callgate_compile_options slow = { .without_proof = true,
						       .without_expects = true,
						       .without_optimizer = true };
	struct callgate_filter *optimised = NULL, *naive = NULL;
	struct random random = { seed_of(data, size) };
	struct callgate_policy *policy = NULL;

	if (size > TEXT_MAX ||
	    callgate_policy_parse((const char *)data, size, NULL, NULL, &policy))
		return 0;
	if (callgate_policy_compile(policy, &fast, NULL, &optimised) == 0) {
		/* too long for the kernel is no fault of a program so simple */
		callgate_policy_compile(policy, &slow, NULL, &naive);
		compare(&random, policy, optimised, naive);
	}
	callgate_filter_free(optimised);
	callgate_filter_free(naive);
	callgate_policy_free(policy);
	return 0;
}
