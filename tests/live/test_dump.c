// SPDX-License-Identifier: MIT
/*
 * The filters of a running process, read back: all that were loaded, in order, unchanged;
 * and the process goes on.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live.h"

/* A process that loads filters, says so and then waits for the pipe to be closed. */
struct sleeper {
	pid_t pid;
	int wake;
};

static const uint32_t layers[][2] = {
	{ SYS_mkdirat, SECCOMP_RET_ERRNO | 1 },
	{ SYS_mkdirat, SECCOMP_RET_ERRNO | 2 },
	{ SYS_unlinkat, SECCOMP_RET_KILL_PROCESS },
};

static void sleep_under(size_t count, int ready, int wake)
{
	struct sock_filter program[LIVE_DENY_LENGTH];
	char byte;

	for (size_t i = 0; i < count; i++) {
		live_deny(layers[i][0], layers[i][1], program);
		if (callgate_program_load(program, LIVE_DENY_LENGTH, NULL, NULL))
			_exit(2);
	}
	if (write(ready, "", 1) != 1)
		_exit(3);
	_exit(read(wake, &byte, 1) == 0 ? 0 : 4);
}

static int start(size_t count, struct sleeper *ret_sleeper)
{
	int ready[2], wake[2];
	char byte;

	CHECK(pipe(ready) == 0 && pipe(wake) == 0);
	ret_sleeper->pid = fork();
	if (ret_sleeper->pid == 0) {
		close(wake[1]);
		sleep_under(count, ready[1], wake[0]);
	}
	close(ready[1]);
	close(wake[0]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	ret_sleeper->wake = wake[1];
	return 0;
}

/* It still runs as it would have. */
static int finish(const struct sleeper *sleeper)
{
	int status;

	close(sleeper->wake);
	CHECK(waitpid(sleeper->pid, &status, 0) == sleeper->pid);
	CHECK(status == 0);
	return 0;
}

static int each_layer_as_it_was_loaded(void)
{
	struct sleeper sleeper;

	CHECK(start(3, &sleeper) == 0);
	for (size_t i = 0; i < 3; i++) {
		struct sock_filter program[LIVE_DENY_LENGTH];
		struct callgate_filter *filter;

		live_deny(layers[i][0], layers[i][1], program);
		CHECK(callgate_process_filter(sleeper.pid, i + 1, NULL, &filter) == 0);
		CHECK(callgate_filter_length(filter) == LIVE_DENY_LENGTH);
		CHECK(memcmp(callgate_filter_program(filter), program,
			     sizeof(program)) == 0);
		callgate_filter_free(filter);
	}
	return finish(&sleeper);
}

static int all_layers_at_once(void)
{
	struct sock_filter program[LIVE_DENY_LENGTH];
	struct callgate_filter **filters;
	struct sleeper sleeper;
	size_t count;

	CHECK(start(3, &sleeper) == 0);
	CHECK(callgate_process_filters(sleeper.pid, NULL, &filters, &count) == 0);
	CHECK(count == 3);
	for (size_t i = 0; i < count; i++) {
		live_deny(layers[i][0], layers[i][1], program);
		CHECK(memcmp(callgate_filter_program(filters[i]), program,
			     sizeof(program)) == 0);
		callgate_filter_free(filters[i]);
	}
	free(filters);
	return finish(&sleeper);
}

static int all_layers_as_one(void)
{
	struct seccomp_data call = { .arch = 0xc000003e };
	struct callgate_filter *filter;
	struct sleeper sleeper;

	CHECK(start(3, &sleeper) == 0);
	CHECK(callgate_process_filter(sleeper.pid, 0, NULL, &filter) == 0);
	call.nr = SYS_mkdirat;
	CHECK(callgate_filter_run(filter, &call).value == (SECCOMP_RET_ERRNO | 2));
	call.nr = SYS_unlinkat;
	CHECK(callgate_filter_run(filter, &call).value == SECCOMP_RET_KILL_PROCESS);
	callgate_filter_free(filter);
	return finish(&sleeper);
}

static int a_stopped_process_stays_stopped(void)
{
	struct callgate_filter *filter;
	struct sleeper sleeper;
	int status;

	CHECK(start(1, &sleeper) == 0);
	CHECK(kill(sleeper.pid, SIGSTOP) == 0);
	CHECK(waitpid(sleeper.pid, &status, WUNTRACED) == sleeper.pid);
	CHECK(callgate_process_filter(sleeper.pid, 1, NULL, &filter) == 0);
	callgate_filter_free(filter);
	CHECK(waitpid(sleeper.pid, &status, WNOHANG | WUNTRACED) <= 0 ||
	      WIFSTOPPED(status));
	CHECK(kill(sleeper.pid, SIGCONT) == 0);
	return finish(&sleeper);
}

static int fails(int pid, size_t layer, int error, const char *code, const char *text)
{
	struct callgate_diagnostics *found = callgate_diagnostics_new();
	struct callgate_filter *filter;

	CHECK(callgate_process_filter(pid, layer, found, &filter) == error);
	CHECK(!filter);
	CHECK(live_says(found, code, text));
	callgate_diagnostics_free(found);
	return 0;
}

static int says_what_there_is_not(void)
{
	struct sleeper free_one, sleeper;
	pid_t gone = fork();

	if (gone == 0)
		_exit(0);
	CHECK(waitpid(gone, NULL, 0) == gone);
	CHECK(fails(gone, 0, -ESRCH, "no-process", "no process") == 0);
	CHECK(fails(-1, 0, -ESRCH, "no-process", "number") == 0);
	CHECK(start(0, &free_one) == 0 && start(1, &sleeper) == 0);
	CHECK(fails(free_one.pid, 0, -ENOENT, "no-filter", "no seccomp") == 0);
	CHECK(fails(sleeper.pid, 2, -ERANGE, "no-layer", "of 1 filter none") == 0);
	close(sleeper.wake);
	return finish(&free_one);
}

static int says_who_traces_it(void)
{
	struct sleeper sleeper;
	pid_t tracer;
	int pipes[2], status;
	char byte;

	CHECK(start(1, &sleeper) == 0 && pipe(pipes) == 0);
	tracer = fork();
	if (tracer == 0) {
		status = (int)ptrace(PTRACE_SEIZE, sleeper.pid, NULL, NULL);
		if (write(pipes[1], "", 1) == 1)
			pause();
		_exit(status);
	}
	CHECK(read(pipes[0], &byte, 1) == 1);
	CHECK(fails(sleeper.pid, 0, -EPERM, "traced", "is traced by process") == 0);
	kill(tracer, SIGKILL);
	CHECK(waitpid(tracer, &status, 0) == tracer);
	return finish(&sleeper);
}

static int every_refusal_is_explained(void)
{
	static const struct {
		int error;
		const char *code, *text;
	} refusals[] = {
		{ -ESRCH, "no-process", "or it ended" },
		{ -ENOENT, "no-filter", "has no seccomp filter" },
		{ -EPERM, "not-permitted", "may not look into" },
		{ -EACCES, "not-permitted", "CAP_SYS_ADMIN" },
		{ -ETIMEDOUT, "not-stopped", "did not stop" },
		{ -EOPNOTSUPP, "not-supported", "does not show filters" },
		{ -EFBIG, "not-read", "File too large" },
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct callgate_diagnostics *found = callgate_diagnostics_new();

		callgate_process_explain(getpid(), refusals[i].error, found);
		CHECK(callgate_diagnostics_count(found) == 1);
		CHECK(live_says(found, refusals[i].code, refusals[i].text));
		callgate_diagnostics_free(found);
	}
	return 0;
}

static int a_fenced_reader_is_told_why(void)
{
	struct sock_filter program[LIVE_DENY_LENGTH];
	struct sleeper sleeper;

	CHECK(start(1, &sleeper) == 0);
	live_deny(SYS_mkdirat, SECCOMP_RET_ERRNO | 1, program);
	CHECK(callgate_program_load(program, LIVE_DENY_LENGTH, NULL, NULL) == 0);
	CHECK(fails(sleeper.pid, 0, -EACCES, "not-permitted", "under one") == 0);
	return finish(&sleeper);
}

static const struct live_case cases[] = {
	{ "each layer is read as it was loaded", each_layer_as_it_was_loaded, 0 },
	{ "all layers are read in their order", all_layers_at_once, 0 },
	{ "all layers are read as one filter", all_layers_as_one, 0 },
	{ "a stopped process stays stopped", a_stopped_process_stays_stopped, 0 },
	{ "what is not there is an error that says so", says_what_there_is_not, 0 },
	{ "another tracer is named", says_who_traces_it, 0 },
	{ "every refusal is explained", every_refusal_is_explained, 0 },
	{ "who is under a filter is told why nothing is shown",
	  a_fenced_reader_is_told_why, 0 },
};

/* Reading filters is for root, and a kernel may be built without. */
static int check_permission(void)
{
	struct callgate_filter *filter = NULL;
	struct sleeper sleeper;
	int error;

	if (start(1, &sleeper))
		return LIVE_SKIP;
	error = callgate_process_filter(sleeper.pid, 0, NULL, &filter);
	callgate_filter_free(filter);
	finish(&sleeper);
	if (error)
		printf("filters cannot be read here: %s\n", strerror(-error));
	return error ? LIVE_SKIP : 0;
}

int main(void)
{
	int skip = live_check_machine();

	if (!skip)
		skip = check_permission();
	return skip ? skip : live_main(cases, sizeof(cases) / sizeof(cases[0]));
}
