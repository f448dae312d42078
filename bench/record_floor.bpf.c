// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/* Programs that do nothing, where a recording has its own. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("tp_btf/sys_enter")
int floor_enter(void *context)
{
	return 0;
}

SEC("tp_btf/sys_exit")
int floor_exit(void *context)
{
	return 0;
}
