/* SPDX-License-Identifier: MIT */
/* What processes do under the eyes of test_watch.c, and what it must see of each. */
#ifndef CALLGATE_TESTS_LIVE_WATCH_CASES_H
#define CALLGATE_TESTS_LIVE_WATCH_CASES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "watch.h"

#define WANTED_MAX 8

/* The call that the filters of the cases refuse, and its arguments in all of them. */
#define REFUSED_ARGUMENT(i) (0x11u * ((unsigned)(i) + 1))

struct wanted {
	enum watch_kind kind; /* WATCH_KINDS ends the list */
	int64_t result;
	uint32_t verdict; /* of WATCH_DENIED */
	enum watch_source source;
	unsigned layer;
	bool is_compat;
	bool is_installed;
	int first;  /* argument of a call; ANY: whatever */
	int number; /* of what was denied; 0: the refused call */
};

#define ANY (-1)
#define END                         \
	{                           \
		.kind = WATCH_KINDS \
	}

struct watch_case {
	const char *name;  /* a sentence */
	void (*run)(void); /* in a child */
	struct wanted wanted[WANTED_MAX];
};

extern const struct watch_case watch_cases[]; /* ended by one without a name */

/* Churns for so many seconds through all that might look like a denial; none is. */
void churn(unsigned seconds);
/* Has as many calls refused, by four threads at once. */
void burst(unsigned count);

#endif
