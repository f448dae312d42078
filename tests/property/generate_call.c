// SPDX-License-Identifier: MIT
/*
 * Calls for a generated policy: of one of its rules as a rule, each argument that a
 * condition looks at on its edge, one beside it, a bit away, or with garbage above the
 * width that counts.
 */
#include "generate.h"

#include <linux/audit.h>

static __u64 *field_of(struct seccomp_data *call, unsigned field)
{
	return field == FIELD_IP ? &call->instruction_pointer : &call->args[field];
}

static uint64_t above(unsigned bits)
{
	return bits == 64 ? 0 : UINT64_MAX << bits;
}

/* The value of a test, or one that its edge tells apart. */
static uint64_t near_value(struct random *random, const struct policy_test *test)
{
	uint64_t value = test->value;

	switch (random_below(random, 8)) {
	case 0:
		value++;
		break;
	case 1:
		value--;
		break;
	case 2:
		value ^= UINT64_C(1) << random_below(random, test->bits);
		break;
	case 3:
		value |= random_next(random) & ~test->mask;
		break;
	case 4:
		value ^= UINT64_C(1) << (test->bits - 1);
		break;
	}
	return value & ~above(test->bits);
}

/* What the caller leaves above the width that the kernel looks at. */
static uint64_t garbage(struct random *random, uint64_t value, unsigned bits)
{
	switch (random_below(random, 4)) {
	case 0:
		return value | (random_next(random) & above(bits));
	case 1:
		return value >> (bits - 1) & 1 ? value | above(bits) : value;
	case 2:
		return bits < 64 ? value | UINT64_C(1) << bits : value;
	default:
		return value;
	}
}

/* Sets every field that the condition tests, most of the time so that it is near. */
static void aim(struct random *random, const struct policy_condition *condition,
		struct seccomp_data *call)
{
	const struct policy_test *test = &condition->test;

	if (condition->left)
		aim(random, condition->left, call);
	if (condition->right)
		aim(random, condition->right, call);
	if (condition->kind == CONDITION_TEST && random_percent(random, 85))
		*field_of(call, test->field) =
			garbage(random, near_value(random, test), test->bits);
}

static void fill(struct random *random, const struct generated *generated,
		 struct seccomp_data *call)
{
	for (unsigned field = 0; field < FIELD_MAX; field++) {
		unsigned kind = random_below(random, 4);

		if (kind == 0)
			*field_of(call, field) = random_next(random);
		else if (kind == 1)
			*field_of(call, field) = RANDOM_OF(random, generated->values);
	}
}

/* A call that no rule need have heard of. */
static void stray(struct random *random, const struct abi *abi,
		  struct seccomp_data *call)
{
	static const uint32_t arches[] = { AUDIT_ARCH_X86_64,
					   AUDIT_ARCH_I386,
					   AUDIT_ARCH_AARCH64,
					   AUDIT_ARCH_S390X,
					   0,
					   UINT32_MAX };
	static const uint32_t numbers[] = { UINT32_MAX, UINT32_MAX - 1, 0x40000000,
					    0x3fffffff, 0x80000000,	0x7fffffff };

	if (random_percent(random, 15))
		call->arch = RANDOM_OF(random, arches);
	if (random_percent(random, 10))
		call->nr = (int)RANDOM_OF(random, numbers);
	else if (random_percent(random, 70))
		call->nr = (int)(abi->number_base +
				 random_below(random, syscall_number_end(abi) + 20u));
	else
		call->nr += random_percent(random, 50) ? 1 : -1;
}

void generate_call(struct random *random, const struct generated *generated,
		   struct seccomp_data *ret_call)
{
	const struct callgate_policy *policy = &generated->policy;
	const struct policy_abi *table =
		&policy->abis[random_below(random, policy->abi_count)];
	const struct policy_match *match;

	*ret_call = (struct seccomp_data){ .arch = table->abi->audit_arch,
					   .nr = (int)table->abi->number_base };
	fill(random, generated, ret_call);
	if (table->count) {
		match = &table->matches[random_below(random, table->count)];
		ret_call->nr = (int)match->number;
		aim(random, match->condition, ret_call);
	}
	if (table->count == 0 || random_percent(random, 12))
		stray(random, table->abi, ret_call);
}
