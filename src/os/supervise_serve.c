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
 * Invariant: what is answered is the strictest of the filters' verdicts, run on the
 * notification's own data; nothing that a process has in its memory counts. A call is
 * let through in permissive mode alone.
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

/* --- the thread that hears --------------------------------------------------------- */

/* What goes through the pipe, in one piece. */
struct heard {
	struct callgate_denial denial;
	bool is_known;
};

_Static_assert(sizeof(struct heard) <= PIPE_BUF, "a pipe keeps it in one piece");

/* -ENOENT: it was interrupted before it was received, and comes again. */
static int receive(const struct callgate_supervisor *supervisor,
		   struct callgate_denial *ret_denial)
{
	struct seccomp_notif notification = { 0 };

	if (ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_RECV, &notification))
		return errno == EINTR || errno == EAGAIN ? -ENOENT : -errno;
	*ret_denial = (struct callgate_denial){
		.thread = (int)notification.pid,
		.call = notification.data,
		.permitted = supervisor->permissive,
		.id = notification.id,
	};
	ret_denial->verdict = judge(supervisor, &ret_denial->call, &ret_denial->layer);
	return 0;
}

/* False: nobody takes it. */
static bool take(struct callgate_supervisor *supervisor,
		 const struct callgate_denial *denial)
{
	const struct callgate_supervise_handler *handler = supervisor->handler;
	struct heard heard = { .denial = *denial };

	if (shown_take(supervisor, denial))
		return answer_simply(supervisor, denial);
	if (handler->glance)
		heard.is_known = handler->glance(handler->context, supervisor, denial);
	if (heard.is_known && answer_simply(supervisor, denial))
		return true;
	return write(supervisor->intake[1], &heard, sizeof(heard)) ==
	       (ssize_t)sizeof(heard);
}

static void *hear(void *argument)
{
	struct callgate_supervisor *supervisor = argument;
	struct pollfd poll_for = { .fd = supervisor->listener, .events = POLLIN };
	struct callgate_denial denial;
	int error = 0;

	while (!error || error == -ENOENT) {
		if (poll(&poll_for, 1, -1) < 0)
			continue;
		if (!(poll_for.revents & POLLIN))
			break; /* POLLHUP: nobody is left who could ask */
		error = receive(supervisor, &denial);
		if (!error && !take(supervisor, &denial))
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

	/* Linux 6.6: whoever asks and who answers take turns on one processor */
	ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
	if (pipe2(supervisor->intake, O_CLOEXEC))
		return -errno;
	error = pthread_attr_init(&attributes);
	if (error)
		return -error;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &attributes, hear, supervisor);
	pthread_attr_destroy(&attributes);
	return -error;
}

/* --- the others --------------------------------------------------------------------- */

static void serve(struct callgate_supervisor *supervisor, struct heard *heard)
{
	const struct callgate_supervise_handler *handler = supervisor->handler;
	struct callgate_denial *denial = &heard->denial;

	denial->process = (int)stop_status(denial->thread, "\nTgid:", denial->thread);
	supervisor->wanted = !heard->is_known && handler->denied &&
			     handler->denied(handler->context, supervisor, denial);
	if (supervisor->wanted || !answer_simply(supervisor, denial))
		stop_and_answer(supervisor, denial);
}

bool serve_one(struct callgate_supervisor *supervisor)
{
	struct heard heard;
	ssize_t got = read(supervisor->intake[0], &heard, sizeof(heard));

	if (got == (ssize_t)sizeof(heard))
		serve(supervisor, &heard);
	return got != 0;
}
