/* SPDX-License-Identifier: MIT */
/* The tests of a filter as a drawing. */
#ifndef CALLGATE_CLI_LAYOUT_H
#define CALLGATE_CLI_LAYOUT_H

#include "callgate.h"

/*
 * Draws how a filter decides about the calls of a policy's ABIs (NULL: of the ABIs that
 * it asks for) up to where it looks at arguments, on standard output. `frequencies`
 * weigh the calls, NULL: all alike.
 */
void layout_print(const struct callgate_filter *filter,
		  const struct callgate_policy *policy,
		  const struct callgate_frequencies *frequencies);

#endif
