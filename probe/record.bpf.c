// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The kernel half of recording: counts calls into tables, and sends nothing.
 *
 *	sys_enter                        count[cpu][abi][number]++, arguments into sets
 *	sys_exit without its sys_enter   a filter refused it: the kernel runs seccomp first
 *	fork                             a child of a followed task is followed
 *	exec                             where a recording `from exec` begins
 *
 * Invariant: of a followed task no call is missed. The way of a call that was seen before
 * with these arguments has no call of a helper in it: such a call costs as much as the
 * rest together. That is why tasks are found by the address of their registers, which the
 * tracepoint hands over, and not by storage at the task; and why the ABI is told from the
 * registers where they suffice. Looking at exits costs half as much again, so it begins
 * with the first filter: see expect_refusals().
 */
#include "kernel.h"
#include "record_shared.h"

#include <linux/prctl.h>
#include <linux/seccomp.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* Settled before loading; what does not apply is dropped then as dead code. */
const volatile __u32 target; /* enum record_follow */
const volatile __u32 begins; /* enum record_begins */
const volatile __u64 cgroup; /* id of the cgroup, at this level */
const volatile __u32 cgroup_level;
const volatile __u32 user;
const volatile struct tally_plan plan;

struct tally tally;
struct record_task tasks[RECORD_BUCKETS][RECORD_WAYS];

/* Whether user space was told of a filter, see `news`; and whether it has done its part. */
__u32 announced;
volatile __u32 looks_at_exits;

/* A task with a filter went on before exits were looked at. */
__u32 hurried;

/*
 * Counts the moves of tasks between cgroups; what was known of them is old then. Of a user's
 * tasks it stands still: of whoever may change his user, what was known is dropped.
 */
__u32 generation = 1;

/* How many tasks have no place there, and are in `spilled`. */
__u32 spills;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, __u64);
	__type(value, struct record_task);
} spilled SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* as many as CPUs */
	__type(key, __u32);
	__type(value, struct tally_row);
} rows SEC(".maps");

/* By which user space names the leader of a process that is to be followed. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} marks SEC(".maps");

/* An entry for user space: exits are to be looked at. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} news SEC(".maps");

/* --- who is followed ---------------------------------------------------------------- */

static __always_inline struct record_task *bucket_of(const struct pt_regs *regs)
{
	/* Stacks are aligned: the bits above that, mixed. */
	__u32 hash = ((__u32)(__u64)regs >> 12) * 0x9e3779b1U;

	return tasks[hash / (0x100000000ULL / RECORD_BUCKETS) & (RECORD_BUCKETS - 1)];
}

static __always_inline struct record_task *find(const struct pt_regs *regs)
{
	struct record_task *bucket = bucket_of(regs);
	__u64 key = (__u64)regs;

#pragma unroll
	for (int i = 0; i < RECORD_WAYS; i++)
		if (bucket[i].regs == key)
			return &bucket[i];
	return spills ? bpf_map_lookup_elem(&spilled, &key) : NULL;
}

static __always_inline const struct pt_regs *regs_of(struct task_struct *task)
{
	return (const struct pt_regs *)bpf_task_pt_regs(task);
}

static __noinline struct record_task *spill(__u64 regs, __u16 number, bool is_waiting)
{
	const struct record_task state = {
		.regs = regs,
		.number = number,
		.is_waiting = is_waiting,
	};

	if (bpf_map_update_elem(&spilled, &regs, &state, BPF_NOEXIST))
		return NULL;
	__sync_fetch_and_add(&spills, 1);
	__sync_fetch_and_add(&tally.tasks, 1);
	return bpf_map_lookup_elem(&spilled, &regs);
}

/*
 * A place for a task; NULL: there is none left. The task may be in a call, and leave it by
 * an exit without enter.
 */
static __always_inline struct record_task *adopt(const struct pt_regs *regs,
						 bool is_waiting)
{
	struct record_task *bucket = bucket_of(regs);
	const __u16 number = (__u16)regs_number(regs);

#pragma unroll
	for (int i = 0; i < RECORD_WAYS; i++) {
		if (__sync_val_compare_and_swap(&bucket[i].regs, 0, (__u64)regs))
			continue;
		__sync_fetch_and_add(&tally.tasks, 1);
		bucket[i].number = number;
		bucket[i].is_waiting = is_waiting;
		return &bucket[i];
	}
	return spill((__u64)regs, number, is_waiting);
}

static __always_inline void leave(struct record_task *state, __u64 key)
{
	state->generation = 0;
	state->is_member = state->is_outside = state->is_waiting = state->has_left = 0;
	if (__sync_val_compare_and_swap(&state->regs, key, 0) == key)
		__sync_fetch_and_sub(&tally.tasks, 1);
}

