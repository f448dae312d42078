// SPDX-License-Identifier: MIT
/*
 * Processes that seccomp refuses something, each in its own way, and many that it does not.
 * They run in children that may die of it.
 */
#include "watch_cases.h"

#include <errno.h>
#include <linux/audit.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "callgate.h"
#include "raw_call.h"

#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31
#endif

#define REFUSED	     __NR_getpgid
#define REFUSED_I386 132
#define SECCOMP_I386 354
#define LOAD	     SECCOMP_SET_MODE_FILTER

/* --- loading ------------------------------------------------------------------------------ */

static long load_program(const struct sock_filter *code, unsigned short length,
			 unsigned flags)
{
	struct sock_fprog program = { length, (struct sock_filter *)(uintptr_t)code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(__NR_seccomp, LOAD, flags, &program);
}

/* Answers the one call so and allows all others. Numbers are those of any ABI. */
static long refuse(long number, uint32_t verdict, unsigned flags)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return load_program(code, sizeof(code) / sizeof(*code), flags);
}

static void fill_arguments(uint64_t ret_arguments[6])
{
	for (int i = 0; i < 6; i++)
		ret_arguments[i] = REFUSED_ARGUMENT(i);
}

static long call_refused(void)
{
	uint64_t arguments[6];

	fill_arguments(arguments);
	return raw_call(REFUSED, arguments);
}

static void *call_in_thread(void *nothing)
{
	call_refused();
	return nothing;
}

static void run_thread(void *(*run)(void *))
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, run, NULL))
		pthread_join(thread, NULL);
}

static void await(pid_t child)
{
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/* --- denials, one each --------------------------------------------------------------------- */

static void errno_once(void)
{
	refuse(REFUSED, SECCOMP_RET_ERRNO | EXDEV, 0);
	call_refused();
}

static void errno_zero(void)
{
	refuse(REFUSED, SECCOMP_RET_ERRNO, 0);
	call_refused();
}

static void errno_too_large(void)
{
	refuse(REFUSED, SECCOMP_RET_ERRNO | 0xffff, 0);
	call_refused();
}

static void trap(void)
{
	signal(SIGSYS, SIG_DFL);
	refuse(REFUSED, SECCOMP_RET_TRAP | 7, 0);
	call_refused();
}

static void trace(void)
{
	refuse(REFUSED, SECCOMP_RET_TRACE | 9, 0);
	call_refused();
}

static void kill_process(void)
{
	refuse(REFUSED, SECCOMP_RET_KILL_PROCESS, 0);
	call_refused();
}

static void kill_only_thread(void)
{
	refuse(REFUSED, SECCOMP_RET_KILL_THREAD, 0);
	call_refused();
}

static void kill_one_thread(void)
{
	refuse(REFUSED, SECCOMP_RET_KILL_THREAD, 0);
	run_thread(call_in_thread);
}

static void unknown_action(void)
{
	refuse(REFUSED, 0x12340000, 0);
	call_refused();
}

static void strict_mode(void)
{
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
	call_refused();
}

static void three_filters(void)
{
	refuse(REFUSED, SECCOMP_RET_ERRNO | 1, 0);
	refuse(REFUSED, SECCOMP_RET_ERRNO | 2, 0);
	refuse(REFUSED, SECCOMP_RET_LOG, 0);
	call_refused();
}

static void seccomp_itself(void)
{
	refuse(__NR_seccomp, SECCOMP_RET_ERRNO | EPERM, 0);
	syscall(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, NULL);
}

/* A number that is also how a tracer makes a call none. */
static void no_number(void)
{
	uint64_t arguments[6] = { 0 };

	refuse(-1, SECCOMP_RET_ERRNO | EXDEV, 0);
	raw_call(-1, arguments);
}

static void *load_another(void *nothing)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	prctl(PR_SET_NAME, "cg-another", 0, 0, 0);
	load_program(&allow, 1, 0);
	return nothing;
}

/* Others load more filters than are remembered. They go by another name. */
static void among_many(void)
{
	errno_once();
	for (int i = 0; i < WATCH_PROGRAMS + 100; i++)
		run_thread(load_another);
	call_refused();
}

static void first_call_of_a_child(void)
{
	pid_t child;

	refuse(REFUSED, SECCOMP_RET_ERRNO | EXDEV, 0);
	child = (pid_t)syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0);
	if (!child) {
		call_refused();
		_exit(0);
	}
	await(child);
}

/* --- user notification -------------------------------------------------------------------------- */

static int listener;

