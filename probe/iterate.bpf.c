// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The kernel half of the iterator: the seccomp state of every thread, and the programs of
 * one, without stopping any.
 *
 * Filters are never changed, only put on top of others, and a thread drops its own when it
 * ends, having unlinked them first. So what was read of a thread's filters is right when it
 * still has the same newest one afterwards; in between, reading may go astray but not
 * fault.
 */
#include "kernel.h"
#include "iterate_shared.h"

#include <linux/bpf_common.h>
#include <linux/filter.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define LEVELS_MAX   32 /* of PID namespaces */
#define NO_NEW_PRIVS 1	/* bit 0 of atomic_flags */

/* Set by the user half before it loads this. */
const volatile __u32 pid_namespace; /* 0: the first one */

/* What filter the user half wants: that one of a thread's, from the newest at 0 on. */
int wanted_tid;
__u32 wanted_layer;

struct iterate_layer layer;
struct sock_filter program[BPF_MAXINSNS];

/* The id in the reader's PID namespace. */
static __always_inline int id_of(struct task_struct *task)
{
	struct pid *pid = task->thread_pid;
	struct upid upid;
	unsigned int levels;

	if (!pid_namespace)
		return task->pid;
	if (!pid)
		return 0;
	levels = BPF_CORE_READ(pid, level);
	for (unsigned int i = 0; i < LEVELS_MAX && i <= levels; i++)
		if (bpf_core_read(&upid, sizeof(upid), &pid->numbers[i]) == 0 &&
		    BPF_CORE_READ(upid.ns, ns.inum) == pid_namespace)
			return upid.nr;
	return 0;
}

/* --- all threads -------------------------------------------------------------------- */

SEC("iter/task")
int iterate_threads(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct iterate_thread thread = { 0 };

	if (!task)
		return 0;
	thread.tid = id_of(task);
	thread.pid = id_of(task->group_leader);
	thread.start = task->start_boottime;
	thread.stack = (__u64)task->seccomp.filter;
	thread.mode = (__u32)task->seccomp.mode;
	thread.filters = (__u32)task->seccomp.filter_count.counter;
	thread.no_new_privs = task->atomic_flags & NO_NEW_PRIVS;
	bpf_seq_write(context->meta->seq, &thread, sizeof(thread));
	return 0;
}

/* --- the filters of one ------------------------------------------------------------- */

static __always_inline struct seccomp_filter *newest_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, seccomp.filter);
}

/* Copies the program; what is in `layer` and `program` then may be astray. */
static __always_inline __u32 copy(struct seccomp_filter *filter)
{
	struct sock_fprog_kern *kept = BPF_CORE_READ(filter, prog, orig_prog);
	__u32 length;

	if (!kept)
		return ITERATE_NOT_KEPT;
	length = BPF_CORE_READ(kept, len);
	if (length > BPF_MAXINSNS)
		return ITERATE_CHANGED;
	layer.length = length;
	if (bpf_probe_read_kernel(program, length * sizeof(program[0]),
				  BPF_CORE_READ(kept, filter)))
		return ITERATE_CHANGED;
	return ITERATE_READ;
}

SEC("iter/task")
int iterate_filter(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct seccomp_filter *newest, *filter;
	__u32 answer;

	if (!task || id_of(task) != wanted_tid)
		return 0;
	newest = filter = newest_of(task);
	for (__u32 i = 0; i < ITERATE_LAYERS_MAX && filter && i < wanted_layer; i++)
		filter = BPF_CORE_READ(filter, prev);
	answer = filter ? copy(filter) : ITERATE_NO_FILTER;
	layer.stack = (__u64)newest;
	layer.answer = newest_of(task) == newest ? answer : ITERATE_CHANGED;
	return 0;
}
