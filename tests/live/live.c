// SPDX-License-Identifier: MIT
/*
 * Children that tests run their bodies in, and small filters.
 */
#include "live/live.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The test runner's handlers would answer for the child. */
static void reset_signals(void)
{
	static const int signals[] = { SIGSEGV, SIGSYS, SIGILL, SIGBUS, SIGFPE };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	prctl(PR_SET_DUMPABLE, 0);
}

int live_run(live_body body)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		reset_signals();
		_exit(body());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static int load_trivial(void)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	return -callgate_program_load(&allow, 1, NULL, NULL);
}

int live_check_machine(void)
{
	int status = live_run(load_trivial);

	if (status == 0)
		return 0;
	printf("skipped: a filter cannot be loaded here: %s\n",
	       WIFEXITED(status) ? strerror(WEXITSTATUS(status)) : "killed");
	return LIVE_SKIP;
}

static void run_case(void **state)
{
	const struct live_case *test = *state;

	assert_int_equal(live_run(test->body), test->status);
}

int live_main(const struct live_case *cases, size_t count)
{
	struct CMUnitTest *tests = calloc(count, sizeof(*tests));
	int failed = live_check_machine();

	assert_non_null(tests);
	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){
			.name = cases[i].name,
			.test_func = run_case,
			.initial_state = (void *)(uintptr_t)&cases[i],
		};
	if (!failed)
		failed = _cmocka_run_group_tests("live", tests, count, NULL, NULL);
	free(tests);
	return failed;
}

void live_deny(uint32_t number, uint32_t verdict,
	       struct sock_filter ret_program[LIVE_DENY_LENGTH])
{
	const struct sock_filter program[LIVE_DENY_LENGTH] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	memcpy(ret_program, program, sizeof(program));
}

long live_call(long number, long a, long b, long c)
{
	long answer = syscall(number, a, b, c, 0L, 0L, 0L);

	return answer < 0 ? -errno : answer;
}

bool live_says(const struct callgate_diagnostics *diagnostics, const char *code,
	       const char *text)
{
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++) {
		const struct callgate_diagnostic *entry =
			callgate_diagnostics_at(diagnostics, i);

		if (strcmp(entry->code, code) == 0 &&
		    (strstr(entry->message, text) ||
		     (entry->hint && strstr(entry->hint, text))))
			return true;
		dprintf(2, "it says %s: %s\n", entry->code, entry->message);
	}
	return false;
}
