// SPDX-License-Identifier: MIT
/*
 * A program under filters with two processes that supervise it.
 *
 *	the caller ── the server ── the program
 *
 * The caller is what a shell waits for: it passes signals on, stops when the program
 * stops, and ends with its status. The server, its child, has the program as a child,
 * hears of denials and answers. Both have the listener and are subreapers, so each can
 * end or serve all descendants when the other is killed; neither stops for the
 * terminal. Neither can be traced by the program: they are not dumpable.
 *
 * Invariant: the listener is open as long as anything runs under the filter, unless both
 * are killed at once.
 */
#include "os/supervise.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* One of the two, or both as long as they are one. */
struct pair {
	struct callgate_supervisor supervisor;
	const struct callgate_supervise_options *options;
	struct launch launch;
	char *const *argv;
	sigset_t mask; /* of the caller, before */
	int link;      /* to the other one */
	int signals;   /* a signalfd */
	struct supervised program;
	bool has_ended; /* the program, with */
	int status;
};

/* --- what both do ------------------------------------------------------------------ */

static void block_signals(sigset_t *ret_before)
{
	static const int faults[] = {
		SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT
	};
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, ret_before);
}

static int open_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A stop that nobody waited for any more: a thread took its time. */
static bool was_traced(pid_t thread, int status)
{
	long signal = status >> 16 ? 0 : WSTOPSIG(status);

	return ptrace(PTRACE_DETACH, thread, NULL, (void *)signal) == 0;
}

