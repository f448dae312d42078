// SPDX-License-Identifier: MIT
/*
 * The kernel's side of recording by notification: a filter that asks for every call, and
 * the answers.
 *
 * Invariant: from the filter's installation to its execve(2), the child makes no call but
 * that one; its listener is known to the others by shared memory, since there is no call
 * left by which it could be told.
 */
#include "os/notify.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STATUS_CANNOT_EXECUTE 126 /* as shells and env(1) have it */

/* For headers older than Linux 6.6. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

pid_t notify_fork(void)
{
	struct clone_args arguments = {
		.flags = CLONE_FILES,
		.exit_signal = SIGCHLD,
	};

	return (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
}

/*
 * The listener, or a negative errno. A call that a supervisor has received is then not
 * interrupted by signals, where the kernel can do that (5.19): else a program that gets
 * many of them would come round again and again.
 */
static long install(void)
{
	struct sock_filter ask = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	struct sock_fprog program = { 1, &ask };
	const uint32_t flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long listener =
		os_seccomp(SECCOMP_SET_MODE_FILTER,
			   flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);

	if (listener == -EINVAL)
		listener = os_seccomp(SECCOMP_SET_MODE_FILTER, flags, &program);
	return listener;
}

_Noreturn void notify_exec(const char *path, char *const *argv,
			   volatile struct notify_start *start)
{
	long listener;

	if (!__sync_bool_compare_and_swap(&start->program, 0, getpid()))
		_exit(STATUS_CANNOT_EXECUTE);
	listener = install();
	if (listener == -EACCES && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		listener = install();
	start->listener = (int)listener;
	if (listener >= 0) {
		execve(path, argv, environ);
		start->error = errno;
	}
	_exit(STATUS_CANNOT_EXECUTE);
}

void notify_tune(int listener)
{
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
	      SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

int notify_next(int listener, int watched, struct seccomp_notif *ret_call)
{
	struct pollfd files[] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = watched, .events = POLLIN },
	};

	for (;;) {
		if (poll(files, 2, -1) < 0) {
			if (errno != EINTR)
				return -errno;
		} else if (files[0].revents & POLLIN) {
			memset(ret_call, 0, sizeof(*ret_call));
			if (!ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, ret_call))
				return NOTIFY_CALL;
			/* It was gone before it could be received. */
			if (errno != ENOENT && errno != EINTR)
				return -errno;
		} else if (files[0].revents) {
			return NOTIFY_OVER;
		} else if (files[1].revents) {
			return NOTIFY_WATCHED;
		}
	}
}

bool notify_continue(int listener, uint64_t id)
{
	struct seccomp_notif_resp answer = {
		.id = id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	return !ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}
