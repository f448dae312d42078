/* SPDX-License-Identifier: MIT */
/*
 * What a back end of recording is to recorder.c.
 */
#ifndef CALLGATE_PROBE_BACKEND_H
#define CALLGATE_PROBE_BACKEND_H

#include "recorder.h"
#include "tally.h"

struct recorder {
	const struct recorder_backend_ops *ops;
	struct recorder_target target;
	char reason[256]; /* why it is this back end; empty: that was wanted */
	/* Filled by the back end, shared with it. */
	struct tally *tally;
	const struct tally_row *rows;
	size_t row_count;
	pid_t child;
	int status; /* of the child, when has_ended */
	bool has_ended;
	void *own; /* the back end's */
};

struct recorder_backend_ops {
	const char *name;
	int (*open)(struct recorder *recorder, struct recorder_failure *failure);
	int (*start)(struct recorder *recorder, struct recorder_failure *failure);
	bool (*is_over)(struct recorder *recorder);
	const char *(*remark)(const struct recorder *recorder, size_t index);
	void (*close)(struct recorder *recorder);
};

extern const struct recorder_backend_ops recorder_ebpf;
extern const struct recorder_backend_ops recorder_notify;

/* Fills in the failure; returns `error`. */
int recorder_fail(struct recorder_failure *failure, int error, const char *hint,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* --- tally.c ------------------------------------------------------------------------ */

/* What of each call is to be kept. */
void tally_plan(struct tally_plan *ret_plan);
/* By CLOCK_MONOTONIC, in ns. */
uint64_t tally_now(void);
int tally_read(const struct recorder *recorder, const struct callgate_run *run,
	       struct callgate_recording **ret_recording);
void tally_progress(const struct recorder *recorder,
		    struct recorder_progress *ret_progress);

/* --- launch.c ----------------------------------------------------------------------- */

/* A child that waits to be let go, and then executes a program. */
struct launch {
	pid_t pid;
	int go;	   /* a byte here lets it go; closed: it ends */
	int error; /* an errno from here: the program could not be executed */
};

/* In the child: signals are what they were for the one who asks for the recording. */
void launch_restore(const struct recorder_target *target);
int launch_hold(const struct recorder_target *target, struct launch *ret_launch);
/* 0, or the negative errno of execve(2); the child is waited for then. */
int launch_go(struct launch *launch);
/* Ends a child that was not let go. */
void launch_drop(struct launch *launch);
/* Says why a program cannot be executed. */
int launch_explain(const char *program, int error, struct recorder_failure *failure);

#endif
