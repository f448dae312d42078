// SPDX-License-Identifier: MIT
/*
 * What is measured when denials are explained: calls that are allowed, and calls that are
 * denied, at one place or from ever new depths of the stack.
 *
 *     explain_loop allowed|denied|places FILE    nanoseconds of a call, a batch a line
 *
 * A batch is short, so that the least of many is one that nothing has disturbed.
 */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 200

static void allowed(unsigned batch, unsigned round)
{
	(void)batch;
	(void)round;
	syscall(SYS_getppid);
}

static void denied(unsigned batch, unsigned round)
{
	(void)batch;
	(void)round;
	syscall(SYS_swapoff, 0);
}

/* Each call has its stack elsewhere, so each is unwound. */
static void denied_anew(unsigned batch, unsigned round)
{
	volatile char *room = __builtin_alloca(16 * (batch + round + 1));

	*room = 0;
	syscall(SYS_swapoff, 0);
	*room = 1;
}

static const struct loop {
	const char *name;
	void (*once)(unsigned batch, unsigned round);
	unsigned rounds; /* a batch */
} loops[] = {
	{ "allowed", allowed, 500 },
	{ "denied", denied, 5 },
	{ "places", denied_anew, 1 },
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void measure(const struct loop *loop, FILE *out)
{
	double times[BATCHES], start;

	for (unsigned i = 0; i < BATCHES; i++) {
		start = now();
		for (unsigned k = 0; k < loop->rounds; k++)
			loop->once(i, k);
		times[i] = (now() - start) / loop->rounds;
	}
	for (unsigned i = 0; i < BATCHES; i++)
		fprintf(out, "%.1f\n", times[i]);
}

int main(int argc, char **argv)
{
	FILE *out = argc == 3 ? fopen(argv[2], "w") : NULL;

	for (size_t i = 0; out && i < sizeof(loops) / sizeof(loops[0]); i++)
		if (strcmp(argv[1], loops[i].name) == 0)
			measure(&loops[i], out);
	return out && fclose(out) == 0 ? 0 : 1;
}
