// SPDX-License-Identifier: MIT
/*
 * A machine whose registers are not known here by name: they can be shown, and a thread
 * cannot be given a verdict.
 */
#include "os/machine.h"

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
