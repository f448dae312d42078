// SPDX-License-Identifier: MIT
/*
 * All of probe/ in a build without eBPF: it is not there, and that is said.
 */
#include <errno.h>
#include <stddef.h>

#include "probe.h"

static const struct probe_lack lack = {
	-ENOSYS,
	"this callgate was built without eBPF",
	"build it with clang, bpftool and libbpf at hand (-Debpf=enabled)",
};

const char *probe_version(void)
{
	return NULL;
}

bool probe_is_usable(struct probe_lack *ret_lack)
{
	*ret_lack = lack;
	return false;
}

struct probe_lack probe_explain(int error)
{
	(void)error;
	return lack;
}

void probe_be_quiet(void)
{
}
