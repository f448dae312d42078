/* SPDX-License-Identifier: MIT */
/*
 * System calls with nothing in between: every register as given, no errno, and a known
 * instruction pointer.
 */
#ifndef CALLGATE_TESTS_RAW_CALL_H
#define CALLGATE_TESTS_RAW_CALL_H

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__

/* What the kernel answers: a value, or a negative errno. */
long raw_call(long number, const uint64_t arguments[6]);
/* The same as a call of i386, by `int $0x80`. */
long raw_call_i386(long number, const uint64_t arguments[6]);
/* The instruction pointers that a filter sees for the two. */
extern const char raw_call_return[], raw_call_i386_return[];

__asm__(".text\n"
	".globl raw_call, raw_call_return, raw_call_i386, raw_call_i386_return\n"
	".hidden raw_call, raw_call_return, raw_call_i386, raw_call_i386_return\n"
	"raw_call:\n"
	"	mov	%rdi, %rax\n"
	"	mov	%rsi, %r11\n"
	"	mov	0(%r11), %rdi\n"
	"	mov	8(%r11), %rsi\n"
	"	mov	16(%r11), %rdx\n"
	"	mov	24(%r11), %r10\n"
	"	mov	32(%r11), %r8\n"
	"	mov	40(%r11), %r9\n"
	"	syscall\n"
	"raw_call_return:\n"
	"	ret\n"
	"raw_call_i386:\n"
	"	push	%rbx\n"
	"	push	%rbp\n"
	"	mov	%rdi, %rax\n"
	"	mov	%rsi, %r11\n"
	"	mov	0(%r11), %rbx\n"
	"	mov	8(%r11), %rcx\n"
	"	mov	16(%r11), %rdx\n"
	"	mov	24(%r11), %rsi\n"
	"	mov	32(%r11), %rdi\n"
	"	mov	40(%r11), %rbp\n"
	"	int	$0x80\n"
	"raw_call_i386_return:\n"
	"	pop	%rbp\n"
	"	pop	%rbx\n"
	"	cltq\n"
	"	ret\n");

#define RAW_CALL_IP	 ((uint64_t)(uintptr_t)raw_call_return)
#define RAW_CALL_I386_IP ((uint64_t)(uintptr_t)raw_call_i386_return)

#else

#define RAW_CALL_IP 0 /* unknown */

static inline long raw_call(long number, const uint64_t arguments[6])
{
	long r = syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
			 arguments[4], arguments[5]);

	return r == -1 ? -errno : r;
}

#endif

#endif
