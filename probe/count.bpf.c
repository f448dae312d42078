// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The kernel half of counting: how many system calls each process makes. A call that
 * seccomp refuses does not come by here. Of too many processes, those that were silent for
 * longest are forgotten.
 *
 * Every call of the machine comes by here, so a thread counts for itself, and tells its
 * process's entry, which takes ten times as long, no more than every few clock ticks. What
 * it has not told yet it does when it ends.
 */
#include "kernel.h"
#include "count_shared.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, COUNT_PROCESSES);
	__type(key, struct count_key);
	__type(value, struct count_value);
} counts SEC(".maps");

#define PATIENCE 10 /* jiffies: 10 ms to 100 ms, as the kernel was built */

struct own_count {
	__u64 calls; /* that were not told */
	__u64 told;  /* when, in jiffies */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct own_count);
} own_counts SEC(".maps");

static __always_inline struct count_value *count_of(const struct count_key *key)
{
	const struct count_value none = { 0 };
	struct count_value *value = bpf_map_lookup_elem(&counts, key);

	if (value)
		return value;
	bpf_map_update_elem(&counts, key, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&counts, key);
}

static __always_inline void tell(struct task_struct *task, struct own_count *own)
{
	struct task_struct *leader = task->group_leader;
	const struct count_key key = { .start = leader->start_boottime,
				       .pid = (__u32)leader->tgid };
	struct count_value *value = count_of(&key);

	if (!value)
		return;
	__sync_fetch_and_add(&value->calls, own->calls);
	own->calls = 0;
	BPF_CORE_READ_STR_INTO(&value->name, leader, comm);
	if (task->seccomp.mode)
		value->is_confined = 1;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(count_enter, struct pt_regs *regs, long number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct own_count *own = bpf_task_storage_get(&own_counts, task, 0,
						     BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 now = bpf_jiffies64();

	if (!own)
		return 0;
	own->calls++;
	if (now - own->told < PATIENCE)
		return 0;
	own->told = now;
	tell(task, own);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(count_end, struct task_struct *ending)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct own_count *own = bpf_task_storage_get(&own_counts, task, 0, 0);

	if (own && own->calls)
		tell(task, own);
	return 0;
}
