// SPDX-License-Identifier: MIT
/*
 * The least that a tracer does: each call of a program stops twice by ptrace(2), and of
 * those that are answered with EPERM the registers are taken. No text, no stack.
 *
 *     trace_denied PROGRAM [ARGUMENT...]
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOP_OF_CALL (SIGTRAP | 0x80)

/* Whether a call was denied. */
static bool is_denied(pid_t pid)
{
	struct __ptrace_syscall_info info;
	char registers[1024]; /* of any machine */

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_EXIT || info.exit.rval != -EPERM)
		return false;
	return ptrace(PTRACE_GETREGSET, pid, (void *)1 /* NT_PRSTATUS */,
		      &(struct iovec){ registers, sizeof(registers) }) == 0;
}

static int trace(pid_t pid, unsigned long *ret_denied)
{
	int status;
	long signal;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC)))
		return 1;
	for (;;) {
		signal = WSTOPSIG(status);
		if (status >> 16 || signal == STOP_OF_CALL || signal == SIGSTOP)
			signal = 0;
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)signal) ||
		    waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		if (WSTOPSIG(status) == STOP_OF_CALL)
			*ret_denied += is_denied(pid);
	}
}

int main(int argc, char **argv)
{
	pid_t pid = argc > 1 ? fork() : -1;
	unsigned long denied = 0;
	int status;

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	status = pid > 0 ? trace(pid, &denied) : 1;
	fprintf(stderr, "%lu denied\n", denied);
	return status;
}
