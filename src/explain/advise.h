/* SPDX-License-Identifier: MIT */
/*
 * Advice while it is made.
 *
 *     calls ──advise.c──► groups: place, call, what was seen ──► rules
 *                                                                 │ amend.c
 *                               files as they are to be, patch ◄──┘
 */
#ifndef CALLGATE_EXPLAIN_ADVISE_H
#define CALLGATE_EXPLAIN_ADVISE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "callgate-explain.h"

/* A line to be put into a source. */
struct insertion {
	uint32_t file;	  /* number of the source in the diagnostics */
	uint32_t offset;  /* where it goes; the start of a line, or within one */
	const char *text; /* with its indentation and line feed */
};

struct amendment {
	struct arena *arena;
	const struct callgate_diagnostics *diagnostics;
	const struct insertion *insertions;
	size_t count;
	struct callgate_explain_file *files;
	size_t file_count, file_capacity;
	struct buffer patch;
};

/* Fills in files and patch; false: a source is missing. Failures stick in the arena. */
bool amend(struct amendment *amendment);

#endif
