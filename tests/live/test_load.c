// SPDX-License-Identifier: MIT
/*
 * Every operation and flag of seccomp(2) and prctl(2) on the running kernel, and what
 * is said when it refuses.
 */
#include "live/live.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/os.h"

#define DENY (SECCOMP_RET_ERRNO | EDOM)

static int load_verdict(long number, uint32_t verdict, uint32_t flags,
			struct callgate_loaded *ret_loaded)
{
	const struct callgate_load_options options = { .flags = flags };
	struct sock_filter program[LIVE_DENY_LENGTH];

	live_deny((uint32_t)number, verdict, program);
	return callgate_program_load(program, LIVE_DENY_LENGTH, &options, ret_loaded);
}

static bool is_denied(void)
{
	return live_call(SYS_getppid, 0, 0, 0) == -EDOM;
}

/* Explains a refused load of `program` and looks for words. */
static bool explains(const struct sock_filter *program, size_t length,
		     const struct callgate_load_options *options, int error,
		     const char *text)
{
	struct callgate_loaded loaded;
	struct callgate_refusal refusal = {
		.operation = SECCOMP_SET_MODE_FILTER,
		.program = program,
		.length = length,
	};
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	bool said = false;

	if (options)
		refusal.options = *options;
	refusal.error = callgate_program_load(program, length, options, &loaded);
	refusal.thread = loaded.thread;
	callgate_refusal_explain(&refusal, NULL, diagnostics);
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++) {
		const char *message = callgate_diagnostics_at(diagnostics, i)->message;

		said = strstr(message, text);
		if (!said)
			dprintf(2, "%d: it says: %s\n", refusal.error, message);
	}
	callgate_diagnostics_free(diagnostics);
	return refusal.error == error && said;
}

static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

/* --- plain loads ----------------------------------------------------------------- */

static int by_seccomp(void)
{
	struct callgate_loaded loaded;

	CHECK(load_verdict(SYS_getppid, DENY, 0, &loaded) == 0);
	CHECK(loaded.listener == -1 && loaded.thread == 0);
	CHECK(is_denied());
	CHECK(callgate_seccomp_mode() == SECCOMP_MODE_FILTER);
	CHECK(callgate_no_new_privs() == 1);
	return 0;
}

static int by_prctl(void)
{
	const struct callgate_load_options options = { .by_prctl = true };
	struct sock_filter program[LIVE_DENY_LENGTH];

	/* seccomp(2) must not be what loads it. */
	CHECK(load_verdict(SYS_seccomp, SECCOMP_RET_KILL_PROCESS, 0, NULL) == 0);
	live_deny(SYS_getppid, DENY, program);
	CHECK(callgate_program_load(program, LIVE_DENY_LENGTH, &options, NULL) == 0);
	CHECK(is_denied());
	return 0;
}

static int prctl_when_seccomp_is_missing(void)
{
	const struct callgate_load_options flagged = {
		.flags = SECCOMP_FILTER_FLAG_LOG,
	};

	CHECK(load_verdict(SYS_seccomp, SECCOMP_RET_ERRNO | ENOSYS, 0, NULL) == 0);
	CHECK(load_verdict(SYS_getppid, DENY, 0, NULL) == 0);
	CHECK(is_denied());
	CHECK(explains(&allow, 1, &flagged, -ENOSYS, "lacks seccomp(2)"));
	CHECK(callgate_action_available(SECCOMP_RET_ERRNO) == 0);
	CHECK(callgate_action_available(SECCOMP_RET_LOG) == -EOPNOTSUPP);
	return 0;
}

/* Without any filter, for good. */
static int sets_no_new_privs_alone(void)
{
	CHECK(callgate_no_new_privs() == 0);
	errno = EDOM;
	CHECK(callgate_no_new_privs_set() == 0);
	CHECK(errno == EDOM);
	CHECK(callgate_no_new_privs() == 1);
	CHECK(callgate_seccomp_mode() == SECCOMP_MODE_DISABLED);
	return 0;
}

