// SPDX-License-Identifier: MIT
/*
 * How often each call was made, over all ABIs, done or refused: a filter runs for all of
 * them. Calls without a name are left out, as are those that were not counted.
 */
#include <errno.h>

#include "record/record.h"

/* Of all calls with that name. */
static uint64_t count_of(const struct callgate_recording *recording,
			 const struct syscall *call)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < recording->count; i++) {
		const struct record_call *seen = &recording->calls[i];

		if (syscall_by_number(seen->abi, seen->number) == call &&
		    __builtin_add_overflow(sum, record_call_count(seen), &sum))
			sum = UINT64_MAX;
	}
	return sum;
}

int callgate_recording_frequencies(const struct callgate_recording *recording,
				   char **ret_text)
{
	struct buffer text = { 0 };

	buffer_text(&text, "# How often calls were made; for compile --frequencies.\n");
	for (size_t i = 0; i < syscall_count(); i++) {
		const struct syscall *call = syscall_at(i);
		uint64_t count = count_of(recording, call);

		if (count)
			buffer_printf(&text, "%s: %llu\n", syscall_name(call),
				      (unsigned long long)count);
	}
	*ret_text = buffer_take(&text);
	return *ret_text ? 0 : -ENOMEM;
}
