// SPDX-License-Identifier: MIT
/*
 * Arithmetic on integers of 128 bits, half by half.
 *
 * Nothing overflows: operands are values of 64 bits, or sums of as many as a text holds.
 */
#include "policy/wide.h"

struct wide wide_add(struct wide left, struct wide right)
{
	uint64_t low;
	bool carry = __builtin_add_overflow(left.low, right.low, &low);

	return (struct wide){ left.high + right.high + carry, low };
}

struct wide wide_or(struct wide left, struct wide right)
{
	return (struct wide){ left.high | right.high, left.low | right.low };
}

struct wide wide_complement(struct wide number)
{
	return (struct wide){ ~number.high, ~number.low };
}

struct wide wide_negate(struct wide number)
{
	return wide_add(wide_complement(number), (struct wide){ 0, 1 });
}

bool wide_is_less(struct wide left, struct wide right)
{
	return left.high != right.high ? left.high < right.high : left.low < right.low;
}

bool wide_is_within(struct wide number, struct wide least, struct wide greatest)
{
	return !wide_is_less(number, least) && !wide_is_less(greatest, number);
}
