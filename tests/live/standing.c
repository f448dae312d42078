// SPDX-License-Identifier: MIT
/*
 * A process that gets into a seccomp state, says so by a line feed on standard output and
 * stays in it until standard input is closed.
 *
 *     standing WORD...
 *
 * Words are done in order: `layers N` loads N filters, all different; `long` one of as
 * many instructions as there may be; `name TEXT` sets the name; `threads N` starts
 * threads; `fence` has the first of them load one filter more than the others; `tsync`
 * loads one for all threads; `strict` goes into strict mode.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "callgate.h"

static pthread_barrier_t begun, fenced;

static void fail(const char *what)
{
	dprintf(2, "standing: %s failed\n", what);
	_exit(1);
}

static uint64_t number_of(const char *text)
{
	uint64_t number;

	if (callgate_number_parse(text, &number))
		fail(text);
	return number;
}

/* Refuses a call that nobody makes, with an errno of its own. */
static void load(unsigned number, uint32_t flags)
{
	const struct callgate_load_options options = { .flags = flags };
	const struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_swapoff, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	if (callgate_program_load(program, 4, &options, NULL))
		fail("loading");
}

static void load_long(void)
{
	static struct sock_filter program[BPF_MAXINSNS];
	size_t last = BPF_MAXINSNS - 1;

	for (unsigned i = 0; i < last; i++)
		program[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, i);
	program[last] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (callgate_program_load(program, BPF_MAXINSNS, NULL, NULL))
		fail("loading");
}

static void *stand(void *is_first)
{
	pthread_barrier_wait(&begun);
	pthread_barrier_wait(&fenced);
	if (is_first)
		load(100, 0);
	pthread_barrier_wait(&fenced);
	for (;;)
		pause();
	return NULL;
}

static void start_threads(uint64_t count)
{
	static int first;
	pthread_t thread;

	pthread_barrier_init(&begun, NULL, (unsigned)count + 1);
	pthread_barrier_init(&fenced, NULL, (unsigned)count + 1);
	for (uint64_t i = 0; i < count; i++)
		if (pthread_create(&thread, NULL, stand, i ? NULL : &first))
			fail("starting a thread");
	pthread_barrier_wait(&begun);
}

static void fence_first(void)
{
	pthread_barrier_wait(&fenced);
	pthread_barrier_wait(&fenced);
}

static _Noreturn void stay(void)
{
	char byte;

	if (syscall(SYS_write, STDOUT_FILENO, "\n", 1) == 1)
		syscall(SYS_read, STDIN_FILENO, &byte, 1);
	for (;;) /* the one way out of strict mode */
		syscall(SYS_exit, 0);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *next = argv[i + 1]; /* NULL at the end */

		if (strcmp(argv[i], "layers") == 0 && next)
			for (uint64_t k = number_of(argv[++i]); k > 0; k--)
				load((unsigned)k, 0);
		else if (strcmp(argv[i], "long") == 0)
			load_long();
		else if (strcmp(argv[i], "name") == 0 && next)
			prctl(PR_SET_NAME, argv[++i]);
		else if (strcmp(argv[i], "threads") == 0 && next)
			start_threads(number_of(argv[++i]));
		else if (strcmp(argv[i], "fence") == 0)
			fence_first();
		else if (strcmp(argv[i], "tsync") == 0)
			load(200, SECCOMP_FILTER_FLAG_TSYNC);
		else if (strcmp(argv[i], "strict") != 0 || callgate_strict_load(NULL))
			fail(argv[i]);
	}
	stay();
}
