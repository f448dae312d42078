// SPDX-License-Identifier: MIT
/*
 * ABIs by name, by number and by what a filter sees.
 *
 * Which ABIs there are is data (data/abis.tsv); nothing here knows one by name.
 */
#include "data/data.h"
#include "data/tables.h"

/* A filter's number of "no call": a tracer may have put it there. */
#define NO_CALL 0xffffffffu

size_t abi_count(void)
{
	return tables_abi_count;
}

const struct abi *abi_at(size_t index)
{
	return &tables_abis[index];
}

const struct abi *abi_native(void)
{
	return &tables_abis[tables_native_abi];
}

kernel_version version_newest(void)
{
	return tables_newest;
}

/* Whether `name` is one of the words of "a,b,c". */
static bool is_listed(const char *list, struct str name)
{
	for (;;) {
		size_t length = strcspn(list, ",");

		if (str_equal(name, (struct str){ list, length }))
			return true;
		if (list[length] == '\0')
			return false;
		list += length + 1;
	}
}

const struct abi *abi_by_name(struct str name)
{
	if (name.len == 0)
		return NULL;
	for (size_t i = 0; i < tables_abi_count; i++)
		if (str_is(name, tables_abis[i].name) ||
		    is_listed(tables_text + tables_abi_rows[i].aliases, name))
			return &tables_abis[i];
	return NULL;
}

/* Of the ABIs that share an audit value, the one with the nearest base below. */
const struct abi *abi_of(uint32_t audit_arch, uint32_t number)
{
	const struct abi *best = NULL;

	if (number == NO_CALL)
		number = 0;
	for (size_t i = 0; i < tables_abi_count; i++) {
		const struct abi *abi = &tables_abis[i];

		if (abi->audit_arch != audit_arch)
			continue;
		if (!best || (abi->number_base <= number &&
			      abi->number_base > best->number_base))
			best = abi;
	}
	return best;
}
