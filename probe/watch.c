// SPDX-License-Identifier: MIT
/*
 * The user half of `callgate watch`: loads, chooses a hook, reads the ring buffer.
 *
 * The hooks are tried in their order until one loads and attaches. Denied calls and execs
 * always take the tracepoints; so when they are wanted, these are attached as well.
 */
#include "watch.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <watch.skel.h>

#include "callgate.h"
#include "probe.h"

#define BUFFER_DEFAULT ((size_t)16 << 20)
#define LINKS	       16
#define BUDGET	       4096

struct watch {
	struct watch_options options;
	struct watch_bpf *bpf;
	struct ring_buffer *ring;
	struct bpf_link *links[LINKS];
	size_t link_count;
	size_t budget; /* records until watch_poll() returns */
	enum watch_hook hook;
	int errors[WATCH_HOOKS];
};

static const char *const hook_names[WATCH_HOOKS] = {
	[WATCH_HOOK_KPROBE] = "kprobe on sys_seccomp",
	[WATCH_HOOK_FENTRY] = "fentry on sys_seccomp",
	[WATCH_HOOK_TRACEPOINT] = "raw tracepoints sys_enter and sys_exit",
};

/* --- the two calls on this machine -------------------------------------------------------- */

/* An ABI that processes of this machine use, and how the kernel names its functions. */
struct abi {
	const char *name;
	const char *prefix;
};

static const struct abi abis[] = {
#if defined(__x86_64__)
	{ "x86_64", "__x64_sys_" },
	{ "i386", "__ia32_sys_" },
#elif defined(__aarch64__)
	{ "aarch64", "__arm64_sys_" }, { "arm", NULL }, /* the same functions */
#endif
};

static int number_of(const char *name, const char *abi)
{
	struct callgate_syscall call;

	if (!callgate_syscall_on(callgate_syscall_find(name), callgate_abi_find(abi),
				 &call))
		return -1;
	return (int)call.number;
}

/* A program and its place, for kprobe and for fentry. */
struct target {
	const char *call;
	size_t abi;
	struct bpf_program *fentry, *fexit;
};

#define TARGETS 4

static void list_targets(const struct watch *watch, struct target ret_targets[TARGETS])
{
	const struct target targets[TARGETS] = {
		{ "seccomp", 0, watch->bpf->progs.watch_fentry_seccomp,
		  watch->bpf->progs.watch_fexit_seccomp },
		{ "prctl", 0, watch->bpf->progs.watch_fentry_prctl,
		  watch->bpf->progs.watch_fexit_prctl },
		{ "seccomp", 1, watch->bpf->progs.watch_fentry_seccomp_compat,
		  watch->bpf->progs.watch_fexit_seccomp_compat },
		{ "prctl", 1, watch->bpf->progs.watch_fentry_prctl_compat,
		  watch->bpf->progs.watch_fexit_prctl_compat },
	};

	memcpy(ret_targets, targets, sizeof(targets));
}

/* --- loading --------------------------------------------------------------------------------- */

static void set_constants(const struct watch *watch, enum watch_hook hook)
{
	struct watch_bpf__rodata *constants = watch->bpf->rodata;

	constants->wanted = watch->options.events;
	constants->calls_by_tracepoint = hook == WATCH_HOOK_TRACEPOINT;
	constants->want_every_prctl = watch->options.every_prctl;
	constants->want_stack = watch->options.stack;
	constants->number_seccomp = number_of("seccomp", abis[0].name);
	constants->number_prctl = number_of("prctl", abis[0].name);
	constants->number_seccomp_compat = number_of("seccomp", abis[1].name);
	constants->number_prctl_compat = number_of("prctl", abis[1].name);
}

static bool wants(const struct watch *watch, uint32_t kinds)
{
	return watch->options.events & kinds;
}

#define CALLS (1u << WATCH_SECCOMP | 1u << WATCH_PRCTL)
#define EXECS (1u << WATCH_CONFINED_EXEC | 1u << WATCH_UNCONFINED_EXEC)

