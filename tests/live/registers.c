// SPDX-License-Identifier: MIT
/*
 * A program without a C library whose first instructions look at the registers of system
 * call arguments 3, 4 and 5: execve must have cleared them. Exits with 0, or 1 when any of
 * them is not zero, by the raw `exit`.
 */
#include <asm/unistd.h>

#define TEXT(number)  #number
#define VALUE(number) TEXT(number)

__asm__(".globl _start\n"
	"_start:\n"
	"	xor %edi, %edi\n"
	"	or %r8, %r10\n"
	"	or %r9, %r10\n"
	"	setnz %dil\n"
	"	mov $" VALUE(__NR_exit) ", %eax\n"
					"	syscall\n"
					"	ud2\n");