static int leaves_no_new_privs(void)
{
	const struct callgate_load_options options = { .without_no_new_privs = true };

	if (geteuid() != 0)
		return 0;
	CHECK(callgate_program_load(&allow, 1, &options, NULL) == 0);
	CHECK(callgate_no_new_privs() == 0);
	return 0;
}

static int keeps_errno(void)
{
	errno = 77;
	CHECK(callgate_program_load(&allow, 1, NULL, NULL) == 0);
	CHECK(callgate_program_load((const struct sock_filter *)16, 1, NULL, NULL) ==
	      -EFAULT);
	CHECK(errno == 77);
	return 0;
}

static int takes_harmless_flags(void)
{
	CHECK(load_verdict(SYS_getppid, DENY, SECCOMP_FILTER_FLAG_LOG, NULL) == 0);
	CHECK(load_verdict(SYS_getsid, DENY, SECCOMP_FILTER_FLAG_SPEC_ALLOW, NULL) ==
	      0);
	CHECK(is_denied());
	CHECK(live_call(SYS_getsid, 0, 0, 0) == -EDOM);
	return 0;
}

/* --- what is refused ------------------------------------------------------------- */

static int refuses_without_privilege(void)
{
	const struct callgate_load_options options = { .without_no_new_privs = true };

	if (geteuid() == 0) {
		CHECK(setgroups(0, NULL) == 0);
		CHECK(setresgid(65534, 65534, 65534) == 0);
		CHECK(setresuid(65534, 65534, 65534) == 0);
	}
	CHECK(explains(&allow, 1, &options, -EACCES,
		       "needs no_new_privs or CAP_SYS_ADMIN"));
	CHECK(callgate_program_load(&allow, 1, NULL, NULL) == 0);
	return 0;
}

static int refuses_bad_flags(void)
{
	static const struct {
		uint64_t flags;
		bool by_prctl;
		const char *text;
	} cases[] = {
		{ 1u << 20, false, "there is no filter flag 0x100000" },
		{ SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, false,
		  "a new listener alone" },
		{ SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER, false,
		  "need tsync_esrch" },
		{ SECCOMP_FILTER_FLAG_TSYNC, true, "knows no flags" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct callgate_load_options options = {
			.flags = (uint32_t)cases[i].flags,
			.by_prctl = cases[i].by_prctl,
		};

		CHECK(explains(&allow, 1, &options, -EINVAL, cases[i].text));
	}
	CHECK(callgate_seccomp_mode() == SECCOMP_MODE_DISABLED);
	return 0;
}

static int refuses_bad_programs(void)
{
	static const struct sock_filter falls_off[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	};

	CHECK(explains(falls_off, 1, NULL, -EINVAL, "instruction 0: "));
	CHECK(explains(&allow, 0, NULL, -EINVAL, "has 1 to 4096 instructions"));
	CHECK(explains(&allow, 4097, NULL, -EINVAL, "this one 4097"));
	CHECK(explains((const struct sock_filter *)16, 1, NULL, -EFAULT,
		       "not readable memory"));
	return 0;
}

static int refuses_too_many_instructions(void)
{
	static struct sock_filter program[BPF_MAXINSNS];
	int layers = 0, error;

	for (size_t i = 0; i < BPF_MAXINSNS; i++)
		program[i] = allow;
	do
		error = callgate_program_load(program, BPF_MAXINSNS, NULL, NULL);
	while (error == 0 && ++layers < 20);
	CHECK(error == -ENOMEM);
	/* 7 of them would fit, were it not counted after translation: 2 for each RET.
	 */
	CHECK(layers >= 3 && layers < 7);
	CHECK(explains(program, BPF_MAXINSNS, NULL, -ENOMEM, "32768 instructions"));
	return 0;
}

static int explains_an_outer_filter(void)
{
	CHECK(load_verdict(SYS_seccomp, SECCOMP_RET_ERRNO | EPERM, 0, NULL) == 0);
	CHECK(explains(&allow, 1, NULL, -EPERM, "does not load the filter: EPERM"));
	return 0;
}

static int refuses_actions_that_are_missing(void)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_filter *filter;
	struct sock_filter program[LIVE_DENY_LENGTH];

	live_deny(SYS_getppid, 0x00010000, program);
	CHECK(callgate_filter_from_program(program, LIVE_DENY_LENGTH, NULL, &filter) ==
	      0);
	CHECK(callgate_filter_load(filter, NULL, diagnostics, NULL) == -EOPNOTSUPP);
	CHECK(live_says(diagnostics, "action", "no action 0x00010000"));
	CHECK(callgate_seccomp_mode() == SECCOMP_MODE_DISABLED);
	callgate_filter_free(filter);
	callgate_diagnostics_free(diagnostics);
	return 0;
}

