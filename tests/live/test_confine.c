// SPDX-License-Identifier: MIT
/*
 * Policies from text to a fenced process: all threads are confined, nothing is loaded when
 * anything is wrong, and a policy may forbid even its own loading and starting.
 */
#include "live/live.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int denies(void)
{
	CHECK(callgate_confine("default allow\nerrno EDOM getpgid", NULL) == 0);
	CHECK(live_call(SYS_getpgid, 0, 0, 0) == -EDOM);
	CHECK(live_call(SYS_getpid, 0, 0, 0) == getpid());
	return 0;
}

static void *confine(void *ret_error)
{
	*(int *)ret_error = callgate_confine("default allow\nerrno EDOM getpgid", NULL);
	return NULL;
}

/* Whichever thread calls. */
static int reaches_all_threads(void)
{
	pthread_t thread;
	int error = -1;

	CHECK(pthread_create(&thread, NULL, confine, &error) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK(error == 0);
	CHECK(live_call(SYS_getpgid, 0, 0, 0) == -EDOM);
	return 0;
}

static int loads_nothing_wrong(void)
{
	static const struct {
		const char *policy;
		int error;
		const char *code;
	} cases[] = {
		{ "allow opennat", -EINVAL, "unknown-syscall" },
		{ "default allow\nexpect deny read", -EINVAL, "expect-failed" },
		{ "include \"x.gate\"", -EINVAL, "include-unavailable" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();

		CHECK(callgate_confine(cases[i].policy, diagnostics) == cases[i].error);
		CHECK(live_says(diagnostics, cases[i].code, ""));
		callgate_diagnostics_free(diagnostics);
	}
	CHECK(callgate_seccomp_mode() == SECCOMP_MODE_DISABLED);
	CHECK(callgate_no_new_privs() == 0);
	return 0;
}

/* A second fence cannot widen the first, but it can be narrower. */
static int adds_up(void)
{
	CHECK(callgate_confine("default allow\nerrno EDOM getpgid", NULL) == 0);
	CHECK(callgate_confine("default allow\nerrno EDOM getsid", NULL) == 0);
	CHECK(live_call(SYS_getpgid, 0, 0, 0) == -EDOM);
	CHECK(live_call(SYS_getsid, 0, 0, 0) == -EDOM);
	return 0;
}

/* What is killed while a refusal is looked into is a child. */
static int explains_a_closed_fence(void)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();

	CHECK(callgate_confine("default allow\nerrno EPERM seccomp", NULL) == 0);
	CHECK(callgate_confine("default allow", diagnostics) == -EPERM);
	CHECK(live_says(diagnostics, "refused", "loaded already may forbid it"));
	callgate_diagnostics_free(diagnostics);
	return 0;
}

static int kills(void)
{
	CHECK(callgate_confine("default allow\nkill getpgid", NULL) == 0);
	return (int)live_call(SYS_getpgid, 0, 0, 0);
}

/* --- programs ---------------------------------------------------------------------- */

static struct callgate_filter *compile(const char *text, bool log_only)
{
	struct callgate_policy *policy = NULL;
	struct callgate_filter *filter = NULL;

	callgate_policy_parse(text, strlen(text), NULL, NULL, &policy);
	if (policy && log_only)
		callgate_policy_log_only(policy);
	if (policy)
		callgate_policy_compile(policy, NULL, NULL, &filter);
	callgate_policy_free(policy);
	return filter;
}

static int run_shell(const char *policy, bool log_only, char *script)
{
	const struct callgate_filter *filter = compile(policy, log_only);
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, script, NULL };

	CHECK(filter);
	return callgate_exec(&filter, 1, argv, NULL, NULL);
}

static int starts_what_may_not_start(void)
{
	return run_shell("default allow\nkill seccomp\n"
			 "kill prctl(option in {PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS})\n"
			 "errno EPERM execve, execveat",
			 false, (char[]){ "exit 7" });
}

/* 126 is what a shell says of a program that it may not execute. */
static int closes_the_way_in(void)
{
	return run_shell("default allow\nerrno EPERM execve, execveat", false,
			 (char[]){ "/bin/true 2>/dev/null" });
}

/* Nothing is allowed: the program's first call ends it, not one of the launcher's. */
static int starts_under_nothing(void)
{
	return run_shell("default kill", false, (char[]){ "exit 0" });
}

static int log_only_denies_nothing(void)
{
	return run_shell("default kill", true, (char[]){ "/bin/true && exit 5" });
}

static const struct live_case cases[] = {
	{ "confines the calling thread", denies },
	{ "confines all threads, whichever calls", reaches_all_threads },
	{ "loads nothing when the policy is wrong", loads_nothing_wrong },
	{ "adds fences up", adds_up },
	{ "explains a fence that allows no further one", explains_a_closed_fence },
	{ "kills for what is forbidden so", kills, SIGSYS },
	{ "starts a program that the policy does not let start",
	  starts_what_may_not_start, 7 << 8 },
	{ "closes the way in behind it", closes_the_way_in, 126 << 8 },
	{ "starts a program that may do nothing at all", starts_under_nothing, SIGSYS },
	{ "denies nothing when it is to log only", log_only_denies_nothing, 5 << 8 },
};

int main(void)
{
	return live_main(cases, sizeof(cases) / sizeof(cases[0]));
}
