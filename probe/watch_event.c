// SPDX-License-Identifier: MIT
/*
 * What stands behind the fixed part of an event: the stack, what an exec was given, and the
 * program's path as names from the innermost folder outward. The lengths are the kernel
 * half's, the bytes are anyone's.
 */
#include <string.h>

#include "watch.h"

const __u64 *watch_stack(const struct watch_event *event)
{
	return (const __u64 *)(event + 1);
}

static const char *text_of(const struct watch_event *event)
{
	return (const char *)(watch_stack(event) + event->stack_room);
}

const char *watch_exec_name(const struct watch_event *event)
{
	return event->name_length ? text_of(event) : "";
}

/* "man\0bin\0usr\0" becomes "/usr/bin/man", or ".../usr/bin/man". */
void watch_path(const struct watch_event *event, char *ret_path)
{
	const char *text = text_of(event) + event->name_length;
	size_t end = event->path_length;

	if (end && event->marks & WATCH_PATH_CUT)
		ret_path = stpcpy(ret_path, "...");
	while (end) {
		size_t start = --end;

		while (start && text[start - 1])
			start--;
		*ret_path++ = '/';
		memcpy(ret_path, text + start, end - start);
		ret_path += end - start;
		end = start;
	}
	*ret_path = '\0';
}
