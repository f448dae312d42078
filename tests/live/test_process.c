// SPDX-License-Identifier: MIT
/*
 * Facts of processes that wait in the state that a case is about: under filters, in
 * strict mode, dead, with a name made to deceive, and one with an id that was another's.
 */
#include <errno.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include "live.h"
#include "os/process.h"

/* --- children that wait ------------------------------------------------------------- */

static void load(size_t count)
{
	struct sock_filter program[LIVE_DENY_LENGTH];

	live_deny(SYS_mkdirat, SECCOMP_RET_ERRNO | 1, program);
	for (size_t i = 0; i < count; i++)
		if (callgate_program_load(program, LIVE_DENY_LENGTH, NULL, NULL))
			_exit(2);
}

static void three_filters(void)
{
	load(3);
}

static void strict_mode(void)
{
	if (callgate_strict_load(NULL))
		_exit(2);
}

static const char deceit[] = "a) R 1 (\nTgid:\xff";

static void deceive(void)
{
	prctl(PR_SET_NAME, deceit);
}

static int fenced_thread(void *ready)
{
	prctl(PR_SET_NAME, "fenced");
	load(1);
	if (write(*(int *)ready, "", 1) != 1)
		_exit(3);
	pause();
	return 0;
}

static void a_thread_of_its_own(void)
{
	int ready[2];
	thrd_t thread;
	char byte;

	if (pipe(ready) || thrd_create(&thread, fenced_thread, &ready[1]) ||
	    read(ready[0], &byte, 1) != 1)
		_exit(2);
}

/* A child that has done `prepare` and waits to be killed; in strict mode by read(2). */
static pid_t start(void (*prepare)(void))
{
	int ready[2], wait[2];
	pid_t child;
	char byte;

	if (pipe(ready) || pipe(wait))
		return -1;
	child = fork();
	if (child == 0) {
		prepare();
		if (write(ready[1], "", 1) == 1 && read(wait[0], &byte, 1) == 0)
			_exit(2);
		_exit(3);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		child = -1;
	close(ready[0]);
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* --- cases -------------------------------------------------------------------------- */

static int tells_of_the_reader(void)
{
	char exe[PATH_MAX] = "";
	struct callgate_process *process;

	CHECK(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	CHECK(callgate_process_read(getpid(), &process) == 0);
	CHECK(process->tid == getpid() && process->pid == getpid());
	CHECK(process->parent == getppid());
	CHECK(process->uid == getuid() && process->effective_uid == geteuid());
	CHECK(process->threads == 1 && process->tracer == 0);
	CHECK(process->start > 0 && !process->is_kernel && !process->is_ended);
	CHECK(process->mode == callgate_seccomp_mode());
	CHECK(process->no_new_privs == callgate_no_new_privs());
	CHECK(strcmp(process->exe, exe) == 0);
	callgate_process_free(process);
	return 0;
}

static int counts_filters(void)
{
	struct callgate_process *process;
	pid_t child = start(three_filters);

	CHECK(child > 0 && callgate_process_read(child, &process) == 0);
	CHECK(process->mode == SECCOMP_MODE_FILTER && process->no_new_privs == 1);
	CHECK(process->filters == 3 || process->filters == CALLGATE_UNREADABLE);
	callgate_process_free(process);
	end(child);
	return 0;
}

static int knows_strict_mode(void)
{
	struct callgate_process *process;
	pid_t child = start(strict_mode);

	CHECK(child > 0 && callgate_process_read(child, &process) == 0);
	CHECK(process->mode == SECCOMP_MODE_STRICT);
	callgate_process_free(process);
	end(child);
	return 0;
}

static int is_not_deceived_by_a_name(void)
{
	struct callgate_process *process;
	pid_t child = start(deceive);

	CHECK(child > 0 && callgate_process_read(child, &process) == 0);
	CHECK(strcmp(process->name, deceit) == 0);
	CHECK(process->pid == child && process->parent == getpid());
	CHECK(process->threads == 1 && process->start > 0 && !process->is_ended);
	callgate_process_free(process);
	end(child);
	return 0;
}

static int lists_threads_that_differ(void)
{
	struct callgate_process *leader, *thread;
	pid_t child = start(a_thread_of_its_own);
	size_t count;
	int *ids;

	CHECK(child > 0 && callgate_process_list(child, &ids, &count) == 0);
	CHECK(count == 2 && ids[0] == child && ids[1] > child);
	CHECK(callgate_process_read(ids[0], &leader) == 0);
	CHECK(callgate_process_read(ids[1], &thread) == 0);
	CHECK(leader->mode == SECCOMP_MODE_DISABLED && leader->threads == 2);
	CHECK(thread->mode == SECCOMP_MODE_FILTER && thread->pid == child);
	CHECK(thread->tid == ids[1] && strcmp(thread->name, "fenced") == 0);
	callgate_process_free(leader);
	callgate_process_free(thread);
	free(ids);
	end(child);
	return 0;
}

static int lists_every_process_once(void)
{
	bool has_self = false;
	size_t count;
	int *ids;

	CHECK(callgate_process_list(0, &ids, &count) == 0 && count > 0);
	for (size_t i = 0; i < count; i++) {
		CHECK(i == 0 || ids[i - 1] < ids[i]);
		has_self |= ids[i] == getpid();
	}
	CHECK(has_self);
	free(ids);
	return 0;
}

static int says_that_there_is_none(void)
{
	static const int none[] = { 0, -1, INT_MIN, INT_MAX };
	struct callgate_process *process;
	size_t count;
	int *ids;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		CHECK(callgate_process_read(none[i], &process) == -ESRCH && !process);
		if (none[i])
			CHECK(callgate_process_list(none[i], &ids, &count) == -ESRCH);
	}
	return 0;
}

static int sees_who_has_ended(void)
{
	struct callgate_process *process;
	siginfo_t info;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	CHECK(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0);
	CHECK(callgate_process_read(child, &process) == 0);
	CHECK(process->is_ended && process->pid == child && !process->exe);
	callgate_process_free(process);
	CHECK(waitpid(child, NULL, 0) == child);
	CHECK(callgate_process_read(child, &process) == -ESRCH);
	return 0;
}

static int knows_ids_of_a_namespace(void)
{
	struct callgate_process *process;
	pid_t child;

	if (unshare(CLONE_NEWPID))
		return errno == EPERM ? 0 : 1; /* not permitted here */
	child = start(deceive);
	CHECK(child > 0 && callgate_process_read(child, &process) == 0);
	CHECK(process->pid == child && process->inner_pid == 1);
	CHECK(process->inner_tid == 1);
	callgate_process_free(process);
	end(child);
	return 0;
}

static pid_t fork_as(pid_t wanted)
{
	struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)&wanted,
		.set_tid_size = 1,
	};
	pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));

	if (child == 0) {
		pause();
		_exit(0);
	}
	return child;
}

