/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* What coverage counts, for both halves. */
#ifndef CALLGATE_PROBE_COVER_SHARED_H
#define CALLGATE_PROBE_COVER_SHARED_H

#include <linux/types.h>

#define COVER_CALLS   16384 /* that are told apart */
#define COVER_NUMBERS 1024  /* a power of two; of calls beyond, everything counts */
#define COVER_FIELDS  7	    /* six arguments, the instruction pointer */

/* Of the kernel that runs. */
enum {
	COVER_NATIVE,
	COVER_COMPAT,
	COVER_ARCHES,
};

/* The bits of a call that tell it from others, by its number without x32's bit. */
struct cover_plan {
	__u64 bits[COVER_ARCHES][COVER_NUMBERS][COVER_FIELDS];
};

struct cover_call {
	__u32 arch; /* AUDIT_ARCH_… */
	__u32 number;
	__u64 fields[COVER_FIELDS]; /* those bits of them */
};

#endif