/* A task may have two places: the walk over threads meets those that fork meanwhile. */
static __always_inline void forget(const struct pt_regs *regs)
{
	struct record_task *bucket = bucket_of(regs);
	__u64 key = (__u64)regs;

#pragma unroll
	for (int i = 0; i < RECORD_WAYS; i++)
		if (bucket[i].regs == key)
			leave(&bucket[i], key);
	if (!spills || bpf_map_delete_elem(&spilled, &key))
		return;
	__sync_fetch_and_sub(&spills, 1);
	__sync_fetch_and_sub(&tally.tasks, 1);
}

/* Follows a task of the tree: that it has no place would lose its calls. */
static __always_inline void follow(struct task_struct *task, bool is_waiting)
{
	if (!adopt(regs_of(task), is_waiting))
		__sync_fetch_and_add(&tally.lost, 1);
}

/* Whether the current task belongs to what is recorded. */
static __always_inline bool is_member(void)
{
	if (target == RECORD_CGROUP)
		return bpf_get_current_ancestor_cgroup_id((int)cgroup_level) == cgroup;
	if (target == RECORD_USER)
		return (__u32)bpf_get_current_uid_gid() == user;
	return true;
}

/* --- exits --------------------------------------------------------------------------- */

#define HOLD_NS	   50000000
#define HOLD_STEPS (1 << 23)

static long look_whether_exits(__u32 step, __u64 *end)
{
	return looks_at_exits || bpf_ktime_get_ns() > *end;
}

/*
 * The current task has a filter or is about to have its first one: exits are to be looked
 * at, which user space has to begin. Before, nobody pays for it. The task is held meanwhile,
 * well below a millisecond as a rule, for the next call may be one that is refused.
 */
static __noinline int expect_refusals(void)
{
	const __u32 nothing = 0;
	__u64 end = bpf_ktime_get_ns() + HOLD_NS;

	if (!__sync_lock_test_and_set(&announced, 1))
		bpf_ringbuf_output(&news, (void *)&nothing, sizeof(nothing), 0);
	/* Linux 5.17; before, exits are looked at from the start. */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		bpf_loop(HOLD_STEPS, look_whether_exits, &end, 0);
	if (!looks_at_exits)
		hurried = 1;
	return 0;
}

static __always_inline bool has_filter(void)
{
	return bpf_get_current_task_btf()->seccomp.mode;
}

/* Whether an exit follows an enter. */
static __always_inline bool has_entered(struct record_task *state,
					const struct pt_regs *regs)
{
	if (state->is_outside)
		return false;
	state->is_outside = 1;
	if (state->has_left)
		return true;
	/* The task's first exit that is looked at: its last enter may be long ago. */
	state->has_left = 1;
	return state->number == (__u16)regs_number(regs);
}

/* --- who is recorded ----------------------------------------------------------------- */

static __noinline bool look_up_member(struct record_task *state)
{
	const __u32 now = generation; /* before: a move meanwhile makes it old again */

	state->is_member = is_member();
	state->generation = now;
	if (state->is_member && !looks_at_exits && has_filter())
		expect_refusals();
	return state->is_member;
}

/* The same of the task's place, where it is known until something changes. */
static __always_inline bool is_known_member(struct record_task *state)
{
	if (target == RECORD_TREE)
		return true;
	if (state->generation == generation)
		return state->is_member;
	return look_up_member(state);
}

/* --- counting ----------------------------------------------------------------------- */

static void begin(__u64 time)
{
	__sync_val_compare_and_swap(&tally.start, 0, time);
}

static __always_inline bool is_recording(const struct record_task *state)
{
	if (begins == RECORD_AT_MARKER)
		return tally.marked;
	return !state->is_waiting;
}

__noinline int see_first(__u32 abi, __u32 number, __u32 outcome)
{
	struct tally_first *first;
	__u64 time = bpf_ktime_get_ns();

	if (abi >= TALLY_ABIS || outcome >= TALLY_OUTCOMES)
		return 0;
	first = &tally.firsts[outcome][abi][number & (TALLY_NUMBERS - 1)];
	if (first->time || __sync_val_compare_and_swap(&first->time, 0, time))
		return 0;
	bpf_get_current_comm(first->comm, sizeof(first->comm));
	tally.latest = time;
	/* It may have got one in ways that are not looked at. */
	if (!looks_at_exits && has_filter())
		expect_refusals();
	return 0;
}

