// SPDX-License-Identifier: MIT
/*
 * Notifications in, answers out.
 *
 *	a thread hears   NOTIF_RECV, judge by the simulator
 *	                 known to the handler: NOTIF_SEND
 *	                 else write to a pipe
 *	the caller       tell the handler, NOTIF_SEND
 *
 * A thread of its own hears, because a call can be interrupted by a signal until its
 * notification was received, and telling takes milliseconds.
 *
 * Invariants: a notification that was received is among the pending ones until it was
 * answered, so whoever is left when this process is killed can answer it. What is
 * answered is the strictest of the filters' verdicts, run on the notification's own data;
 * nothing that a process has in its memory counts. A call is let through in permissive
 * mode alone, or if the filters allow it.
 */
#include "os/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/bpf.h"
#include "data/verdict.h"

#define ERRNO_MOST 4095

/* --- what the filters say ---------------------------------------------------------- */

/* As the kernel does: the strictest, of equals the newest one's. */
static uint32_t judge(const struct callgate_supervisor *supervisor,
		      const struct seccomp_data *call, size_t *ret_layer)
{
	size_t at = supervisor->count - 1;
	uint32_t strictest = callgate_filter_run(supervisor->filters[at], call).value;

	*ret_layer = at;
	while (at-- > 0) {
		uint32_t older =
			callgate_filter_run(supervisor->filters[at], call).value;

		if (verdict_precedence(strictest, older) == strictest)
			continue;
		strictest = older;
		*ret_layer = at;
	}
	return strictest;
}

bool verdict_is_errno(uint32_t verdict, int *ret_error)
{
	uint32_t data = verdict & SECCOMP_RET_DATA;

	*ret_error = -ENOSYS;
	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		*ret_error = -(int)(data < ERRNO_MOST ? data : ERRNO_MOST);
		return true;
	case SECCOMP_RET_USER_NOTIF: /* nobody listens when it is not explained */
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_LOG: /* the simulator and the kernel differ: no way */
	case SECCOMP_RET_ALLOW:
		return true;
	default:
		return false;
	}
}

/* --- answers ----------------------------------------------------------------------- */

