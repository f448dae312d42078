// SPDX-License-Identifier: MIT
/*
 * Named constants, their families, and errno as one of the families.
 *
 * A name has one value on an ABI whatever its family: tools/gen_constants.py refuses
 * two, so a policy never has to say which family it means.
 */
#include "data/data.h"
#include "data/tables.h"

#define ERRNO_FAMILY "errno"
#define ERRNO_MAX    4095

size_t constant_count(void)
{
	return tables_constant_count;
}

const struct constant *constant_at(size_t index)
{
	return &tables_constants[index];
}

const char *constant_name(const struct constant *constant)
{
	return tables_text + constant->name;
}

const char *constant_family(const struct constant *constant)
{
	return tables_text + tables_families[constant->family].name;
}

bool constant_value(const struct constant *constant, const struct abi *abi,
		    uint64_t *ret_value)
{
	const struct constant_exception *exceptions =
		&tables_constant_exceptions[constant->first_exception];
	bool absent = constant->absent;
	uint64_t value = constant->value;

	for (size_t i = 0; i < constant->exception_count; i++) {
		if (!(exceptions[i].abis >> abi->index & 1))
			continue;
		absent = exceptions[i].absent;
		value = exceptions[i].value;
	}
	if (!absent)
		*ret_value = value;
	return !absent;
}

const struct constant *constant_by_name(struct str name)
{
	return tables_find(tables_constants, tables_constant_count,
			   sizeof(*tables_constants), name);
}

static const struct family_row *family_by_name(const char *family)
{
	return tables_find(tables_families, tables_family_count,
			   sizeof(*tables_families), str_of(family));
}

const struct constant *constant_of_value(const char *family, const struct abi *abi,
					 uint64_t value)
{
	const struct family_row *row = family_by_name(family);

	for (size_t i = 0; row && i < row->count; i++) {
		const struct constant *constant =
			&tables_constants[tables_family_members[row->first + i]];
		uint64_t candidate;

		if (constant_value(constant, abi, &candidate) && candidate == value)
			return constant;
	}
	return NULL;
}

const struct constant *family_member(const char *family, size_t index)
{
	const struct family_row *row = family_by_name(family);

	if (!row || index >= row->count)
		return NULL;
	return &tables_constants[tables_family_members[row->first + index]];
}

size_t family_count(void)
{
	return tables_family_count;
}

const char *family_name_at(size_t index)
{
	return tables_text + tables_families[index].name;
}

bool family_is_flags(const char *family)
{
	const struct family_row *row = family_by_name(family);

	return row && row->is_flags;
}

bool errno_by_name(struct str name, const struct abi *abi, uint16_t *ret_errno)
{
	const struct constant *constant = constant_by_name(name);
	uint64_t value;

	if (!constant || strcmp(constant_family(constant), ERRNO_FAMILY) != 0 ||
	    !constant_value(constant, abi, &value) || value > ERRNO_MAX)
		return false;
	*ret_errno = (uint16_t)value;
	return true;
}

const char *errno_name(uint16_t number, const struct abi *abi)
{
	const struct constant *constant = constant_of_value(ERRNO_FAMILY, abi, number);

	return constant ? constant_name(constant) : NULL;
}
