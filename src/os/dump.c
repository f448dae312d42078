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
	struct callgate_diagnostics *diagnostics;
	struct callgate_filter **filters;
	size_t count;
	int stop; /* the signal that stopped it, to be handed on; 0: ours */
};

/* --- what went wrong -------------------------------------------------------------- */

static int report_gone(const struct dump *dump)
{
	if (dump->pid <= 0)
		diag_error(dump->diagnostics, "no-process", SPAN_NONE, NULL,
			   "a process id is a number from 1 on");
	else
		diag_error(dump->diagnostics, "no-process", SPAN_NONE,
			   "a process id is that of a moment; is it one of this PID "
			   "namespace?",
			   "there is no process %d, or it ended", (int)dump->pid);
	return -ESRCH;
}

static int report_refused(const struct dump *dump)
{
	struct callgate_process *process;
	int tracer = 0;

	if (callgate_process_read(dump->pid, &process) == 0)
		tracer = process->tracer;
	callgate_process_free(process);
	if (tracer)
		diag_error(dump->diagnostics, "traced", SPAN_NONE,
			   "a thread has one tracer at a time: end that one first",
			   "process %d is traced by process %d already", (int)dump->pid,
			   tracer);
	else
		diag_error(dump->diagnostics, "not-permitted", SPAN_NONE,
			   "be root, or have CAP_SYS_PTRACE and CAP_SYS_ADMIN in the "
			   "initial user namespace",
			   "this user may not look into process %d", (int)dump->pid);
	return -EPERM;
}

static int report_unreadable(const struct dump *dump, int error)
{
	if (error == -EACCES && callgate_seccomp_mode() == SECCOMP_MODE_FILTER)
		diag_error(dump->diagnostics, "not-permitted", SPAN_NONE,
			   "run it outside of containers and sandboxes",
			   "the kernel shows filters to no process that is under one "
			   "itself");
	else if (error == -EACCES)
		diag_error(dump->diagnostics, "not-permitted", SPAN_NONE, "be root",
			   "reading filters takes CAP_SYS_ADMIN in the initial user "
			   "namespace");
	else if (error == -ESRCH)
		return report_gone(dump);
	else
		diag_error(dump->diagnostics, "not-supported", SPAN_NONE,
			   "it takes CONFIG_CHECKPOINT_RESTORE (and Linux 4.4)",
			   "this kernel does not show filters: %s", strerror(-error));
	return error;
}

/* SECCOMP_MODE_…, or CALLGATE_UNREADABLE. */
static int mode_of(pid_t pid)
{
	struct callgate_process *process;
	int mode = CALLGATE_UNREADABLE;

	if (callgate_process_read(pid, &process) == 0)
		mode = process->mode;
	callgate_process_free(process);
	return mode;
}

static int report_none(const struct dump *dump)
{
	diag_error(dump->diagnostics, "no-filter", SPAN_NONE,
		   "each thread has its own: the id of one may be given",
		   "process %d has no seccomp filter%s", (int)dump->pid,
		   mode_of(dump->pid) == SECCOMP_MODE_STRICT ? ": it is in strict mode"
							     : "");
	return -ENOENT;
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

static int attach(struct dump *dump)
{
	if (ptrace(PTRACE_SEIZE, dump->pid, NULL, NULL))
		return errno == ESRCH ? report_gone(dump) : report_refused(dump);
	return 0;
}

static int stop(struct dump *dump)
{
	int error = 0;

	if (ptrace(PTRACE_INTERRUPT, dump->pid, NULL, NULL))
		error = -errno;
	if (!error)
		error = wait_stopped(dump);
	if (error == -ETIMEDOUT)
		diag_error(dump->diagnostics, "not-stopped", SPAN_NONE,
			   "it waits in the kernel, for a device perhaps: try again",
			   "process %d did not stop within %d seconds", (int)dump->pid,
			   STOP_PATIENCE_MS / 1000);
	else if (error)
		return report_gone(dump);
	return error;
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
	error = callgate_filter_from_program(code, length, dump->diagnostics,
					     &grown[dump->count]);
	dump->count += !error;
	return error;
}

static int read_filter(struct dump *dump)
{
	static const size_t most = BPF_MAXINSNS;
	struct sock_filter *code;
	long length = get_filter(dump->pid, dump->count, NULL);
	int error;

	if (length == -ENOENT || (length == -EINVAL && !dump->count &&
				  mode_of(dump->pid) != SECCOMP_MODE_FILTER))
		return dump->count ? 0 : report_none(dump);
	if (length < 0)
		return report_unreadable(dump, (int)length);
	if ((size_t)length > most)
		return report_unreadable(dump, -EFBIG);
	code = calloc((size_t)length + 1, sizeof(*code));
	if (!code)
		return -ENOMEM;
	length = get_filter(dump->pid, dump->count, code);
	error = length < 0 ? report_unreadable(dump, (int)length)
			   : add_filter(dump, code, (size_t)length);
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
		error = report_gone(dump);
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
	error = attach(dump);
	if (!error)
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
	struct dump dump = { .pid = pid, .diagnostics = diagnostics };
	int error = pid > 0 ? dump_all(&dump) : report_gone(&dump);

	if (error) {
		free_filters(dump.filters, dump.count);
		dump.filters = NULL;
		dump.count = 0;
	}
	*ret_filters = dump.filters;
	*ret_count = dump.count;
	return error;
}

/* Of all layers, or the one that they are together. Takes it out of the array. */
static int take_layer(const struct dump *dump, size_t layer,
		      struct callgate_filter **ret_filter)
{
	if (layer == 0 && dump->count > 1)
		return callgate_filter_flatten((const struct callgate_filter *const *)
						       dump->filters,
					       dump->count, dump->diagnostics,
					       ret_filter);
	if (layer == 0)
		layer = 1;
	if (layer > dump->count) {
		diag_error(dump->diagnostics, "no-layer", SPAN_NONE,
			   "1 is the one that was loaded first",
			   "process %d has %zu filter%s, none has the number %zu",
			   (int)dump->pid, dump->count, dump->count == 1 ? "" : "s",
			   layer);
		return -ERANGE;
	}
	*ret_filter = dump->filters[layer - 1];
	dump->filters[layer - 1] = NULL;
	return 0;
}

int callgate_process_filter(int pid, size_t layer,
			    struct callgate_diagnostics *diagnostics,
			    struct callgate_filter **ret_filter)
{
	struct dump dump = { .pid = pid, .diagnostics = diagnostics };
	int error =
		callgate_process_filters(pid, diagnostics, &dump.filters, &dump.count);

	*ret_filter = NULL;
	if (!error)
		error = take_layer(&dump, layer, ret_filter);
	free_filters(dump.filters, dump.count);
	return error;
}
