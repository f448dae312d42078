// SPDX-License-Identifier: MIT
/*
 * A handler of SIGSYS that tells of the calls that a filter traps.
 *
 * Everything here is async-signal-safe: no allocation, no locks, no stdio. Pointers are
 * not followed, since a process cannot look at its own memory safely without system
 * calls that the filter may deny. A signal handler gets no context, so what it is to do
 * is in a variable: the library's only one.
 *
 * A program that is to end by the signal makes its call again without the handler: so it
 * ends by the filter's own signal, and its core file says of what. On machines whose
 * registers are not known here, or not there any more, it raises the signal, and the
 * arguments are left out.
 */
#include <errno.h>
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include "callgate-explain.h"
#include "data/data.h"

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1
#endif

static volatile sig_atomic_t trap_descriptor = STDERR_FILENO;
static volatile sig_atomic_t trap_goes_on;

/* --- registers -------------------------------------------------------------------- */

#if defined(__x86_64__)
#define RESULT_OF(context) ((context)->uc_mcontext.gregs[REG_RAX])
#define PC_OF(context)	   ((context)->uc_mcontext.gregs[REG_RIP])
#define CALL_LENGTH	   2 /* syscall, int 0x80 */
static const uint8_t argument_registers[2][6] = {
	{ REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9 },
	{ REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP }, /* int 0x80 */
};

static uint64_t argument_of(const ucontext_t *context, bool is_32, size_t index)
{
	return (uint64_t)context->uc_mcontext.gregs[argument_registers[is_32][index]];
}
#elif defined(__i386__)
#define RESULT_OF(context) ((context)->uc_mcontext.gregs[REG_EAX])
#define PC_OF(context)	   ((context)->uc_mcontext.gregs[REG_EIP])
#define CALL_LENGTH	   2

static uint64_t argument_of(const ucontext_t *context, bool is_32, size_t index)
{
	static const uint8_t registers[6] = { REG_EBX, REG_ECX, REG_EDX,
					      REG_ESI, REG_EDI, REG_EBP };

	(void)is_32;
	return (uint32_t)context->uc_mcontext.gregs[registers[index]];
}
#elif defined(__aarch64__)
#define RESULT_OF(context) ((context)->uc_mcontext.regs[0])
#define PC_OF(context)	   ((context)->uc_mcontext.pc)
#define CALL_LENGTH	   4

static uint64_t argument_of(const ucontext_t *context, bool is_32, size_t index)
{
	(void)is_32;
	return context->uc_mcontext.regs[index];
}
#elif defined(__s390x__)
/* The result is where the first argument was, before a handler runs. */
#define RESULT_OF(context) ((context)->uc_mcontext.gregs[2])
#endif

#ifdef CALL_LENGTH
#define HAS_CALL true
#else
#define HAS_CALL false
#endif

/* --- text without allocation ------------------------------------------------------ */

struct line {
	char *text;
	size_t length, size; /* a NUL has room behind it */
};

static void put(struct line *line, const char *text)
{
	while (*text && line->length + 1 < line->size)
		line->text[line->length++] = *text++;
	line->text[line->length] = 0;
}

