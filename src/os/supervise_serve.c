// SPDX-License-Identifier: MIT
/*
 * Notifications in, answers out.
 *
 *	a thread hears   poll, NOTIF_RECV, write to a pipe
 *	the caller       judge by the simulator, tell the handler, NOTIF_SEND
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

/* --- the thread that hears --------------------------------------------------------- */

/* -ENOENT: it was interrupted before it was received, and comes again. */
static int receive(int listener, struct seccomp_notif *ret_notification)
{
	*ret_notification = (struct seccomp_notif){ 0 };
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, ret_notification) == 0)
		return 0;
	return errno == EINTR || errno == EAGAIN ? -ENOENT : -errno;
}

static void *hear(void *argument)
{
	const struct callgate_supervisor *supervisor = argument;
	struct pollfd poll_for = { .fd = supervisor->listener, .events = POLLIN };
	struct seccomp_notif notification;
	int error = 0;

	while (!error || error == -ENOENT) {
		if (poll(&poll_for, 1, -1) < 0)
			continue;
		if (!(poll_for.revents & POLLIN))
			break; /* POLLHUP: nobody is left who could ask */
		error = receive(supervisor->listener, &notification);
		if (!error && write(supervisor->intake[1], &notification,
				    sizeof(notification)) < 0)
			break;
	}
	close(supervisor->intake[1]);
	return NULL;
}

int serve_start(struct callgate_supervisor *supervisor)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

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

/* --- one notification -------------------------------------------------------------- */

bool callgate_denial_waits(const struct callgate_supervisor *supervisor)
{
	uint64_t id = supervisor->id;

	return ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

bool serve_answer(const struct callgate_supervisor *supervisor, int error,
		  uint32_t flags)
{
	struct seccomp_notif_resp response = {
		.id = supervisor->id,
		.error = error,
		.flags = flags,
	};

	return ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0;
}

static void serve(struct callgate_supervisor *supervisor,
		  const struct seccomp_notif *notification)
{
	const struct callgate_supervise_handler *handler = supervisor->handler;
	struct callgate_denial denial = {
		.thread = (int)notification->pid,
		.call = notification->data,
		.permitted = supervisor->permissive,
	};
	int error;

	supervisor->id = notification->id;
	denial.verdict = judge(supervisor, &denial.call, &denial.layer);
	denial.process = (int)stop_status(denial.thread, "\nTgid:", denial.thread);
	if (shown_take(supervisor, &denial)) {
		serve_answer(supervisor, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		return;
	}
	supervisor->wanted = handler->denied &&
			     handler->denied(handler->context, supervisor, &denial);
	if (supervisor->wanted ||
	    (!supervisor->permissive && !verdict_is_errno(denial.verdict, &error)))
		stop_and_answer(supervisor, &denial);
	else if (supervisor->permissive)
		serve_answer(supervisor, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else
		serve_answer(supervisor, error, 0);
}

bool serve_one(struct callgate_supervisor *supervisor)
{
	struct seccomp_notif notification;
	ssize_t got = read(supervisor->intake[0], &notification, sizeof(notification));

	if (got == (ssize_t)sizeof(notification))
		serve(supervisor, &notification);
	return got != 0;
}