static int loads_a_filter_object(void)
{
	struct callgate_filter *filter;
	struct sock_filter program[LIVE_DENY_LENGTH];

	live_deny(SYS_getppid, DENY, program);
	CHECK(callgate_filter_from_program(program, LIVE_DENY_LENGTH, NULL, &filter) ==
	      0);
	CHECK(callgate_filter_load(filter, NULL, NULL, NULL) == 0);
	callgate_filter_free(filter);
	CHECK(is_denied());
	return 0;
}

static int loads_no_filter_of_other_machines(void)
{
	static const unsigned char programs[][8] = { { 6, 0, 0, 0, 0, 0, 0xff, 0x7f },
						     { 0, 6, 0, 0, 0x7f, 0xff, 0, 0 } };
	char *argv[] = { "true", NULL };

	for (unsigned i = 0; i < 2; i++) {
		struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
		struct callgate_filter *filter;

		CHECK(callgate_filter_from_bytes(programs[i], sizeof(programs[i]),
						 CALLGATE_ENDIAN_AUTO, NULL,
						 &filter) == 0);
		if (callgate_filter_big_endian(filter) == OS_BIG_ENDIAN) {
			CHECK(callgate_filter_load(filter, NULL, NULL, NULL) == 0);
		} else {
			const struct callgate_filter *filters[] = { filter };

			CHECK(callgate_filter_load(filter, NULL, diagnostics, NULL) ==
			      -EINVAL);
			CHECK(live_says(diagnostics, "byte-order", "unlike this one"));
			CHECK(callgate_exec(filters, 1, argv, NULL, NULL) == -EINVAL);
		}
		callgate_filter_free(filter);
		callgate_diagnostics_free(diagnostics);
	}
	return 0;
}

static int answers_questions(void)
{
	struct seccomp_notif_sizes sizes;

	CHECK(callgate_action_available(SECCOMP_RET_USER_NOTIF) == 0);
	CHECK(callgate_action_available(0x00010000) == -EOPNOTSUPP);
	CHECK(callgate_notif_sizes(&sizes) == 0);
	CHECK(sizes.seccomp_data == sizeof(struct seccomp_data));
	CHECK(sizes.seccomp_notif >= sizeof(struct seccomp_notif));
	CHECK(sizes.seccomp_notif_resp >= sizeof(struct seccomp_notif_resp));
	return 0;
}

/* --- strict mode ----------------------------------------------------------------- */

static int strict(const struct callgate_load_options *options)
{
	CHECK(callgate_strict_load(options) == 0);
	CHECK(write(STDOUT_FILENO, "", 0) == 0);
	syscall(SYS_exit, 0);
	return 1;
}

static int strict_may_write(void)
{
	return strict(NULL);
}

static int strict_may_write_by_prctl(void)
{
	return strict(&(struct callgate_load_options){ .by_prctl = true });
}

static int strict_may_nothing_else(void)
{
	CHECK(callgate_strict_load(NULL) == 0);
	return (int)live_call(SYS_getppid, 0, 0, 0);
}

static int strict_refused_under_filters(void)
{
	struct callgate_refusal refusal = { .operation = SECCOMP_SET_MODE_STRICT };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();

	CHECK(callgate_program_load(&allow, 1, NULL, NULL) == 0);
	refusal.error = callgate_strict_load(NULL);
	CHECK(refusal.error == -EINVAL);
	callgate_refusal_explain(&refusal, NULL, diagnostics);
	CHECK(live_says(diagnostics, "mode", "a thread without filters"));
	callgate_diagnostics_free(diagnostics);
	return 0;
}

/* --- threads --------------------------------------------------------------------- */

