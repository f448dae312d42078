// SPDX-License-Identifier: MIT
/*
 * A thread stopped at the exit of its denied call, and what follows from the verdict.
 *
 *	the thread waits     seize, ask for a stop: it stays where it is
 *	answer               it leaves the call, and stops before it is in its program again
 *	stopped              all registers are as they were at the call: tell
 *	the verdict          errno: let go
 *	                     permissive: the kernel makes the call again; then it is let through
 *	                     trap, kill: the call is made again as VERDICT_NUMBER, see below
 *
 * A trap and a kill are done by the kernel, for nobody else can force a signal or end
 * one thread. The thread makes a call that the filter's clause answers so, with its
 * signals blocked, and before the SIGSYS is delivered gets its registers back, a siginfo
 * that names the true call, and its signal mask. Should this process die meanwhile, the
 * kernel kills the thread's process (PTRACE_O_EXITKILL).
 *
 * Invariant: whatever fails, the call is not executed. Where the thread cannot be
 * stopped it gets the nearest that can be had, and the handler is told of that.
 */
#include "os/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "os/machine.h"

/* The kernel makes the call again, and no program ever sees it: include/linux/errno.h. */
#define MAKE_AGAIN 513

#define PATIENCE_MS 2000

#define KERNEL_MASK_SIZE 8 /* of a signal mask, as ptrace(2) wants it */

/* --- facts of /proc ---------------------------------------------------------------- */

static size_t read_proc(int thread, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", thread, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[got < 0 ? 0 : got] = '\0';
	return got < 0 ? 0 : (size_t)got;
}

/* The text after a field of /proc/THREAD/status, in `text`; NULL: there is none. */
static const char *find_field(int thread, const char *field, char *text, size_t size)
{
	const char *at;

	read_proc(thread, "status", text, size);
	at = strstr(text, field);
	return at ? at + strlen(field) + strspn(at + strlen(field), "\t ") : NULL;
}

static const char *parse_number(const char *at, unsigned base, uint64_t *ret_value)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;

	*ret_value = 0;
	while (*at && (digit = strchr(digits, *at)) && digit < digits + base) {
		*ret_value = *ret_value * base + (uint64_t)(digit - digits);
		at++;
	}
	return at;
}

int64_t stop_status(int thread, const char *field, int64_t otherwise)
{
	char text[4096];
	const char *at = find_field(thread, field, text, sizeof(text));
	uint64_t value;

	if (!at)
		return otherwise;
	parse_number(at, 10, &value);
	return (int64_t)value;
}

/* A set of signals. */
static uint64_t read_signals(int thread, const char *field)
{
	char text[4096];
	const char *at = find_field(thread, field, text, sizeof(text));
	uint64_t value = 0;

	if (at)
		parse_number(at, 16, &value);
	return value;
}

/* Whether it is the first process of its PID namespace: the last of its ids is 1. */
static bool is_init(int thread)
{
	char text[4096];
	const char *at = find_field(thread, "\nNSpid:", text, sizeof(text));
	uint64_t id = 0;

	while (at && *at >= '0' && *at <= '9') {
		at = parse_number(at, 10, &id);
		at += *at == '\t';
	}
	return id == 1;
}

/* The stack and program counter of a call in progress: the last two words of it. */
static void read_few_registers(int thread, struct callgate_registers *registers)
{
	char text[512];
	struct str rest = { text, read_proc(thread, "syscall", text, sizeof(text)) };
	uint64_t words[2] = { 0 };

	while (rest.len && rest.ptr[rest.len - 1] == '\n')
		rest.len--;
	for (size_t i = 2; i-- > 0;) {
		size_t start = rest.len;

		while (start > 0 && rest.ptr[start - 1] != ' ')
			start--;
		if (!start ||
		    str_number((struct str){ rest.ptr + start, rest.len - start },
			       &words[i]))
			return;
		rest.len = start - 1;
	}
	registers->stack_pointer = words[0];
	registers->program_counter = words[1];
}

/* --- calls that come again ---------------------------------------------------------- */

