// SPDX-License-Identifier: MIT
/* The user half of counting. */
#include "count.h"

#include <bpf/libbpf.h>
#include <count.skel.h>
#include <errno.h>
#include <stdlib.h>

#include "probe.h"

struct count {
	struct count_bpf *skeleton;
};

int count_open(struct count **ret_count)
{
	struct count *count = calloc(1, sizeof(*count));
	int error = 0;

	*ret_count = NULL;
	if (!count)
		return -ENOMEM;
	probe_be_quiet();
	count->skeleton = count_bpf__open_and_load();
	if (!count->skeleton)
		error = errno ? -errno : -EINVAL;
	if (!error)
		error = count_bpf__attach(count->skeleton);
	if (error)
		count_close(count);
	else
		*ret_count = count;
	return error;
}

void count_close(struct count *count)
{
	if (!count)
		return;
	count_bpf__destroy(count->skeleton);
	free(count);
}

int count_each(struct count *count,
	       void (*visit)(void *context, const struct count_key *key,
			     const struct count_value *value),
	       void *context)
{
	const struct bpf_map *map = count->skeleton->maps.counts;
	struct count_key key, next;
	struct count_value value;
	int error = bpf_map__get_next_key(map, NULL, &next, sizeof(next));

	/* should an entry go meanwhile, the kernel begins anew: not more than there are */
	for (size_t i = 0; !error && i < COUNT_PROCESSES; i++) {
		key = next;
		if (!bpf_map__lookup_elem(map, &key, sizeof(key), &value, sizeof(value),
					  0))
			visit(context, &key, &value);
		error = bpf_map__get_next_key(map, &key, &next, sizeof(next));
	}
	return error == -ENOENT ? 0 : error;
}

void count_forget(struct count *count, const struct count_key *key)
{
	bpf_map__delete_elem(count->skeleton->maps.counts, key, sizeof(*key), 0);
}
