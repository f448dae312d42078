// SPDX-License-Identifier: MIT
/*
 * The kernel's order of registers turned into DWARF's. The two psABI documents number
 * them; sys/user.h has the kernel's order.
 */
#include <errno.h>
#include <string.h>

#include "callgate-explain.h"

/* For each register of DWARF's order, which word of the kernel's structure it is. */
struct machine {
	size_t words;	/* of the structure */
	size_t width;	/* of a word */
	size_t count;	/* of `order` */
	uint8_t pc, sp; /* words */
	uint8_t order[34];
};

static const struct machine machines[] = {
#if defined(__x86_64__)
	/* rax rdx rcx rbx rsi rdi rbp rsp r8 … r15 rip */
	{ 27,
	  8,
	  17,
	  16,
	  19,
	  { 10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16 } },
#endif
#if defined(__x86_64__) || defined(__i386__)
	/* eax ecx edx ebx esp ebp esi edi eip */
	{ 17, 4, 9, 12, 15, { 6, 1, 2, 0, 15, 5, 3, 4, 12 } },
#endif
#if defined(__aarch64__)
	/* x0 … x30 sp */
	{ 34, 8, 32, 32, 31, { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
			       11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
			       22, 23, 24, 25, 26, 27, 28, 29, 30, 31 } },
#endif
	{ 0 },
};

static uint64_t word_at(const void *words, size_t width, size_t index)
{
	uint64_t wide;
	uint32_t narrow;

	if (width == sizeof(narrow)) {
		memcpy(&narrow, (const char *)words + index * width, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, (const char *)words + index * width, sizeof(wide));
	return wide;
}

int callgate_explain_registers_of(const void *prstatus, size_t size,
				  struct callgate_explain_registers *ret_registers)
{
	const struct machine *machine = machines;

	while (machine->words && machine->words * machine->width != size)
		machine++;
	if (!machine->words)
		return -EINVAL;
	*ret_registers = (struct callgate_explain_registers){
		.pc = word_at(prstatus, machine->width, machine->pc),
		.sp = word_at(prstatus, machine->width, machine->sp),
		.count = machine->count,
	};
	for (size_t i = 0; i < machine->count; i++)
		ret_registers->values[i] =
			word_at(prstatus, machine->width, machine->order[i]);
	return 0;
}
