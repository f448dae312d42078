// SPDX-License-Identifier: MIT
/*
 * Every event and every field, as tables. The order of the fields is that of the output and
 * never changes; what is added goes under `callgate`, the last one.
 */
#include <string.h>

#include "events.h"

#define K TAG_K
#define U TAG_U
#define T TAG_TOCTOU
#define O TAG_OPT

const struct event_field event_fields[] = {
	/* clang-format off */
	{ "timestamp", TYPE_INTEGER, K, "when the call began, ns since the epoch" },
	{ "threadStartTime", TYPE_INTEGER, K, "when the thread was made, likewise" },
	{ "processorId", TYPE_INTEGER, K, "the CPU it returned on" },
	{ "processId", TYPE_INTEGER, K, "in its own pid namespace" },
	{ "cgroupId", TYPE_INTEGER, K, "of cgroup v2" },
	{ "threadId", TYPE_INTEGER, K, "in its own pid namespace" },
	{ "parentProcessId", TYPE_INTEGER, K, "in the parent's own pid namespace" },
	{ "hostProcessId", TYPE_INTEGER, K, "in the initial pid namespace" },
	{ "hostThreadId", TYPE_INTEGER, K, "likewise" },
	{ "hostParentProcessId", TYPE_INTEGER, K, "likewise" },
	{ "userId", TYPE_INTEGER, K, "real user, of the initial user namespace" },
	{ "mountNamespace", TYPE_INTEGER, K, "its inode" },
	{ "pidNamespace", TYPE_INTEGER, K, "its inode" },
	{ "processName", TYPE_TEXT, K, "15 bytes that the thread chose" },
	{ "executable", TYPE_OBJECT, K, "what the process runs" },
	{ "executable.path", TYPE_TEXT, K, "from the root of its mount namespace" },
	{ "hostName", TYPE_TEXT, K, "of its UTS namespace" },
	{ "containerId", TYPE_TEXT, U | T, "64 digits out of the cgroup's name, or \"\"" },
	{ "container", TYPE_EMPTY, U, "nothing yet" },
	{ "kubernetes", TYPE_EMPTY, U, "nothing yet" },
	{ "eventId", TYPE_TEXT, K, "the number of the call in its ABI" },
	{ "eventName", TYPE_TEXT, K, "one of this table" },
	{ "argsNum", TYPE_INTEGER, K, "how many are in args" },
	{ "returnValue", TYPE_INTEGER, K, "what the call returned; -errno" },
	{ "syscall", TYPE_TEXT, K, "the name of the call" },
	{ "stackAddresses", TYPE_WORDS, U | T, "return addresses, with --stack" },
	{ "contextFlags", TYPE_OBJECT, K, "" },
	{ "contextFlags.containerStarted", TYPE_BOOLEAN, U | T, "it is in a container" },
	{ "contextFlags.isCompat", TYPE_BOOLEAN, K, "the call is one of the 32-bit ABI" },
	{ "args", TYPE_ARGUMENTS, K, "see the event" },
	{ "callgate", TYPE_OBJECT, K, "what is not in the common shape" },
	{ "callgate.abi", TYPE_TEXT, K, "of the call" },
	{ "callgate.duration", TYPE_INTEGER, K, "ns from begin to return" },
	{ "callgate.mode", TYPE_TEXT, K, "disabled, strict, filter or dead, afterwards" },
	{ "callgate.filters", TYPE_INTEGER, K, "how many are stacked, afterwards" },
	{ "callgate.noNewPrivs", TYPE_BOOLEAN, K, "of the thread, afterwards" },
	{ "callgate.probe", TYPE_BOOLEAN, K, "the call only asks and changes nothing" },
	{ "callgate.installed", TYPE_OBJECT, K | O, "the filter that the call put on" },
	{ "callgate.installed.instructions", TYPE_INTEGER, K | O, "its length" },
	{ "callgate.installed.digest", TYPE_TEXT, K | O, "SHA-256 of its bytes" },
	{ "callgate.installed.policy", TYPE_TEXT, K | O, "decompiled, with --show-filter" },
	{ "callgate.installed.layer", TYPE_INTEGER, K, "its place in the stack, from 1" },
	{ "callgate.installed.log", TYPE_BOOLEAN, K, "SECCOMP_FILTER_FLAG_LOG" },
	{ "callgate.installed.listener", TYPE_BOOLEAN, K, "it has a listener" },
	{ "callgate.installed.waitKillable", TYPE_BOOLEAN, K,
	  "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" },
	{ "callgate.denial", TYPE_OBJECT, K | O, "of denied: what refused the call" },
	{ "callgate.denial.action", TYPE_TEXT, K, "\"errno EPERM\", \"kill\"" },
	{ "callgate.denial.source", TYPE_TEXT, U,
	  "filters: they were run on the call and the result fits; audit: a record says so, "
	  "which has no arguments nor result; else inferred: result, mode" },
	{ "callgate.denial.layer", TYPE_INTEGER, K | O, "the filter that decided, from 1" },
	{ "callgate.denial.instruction", TYPE_INTEGER, K | O, "its return statement, from 0" },
	{ "callgate.denial.digest", TYPE_TEXT, K | O, "SHA-256 of that filter" },
	{ "callgate.denial.call", TYPE_TEXT, K, "the call in words" },
	{ "callgate.data", TYPE_OBJECT, K | O, "of denied: what the filters were asked" },
	{ "callgate.data.arch", TYPE_INTEGER, K, "AUDIT_ARCH_…" },
	{ "callgate.data.number", TYPE_INTEGER, K, "of the call" },
	{ "callgate.data.instructionPointer", TYPE_WORD, K, "after the call's instruction" },
	{ "callgate.data.arguments", TYPE_WORDS, K,
	  "all six, as registers; null of an audit record" },
	{ 0 },
	/* clang-format on */
};

