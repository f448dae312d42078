// SPDX-License-Identifier: MIT
/*
 * Recording by eBPF in a build without it.
 */
#include "backend.h"
#include "probe.h"

static int without_open(struct recorder *recorder, struct recorder_failure *failure)
{
	struct probe_lack lack;

	(void)recorder;
	probe_is_usable(&lack);
	failure->is_backend = true;
	return recorder_fail(failure, lack.error, lack.hint, "%s", lack.problem);
}

static void without_close(struct recorder *recorder)
{
	(void)recorder;
}

const struct recorder_backend_ops recorder_ebpf = {
	.name = "eBPF",
	.open = without_open,
	.close = without_close,
};
