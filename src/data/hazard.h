/* SPDX-License-Identifier: MIT */
/*
 * What is known of calls that undo a policy: others that do the same, those that give
 * the fence away, those that libc does without on the right error or may make instead.
 */
#ifndef CALLGATE_DATA_HAZARD_H
#define CALLGATE_DATA_HAZARD_H

#include "callgate.h"
#include "data/data.h"

/* Lists are "call; call(condition)", in the language; see hazard_next(). */
struct equivalence {
	enum callgate_risk risk;
	const char *denied; /* a rule about one of these … */
	const char *by;	    /* … is slipped past by one of these */
	const char *reason;
};

struct danger {
	enum callgate_risk risk;
	const char *calls;
	const char *reason;
};

struct fallback {
	const struct syscall *call;
	const struct syscall *fallback; /* what is called instead … */
	bool wants_enosys; /* … after ENOSYS alone; else after any errno */
	const char *reason;
};

/* What libc of another version or ABI may call. */
struct substitute {
	const char *seen;  /* instead of one of these … */
	const char *added; /* … it makes some of these */
	const char *reason;
};

size_t equivalence_count(void);
struct equivalence equivalence_at(size_t index);
size_t danger_count(void);
struct danger danger_at(size_t index);
size_t fallback_count(void);
struct fallback fallback_at(size_t index);
size_t substitute_count(void);
struct substitute substitute_at(size_t index);

/* Takes the first call off a list; false when there is none. */
bool hazard_next(struct str *list, struct str *ret_call);
/* The system call that a member of a list is about. */
const struct syscall *hazard_syscall(struct str call);

#endif
