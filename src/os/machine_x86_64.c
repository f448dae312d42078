// SPDX-License-Identifier: MIT
/*
 * Registers of x86_64, in which the kernel shows a 32-bit thread's to a 64-bit tracer too.
 */
#include "os/machine.h"

#include <elf.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

_Static_assert(sizeof(struct user_regs_struct) <=
		       sizeof(((struct machine_registers *)0)->words),
	       "room for all registers");

static struct user_regs_struct *view(const struct machine_registers *registers)
{
	return (struct user_regs_struct *)(uintptr_t)registers->words;
}

int machine_get(pid_t thread, struct machine_registers *ret_registers)
{
	ret_registers->size = sizeof(struct user_regs_struct);
	return ptrace(PTRACE_GETREGS, thread, NULL, ret_registers->words) ? -errno : 0;
}

int machine_set(pid_t thread, const struct machine_registers *registers)
{
	return ptrace(PTRACE_SETREGS, thread, NULL, registers->words) ? -errno : 0;
}

int machine_show(pid_t thread, struct machine_registers *ret_registers)
{
	struct iovec place = { ret_registers->words, sizeof(ret_registers->words) };

	if (ptrace(PTRACE_GETREGSET, thread, (void *)(long)NT_PRSTATUS, &place))
		return -errno;
	ret_registers->size = place.iov_len;
	return 0;
}

uint64_t machine_program_counter(const struct machine_registers *registers)
{
	return view(registers)->rip;
}

uint64_t machine_stack_pointer(const struct machine_registers *registers)
{
	return view(registers)->rsp;
}

/* A call of the vsyscall page is emulated: its exit is another. */
bool machine_can_ask(const struct seccomp_data *call)
{
	return (int64_t)call->instruction_pointer > 0;
}

void machine_ask_verdict(struct machine_registers *registers,
			 const struct seccomp_data *call,
			 const struct verdict_ticket *ticket, uint32_t verdict)
{
	struct user_regs_struct *at = view(registers);

	at->orig_rax = VERDICT_NUMBER;
	if (call->arch == AUDIT_ARCH_I386) {
		at->rbx = ticket->words[0];
		at->rcx = ticket->words[1];
		at->rdx = ticket->words[2];
		at->rsi = verdict;
	} else {
		at->rdi = ticket->words[0];
		at->rsi = ticket->words[1];
		at->rdx = ticket->words[2];
		at->r10 = verdict;
	}
}

void machine_roll_back(struct machine_registers *registers)
{
	view(registers)->rax = view(registers)->orig_rax;
}
