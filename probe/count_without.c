// SPDX-License-Identifier: MIT
/* Counting in a build without eBPF. */
#include "count.h"

#include <errno.h>

int count_open(struct count **ret_count)
{
	*ret_count = NULL;
	return -ENOSYS;
}

void count_close(struct count *count)
{
	(void)count;
}

int count_each(struct count *count,
	       void (*visit)(void *context, const struct count_key *key,
			     const struct count_value *value),
	       void *context)
{
	(void)count;
	(void)visit;
	(void)context;
	return -ENOSYS;
}

void count_forget(struct count *count, const struct count_key *key)
{
	(void)count;
	(void)key;
}
