// SPDX-License-Identifier: MIT
/*
 * Recording without privilege: every call of the program waits for an answer, which always
 * is that it may go on; what it was is tallied on the way.
 *
 *	recorder  starts both, reads the tally             may be killed at any moment
 *	keeper    answers, until nobody is left who asks   then its guard is the keeper
 *	guard     does nothing while the keeper lives      then it gets another one
 *	program   every call of it and its children asks
 *
 * Invariant: somebody has the listener as long as the program lives; were it closed, all
 * its calls would fail with ENOSYS. That is why the keeper is a process of its own. Its
 * guard is the recorder, which starts another keeper; after it a process that becomes the
 * keeper itself. What a keeper has received it receives in memory that the next one has
 * too, since nobody is told of a call twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"
#include "os/notify.h"

#define X32_BIT 0x40000000U

/* What recorder, keeper and program share. */
struct shared {
	struct notify_start start;
	struct seccomp_notif received; /* its id 0: nothing, or done with */
	volatile bool is_over;	       /* nobody is left */
	volatile bool is_stopped;      /* what comes now is not to be tallied */
	volatile bool has_begun;       /* its execve(2) was let go on */
	volatile bool has_run;	    /* after that it made a call, or its launcher did */
	volatile bool has_filter;   /* it installed a filter of its own */
	volatile bool has_listener; /* it tried to, with a listener */
	struct tally tally;
	struct tally_row row;
};

struct notify {
	struct shared *shared;
	struct tally_plan *plan;
	char *path;
	pid_t keeper;
};

/* --- tallying ----------------------------------------------------------------------- */

static void name_first(struct tally_first *first, pid_t pid)
{
	char path[32];
	ssize_t got;
	int file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	got = file < 0 ? 0 : read(file, first->comm, sizeof(first->comm));
	if (got > 0 && first->comm[got - 1] == '\n')
		first->comm[got - 1] = '\0';
	if (file >= 0)
		close(file);
}

static void tally_stray(struct tally *tally, unsigned abi, uint32_t number)
{
	const uint64_t key = UINT64_C(1) << 63 | (uint64_t)abi << 32 | number;

	for (size_t i = 0; i < TALLY_STRAYS; i++) {
		struct tally_stray *stray = &tally->strays[TALLY_DONE][i];

		if (stray->key && stray->key != key)
			continue;
		stray->key = key;
		stray->count++;
		return;
	}
	tally->lost++;
}

static void tally_argument(struct tally *tally, unsigned slot_index, uint64_t value,
			   bool is_set)
{
	struct tally_slot *slot = &tally->slots[TALLY_DONE][slot_index];

	slot->bits |= value;
	if (is_set && !slot->overflow && tally_insert(slot, value))
		tally->latest = tally_now();
}

static unsigned abi_of(const struct seccomp_data *data)
{
	if (data->arch != OS_AUDIT_ARCH)
		return TALLY_COMPAT;
	if (data->arch == AUDIT_ARCH_X86_64 && data->nr > 0 &&
	    (uint32_t)data->nr & X32_BIT)
		return TALLY_X32;
	return TALLY_NATIVE;
}

static void tally_call(const struct notify *notify, const struct seccomp_notif *call)
{
	struct tally *tally = &notify->shared->tally;
	const unsigned abi = abi_of(&call->data);
	const uint32_t whole = (uint32_t)call->data.nr;
	const uint32_t number = abi == TALLY_X32 ? whole & ~X32_BIT : whole;
	const struct tally_kept *kept;
	unsigned slot;

	if (number >= TALLY_NUMBERS) {
		tally_stray(tally, abi, whole);
		return;
	}
	if (!notify->shared->row.calls[abi][number]++) {
		struct tally_first *first = &tally->firsts[TALLY_DONE][abi][number];

		name_first(first, (pid_t)call->pid);
		tally->latest = first->time = tally_now();
	}
	kept = &notify->plan->calls[abi][number];
	slot = kept->slot;
	for (unsigned i = 0; i < CALLGATE_ARGUMENTS_MAX; i++) {
		if (!(kept->arguments >> i & 1))
			continue;
		tally_argument(tally, slot,
			       call->data.args[i] & notify->plan->masks[slot],
			       kept->sets >> i & 1);
		slot++;
	}
}

/* --- the keeper --------------------------------------------------------------------- */

