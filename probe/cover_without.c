// SPDX-License-Identifier: MIT
/* Coverage in a build without eBPF. */
#include "cover.h"

#include <errno.h>

int cover_open(const struct cover_asker *asker, struct cover **ret_cover)
{
	(void)asker;
	*ret_cover = NULL;
	return -ENOSYS;
}

void cover_close(struct cover *cover)
{
	(void)cover;
}

int cover_each(const struct cover *cover,
	       void (*visit)(void *context, const struct cover_call *call,
			     uint64_t count),
	       void *context)
{
	(void)cover;
	(void)visit;
	(void)context;
	return -ENOSYS;
}

uint64_t cover_lost(const struct cover *cover)
{
	(void)cover;
	return 0;
}
