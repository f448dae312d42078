// SPDX-License-Identifier: MIT
/*
 * Registers of aarch64. At the exit of a call that is to be made again the kernel has
 * gone back to the instruction that makes it, with the first argument in its register:
 * arch/arm64/kernel/signal.c. Threads of 32 bits are shown, and given no verdict.
 */
#include "os/machine.h"

#include <linux/audit.h>
#include <sys/user.h>

#define CALL_SIZE   4 /* of the instruction svc */
#define CALL_NUMBER 8 /* the register that has it */

_Static_assert(sizeof(struct user_regs_struct) <=
		       sizeof(((struct machine_registers *)0)->words),
	       "room for all registers");

static struct user_regs_struct *view(const struct machine_registers *registers)
{
	return (struct user_regs_struct *)(uintptr_t)registers->words;
}

static bool is_wide(const struct machine_registers *registers)
{
	return registers->size == sizeof(struct user_regs_struct);
}

uint64_t machine_program_counter(const struct machine_registers *registers)
{
	return is_wide(registers) ? view(registers)->pc : 0;
}

uint64_t machine_stack_pointer(const struct machine_registers *registers)
{
	return is_wide(registers) ? view(registers)->sp : 0;
}

bool machine_can_ask(const struct seccomp_data *call)
{
	return call->arch == AUDIT_ARCH_AARCH64;
}

void machine_ask_verdict(struct machine_registers *registers,
			 const struct seccomp_data *call,
			 const struct verdict_ticket *ticket, uint32_t verdict)
{
	struct user_regs_struct *at = view(registers);

	(void)call;
	at->regs[CALL_NUMBER] = VERDICT_NUMBER;
	for (size_t i = 0; i < 3; i++)
		at->regs[i] = ticket->words[i];
	at->regs[3] = verdict;
}

void machine_roll_back(struct machine_registers *registers)
{
	view(registers)->pc += CALL_SIZE;
}
