// SPDX-License-Identifier: MIT
/* Children that a filter binds, since it would stay on this process for ever. */
#include "bench.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void *shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap: %s", strerror(errno));
	return memory;
}

static double load(const struct callgate_filter *filter, unsigned layers)
{
	double start = 0;

	callgate_no_new_privs_set();
	for (unsigned i = 0; i < layers; i++) {
		start = nanoseconds();
		if (callgate_program_load(callgate_filter_program(filter),
					  callgate_filter_length(filter), NULL, NULL))
			_exit(1);
	}
	return layers ? nanoseconds() - start : 0;
}

double under_filter(const struct callgate_filter *filter, unsigned layers,
		    void (*work)(void *context), void *context)
{
	double *time = shared(sizeof(*time)), result;
	pid_t child = fork();
	int status;

	if (child < 0)
		fail("fork: %s", strerror(errno));
	if (child == 0) {
		*time = load(filter, layers);
		if (work)
			work(context);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		fail("a child under a filter ended with status %#x", status);
	result = *time;
	munmap(time, sizeof(*time));
	return result;
}