/* A thread that answers when it is told to: getppid, or its own id. */
struct thread {
	pthread_t handle;
	pthread_barrier_t ready, go;
	bool diverges;
	pid_t id;
	bool was_denied;
};

static void *run_thread(void *argument)
{
	struct thread *thread = argument;

	thread->id = (pid_t)syscall(SYS_gettid);
	if (thread->diverges)
		callgate_program_load(&allow, 1, NULL, NULL);
	pthread_barrier_wait(&thread->ready);
	pthread_barrier_wait(&thread->go);
	thread->was_denied = is_denied();
	return NULL;
}

static void start_thread(struct thread *thread)
{
	pthread_barrier_init(&thread->ready, NULL, 2);
	pthread_barrier_init(&thread->go, NULL, 2);
	pthread_create(&thread->handle, NULL, run_thread, thread);
	pthread_barrier_wait(&thread->ready);
}

static void finish_thread(struct thread *thread)
{
	pthread_barrier_wait(&thread->go);
	pthread_join(thread->handle, NULL);
}

static int load_with_thread(struct thread *thread, uint32_t flags,
			    struct callgate_loaded *ret_loaded)
{
	int error;

	start_thread(thread);
	error = load_verdict(SYS_getppid, DENY, flags, ret_loaded);
	finish_thread(thread);
	return error;
}

static int tsync_reaches_threads(void)
{
	struct thread thread = { 0 };

	CHECK(load_with_thread(&thread, SECCOMP_FILTER_FLAG_TSYNC, NULL) == 0);
	CHECK(thread.was_denied && is_denied());
	return 0;
}

static int without_tsync_threads_are_free(void)
{
	struct thread thread = { 0 };

	CHECK(load_with_thread(&thread, 0, NULL) == 0);
	CHECK(!thread.was_denied && is_denied());
	return 0;
}

static int tsync_names_the_diverged_thread(void)
{
	struct thread thread = { .diverges = true };
	struct callgate_loaded loaded;

	CHECK(load_with_thread(&thread, SECCOMP_FILTER_FLAG_TSYNC, &loaded) == -ESRCH);
	CHECK(loaded.thread == thread.id);
	CHECK(!thread.was_denied && !is_denied());
	return 0;
}

static int tsync_esrch_names_none(void)
{
	struct thread thread = { .diverges = true };
	struct callgate_loaded loaded;

	CHECK(load_with_thread(&thread,
			       SECCOMP_FILTER_FLAG_TSYNC |
				       SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
			       &loaded) == -ESRCH);
	CHECK(loaded.thread == 0 && !is_denied());
	return 0;
}

static int tsync_with_a_listener(void)
{
	struct thread thread = { 0 };
	struct callgate_loaded loaded;

	CHECK(load_with_thread(&thread,
			       SECCOMP_FILTER_FLAG_TSYNC |
				       SECCOMP_FILTER_FLAG_TSYNC_ESRCH |
				       SECCOMP_FILTER_FLAG_NEW_LISTENER,
			       &loaded) == 0);
	CHECK(loaded.listener > 2 && loaded.thread == 0);
	CHECK(thread.was_denied);
	return 0;
}

static int explains_the_diverged_thread(void)
{
	const struct callgate_load_options options = {
		.flags = SECCOMP_FILTER_FLAG_TSYNC,
	};
	struct thread thread = { .diverges = true };
	char text[64];
	bool said;

	start_thread(&thread);
	snprintf(text, sizeof(text), "thread %d cannot take the filter", thread.id);
	said = explains(&allow, 1, &options, -ESRCH, text);
	finish_thread(&thread);
	CHECK(said);
	return 0;
}

/* --- listeners ------------------------------------------------------------------- */

/* Takes one getppid from the listener and answers it. */
static int serve(int listener, struct seccomp_notif_resp *answer)
{
	struct pollfd ready = { .fd = listener, .events = POLLIN };
	struct seccomp_notif request = { 0 };

	CHECK(poll(&ready, 1, 10000) == 1);
	CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0);
	CHECK(request.data.nr == SYS_getppid);
	answer->id = request.id;
	CHECK(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer) == 0);
	return 0;
}

