// SPDX-License-Identifier: MIT
/*
 * Calls as text, for counterexamples and answers. Nothing is read from a process: an
 * argument that is a pointer prints as its address.
 */
#include "data/call.h"

static uint64_t width_mask(unsigned bits)
{
	return bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

static uint64_t sign_extended(uint64_t value, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);

	return (value ^ sign) - sign;
}

/* Small numbers in decimal, large ones as the bit patterns that they usually are. */
static void print_number(uint64_t value, const struct argument *argument,
			 struct buffer *ret_text)
{
	int64_t number = (int64_t)sign_extended(value, argument->bits);

	if (argument->is_pointer && value == 0)
		buffer_text(ret_text, "NULL");
	else if (argument->is_signed && number < 0 && number > -65536)
		buffer_printf(ret_text, "%lld", (long long)number);
	else if (value < 65536 && !argument->is_pointer)
		buffer_printf(ret_text, "%llu", (unsigned long long)value);
	else
		buffer_printf(ret_text, "0x%llx", (unsigned long long)value);
}

static const char *name_of(const struct argument *argument, const struct abi *abi,
			   uint64_t value)
{
	const char *family = argument->family;
	const struct constant *found = constant_of_value(family, abi, value);

	if (!found)
		found = constant_of_value(family, abi,
					  sign_extended(value, argument->bits));
	return found ? constant_name(found) : NULL;
}

static void print_flags(uint64_t value, const struct argument *argument,
			const struct abi *abi, struct buffer *ret_text)
{
	const char *separator = "";

	for (unsigned bit = 0; bit < argument->bits; bit++) {
		uint64_t flag = UINT64_C(1) << bit;
		const char *name = value & flag ? name_of(argument, abi, flag) : NULL;

		if (!name)
			continue;
		buffer_printf(ret_text, "%s%s", separator, name);
		separator = "|";
		value &= ~flag;
	}
	if (value) {
		buffer_text(ret_text, separator);
		print_number(value, argument, ret_text);
	}
}

void call_print_argument(const struct argument *argument, const struct abi *abi,
			 uint64_t value, struct buffer *ret_text)
{
	uint64_t used = value & width_mask(argument->bits);
	const char *name = argument->family ? name_of(argument, abi, used) : NULL;

	if (name)
		buffer_text(ret_text, name);
	else if (argument->family && used && family_is_flags(argument->family))
		print_flags(used, argument, abi, ret_text);
	else
		print_number(used, argument, ret_text);
	if (value != used)
		buffer_printf(ret_text, " + 0x%llx",
			      (unsigned long long)(value - used));
}

static void print_arguments(const struct seccomp_data *call, const struct abi *abi,
			    const struct syscall *syscall, struct buffer *ret_text)
{
	struct prototype prototype = { .count = ARGUMENTS_MAX };

	for (unsigned i = 0; i < ARGUMENTS_MAX; i++)
		prototype.arguments[i].bits = 64;
	if (syscall)
		syscall_prototype(syscall, abi, &prototype);
	for (unsigned i = 0; i < prototype.count; i++) {
		buffer_text(ret_text, i ? ", " : "");
		call_print_argument(&prototype.arguments[i], abi, call->args[i],
				    ret_text);
	}
}

void call_print(const struct seccomp_data *call, struct buffer *ret_text)
{
	uint32_t number = (uint32_t)call->nr;
	const struct abi *abi = abi_of(call->arch, number);
	const struct syscall *syscall = abi ? syscall_by_number(abi, number) : NULL;

	if (abi)
		buffer_printf(ret_text, "%s:", abi->name);
	else
		buffer_printf(ret_text, "arch 0x%08x:", call->arch);
	if (syscall)
		buffer_text(ret_text, syscall_name(syscall));
	else
		buffer_printf(ret_text, "#%d", call->nr);
	buffer_text(ret_text, "(");
	print_arguments(call, abi, syscall, ret_text);
	buffer_text(ret_text, ")");
}
