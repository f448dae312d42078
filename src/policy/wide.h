/* SPDX-License-Identifier: MIT */
/*
 * An integer of 128 bits, in two's complement: wider than any sum of 64-bit values that
 * a text can hold. Made of two, for machines of 32 bits have no type as wide.
 */
#ifndef CALLGATE_POLICY_WIDE_H
#define CALLGATE_POLICY_WIDE_H

#include <stdbool.h>
#include <stdint.h>

struct wide {
	int64_t high; /* -1 of a negative number down to -2^64 */
	uint64_t low;
};

struct wide wide_add(struct wide left, struct wide right);
struct wide wide_or(struct wide left, struct wide right);
/* -number - 1 */
struct wide wide_complement(struct wide number);
struct wide wide_negate(struct wide number);
bool wide_is_less(struct wide left, struct wide right);
bool wide_is_within(struct wide number, struct wide least, struct wide greatest);

#endif