/* Takes notice of children; the server says what it sees of the program. */
static void reap(struct pair *pair, bool tell)
{
	int status;
	pid_t got;

	while ((got = waitpid(-1, &status, __WALL | WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(status) && was_traced(got, status))
			continue;
		if (got != pair->program.pid)
			continue;
		if (WIFSTOPPED(status) && tell)
			link_send(pair->link, WORD_STOPPED, WSTOPSIG(status), NULL);
		if (WIFSTOPPED(status))
			continue;
		pair->has_ended = true;
		pair->status = status;
	}
}

/* Serves what comes until nobody is under the filter. */
static void serve_all(struct pair *pair)
{
	while (serve_one(&pair->supervisor))
		reap(pair, false);
	while (!pair->has_ended && waitpid(pair->program.pid, &pair->status, 0) < 0 &&
	       errno == EINTR)
		;
	pair->has_ended = true;
}

/* The other one was killed. */
static void go_on_alone(struct pair *pair)
{
	if (pair->options->orphans == CALLGATE_ORPHANS_KILL) {
		tree_kill(&pair->program, &pair->status);
		pair->has_ended = true;
	} else {
		serve_all(pair);
	}
}

/* --- the server -------------------------------------------------------------------- */

static void tell_end(struct pair *pair)
{
	const struct callgate_supervise_handler *handler = pair->supervisor.handler;

	link_send(pair->link, WORD_ENDED, pair->status, NULL);
	pthread_sigmask(SIG_SETMASK, &pair->mask, NULL); /* it may ask the terminal */
	if (handler->ended)
		handler->ended(handler->context, pair->status);
	block_signals(&pair->mask);
	link_send(pair->link, WORD_DONE, 0, NULL);
}

static void take_signals(struct pair *pair)
{
	const struct callgate_supervise_handler *handler = pair->supervisor.handler;
	struct signalfd_siginfo info;

	while (read(pair->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo == SIGUSR1 && handler->asked)
			handler->asked(handler->context);
	reap(pair, true);
}

/* Returns when everything has ended. */
static void serve_program(struct pair *pair)
{
	struct pollfd poll_for[3] = {
		{ .fd = pair->supervisor.intake[0], .events = POLLIN },
		{ .fd = pair->signals, .events = POLLIN },
		{ .fd = pair->link, .events = POLLIN },
	};
	bool has_told = false;

	for (;;) {
		if (poll(poll_for, 3, -1) < 0)
			continue;
		if (poll_for[2].revents && !has_told) {
			go_on_alone(pair);
			break;
		}
		if (poll_for[2].revents)
			poll_for[2].fd = -1; /* it left, as was agreed */
		if (poll_for[0].revents && !serve_one(&pair->supervisor))
			break;
		take_signals(pair);
		if (pair->has_ended && !has_told)
			tell_end(pair);
		has_told = pair->has_ended;
	}
	if (!pair->has_ended)
		serve_all(pair);
	if (!has_told)
		tell_end(pair);
}

static int start_program(struct pair *pair)
{
	char *const *environment = pair->options->start.environment;
	struct callgate_refusal refusal;
	int error = supervise_start(&pair->launch, pair->argv,
				    environment ? environment : environ, &pair->mask,
				    &refusal, &pair->program);

	if (error)
		return error;
	pair->supervisor.listener = pair->program.listener;
	error = link_send(pair->link, WORD_STARTED, pair->program.pid, &pair->program);
	return error ? error : serve_start(&pair->supervisor);
}

static void be_server(struct pair *pair)
{
	int error;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	error = start_program(pair);
	signal(SIGPIPE, SIG_IGN); /* who prints to a closed pipe has still to serve */
	launch_done(&pair->launch);
	prctl(PR_SET_DUMPABLE, 0);
	pair->signals = open_signals();
	if (error)
		link_send(pair->link, WORD_REFUSED, error, NULL);
	else
		serve_program(pair);
}

/* --- the caller -------------------------------------------------------------------- */

/* Stops as the program did. A stop signal that is blocked waits, and then stops. */
static void stop_likewise(const struct pair *pair, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	raise(signal);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	syscall(SYS_pidfd_send_signal, pair->program.pidfd, SIGCONT, NULL, 0);
}

/*
 * Signals that somebody sent to this process are the program's. What the terminal sends
 * goes to the whole process group, so the program has it already.
 */
static void pass_on(const struct pair *pair, pid_t server)
{
	struct signalfd_siginfo info;

	while (read(pair->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			kill(server, SIGUSR1);
		else if (info.ssi_signo != SIGCHLD && info.ssi_code <= 0)
			syscall(SYS_pidfd_send_signal, pair->program.pidfd,
				(int)info.ssi_signo, NULL, 0);
	}
}

static int lost(struct pair *pair, pid_t server)
{
	const int result = pair->has_ended ? 0 : -ECHILD;

	waitpid(server, NULL, 0);
	if (pair->options->orphans == CALLGATE_ORPHANS_KILL ||
	    pair->program.listener < 0 || serve_restart(&pair->supervisor))
		tree_kill(&pair->program, &pair->status);
	else
		serve_all(pair);
	return result;
}

static void take_started(struct pair *pair, const struct supervise_message *message)
{
	pair->program.pid = message->value;
	pair->program.pidfd = message->descriptors[0];
	pair->program.listener = message->descriptors[1];
	pair->supervisor.listener = pair->program.listener;
}

/* Returns as callgate_supervise(). */
static int be_front(struct pair *pair, pid_t server)
{
	struct pollfd poll_for[2] = {
		{ .fd = pair->link, .events = POLLIN },
		{ .fd = -1, .events = POLLIN }, /* signals wait for the program */
	};
	struct supervise_message message;

	for (;;) {
		if (poll(poll_for, 2, -1) < 0)
			continue;
		if (poll_for[1].revents)
			pass_on(pair, server);
		if (!poll_for[0].revents)
			continue;
		message = link_receive(pair->link);
		switch (message.word) {
		case WORD_STARTED:
			take_started(pair, &message);
			poll_for[1].fd = pair->signals;
			break;
		case WORD_STOPPED:
			stop_likewise(pair, message.value);
			break;
		case WORD_ENDED:
			pair->has_ended = true;
			pair->status = message.value;
			break;
		case WORD_REFUSED:
			return message.value;
		case WORD_DONE:
			return 0;
		case WORD_LOST:
			return lost(pair, server);
		}
	}
}

/* --- both -------------------------------------------------------------------------- */

/* The layers as one program, whose denials ask. */
static int route(struct pair *pair, const struct callgate_filter *filter,
		 struct callgate_diagnostics *diagnostics)
{
	size_t length = callgate_filter_length(filter);
	struct sock_filter *program =
		calloc(length + ROUTE_LENGTH_MAX, sizeof(*program));
	int error;

	if (!program)
		return -ENOMEM;
	length = route_program(callgate_filter_program(filter), length,
			       &pair->supervisor.ticket, pair->options->permissive,
			       program);
	error = launch_add(&pair->launch, program, length, diagnostics);
	free(program);
	return error;
}

static int add_filters(struct pair *pair, struct callgate_diagnostics *diagnostics)
{
	const struct callgate_filter *const *filters = pair->supervisor.filters;
	size_t count = pair->supervisor.count;
	struct callgate_filter *one;
	int error;

	if (count == 1 && !route_impossible(callgate_filter_program(filters[0]),
					    callgate_filter_length(filters[0])))
		return route(pair, filters[0], diagnostics);
	error = callgate_filter_flatten(filters, count, diagnostics, &one);
	if (!error)
		error = route(pair, one, diagnostics);
	callgate_filter_free(one);
	return error;
}

static int prepare(struct pair *pair, struct callgate_diagnostics *diagnostics)
{
	struct verdict_ticket *ticket = &pair->supervisor.ticket;
	int error = 0;

	for (size_t i = 0; i < pair->supervisor.count && !error; i++)
		error = os_check_machine(pair->supervisor.filters[i], diagnostics);
	if (!error)
		error = launch_init(&pair->launch, pair->argv[0], 1,
				    &pair->options->start, diagnostics);
	if (!error && getrandom(ticket, sizeof(*ticket), 0) != (ssize_t)sizeof(*ticket))
		error = -EIO;
	return error ? error : add_filters(pair, diagnostics);
}

static int split(struct pair *pair)
{
	int ends[2];
	pid_t server;
	int result;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	server = fork();
	if (server == 0) {
		close(ends[0]);
		pair->link = ends[1];
		be_server(pair);
		_exit(0);
	}
	close(ends[1]);
	pair->link = ends[0];
	result = server < 0 ? -errno : be_front(pair, server);
	close(ends[0]);
	waitpid(server, NULL, WNOHANG);
	return result;
}

/* The refusal of the load, which happened in another process, in words. */
static void explain(const struct pair *pair, int error,
		    struct callgate_diagnostics *diagnostics)
{
	const struct callgate_refusal refusal = {
		.operation = SECCOMP_SET_MODE_FILTER,
		.options.flags = pair->launch.flags | SECCOMP_FILTER_FLAG_NEW_LISTENER |
				 SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
		.options.without_no_new_privs = pair->launch.without_no_new_privs,
		.error = error,
		.program = pair->launch.layers[0].filter,
		.length = pair->launch.layers[0].len,
	};

	callgate_refusal_explain(&refusal, NULL, diagnostics);
}

static int supervise(struct pair *pair, struct callgate_diagnostics *diagnostics)
{
	const int was_dumpable = prctl(PR_GET_DUMPABLE);
	int result;

	pair->signals = open_signals();
	if (pair->signals < 0)
		return -errno;
	block_signals(&pair->mask);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_DUMPABLE, 0);
	result = split(pair);
	if (result < 0 && result != -ECHILD)
		explain(pair, result, diagnostics);
	prctl(PR_SET_DUMPABLE, was_dumpable);
	pthread_sigmask(SIG_SETMASK, &pair->mask, NULL);
	close(pair->signals);
	return result;
}

int callgate_supervise(const struct callgate_filter *const *filters, size_t count,
		       char *const *argv,
		       const struct callgate_supervise_options *options,
		       struct callgate_diagnostics *diagnostics, int *ret_status)
{
	static const struct callgate_supervise_handler silent;
	struct pair pair = {
		.supervisor = { .filters = filters,
				.count = count,
				.handler =
					options->handler ? options->handler : &silent,
				.permissive = options->permissive,
				.shown_lock = PTHREAD_MUTEX_INITIALIZER,
				.listener = -1 },
		.options = options,
		.argv = argv,
		.program = { 0, -1, -1 },
	};
	int result = count ? prepare(&pair, diagnostics) : -EINVAL;

	if (!result)
		result = pending_open(&pair.supervisor);
	if (!result)
		result = supervise(&pair, diagnostics);
	*ret_status = pair.status;
	launch_done(&pair.launch);
	pending_close(&pair.supervisor);
	free(pair.supervisor.shown);
	if (pair.program.pidfd >= 0)
		close(pair.program.pidfd);
	if (pair.program.listener >= 0)
		close(pair.program.listener);
	return result;
}
