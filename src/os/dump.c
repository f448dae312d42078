// SPDX-License-Identifier: MIT
/*
 * The filters that a running thread has, read by ptrace(2).
 *
 * The thread is stopped for the time of the reading and let go whatever happens; should
 * this process die meanwhile, the kernel lets it go. Nothing is changed in it. What is
 * read is checked like any program made elsewhere.
 */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#endif

#define STOP_PATIENCE_MS 2000

struct dump {
	pid_t pid;
	struct callgate_filter **filters;
	size_t count;
	int stop; /* the signal that stopped it, to be handed on; 0: ours */
};

/* --- what went wrong -------------------------------------------------------------- */

static void explain_gone(int pid, struct callgate_diagnostics *diagnostics)
{
	if (pid <= 0)
		diag_error(diagnostics, "no-process", SPAN_NONE, NULL,
			   "a process id is a number from 1 on");
	else
		diag_error(diagnostics, "no-process", SPAN_NONE,
			   "a process id is that of a moment; is it one of this PID "
			   "namespace?",
			   "there is no process %d, or it ended", pid);
}

static void explain_refused(int pid, const struct callgate_process *process,
			    struct callgate_diagnostics *diagnostics)
{
	if (process && process->tracer)
		diag_error(diagnostics, "traced", SPAN_NONE,
			   "a thread has one tracer at a time: end that one first",
			   "process %d is traced by process %d already", pid,
			   process->tracer);
	else
		diag_error(diagnostics, "not-permitted", SPAN_NONE,
			   "be root, or have CAP_SYS_PTRACE and CAP_SYS_ADMIN in the "
			   "initial user namespace",
			   "this user may not look into process %d", pid);
}

static void explain_unreadable(struct callgate_diagnostics *diagnostics)
{
	if (callgate_seccomp_mode() == SECCOMP_MODE_FILTER)
		diag_error(diagnostics, "not-permitted", SPAN_NONE,
			   "run it outside of containers and sandboxes",
			   "the kernel shows filters to no process that is under one "
			   "itself");
	else
		diag_error(diagnostics, "not-permitted", SPAN_NONE, "be root",
			   "reading filters takes CAP_SYS_ADMIN in the initial user "
			   "namespace");
}

static void explain(int pid, int error, const struct callgate_process *process,
		    struct callgate_diagnostics *diagnostics)
{
	bool is_strict = process && process->mode == SECCOMP_MODE_STRICT;

	switch (error) {
	case -ESRCH:
		explain_gone(pid, diagnostics);
		return;
	case -ENOENT:
		diag_error(diagnostics, "no-filter", SPAN_NONE,
			   "each thread has its own: the id of one may be given",
			   "process %d has no seccomp filter%s", pid,
			   is_strict ? ": it is in strict mode" : "");
		return;
	case -EPERM:
		explain_refused(pid, process, diagnostics);
		return;
	case -EACCES:
		explain_unreadable(diagnostics);
		return;
	case -ETIMEDOUT:
		diag_error(diagnostics, "not-stopped", SPAN_NONE,
			   "it waits in the kernel, for a device perhaps: try again",
			   "process %d did not stop within %d seconds", pid,
			   STOP_PATIENCE_MS / 1000);
		return;
	case -EINVAL:
	case -EIO:
	case -EMEDIUMTYPE:
	case -EOPNOTSUPP:
		diag_error(diagnostics, "not-supported", SPAN_NONE,
			   "it takes CONFIG_CHECKPOINT_RESTORE (and Linux 4.4)",
			   "this kernel does not show filters: %s", strerror(-error));
		return;
	default:
		diag_error(diagnostics, "not-read", SPAN_NONE, NULL,
			   "the filters of process %d cannot be read: %s", pid,
			   strerror(-error));
	}
}

void callgate_process_explain(int pid, int error,
			      struct callgate_diagnostics *diagnostics)
{
	struct callgate_process *process = NULL;

	callgate_process_read(pid, &process);
	explain(pid, error, process, diagnostics);
	callgate_process_free(process);
}

/* --- stopping --------------------------------------------------------------------- */

static void sleep_ms(long ms)
{
	const struct timespec time = { 0, ms * 1000 * 1000 };

	nanosleep(&time, NULL);
}

/* Waits for the stop. 0, -ESRCH: it ended, -ETIMEDOUT: it is deep in the kernel. */
static int wait_stopped(struct dump *dump)
{
	for (int waited = 0; waited < STOP_PATIENCE_MS; waited++) {
		int status;
		pid_t got = waitpid(dump->pid, &status, __WALL | WNOHANG);

		if (got < 0 && errno != EINTR)
			return -ESRCH;
		if (got == dump->pid) {
			if (!WIFSTOPPED(status))
				return -ESRCH;
			dump->stop = status >> 16 ? 0 : WSTOPSIG(status);
			return 0;
		}
		sleep_ms(1);
	}
	return -ETIMEDOUT;
}