/* Filters of the program's own are what this back end has to tell its user about. */
static void look_for_filters(struct shared *shared, const struct seccomp_data *data)
{
	const __u64 *arguments = data->args;

	if (data->arch != OS_AUDIT_ARCH)
		return;
	if (data->nr == SYS_prctl && arguments[0] == PR_SET_SECCOMP)
		shared->has_filter = true;
	if (data->nr != SYS_seccomp || arguments[0] != SECCOMP_SET_MODE_FILTER ||
	    !arguments[2])
		return;
	shared->has_filter = true;
	if (arguments[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		shared->has_listener = true;
}

static void look_for_marker(struct shared *shared, const struct seccomp_data *data)
{
	if (data->arch != OS_AUDIT_ARCH || data->nr != SYS_prctl ||
	    data->args[0] != TALLY_MARKER || shared->tally.marked)
		return;
	shared->tally.start = tally_now();
	shared->tally.marked = 1;
}

/* Whether a call counts. The first one is the launcher's execve(2). */
static bool counts(const struct notify *notify, enum recorder_from from)
{
	struct shared *shared = notify->shared;

	if (!shared->has_begun) {
		shared->has_begun = true;
		if (from == RECORDER_FROM_EXEC)
			shared->tally.start = tally_now();
		return from == RECORDER_FROM_START;
	}
	shared->has_run = true;
	if (shared->start.error || shared->is_stopped)
		return false;
	return from != RECORDER_FROM_MARKER || shared->tally.marked;
}

/*
 * A call that went away meanwhile comes again, but for one that a keeper left when it was
 * killed: that may have been answered.
 */
static void answer(const struct notify *notify, enum recorder_from from,
		   bool is_left_over)
{
	struct shared *shared = notify->shared;
	const struct seccomp_notif *call = &shared->received;
	bool is_counted = counts(notify, from);

	if (notify_continue(shared->start.listener, call->id) || is_left_over) {
		if (is_counted)
			tally_call(notify, call);
		look_for_marker(shared, &call->data);
		look_for_filters(shared, &call->data);
	}
	shared->received.id = 0;
}

/* A descriptor that can be read from when the process has ended; -1: it has. */
static int watch_parent(pid_t parent)
{
	int process = (int)syscall(SYS_pidfd_open, parent, 0);

	/* As long as it is the parent, nobody else has its number. */
	if (process < 0 || getppid() == parent)
		return process;
	close(process);
	return -1;
}

static void await_end(pid_t parent)
{
	struct pollfd file = { .fd = watch_parent(parent), .events = POLLIN };

	while (file.fd >= 0 && poll(&file, 1, -1) < 0 && errno == EINTR)
		;
	if (file.fd >= 0)
		close(file.fd);
}

/*
 * Makes a guard of the keeper. Returns in the keeper, with what is to be watched for it; and
 * in the guard, once that is the keeper.
 */
static int post_guard(const struct shared *shared)
{
	while (!shared->is_over) {
		const pid_t keeper = getpid(), guard = fork();

		if (guard < 0)
			return -1;
		if (guard > 0)
			return (int)syscall(SYS_pidfd_open, guard, 0);
		setsid();
		await_end(keeper);
	}
	return -1;
}

static int replace_guard(const struct shared *shared, int old)
{
	if (old >= 0)
		close(old);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return post_guard(shared);
}

static void serve(const struct notify *notify, enum recorder_from from, int guard)
{
	struct shared *shared = notify->shared;

	if (guard < 0)
		guard = post_guard(shared);
	while (!shared->is_over) {
		int news;

		/* The keeper before had received it. */
		if (shared->received.id)
			answer(notify, from, true);
		news = notify_next(shared->start.listener, guard, &shared->received);
		if (news == NOTIFY_CALL)
			answer(notify, from, false);
		else if (news == NOTIFY_WATCHED)
			guard = replace_guard(shared, guard);
		else
			shared->is_over = true;
	}
}

static void pause_shortly(void)
{
	const struct timespec moment = { .tv_nsec = 200000 };

	nanosleep(&moment, NULL);
}

/*
 * Waits for the listener. When the recorder ends before there is one, then either the program
 * is kept from starting, or it is on its way and gets its keeper.
 */
static void wait_for_listener(volatile struct notify_start *start, pid_t recorder)
{
	while (!start->listener) {
		pause_shortly();
		if (getppid() == recorder)
			continue;
		if (__sync_bool_compare_and_swap(&start->program, 0, -1))
			return;
		if (!start->listener && kill(start->program, 0) && errno == ESRCH)
			return;
	}
}

/* A process that terminals and sessions do not reach. */
static _Noreturn void keep(const struct notify *notify, const struct recorder *recorder,
			   pid_t parent)
{
	volatile struct notify_start *start = &notify->shared->start;

	setsid();
	/* Who ends all that is called callgate does not mean the program. */
	prctl(PR_SET_NAME, "record-keeper");
	wait_for_listener(start, parent);
	if (start->listener <= 0)
		_exit(0);
	unshare(CLONE_FILES);
	if (start->listener > 0)
		close_range(0, (unsigned)start->listener - 1, 0);
	close_range((unsigned)start->listener + 1, ~0U, 0);
	if (chdir("/"))
		_exit(1);
	notify_tune(start->listener);
	serve(notify, recorder->target.from, watch_parent(parent));
	_exit(0);
}

static int start_keeper(const struct recorder *recorder, struct notify *notify)
{
	pid_t self = getpid();

	notify->keeper = notify_fork();
	if (notify->keeper == 0)
		keep(notify, recorder, self);
	return notify->keeper < 0 ? -errno : 0;
}

/* Starts another one when it was killed. */
static void revive_keeper(const struct recorder *recorder, struct notify *notify)
{
	if (notify->keeper > 0 &&
	    waitpid(notify->keeper, NULL, WNOHANG) == notify->keeper &&
	    !notify->shared->is_over)
		start_keeper(recorder, notify);
}

/* --- the back end ------------------------------------------------------------------- */

static int notify_open(struct recorder *recorder, struct recorder_failure *failure)
{
	struct notify *notify = recorder->own = calloc(1, sizeof(*notify));
	int error;

	if (!notify)
		return recorder_fail(failure, -ENOMEM, NULL, "there is no memory");
	notify->plan = malloc(sizeof(*notify->plan));
	notify->shared = mmap(NULL, sizeof(*notify->shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (notify->shared == MAP_FAILED)
		notify->shared = NULL;
	if (!notify->plan || !notify->shared)
		return recorder_fail(failure, -ENOMEM, NULL, "there is no memory");
	error = os_find_program(recorder->target.argv[0], &notify->path);
	if (error)
		return launch_explain(recorder->target.argv[0], error, failure);
	tally_plan(notify->plan);
	recorder->tally = &notify->shared->tally;
	recorder->rows = &notify->shared->row;
	recorder->row_count = 1;
	if (recorder->target.from == RECORDER_FROM_START)
		recorder->tally->start = tally_now();
	return 0;
}

static int explain_listener(int error, struct recorder_failure *failure)
{
	if (error == -EBUSY)
		return recorder_fail(failure, error,
				     "record by eBPF from outside of it",
				     "a filter of this process has a listener already, "
				     "and the kernel allows but one");
	if (error == -EINVAL || error == -ENOSYS)
		return recorder_fail(failure, error, NULL,
				     "notification needs Linux 5.5 or newer");
	return recorder_fail(failure, error, NULL,
			     "the kernel refuses a filter with a listener: %s",
			     strerrordesc_np(-error));
}

/* Waits until the program has been executed, or not. */
static int wait_for_start(struct recorder *recorder, struct notify *notify,
			  struct recorder_failure *failure)
{
	const volatile struct notify_start *start = &notify->shared->start;
	int status;

	while (!start->listener && !recorder_ended(recorder, &status)) {
		pause_shortly();
		revive_keeper(recorder, notify);
	}
	if (start->listener <= 0) {
		recorder->child = 0;
		return explain_listener(start->listener ? start->listener : -ECHILD,
					failure);
	}
	while (!notify->shared->has_run && !recorder_ended(recorder, &status)) {
		pause_shortly();
		revive_keeper(recorder, notify);
	}
	if (!start->error)
		return 0;
	waitpid(recorder->child, &status, 0);
	recorder->child = 0;
	return launch_explain(recorder->target.argv[0], -start->error, failure);
}

static int notify_launch(struct recorder *recorder, struct recorder_failure *failure)
{
	struct notify *notify = recorder->own;
	int error = start_keeper(recorder, notify);

	if (!error) {
		recorder->child = notify_fork();
		if (recorder->child == 0) {
			launch_restore(&recorder->target);
			notify_exec(notify->path, recorder->target.argv,
				    &notify->shared->start);
		}
		if (recorder->child < 0)
			error = -errno;
	}
	if (error)
		return recorder_fail(failure, error, NULL, "cannot start a process: %s",
				     strerrordesc_np(-error));
	return wait_for_start(recorder, notify, failure);
}

static bool notify_is_over(struct recorder *recorder)
{
	struct notify *notify = recorder->own;

	revive_keeper(recorder, notify);
	return notify->shared->is_over;
}

static const char *notify_remark(const struct recorder *recorder, size_t index)
{
	const struct notify *notify = recorder->own;
	const struct shared *shared = notify->shared;

	if (shared->has_filter && index-- == 0)
		return "the program has filters of its own: what they refuse is not "
		       "seen "
		       "by notification, but by eBPF";
	if (shared->has_listener && index-- == 0)
		return "the program wants a listener of its own and did not get it, "
		       "since "
		       "recording by notification has one: record it by eBPF";
	return NULL;
}

static void notify_close(struct recorder *recorder)
{
	struct notify *notify = recorder->own;

	if (!notify)
		return;
	if (notify->shared) {
		notify->shared->is_stopped = true;
		if (notify->shared->start.listener > 0)
			close(notify->shared->start.listener);
		munmap(notify->shared, sizeof(*notify->shared));
	}
	free(notify->path);
	free(notify->plan);
	free(notify);
}

const struct recorder_backend_ops recorder_notify = {
	.name = "seccomp notification",
	.open = notify_open,
	.start = notify_launch,
	.is_over = notify_is_over,
	.remark = notify_remark,
	.close = notify_close,
};