#define CALL_HOOK                                                                      \
	"kprobe or fentry on sys_seccomp and sys_prctl, or raw tracepoints sys_enter " \
	"and sys_exit"
#define DENIED_HOOK                                                    \
	"raw tracepoints sys_enter, sys_exit, sched_process_fork and " \
	"sched_process_exit; or audit records"
#define EXEC_HOOK "raw tracepoint sched_process_exec"

const struct event_kind event_kinds[WATCH_KINDS] = {
	[WATCH_SECCOMP] = {
		.name = "seccomp",
		.syscall = "seccomp",
		.help = "a call of seccomp(2)",
		.hook = CALL_HOOK,
		.related = "prctl denied",
		.arguments = {
			{ "operation", "unsigned int", K, "what the call does" },
			{ "flags", "unsigned int", K, "SECCOMP_FILTER_FLAG_…" },
			{ "args", "const void*", K, "where the program or answer is" },
		},
	},
	[WATCH_PRCTL] = {
		.name = "prctl",
		.syscall = "prctl",
		.help = "a call of prctl(2) that concerns seccomp or privilege",
		.hook = CALL_HOOK,
		.related = "seccomp denied",
		.arguments = {
			{ "option", "int", K, "what the call does" },
			{ "arg2", "unsigned long", K, "its meaning is the option's" },
			{ "arg3", "unsigned long", K, "likewise" },
			{ "arg4", "unsigned long", K, "likewise" },
			{ "arg5", "unsigned long", K, "likewise" },
		},
	},
	[WATCH_DENIED] = {
		.name = "denied",
		.help = "a call that a filter or strict mode refused",
		.hook = DENIED_HOOK,
		.related = "seccomp prctl",
	},
	[WATCH_CONFINED_EXEC] = {
		.name = "confined-exec",
		.syscall = "execve",
		.help = "a program began under filters",
		.hook = EXEC_HOOK,
		.related = "unconfined-exec seccomp",
		.arguments = {
			{ "pathname", "const char*", K, "what was asked for" },
		},
	},
	[WATCH_UNCONFINED_EXEC] = {
		.name = "unconfined-exec",
		.syscall = "execve",
		.help = "a program began without a filter",
		.hook = EXEC_HOOK,
		.related = "confined-exec",
		.arguments = {
			{ "pathname", "const char*", K, "what was asked for" },
		},
	},
};

static uint32_t kind_of(const char *name, size_t length)
{
	for (unsigned i = 0; i < WATCH_KINDS; i++) {
		if (strlen(event_kinds[i].name) == length &&
		    memcmp(event_kinds[i].name, name, length) == 0)
			return 1u << i;
	}
	return 0;
}

uint32_t event_kinds_parse(const char *list, const char **ret_wrong)
{
	uint32_t kinds = 0;

	for (;;) {
		size_t length = strcspn(list, ",");
		uint32_t kind = kind_of(list, length);

		*ret_wrong = list;
		if (!kind)
			return 0;
		kinds |= kind;
		if (!list[length])
			return kinds;
		list += length + 1;
	}
}
