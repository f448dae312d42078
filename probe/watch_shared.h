/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What the kernel half of `callgate watch` writes into its ring buffer, for both halves.
 * Times are nanoseconds of CLOCK_BOOTTIME.
 */
#ifndef CALLGATE_PROBE_WATCH_SHARED_H
#define CALLGATE_PROBE_WATCH_SHARED_H

#include <linux/types.h>

#define WATCH_COMM     16
#define WATCH_NODE     65
#define WATCH_LAYERS   32   /* stacked filters that an event names */
#define WATCH_STACK    32   /* addresses */
#define WATCH_PATH     4096 /* bytes of what an exec was given */
#define WATCH_NAME     256  /* … of a folder's or file's name, with its NUL */
#define WATCH_PROGRAMS 8192 /* installed filters that are told apart at a time */

enum watch_record_type {
	WATCH_RECORD_PROGRAM = 1,
	WATCH_RECORD_EVENT,
};

/* Which event; the bits of these numbers are what one asks for. */
enum watch_kind {
	WATCH_SECCOMP,
	WATCH_PRCTL,
	WATCH_DENIED,
	WATCH_CONFINED_EXEC,
	WATCH_UNCONFINED_EXEC,
	WATCH_KINDS,
};

/* Bits of watch_event.marks. */
enum watch_mark {
	WATCH_COMPAT = 1 << 0,	     /* the call is one of the 32-bit ABI */
	WATCH_INSTALLED = 1 << 1,    /* the call put a filter on, which is layers[0] */
	WATCH_LOG = 1 << 2,	     /* of the newest filter: FLAG_LOG */
	WATCH_LISTENER = 1 << 3,     /* … it has a listener */
	WATCH_KILLABLE = 1 << 4,     /* … FLAG_WAIT_KILLABLE_RECV */
	WATCH_NO_NEW_PRIVS = 1 << 5, /* of the thread */
	WATCH_UNSURE = 1 << 6,	     /* denied: the thread was not followed before */
	WATCH_PTRACED = 1 << 7,	     /* a tracer is attached */
	WATCH_TRACER_DECIDES = 1 << 8, /* … and is asked about SECCOMP_RET_TRACE */
	WATCH_ENDED = 1 << 9, /* denied: the thread ended instead of returning */
	WATCH_LEADERS_LAYERS =
		1 << 10,	  /* layers are those of its thread group's leader */
	WATCH_AUDITED = 1 << 11,  /* denied: from an audit record, see watch_audit.h */
	WATCH_PATH_CUT = 1 << 12, /* the outermost folders of the path are missing */
};

/* The instructions of an installed filter, before the events that name it. */
struct watch_program {
	__u32 type;
	__u32 length; /* in instructions; they follow */
	__u64 id;
};

struct watch_event {
	__u32 type;
	__u32 kind;
	__u64 began, ended;
	__u64 thread_start;
	__u64 cgroup;
	__s64 result;
	__u64 arguments[6];
	__u64 instruction_pointer;
	__u64 layers[WATCH_LAYERS]; /* ids of programs, newest first; 0: not known */
	__s32 number;
	__u32 marks;
	__u32 processor;
	__u32 pid, tid, ppid; /* in the task's pid namespace */
	__u32 host_pid, host_tid, host_ppid;
	__u32 uid;
	__u32 mount_namespace, pid_namespace;
	__u32 layer_count; /* … how many of them */
	__u32 mode;	   /* SECCOMP_MODE_…; 3: dead */
	__u32 filters;	   /* how many are stacked; may be over WATCH_LAYERS */
	__u32 exit_code;   /* with WATCH_ENDED; with WATCH_AUDITED the action */
	__u32 stack_room;  /* addresses that follow, */
	__u32 stack_count; /* … of them in use; after them comes the text: */
	__u32 name_length; /* what an exec was given, with its NUL; or 0 */
	__u32 path_length; /* the program's path: names, innermost first, with NULs */
	char comm[WATCH_COMM];
	char node[WATCH_NODE];
	char padding[3];
};

/* Behind an event: the stack, the name and the path; the last name may be over half. */
#define WATCH_TAIL (WATCH_STACK * sizeof(__u64) + 2 * WATCH_PATH + WATCH_NAME)
/* Room for the path as text: "...", and as many bytes as its names take. */
#define WATCH_PATH_TEXT (WATCH_TAIL + 4)

/*
 * prctl(2) options that concern seccomp and privilege, as bits; and one that is no small
 * number.
 */
#define WATCH_PRCTL_BIT(option) (1ull << (option))
#define WATCH_PRCTL_LOW                                                     \
	(WATCH_PRCTL_BIT(3) | WATCH_PRCTL_BIT(4) |   /* DUMPABLE */         \
	 WATCH_PRCTL_BIT(7) | WATCH_PRCTL_BIT(8) |   /* KEEPCAPS */         \
	 WATCH_PRCTL_BIT(21) | WATCH_PRCTL_BIT(22) | /* SECCOMP */          \
	 WATCH_PRCTL_BIT(23) | WATCH_PRCTL_BIT(24) | /* CAPBSET */          \
	 WATCH_PRCTL_BIT(27) | WATCH_PRCTL_BIT(28) | /* SECUREBITS */       \
	 WATCH_PRCTL_BIT(38) | WATCH_PRCTL_BIT(39) | /* NO_NEW_PRIVS */     \
	 WATCH_PRCTL_BIT(47) |			     /* CAP_AMBIENT */      \
	 WATCH_PRCTL_BIT(52) | WATCH_PRCTL_BIT(53) | /* SPECULATION_CTRL */ \
	 WATCH_PRCTL_BIT(59))			     /* SYSCALL_USER_DISPATCH */
#define WATCH_PRCTL_PTRACER 0x59616d61

/* What was not told. */
struct watch_loss {
	__u64 events[WATCH_KINDS]; /* there was no room, or a return was not seen */
	__u64 programs;
	/*
	 * How often the kernel did not run a program of ours, because it already ran on that
	 * CPU: as many events may be lost. The user half asks the kernel for it.
	 */
	__u64 skipped;
};

#endif
