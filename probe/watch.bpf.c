// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The kernel half of `callgate watch`: calls of seccomp(2) and prctl(2), denied calls,
 * and execs, as records in a ring buffer.
 *
 * A call is told when it returns. The kernel asks seccomp before the tracepoint sys_enter,
 * so that a call that was refused is an exit without its enter. For that to hold, a thread
 * under a filter is followed: each of its enters is marked until the exit. Of a thread
 * that was not followed from its start an exit without an enter may be that of a call which
 * began earlier; such a one is marked as unsure, and the user half asks the filters.
 *
 * Whoever does not get room in the ring buffer counts what it lost. A thread without
 * filters that makes none of the watched calls costs two comparisons a call.
 */
#include "kernel.h"
#include "watch_shared.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define MODE_DEAD	  3 /* SECCOMP_MODE_DEAD, Linux 5.17 */
#define PATH_NAMES	  48
#define STACK_BYTES	  (WATCH_STACK * sizeof(__u64))
#define SIGNAL_GROUP_EXIT 4
#define PT_TRACE_SECCOMP  (1 << 10) /* PTRACE_O_TRACESECCOMP << PT_OPT_FLAG_SHIFT */

/* Set by the user half before it loads this. */
const volatile __u32 wanted;		 /* bits of enum watch_kind */
const volatile bool calls_by_tracepoint; /* or else the other hooks tell of calls */
const volatile bool want_every_prctl;
const volatile bool want_stack;
const volatile int number_seccomp, number_prctl;
const volatile int number_seccomp_compat, number_prctl_compat;

struct watch_loss loss;
static __u64 last_id;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} records SEC(".maps");

/* What is remembered of a thread. */
struct state {
	__u64 began;
	__u64 arguments[6];
	int number;
	bool is_inside;	  /* an enter was seen, its exit not yet */
	bool is_followed; /* every enter has been seen since the last exit */
	bool has_call;	  /* a watched call is running: the members above */
	bool is_told;	  /* that it was killed */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct state);
} states SEC(".maps");

/* An installed filter that was sent. The rest tells whether it is still the same one. */
struct known {
	__u64 id;
	__u64 program;
	__u64 instructions;
	__u32 length;
	__u32 padding;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, WATCH_PROGRAMS);
	__type(key, __u64); /* its address */
	__type(value, struct known);
} known_filters SEC(".maps");

/*
 * Where an event is put together. Tracepoints and kprobes run with preemption off. Others
 * are not run again on the CPU before they have ended; but that of the 32-bit ABI's call is
 * another program.
 */
struct scratch {
	struct watch_event event;
	char tail[WATCH_TAIL]; /* the stack, the name and the path */
	__u32 used;	       /* … of it */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2 * WATCH_KINDS);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static __always_inline struct state *state_of(struct task_struct *task)
{
	return bpf_task_storage_get(&states, task, 0, 0);
}

