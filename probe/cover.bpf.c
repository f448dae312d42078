// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The kernel half of coverage: how often the programs of a tree made which call, told
 * apart by what the rules of their policy look at.
 *
 *	fork        a child of a followed task is followed
 *	exec        from here on its calls count
 *	sys_enter   the kernel makes the call: seccomp has let it through
 *
 * Invariant: a call is counted or `lost` says that one was not.
 */
#include "kernel.h"
#include "cover_shared.h"

#include <linux/audit.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Settled before loading. */
const volatile struct cover_plan plan;

__u64 lost;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, COVER_CALLS);
	__type(key, struct cover_call);
	__type(value, __u64);
} calls SEC(".maps");

/* 1: its calls count; 0: not before its next execve(2). */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} followed SEC(".maps");

static __always_inline __u32 *find(struct task_struct *task)
{
	return bpf_task_storage_get(&followed, task, 0, 0);
}

static __always_inline __u32 arch_of(__u32 class)
{
#if defined(__TARGET_ARCH_x86)
	return class == COVER_COMPAT ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
#elif defined(__TARGET_ARCH_arm64)
	return class == COVER_COMPAT ? AUDIT_ARCH_ARM : AUDIT_ARCH_AARCH64;
#endif
}

static __always_inline void describe(const struct pt_regs *regs, __u32 class,
				     struct cover_call *call)
{
	const __u32 bare = number_is_x32(call->number) ? call->number & ~0x40000000U
						       : call->number;

	regs_arguments(regs, class == COVER_COMPAT, call->fields);
	call->fields[COVER_FIELDS - 1] = regs_instruction_pointer(regs);
	if (bare >= COVER_NUMBERS || class >= COVER_ARCHES)
		return;
#pragma unroll
	for (int i = 0; i < COVER_FIELDS; i++)
		call->fields[i] &= plan.bits[class][bare & (COVER_NUMBERS - 1)][i];
}

static __always_inline void count(const struct cover_call *call)
{
	const __u64 none = 0;
	__u64 *found = bpf_map_lookup_elem(&calls, call);

	if (!found) {
		bpf_map_update_elem(&calls, call, &none, BPF_NOEXIST);
		found = bpf_map_lookup_elem(&calls, call);
	}
	__sync_fetch_and_add(found ? found : &lost, 1);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(cover_enter, struct pt_regs *regs, long number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const __u32 *counts = find(task);
	struct cover_call call = { .number = (__u32)number };
	__u32 class;

	if (!counts || !*counts)
		return 0;
	class = !regs_are_native(regs) && task_is_compat(task) ? COVER_COMPAT
							       : COVER_NATIVE;
	call.arch = arch_of(class);
	describe(regs, class, &call);
	count(&call);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(cover_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 *counts = find(parent);

	if (counts && !bpf_task_storage_get(&followed, child, counts,
					    BPF_LOCAL_STORAGE_GET_F_CREATE))
		__sync_fetch_and_add(&lost, 1);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(cover_exec, struct task_struct *task)
{
	__u32 *counts = find(task);

	if (counts)
		*counts = 1;
	return 0;
}
