// SPDX-License-Identifier: MIT
/*
 * The user half of recording by eBPF: says what to follow, lets it go, looks.
 *
 * Nothing is pinned: when this process ends, however it ends, the kernel takes the
 * programs away. A process is named to the kernel by a descriptor, so that its number
 * cannot come to mean another one.
 *
 * Exits are looked at from the moment when the kernel half says that they must be. It holds a
 * task until that is so, which is why it has to be done at once.
 */
#include "record_shared.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <record.skel.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alert.h"
#include "backend.h"
#include "cgroup.h"
#include "probe.h"

struct ebpf {
	struct record_bpf *skeleton;
	struct launch launch;
	bool is_held; /* the program was not let go yet */
	int process;  /* pidfd of who is followed; -1 */
	void *rows;
	size_t rows_size;
	struct alert *alert; /* of filters; NULL: exits are looked at anyway */
	int exits_error;
};

/* --- loading ------------------------------------------------------------------------ */

static int find_cgroup(const char *path, uint64_t *ret_id, int *ret_level,
		       struct recorder_failure *failure)
{
	int error = cgroup_identify(path, ret_id, ret_level);

	if (error == -EINVAL)
		return recorder_fail(failure, error,
				     "give a folder under where cgroup2 is mounted",
				     "%s is no cgroup of version 2", path);
	if (error)
		return recorder_fail(failure, error, NULL, "cannot find cgroup %s: %s",
				     path, strerrordesc_np(-error));
	return 0;
}

static const enum record_follow follows[] = {
	[RECORDER_PROGRAM] = RECORD_TREE,
	[RECORDER_PID] = RECORD_TREE,
	[RECORDER_CGROUP] = RECORD_CGROUP,
	[RECORDER_USER] = RECORD_USER,
};

static const enum record_begins begins[] = {
	[RECORDER_FROM_EXEC] = RECORD_AT_EXEC,
	[RECORDER_FROM_START] = RECORD_AT_START,
	[RECORDER_FROM_MARKER] = RECORD_AT_MARKER,
};

/* Writes the constants of the programs, which are settled when they are loaded. */
static int settle(struct record_bpf *skeleton, const struct recorder_target *target,
		  struct recorder_failure *failure)
{
	uint64_t id = 0;
	int level = 0;

	if (target->kind == RECORDER_CGROUP &&
	    find_cgroup(target->cgroup, &id, &level, failure))
		return failure->error;
	skeleton->rodata->target = follows[target->kind];
	skeleton->rodata->begins = begins[target->from];
	skeleton->rodata->cgroup = id;
	skeleton->rodata->cgroup_level = (__u32)level;
	skeleton->rodata->user = target->user;
	tally_plan((struct tally_plan *)(uintptr_t)&skeleton->rodata->plan);
	/* Sizes of this machine: a ring is of whole pages. */
	if (bpf_map__set_max_entries(skeleton->maps.news, (__u32)sysconf(_SC_PAGESIZE)))
		return -EINVAL;
	return bpf_map__set_max_entries(skeleton->maps.rows,
					(__u32)libbpf_num_possible_cpus());
}

static int map_rows(struct recorder *recorder, struct ebpf *ebpf)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bpf_map *rows = ebpf->skeleton->maps.rows;

	recorder->row_count = bpf_map__max_entries(rows);
	ebpf->rows_size = recorder->row_count * sizeof(*recorder->rows);
	ebpf->rows_size = (ebpf->rows_size + page - 1) / page * page;
	ebpf->rows = mmap(NULL, ebpf->rows_size, PROT_READ, MAP_SHARED,
			  bpf_map__fd(rows), 0);
	if (ebpf->rows == MAP_FAILED) {
		ebpf->rows = NULL;
		return -errno;
	}
	recorder->rows = ebpf->rows;
	return 0;
}

static int fail_to_load(struct recorder_failure *failure, int error)
{
	struct probe_lack lack = probe_explain(error);

	failure->is_backend = true;
	return recorder_fail(failure, error, lack.hint, "%s", lack.problem);
}

/* Not every kernel has that page, and of the architectures one has. */
static void drop_vsyscall(struct record_bpf *skeleton)
{
	struct bpf_program *vsyscall =
		bpf_object__find_program_by_name(skeleton->obj, "record_vsyscall");

	if (vsyscall &&
	    libbpf_find_vmlinux_btf_id("emulate_vsyscall", BPF_TRACE_RAW_TP) < 0)
		bpf_program__set_autoload(vsyscall, false);
}

static int load(struct recorder *recorder, struct ebpf *ebpf,
		struct recorder_failure *failure)
{
	struct record_bpf *skeleton;
	int error;

