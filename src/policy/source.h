/* SPDX-License-Identifier: MIT */
/*
 * The texts of one policy: the first one and what it includes.
 */
#ifndef CALLGATE_POLICY_SOURCE_H
#define CALLGATE_POLICY_SOURCE_H

#include "policy/report.h"

#define SOURCE_BYTES ((size_t)16 << 20) /* of all texts of a policy */
#define SOURCE_DEPTH 16			/* includes within includes */
#define SOURCE_COUNT 256		/* texts of a policy */

struct source {
	struct source *next;
	const struct source *from;  /* the including one, or NULL */
	struct callgate_span place; /* of the include in it */
	unsigned depth;
	uint32_t file; /* number in spans */
	const char *name;
	const char *wanted; /* the name as the include has it */
	struct str text;
	char *owned_text, *owned_name; /* malloc'ed by the reader, or NULL */
};

struct sources {
	struct report *report;
	const struct callgate_reader *reader;
	struct source *list;
	size_t count;
	size_t bytes;
	int error; /* -ENOMEM or -E2BIG, sticky: no use in going on */
};

/* The first text. Returns NULL, with a report, when it is too large or holds a NUL. */
const struct source *source_open(struct sources *sources, const char *name,
				 struct str text);

/* `include "name"` at `place` of `from`. Returns NULL, with a report, on any failure.
 */
const struct source *source_include(struct sources *sources, const struct source *from,
				    struct str name, struct callgate_span place);

void sources_done(struct sources *sources);

#endif
