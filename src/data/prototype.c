// SPDX-License-Identifier: MIT
/*
 * Arguments of system calls, with the widths that an ABI gives them.
 *
 * An unknown prototype says six 64-bit arguments: nothing that a caller can pass is
 * then ignored.
 */
#include "data/data.h"
#include "data/tables.h"

/* The row for the ABI, or NULL when nobody has written one. */
static const struct prototype_row *row_of(const struct syscall *call,
					  const struct abi *abi)
{
	uint16_t prototype = call->prototype;

	for (size_t i = 0; i < tables_prototype_override_count; i++) {
		const struct prototype_override *row = &tables_prototype_overrides[i];

		if (row->call == syscall_index(call) && (row->abis >> abi->index & 1))
			prototype = row->prototype;
	}
	return prototype == NONE16 ? NULL : &tables_prototypes[prototype];
}

/* Width of a long in this call: x32's newer numbers enter the kernel's 32-bit side. */
static uint8_t long_bits(const struct syscall *call, const struct abi *abi)
{
	uint32_t number;

	if (!syscall_number(call, abi, &number))
		return abi->bits;
	if (number - abi->number_base >= tables_abi_rows[abi->index].compat_from)
		return 32;
	return abi->bits;
}

static void unknown(struct prototype *ret_prototype)
{
	ret_prototype->count = ARGUMENTS_MAX;
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		ret_prototype->arguments[i] =
			(struct argument){ .type = "unsigned long", .bits = 64 };
}

void syscall_prototype(const struct syscall *call, const struct abi *abi,
		       struct prototype *ret_prototype)
{
	const struct prototype_row *row = row_of(call, abi);
	uint8_t native = long_bits(call, abi);

	*ret_prototype = (struct prototype){ .known = row != NULL };
	if (!row) {
		unknown(ret_prototype);
		return;
	}
	ret_prototype->count = (uint8_t)row->count;
	for (size_t i = 0; i < row->count; i++) {
		const struct argument_row *from = &tables_arguments[row->first + i];
		const struct type_row *type = &tables_types[from->type];

		ret_prototype->arguments[i] = (struct argument){
			.name = tables_text_at(from->name),
			.alias = tables_text_at(from->alias),
			.type = tables_text_at(type->name),
			.family = tables_text_at(from->family),
			.bits = type->bits ? type->bits : native,
			.is_signed = type->is_signed,
			.is_pointer = type->is_pointer,
		};
	}
}

struct kept syscall_kept(const struct syscall *call, const struct abi *abi,
			 size_t argument)
{
	const struct prototype_row *row = row_of(call, abi);
	const struct kept_row *kept;
	uint8_t index = NONE8;

	if (row && argument < row->count)
		index = tables_arguments[row->first + argument].kept;
	if (index == NONE8)
		return (struct kept){ .how = KEPT_NOT };
	kept = &tables_kept[index];
	return (struct kept){
		.how = kept->how,
		.safe = kept->safe,
		.field = tables_text_at(kept->field),
		.named = tables_text_at(kept->named),
	};
}
