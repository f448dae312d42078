/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What the two halves of recording by eBPF agree on.
 */
#ifndef CALLGATE_PROBE_RECORD_SHARED_H
#define CALLGATE_PROBE_RECORD_SHARED_H

#include "tally.h"

enum record_follow {
	RECORD_TREE, /* tasks that are marked, and what they fork */
	RECORD_CGROUP,
	RECORD_USER,
};

enum record_begins {
	RECORD_AT_START,  /* at once */
	RECORD_AT_EXEC,	  /* of each process at its first execve(2) from here on */
	RECORD_AT_MARKER, /* of all at once, see TALLY_MARKER */
};

/*
 * The followed tasks, or when a cgroup or a user is recorded all tasks, by the address of the
 * registers that a task saves when it enters the kernel: the top of its stack, which no
 * other task has. Free entries are all zero.
 */
#define RECORD_BUCKETS 16384 /* a power of two */
#define RECORD_WAYS    4

struct record_task {
	__u64 regs;
	__u32 generation;    /* when `is_member` was looked up; 0: never */
	__u16 number;	     /* of its last enter, as far as that fits */
	__u8 is_outside;     /* its next enter comes before its next exit */
	__u8 is_member : 1;  /* it belonged to what is recorded then */
	__u8 is_waiting : 1; /* its calls do not count yet */
	__u8 has_left : 1;   /* an exit of it was looked at */
};

#endif
