/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What the kernel half of the iterator over threads writes, for both halves.
 */
#ifndef CALLGATE_PROBE_ITERATE_SHARED_H
#define CALLGATE_PROBE_ITERATE_SHARED_H

#include <linux/types.h>

/* So many filters of a thread are read. */
#define ITERATE_LAYERS_MAX 1024

/* A thread's seccomp state. Ids are those of the PID namespace that is asked for. */
struct iterate_thread {
	__s32 tid;
	__s32 pid;   /* of its process */
	__u64 start; /* nanoseconds of CLOCK_BOOTTIME, boot's own time namespace */
	/*
	 * Stands for all of its filters: threads with the same number have the same
	 * ones, as long as one of them lives. 0: it has none.
	 */
	__u64 stack;
	__u32 mode;    /* SECCOMP_MODE_…; 3: it is being killed */
	__u32 filters; /* how many there are */
	__u32 no_new_privs;
	__u32 padding;
};

/* What became of reading a filter. */
enum iterate_answer {
	ITERATE_NO_THREAD, /* the program did not come by it */
	ITERATE_NO_FILTER, /* it has not so many */
	ITERATE_NOT_KEPT, /* the kernel keeps no programs: no CONFIG_CHECKPOINT_RESTORE */
	ITERATE_CHANGED, /* it got another filter meanwhile, or ended */
	ITERATE_READ,
};

struct iterate_layer {
	__u32 answer;
	__u32 length; /* in instructions */
	__u64 stack;  /* as above, when it was read */
};

#endif
