/* SPDX-License-Identifier: MIT */
/*
 * Programs of which every system call waits until a supervisor has said that it may go on.
 */
#ifndef CALLGATE_OS_NOTIFY_H
#define CALLGATE_OS_NOTIFY_H

#include "os/os.h"

/* What the program's process tells; in memory that it shares with the supervisors. */
struct notify_start {
	pid_t program; /* its process, once it is about to start; -1: it must not */
	int listener;  /* 0: not yet; < 0: the negative errno of why there is none */
	int error;     /* errno of an execve(2) that failed */
};

/*
 * A child that shares this process's descriptors: what one opens, both have, until the child
 * executes a program or unshares them. As fork(2), without the handlers of
 * pthread_atfork(3): for processes of one thread.
 */
pid_t notify_fork(void);

/*
 * In such a child, executes a program of which every system call is announced to the
 * listener, beginning with this execve(2). `start->listener` is its descriptor, in the
 * parent too. Sets no_new_privs where that takes no privilege. Does not return; ends when
 * `start->program` is -1, since nobody would answer.
 */
_Noreturn void notify_exec(const char *path, char *const *argv,
			   volatile struct notify_start *start);

/* Makes the waking of supervisor and program faster, where the kernel can (6.6). */
void notify_tune(int listener);

enum notify_news {
	NOTIFY_OVER, /* nobody is left who could call */
	NOTIFY_CALL,
	NOTIFY_WATCHED,
};

/*
 * Waits for the next call, or until `watched`, a descriptor or -1, can be read from: what it
 * was, or a negative errno. Until a call is there, ret_call->id is 0.
 */
int notify_next(int listener, int watched, struct seccomp_notif *ret_call);

/* Lets a call go on. False: it went away meanwhile, by a signal, and may come again. */
bool notify_continue(int listener, uint64_t id);

#endif
