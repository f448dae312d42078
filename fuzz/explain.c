// SPDX-License-Identifier: MIT
/*
 * Any call decoded over any memory, and any text as a line of a log: neither fails, and
 * what comes out is printable.
 */
#include <assert.h>

#include "callgate-explain.h"

struct memory {
	const uint8_t *bytes;
	size_t length;
};

/* Every address leads into the bytes; some are missing. */
static size_t read_memory(void *context, uint64_t address, void *buffer, size_t size)
{
	const struct memory *memory = context;
	size_t offset = (size_t)(address % 257);

	assert(address % 4096 + size <= 4096);
	if (offset >= memory->length)
		return 0;
	if (size > memory->length - offset)
		size = memory->length - offset;
	memcpy(buffer, memory->bytes + offset, size);
	return size;
}

static void check(const struct callgate_explain_value *value)
{
	for (const char *c = value->text; *c; c++)
		assert(*c >= ' ' && *c <= '~');
	for (size_t i = 0; i < value->count; i++)
		check(&value->members[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seccomp_data call;
	struct memory memory = { data, size };
	const struct callgate_explain_memory reader = { read_memory, NULL, &memory };
	struct callgate_explain_record record;
	struct callgate_explain_call *decoded;
	struct callgate_abi abi;

	callgate_explain_record_parse((const char *)data, size, &record);
	if (size < sizeof(call))
		return 0;
	memcpy(&call, data, sizeof(call));
	if (!callgate_abi_at(call.arch % callgate_abi_count(), &abi))
		return 0;
	call.arch = abi.audit_arch;
	call.nr &= 0x400001ff;
	if (callgate_explain_decode(&call, &reader, &decoded))
		return 0;
	for (size_t i = 0; i < decoded->count; i++)
		check(&decoded->arguments[i]);
	callgate_explain_call_free(decoded);
	return 0;
}
