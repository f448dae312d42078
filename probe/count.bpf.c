// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The kernel half of counting: how many system calls each process makes. A call that
 * seccomp refuses does not come by here. Of too many processes, those that were silent for
 * longest are forgotten.
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

static __always_inline struct count_value *count_of(const struct count_key *key)
{
	const struct count_value none = { 0 };
	struct count_value *value = bpf_map_lookup_elem(&counts, key);

	if (value)
		return value;
	bpf_map_update_elem(&counts, key, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&counts, key);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(count_enter, struct pt_regs *regs, long number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_struct *leader = task->group_leader;
	const struct count_key key = { .start = leader->start_boottime,
				       .pid = (__u32)leader->tgid };
	struct count_value *value = count_of(&key);

	if (!value)
		return 0;
	__sync_fetch_and_add(&value->calls, 1);
	BPF_CORE_READ_STR_INTO(&value->name, leader, comm);
	if (task->seccomp.mode)
		value->is_confined = 1;
	return 0;
}