static bool take(struct callgate_supervisor *supervisor,
		 const struct callgate_denial *denial)
{
	for (size_t i = 0; i < supervisor->shown_count; i++) {
		struct shown_call *at = &supervisor->shown[i];

		if (at->thread != denial->thread)
			continue;
		bool same = memcmp(&at->call, &denial->call, sizeof(at->call)) == 0;

		*at = supervisor->shown[--supervisor->shown_count];
		return same;
	}
	return false;
}

bool shown_take(struct callgate_supervisor *supervisor,
		const struct callgate_denial *denial)
{
	bool was_shown;

	pthread_mutex_lock(&supervisor->shown_lock);
	was_shown = take(supervisor, denial);
	pthread_mutex_unlock(&supervisor->shown_lock);
	return was_shown;
}

/* Without memory the call is shown twice. */
static void add(struct callgate_supervisor *supervisor,
		const struct callgate_denial *denial)
{
	struct shown_call *grown;
	size_t wanted = 2 * supervisor->shown_capacity + 8;

	if (supervisor->shown_count == supervisor->shown_capacity) {
		grown = reallocarray(supervisor->shown, wanted, sizeof(*grown));
		if (!grown)
			return;
		supervisor->shown = grown;
		supervisor->shown_capacity = wanted;
	}
	supervisor->shown[supervisor->shown_count++] =
		(struct shown_call){ denial->thread, denial->call };
}

static void shown_add(struct callgate_supervisor *supervisor,
		      const struct callgate_denial *denial)
{
	pthread_mutex_lock(&supervisor->shown_lock);
	add(supervisor, denial);
	pthread_mutex_unlock(&supervisor->shown_lock);
}

/* --- stopping ---------------------------------------------------------------------- */

/*
 * Takes a stop of the thread. Returns 1 with its status; 0: there is none yet; -ESRCH: it
 * ended, which is not taken: how the program ended is for who waits for that.
 */
static int take_stop(pid_t thread, int *ret_status)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)thread, &info,
		   WSTOPPED | WEXITED | WNOHANG | WNOWAIT | __WALL))
		return errno == EINTR ? 0 : -ESRCH;
	if (info.si_pid && info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED)
		return -ESRCH;
	info.si_pid = 0;
	if (waitid(P_PID, (id_t)thread, &info, WSTOPPED | WNOHANG | __WALL) ||
	    !info.si_pid)
		return 0;
	*ret_status = info.si_status << 8 | 0x7f; /* as waitpid(2) has it */
	return 1;
}

/*
 * Waits until the thread stops. Returns 0 with its status; -ESRCH: it ended; -ETIMEDOUT.
 * Another thread's exec(2) may take the thread away without a word, so no wait is for ever.
 */
static int wait_stop(pid_t thread, int *ret_status)
{
	const struct timespec tick = { 0, 2 * 1000 * 1000 };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (int waited = 0; waited < PATIENCE_MS; waited += 2) {
		int got = take_stop(thread, ret_status);

		if (got)
			return got > 0 ? 0 : got;
		sigtimedwait(&child, NULL, &tick);
	}
	return -ETIMEDOUT;
}

/*
 * Asks the waiting thread to stop once it was answered. Should this process die meanwhile,
 * `and_kill`: it is killed.
 */
static int ask_stop(pid_t thread, bool and_kill)
{
	const long options = and_kill ? PTRACE_O_EXITKILL : 0;
	int error = 0;

	if (ptrace(PTRACE_SEIZE, thread, NULL, (void *)options))
		return -errno;
	if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL))
		error = -errno;
	return error;
}

static bool is_group_stop(int status)
{
	return status >> 16 == PTRACE_EVENT_STOP;
}

/* The signal to hand on when the thread is let go at this stop. */
static long signal_of(int status)
{
	return status >> 16 ? 0 : WSTOPSIG(status);
}

static void let_go(pid_t thread, long signal)
{
	ptrace(PTRACE_DETACH, thread, NULL, (void *)signal);
}

/* --- a verdict that is no errno ------------------------------------------------------ */

/* Of a stopped thread. */
struct verdict {
	pid_t thread;
	const struct callgate_denial *denial;
	struct machine_registers *registers; /* at the exit of the call */
	uint64_t mask;			     /* signals that it had blocked */
};

