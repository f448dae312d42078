// SPDX-License-Identifier: MIT
/*
 * Flags by name, in order of value, as strace(1) lists them.
 *
 * Some families keep a number in a few of their bits: the access mode of open, the type
 * of a socket, the signal of clone. That number is named first, and even when it is 0.
 */
#include "explain/decoder.h"

static const struct field {
	const char *family;
	uint64_t mask;
	const char *names; /* the family of the number's names */
	bool is_last;	   /* it is written behind the flags, and not when 0 */
} fields[] = {
	{ "open", 3, "open", false },
	{ "socket_type", 0xf, "socket_type", false },
	{ "map", 0xf, "map", false },
	{ "clone", 0xff, "signal", true },
	{ "futex", ~UINT64_C(256), "futex", false },
};

/* Families that have a name for nothing at all, which is meant when it is said. */
static const char *name_of_none(const char *family)
{
	if (strcmp(family, "access") == 0)
		return "F_OK";
	return strcmp(family, "prot") == 0 ? "PROT_NONE" : "0";
}

static const struct field *field_of(const char *family)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].family, family) == 0)
			return &fields[i];
	return NULL;
}

static void put(struct buffer *text, const char *name)
{
	if (text->len)
		buffer_text(text, "|");
	buffer_text(text, name);
}

static void put_number(struct buffer *text, uint64_t number)
{
	if (text->len)
		buffer_text(text, "|");
	buffer_printf(text, "0x%llx", (unsigned long long)number);
}

static void put_field(const struct field *field, const struct abi *abi, uint64_t number,
		      struct buffer *text)
{
	const struct constant *name = constant_of_value(field->names, abi, number);

	if (field->is_last && number == 0)
		return;
	if (name)
		put(text, constant_name(name));
	else if (number)
		put_number(text, number);
}

/* The constant of most bits among those of `flags` that has the lowest of its bits. */
static uint64_t next_flag(const char *family, const struct abi *abi, uint64_t flags,
			  const char **ret_name)
{
	const struct constant *constant;
	uint64_t best = 0, value;

	*ret_name = NULL;
	for (size_t i = 0; (constant = family_member(family, i)); i++) {
		if (!constant_value(constant, abi, &value) || (value & ~flags) ||
		    !(value & (flags & -flags)))
			continue;
		if (__builtin_popcountll(value) > __builtin_popcountll(best)) {
			best = value;
			*ret_name = constant_name(constant);
		}
	}
	return best;
}

/* unlinkat and faccessat2 share a number for flags of their own. */
static const char *name_for(const struct decoder *decoder, const char *name)
{
	if (strcmp(name, "AT_EACCESS") == 0 && strcmp(decoder->call, "unlinkat") == 0)
		return "AT_REMOVEDIR";
	return name;
}

/* Calls that take flags of open, and open nothing. */
static bool has_field(const struct decoder *decoder, const struct field *field)
{
	return field && strcmp(decoder->call, "dup3") != 0 &&
	       strcmp(decoder->call, "pipe2") != 0;
}

void print_flags(const struct decoder *decoder, const char *family, uint64_t flags,
		 struct buffer *ret_text)
{
	const struct abi *abi = decoder->abi;
	const struct field *found = field_of(family);
	const struct field *field = has_field(decoder, found) ? found : NULL;
	struct buffer text = { 0 };
	uint64_t unnamed = 0, number = field ? flags & field->mask : 0;

	if (field && !field->is_last)
		put_field(field, abi, number, &text);
	flags &= ~(field ? field->mask : 0);
	while (flags) {
		const char *name;
		uint64_t flag = next_flag(family, abi, flags, &name);

		if (!flag)
			unnamed |= flag = flags & -flags;
		else
			put(&text, name_for(decoder, name));
		flags &= ~flag;
	}
	if (unnamed)
		put_number(&text, unnamed);
	if (field && field->is_last)
		put_field(field, abi, number, &text);
	if (!text.len)
		buffer_text(&text, name_of_none(family));
	ret_text->failed |= text.failed;
	if (text.data)
		buffer_put(ret_text, text.data, text.len);
	buffer_done(&text);
}
