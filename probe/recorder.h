/* SPDX-License-Identifier: MIT */
/*
 * Recording what programs call, by one of two back ends behind one interface.
 *
 *	eBPF		counts in the kernel; follows programs, processes, cgroups, users
 *	notification	every call waits for an answer; a program that it starts, no privilege
 *
 * A recorder has a tally (tally.h), which a back end fills while the program runs. It can
 * be read at any time.
 */
#ifndef CALLGATE_PROBE_RECORDER_H
#define CALLGATE_PROBE_RECORDER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "callgate-record.h"

enum recorder_backend {
	RECORDER_AUTO, /* eBPF where that is usable, else notification */
	RECORDER_EBPF,
	RECORDER_NOTIFY,
};

enum recorder_kind {
	RECORDER_PROGRAM, /* starts argv, and follows what that starts */
	RECORDER_PID,	 /* all threads of a process, and what they start from now on */
	RECORDER_CGROUP, /* everything in it and below it */
	RECORDER_USER,	 /* everything of a real user id */
};

enum recorder_from {
	RECORDER_FROM_EXEC, /* the first instruction after a process's next execve(2) */
	RECORDER_FROM_START,
	RECORDER_FROM_MARKER, /* recorder_mark(), or prctl(0x67617465) by one followed */
};

struct recorder_target {
	enum recorder_kind kind;
	enum recorder_from from;
	char *const *argv;
	const sigset_t *signals; /* that argv's program has blocked */
	bool ignores_children; /* … and that it ignores SIGCHLD, as its parent did */
	pid_t pid;
	const char *cgroup; /* a folder of the cgroup2 file system */
	uid_t user;
};

struct recorder_failure {
	int error;	   /* negative errno */
	bool is_program;   /* it is the program's: it cannot be executed */
	bool is_backend;   /* it is the back end's: it cannot be used here */
	char problem[256]; /* "there is no process 4711" */
	const char *hint;  /* what to do about it, or NULL; static */
};

struct recorder;

/*
 * Makes everything ready; a program is held before its execve(2). Returns 0 or a negative
 * errno, and then *ret_failure says why.
 */
int recorder_open(const struct recorder_target *target, enum recorder_backend backend,
		  struct recorder **ret_recorder, struct recorder_failure *ret_failure);
/* Lets the program go. A program that cannot be executed is -ENOENT, -EACCES … */
int recorder_start(struct recorder *recorder, struct recorder_failure *ret_failure);
/* For people: "eBPF", "seccomp notification". */
const char *recorder_name(const struct recorder *recorder);
/* Why it is not the one that is tried first: "eBPF needs CAP_BPF ..."; NULL: it is. */
const char *recorder_reason(const struct recorder *recorder);
/* The program's process; 0: none was started, or it was waited for. */
pid_t recorder_child(const struct recorder *recorder);
/* Its wait status, when it has ended. */
bool recorder_ended(struct recorder *recorder, int *ret_status);
/* Whether nothing is left that could call anything. */
bool recorder_is_over(struct recorder *recorder);
/* How many threads are followed now; -1: not known. */
long recorder_tasks(const struct recorder *recorder);
/* Begins a recording RECORDER_FROM_MARKER. */
void recorder_mark(struct recorder *recorder);

struct recorder_progress {
	uint64_t calls;
	size_t distinct;
	bool has_begun;
	double seconds; /* since recording began */
	double quiet;	/* since something was seen for the first time */
};

void recorder_progress(const struct recorder *recorder,
		       struct recorder_progress *ret_progress);

/* What was seen until now, as a recording of that run. 0 or -ENOMEM. */
int recorder_read(const struct recorder *recorder, const struct callgate_run *run,
		  struct callgate_recording **ret_recording);

/* What a user should know of this recording, or NULL; ask again until NULL. Static. */
const char *recorder_remark(const struct recorder *recorder, size_t index);

/* What runs goes on, and is no longer recorded. Accepts NULL. */
void recorder_close(struct recorder *recorder);

#endif