static int set_mask(pid_t thread, uint64_t mask)
{
	return ptrace((enum __ptrace_request)PTRACE_SETSIGMASK, thread,
		      (void *)KERNEL_MASK_SIZE, &mask)
		       ? -errno
		       : 0;
}

static uint64_t bit_of(int signal)
{
	return (uint64_t)1 << (signal - 1);
}

/*
 * What the kernel is to do: a trap; also to kill the process, for a trap whose signal is
 * blocked kills, and leaves time to repair the registers for a core file. The first
 * process of a PID namespace survives such a signal, and one thread of many has no
 * other way to end.
 */
static uint32_t verdict_to_ask(const struct callgate_denial *denial, bool *ret_blocked)
{
	uint32_t action = denial->verdict & SECCOMP_RET_ACTION_FULL;
	uint32_t data = denial->verdict & SECCOMP_RET_DATA;

	*ret_blocked = action != SECCOMP_RET_TRAP;
	if (action == SECCOMP_RET_TRAP)
		return denial->verdict;
	if (action == SECCOMP_RET_KILL_THREAD &&
	    stop_status(denial->thread, "\nThreads:", 1) != 1)
		return denial->verdict;
	if (is_init(denial->thread))
		return SECCOMP_RET_KILL_PROCESS | data;
	return SECCOMP_RET_TRAP | data;
}

/* Goes on to the SIGSYS of the trap. Other stops are the process's, and pass. */
static int go_to_trap(pid_t thread)
{
	int status, error;

	do {
		if (ptrace(PTRACE_CONT, thread, NULL, NULL))
			return -errno;
		error = wait_stop(thread, &status);
	} while (!error && is_group_stop(status));
	if (!error && status >> 8 != SIGSYS)
		error = -EPROTO;
	return error;
}

/* At the SIGSYS: everything as if the call itself had trapped. */
static void repair(const struct verdict *verdict)
{
	siginfo_t info;

	if (ptrace(PTRACE_GETSIGINFO, verdict->thread, NULL, &info) == 0) {
		info.si_syscall = verdict->denial->call.nr;
		ptrace(PTRACE_SETSIGINFO, verdict->thread, NULL, &info);
	}
	machine_roll_back(verdict->registers);
	machine_set(verdict->thread, verdict->registers);
	set_mask(verdict->thread, verdict->mask & ~bit_of(SIGSYS));
}

static void kill_instead(const struct callgate_supervisor *supervisor,
			 const struct callgate_denial *denial)
{
	const struct callgate_supervise_handler *handler = supervisor->handler;

	kill(denial->process, SIGKILL);
	if (handler->substituted)
		handler->substituted(handler->context, denial,
				     CALLGATE_INSTEAD_SIGKILL);
}

