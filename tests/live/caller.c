// SPDX-License-Identifier: MIT
/*
 * Makes the calls that watching.py wants to see, each of another kind, and tells of them on
 * standard output, a line each:
 *
 *     SYSCALL PID TID COMPAT RESULT ARGUMENT...
 *
 * caller KIND...
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw_call.h"

#define CROWD	    4
#define CROWD_CALLS 5000

static struct sock_filter allow_all[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
static struct sock_fprog program = { 1, allow_all };

static void tell(const char *name, int is_compat, long result,
		 const uint64_t *arguments, int count)
{
	printf("%s %d %ld %d %ld", name, getpid(), syscall(SYS_gettid), is_compat,
	       result);
	for (int i = 0; i < count; i++)
		printf(" %llu", (unsigned long long)arguments[i]);
	printf("\n");
	fflush(stdout);
}

static void call(const char *name, long number, int count, const uint64_t arguments[6])
{
	tell(name, 0, raw_call(number, arguments), arguments, count);
}

static void call_seccomp(uint64_t operation, uint64_t flags, const void *pointer)
{
	const uint64_t arguments[6] = { operation, flags, (uintptr_t)pointer };

	call("seccomp", SYS_seccomp, 3, arguments);
}

static void call_prctl(uint64_t option, uint64_t second, const void *third)
{
	const uint64_t arguments[6] = { option, second, (uintptr_t)third };

	call("prctl", SYS_prctl, 5, arguments);
}

static void by_prctl(void)
{
	call_prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	call_prctl(PR_GET_SECCOMP, 0, NULL);
}

static void *wait_for_end(void *descriptor)
{
	char byte;

	while (read(*(int *)descriptor, &byte, 1) < 0 && errno == EINTR)
		;
	return NULL;
}

static void with_tsync(void)
{
	pthread_t thread;
	int ends[2];

	if (pipe(ends) || pthread_create(&thread, NULL, wait_for_end, &ends[0]))
		exit(1);
	call_seccomp(SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG, &program);
	close(ends[1]);
	pthread_join(thread, NULL);
}

static void with_listener(void)
{
	call_seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		     &program);
	/* A second listener is refused while the first one lives. */
	call_seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		     &program);
}

static void ask(void)
{
	static const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	call_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action);
	call_seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, NULL);
	call_seccomp(99, UINT64_C(0xfffffffff), (void *)(uintptr_t)-1);
}

/* Has getpgid() refused, very often. */
static void burst(void)
{
	static struct sock_filter refuse[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	static const struct sock_fprog refusing = { 4, refuse };

	call_seccomp(SECCOMP_SET_MODE_FILTER, 0, &refusing);
	for (int i = 0; i < 20000; i++)
		syscall(SYS_getpgid, i);
}

/* Has getpgid() refused so, and logged. */
static void refuse_logged(uint32_t verdict)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog refusing = { 4, code };

	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG,
		&refusing);
}

static void *be_refused(void *nothing)
{
	syscall(SYS_getpgid, 0);
	return nothing;
}

static void by_thread(uint32_t verdict)
{
	pthread_t thread;

	refuse_logged(verdict);
	if (!pthread_create(&thread, NULL, be_refused, NULL))
		pthread_join(thread, NULL);
}

static void by_process(uint32_t verdict)
{
	refuse_logged(verdict);
	be_refused(NULL);
}

static void by_strict_mode(uint32_t unused)
{
	(void)unused;
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
	be_refused(NULL);
}

/* A child for each way to be refused that the kernel logs; they may die of it. */
static void be_refused_logged(void)
{
	static const struct {
		void (*run)(uint32_t verdict);
		uint32_t verdict;
	} ways[] = {
		{ by_process, SECCOMP_RET_KILL_PROCESS },
		{ by_process, SECCOMP_RET_KILL_THREAD },
		{ by_thread, SECCOMP_RET_KILL_THREAD },
		{ by_process, SECCOMP_RET_TRAP },
		{ by_process, SECCOMP_RET_ERRNO | EXDEV },
		{ by_process, SECCOMP_RET_TRACE },
		{ by_process, SECCOMP_RET_LOG },
		{ by_strict_mode, 0 },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		pid_t child = fork();

		if (!child) {
			const struct rlimit none = { 0, 0 };

			setrlimit(RLIMIT_CORE, &none);
			ways[i].run(ways[i].verdict);
			syscall(SYS_exit_group, 0);
		}
		waitpid(child, NULL, 0);
	}
}

#ifdef __x86_64__
static void as_i386(void)
{
	const uint64_t seccomp[6] = { SECCOMP_GET_ACTION_AVAIL, 0, 1 };
	const uint64_t prctl_[6] = { PR_GET_NO_NEW_PRIVS };

	tell("seccomp", 1, raw_call_i386(354, seccomp), seccomp, 3);
	tell("prctl", 1, raw_call_i386(172, prctl_), prctl_, 5);
}
#endif

/* On one CPU, so that who is interrupted in the kernel makes room for another. */
static void crowd(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	for (int i = 0; i < CROWD; i++) {
		if (fork())
			continue;
		for (int k = 0; k < CROWD_CALLS; k++)
			prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
		_exit(0);
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static const struct {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "ask", ask },		 { "prctl", by_prctl },
	{ "tsync", with_tsync }, { "listener", with_listener },
	{ "burst", burst },	 { "refused", be_refused_logged },
	{ "crowd", crowd },
#ifdef __x86_64__
	{ "i386", as_i386 },
#endif
};

int main(int argc, char **argv)
{
	call_prctl(PR_SET_NO_NEW_PRIVS, 1, NULL);
	for (int i = 1; i < argc; i++) {
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
			if (strcmp(kinds[k].name, argv[i]) == 0)
				kinds[k].run();
		}
	}
	return 0;
}
