/* SPDX-License-Identifier: MIT */
/*
 * Expressions over an event's fields, such as
 *
 *	retval < 0 && args.operation == SECCOMP_SET_MODE_FILTER
 */
#ifndef CALLGATE_CLI_WHERE_H
#define CALLGATE_CLI_WHERE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct where;

struct where_error {
	size_t offset, length; /* where in the text */
	char message[160];
};

/* NULL: the text is no expression, see *ret_error. */
struct where *where_parse(const char *text, struct where_error *ret_error);
void where_free(struct where *where);
/* Whether an event, as view_json() makes it, is one. */
bool where_matches(const struct where *where, const json_t *event);

#endif
