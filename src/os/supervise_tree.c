// SPDX-License-Identifier: MIT
/*
 * An end to all descendants of a subreaper.
 *
 * Children are killed and reaped until there are none; what they leave behind are
 * children then, whatever process group or session they made. Without /proc the program
 * alone is killed, and the others when they are.
 */
#include "os/supervise.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A number with nothing behind it, or 0. */
static pid_t parse_id(const char *text)
{
	pid_t id = 0;

	while (*text >= '0' && *text <= '9' && id < INT32_MAX / 10)
		id = id * 10 + (*text++ - '0');
	return *text ? 0 : id;
}

static void kill_children(void)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	pid_t id;

	while (processes && (entry = readdir(processes)) != NULL) {
		id = parse_id(entry->d_name);
		if (id > 0 && stop_status(id, "\nPPid:", 0) == getpid())
			kill(id, SIGKILL);
	}
	if (processes)
		closedir(processes);
}

void tree_kill(const struct supervised *program, int *ret_status)
{
	const struct timespec moment = { 0, 1000 * 1000 };
	int status;
	pid_t got;

	/* It may have ended, and its id be another's: the other process reaps it too. */
	if (program->pidfd >= 0)
		syscall(SYS_pidfd_send_signal, program->pidfd, SIGKILL, NULL, 0);
	for (;;) {
		kill_children();
		while ((got = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
			if (got == program->pid && !WIFSTOPPED(status))
				*ret_status = status;
		if (got < 0 && errno == ECHILD)
			return;
		nanosleep(&moment, NULL);
	}
}