/* fentry programs name their function before they are loaded. */
static int aim_fentry(const struct watch *watch, bool is_wanted)
{
	struct target targets[TARGETS];
	char function[64];
	int error = 0;

	list_targets(watch, targets);
	for (size_t i = 0; i < TARGETS && !error; i++) {
		const struct target *target = &targets[i];
		const char *prefix = abis[target->abi].prefix;
		bool is_loaded = is_wanted && prefix;

		bpf_program__set_autoload(target->fentry, is_loaded);
		bpf_program__set_autoload(target->fexit, is_loaded);
		if (!is_loaded)
			continue;
		snprintf(function, sizeof(function), "%s%s", prefix, target->call);
		error = bpf_program__set_attach_target(target->fentry, 0, function);
		if (!error)
			error = bpf_program__set_attach_target(target->fexit, 0,
							       function);
	}
	return error;
}

static int load(struct watch *watch, enum watch_hook hook)
{
	bool calls = wants(watch, CALLS), denials = wants(watch, 1u << WATCH_DENIED);
	bool tracepoints = denials || (calls && hook == WATCH_HOOK_TRACEPOINT);
	struct watch_bpf *bpf = watch_bpf__open();
	int error;

	watch->bpf = bpf;
	if (!bpf)
		return errno ? -errno : -ENOMEM;
	set_constants(watch, hook);
	bpf_map__set_max_entries(bpf->maps.records, (uint32_t)watch->options.buffer);
	bpf_program__set_autoload(bpf->progs.watch_enter, tracepoints);
	bpf_program__set_autoload(bpf->progs.watch_exit, tracepoints);
	bpf_program__set_autoload(bpf->progs.watch_fork, denials);
	bpf_program__set_autoload(bpf->progs.watch_end, denials);
	bpf_program__set_autoload(bpf->progs.watch_exec, wants(watch, EXECS));
	bpf_program__set_autoload(bpf->progs.watch_kprobe,
				  calls && hook == WATCH_HOOK_KPROBE);
	bpf_program__set_autoload(bpf->progs.watch_kretprobe,
				  calls && hook == WATCH_HOOK_KPROBE);
	error = aim_fentry(watch, calls && hook == WATCH_HOOK_FENTRY);
	return error ? error : watch_bpf__load(bpf);
}

/* --- attaching --------------------------------------------------------------------------------- */

static int keep_link(struct watch *watch, struct bpf_link *link)
{
	if (!link)
		return errno ? -errno : -EINVAL;
	watch->links[watch->link_count++] = link;
	return 0;
}

static int attach_kprobes(struct watch *watch)
{
	struct target targets[TARGETS];
	char function[64];
	int error = 0;

	list_targets(watch, targets);
	for (size_t i = 0; i < TARGETS && !error; i++) {
		const char *prefix = abis[targets[i].abi].prefix;

		if (!prefix)
			continue;
		snprintf(function, sizeof(function), "%s%s", prefix, targets[i].call);
		/* The return first: a begin without it would stay. */
		error = keep_link(watch, bpf_program__attach_kprobe(
						 watch->bpf->progs.watch_kretprobe,
						 true, function));
		if (!error)
			error = keep_link(watch, bpf_program__attach_kprobe(
							 watch->bpf->progs.watch_kprobe,
							 false, function));
		if (error == -ENOENT && targets[i].abi > 0)
			error = 0; /* a kernel without that ABI */
	}
	return error;
}

/* Everything that was loaded; exits of calls before their enters. */
static int attach(struct watch *watch, enum watch_hook hook)
{
	struct bpf_program *program = NULL;
	int error = 0;

	if (hook == WATCH_HOOK_KPROBE && wants(watch, CALLS))
		error = attach_kprobes(watch);
	bpf_object__for_each_program(program, watch->bpf->obj)
	{
		if (error || !bpf_program__autoload(program) ||
		    bpf_program__type(program) == BPF_PROG_TYPE_KPROBE)
			continue;
		error = keep_link(watch, bpf_program__attach(program));
	}
	return error;
}

static void detach(struct watch *watch)
{
	while (watch->link_count)
		bpf_link__destroy(watch->links[--watch->link_count]);
}

/* Whether all that a record says of its length is there. */
static bool is_whole(const struct watch_event *event, size_t size)
{
	size_t need = sizeof(*event);

	if (size < need || event->stack_room > WATCH_STACK ||
	    event->stack_count > event->stack_room ||
	    event->layer_count > WATCH_LAYERS || event->kind >= WATCH_KINDS)
		return false;
	need += event->stack_room * sizeof(__u64);
	return size >= need + (size_t)event->name_length + event->path_length;
}

