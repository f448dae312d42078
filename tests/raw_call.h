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

/* What the kernel answers: a value, or a negative errno. */
long raw_call(long number, const uint64_t arguments[6]);
/* The instruction pointer that a filter sees. */
extern const char raw_call_return[];

#define RAW_CALL_IP ((uint64_t)(uintptr_t)raw_call_return)

#define RAW_CALL_SYMBOLS                      \
	".text\n"                             \
	".balign 8\n"                         \
	".globl raw_call, raw_call_return\n"  \
	".hidden raw_call, raw_call_return\n" \
	".type raw_call, %function\n"

#if defined(__x86_64__)

/* The same as a call of i386, by `int $0x80`. */
long raw_call_i386(long number, const uint64_t arguments[6]);
extern const char raw_call_i386_return[];

#define RAW_CALL_I386_IP ((uint64_t)(uintptr_t)raw_call_i386_return)

__asm__(RAW_CALL_SYMBOLS ".globl raw_call_i386, raw_call_i386_return\n"
			 ".hidden raw_call_i386, raw_call_i386_return\n"
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

#elif defined(__aarch64__)

__asm__(RAW_CALL_SYMBOLS "raw_call:\n"
			 "	mov	x8, x0\n"
			 "	mov	x9, x1\n"
			 "	ldp	x0, x1, [x9]\n"
			 "	ldp	x2, x3, [x9, 16]\n"
			 "	ldp	x4, x5, [x9, 32]\n"
			 "	svc	0\n"
			 "raw_call_return:\n"
			 "	ret\n");

#elif defined(__s390x__)

__asm__(RAW_CALL_SYMBOLS "raw_call:\n"
			 "	stmg	%r6, %r7, 48(%r15)\n"
			 "	lgr	%r1, %r2\n"
			 "	lg	%r2, 0(%r3)\n"
			 "	lg	%r4, 16(%r3)\n"
			 "	lg	%r5, 24(%r3)\n"
			 "	lg	%r6, 32(%r3)\n"
			 "	lg	%r7, 40(%r3)\n"
			 "	lg	%r3, 8(%r3)\n"
			 "	svc	0\n"
			 "raw_call_return:\n"
			 "	lmg	%r6, %r7, 48(%r15)\n"
			 "	br	%r14\n");

#else

#undef RAW_CALL_IP
#define RAW_CALL_IP 0 /* unknown, as it is another one in each version of libc */

long raw_call(long number, const uint64_t arguments[6])
{
	long r = syscall(number, (long)arguments[0], (long)arguments[1],
			 (long)arguments[2], (long)arguments[3], (long)arguments[4],
			 (long)arguments[5]);

	return r == -1 ? -errno : r;
}

#endif

#endif
