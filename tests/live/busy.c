// SPDX-License-Identifier: MIT
/*
 * A process that can be recorded while it runs: threads that call, and what they may do
 * then.
 *
 *     busy [refused] [child]    until its standard input ends
 *
 * Two threads call getpgid() all the time. A byte on standard input has the first one call
 * setpriority() and, as the words say, make a child that calls getsid(), and call umask(),
 * which a filter refuses that was there from the start. Prints a line when it is ready, and
 * one after each byte.
 *
 *     busy hasty        calls umask() at once when it is refused
 *     busy synchronous  a thread does, which another one has given the filter
 *     busy killed       a thread does, which its filter kills for it
 *     busy leaderless   its first thread has ended, another one calls getpgid() for a second
 *     busy greatest     calls ptrace() with the greatest number of all
 *     busy vsyscall     calls time() by the page that was there before the vDSO
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int answer_umask(uint32_t verdict, unsigned flags)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_umask, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { 4, program };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

static int refuse_umask(unsigned flags)
{
	return answer_umask(SECCOMP_RET_ERRNO | 1, flags);
}

static int be_hasty(void)
{
	int error = refuse_umask(0);

	umask(0);
	return error;
}

/* Does not enter the kernel while it waits. */
static void *wait_and_call(void *is_refused)
{
	syscall(SYS_getsid, 0);
	while (!__atomic_load_n((int *)is_refused, __ATOMIC_ACQUIRE))
		;
	umask(0);
	return NULL;
}

static int be_synchronous(void)
{
	const struct timespec moment = { .tv_nsec = 100000000 };
	int is_refused = 0, error;
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_and_call, &is_refused))
		return 1;
	nanosleep(&moment, NULL);
	error = refuse_umask(SECCOMP_FILTER_FLAG_TSYNC);
	__atomic_store_n(&is_refused, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	return error;
}

static void *be_killed(void *nothing)
{
	(void)nothing;
	if (!answer_umask(SECCOMP_RET_KILL_THREAD, 0))
		umask(0);
	return NULL;
}

static int have_one_killed(void)
{
	const struct timespec moment = { .tv_nsec = 100000000 };
	pthread_t thread;

	if (pthread_create(&thread, NULL, be_killed, NULL))
		return 1;
	/* It cannot be joined. */
	return nanosleep(&moment, NULL);
}

static void *go_on(void *nothing)
{
	const struct timespec moment = { .tv_nsec = 100000000 };

	(void)nothing;
	for (int i = 0; i < 10; i++) {
		syscall(SYS_getpgid, 0);
		nanosleep(&moment, NULL);
	}
	exit(0);
}

static int be_leaderless(void)
{
	pthread_t thread;

	puts("ready");
	fflush(stdout);
	if (pthread_create(&thread, NULL, go_on, NULL))
		return 1;
	pthread_exit(NULL);
}

static int call_greatest(void)
{
	return syscall(SYS_ptrace, -1L, 0, 0, 0) == 0;
}

static int call_vsyscall(void)
{
#ifdef __x86_64__
	long (*call_time)(long *);
	const uintptr_t address = 0xffffffffff600400;

	memcpy(&call_time, &address, sizeof(address));
	return call_time(NULL) <= 0;
#else
	return 1;
#endif
}

static const struct {
	const char *word;
	int (*act)(void);
} acts[] = {
	{ "hasty", be_hasty },	       { "synchronous", be_synchronous },
	{ "killed", have_one_killed }, { "leaderless", be_leaderless },
	{ "greatest", call_greatest }, { "vsyscall", call_vsyscall },
};

static void *call(void *nothing)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	(void)nothing;
	for (;;) {
		syscall(SYS_getpgid, 0);
		nanosleep(&moment, NULL);
	}
	return NULL;
}

static void make_child(void)
{
	pid_t child = fork();

	if (child == 0) {
		syscall(SYS_getsid, 0);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
	int has_child = 0, has_refused = 0;
	pthread_t thread;
	char byte;

	for (size_t i = 0; argc == 2 && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(argv[1], acts[i].word) == 0)
			return acts[i].act();
	for (int i = 1; i < argc; i++) {
		has_child |= strcmp(argv[i], "child") == 0;
		has_refused |= strcmp(argv[i], "refused") == 0;
	}
	if (has_refused && refuse_umask(0))
		return 1;
	for (int i = 0; i < 2; i++)
		if (pthread_create(&thread, NULL, call, NULL))
			return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (read(STDIN_FILENO, &byte, 1) == 1) {
		setpriority(PRIO_PROCESS, 0, 0);
		if (has_child)
			make_child();
		if (has_refused)
			umask(0);
		puts("done");
	}
	return 0;
}
