// SPDX-License-Identifier: MIT
/*
 * The user half of the iterator: each reading is one run of a program of iterate.bpf.c
 * over the threads of the machine, or over one, where the kernel can (Linux 6.1).
 *
 * Nothing is attached to anything: a run lasts as long as its descriptors are open.
 */
#include "iterate.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <iterate.skel.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buffer.h"
#include "probe.h"

#define CHUNK	 ((size_t)16 << 10)
#define TRIES	 8	     /* for a thread that gets filters while it is read */
#define FIRST_NS 0xEFFFFFFCu /* the first PID namespace's number */

struct iterate {
	struct iterate_bpf *skeleton;
};

/* --- runs --------------------------------------------------------------------------- */

/* libbpf's is declared in a header that goes by the name of one of ours. */
static int create_iterator(const struct bpf_link *link)
{
	union bpf_attr attributes = {
		.iter_create.link_fd = (__u32)bpf_link__fd(link),
	};

	return (int)syscall(SYS_bpf, BPF_ITER_CREATE, &attributes, sizeof(attributes));
}

/* A descriptor whose reading runs the program; over one thread, or all for 0. */
static int open_run(const struct bpf_program *program, int tid)
{
	union bpf_iter_link_info which = { .task.tid = (unsigned)tid };
	DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, options);
	struct bpf_link *link;
	int fd, error = 0;

	if (tid) {
		options.link_info = &which;
		options.link_info_len = sizeof(which);
	}
	link = bpf_program__attach_iter(program, &options);
	if (!link)
		return -errno;
	fd = create_iterator(link);
	if (fd < 0)
		error = -errno;
	bpf_link__destroy(link);
	return error ? error : fd;
}

/* All that a run writes. */
static int read_run(int fd, struct buffer *output)
{
	char *chunk = malloc(CHUNK);
	ssize_t got = 1;
	int error = chunk ? 0 : -ENOMEM;

	while (!error && got != 0) {
		got = read(fd, chunk, CHUNK);
		if (got > 0)
			buffer_put(output, chunk, (size_t)got);
		/* EAGAIN: it has gone over a million threads and wants a rest */
		else if (got < 0 && errno != EINTR && errno != EAGAIN)
			error = -errno;
		if (output->failed)
			error = -ENOMEM;
	}
	free(chunk);
	return error;
}

static int run(const struct bpf_program *program, int tid, struct buffer *output)
{
	int fd = open_run(program, tid), error;

	if (fd < 0)
		return fd;
	error = read_run(fd, output);
	close(fd);
	return error;
}

/* --- opening ------------------------------------------------------------------------ */

static __u32 own_pid_namespace(void)
{
	struct stat status;

	if (stat("/proc/self/ns/pid", &status) || status.st_ino == FIRST_NS)
		return 0;
	return (__u32)status.st_ino;
}

int iterate_open(struct iterate **ret_iterate)
{
	struct iterate *iterate = calloc(1, sizeof(*iterate));
	int error = 0;

	*ret_iterate = NULL;
	if (!iterate)
		return -ENOMEM;
	probe_be_quiet();
	iterate->skeleton = iterate_bpf__open();
	if (iterate->skeleton) {
		iterate->skeleton->rodata->pid_namespace = own_pid_namespace();
		error = iterate_bpf__load(iterate->skeleton);
	} else {
		error = errno ? -errno : -EINVAL;
	}
	if (error)
		iterate_close(iterate);
	else
		*ret_iterate = iterate;
	return error;
}

void iterate_close(struct iterate *iterate)
{
	if (!iterate)
		return;
	iterate_bpf__destroy(iterate->skeleton);
	free(iterate);
}

/* --- threads ------------------------------------------------------------------------ */

static int compare_threads(const void *a, const void *b)
{
	const struct iterate_thread *first = a, *second = b;

	return (first->tid > second->tid) - (first->tid < second->tid);
}

