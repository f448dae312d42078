/* SPDX-License-Identifier: MIT */
/*
 * Live tests: what a filter does to a process is tried in a child, which a filter may
 * kill.
 *
 * A body returns 0, or 1 after a failed CHECK has said where. It runs in a forked
 * child.
 */
#ifndef TESTS_LIVE_H
#define TESTS_LIVE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "callgate.h"

#define LIVE_SKIP 77 /* for Meson: this machine does not permit it */

typedef int (*live_body)(void);

/* Fails the body; a filter that forbids write(2) leaves the line number out. */
#define CHECK(condition)                                                      \
	do {                                                                  \
		if (!(condition)) {                                           \
			dprintf(2, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
				#condition);                                  \
			return 1;                                             \
		}                                                             \
	} while (0)

/* Runs the body in a child and returns its wait status. */
int live_run(live_body body);

struct live_case {
	const char *name; /* a sentence */
	live_body body;
	int status; /* as wait(2) has it: 0 for a pass, a signal that kills it */
};

/* 0, or LIVE_SKIP after saying why. */
int live_check_machine(void);

/* For main: runs the table, or LIVE_SKIP after saying why. */
int live_main(const struct live_case *cases, size_t count);

/* A filter that answers `verdict` to one number of any ABI and allows the others. */
#define LIVE_DENY_LENGTH 4
void live_deny(uint32_t number, uint32_t verdict,
	       struct sock_filter ret_program[LIVE_DENY_LENGTH]);

/* A raw call: its result or a negative errno. */
long live_call(long number, long a, long b, long c);

/* Whether a diagnostic with this code says `text`, in message or hint. */
bool live_says(const struct callgate_diagnostics *diagnostics, const char *code,
	       const char *text);

#endif
