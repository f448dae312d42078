// SPDX-License-Identifier: MIT
/*
 * What was seen of an argument, as a lattice: no value, sets of values that grow, bits
 * when a set would grow too large, anything.
 *
 * seen_join() is its least upper bound: commutative, associative, idempotent. Sets stay
 * sorted, so that equal ones are equal bytes.
 */
#include "record/record.h"

static uint64_t ones(unsigned bits)
{
	return UINT64_MAX >> (64 - bits);
}

struct callgate_recorded_argument record_argument(const struct abi *abi,
						  uint32_t number, size_t index)
{
	const struct syscall *call = syscall_by_number(abi, number);
	struct callgate_recorded_argument result = { .kept = CALLGATE_KEPT_NOT };
	struct prototype prototype;
	struct kept kept;

	if (!call || index >= ARGUMENTS_MAX)
		return result;
	kept = syscall_kept(call, abi, index);
	if (kept.how == KEPT_NOT)
		return result;
	syscall_prototype(call, abi, &prototype);
	result.kept = kept.how == KEPT_SET ? CALLGATE_KEPT_SET : CALLGATE_KEPT_BITS;
	result.bits = prototype.arguments[index].bits;
	result.is_safe = kept.safe != SAFE_NOT;
	return result;
}

struct callgate_recorded_argument
callgate_recorded_argument(size_t abi, uint32_t number, size_t index)
{
	if (abi >= abi_count())
		return (struct callgate_recorded_argument){ .kept = CALLGATE_KEPT_NOT };
	return record_argument(abi_at(abi), number, index);
}

uint64_t seen_bits(const struct seen *seen)
{
	uint64_t bits = seen->bits;

	if (seen->kind == SEEN_ANY)
		return UINT64_MAX;
	for (size_t i = 0; i < seen->count; i++)
		bits |= seen->values[i];
	return bits;
}

/* Where the value is, or would be. */
static size_t place_of(const struct seen *seen, uint64_t value)
{
	size_t at = 0;

	while (at < seen->count && seen->values[at] < value)
		at++;
	return at;
}

bool seen_has(const struct seen *seen, uint64_t value)
{
	size_t at = place_of(seen, value);

	if (seen->kind != SEEN_VALUES)
		return (value & ~seen_bits(seen)) == 0;
	return at < seen->count && seen->values[at] == value;
}

static void become_bits(struct seen *seen, uint64_t bits)
{
	*seen = (struct seen){ .kind = SEEN_BITS, .bits = bits };
}

void seen_add(struct seen *seen, uint64_t value)
{
	size_t at = place_of(seen, value);

	if (seen->kind == SEEN_BITS)
		seen->bits |= value;
	if (seen->kind != SEEN_VALUES ||
	    (at < seen->count && seen->values[at] == value))
		return;
	if (seen->count == CALLGATE_VALUES_MAX) {
		become_bits(seen, seen_bits(seen) | value);
		return;
	}
	memmove(&seen->values[at + 1], &seen->values[at],
		(seen->count - at) * sizeof(seen->values[0]));
	seen->values[at] = value;
	seen->count++;
}

void seen_join(struct seen *seen, const struct seen *other)
{
	if (seen->kind == SEEN_ANY)
		return;
	if (other->kind == SEEN_ANY) {
		*seen = (struct seen){ .kind = SEEN_ANY };
		return;
	}
	if (other->kind == SEEN_BITS)
		become_bits(seen, seen_bits(seen) | other->bits);
	for (size_t i = 0; i < other->count; i++)
		seen_add(seen, other->values[i]);
}

/* What a recorder saw, with what is not kept of it left out. */
void seen_take(struct seen *ret_seen, const struct callgate_seen *given,
	       struct callgate_recorded_argument how)
{
	bool bits = given->overflow || how.kept == CALLGATE_KEPT_BITS;
	uint64_t width = how.bits ? ones(how.bits) : 0;

	*ret_seen = (struct seen){ .kind = SEEN_ANY };
	if (how.kept == CALLGATE_KEPT_NOT || !given->known || (!bits && !given->count))
		return;
	*ret_seen = (struct seen){ .kind = SEEN_VALUES };
	if (bits)
		become_bits(ret_seen, given->bits & width);
	for (size_t i = 0; i < given->count && i < CALLGATE_VALUES_MAX; i++)
		seen_add(ret_seen, given->values[i] & width);
}

void seen_give(const struct seen *seen, struct callgate_seen *ret_given)
{
	*ret_given = (struct callgate_seen){
		.known = seen->kind != SEEN_ANY,
		.overflow = seen->kind == SEEN_BITS,
		.bits = seen->kind == SEEN_ANY ? 0 : seen_bits(seen),
		.count = seen->count,
	};
	memcpy(ret_given->values, seen->values, sizeof(seen->values));
}
