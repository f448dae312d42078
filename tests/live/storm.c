// SPDX-License-Identifier: MIT
/*
 * Many short-lived processes and threads on every CPU, which count what they call.
 *
 *     storm MILLISECONDS [PROCESSES]      prints "getppid N" and the like, one a line
 *
 * Each worker makes children without a pause; a child makes some calls, every other one in
 * a thread of its own, and ends. Counted are calls that nothing else here makes.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS 8 /* of a child */

struct counts {
	unsigned long getppid, sched_yield, wait4;
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *yield(void *counts)
{
	struct counts *own = counts;

	for (int i = 0; i < CALLS; i++)
		if (!syscall(SYS_sched_yield))
			__sync_fetch_and_add(&own->sched_yield, 1);
	return NULL;
}

static void be_child(struct counts *counts, int has_thread)
{
	pthread_t thread;

	for (int i = 0; i < CALLS; i++)
		if (syscall(SYS_getppid) >= 0)
			__sync_fetch_and_add(&counts->getppid, 1);
	if (has_thread && !pthread_create(&thread, NULL, yield, counts))
		pthread_join(thread, NULL);
	_exit(0);
}

static void be_worker(struct counts *counts, double end)
{
	for (int i = 0; now() < end; i++) {
		pid_t child = fork();

		if (child == 0)
			be_child(counts, i % 2);
		if (child < 0)
			_exit(1);
		if (syscall(SYS_wait4, child, NULL, 0, NULL) == child)
			__sync_fetch_and_add(&counts->wait4, 1);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	struct counts *counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double end;
	int workers = 4, failed = 0;
	siginfo_t ended;
	char *rest;

	if (argc < 2 || counts == MAP_FAILED)
		return 2;
	end = now() + strtod(argv[1], &rest) / 1000;
	if (argc > 2)
		workers = (int)strtod(argv[2], &rest);
	for (int i = 0; i < workers; i++)
		if (fork() == 0)
			be_worker(counts, end);
	/* By another call than the one that is counted. */
	while (waitid(P_ALL, 0, &ended, WEXITED) == 0)
		failed |= ended.si_status;
	printf("getppid %lu\nsched_yield %lu\nwait4 %lu\n", counts->getppid,
	       counts->sched_yield, counts->wait4);
	return failed;
}