/* A number that no kernel has. */
__noinline int see_stray(__u32 abi, __u32 number, __u32 outcome)
{
	const __u64 key = 1ULL << 63 | (__u64)abi << 32 | number;

	if (outcome >= TALLY_OUTCOMES)
		return 0;
	for (__u32 i = 0; i < TALLY_STRAYS; i++) {
		struct tally_stray *stray = &tally.strays[outcome][i];
		__u64 old = __sync_val_compare_and_swap(&stray->key, 0, key);

		if (old && old != key)
			continue;
		__sync_fetch_and_add(&stray->count, 1);
		return 0;
	}
	__sync_fetch_and_add(&tally.lost, 1);
	return 0;
}

__noinline int see_new_value(__u32 index, __u32 outcome, __u64 value)
{
	struct tally_slot *slot;

	if (outcome >= TALLY_OUTCOMES)
		return 0;
	slot = &tally.slots[outcome][index & (TALLY_SLOTS - 1)];
	if (tally_insert(slot, value))
		tally.latest = bpf_ktime_get_ns();
	return 0;
}

static __always_inline void see_argument(__u32 index, __u32 outcome, bool is_set,
					 __u64 value)
{
	struct tally_slot *slot;

	index &= TALLY_SLOTS - 1;
	slot = &tally.slots[outcome][index];
	value &= plan.masks[index];
	if (value & ~slot->bits)
		__sync_fetch_and_or(&slot->bits, value);
	if (!is_set || slot->overflow)
		return;
	/* Of the greatest value that would be a free entry. */
	if (slot->values[tally_hash(value)] == value + 1 && value + 1)
		return;
	see_new_value(index, outcome, value);
}

static __always_inline void see_arguments(const struct pt_regs *regs, __u32 abi,
					  __u32 number, __u32 outcome)
{
	const volatile struct tally_kept *kept = &plan.calls[abi][number];
	__u32 arguments = kept->arguments, sets = kept->sets, index = kept->slot;

	if (!arguments)
		return;
#pragma unroll
	for (int i = 0; i < 6; i++)
		if (arguments >> i & 1)
			see_argument(index++, outcome, sets >> i & 1,
				     regs_argument(regs, abi == TALLY_COMPAT, i));
}

static __always_inline __u32 abi_of(const struct pt_regs *regs, __u32 number)
{
	if (!regs_are_native(regs) && task_is_compat(bpf_get_current_task_btf()))
		return TALLY_COMPAT;
	return number_is_x32(number) ? TALLY_X32 : TALLY_NATIVE;
}

static __always_inline void count_done(__u32 abi, __u32 number)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct tally_row *row = bpf_map_lookup_elem(&rows, &cpu);
	__u64 *count;

	if (!row) {
		__sync_fetch_and_add(&tally.lost, 1);
		return;
	}
	count = &row->calls[abi][number];
	if (!*count)
		see_first(abi, number, TALLY_DONE);
	__sync_fetch_and_add(count, 1);
}

static __always_inline int see(const struct pt_regs *regs, __u32 number, __u32 outcome)
{
	const __u32 abi = abi_of(regs, number);
	const __u32 bare = abi == TALLY_X32 ? number & ~0x40000000U : number;

	if (bare >= TALLY_NUMBERS)
		return see_stray(abi, number, outcome);
	/* First, so that whoever reads a call has what it was given. */
	see_arguments(regs, abi, bare, outcome);
	if (outcome == TALLY_DONE) {
		count_done(abi, bare);
	} else {
		see_first(abi, bare, TALLY_REFUSED);
		__sync_fetch_and_add(&tally.refused[abi][bare], 1);
	}
	return 0;
}

/* --- the end of tasks --------------------------------------------------------------- */

#define SIGSYS		  31
#define SIGNAL_GROUP_EXIT 4

/* Whether a filter ended this thread alone: then there is no exit of the call. */
static __always_inline bool is_killed(struct task_struct *task,
				      const struct record_task *state)
{
	return state->is_outside && task->exit_code == SIGSYS &&
	       !(task->signal->flags & SIGNAL_GROUP_EXIT) && has_filter();
}

/* The first to be attached: who got a place leaves it. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(record_end, struct task_struct *task)
{
	const struct pt_regs *regs = regs_of(task);
	const struct record_task *state = find(regs);
	int number = regs_number(regs);

	if (state && is_killed(task, state) && is_recording(state) && is_member() &&
	    number >= 0)
		see(regs, (__u32)number, TALLY_REFUSED);
	forget(regs);
	return 0;
}

/* --- system calls ------------------------------------------------------------------- */

static __always_inline void look_for_marker(const struct pt_regs *regs, long number)
{
	if (begins != RECORD_AT_MARKER || tally.marked || number != PRCTL_NUMBER ||
	    regs_argument(regs, false, 0) != TALLY_MARKER)
		return;
	begin(bpf_ktime_get_ns());
	tally.marked = 1;
}

