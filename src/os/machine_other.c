// SPDX-License-Identifier: MIT
/*
 * A machine whose registers are not known here by name: they can be shown, and a thread
 * cannot be given a verdict.
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

uint64_t machine_program_counter(const struct machine_registers *registers)
{
	(void)registers;
	return 0;
}

uint64_t machine_stack_pointer(const struct machine_registers *registers)
{
	(void)registers;
	return 0;
}

bool machine_can_ask(const struct seccomp_data *call)
{
	(void)call;
	return false;
}

void machine_ask_verdict(struct machine_registers *registers,
			 const struct seccomp_data *call,
			 const struct verdict_ticket *ticket, uint32_t verdict)
{
	(void)registers;
	(void)call;
	(void)ticket;
	(void)verdict;
}

void machine_roll_back(struct machine_registers *registers)
{
	(void)registers;
}
