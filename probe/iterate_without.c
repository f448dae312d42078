// SPDX-License-Identifier: MIT
/* The iterator in a build without eBPF. */
#include "iterate.h"

#include <errno.h>

int iterate_open(struct iterate **ret_iterate)
{
	*ret_iterate = NULL;
	return -ENOSYS;
}

void iterate_close(struct iterate *iterate)
{
	(void)iterate;
}

int iterate_threads(struct iterate *iterate, struct iterate_thread **ret_threads,
		    size_t *ret_count)
{
	(void)iterate;
	*ret_threads = NULL;
	*ret_count = 0;
	return -ENOSYS;
}

int iterate_filters(struct iterate *iterate, int tid,
		    struct callgate_filter ***ret_filters, size_t *ret_count,
		    uint64_t *ret_stack)
{
	(void)iterate;
	(void)tid;
	*ret_filters = NULL;
	*ret_count = 0;
	if (ret_stack)
		*ret_stack = 0;
	return -ENOSYS;
}