static __noinline int look_for_filter(const struct pt_regs *regs, long number)
{
	__u64 first =
		regs_argument(regs, abi_of(regs, (__u32)number) == TALLY_COMPAT, 0);

	if (number_may_be_prctl(number) ? first == PR_SET_SECCOMP
					: first <= SECCOMP_SET_MODE_FILTER)
		expect_refusals();
	return 0;
}

/* A call of a task that has no place yet. In a tree nobody is followed without. */
static __noinline struct record_task *adopt_caller(const struct pt_regs *regs)
{
	struct record_task *state = adopt(regs, begins == RECORD_AT_EXEC);

	if (!state && is_member())
		__sync_fetch_and_add(&tally.lost, 1);
	return state;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(record_enter, struct pt_regs *regs, long number)
{
	struct record_task *state = find(regs);
	bool is_recorded;

	if (!state && target != RECORD_TREE)
		state = adopt_caller(regs);
	if (!state)
		return 0;
	state->is_outside = 0;
	state->number = (__u16)number;
	is_recorded = is_known_member(state);
	if (target == RECORD_USER && call_may_change_user(regs, number))
		state->generation = 0;
	if (!is_recorded)
		return 0;
	if (is_recording(state))
		see(regs, (__u32)number, TALLY_DONE);
	look_for_marker(regs, number);
	if (number_may_set_filter(number) && !looks_at_exits)
		look_for_filter(regs, number);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(record_exit, struct pt_regs *regs, long result)
{
	struct record_task *state = find(regs);
	int number;

	if (!state || has_entered(state, regs))
		return 0;
	number = regs_number(regs);
	if (number < 0 || !is_recording(state) || !has_filter())
		return 0;
	return is_member() ? see(regs, (__u32)number, TALLY_REFUSED) : 0;
}

#if defined(__TARGET_ARCH_x86)
/*
 * A call by way of the page for calls that programs had before the vDSO. The kernel does it
 * when that is touched: without entering, but filters are asked.
 */
SEC("tp_btf/emulate_vsyscall")
int BPF_PROG(record_vsyscall, int index)
{
	struct record_task *state = find(regs_of(bpf_get_current_task_btf()));
	const __u32 number = index == 0 ? 96 : index == 1 ? 201 : 309;

	if (state && is_known_member(state) && is_recording(state))
		count_done(TALLY_NATIVE, number); /* gettimeofday, time, getcpu */
	return 0;
}
#endif

/* --- tasks -------------------------------------------------------------------------- */

SEC("tp_btf/sched_process_fork")
int BPF_PROG(record_fork, struct task_struct *parent, struct task_struct *child)
{
	struct record_task *state = find(regs_of(parent));

	if (state && target == RECORD_TREE)
		follow(child, state->is_waiting);
	else if (state)
		adopt(regs_of(child), state->is_waiting);
	else if (target == RECORD_TREE &&
		 bpf_task_storage_get(&marks, child->group_leader, 0, 0))
		follow(child, begins == RECORD_AT_EXEC);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(record_exec, struct task_struct *task)
{
	struct record_task *state = find(regs_of(task));

	if (!state || !is_member())
		return 0;
	if (begins == RECORD_AT_EXEC)
		begin(bpf_ktime_get_ns());
	state->is_waiting = 0;
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(record_move)
{
	if (target == RECORD_CGROUP)
		__sync_fetch_and_add(&generation, 1);
	return 0;
}

static __always_inline bool is_wanted(struct task_struct *task)
{
	if (target == RECORD_USER)
		return task->cred->uid.val == user;
	return bpf_task_storage_get(&marks, task->group_leader, 0, 0);
}

#define PF_EXITING 4

/* As a process's first thread may have, and stays there as long as the others go on. */
static __always_inline bool has_ended(struct task_struct *task)
{
	return task->flags & PF_EXITING;
}

static __always_inline void follow_thread(struct task_struct *task)
{
	const struct pt_regs *regs = regs_of(task);

	if (has_ended(task) || find(regs))
		return;
	follow(task, begins == RECORD_AT_EXEC);
	/* record_end() may have come by meanwhile, when there was nothing to forget. */
	if (has_ended(task))
		forget(regs);
}

/* Run once at the start, over all threads: follows those of the processes marked. */
SEC("iter/task")
int record_threads(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;

	if (!task || !is_wanted(task))
		return 0;
	if (target == RECORD_TREE)
		follow_thread(task);
	if (task->seccomp.mode)
		announced = 1;
	return 0;
}
