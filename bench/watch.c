// SPDX-License-Identifier: MIT
/*
 * What watching costs a process that never calls seccomp(2): the same loop of the cheapest
 * system call, without a watch and with each kind, by turns. Of each the best batch counts,
 * for everything else that the machine does only adds.
 *
 *     ./dev bench watch [ROUNDS]
 */
#include <linux/seccomp.h>
#include <record_floor.skel.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "callgate.h"
#include "count.h"
#include "probe.h"
#include "watch.h"

#define CALLS	5000
#define BATCHES 60

#define CALLS_ALONE (1u << WATCH_SECCOMP | 1u << WATCH_PRCTL)
#define WITH_DENIED (CALLS_ALONE | 1u << WATCH_DENIED)

static const struct subject {
	const char *name;
	uint32_t events; /* 0: no watch */
	uint32_t hooks;
	bool is_confined; /* the loop runs under a filter that allows everything */
	bool is_counted;  /* every call is, as `callgate top` does it */
	bool is_floor; /* no watch, but programs at the tracepoints that do nothing */
} subjects[] = {
	{ .name = "no watch" },
	{ "seccomp and prctl, kprobe", CALLS_ALONE, 1u << WATCH_HOOK_KPROBE },
	{ "seccomp and prctl, fentry", CALLS_ALONE, 1u << WATCH_HOOK_FENTRY },
	{ "seccomp and prctl, tracepoints", CALLS_ALONE, 1u << WATCH_HOOK_TRACEPOINT },
	{ .name = "tracepoints, empty programs", .is_floor = true },
	{ .name = "denied as well", .events = WITH_DENIED },
	{ .name = "top", .events = 1u << WATCH_DENIED, .is_counted = true },
	{ .name = "no watch, under a filter", .is_confined = true },
	{ .name = "denied as well, under a filter",
	  .events = WITH_DENIED,
	  .is_confined = true },
	{ .name = "top, under a filter",
	  .events = 1u << WATCH_DENIED,
	  .is_confined = true,
	  .is_counted = true },
};

#define SUBJECTS (sizeof(subjects) / sizeof(*subjects))

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void confine(void)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	if (callgate_program_load(&allow, 1, NULL, NULL))
		_exit(1);
}

/* The best of many batches, each short enough to have a CPU for itself. */
static void loop(bool is_confined, double *ret_nanoseconds)
{
	if (is_confined)
		confine();
	for (int batch = 0; batch < BATCHES; batch++) {
		double start = now(), took;

		for (int i = 0; i < CALLS; i++)
			syscall(SYS_getppid);
		took = (now() - start) / CALLS;
		if (!batch || took < *ret_nanoseconds)
			*ret_nanoseconds = took;
	}
}

static void ignore(void *context, const struct watch_event *event)
{
	(void)context;
	(void)event;
}

/* Nanoseconds a call, or 0: there is no such hook here. */
static double measure(const struct subject *subject, double *shared)
{
	const struct watch_options options = {
		.events = subject->events,
		.hooks = subject->hooks,
		.event = ignore,
	};
	struct record_floor_bpf *floor = NULL;
	struct count *count = NULL;
	struct watch *watch = NULL;
	pid_t child;

	if (subject->is_floor) {
		floor = record_floor_bpf__open_and_load();
		if (!floor || record_floor_bpf__attach(floor))
			return 0;
	}
	if (subject->events && watch_open(&options, &watch))
		return 0;
	if (subject->is_counted && count_open(&count))
		return 0;
	*shared = 0;
	child = fork();
	if (!child) {
		loop(subject->is_confined, shared);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	count_close(count);
	watch_close(watch);
	record_floor_bpf__destroy(floor);
	return *shared;
}

static void print_row(const struct subject *subject, double best, double base)
{
	if (best > 0)
		printf("%-34s %8.1f ns %8.1f ns %7.2f\n", subject->name, best,
		       best - base, best / base);
	else
		printf("%-34s %11s\n", subject->name, "not here");
}

int main(int argc, char **argv)
{
	double best[SUBJECTS] = { 0 }, *shared, base = 0;
	struct probe_lack lack;
	uint64_t rounds = 7;

	if (!probe_is_usable(&lack)) {
		fprintf(stderr, "bench: %s\n", lack.problem);
		return 77;
	}
	if (argc > 1 && callgate_number_parse(argv[1], &rounds))
		return 2;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	for (uint64_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < SUBJECTS; i++) {
			double took = measure(&subjects[i], shared);

			if (took > 0 && (best[i] <= 0 || took < best[i]))
				best[i] = took;
		}
	}
	printf("%-34s %11s %11s %7s\n", "getppid, best of rounds", "a call", "more",
	       "ratio");
	for (size_t i = 0; i < SUBJECTS; i++) {
		if (!subjects[i].events && !subjects[i].is_floor)
			base = best[i];
		print_row(&subjects[i], best[i], base);
	}
	return 0;
}