	probe_be_quiet();
	skeleton = ebpf->skeleton = record_bpf__open();
	if (!skeleton)
		return fail_to_load(failure, -errno);
	failure->error = 0;
	error = settle(skeleton, &recorder->target, failure);
	if (failure->error)
		return failure->error;
	/* Without cgroups in the kernel there is no such tracepoint. */
	bpf_program__set_autoload(skeleton->progs.record_move,
				  recorder->target.kind == RECORDER_CGROUP);
	drop_vsyscall(skeleton);
	/* They are attached when it is time. */
	bpf_program__set_autoattach(skeleton->progs.record_threads, false);
	bpf_program__set_autoattach(skeleton->progs.record_exit, false);
	if (!error)
		error = record_bpf__load(skeleton);
	if (!error)
		error = map_rows(recorder, ebpf);
	if (error)
		return fail_to_load(failure, error);
	recorder->tally = &skeleton->bss->tally;
	return 0;
}

static int attach(struct recorder *recorder, struct ebpf *ebpf,
		  struct recorder_failure *failure)
{
	int error;

	if (recorder->target.from == RECORDER_FROM_START)
		recorder->tally->start = tally_now();
	error = record_bpf__attach(ebpf->skeleton);
	return error ? fail_to_load(failure, error) : 0;
}

/* One walk over all threads; what is forked meanwhile finds the mark by itself. */
static int walk_threads(const struct ebpf *ebpf)
{
	struct bpf_link *link =
		bpf_program__attach_iter(ebpf->skeleton->progs.record_threads, NULL);
	char buffer[64];
	int walk, error = 0;

	if (!link)
		return -errno;
	walk = bpf_iter_create(bpf_link__fd(link));
	while (walk >= 0 && (error = (int)read(walk, buffer, sizeof(buffer))) > 0)
		;
	if (walk < 0 || error < 0)
		error = -errno;
	if (walk >= 0)
		close(walk);
	bpf_link__destroy(link);
	return error;
}

/* --- exits -------------------------------------------------------------------------- */

static void attach_exits(void *own)
{
	struct ebpf *ebpf = own;
	struct record_bpf *skeleton = ebpf->skeleton;

	skeleton->links.record_exit = bpf_program__attach(skeleton->progs.record_exit);
	if (!skeleton->links.record_exit)
		ebpf->exits_error = -errno;
	skeleton->bss->announced = skeleton->bss->looks_at_exits = 1;
}

/* Nobody can be held, or what is recorded has a filter already. */
static bool needs_exits(const struct recorder *recorder, const struct ebpf *ebpf)
{
	const struct recorder_target *target = &recorder->target;

	if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop,
				    NULL) != 1)
		return true;
	if (target->kind == RECORDER_PROGRAM && prctl(PR_GET_SECCOMP) != 0)
		return true;
	if (target->kind == RECORDER_CGROUP && cgroup_has_filter(target->cgroup))
		return true;
	if (target->kind == RECORDER_USER && walk_threads(ebpf))
		return true;
	return ebpf->skeleton->bss->announced;
}

static int begin_exits(const struct recorder *recorder, struct ebpf *ebpf)
{
	int error;

	if (!needs_exits(recorder, ebpf)) {
		error = alert_start(bpf_map__fd(ebpf->skeleton->maps.news),
				    attach_exits, ebpf, &ebpf->alert);
		if (error != -EDEADLK)
			return error;
	}
	attach_exits(ebpf);
	return ebpf->exits_error;
}

/* --- processes ---------------------------------------------------------------------- */

static int open_process(pid_t pid, struct recorder_failure *failure)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0);

	if (process >= 0)
		return process;
	if (errno == ESRCH)
		return recorder_fail(failure, -ESRCH, NULL, "there is no process %d",
				     pid);
	if (errno == EINVAL || errno == ENOENT)
		return recorder_fail(failure, -errno, "give the id of its process",
				     "%d is a thread and no process", pid);
	return recorder_fail(failure, -errno, NULL, "cannot follow process %d: %s", pid,
			     strerrordesc_np(errno));
}

static bool is_dead(int process)
{
	struct pollfd poll_process = { .fd = process, .events = POLLIN };

	return poll(&poll_process, 1, 0) > 0;
}

/* -EEXIST: its first thread is marked already. */
static int mark(const struct ebpf *ebpf)
{
	const __u32 is_marked = 1;

	if (bpf_map_update_elem(bpf_map__fd(ebpf->skeleton->maps.marks), &ebpf->process,
				&is_marked, BPF_NOEXIST))
		return -errno;
	return 0;
}

