/* SPDX-License-Identifier: MIT */
/*
 * The events of `callgate watch` as data: what fields they have and where those come from.
 * The schema, the names that --where knows and the manual's table are all of this.
 */
#ifndef CALLGATE_CLI_EVENTS_H
#define CALLGATE_CLI_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "probe/watch_shared.h"

/* Where a value comes from. */
enum event_tag {
	TAG_K = 1 << 0,	     /* the kernel's own */
	TAG_U = 1 << 1,	     /* user space: found out afterwards, or claimed */
	TAG_TOCTOU = 1 << 2, /* may have changed since the call used it */
	TAG_OPT = 1 << 3,    /* may be absent */
};

enum event_type {
	TYPE_INTEGER,
	TYPE_BOOLEAN,
	TYPE_TEXT,
	TYPE_OBJECT,	/* its members are the fields below it */
	TYPE_EMPTY,	/* {} */
	TYPE_WORD,	/* 64 bits: an integer, or "0x…" when it is over 2^63 - 1 */
	TYPE_WORDS,	/* a list of them, or null */
	TYPE_ARGUMENTS, /* a list of {"name", "type", "value"} */
};

struct event_field {
	const char *path; /* "executable.path" */
	enum event_type type;
	unsigned tags;
	const char *help;
};

/* In the order of the output; ended by one without a path. */
extern const struct event_field event_fields[];

struct event_argument {
	const char *name;
	const char *type; /* C */
	unsigned tags;
	const char *help;
};

#define EVENT_ARGUMENTS 5

struct event_kind {
	const char *name;
	const char *syscall; /* whose number is the id; NULL: that of any call */
	const char *help;
	const char *hook;
	const char *related;
	struct event_argument arguments[EVENT_ARGUMENTS + 1];
};

/* By enum watch_kind. */
extern const struct event_kind event_kinds[WATCH_KINDS];

/* Bits 1 << enum watch_kind of "seccomp,denied"; 0: *ret_wrong begins with no name. */
uint32_t event_kinds_parse(const char *list, const char **ret_wrong);

#endif