static int take_record(void *context, void *data, size_t size)
{
	struct watch *watch = context;
	const struct watch_program *program = data;
	const struct watch_event *event = data;

	if (program->type == WATCH_RECORD_EVENT && is_whole(event, size))
		watch->options.event(watch->options.context, event);
	else if (program->type == WATCH_RECORD_PROGRAM && watch->options.program)
		watch->options.program(watch->options.context, program,
				       (const struct sock_filter *)(program + 1));
	/* While others are faster than we are there is always one more. */
	return watch->link_count && !--watch->budget ? -EINTR : 0;
}

static void unload(struct watch *watch)
{
	detach(watch);
	ring_buffer__free(watch->ring);
	watch_bpf__destroy(watch->bpf);
	watch->ring = NULL;
	watch->bpf = NULL;
}

static int start(struct watch *watch, enum watch_hook hook)
{
	int error = load(watch, hook);

	if (!error) {
		watch->ring = ring_buffer__new(bpf_map__fd(watch->bpf->maps.records),
					       take_record, watch, NULL);
		error = watch->ring ? attach(watch, hook) : -ENOMEM;
	}
	if (error)
		unload(watch);
	watch->errors[hook] = error;
	return error;
}

/* --- what others call ----------------------------------------------------------------------------- */

static size_t power_of_two(size_t size)
{
	size_t power = 4096;

	while (power < size && power < (size_t)1 << 30)
		power *= 2;
	return power;
}

int watch_open(const struct watch_options *options, struct watch **ret_watch)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	int error = -EINVAL;

	*ret_watch = NULL;
	if (!watch)
		return -ENOMEM;
	probe_be_quiet();
	watch->options = *options;
	if (!options->events)
		watch->options.events = (1u << WATCH_KINDS) - 1;
	watch->options.buffer =
		power_of_two(options->buffer ? options->buffer : BUFFER_DEFAULT);
	/* Without calls to see there is nothing to choose. */
	if (!wants(watch, CALLS))
		watch->options.hooks = 1u << WATCH_HOOK_TRACEPOINT;
	for (unsigned i = 0; i < WATCH_HOOKS && error; i++) {
		if (watch->options.hooks && !(watch->options.hooks & 1u << i))
			continue;
		watch->hook = (enum watch_hook)i;
		error = start(watch, watch->hook);
	}
	if (error) {
		free(watch);
		return error;
	}
	*ret_watch = watch;
	return 0;
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	unload(watch);
	free(watch);
}

enum watch_hook watch_hook(const struct watch *watch)
{
	return watch->hook;
}

int watch_hook_error(const struct watch *watch, enum watch_hook hook)
{
	return watch->errors[hook];
}

int watch_descriptor(const struct watch *watch)
{
	return ring_buffer__epoll_fd(watch->ring);
}

int watch_poll(struct watch *watch, int milliseconds)
{
	watch->budget = BUDGET;
	if (milliseconds)
		return ring_buffer__poll(watch->ring, milliseconds);
	return ring_buffer__consume(watch->ring);
}

void watch_stop(struct watch *watch)
{
	detach(watch);
}

static uint64_t skipped_runs(const struct watch *watch)
{
	struct bpf_program *program = NULL;
	uint64_t skipped = 0;

	bpf_object__for_each_program(program, watch->bpf->obj)
	{
		struct bpf_prog_info info = { 0 };
		__u32 size = sizeof(info);
		int descriptor = bpf_program__fd(program);

		if (descriptor >= 0 &&
		    !bpf_obj_get_info_by_fd(descriptor, &info, &size))
			skipped += info.recursion_misses;
	}
	return skipped;
}

void watch_loss(const struct watch *watch, struct watch_loss *ret_loss)
{
	/* The kernel half adds to it at any time. */
	*ret_loss = *(const volatile struct watch_loss *)&watch->bpf->bss->loss;
	ret_loss->skipped = skipped_runs(watch);
}

const char *watch_hook_name(enum watch_hook hook)
{
	return hook_names[hook];
}
