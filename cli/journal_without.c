// SPDX-License-Identifier: MIT
/*
 * The journal in a build without libsystemd: there is none.
 */
#include <stddef.h>

#include "journal.h"

const char *journal_version(void)
{
	return NULL;
}

bool journal_is_usable(void)
{
	return false;
}

void journal_send(json_t *event)
{
	(void)event;
}