static __always_inline struct state *state_make(struct task_struct *task)
{
	return bpf_task_storage_get(&states, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

static __always_inline void count_lost(__u32 kind)
{
	if (kind < WATCH_KINDS)
		__sync_fetch_and_add(&loss.events[kind], 1);
}

/* --- installed filters -------------------------------------------------------------- */

/* Sends a program in a record of fixed room; returns its id, or 0. */
static __always_inline __u64 send_program(const struct known *known, const __u32 room)
{
	__u64 id = __sync_fetch_and_add(&last_id, 1) + 1;
	__u32 size = known->length * sizeof(struct sock_filter);
	struct watch_program *record;

	record =
		bpf_ringbuf_reserve(&records,
				    sizeof(*record) + room * sizeof(struct sock_filter),
				    0);
	if (!record) {
		__sync_fetch_and_add(&loss.programs, 1);
		return 0;
	}
	record->type = WATCH_RECORD_PROGRAM;
	record->length = known->length;
	record->id = id;
	if (size > room * sizeof(struct sock_filter) ||
	    bpf_probe_read_kernel(record + 1, size, (void *)known->instructions)) {
		bpf_ringbuf_discard(record, 0);
		return 0;
	}
	bpf_ringbuf_submit(record, 0);
	return id;
}

/* Records have a size that the verifier can see, so there are four. */
static __noinline __u64 send_known(struct known *known)
{
	if (known->length <= 64)
		return send_program(known, 64);
	if (known->length <= 256)
		return send_program(known, 256);
	if (known->length <= 1024)
		return send_program(known, 1024);
	return send_program(known, 4096);
}

/*
 * The id of an installed filter, whose program is sent when it is not known. The kernel
 * keeps it as it was given (CONFIG_CHECKPOINT_RESTORE). `is_new`: it was installed just
 * now; a filter of the past may have had the same address. One that was sent long ago may
 * have been forgotten by the user half since. Not static: so the verifier looks at it once,
 * not for every layer.
 */
__noinline __u64 layer_id(__u64 address, bool is_new)
{
	struct seccomp_filter *filter = (void *)address;
	struct bpf_prog *program = BPF_CORE_READ(filter, prog);
	struct sock_fprog_kern *original = BPF_CORE_READ(program, orig_prog);
	struct known now = { .program = (__u64)program }, *before;

	if (!original)
		return 0;
	now.length = BPF_CORE_READ(original, len);
	now.instructions = (__u64)BPF_CORE_READ(original, filter);
	before = bpf_map_lookup_elem(&known_filters, &address);
	if (!is_new && before && last_id - before->id < WATCH_PROGRAMS / 2 &&
	    before->program == now.program &&
	    before->instructions == now.instructions && before->length == now.length)
		return before->id;
	now.id = send_known(&now);
	if (now.id)
		bpf_map_update_elem(&known_filters, &address, &now, BPF_ANY);
	return now.id;
}

static __always_inline void fill_layers(struct watch_event *event,
					struct seccomp_filter *filter)
{
	__u32 count = 0;
	bool is_new = event->marks & WATCH_INSTALLED;

	if (filter && BPF_CORE_READ(filter, log))
		event->marks |= WATCH_LOG;
	if (filter && BPF_CORE_READ(filter, notif))
		event->marks |= WATCH_LISTENER;
	if (filter && bpf_core_field_exists(filter->wait_killable_recv) &&
	    BPF_CORE_READ(filter, wait_killable_recv))
		event->marks |= WATCH_KILLABLE;
	for (; count < WATCH_LAYERS && filter; count++) {
		event->layers[count] = layer_id((__u64)filter, is_new && !count);
		filter = BPF_CORE_READ(filter, prev);
	}
	event->layer_count = count;
}

/* --- the thread and its program ------------------------------------------------------ */

static __always_inline __u32 own_number(struct pid *pid)
{
	struct upid upid;
	unsigned int level = BPF_CORE_READ(pid, level);

	if (bpf_core_read(&upid, sizeof(upid), &pid->numbers[level & 31]))
		return 0;
	return (__u32)upid.nr;
}

static __always_inline void fill_ids(struct watch_event *event,
				     struct task_struct *task)
{
	unsigned int level = BPF_CORE_READ(task, thread_pid, level);
	struct upid upid = { 0 };

	event->host_pid = (__u32)task->tgid;
	event->host_tid = (__u32)task->pid;
	event->host_ppid = (__u32)BPF_CORE_READ(task, real_parent, tgid);
	event->pid = own_number(BPF_CORE_READ(task, group_leader, thread_pid));
	event->tid = own_number(BPF_CORE_READ(task, thread_pid));
	event->ppid =
		own_number(BPF_CORE_READ(task, real_parent, group_leader, thread_pid));
	bpf_core_read(&upid, sizeof(upid), &task->thread_pid->numbers[level & 31]);
	event->pid_namespace = upid.ns ? BPF_CORE_READ(upid.ns, ns.inum) : 0;
	event->mount_namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	event->uid = (__u32)bpf_get_current_uid_gid();
	event->cgroup = bpf_get_current_cgroup_id();
	event->processor = bpf_get_smp_processor_id();
	event->thread_start = BPF_CORE_READ(task, start_boottime);
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	BPF_CORE_READ_STR_INTO(&event->node, task, nsproxy, uts_ns, name.nodename);
}

static __always_inline void fill_state(struct watch_event *event,
				       struct task_struct *task)
{
	event->mode = (__u32)task->seccomp.mode;
	event->filters = (__u32)task->seccomp.filter_count.counter;
	if (task->atomic_flags & 1) /* PFA_NO_NEW_PRIVS */
		event->marks |= WATCH_NO_NEW_PRIVS;
	if (task_is_compat(task))
		event->marks |= WATCH_COMPAT;
	if (task->ptrace)
		event->marks |= WATCH_PTRACED;
	if (task->ptrace & PT_TRACE_SECCOMP)
		event->marks |= WATCH_TRACER_DECIDES;
}

/* --- events --------------------------------------------------------------------------- */

static __always_inline __u32 slot_of(__u32 kind, bool is_compat)
{
	return is_compat ? WATCH_KINDS + kind : kind;
}

static __always_inline struct scratch *scratch_of(__u32 slot)
{
	return bpf_map_lookup_elem(&scratches, &slot);
}

/*
 * Writes the names of a file's path, innermost first, across mounts up to the root of the
 * mount namespace. How much has been written stands in memory, where the verifier does not
 * follow it: so it sees the same state after each name. Not static, likewise.
 */
__noinline int write_path(__u32 slot, __u64 address)
{
	struct file *file = (void *)address;
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct mount *mount = (void *)BPF_CORE_READ(file, f_path.mnt) -
			      bpf_core_field_offset(struct mount, mnt);
	struct scratch *scratch = scratch_of(slot);

	if (!scratch)
		return 0;
	scratch->event.marks |= WATCH_PATH_CUT;
	for (int i = 0; i < PATH_NAMES; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		struct dentry *root = BPF_CORE_READ(mount, mnt.mnt_root);
		struct mount *outer = BPF_CORE_READ(mount, mnt_parent);
		__u32 used = scratch->used;
		long got;

		if (dentry == root) {
			if (outer == mount) {
				scratch->event.marks &= ~WATCH_PATH_CUT;
				break;
			}
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = outer;
			continue;
		}
		if (used > WATCH_TAIL - WATCH_NAME)
			break;
		got = bpf_probe_read_kernel_str(scratch->tail + used, WATCH_NAME,
						BPF_CORE_READ(dentry, d_name.name));
		if (got <= 0)
			break;
		scratch->used = used + (__u32)got;
		/* a file of memory, which is in no folder */
		if (dentry == parent) {
			scratch->event.marks &= ~WATCH_PATH_CUT;
			break;
		}
		dentry = parent;
	}
	return 0;
}

/*
 * Everything that is not the call's; `filter` is the address of the newest one of its
 * filters. Not static, so that the verifier looks at it once.
 */
__noinline int fill(__u32 slot, __u64 filter)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct scratch *scratch = scratch_of(slot);
	struct watch_event *event;

	if (!scratch)
		return 0;
	event = &scratch->event;
	event->type = WATCH_RECORD_EVENT;
	event->kind = slot % WATCH_KINDS;
	event->ended = bpf_ktime_get_boot_ns();
	event->stack_room = event->stack_count = 0;
	event->name_length = event->path_length = 0;
	fill_ids(event, task);
	fill_state(event, task);
	fill_layers(event, (void *)filter);
	return 0;
}

/* Adds the stack and the path, and hands it over. `name` is what an exec was given. */
static __always_inline void send(void *context, __u32 slot, struct scratch *scratch,
				 const char *name)
{
	struct watch_event *event = &scratch->event;
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 used = 0;
	__u64 size;
	long got;

	if (want_stack) {
		got = bpf_get_stack(context, scratch->tail, STACK_BYTES,
				    BPF_F_USER_STACK);
		event->stack_room = WATCH_STACK;
		event->stack_count = got > 0 ? (__u32)got / sizeof(__u64) : 0;
		used = STACK_BYTES;
	}
	if (name) {
		got = bpf_probe_read_kernel_str(scratch->tail + used, WATCH_PATH, name);
		event->name_length = got > 0 ? (__u32)got : 0;
		used += event->name_length;
	}
	scratch->used = used;
	write_path(slot, (__u64)BPF_CORE_READ(task, mm, exe_file));
	event->path_length = scratch->used - used;
	size = sizeof(*event) + scratch->used;
	if (size > sizeof(*event) + WATCH_TAIL)
		size = sizeof(*event);
	if (bpf_ringbuf_output(&records, scratch, size, 0))
		count_lost(event->kind);
}

/* --- watched calls ---------------------------------------------------------------------- */

static __always_inline bool is_wanted(__u32 kind)
{
	return wanted & 1u << kind;
}

/* Which event a call is, or WATCH_KINDS. */
static __always_inline __u32 kind_of(int number, bool is_compat)
{
	if (number == (is_compat ? number_seccomp_compat : number_seccomp))
		return WATCH_SECCOMP;
	if (number == (is_compat ? number_prctl_compat : number_prctl))
		return WATCH_PRCTL;
	return WATCH_KINDS;
}

static __always_inline bool is_told_of(__u32 kind, __u32 first_argument)
{
	if (!is_wanted(kind))
		return false;
	if (kind != WATCH_PRCTL || want_every_prctl)
		return true;
	return (first_argument < 64 && WATCH_PRCTL_LOW >> first_argument & 1) ||
	       first_argument == WATCH_PRCTL_PTRACER;
}

static __always_inline void call_begins(struct task_struct *task, struct pt_regs *regs,
					int number)
{
	bool is_compat = task_is_compat(task);
	__u32 kind = kind_of(number, is_compat);
	__u64 arguments[6];
	struct state *state;

	if (kind >= WATCH_KINDS)
		return;
	regs_arguments(regs, is_compat, arguments);
	if (!is_told_of(kind, (__u32)arguments[0]))
		return;
	state = state_make(task);
	if (!state) {
		count_lost(kind);
		return;
	}
	/* The last one's return was not seen: there are only so many kretprobes. */
	if (state->has_call)
		count_lost(kind_of(state->number, is_compat));
	state->began = bpf_ktime_get_boot_ns();
	state->number = number;
	for (int i = 0; i < 6; i++)
		state->arguments[i] = arguments[i];
	state->has_call = true;
}

/* Whether the call put a filter on. TSYNC answers with a thread's id when it failed. */
static __always_inline bool has_installed(__u32 kind, const __u64 *arguments,
					  long result)
{
	if (kind == WATCH_PRCTL)
		return (__u32)arguments[0] == 22 && arguments[1] == 2 && result == 0;
	return (__u32)arguments[0] == 1 &&
	       (result == 0 ||
		(result > 0 && arguments[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER));
}

static __always_inline void call_returns(void *context, struct task_struct *task,
					 struct state *state, long result)
{
	bool is_compat = task_is_compat(task);
	__u32 kind = kind_of(state->number, is_compat);
	__u32 slot = slot_of(kind, is_compat);
	struct scratch *scratch = scratch_of(slot);
	struct watch_event *event;

	state->has_call = false;
	if (!scratch)
		return;
	event = &scratch->event;
	event->marks =
		has_installed(kind, state->arguments, result) ? WATCH_INSTALLED : 0;
	event->number = state->number;
	event->result = is_compat ? (int)result : result;
	event->began = state->began;
	event->instruction_pointer = 0;
	for (int i = 0; i < 6; i++)
		event->arguments[i] = state->arguments[i];
	fill(slot, (__u64)BPF_CORE_READ(task, seccomp.filter));
	send(context, slot, scratch, NULL);
}

/* --- denied calls ------------------------------------------------------------------------ */

static __always_inline void denied(void *context, struct task_struct *task,
				   struct pt_regs *regs, long result, __u32 marks)
{
	bool is_compat = task_is_compat(task);
	struct scratch *scratch = scratch_of(WATCH_DENIED);
	struct seccomp_filter *filter = BPF_CORE_READ(task, seccomp.filter);
	struct task_struct *leader = task->group_leader;
	struct watch_event *event;

	if (!scratch)
		return;
	event = &scratch->event;
	/* A thread that ends has let go of its filters. */
	if (!filter && leader != task &&
	    leader->seccomp.filter_count.counter ==
		    task->seccomp.filter_count.counter) {
		filter = BPF_CORE_READ(leader, seccomp.filter);
		marks |= WATCH_LEADERS_LAYERS;
	}
	event->marks = marks;
	event->number = regs_number(regs);
	event->result = is_compat ? (int)result : result;
	event->began = bpf_ktime_get_boot_ns();
	event->instruction_pointer = regs_instruction_pointer(regs);
	event->exit_code = (__u32)task->exit_code;
	regs_arguments(regs, is_compat, event->arguments);
	fill(WATCH_DENIED, (__u64)filter);
	send(context, WATCH_DENIED, scratch, NULL);
}

/*
 * A filter that nobody is told of may have the address of one that was known. Whoever tells
 * of it takes care of that.
 */
static __always_inline void forget_filter(struct task_struct *task,
					  struct pt_regs *regs, long result)
{
	bool is_compat = task_is_compat(task);
	__u64 filter = (__u64)BPF_CORE_READ(task, seccomp.filter);
	__u64 arguments[6];
	__u32 kind;

	regs_arguments(regs, is_compat, arguments);
	kind = kind_of(regs_number(regs), is_compat);
	if (kind < WATCH_KINDS && !is_told_of(kind, (__u32)arguments[0]) &&
	    has_installed(kind, arguments, result))
		bpf_map_delete_elem(&known_filters, &filter);
}

/* The exit of a thread under seccomp: of a call that entered, or of one that did not. */
static __always_inline void exit_of_confined(void *context, struct task_struct *task,
					     struct pt_regs *regs, long result)
{
	struct state *state = state_make(task);
	__u32 marks = WATCH_UNSURE;

	if (state) {
		if (state->is_followed)
			marks = 0;
		state->is_followed = true;
		if (state->is_inside) {
			state->is_inside = false;
			if (number_may_set_filter(regs_number(regs)))
				forget_filter(task, regs, result);
			return;
		}
		state->is_told = task->seccomp.mode == MODE_DEAD;
	}
	/* A tracer may have made it none, and a signal's return is none. */
	if (regs_number(regs) >= 0 || !(marks || task->ptrace))
		denied(context, task, regs, result, marks);
}

/*
 * The path of every call of every process. Where no denials are wanted, the number is all
 * that is looked at.
 */
static __always_inline bool is_of_no_interest(long number)
{
	return !is_wanted(WATCH_DENIED) && !number_may_set_filter(number);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(watch_enter, struct pt_regs *regs, long number)
{
	struct task_struct *task;
	struct state *state;
	bool is_confined;

	if (is_of_no_interest(number))
		return 0;
	task = bpf_get_current_task_btf();
	is_confined = task->seccomp.mode;
	if (calls_by_tracepoint)
		call_begins(task, regs, (int)number);
	if (!is_wanted(WATCH_DENIED))
		return 0;
	/* The call that puts the first filter on begins without. */
	if (!is_confined && kind_of((int)number, task_is_compat(task)) == WATCH_KINDS)
		return 0;
	state = state_make(task);
	if (!state)
		return 0;
	state->is_inside = true;
	if (is_confined)
		state->is_followed = true;
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(watch_exit, struct pt_regs *regs, long result)
{
	struct task_struct *task;
	struct state *state;
	bool is_confined;

	if (is_of_no_interest(regs_number(regs)))
		return 0;
	task = bpf_get_current_task_btf();
	is_confined = task->seccomp.mode;
	if (!is_confined &&
	    kind_of(regs_number(regs), task_is_compat(task)) == WATCH_KINDS)
		return 0;
	state = state_of(task);
	if (calls_by_tracepoint && state && state->has_call)
		call_returns(ctx, task, state, result);
	if (!is_wanted(WATCH_DENIED))
		return 0;
	if (is_confined)
		exit_of_confined(ctx, task, regs, result);
	else if (state)
		state->is_inside = false;
	return 0;
}

/* A child leaves the kernel by an exit of its own, of a call that it did not make. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(watch_fork, struct task_struct *parent, struct task_struct *child)
{
	struct state *state;

	if (!parent->seccomp.mode)
		return 0;
	state = state_make(child);
	if (state)
		state->is_inside = state->is_followed = true;
	return 0;
}

/*
 * Two denials never return: that of strict mode, and SECCOMP_RET_KILL_THREAD while other
 * threads live. The thread then ends by itself, not with its group; before Linux 5.17 that
 * is all there is to see.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(watch_end, struct task_struct *task)
{
	struct task_struct *current = bpf_get_current_task_btf();
	struct state *state = state_of(current);
	int mode = current->seccomp.mode, code = current->exit_code;
	bool is_killed = mode == MODE_DEAD;

	if (mode && !is_killed)
		is_killed = (code == 31 || code == 9) && !(state && state->is_inside) &&
			    !(current->signal->flags & SIGNAL_GROUP_EXIT);
	if (is_killed && !(state && state->is_told))
		denied(ctx, current, (void *)bpf_task_pt_regs(current), 0, WATCH_ENDED);
	return 0;
}

/* --- execs --------------------------------------------------------------------------------- */

SEC("tp_btf/sched_process_exec")
int BPF_PROG(watch_exec, struct task_struct *task, int old, struct linux_binprm *binary)
{
	struct task_struct *current = bpf_get_current_task_btf();
	__u32 kind =
		current->seccomp.mode ? WATCH_CONFINED_EXEC : WATCH_UNCONFINED_EXEC;
	struct scratch *scratch = scratch_of(kind);
	struct watch_event *event;

	if (!scratch || !is_wanted(kind))
		return 0;
	event = &scratch->event;
	event->marks = 0;
	event->number = regs_number((void *)bpf_task_pt_regs(current));
	event->result = 0;
	event->began = bpf_ktime_get_boot_ns();
	event->instruction_pointer = 0;
	fill(kind, (__u64)BPF_CORE_READ(current, seccomp.filter));
	send(ctx, kind, scratch, binary->filename);
	return 0;
}

/* --- the other hooks of calls ---------------------------------------------------------------- */

static __always_inline void hook_begins(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);

	call_begins(task, regs, regs_number(regs));
}

static __always_inline void hook_returns(void *context, long result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct state *state = state_of(task);

	if (state && state->has_call)
		call_returns(context, task, state, result);
}

/* On the functions sys_seccomp and sys_prctl of each ABI. */
SEC("kprobe")
int watch_kprobe(struct pt_regs *context)
{
	hook_begins();
	return 0;
}

SEC("kretprobe")
int watch_kretprobe(struct pt_regs *context)
{
	hook_returns(context, regs_result(context));
	return 0;
}

#define FENTRY(name)                                                               \
	SEC("fentry")                                                              \
	int BPF_PROG(watch_fentry_##name, const struct pt_regs *inner)             \
	{                                                                          \
		hook_begins();                                                     \
		return 0;                                                          \
	}                                                                          \
	SEC("fexit")                                                               \
	int BPF_PROG(watch_fexit_##name, const struct pt_regs *inner, long result) \
	{                                                                          \
		hook_returns(ctx, result);                                         \
		return 0;                                                          \
	}

FENTRY(seccomp)
FENTRY(prctl)
FENTRY(seccomp_compat)
FENTRY(prctl_compat)