int iterate_threads(struct iterate *iterate, struct iterate_thread **ret_threads,
		    size_t *ret_count)
{
	struct buffer output = { 0 };
	int error = run(iterate->skeleton->progs.iterate_threads, 0, &output);

	*ret_threads = NULL;
	*ret_count = 0;
	if (error) {
		buffer_done(&output);
		return error;
	}
	*ret_count = output.len / sizeof(**ret_threads);
	*ret_threads = (struct iterate_thread *)(void *)buffer_take(&output);
	if (!*ret_threads)
		return -ENOMEM;
	qsort(*ret_threads, *ret_count, sizeof(**ret_threads), compare_threads);
	return 0;
}

/* --- filters ------------------------------------------------------------------------ */

struct filters {
	struct callgate_filter **list;
	size_t count, capacity;
	uint64_t stack; /* whose they are */
};

static void drop(struct filters *filters)
{
	for (size_t i = 0; i < filters->count; i++)
		callgate_filter_free(filters->list[i]);
	free(filters->list);
	*filters = (struct filters){ 0 };
}

static int append(struct filters *filters, const struct iterate_bpf__bss *read)
{
	size_t wanted = filters->capacity ? 2 * filters->capacity : 8;
	struct callgate_filter **grown = filters->list;
	int error;

	if (filters->count == filters->capacity) {
		grown = reallocarray(grown, wanted, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		filters->list = grown;
		filters->capacity = wanted;
	}
	error = callgate_filter_from_program(read->program, read->layer.length, NULL,
					     &grown[filters->count]);
	filters->count += !error;
	return error;
}

/* Reads the next one, older by one. Returns 1 when there is none. */
static int read_layer(struct iterate *iterate, int tid, struct filters *filters)
{
	struct iterate_bpf__bss *shared = iterate->skeleton->bss;
	struct buffer nothing = { 0 };
	int error;

	if (filters->count == ITERATE_LAYERS_MAX)
		return -E2BIG;
	shared->wanted_tid = tid;
	shared->wanted_layer = (__u32)filters->count;
	shared->layer = (struct iterate_layer){ .answer = ITERATE_NO_THREAD };
	error = run(iterate->skeleton->progs.iterate_filter, tid, &nothing);
	buffer_done(&nothing);
	if (error)
		return error;
	if (!filters->count)
		filters->stack = shared->layer.stack;
	switch (shared->layer.answer) {
	case ITERATE_NO_THREAD:
		return -ESRCH;
	case ITERATE_NO_FILTER:
		return 1;
	case ITERATE_NOT_KEPT:
		return -EOPNOTSUPP;
	case ITERATE_READ:
		return shared->layer.stack == filters->stack ? append(filters, shared)
							     : -EAGAIN;
	default:
		return -EAGAIN;
	}
}

/* The newest is read first. */
static void reverse(struct filters *filters)
{
	for (size_t i = 0; i < filters->count / 2; i++) {
		struct callgate_filter **other = &filters->list[filters->count - 1 - i];
		struct callgate_filter *swapped = filters->list[i];

		filters->list[i] = *other;
		*other = swapped;
	}
}

int iterate_filters(struct iterate *iterate, int tid,
		    struct callgate_filter ***ret_filters, size_t *ret_count,
		    uint64_t *ret_stack)
{
	struct filters filters = { 0 };
	int error = tid > 0 ? -EAGAIN : -ESRCH;

	for (unsigned i = 0; i < TRIES && error == -EAGAIN; i++) {
		drop(&filters);
		do
			error = read_layer(iterate, tid, &filters);
		while (!error);
	}
	if (error == 1)
		error = filters.count ? 0 : -ENOENT;
	if (error)
		drop(&filters);
	reverse(&filters);
	*ret_filters = filters.list;
	*ret_count = filters.count;
	if (ret_stack)
		*ret_stack = filters.stack;
	return error;
}