/* True: the process that the descriptor was opened for is no more. */
static bool has_ended(int pidfd)
{
	struct pollfd poll_for = { .fd = pidfd, .events = POLLIN };

	return pidfd >= 0 && poll(&poll_for, 1, 0) > 0;
}

/* Stops it, traced by us. */
static int stop(struct dump *dump)
{
	if (ptrace(PTRACE_INTERRUPT, dump->pid, NULL, NULL))
		return -errno;
	return wait_stopped(dump);
}

/* --- reading ---------------------------------------------------------------------- */

static long get_filter(pid_t pid, size_t index, struct sock_filter *code)
{
	long answer = ptrace((enum __ptrace_request)PTRACE_SECCOMP_GET_FILTER, pid,
			     (void *)index, code);

	return answer < 0 ? -errno : answer;
}

static int add_filter(struct dump *dump, const struct sock_filter *code, size_t length)
{
	struct callgate_filter **grown =
		reallocarray(dump->filters, dump->count + 1, sizeof(*dump->filters));
	int error;

	if (!grown)
		return -ENOMEM;
	dump->filters = grown;
	error = callgate_filter_from_program(code, length, NULL, &grown[dump->count]);
	dump->count += !error;
	return error;
}

/* What a thread without filters answers depends on its mode. */
static bool is_in_filter_mode(pid_t pid)
{
	struct callgate_process *process;
	bool is_in = callgate_process_read(pid, &process) == 0 &&
		     process->mode == SECCOMP_MODE_FILTER;

	callgate_process_free(process);
	return is_in;
}

static int read_filter(struct dump *dump)
{
	static const size_t most = BPF_MAXINSNS;
	struct sock_filter *code;
	long length = get_filter(dump->pid, dump->count, NULL);
	int error;

	if (length == -ENOENT ||
	    (length == -EINVAL && !dump->count && !is_in_filter_mode(dump->pid)))
		return dump->count ? 0 : -ENOENT;
	if (length < 0)
		return (int)length;
	if ((size_t)length > most)
		return -EFBIG;
	code = calloc((size_t)length + 1, sizeof(*code));
	if (!code)
		return -ENOMEM;
	length = get_filter(dump->pid, dump->count, code);
	error = length < 0 ? (int)length : add_filter(dump, code, (size_t)length);
	free(code);
	return error;
}

static int read_all(struct dump *dump)
{
	size_t before;
	int error;

	do {
		before = dump->count;
		error = read_filter(dump);
	} while (!error && dump->count > before);
	return error;
}

static int dump_attached(struct dump *dump, int pidfd)
{
	int error = stop(dump);

	if (!error && has_ended(pidfd))
		error = -ESRCH;
	if (!error)
		error = read_all(dump);
	ptrace(PTRACE_DETACH, dump->pid, NULL, (void *)(long)dump->stop);
	return error;
}

/* ---------------------------------------------------------------------------------- */

static int dump_all(struct dump *dump)
{
	/* Opened first: should the id be given anew, this one has ended. */
	int pidfd = (int)syscall(SYS_pidfd_open, dump->pid, 0);
	sigset_t all, before;
	int error;

	/* A signal waits until the thread has been let go. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	if (ptrace(PTRACE_SEIZE, dump->pid, NULL, NULL))
		error = -errno;
	else
		error = dump_attached(dump, pidfd);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pidfd >= 0)
		close(pidfd);
	return error;
}

static void free_filters(struct callgate_filter **filters, size_t count)
{
	for (size_t i = 0; i < count; i++)
		callgate_filter_free(filters[i]);
	free(filters);
}

int callgate_process_filters(int pid, struct callgate_diagnostics *diagnostics,
			     struct callgate_filter ***ret_filters, size_t *ret_count)
{
	struct dump dump = { .pid = pid };
	int error = pid > 0 ? dump_all(&dump) : -ESRCH;

	if (error) {
		free_filters(dump.filters, dump.count);
		dump.filters = NULL;
		dump.count = 0;
		callgate_process_explain(pid, error, diagnostics);
	}
	*ret_filters = dump.filters;
	*ret_count = dump.count;
	return error;
}

int callgate_process_filter(int pid, size_t layer,
			    struct callgate_diagnostics *diagnostics,
			    struct callgate_filter **ret_filter)
{
	struct callgate_filter **filters;
	size_t count;
	int error = callgate_process_filters(pid, diagnostics, &filters, &count);

	*ret_filter = NULL;
	if (!error)
		error = callgate_filter_layer((const struct callgate_filter *const *)
						      filters,
					      count, layer, diagnostics, ret_filter);
	free_filters(filters, count);
	return error;
}
