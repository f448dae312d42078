// SPDX-License-Identifier: MIT
/*
 * A program without a C library that makes the calls it is told to make, raw, and writes
 * down what comes of each: the result, or what a SIGSYS handler sees. Its own calls show a
 * passport, see explain_child.h.
 */
#include "explain_child.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

#define KERNEL_SA_RESTORER 0x04000000 /* of asm/signal.h, which libc's hides */

#define STACK_SIZE 65536

static struct child_work *work;
static volatile uint32_t at;		 /* the call that is being made */
static volatile uint64_t signals_before; /* it; in memory: registers are compared */
static volatile uint32_t worker;
static char stack[STACK_SIZE] __attribute__((aligned(16)));

/* make_call(number, six arguments, *ret_frame) and the same for i386. */
long make_call(long number, const uint64_t arguments[6]);
long make_call_i386(long number, const uint64_t arguments[6]);
long own_call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
void restorer(void);
void start_thread(void *top);
void run_thread(void);
void run(char *const *start);

__asm__(".text\n"
	".globl _start\n"
	"_start:\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call run\n"
	"own_call:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	mov %rdx, %rsi\n"
	"	mov %rcx, %rdx\n"
	"	mov %r8, %r10\n"
	"	xor %r8d, %r8d\n"
	"	movabs $0x706173736f727421, %r9\n"
	"	syscall\n"
	"	ret\n"
	"restorer:\n"
	"	mov $15, %eax\n"
	"	movabs $0x706173736f727421, %r9\n"
	"	syscall\n"
	/* clone(THREAD…) that calls run_thread() on its own stack */
	"start_thread:\n"
	"	mov %rdi, %rsi\n"
	"	mov $56, %eax\n"
	"	mov $0x250f00, %edi\n"
	"	xor %edx, %edx\n"
	"	lea worker(%rip), %r10\n"
	"	xor %r8d, %r8d\n"
	"	movabs $0x706173736f727421, %r9\n"
	"	syscall\n"
	"	test %eax, %eax\n"
	"	jz 1f\n"
	"	ret\n"
	"1:	call run_thread\n"
	/* where the calls are made is known: the linker puts this at CALLS_PLACE */
	"	.pushsection .calls, \"ax\"\n"
	"make_call:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %r11\n"
	"	mov 0(%r11), %rdi\n"
	"	mov 8(%r11), %rsi\n"
	"	mov 16(%r11), %rdx\n"
	"	mov 24(%r11), %r10\n"
	"	mov 32(%r11), %r8\n"
	"	mov 40(%r11), %r9\n"
	"	.org 0x0fe, 0x90\n"
	"	syscall\n"
	"	ret\n"
	"make_call_i386:\n"
	"	push %rbx\n"
	"	push %rbp\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %r11\n"
	"	mov 0(%r11), %rbx\n"
	"	mov 8(%r11), %rcx\n"
	"	mov 16(%r11), %rdx\n"
	"	mov 24(%r11), %rsi\n"
	"	mov 32(%r11), %rdi\n"
	"	mov 40(%r11), %rbp\n"
	"	.org 0x1fe, 0x90\n"
	"	int $0x80\n"
	"	pop %rbp\n"
	"	pop %rbx\n"
	"	cltq\n"
	"	ret\n"
	"	.popsection\n");

_Static_assert((CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		CLONE_SYSVSEM | CLONE_CHILD_CLEARTID) == 0x250f00,
	       "what start_thread says");

static void on_sigsys(int number, siginfo_t *info, void *context)
{
	const ucontext_t *user = context;
	struct outcome *outcome = &work->outcomes[at];
	struct trapped *trapped = &outcome->trapped;

	outcome->traps++;
	trapped->number = number;
	trapped->error = info->si_errno;
	trapped->code = info->si_code;
	trapped->call = info->si_syscall;
	trapped->arch = (int32_t)info->si_arch;
	trapped->call_address = (uint64_t)(uintptr_t)info->si_call_addr;
	for (int i = 0; i < 18; i++)
		trapped->registers[i] = (uint64_t)user->uc_mcontext.gregs[i];
	trapped->mask = user->uc_sigmask.__val[0];
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	work->signals++;
}

static void handle(int signal, void *handler, unsigned long flags)
{
	struct {
		void *handler;
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = { handler, flags | SA_SIGINFO | KERNEL_SA_RESTORER, restorer, 0 };

	own_call(__NR_rt_sigaction, (uint64_t)signal, (uint64_t)(uintptr_t)&action, 0,
		 8);
}

static void prepare_signals(void)
{
	const uint64_t sigsys = 1ul << (SIGSYS - 1);
	struct itimerval timer = { 0 };

	handle(SIGALRM, (void *)(uintptr_t)on_signal, work->restarts ? SA_RESTART : 0);
	if (work->sigsys == SIGSYS_IGNORED)
		handle(SIGSYS, SIG_IGN, SA_RESTART);
	else if (work->sigsys != SIGSYS_DEFAULT)
		handle(SIGSYS, (void *)(uintptr_t)on_sigsys, SA_RESTART);
	if (work->sigsys == SIGSYS_BLOCKED)
		own_call(__NR_rt_sigprocmask, SIG_BLOCK, (uint64_t)(uintptr_t)&sigsys,
			 0, 8);
	timer.it_value.tv_usec = timer.it_interval.tv_usec = (long)work->storm;
	if (work->storm)
		own_call(__NR_setitimer, 0, (uint64_t)(uintptr_t)&timer, 0, 0);
}

/*
 * Makes a call. EINTR when a signal came may be its verdict, or that the signal interrupted
 * it: a program that wants no SA_RESTART makes such a call again.
 */
static int is_interrupted(const struct seccomp_data *call, const uint64_t *arguments)
{
	struct outcome *outcome = &work->outcomes[at];
	signals_before = work->signals;
	outcome->result = work->is_i386[at] ? make_call_i386(call->nr, arguments)
					    : make_call(call->nr, arguments);
	if (work->restarts || outcome->result != -EINTR || outcome->traps ||
	    work->signals == signals_before)
		return 0;
	outcome->result = 0;
	return 1;
}

static void make_calls(void)
{
	for (at = 0; at < CALLS; at++) {
		const struct seccomp_data *call = &work->calls[at];
		uint64_t arguments[6];

		for (int i = 0; i < 6; i++)
			arguments[i] = call->args[i];
		while (is_interrupted(call, arguments))
			work->interrupted++;
		work->outcomes[at].is_made = 1;
	}
}

__attribute__((used)) void run_thread(void)
{
	make_calls();
	for (;;)
		own_call(__NR_exit, 0, 0, 0, 0);
}

static void make_calls_in_thread(void)
{
	worker = 1;
	start_thread(stack + STACK_SIZE);
	while (worker)
		own_call(__NR_futex, (uint64_t)(uintptr_t)&worker, FUTEX_WAIT, 1, 0);
	work->joined = 1;
}

static int parse_number(const char *text)
{
	int value = 0;

	while (*text)
		value = value * 10 + (*text++ - '0');
	return value;
}

/* At first the stack holds argc and argv; the argument is the id of shared memory. */
__attribute__((used)) void run(char *const *start)
{
	work = (struct child_work *)own_call(__NR_shmat,
					     (uint64_t)parse_number(start[2]), 0, 0, 0);
	prepare_signals();
	if (work->threaded)
		make_calls_in_thread();
	else
		make_calls();
	for (;;)
		own_call(__NR_exit_group, CHILD_DONE, 0, 0, 0);
}