/* Makes the kernel give the verdict, and lets the thread go. */
static int give(const struct callgate_supervisor *supervisor, struct verdict *verdict)
{
	struct machine_registers asking = *verdict->registers;
	bool blocked;
	uint32_t wanted = verdict_to_ask(verdict->denial, &blocked);
	uint64_t mask = ~(uint64_t)0;
	int error;

	if (ptrace((enum __ptrace_request)PTRACE_GETSIGMASK, verdict->thread,
		   (void *)KERNEL_MASK_SIZE, &verdict->mask))
		return -errno;
	machine_ask_verdict(&asking, &verdict->denial->call, &supervisor->ticket,
			    wanted);
	if (!blocked && !(verdict->mask & bit_of(SIGSYS)))
		mask &= ~bit_of(SIGSYS);
	error = set_mask(verdict->thread, mask);
	if (!error)
		error = machine_set(verdict->thread, &asking);
	if (error)
		return error;
	if ((wanted & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRAP) {
		let_go(verdict->thread, 0);
		return 0;
	}
	error = go_to_trap(verdict->thread);
	if (!error) {
		repair(verdict);
		let_go(verdict->thread, SIGSYS);
	}
	return error;
}

/* --- with the thread stopped, and without --------------------------------------------- */

static void tell(const struct callgate_supervisor *supervisor,
		 const struct callgate_denial *denial,
		 const struct callgate_registers *known)
{
	const struct callgate_supervise_handler *handler = supervisor->handler;

	if (supervisor->wanted && handler->stopped)
		handler->stopped(handler->context, denial, known);
}

/* The signal can be caught now, so that sending it is like a trap. */
static bool catches_sigsys(int thread)
{
	return (read_signals(thread, "\nSigCgt:") & bit_of(SIGSYS)) &&
	       !(read_signals(thread, "\nSigBlk:") & bit_of(SIGSYS));
}

/* The nearest to the verdict that is possible from outside of the thread. */
static void substitute(const struct callgate_supervisor *supervisor,
		       const struct callgate_denial *denial)
{
	const struct callgate_supervise_handler *handler = supervisor->handler;

	/* One that has ended may have left its id to another. */
	if (!callgate_denial_waits(supervisor, denial))
		return;
	if ((denial->verdict & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRAP ||
	    !catches_sigsys(denial->thread)) {
		kill_instead(supervisor, denial);
		return;
	}
	syscall(SYS_tgkill, denial->process, denial->thread, SIGSYS);
	serve_answer(supervisor, denial, -ENOSYS, 0);
	if (handler->substituted)
		handler->substituted(handler->context, denial, CALLGATE_INSTEAD_SIGNAL);
}

static void answer_unstopped(const struct callgate_supervisor *supervisor,
			     const struct callgate_denial *denial, int refusal)
{
	struct callgate_registers known = { .error = refusal };
	int error;

	known.tracer = (int)stop_status(denial->thread, "\nTracerPid:", 0);
	known.stop = known.tracer ? CALLGATE_TRACED : CALLGATE_NOT_TRACED;
	read_few_registers(denial->thread, &known);
	tell(supervisor, denial, &known);
	if (supervisor->permissive)
		serve_answer(supervisor, denial, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else if (verdict_is_errno(denial->verdict, &error))
		serve_answer(supervisor, denial, error, 0);
	else
		substitute(supervisor, denial);
}

/* At the exit of the call. */
static void finish_stopped(struct callgate_supervisor *supervisor,
			   const struct callgate_denial *denial, long signal,
			   bool is_exact)
{
	struct machine_registers registers, shown;
	struct callgate_registers known = { 0 };
	struct verdict verdict = { denial->thread, denial, &registers, 0 };
	int error = machine_get(denial->thread, &registers);

	known.stop = error ? CALLGATE_NOT_TRACED : CALLGATE_STOPPED;
	known.error = error;
	if (!error && machine_show(denial->thread, &shown) == 0) {
		known.all = shown.words;
		known.size = shown.size;
	}
	if (!error) {
		known.program_counter = machine_program_counter(&registers);
		known.stack_pointer = machine_stack_pointer(&registers);
		tell(supervisor, denial, &known);
	}
	if (supervisor->permissive)
		shown_add(supervisor, denial);
	if (!is_exact) {
		let_go(denial->thread, signal);
		return;
	}
	if (!error)
		error = give(supervisor, &verdict);
	if (error && error != -ESRCH)
		kill_instead(supervisor, denial);
}

void stop_and_answer(struct callgate_supervisor *supervisor,
		     const struct callgate_denial *denial)
{
	int error, status, answer;
	bool is_exact =
		!verdict_is_errno(denial->verdict, &answer) && !supervisor->permissive;
	bool comes_again = is_exact || supervisor->permissive;
	bool waited;

	if (comes_again && !machine_can_ask(&denial->call))
		error = -EOPNOTSUPP;
	else
		error = ask_stop(denial->thread, is_exact);
	if (error) {
		answer_unstopped(supervisor, denial, error);
		return;
	}
	/* It waited until now, so what was seized is the thread and not its id's heir. */
	waited =
		serve_answer(supervisor, denial, comes_again ? -MAKE_AGAIN : answer, 0);
	if (wait_stop(denial->thread, &status))
		return;
	if (waited)
		finish_stopped(supervisor, denial, signal_of(status), is_exact);
	else
		let_go(denial->thread, signal_of(status));
}
