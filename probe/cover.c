// SPDX-License-Identifier: MIT
/* The user half of coverage. */
#include "cover.h"

#include <bpf/libbpf.h>
#include <cover.skel.h>
#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

#if defined(__x86_64__)
#define X32_BIT 0x40000000U
static const uint32_t arches[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386 };
#else
#define X32_BIT 0U
static const uint32_t arches[] = { AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM };
#endif

struct cover {
	struct cover_bpf *skeleton;
};

/* x32's calls have the tables of the native ones. */
static void make_plan(struct cover_plan *plan, const struct cover_asker *asker)
{
	for (uint32_t i = 0; i < COVER_ARCHES * COVER_NUMBERS; i++) {
		uint32_t class = i / COVER_NUMBERS, number = i % COVER_NUMBERS;
		__u64 *bits = plan->bits[class][number];

		asker->bits(asker->context, arches[class], number, bits);
		if (class == COVER_NATIVE && X32_BIT != 0)
			asker->bits(asker->context, arches[class], number | X32_BIT,
				    bits);
	}
}

/* This process is followed, and what it forks; of itself nothing counts. */
static int follow_self(const struct cover *cover)
{
	const __u32 counts = 0;
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int error;

	if (self < 0)
		return -errno;
	error = bpf_map__update_elem(cover->skeleton->maps.followed, &self,
				     sizeof(self), &counts, sizeof(counts), 0);
	close(self);
	return error;
}

int cover_open(const struct cover_asker *asker, struct cover **ret_cover)
{
	struct cover *cover = calloc(1, sizeof(*cover));
	int error = 0;

	*ret_cover = NULL;
	if (!cover)
		return -ENOMEM;
	probe_be_quiet();
	cover->skeleton = cover_bpf__open();
	if (!cover->skeleton)
		error = errno ? -errno : -EINVAL;
	else
		make_plan((struct cover_plan *)&cover->skeleton->rodata->plan, asker);
	if (!error)
		error = cover_bpf__load(cover->skeleton);
	if (!error)
		error = cover_bpf__attach(cover->skeleton);
	if (!error)
		error = follow_self(cover);
	if (error)
		cover_close(cover);
	else
		*ret_cover = cover;
	return error;
}

void cover_close(struct cover *cover)
{
	if (!cover)
		return;
	cover_bpf__destroy(cover->skeleton);
	free(cover);
}

int cover_each(const struct cover *cover,
	       void (*visit)(void *context, const struct cover_call *call,
			     uint64_t count),
	       void *context)
{
	const struct bpf_map *map = cover->skeleton->maps.calls;
	struct cover_call call, next;
	uint64_t count;
	int error = bpf_map__get_next_key(map, NULL, &next, sizeof(next));

	/* nothing is ever taken out, so nothing comes twice */
	while (!error) {
		call = next;
		error = bpf_map__lookup_elem(map, &call, sizeof(call), &count,
					     sizeof(count), 0);
		if (error)
			return error;
		visit(context, &call, count);
		error = bpf_map__get_next_key(map, &call, &next, sizeof(next));
	}
	return error == -ENOENT ? 0 : error;
}

uint64_t cover_lost(const struct cover *cover)
{
	return cover->skeleton->bss->lost;
}