bool callgate_denial_waits(const struct callgate_supervisor *supervisor,
			   const struct callgate_denial *denial)
{
	uint64_t id = denial->id;

	return ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

bool serve_answer(const struct callgate_supervisor *supervisor,
		  const struct callgate_denial *denial, int error, uint32_t flags)
{
	struct seccomp_notif_resp response = {
		.id = denial->id,
		.error = error,
		.flags = flags,
	};

	return ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0;
}

/* Answers what needs no stopped thread. False: it does need one. */
static bool answer_simply(const struct callgate_supervisor *supervisor,
			  const struct callgate_denial *denial)
{
	int error;

	if (supervisor->permissive)
		serve_answer(supervisor, denial, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else if (verdict_is_errno(denial->verdict, &error))
		serve_answer(supervisor, denial, error, 0);
	else
		return false;
	return true;
}

/* --- what is pending ------------------------------------------------------------------ */

/* What goes through the pipe, in one piece. */
struct heard {
	struct callgate_denial denial;
	struct pending *pending;
	bool is_known;
};

_Static_assert(sizeof(struct heard) <= PIPE_BUF, "a pipe keeps it in one piece");

/* More than the pipe and the two threads can hold: there is always a free one. */
#define PIPE_SIZE    65536
#define PENDING_MOST (PIPE_SIZE / sizeof(struct heard) + 3)

int pending_open(struct callgate_supervisor *supervisor)
{
	struct pending *pending =
		mmap(NULL, PENDING_MOST * sizeof(*pending), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (pending == MAP_FAILED)
		return -errno;
	supervisor->pending = pending;
	return 0;
}

void pending_close(struct callgate_supervisor *supervisor)
{
	if (supervisor->pending)
		munmap(supervisor->pending,
		       PENDING_MOST * sizeof(*supervisor->pending));
	supervisor->pending = NULL;
}

/* One thread takes them; NULL: all are taken. */
static struct pending *pending_take(const struct callgate_supervisor *supervisor)
{
	for (size_t i = 0; i < PENDING_MOST; i++) {
		struct pending *pending = &supervisor->pending[i];

		if (atomic_load(&pending->is_taken))
			continue;
		memset(&pending->notification, 0, sizeof(pending->notification));
		atomic_store(&pending->is_taken, true);
		return pending;
	}
	return NULL;
}

static void pending_give(struct pending *pending)
{
	atomic_store(&pending->is_taken, false);
}

/* --- the thread that hears --------------------------------------------------------- */

static void describe(const struct callgate_supervisor *supervisor,
		     struct pending *pending, struct heard *ret_heard)
{
	const struct seccomp_notif *notification = &pending->notification;
	struct callgate_denial *denial = &ret_heard->denial;

	*ret_heard = (struct heard){
		.denial = { .thread = (int)notification->pid,
			    .call = notification->data,
			    .permitted = supervisor->permissive,
			    .id = notification->id },
		.pending = pending,
	};
	denial->verdict = judge(supervisor, &denial->call, &denial->layer);
}

/* -ENOENT: it was interrupted before it was received, and comes again. */
static int receive(const struct callgate_supervisor *supervisor,
		   struct heard *ret_heard)
{
	struct pending *pending = pending_take(supervisor);
	int error;

	if (!pending)
		return -ENOBUFS;
	if (ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_RECV,
		  &pending->notification)) {
		error = errno == EINTR || errno == EAGAIN ? -ENOENT : -errno;
		pending_give(pending);
		return error;
	}
	describe(supervisor, pending, ret_heard);
	return 0;
}

/* The filters let the call go on: it is here because it asks for a listener. */
static bool is_allowed(const struct callgate_denial *denial)
{
	return (denial->verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW &&
	       asks_for_listener(&denial->call);
}

/* Whether the call needs nobody else. */
static bool answer_at_once(struct callgate_supervisor *supervisor, struct heard *heard)
{
	const struct callgate_supervise_handler *handler = supervisor->handler;
	const struct callgate_denial *denial = &heard->denial;

	if (is_allowed(denial))
		return false;
	if (shown_take(supervisor, denial))
		return answer_simply(supervisor, denial);
	if (handler->glance)
		heard->is_known = handler->glance(handler->context, supervisor, denial);
	return heard->is_known && answer_simply(supervisor, denial);
}

/* False: nobody takes it. */
static bool take(struct callgate_supervisor *supervisor, struct heard *heard)
{
	if (answer_at_once(supervisor, heard)) {
		pending_give(heard->pending);
		return true;
	}
	return write(supervisor->intake[1], heard, sizeof(*heard)) ==
	       (ssize_t)sizeof(*heard);
}

static void *hear(void *argument)
{
	struct callgate_supervisor *supervisor = argument;
	struct pollfd poll_for = { .fd = supervisor->listener, .events = POLLIN };
	struct heard heard;
	int error = 0;

	while (!error || error == -ENOENT) {
		if (poll(&poll_for, 1, -1) < 0)
			continue;
		if (!(poll_for.revents & POLLIN))
			break; /* POLLHUP: nobody is left who could ask */
		error = receive(supervisor, &heard);
		if (!error && !take(supervisor, &heard))
			break;
	}
	close(supervisor->intake[1]);
	return NULL;
}

int serve_start(struct callgate_supervisor *supervisor)
{
	const unsigned long flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	/*
	 * Linux 6.6: whoever asks and who answers take turns on one processor, so that
	 * a signal seldom comes before the notification was received.
	 */
	ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
	if (pipe2(supervisor->intake, O_CLOEXEC))
		return -errno;
	/* it is larger where pages are larger; to shrink takes no privilege */
	if (fcntl(supervisor->intake[1], F_SETPIPE_SZ, PIPE_SIZE) > PIPE_SIZE)
		return -E2BIG;
	error = pthread_attr_init(&attributes);
	if (error)
		return -error;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &attributes, hear, supervisor);
	pthread_attr_destroy(&attributes);
	return -error;
}

/* --- the others --------------------------------------------------------------------- */

/* Nothing but that is told: the call goes on to the kernel, which refuses it. */
static void serve_allowed(const struct callgate_supervisor *supervisor,
			  const struct callgate_denial *denial)
{
	const struct callgate_supervise_handler *handler = supervisor->handler;

	if (handler->listener)
		handler->listener(handler->context, denial);
	serve_answer(supervisor, denial, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

static void serve_denied(struct callgate_supervisor *supervisor,
			 const struct heard *heard)
{
	const struct callgate_supervise_handler *handler = supervisor->handler;
	const struct callgate_denial *denial = &heard->denial;

	supervisor->wanted = !heard->is_known && handler->denied &&
			     handler->denied(handler->context, supervisor, denial);
	if (supervisor->wanted || !answer_simply(supervisor, denial))
		stop_and_answer(supervisor, denial);
}

static void serve(struct callgate_supervisor *supervisor, struct heard *heard)
{
	struct callgate_denial *denial = &heard->denial;

	denial->process = (int)stop_status(denial->thread, "\nTgid:", denial->thread);
	if (is_allowed(denial))
		serve_allowed(supervisor, denial);
	else
		serve_denied(supervisor, heard);
	pending_give(heard->pending);
}

int serve_restart(struct callgate_supervisor *supervisor)
{
	for (size_t i = 0; i < PENDING_MOST; i++) {
		struct pending *pending = &supervisor->pending[i];
		struct heard heard;

		if (!atomic_load(&pending->is_taken))
			continue;
		describe(supervisor, pending, &heard);
		if (callgate_denial_waits(supervisor, &heard.denial))
			serve(supervisor, &heard);
		else
			pending_give(pending);
	}
	return serve_start(supervisor);
}

bool serve_one(struct callgate_supervisor *supervisor)
{
	struct heard heard;
	ssize_t got = read(supervisor->intake[0], &heard, sizeof(heard));

	if (got == (ssize_t)sizeof(heard))
		serve(supervisor, &heard);
	return got != 0;
}
