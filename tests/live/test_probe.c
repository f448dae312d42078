// SPDX-License-Identifier: MIT
/*
 * Whether eBPF can be used is found out without leaving anything in the kernel.
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <time.h>

#include "probe.h"

static unsigned count_programs(void)
{
	unsigned id = 0, count = 0;

	while (!bpf_prog_get_next_id(id, &id))
		count++;
	return count;
}

int main(void)
{
	unsigned before = count_programs();
	struct probe_lack lack;

	if (!probe_is_usable(&lack)) {
		printf("skipped: %s\n", lack.problem);
		return lack.error && lack.problem ? 77 : 1;
	}
	/* A program goes away some time after its last descriptor. */
	for (int i = 0; i < 50; i++) {
		const struct timespec moment = { .tv_nsec = 20000000 };

		if (count_programs() <= before)
			return 0;
		nanosleep(&moment, NULL);
	}
	printf("eBPF programs: %u before, %u after\n", before, count_programs());
	return 1;
}
