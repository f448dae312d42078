// SPDX-License-Identifier: MIT
/*
 * Registers as every machine's ptrace(2) has them, for those that need no other way.
 */
#include "os/machine.h"

#include <elf.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

int machine_get(pid_t thread, struct machine_registers *ret_registers)
{
	struct iovec view = { ret_registers->words, sizeof(ret_registers->words) };

	if (ptrace(PTRACE_GETREGSET, thread, (void *)(long)NT_PRSTATUS, &view))
		return -errno;
	ret_registers->size = view.iov_len;
	return 0;
}

int machine_set(pid_t thread, const struct machine_registers *registers)
{
	struct iovec view = { (void *)(uintptr_t)registers->words, registers->size };

	return ptrace(PTRACE_SETREGSET, thread, (void *)(long)NT_PRSTATUS, &view)
		       ? -errno
		       : 0;
}

int machine_show(pid_t thread, struct machine_registers *ret_registers)
{
	return machine_get(thread, ret_registers);
}
