// SPDX-License-Identifier: MIT
/*
 * A process's memory and descriptors, for libcallgate-explain.
 *
 * The folder /proc/PID and its `mem` are opened once: they stay those of the process
 * that had the id then. Where there is no /proc, process_vm_readv(2) has the id alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "callgate-explain.h"

struct process_memory {
	pid_t pid;
	int folder; /* /proc/PID, or -1 */
	int memory; /* its mem, or -1 */
};

static size_t read_memory(void *context, uint64_t address, void *buffer, size_t size)
{
	const struct process_memory *process = context;
	struct iovec local = { buffer, size };
	struct iovec remote = { (void *)(uintptr_t)address, size };
	ssize_t done;

	if (address > INT64_MAX)
		return 0;
	if (process->memory >= 0)
		done = pread(process->memory, buffer, size, (off_t)address);
	else
		done = process_vm_readv(process->pid, &local, 1, &remote, 1, 0);
	return done > 0 ? (size_t)done : 0;
}

static size_t describe(void *context, int descriptor, char *buffer, size_t size)
{
	const struct process_memory *process = context;
	char name[32];
	ssize_t length;

	snprintf(name, sizeof(name), "fd/%d", descriptor);
	length = process->folder < 0 ? -1
				     : readlinkat(process->folder, name, buffer, size);
	return length > 0 ? (size_t)length : 0;
}

/* Whether process_vm_readv(2) would read; nothing is at address 0. */
static int probe(pid_t pid)
{
	char byte;
	struct iovec local = { &byte, 1 }, remote = { NULL, 1 };

	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) < 0 && errno != EFAULT)
		return -errno;
	return 0;
}

static int open_process(struct process_memory *process)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)process->pid);
	process->memory = -1;
	process->folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process->folder >= 0)
		process->memory = openat(process->folder, "mem", O_RDONLY | O_CLOEXEC);
	return process->memory >= 0 ? 0 : probe(process->pid);
}

int callgate_explain_memory_open(int pid, struct callgate_explain_memory *ret_memory)
{
	struct process_memory *process = calloc(1, sizeof(*process));
	int error;

	if (!process)
		return -ENOMEM;
	process->pid = pid;
	error = open_process(process);
	*ret_memory =
		(struct callgate_explain_memory){ read_memory, describe, process };
	if (error)
		callgate_explain_memory_close(ret_memory);
	return error;
}

void callgate_explain_memory_close(struct callgate_explain_memory *memory)
{
	struct process_memory *process = memory->context;

	if (process && process->memory >= 0)
		close(process->memory);
	if (process && process->folder >= 0)
		close(process->folder);
	free(process);
	*memory = (struct callgate_explain_memory){ 0 };
}
