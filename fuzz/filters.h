/* SPDX-License-Identifier: MIT */
/*
 * Filters out of the bytes of a fuzzer. Input: struct seccomp_data, then instruction after
 * instruction, in either byte order.
 */
#ifndef CALLGATE_FUZZ_FILTERS_H
#define CALLGATE_FUZZ_FILTERS_H

#include <string.h>

#include "bpf/bpf.h"

#define FILTER_LENGTH_MAX 64 /* instructions: the budget of most questions is seconds */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NULL: the kernel would refuse it, or it is too long. The caller frees it. */
static inline struct callgate_filter *filter_of(const uint8_t *data, size_t size)
{
	struct callgate_filter *filter = NULL;

	if (size <= FILTER_LENGTH_MAX * sizeof(struct sock_filter))
		callgate_filter_from_bytes(data, size, CALLGATE_ENDIAN_AUTO, NULL,
					   &filter);
	return filter;
}

/* One call, and the filter that is asked of it. */
static inline struct callgate_filter *call_and_filter(const uint8_t *data, size_t size,
						      struct seccomp_data *ret_call)
{
	if (size < sizeof(*ret_call))
		return NULL;
	memcpy(ret_call, data, sizeof(*ret_call));
	return filter_of(data + sizeof(*ret_call), size - sizeof(*ret_call));
}

/*
 * One call, and two filters: the first one is as long as the call's instruction pointer
 * says. False: they are not two.
 */
static inline bool call_and_filters(const uint8_t *data, size_t size,
				    struct seccomp_data *ret_call,
				    struct callgate_filter *ret_filters[2])
{
	size_t left = size - sizeof(*ret_call), first;

	ret_filters[0] = ret_filters[1] = NULL;
	if (size < sizeof(*ret_call))
		return false;
	memcpy(ret_call, data, sizeof(*ret_call));
	data += sizeof(*ret_call);
	first = ret_call->instruction_pointer % FILTER_LENGTH_MAX *
		sizeof(struct sock_filter);
	if (first > left)
		return false;
	ret_filters[0] = filter_of(data, first);
	ret_filters[1] = filter_of(data + first, left - first);
	return ret_filters[0] && ret_filters[1];
}

/* What a filter answers, as the kernel takes it. */
static inline uint32_t answer_of(const struct callgate_filter *filter,
				 const struct seccomp_data *call)
{
	return verdict_normalize(callgate_filter_run(filter, call).value);
}

#endif
