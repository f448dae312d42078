/* SPDX-License-Identifier: MIT */
/*
 * Supervised programs, by files:
 *
 *	supervise.c         the two processes, the start and the end
 *	supervise_start.c   the program as a child, and its listener
 *	supervise_link.c    what the two processes tell each other
 *	supervise_serve.c   notifications in, answers out
 *	supervise_stop.c    a thread stopped at its call, and verdicts that are no errno
 *	supervise_route.c   a program whose denials are notifications
 *	supervise_tree.c    an end to all descendants
 */
#ifndef CALLGATE_OS_SUPERVISE_H
#define CALLGATE_OS_SUPERVISE_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "os/launch.h"

/* --- route ------------------------------------------------------------------------ */

/*
 * Makes a thread get a verdict that is no errno from the kernel itself: a call of this
 * number, which no ABI has, with the words of a `struct verdict_ticket` and the verdict
 * as its first four arguments. Only verdicts that end the thread or trap are given so,
 * and whoever got hold of a ticket could do no more than that to itself.
 */
#define VERDICT_NUMBER 0x0ca11ed0

struct verdict_ticket {
	uint32_t words[3];
};

/* Instructions that route_program() may add. */
#define ROUTE_LENGTH_MAX 29

/* Whether the verdict is the supervisor's to give. */
bool is_routed(uint32_t verdict, bool permissive);

/* Whether the program computes what it returns, so that it cannot be rerouted. */
bool route_impossible(const struct sock_filter *program, size_t length);

/* Whether the call loads a filter with a listener: the kernel has one a thread alone. */
bool asks_for_listener(const struct seccomp_data *call);

/*
 * Writes `program` with the verdicts of is_routed(), and allowed calls that ask for a
 * listener, as notifications and a clause for tickets in front. `ret_program` has room for
 * length + ROUTE_LENGTH_MAX. Returns the new length.
 */
size_t route_program(const struct sock_filter *program, size_t length,
		     const struct verdict_ticket *ticket, bool permissive,
		     struct sock_filter *ret_program);

/* --- serve ------------------------------------------------------------------------ */

/*
 * A notification that was received and not answered yet. Only who knows its id can answer
 * it, so the kernel writes it to memory that both processes have.
 */
struct pending {
	atomic_bool is_taken;
	struct seccomp_notif notification;
};

struct callgate_supervisor {
	const struct callgate_filter *const *filters;
	size_t count;
	const struct callgate_supervise_handler *handler;
	bool permissive;
	struct verdict_ticket ticket;
	int listener;
	struct pending *pending; /* PENDING_MOST of them, by pending_open() */
	int intake[2];		 /* a pipe of struct heard */
	bool wanted;		 /* of the call at hand: its stack is to be shown */
	pthread_mutex_t shown_lock;
	struct shown_call *shown; /* which of them shown_take() knows */
	size_t shown_count, shown_capacity;
};

/* Before the processes part. Returns 0 or a negative errno. */
int pending_open(struct callgate_supervisor *supervisor);
void pending_close(struct callgate_supervisor *supervisor);

/* Starts to hear. Returns 0 or a negative errno. */
int serve_start(struct callgate_supervisor *supervisor);
/* The same after the other process, which heard, was killed: answers what it left. */
int serve_restart(struct callgate_supervisor *supervisor);
/*
 * Takes one notification off the intake and answers it. False: no thread is under the
 * filters any more.
 */
bool serve_one(struct callgate_supervisor *supervisor);

/* The errno of a verdict that comes to one, negative. */
bool verdict_is_errno(uint32_t verdict, int *ret_error);

/* Answers. False: the thread does not wait any more. */
bool serve_answer(const struct callgate_supervisor *supervisor,
		  const struct callgate_denial *denial, int error, uint32_t flags);

/* --- stop ------------------------------------------------------------------------- */

/* A number of /proc/THREAD/status, or `otherwise`; `field` is as "\nTgid:". */
int64_t stop_status(int thread, const char *field, int64_t otherwise);

/* A call that was shown and is now made again, to be let through: of this thread. */
struct shown_call {
	int thread;
	struct seccomp_data call;
};

/* Whether the call was shown, and forgets it. */
bool shown_take(struct callgate_supervisor *supervisor,
		const struct callgate_denial *denial);

/*
 * Tells of a denial by the handler's `stopped` with the thread stopped at its call,
 * answers and gives it its verdict.
 */
void stop_and_answer(struct callgate_supervisor *supervisor,
		     const struct callgate_denial *denial);

/* --- start ------------------------------------------------------------------------ */

/* A program that runs. */
struct supervised {
	pid_t pid;
	int pidfd, listener;
};

/*
 * Starts the program as a child with its first layer's listener. The caller has all
 * signals blocked; `mask` is the program's. Returns 0; or the error of *ret_refusal, or
 * a negative errno, and nothing runs.
 */
int supervise_start(const struct launch *launch, char *const *argv,
		    char *const *environment, const sigset_t *mask,
		    struct callgate_refusal *ret_refusal,
		    struct supervised *ret_program);

/* --- tree ------------------------------------------------------------------------- */

/*
 * Kills all descendants of this process, which is a subreaper, and reaps them; the status
 * of `program`, if it is among them, goes to *ret_status.
 */
void tree_kill(const struct supervised *program, int *ret_status);

/* --- link ------------------------------------------------------------------------- */

/* What the two processes tell each other. */
enum supervise_word {
	WORD_STARTED, /* `value` is the program's id; with its pidfd and the listener */
	WORD_REFUSED, /* … a negative errno */
	WORD_STOPPED, /* … the signal that stopped it */
	WORD_ENDED,   /* … its status */
	WORD_DONE,    /* all was told; what may live on needs the other one no more */
	WORD_LOST,    /* the other one ended without a word */
};

struct supervise_message {
	enum supervise_word word;
	int value;
	int descriptors[2]; /* or -1 */
};

int link_send(int link, enum supervise_word word, int value,
	      const struct supervised *program);
/* Waits for a message; when the other end is closed it is WORD_LOST. */
struct supervise_message link_receive(int link);

#endif