/* Answers one call. */
static void answer(int error, uint32_t flags)
{
	/* larger than the kernel of today has them */
	struct {
		struct seccomp_notif notif;
		char room[64];
	} in = { 0 };
	struct {
		struct seccomp_notif_resp response;
		char room[64];
	} out = { 0 };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &in.notif))
		return;
	out.response.id = in.notif.id;
	out.response.error = error;
	out.response.flags = flags;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &out.response);
}

static void *refuse_one(void *nothing)
{
	answer(-EXDEV, 0);
	return nothing;
}

static void *continue_one(void *nothing)
{
	answer(0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	return nothing;
}

static void notify(void *(*supervise)(void *))
{
	pthread_t thread;

	listener = (int)refuse(REFUSED, SECCOMP_RET_USER_NOTIF,
			       SECCOMP_FILTER_FLAG_NEW_LISTENER);
	if (listener < 0 || pthread_create(&thread, NULL, supervise, NULL))
		return;
	call_refused();
	pthread_join(thread, NULL);
}

static void notify_refuses(void)
{
	notify(refuse_one);
}

static void notify_continues(void)
{
	notify(continue_one);
}

static void ignore_signal(int signal)
{
	(void)signal;
}

/* The signal finds the thread waiting for an answer; the call is then made again. */
static void *interrupt_and_refuse(void *leader)
{
	struct pollfd descriptor = { .fd = listener, .events = POLLIN };
	const struct timespec moment = { .tv_nsec = 50000000 };

	poll(&descriptor, 1, 5000);
	pthread_kill(*(pthread_t *)leader, SIGUSR1);
	nanosleep(&moment, NULL);
	answer(-EXDEV, 0);
	return NULL;
}

static void notify_interrupted(void)
{
	const struct sigaction action = { .sa_handler = ignore_signal,
					  .sa_flags = SA_RESTART };
	pthread_t thread, self = pthread_self();

	sigaction(SIGUSR1, &action, NULL);
	listener = (int)refuse(REFUSED, SECCOMP_RET_USER_NOTIF,
			       SECCOMP_FILTER_FLAG_NEW_LISTENER);
	if (listener < 0 || pthread_create(&thread, NULL, interrupt_and_refuse, &self))
		return;
	call_refused();
	pthread_join(thread, NULL);
}

/* --- threads ------------------------------------------------------------------------------------- */

static int go[2];

/* Waits in a call that began without a filter, and then has its first one refused. */
static void *wait_and_call(void *nothing)
{
	char byte;

	while (read(go[0], &byte, 1) < 0)
		;
	call_refused();
	return nothing;
}

static void synchronised_thread(void)
{
	const struct timespec moment = { .tv_nsec = 50000000 };
	pthread_t thread;

	if (pipe(go) || pthread_create(&thread, NULL, wait_and_call, NULL))
		return;
	nanosleep(&moment, NULL);
	refuse(REFUSED, SECCOMP_RET_ERRNO | EXDEV, SECCOMP_FILTER_FLAG_TSYNC);
	if (write(go[1], "x", 1) == 1)
		pthread_join(thread, NULL);
}

/* --- calls that are no denials -------------------------------------------------------------------- */

static void questions(void)
{
	uint32_t action = SECCOMP_RET_TRAP;

	syscall(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
	syscall(__NR_seccomp, LOAD, SECCOMP_FILTER_FLAG_LOG, NULL);
	prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	prctl(PR_SET_NAME, "cg-watched", 0, 0, 0);
}

static void by_prctl(void)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 1, (struct sock_filter *)(uintptr_t)code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

#ifdef __x86_64__

static void i386_question(void)
{
	uint64_t arguments[6] = { SECCOMP_GET_NOTIF_SIZES, 0, 1, 0, 0, 0 };

	raw_call_i386(SECCOMP_I386, arguments);
}

static void i386_denial(void)
{
	uint64_t arguments[6];

	refuse(REFUSED_I386, SECCOMP_RET_ERRNO | EXDEV, 0);
	fill_arguments(arguments);
	raw_call_i386(REFUSED_I386, arguments);
}

#endif

/* Stops a child at its calls. `skip`: makes each the call -1. */
static void trace_child(enum __ptrace_request request, bool skip)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		for (int i = 0; i < 5; i++)
			syscall(__NR_getppid);
		_exit(0);
	}
	waitpid(child, &status, 0);
	for (int i = 0; i < 100 && !WIFEXITED(status) && !WIFSIGNALED(status); i++) {
		if (ptrace(request, child, NULL, NULL))
			break;
		waitpid(child, &status, 0);
#ifdef __x86_64__
		if (skip && i < 8 && WIFSTOPPED(status))
			ptrace(PTRACE_POKEUSER, child, 8 * 15 /* ORIG_RAX */, -1L);
#endif
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	(void)skip;
}

static void traced(void)
{
	refuse(REFUSED, SECCOMP_RET_ERRNO | EXDEV, 0);
	trace_child(PTRACE_SYSCALL, false);
}

static void skipped_by_a_tracer(void)
{
	refuse(REFUSED, SECCOMP_RET_ERRNO | EXDEV, 0);
	trace_child(PTRACE_SYSCALL, true);
}

static void emulated_by_a_tracer(void)
{
	refuse(REFUSED, SECCOMP_RET_ERRNO | EXDEV, 0);
	trace_child(PTRACE_SYSEMU, false);
}

static void *nothing(void *argument)
{
	return argument;
}

static void fork_once(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	await(child);
	child = vfork();
	if (!child)
		_exit(0);
	await(child);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* A sleep that is stopped and continued goes on by restart_syscall. */
static void stop_a_sleeper(void)
{
	const struct timespec moment = { .tv_nsec = 3000000 };
	pid_t child = fork();

	if (!child) {
		nanosleep(&(struct timespec){ .tv_nsec = 8000000 }, NULL);
		_exit(0);
	}
	nanosleep(&moment, NULL);
	kill(child, SIGSTOP);
	kill(child, SIGCONT);
	await(child);
}

void churn(unsigned seconds)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	const struct itimerspec often = { { .tv_nsec = 700000 },
					  { .tv_nsec = 700000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGALRM };
	time_t end = time(NULL) + (time_t)seconds;
	timer_t timer;

	refuse(REFUSED, SECCOMP_RET_ERRNO | EXDEV, 0);
	sigaction(SIGALRM, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
		timer_settime(timer, 0, &often, NULL);
	while (time(NULL) < end) {
		fork_once();
		run_thread(nothing);
		stop_a_sleeper();
		trace_child(PTRACE_SYSCALL, false);
		trace_child(PTRACE_SYSCALL, true);
		trace_child(PTRACE_SYSEMU, false);
	}
}

static void churn_a_little(void)
{
	const char *text = getenv("CALLGATE_STRESS");
	uint64_t seconds;

	if (!text || callgate_number_parse(text, &seconds))
		seconds = 2;
	churn((unsigned)seconds);
}

/* --- many ------------------------------------------------------------------------------------------- */

static unsigned burst_share;

static void *refuse_many(void *argument)
{
	for (unsigned i = 0; i < burst_share; i++)
		call_refused();
	return argument;
}

void burst(unsigned count)
{
	pthread_t threads[4];

	burst_share = count / 4;
	refuse(REFUSED, SECCOMP_RET_ERRNO | EXDEV, 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, refuse_many, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

/* --- the table ---------------------------------------------------------------------------------------- */

#define NNP                                                       \
	{                                                         \
		.kind = WATCH_PRCTL, .first = PR_SET_NO_NEW_PRIVS \
	}
#define LOADED                                                             \
	{                                                                  \
		.kind = WATCH_SECCOMP, .first = LOAD, .is_installed = true \
	}
#define DENIED(verdict_, result_)                                                 \
	{                                                                         \
		.kind = WATCH_DENIED, .verdict = (verdict_), .result = (result_), \
		.layer = 1                                                        \
	}

const struct watch_case watch_cases[] = {
	/* clang-format off */
	{ "an errno", errno_once,
	  { NNP, LOADED, DENIED(SECCOMP_RET_ERRNO | EXDEV, -EXDEV), END } },
	{ "errno 0", errno_zero,
	  { NNP, LOADED, DENIED(SECCOMP_RET_ERRNO, 0), END } },
	{ "an errno that the kernel cuts", errno_too_large,
	  { NNP, LOADED, DENIED(SECCOMP_RET_ERRNO | 0xffff, -4095), END } },
	{ "a call without a number", no_number,
	  { NNP, LOADED, { .kind = WATCH_DENIED, .verdict = SECCOMP_RET_ERRNO | EXDEV,
			   .result = -EXDEV, .layer = 1, .number = -1 }, END } },
	{ "after many filters of others", among_many,
	  { NNP, LOADED, DENIED(SECCOMP_RET_ERRNO | EXDEV, -EXDEV),
	    DENIED(SECCOMP_RET_ERRNO | EXDEV, -EXDEV), END } },
	{ "a trap", trap,
	  { NNP, LOADED, DENIED(SECCOMP_RET_TRAP | 7, REFUSED), END } },
	{ "a trace without a tracer", trace,
	  { NNP, LOADED, DENIED(SECCOMP_RET_TRACE | 9, -ENOSYS), END } },
	{ "a killed process", kill_process,
	  { NNP, LOADED, DENIED(SECCOMP_RET_KILL_PROCESS, REFUSED), END } },
	{ "the only thread killed", kill_only_thread,
	  { NNP, LOADED, DENIED(SECCOMP_RET_KILL_THREAD, REFUSED), END } },
	{ "one thread killed of two", kill_one_thread,
	  { NNP, LOADED, DENIED(SECCOMP_RET_KILL_THREAD, 0), END } },
	{ "an action that is none", unknown_action,
	  { NNP, LOADED, DENIED(0x12340000, REFUSED), END } },
	{ "strict mode", strict_mode,
	  { { .kind = WATCH_PRCTL, .first = PR_SET_SECCOMP },
	    { .kind = WATCH_DENIED, .verdict = SECCOMP_RET_KILL_THREAD,
	      .source = WATCH_BY_MODE }, END } },
	{ "the newest but one of three filters", three_filters,
	  { NNP, LOADED, NNP, LOADED, NNP, LOADED,
	    { .kind = WATCH_DENIED, .verdict = SECCOMP_RET_ERRNO | 2, .result = -2,
	      .layer = 2 }, END } },
	{ "a refused seccomp() is no call of it", seccomp_itself,
	  { NNP, LOADED,
	    { .kind = WATCH_DENIED, .verdict = SECCOMP_RET_ERRNO | EPERM,
	      .result = -EPERM, .layer = 1, .number = __NR_seccomp }, END } },
	{ "the first call of a child", first_call_of_a_child,
	  { NNP, LOADED, DENIED(SECCOMP_RET_ERRNO | EXDEV, -EXDEV), END } },
	{ "the first call of a thread that TSYNC confined", synchronised_thread,
	  { NNP, LOADED, DENIED(SECCOMP_RET_ERRNO | EXDEV, -EXDEV), END } },
	{ "a supervisor's refusal", notify_refuses,
	  { NNP, { .kind = WATCH_SECCOMP, .first = LOAD, .is_installed = true, .result = ANY },
	    DENIED(SECCOMP_RET_USER_NOTIF, -EXDEV), END } },
	{ "a supervisor who lets it go on", notify_continues,
	  { NNP, { .kind = WATCH_SECCOMP, .first = LOAD, .is_installed = true, .result = ANY },
	    END } },
	{ "a signal while the supervisor thinks", notify_interrupted,
	  { NNP, { .kind = WATCH_SECCOMP, .first = LOAD, .is_installed = true, .result = ANY },
	    DENIED(SECCOMP_RET_USER_NOTIF, -EXDEV), END } },
	{ "questions, and no prctl of another kind", questions,
	  { { .kind = WATCH_SECCOMP, .first = SECCOMP_GET_ACTION_AVAIL },
	    { .kind = WATCH_SECCOMP, .first = LOAD, .result = -EFAULT },
	    { .kind = WATCH_PRCTL, .first = PR_GET_NO_NEW_PRIVS }, END } },
	{ "a filter by prctl", by_prctl,
	  { NNP, { .kind = WATCH_PRCTL, .first = PR_SET_SECCOMP, .is_installed = true },
	    END } },
#ifdef __x86_64__
	{ "an i386 call", i386_question,
	  { { .kind = WATCH_SECCOMP, .first = SECCOMP_GET_NOTIF_SIZES, .result = -EFAULT,
	      .is_compat = true }, END } },
	{ "a refused i386 call", i386_denial,
	  { NNP, LOADED,
	    { .kind = WATCH_DENIED, .verdict = SECCOMP_RET_ERRNO | EXDEV,
	      .result = -EXDEV, .layer = 1, .is_compat = true, .number = REFUSED_I386 },
	    END } },
#endif
	{ "a traced child is no denial", traced, { NNP, LOADED, END } },
	{ "nor is a call that a tracer skips", skipped_by_a_tracer, { NNP, LOADED, END } },
	{ "nor one that a tracer emulates", emulated_by_a_tracer, { NNP, LOADED, END } },
	{ "children, threads, signals, sleepers and tracers without a denial",
	  churn_a_little, { NNP, LOADED, END } },
	{ 0 },
	/* clang-format on */
};
