// SPDX-License-Identifier: MIT
/*
 * What is measured when programs are recorded: a loop of calls, or of short-lived children.
 *
 *     record_loop calls|arguments|forks FILE     nanoseconds of each batch, one a line
 *
 * A batch is short, so that the least of many is one that nothing has disturbed.
 */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 60

static void call(void)
{
	syscall(SYS_getppid);
}

/* Of its arguments one is recorded: a command that was seen before. */
static void call_with_arguments(void)
{
	syscall(SYS_ioctl, -1, 0x5401, 0);
}

static void make_child(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
}

static const struct loop {
	const char *name;
	void (*once)(void);
	int rounds; /* of a batch */
} loops[] = {
	{ "calls", call, 2000 },
	{ "arguments", call_with_arguments, 2000 },
	{ "forks", make_child, 10 },
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static void run(const struct loop *loop, FILE *file)
{
	for (int batch = 0; batch < BATCHES; batch++) {
		double began = now();

		for (int i = 0; i < loop->rounds; i++)
			loop->once();
		fprintf(file, "%.1f\n", (now() - began) / loop->rounds);
		fflush(file); /* a child must not have it too */
	}
}

int main(int argc, char **argv)
{
	FILE *file = argc == 3 ? fopen(argv[2], "we") : NULL;

	for (size_t i = 0; file && i < sizeof(loops) / sizeof(*loops); i++)
		if (strcmp(loops[i].name, argv[1]) == 0)
			run(&loops[i], file);
	return file && !fclose(file) ? 0 : 2;
}