static void put_number(struct line *line, uint64_t number, unsigned base)
{
	char digits[24];
	size_t at = sizeof(digits) - 1;

	digits[at] = 0;
	do {
		digits[--at] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	put(line, base == 16 ? "0x" : base == 8 ? "0" : "");
	put(line, digits + at);
}

static uint64_t cut_to(uint64_t number, unsigned bits)
{
	return bits == 64 ? number : number & ((UINT64_C(1) << bits) - 1);
}

static void put_argument(struct line *line, const struct abi *abi,
			 const struct argument *argument, uint64_t number)
{
	uint64_t used = cut_to(number, argument->bits);
	uint64_t sign = UINT64_C(1) << (argument->bits - 1);
	const struct constant *name = NULL;

	if (argument->family)
		name = constant_of_value(argument->family, abi, used);
	if (argument->family && !name)
		name = constant_of_value(argument->family, abi, (used ^ sign) - sign);
	if (argument->family && strcmp(argument->family, "mode") == 0)
		put_number(line, used, 8);
	else if (name)
		put(line, constant_name(name));
	else if (argument->is_pointer && used == 0)
		put(line, "NULL");
	else if (argument->is_signed && (used & sign) && !argument->family) {
		put(line, "-");
		put_number(line, cut_to(0 - used, argument->bits), 10);
	} else {
		put_number(line, used, used < 65536 && !argument->family ? 10 : 16);
	}
}

static void put_call(struct line *line, const struct seccomp_data *call)
{
	uint32_t number = (uint32_t)call->nr;
	const struct abi *abi = abi_of(call->arch, number);
	const struct syscall *syscall = abi ? syscall_by_number(abi, number) : NULL;
	struct prototype prototype = { 0 };

	if (!syscall) {
		put(line, "syscall ");
		put_number(line, number, 10);
		return;
	}
	put(line, syscall_name(syscall));
	if (!HAS_CALL) {
		put(line, "(...)");
		return;
	}
	syscall_prototype(syscall, abi, &prototype);
	put(line, "(");
	for (size_t i = 0; prototype.known && i < prototype.count; i++) {
		put(line, i ? ", " : "");
		put_argument(line, abi, &prototype.arguments[i], call->args[i]);
	}
	put(line, ")");
}

static bool is_trap(const siginfo_t *info)
{
	return info->si_signo == SIGSYS && info->si_code == SYS_SECCOMP;
}

size_t callgate_explain_trap_text(const void *siginfo, const void *ucontext,
				  char *ret_text, size_t size)
{
	const siginfo_t *info = siginfo;
	struct line line = { ret_text, 0, size };
	struct seccomp_data call = { 0 };

	if (!size || !is_trap(info))
		return 0;
	call.nr = info->si_syscall;
	call.arch = info->si_arch;
#ifdef CALL_LENGTH
	for (size_t i = 0; i < 6; i++) {
		const struct abi *abi = abi_of(call.arch, (uint32_t)call.nr);

		call.args[i] = argument_of(ucontext, abi && abi->bits == 32, i);
	}
#else
	(void)ucontext;
#endif
	put(&line, "callgate: ");
	put_call(&line, &call);
	put(&line, " trapped by a filter, at ");
	put_number(&line, (uintptr_t)info->si_call_addr, 16);
	return line.length;
}

/* --- the handler ------------------------------------------------------------------- */

static void resume(const siginfo_t *info, ucontext_t *context)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };

#ifdef RESULT_OF
	if (is_trap(info) && trap_goes_on) {
		int error = info->si_errno ? info->si_errno : ENOSYS;

		RESULT_OF(context) = (__typeof__(RESULT_OF(context)))-error;
		return;
	}
#endif
#ifdef CALL_LENGTH
	if (is_trap(info))
		PC_OF(context) -= CALL_LENGTH;
#else
	(void)context;
#endif
	sigaction(SIGSYS, &usual, NULL);
	if (!is_trap(info) || !HAS_CALL)
		raise(SIGSYS); /* blocked until the handler returns */
}

static void on_signal(int signal, siginfo_t *info, void *ucontext)
{
	char text[512];
	int saved = errno;
	size_t length =
		callgate_explain_trap_text(info, ucontext, text, sizeof(text) - 1);

	(void)signal;
	if (length) {
		text[length++] = '\n';
		if (write(trap_descriptor, text, length) < 0)
			length = 0; /* there is nobody to tell */
	}
	resume(info, ucontext);
	errno = saved;
}

int callgate_explain_traps(const struct callgate_explain_trap_options *options)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };

#ifndef RESULT_OF
	if (options && options->go_on)
		return -ENOTSUP;
#endif
	action.sa_sigaction = on_signal;
	sigemptyset(&action.sa_mask);
	trap_descriptor =
		options && options->descriptor ? options->descriptor : STDERR_FILENO;
	trap_goes_on = options && options->go_on;
	return sigaction(SIGSYS, &action, NULL) ? -errno : 0;
}
