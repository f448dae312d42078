/* SPDX-License-Identifier: MIT */
/*
 * The registers of a stopped thread, as far as this depends on the machine: one file a
 * machine, and machine_other.c for those that nobody has written yet.
 */
#ifndef CALLGATE_OS_MACHINE_H
#define CALLGATE_OS_MACHINE_H

#include <sys/types.h>

#include "os/supervise.h"

/* As ptrace(2) has them, `size` bytes. */
struct machine_registers {
	size_t size;
	uint64_t words[128];
};

/* Of a thread that is stopped by this one. Return 0 or a negative errno. */
int machine_get(pid_t thread, struct machine_registers *ret_registers);
int machine_set(pid_t thread, const struct machine_registers *registers);

/* The same as NT_PRSTATUS, which of a 32-bit thread has its own size. */
int machine_show(pid_t thread, struct machine_registers *ret_registers);

/* 0: nobody knows. */
uint64_t machine_program_counter(const struct machine_registers *registers);
uint64_t machine_stack_pointer(const struct machine_registers *registers);

/*
 * Whether such a call, answered with ERESTARTNOINTR, is made again by the thread, and
 * whether machine_ask_verdict() can make it another.
 */
bool machine_can_ask(const struct seccomp_data *call);
/*
 * Of a thread that is stopped at the exit of `call`, which it will make again: as
 * VERDICT_NUMBER with a verdict.
 */
void machine_ask_verdict(struct machine_registers *registers,
			 const struct seccomp_data *call,
			 const struct verdict_ticket *ticket, uint32_t verdict);

/* What a trapped call leaves of the registers at its exit. */
void machine_roll_back(struct machine_registers *registers);

#endif
