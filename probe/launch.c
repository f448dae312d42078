// SPDX-License-Identifier: MIT
/*
 * Starting a program that has to wait until everything is ready for it.
 *
 * The child waits for a byte on a pipe. Should its parent die before, it reads the end of
 * the file and ends as well. The other pipe closes at execve(2), or brings its errno.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend.h"

#define STATUS_CANNOT_EXECUTE 126 /* as shells and env(1) have it */

void launch_restore(const struct recorder_target *target)
{
	if (target->ignores_children)
		signal(SIGCHLD, SIG_IGN);
	if (target->signals)
		sigprocmask(SIG_SETMASK, target->signals, NULL);
}

static void run_child(const struct recorder_target *target, int go, int error)
{
	int why;
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(STATUS_CANNOT_EXECUTE);
	launch_restore(target);
	execvp(target->argv[0], target->argv);
	why = errno;
	if (write(error, &why, sizeof(why)) < 0)
		_exit(STATUS_CANNOT_EXECUTE);
	_exit(STATUS_CANNOT_EXECUTE);
}

static void close_pipe(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

int launch_hold(const struct recorder_target *target, struct launch *ret_launch)
{
	int go[2], error[2], why;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(error, O_CLOEXEC)) {
		why = -errno;
		close_pipe(go);
		return why;
	}
	*ret_launch = (struct launch){ .pid = fork(), .go = go[1], .error = error[0] };
	if (ret_launch->pid == 0) {
		close(go[1]);
		run_child(target, go[0], error[1]);
	}
	why = -errno;
	close(go[0]);
	close(error[1]);
	if (ret_launch->pid > 0)
		return 0;
	close(go[1]);
	close(error[0]);
	return why;
}

int launch_go(struct launch *launch)
{
	int error = 0;
	ssize_t got;

	if (write(launch->go, "", 1) != 1)
		error = EPIPE;
	close(launch->go);
	do
		got = read(launch->error, &error, sizeof(error));
	while (got < 0 && errno == EINTR);
	close(launch->error);
	if (!error)
		return 0;
	waitpid(launch->pid, NULL, 0);
	launch->pid = 0;
	return -error;
}

void launch_drop(struct launch *launch)
{
	close(launch->go);
	close(launch->error);
	waitpid(launch->pid, NULL, 0);
	launch->pid = 0;
}

int launch_explain(const char *program, int error, struct recorder_failure *failure)
{
	const char *why = strerrordesc_np(-error);

	failure->is_program = true;
	if (error == -ENOENT)
		return recorder_fail(failure, error,
				     strchr(program, '/') ? NULL
							  : "it was looked up in PATH",
				     "there is no program %s", program);
	return recorder_fail(failure, error, NULL, "%s cannot be executed: %s", program,
			     why ? why : "unknown error");
}
