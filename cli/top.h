/* SPDX-License-Identifier: MIT */
/*
 * What `callgate top` knows, and how a screen of it reads. Nothing here asks the kernel or
 * prints.
 */
#ifndef CALLGATE_CLI_TOP_H
#define CALLGATE_CLI_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "count.h"
#include "output.h"
#include "watch.h"

/* --- what is known ------------------------------------------------------------------ */

/* A number that grows, and how fast it did at the last tick. */
struct top_rate {
	uint64_t total, before;
	double per_second;
};

/* A refused call and the answer to it. */
struct top_denial {
	uint32_t arch;
	int number;
	uint32_t verdict;
};

struct top_process {
	struct count_key key; /* `start` 0: it was not counted yet */
	char name[COUNT_NAME];
	bool is_confined;
	struct top_rate calls; /* that were made: refused ones are not among them */
	struct top_rate denied;
	struct top_denial last; /* when `denied` is not 0 */
	unsigned idle;		/* ticks without either */
};

/* One statement that refuses a call: the deciding instruction of a filter. */
struct top_rule {
	struct top_denial denial;
	enum watch_source source;
	uint64_t filter; /* of its instructions: see watch_decider() */
	size_t instruction;
	unsigned layer, layers; /* which of how many; 0: not known */
	struct top_rate denied;
	unsigned idle;	       /* ticks since the last */
	char name[COUNT_NAME]; /* whom it refused last */
	uint32_t pid;
};

struct top {
	struct top_process *processes;
	size_t process_count, process_room;
	struct top_rule *rules;
	size_t rule_count, rule_room;
	struct top_rate denied;
	uint64_t lost; /* denials that nobody saw */
	/* Told of each process that is forgotten; or NULL. */
	void (*forget)(void *context, const struct count_key *key);
	void *forget_context;
};

void top_done(struct top *top);
/* A call was refused, by the filter of that watch_decider(). */
void top_add_denial(struct top *top, const struct watch_event *event,
		    const struct watch_verdict *verdict, uint64_t filter);
/* What was counted of a process; fits count_each(), with the struct top as context. */
void top_add_count(void *top, const struct count_key *key,
		   const struct count_value *value);
/* So many seconds have passed since the last one: makes rates, forgets who is idle. */
void top_tick(struct top *top, double seconds);

/* --- how it reads ------------------------------------------------------------------- */

enum top_sort {
	TOP_BY_DENIED, /* a second */
	TOP_BY_TOTAL,
	TOP_BY_CALLS,
	TOP_BY_NAME,
	TOP_BY_PID,
	TOP_SORTS,
};

/* "denied", "total", …: as on the command line. */
extern const char *const top_sort_names[TOP_SORTS];

#define TOP_PATTERN 32

struct top_view {
	enum top_sort sort;
	bool everyone; /* those without seccomp as well */
	bool paused;
	bool typing; /* the pattern is being typed */
	bool help;
	char pattern[TOP_PATTERN]; /* part of a name or of a call; "": all */
	unsigned width, height;	   /* of the screen */
};

#define TOP_WIDTH_MAX 256

struct top_line {
	char text[TOP_WIDTH_MAX]; /* printable ASCII */
	enum style style;
};

/* Fills at most view->height lines; returns how many. `clock` is a time of day. */
size_t top_draw(const struct top *top, const struct top_view *view, const char *clock,
		struct top_line *lines);

#endif
