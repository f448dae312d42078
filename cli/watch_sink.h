/* SPDX-License-Identifier: MIT */
/* Where a stream of lines goes: standard output, or a file that others rotate. */
#ifndef CALLGATE_CLI_WATCH_SINK_H
#define CALLGATE_CLI_WATCH_SINK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct sink {
	const char *file;		      /* NULL: standard output */
	const volatile sig_atomic_t *give_up; /* set by a signal: blocked writes end */
	int descriptor;
	FILE *stream; /* lines are printed here, and kept until sink_flush() */
	char *text;
	size_t length;
	int error; /* negative errno of the first write that failed; nothing follows it */
};

/* Returns 0 or a negative errno of open(2). sink_close() in any case. */
int sink_open(const char *file, const volatile sig_atomic_t *give_up,
	      struct sink *ret_sink);
void sink_close(struct sink *sink);
/* Opens the file anew, for it was moved away. When that fails the old one stays. */
int sink_reopen(struct sink *sink);
/* Writes what was printed if that is over a limit, or in any case. */
void sink_flush(struct sink *sink, bool in_any_case);

#endif
