// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The least program that needs all that our others need: a tracepoint with BTF, a
 * structure of the kernel's and storage at a task. Loading it is how the user half finds
 * out whether eBPF can be used.
 */
#include "kernel.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} marks SEC(".maps");

SEC("tp_btf/sys_exit")
int BPF_PROG(check_exit, struct pt_regs *regs, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 *mark = bpf_task_storage_get(&marks, task, 0, 0);

	if (mark && task->seccomp.mode)
		*mark = 1;
	return 0;
}
