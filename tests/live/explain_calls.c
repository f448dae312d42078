// SPDX-License-Identifier: MIT
/*
 * A tracer that shows what libcallgate-explain makes of the calls of a program.
 *
 *     explain_calls PROGRAM [ARGUMENT]...               every call, as it is entered
 *     explain_calls --stack CALL [--peek] PROGRAM …     the stack of each CALL, as it returns
 *
 * A stack is a line "CALL(…)" and one a frame: "FUNCTION MODULE FILE:LINE SYSTEM". --peek:
 * from what can be had without stopping. Exit status 0, or 77: tracing is not permitted.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/elf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "callgate-explain.h"

struct tracer {
	const char *wanted; /* NULL: every call */
	bool peeks;
	struct callgate_explain_unwinder *unwinder;
};

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "-";
}

static void print_frames(const struct callgate_explain_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++) {
		const struct callgate_explain_frame *frame = &stack->frames[i];

		printf("  %s%s %s", i == stack->place ? "*" : "",
		       frame->function ? frame->function : "?",
		       base_name(frame->module));
		if (frame->file)
			printf(" %s:%u", base_name(frame->file), frame->line);
		printf("%s\n", frame->is_system ? " system" : "");
	}
	if (stack->note)
		printf("  note: %s\n", stack->note);
}

static int tgid_of(int tid)
{
	char path[64], line[256];
	int tgid = tid;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		uint64_t number;

		line[strcspn(line, "\n")] = 0;
		if (strncmp(line, "Tgid:\t", 6) == 0 &&
		    callgate_number_parse(line + 6, &number) == 0)
			tgid = (int)number;
	}
	if (file)
		fclose(file);
	return tgid;
}

static void print_stack(const struct tracer *tracer, int tid,
			const struct callgate_explain_memory *memory)
{
	char words[512];
	struct iovec vector = { words, sizeof(words) };
	struct callgate_explain_registers registers;
	struct callgate_explain_thread thread = { tgid_of(tid), tid, memory,
						  &registers };
	struct callgate_explain_stack *stack;
	int error;

	ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &vector);
	error = callgate_explain_registers_of(words, vector.iov_len, &registers);
	if (tracer->peeks)
		registers.count = 0;
	if (error == 0)
		error = callgate_explain_unwind(tracer->unwinder, &thread, &stack);
	if (error) {
		printf("  error: %s\n", strerror(-error));
		return;
	}
	print_frames(stack);
	callgate_explain_stack_free(stack);
}

static void show(const struct tracer *tracer, int tid,
		 const struct __ptrace_syscall_info *info, bool with_stack)
{
	struct seccomp_data data = {
		.arch = info->arch,
		.nr = (int)info->entry.nr,
		.instruction_pointer = info->instruction_pointer,
	};
	struct callgate_explain_memory memory = { 0 };
	struct callgate_explain_call *call;

	memcpy(data.args, info->entry.args, sizeof(data.args));
	if (callgate_explain_memory_open(tid, &memory))
		return;
	memory.describe = NULL;
	if (callgate_explain_decode(&data, &memory, &call) == 0) {
		if (!tracer->wanted || strcmp(call->name, tracer->wanted) == 0) {
			printf("%s\n", call->text);
			if (with_stack)
				print_stack(tracer, tid, &memory);
		}
		callgate_explain_call_free(call);
	}
	callgate_explain_memory_close(&memory);
}

/* Calls that were entered, by thread, since at its exit a call has no arguments. */
struct entered {
	int tid;
	struct __ptrace_syscall_info info;
};

static struct entered *entered_of(int tid)
{
	static struct entered table[64];
	struct entered *unused = NULL;

	for (size_t i = 0; i < 64; i++) {
		if (table[i].tid == tid)
			return &table[i];
		if (!table[i].tid && !unused)
			unused = &table[i];
	}
	if (unused)
		unused->tid = tid;
	return unused ? unused : &table[0];
}

static void at_call(const struct tracer *tracer, int tid)
{
	struct entered *entered = entered_of(tid);
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		entered->info = info;
		if (!tracer->wanted)
			show(tracer, tid, &info, false);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && tracer->wanted) {
		show(tracer, tid, &entered->info, true);
	}
}

static int deliver(const struct tracer *tracer, int tid, int status)
{
	int signal = WSTOPSIG(status);

	if (signal == (SIGTRAP | 0x80))
		at_call(tracer, tid);
	else if (signal != SIGTRAP && signal != SIGSTOP)
		return signal;
	return 0;
}

static int follow(const struct tracer *tracer, pid_t first)
{
	int tid, status, result = 1;

	while ((tid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			ptrace(PTRACE_SYSCALL, tid, 0, deliver(tracer, tid, status));
			continue;
		}
		entered_of(tid)->tid = 0;
		if (tid == first)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
	return result;
}

int main(int count, char **arguments)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_EXITKILL;
	struct tracer tracer = { 0 };
	int at = 1, status;
	pid_t child;

	if (count > 3 && strcmp(arguments[at], "--stack") == 0) {
		tracer.wanted = arguments[at + 1];
		at += 2;
	}
	if (at < count && strcmp(arguments[at], "--peek") == 0) {
		tracer.peeks = true;
		at++;
	}
	if (at >= count || callgate_explain_unwinder_new(&tracer.unwinder))
		return 2;
	child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			_exit(77);
		raise(SIGSTOP);
		execvp(arguments[at], arguments + at);
		_exit(127);
	}
	waitpid(child, &status, 0);
	if (WIFSTOPPED(status))
		ptrace(PTRACE_SETOPTIONS, child, 0, options);
	ptrace(PTRACE_SYSCALL, child, 0, 0);
	status = WIFSTOPPED(status) ? follow(&tracer, child) : 77;
	callgate_explain_unwinder_free(tracer.unwinder);
	return status;
}
