/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* What is counted of each process, for both halves. */
#ifndef CALLGATE_PROBE_COUNT_SHARED_H
#define CALLGATE_PROBE_COUNT_SHARED_H

#include <linux/types.h>

#define COUNT_PROCESSES 8192 /* that are counted at a time */
#define COUNT_NAME	16

struct count_key {
	__u64 start; /* nanoseconds of CLOCK_BOOTTIME: an id may be given anew */
	__u32 pid;   /* in the first PID namespace */
	__u32 padding;
};

struct count_value {
	__u64 calls;
	__u32 is_confined; /* one of its threads was seen under seccomp */
	__u32 padding;
	char name[COUNT_NAME];
};

#endif
