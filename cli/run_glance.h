/* SPDX-License-Identifier: MIT */
/* What can be seen of a denied call in microseconds, without stopping its thread. */
#ifndef CALLGATE_CLI_RUN_GLANCE_H
#define CALLGATE_CLI_RUN_GLANCE_H

#include "callgate.h"

/*
 * /proc/THREAD/syscall, opened once while one thread makes calls after another: it stays
 * with the thread that had the id, and cannot be read any more when that has ended.
 */
struct peek {
	int thread, fd;
};

/* The call, and where its stack is. False: that cannot be seen. */
bool glance_key(struct peek *peek, const struct callgate_denial *denial,
		uint64_t *ret_key, uint64_t *ret_stack);

/* As much of the stack as there is. */
size_t glance_stack(int thread, uint64_t address, unsigned char *buffer, size_t size);

/* FNV-1a, which is never 0 here. */
uint64_t glance_hash(uint64_t seed, const void *bytes, size_t size);

#endif