/*
 * Has the kernel half follow a process with all its threads. One that executes a program
 * becomes the first, meanwhile too: then that one is to be marked.
 */
static int follow(const struct ebpf *ebpf)
{
	int error;

	while (!(error = mark(ebpf)))
		if ((error = walk_threads(ebpf)))
			return error;
	return error == -EEXIST ? 0 : error;
}

static int follow_pid(struct recorder *recorder, struct ebpf *ebpf,
		      struct recorder_failure *failure)
{
	pid_t pid = recorder->target.pid;
	int error;

	error = follow(ebpf);
	if (is_dead(ebpf->process))
		return recorder_fail(failure, -ESRCH, NULL, "process %d has ended",
				     pid);
	if (error)
		return recorder_fail(failure, error, NULL,
				     "cannot follow process %d: %s", pid,
				     strerrordesc_np(-error));
	return 0;
}

static int follow_program(struct recorder *recorder, struct ebpf *ebpf,
			  struct recorder_failure *failure)
{
	int error = launch_hold(&recorder->target, &ebpf->launch);

	if (error)
		return recorder_fail(failure, error, NULL, "cannot start a process: %s",
				     strerrordesc_np(-error));
	ebpf->is_held = true;
	recorder->child = ebpf->launch.pid;
	ebpf->process = open_process(recorder->child, failure);
	if (ebpf->process < 0)
		return failure->error;
	error = follow(ebpf);
	if (error)
		return recorder_fail(failure, error, NULL,
				     "cannot follow the program: %s",
				     strerrordesc_np(-error));
	return 0;
}

/* --- the back end ------------------------------------------------------------------- */

static int ebpf_open(struct recorder *recorder, struct recorder_failure *failure)
{
	struct ebpf *ebpf = recorder->own = calloc(1, sizeof(*ebpf));
	int error;

	if (!ebpf)
		return recorder_fail(failure, -ENOMEM, NULL, "there is no memory");
	ebpf->process = -1;
	/* First, so that the process is the one that has this number now. */
	if (recorder->target.kind == RECORDER_PID) {
		ebpf->process = open_process(recorder->target.pid, failure);
		if (ebpf->process < 0)
			return failure->error;
	}
	error = load(recorder, ebpf, failure);
	if (!error)
		error = attach(recorder, ebpf, failure);
	if (!error && recorder->target.kind == RECORDER_PID)
		error = follow_pid(recorder, ebpf, failure);
	if (!error && recorder->target.kind == RECORDER_PROGRAM)
		error = follow_program(recorder, ebpf, failure);
	if (error)
		return error;
	error = begin_exits(recorder, ebpf);
	return error ? fail_to_load(failure, error) : 0;
}

static int ebpf_start(struct recorder *recorder, struct recorder_failure *failure)
{
	struct ebpf *ebpf = recorder->own;
	int error;

	if (!ebpf->is_held)
		return 0;
	ebpf->is_held = false;
	error = launch_go(&ebpf->launch);
	if (!error)
		return 0;
	recorder->child = 0;
	return launch_explain(recorder->target.argv[0], error, failure);
}

static bool ebpf_is_over(struct recorder *recorder)
{
	if (recorder->target.kind == RECORDER_CGROUP)
		return access(recorder->target.cgroup, F_OK) != 0;
	if (recorder->target.kind == RECORDER_USER)
		return false;
	return recorder->tally->tasks <= 0;
}

static const char *ebpf_remark(const struct recorder *recorder, size_t index)
{
	const struct ebpf *ebpf = recorder->own;

	if (ebpf->exits_error && index-- == 0)
		return "exits could not be looked at: calls that filters refuse are "
		       "not recorded";
	if (ebpf->skeleton->bss->hurried && index-- == 0)
		return "calls may be missing that a new filter refused in its first "
		       "moments";
	return NULL;
}

static void ebpf_close(struct recorder *recorder)
{
	struct ebpf *ebpf = recorder->own;

	if (!ebpf)
		return;
	alert_stop(ebpf->alert);
	if (ebpf->is_held)
		launch_drop(&ebpf->launch);
	if (ebpf->process >= 0)
		close(ebpf->process);
	if (ebpf->rows)
		munmap(ebpf->rows, ebpf->rows_size);
	record_bpf__destroy(ebpf->skeleton);
	free(ebpf);
}

const struct recorder_backend_ops recorder_ebpf = {
	.name = "eBPF",
	.open = ebpf_open,
	.start = ebpf_start,
	.is_over = ebpf_is_over,
	.remark = ebpf_remark,
	.close = ebpf_close,
};
