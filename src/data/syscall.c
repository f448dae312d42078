// SPDX-License-Identifier: MIT
/*
 * System calls: names, numbers, versions and the call that carries another.
 *
 * A call is a name, whatever its numbers; the columns of numbers hold them without the
 * ABI's base, which is added and taken off here and nowhere else.
 */
#include "data/data.h"
#include "data/tables.h"

size_t syscall_count(void)
{
	return tables_syscall_count;
}

const struct syscall *syscall_at(size_t index)
{
	return &tables_syscalls[index];
}

const struct syscall *syscall_by_name(struct str name)
{
	return tables_find(tables_syscalls, tables_syscall_count,
			   sizeof(*tables_syscalls), name);
}

const char *syscall_name(const struct syscall *call)
{
	return tables_text + call->name;
}

size_t syscall_index(const struct syscall *call)
{
	return (size_t)(call - tables_syscalls);
}

const char *syscall_help(const struct syscall *call)
{
	return tables_text_at(call->help);
}

bool syscall_number(const struct syscall *call, const struct abi *abi,
		    uint32_t *ret_number)
{
	size_t cell = (size_t)abi->index * tables_syscall_count + syscall_index(call);
	uint32_t number = tables_numbers[cell];

	if (number == NONE32)
		return false;
	*ret_number = abi->number_base + number;
	return true;
}

kernel_version syscall_since(const struct syscall *call, const struct abi *abi)
{
	kernel_version since = call->since;

	for (size_t i = 0; i < tables_since_count; i++) {
		const struct since_row *row = &tables_since[i];

		if (row->call == syscall_index(call) && (row->abis >> abi->index & 1))
			since = row->since;
	}
	return since > tables_abi_rows[abi->index].since ? since : 0;
}

const struct syscall *syscall_by_number(const struct abi *abi, uint32_t number)
{
	const struct abi_row *row = &tables_abi_rows[abi->index];
	uint32_t offset = number - abi->number_base;

	if (number < abi->number_base)
		return NULL;
	for (size_t i = 0; i < row->range_count; i++) {
		const struct number_range *range = &tables_ranges[row->first_range + i];
		uint16_t call;

		if (offset < range->first || offset - range->first >= range->count)
			continue;
		call = tables_calls_by_number[range->calls + offset - range->first];
		return call == NONE16 ? NULL : &tables_syscalls[call];
	}
	return NULL;
}

/* The first call of a range at or above `offset`, as a place in it; else its count. */
static uint32_t place_from(const struct number_range *range, uint32_t offset)
{
	uint32_t place = offset > range->first ? offset - range->first : 0;

	while (place < range->count &&
	       tables_calls_by_number[range->calls + place] == NONE16)
		place++;
	return place;
}

bool syscall_number_from(const struct abi *abi, uint32_t from, uint32_t *ret_number)
{
	const struct abi_row *row = &tables_abi_rows[abi->index];
	uint32_t offset = from > abi->number_base ? from - abi->number_base : 0;

	for (size_t i = 0; i < row->range_count; i++) {
		const struct number_range *range = &tables_ranges[row->first_range + i];
		uint32_t place = place_from(range, offset);

		if (place < range->count) {
			*ret_number = abi->number_base + range->first + place;
			return true;
		}
	}
	return false;
}

uint32_t syscall_number_end(const struct abi *abi)
{
	const struct number_range *first =
		&tables_ranges[tables_abi_rows[abi->index].first_range];

	return first->first + first->count;
}

const struct syscall *syscall_multiplexer(const struct syscall *call,
					  const struct abi *abi, uint32_t *ret_selector)
{
	for (size_t i = 0; i < tables_multiplexed_count; i++) {
		const struct multiplexed_row *row = &tables_multiplexed[i];
		const struct syscall *multiplexer = &tables_syscalls[row->multiplexer];
		uint32_t number;

		if (row->call != syscall_index(call))
			continue;
		if (!syscall_number(multiplexer, abi, &number))
			return NULL;
		*ret_selector = row->selector;
		return multiplexer;
	}
	return NULL;
}