/* What a process under the listener's filter gets from getppid; 256: it was killed. */
static int ask_listener(uint32_t flags, struct seccomp_notif_resp *answer,
			long (*judge)(long answer))
{
	struct callgate_loaded loaded;
	int status;
	pid_t child;

	CHECK(load_verdict(SYS_getppid, SECCOMP_RET_USER_NOTIF,
			   SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, &loaded) == 0);
	CHECK(loaded.listener > 2);
	child = fork();
	if (child == 0)
		_exit(judge(live_call(SYS_getppid, 0, 0, 0)) ? 0 : 1);
	CHECK(serve(loaded.listener, answer) == 0);
	CHECK(waitpid(child, &status, 0) == child);
	return status;
}

static long is_4242(long answer)
{
	return answer == 4242;
}

static long is_econnrefused(long answer)
{
	return answer == -ECONNREFUSED;
}

static long is_pid(long answer)
{
	return answer > 0 && answer != 4242;
}

static int listener_answers(void)
{
	return ask_listener(0, &(struct seccomp_notif_resp){ .val = 4242 }, is_4242);
}

static int listener_refuses(void)
{
	return ask_listener(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
			    &(struct seccomp_notif_resp){ .error = -ECONNREFUSED },
			    is_econnrefused);
}

static int listener_lets_go_on(void)
{
	return ask_listener(0,
			    &(struct seccomp_notif_resp){
				    .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE },
			    is_pid);
}

static int refuses_a_second_listener(void)
{
	const struct callgate_load_options options = {
		.flags = SECCOMP_FILTER_FLAG_NEW_LISTENER,
	};
	struct callgate_loaded loaded;

	CHECK(callgate_program_load(&allow, 1, &options, &loaded) == 0);
	CHECK(explains(&allow, 1, &options, -EBUSY, "has a listener already"));
	close(loaded.listener);
	return 0;
}

/* --- the table ------------------------------------------------------------------- */

static const struct live_case cases[] = {
	{ "loads by seccomp(2)", by_seccomp },
	{ "loads by prctl(2) when told to", by_prctl },
	{ "falls back to prctl(2) where seccomp(2) is missing",
	  prctl_when_seccomp_is_missing },
	{ "sets no_new_privs without a filter", sets_no_new_privs_alone },
	{ "leaves no_new_privs as it is when told to", leaves_no_new_privs },
	{ "keeps errno", keeps_errno },
	{ "takes the flags log and spec_allow", takes_harmless_flags },
	{ "explains a missing privilege", refuses_without_privilege },
	{ "explains flags that are unknown or do not go together", refuses_bad_flags },
	{ "explains a bad program", refuses_bad_programs },
	{ "explains the limit of all layers", refuses_too_many_instructions },
	{ "explains an outer filter that forbids it", explains_an_outer_filter },
	{ "refuses an action that the kernel lacks", refuses_actions_that_are_missing },
	{ "loads a filter object", loads_a_filter_object },
	{ "loads no filter of other machines", loads_no_filter_of_other_machines },
	{ "asks for actions and sizes", answers_questions },
	{ "strict mode lets write pass", strict_may_write },
	{ "strict mode by prctl(2) lets write pass", strict_may_write_by_prctl },
	{ "strict mode kills for anything else", strict_may_nothing_else, SIGKILL },
	{ "explains that strict mode is refused under filters",
	  strict_refused_under_filters },
	{ "tsync reaches all threads", tsync_reaches_threads },
	{ "without tsync other threads are free", without_tsync_threads_are_free },
	{ "tsync names the thread that has diverged", tsync_names_the_diverged_thread },
	{ "tsync_esrch names none", tsync_esrch_names_none },
	{ "tsync_esrch goes with a listener", tsync_with_a_listener },
	{ "explains a thread that has diverged", explains_the_diverged_thread },
	{ "a listener answers with a value", listener_answers },
	{ "a listener answers with an errno, killable", listener_refuses },
	{ "a listener lets the call go on", listener_lets_go_on },
	{ "explains that there is a listener already", refuses_a_second_listener },
};

int main(void)
{
	return live_main(cases, sizeof(cases) / sizeof(cases[0]));
}
