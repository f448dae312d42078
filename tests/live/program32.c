// SPDX-License-Identifier: MIT
/*
 * A 32-bit program without a C library: its getpgid(-1) by int 0x80 comes back as its exit
 * status, as a positive errno (at most 127), so that a test can tell who answered.
 */
#define CALL_EXIT    1
#define CALL_GETPGID 132

void _start(void);

static long call(long number, long argument)
{
	long answer;

	__asm__ volatile("int $0x80"
			 : "=a"(answer)
			 : "a"(number), "b"(argument)
			 : "memory");
	return answer;
}

void _start(void)
{
	call(CALL_EXIT, -call(CALL_GETPGID, -1) & 127);
	__builtin_trap();
}