static int an_id_given_anew_is_another_process(void)
{
	struct callgate_process *before, *after;
	pid_t child = start(deceive);
	int folder = process_open(child);
	char *text;

	CHECK(folder >= 0 && callgate_process_read(child, &before) == 0);
	end(child);
	usleep(20 * 1000); /* a tick, for the start to differ */
	if (fork_as(child) != child)
		return errno == EPERM || errno == ENOSYS ? 0 : 1;
	CHECK(process_file(folder, "comm", &text, NULL) == -ESRCH && !text);
	CHECK(process_link(folder, "exe", &text) == -ESRCH && !text);
	CHECK(callgate_process_read(child, &after) == 0);
	CHECK(after->start > before->start);
	callgate_process_free(before);
	callgate_process_free(after);
	close(folder);
	end(child);
	return 0;
}

static const struct live_case cases[] = {
	{ "facts of the reader are those that it has", tells_of_the_reader, 0 },
	{ "filters are counted", counts_filters, 0 },
	{ "strict mode is a mode", knows_strict_mode, 0 },
	{ "a name is no syntax", is_not_deceived_by_a_name, 0 },
	{ "threads have facts of their own", lists_threads_that_differ, 0 },
	{ "every process is listed once", lists_every_process_once, 0 },
	{ "no such process is an error", says_that_there_is_none, 0 },
	{ "a process that ended is seen until it is waited for", sees_who_has_ended,
	  0 },
	{ "ids inside of a PID namespace are told", knows_ids_of_a_namespace, 0 },
	{ "an id given anew is another process", an_id_given_anew_is_another_process,
	  0 },
};

int main(void)
{
	return live_main(cases, sizeof(cases) / sizeof(cases[0]));
}
