// SPDX-License-Identifier: MIT
/*
 * Holds the evidence of an audit against the kernel: each planted filter is put on a
 * child, which makes the calls that are said to show the flaw.
 *
 *     allow        the answer is not the filter's, or the child has ended by its own
 *     errno N      the answer is -N
 *     kill, trap   the child ends by SIGSYS
 *
 * Arguments that are not said are 0, and most calls fail with that; those that would not
 * be harmless are left out with the reason.
 */
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/audit.h>

#include "audit/cases.h"
#include "live/live.h"
#include "raw_call.h"

#ifndef __x86_64__

int main(void)
{
	puts("skipped: the calls are those of x86_64");
	return LIVE_SKIP;
}

#else

/* Shared with the child, which needs no call to write to it. */
static volatile long *answer;

#define NO_ANSWER 0x7fffffffffffffffL

struct tally {
	unsigned made, skipped, wrong;
	bool has_i386;
};

/*
 * Nothing that a call with arguments of 0 could harm: descriptor 0, which would be the
 * machine's /dev/null for fchmod(0, 0), is a file of nobody's, and so is the process.
 */
static bool make_harmless(void)
{
	int file = memfd_create("harmless", MFD_CLOEXEC);

	for (int i = 0; i <= 2; i++)
		if (file < 0 || dup2(file, i) != i)
			return false;
	return geteuid() != 0 ||
	       (!setgroups(0, NULL) && !setresgid(65534, 65534, 65534) &&
		!setresuid(65534, 65534, 65534));
}

/* Ends by an exception once there is an answer: the filter may forbid exit. */
static void child(const struct callgate_filter *filter, const struct seccomp_data *call)
{
	const struct sock_fprog program = {
		(unsigned short)callgate_filter_length(filter),
		(struct sock_filter *)(uintptr_t)callgate_filter_program(filter),
	};
	uint64_t arguments[6];

	for (size_t i = 0; i < 6; i++)
		arguments[i] = call->args[i];
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	signal(SIGILL, SIG_DFL);
	signal(SIGSYS, SIG_DFL);
	alarm(10);
	if (!make_harmless() || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(1);
	*answer = call->arch == AUDIT_ARCH_I386 ? raw_call_i386(call->nr, arguments)
						: raw_call(call->nr, arguments);
	__builtin_trap();
}

/* What the kernel made of the call: the child's wait status. */
static int make_call(const struct callgate_filter *filter,
		     const struct seccomp_data *call)
{
	int status = 0;
	pid_t pid;

	*answer = NO_ANSWER;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(filter, call);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static bool is_confirmed(uint32_t verdict, int status)
{
	uint32_t data = verdict & SECCOMP_RET_DATA;

	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		if (*answer == NO_ANSWER) /* it was exit_group(0) */
			return WIFEXITED(status) && WEXITSTATUS(status) == 0;
		return *answer != -AUDIT_DENIED;
	case SECCOMP_RET_ERRNO:
		return *answer == -(long)data;
	default:
		return *answer == NO_ANSWER && WIFSIGNALED(status) &&
		       WTERMSIG(status) == SIGSYS;
	}
}

/* It would make a second process of the test. */
static bool is_forking(const struct seccomp_data *call, uint32_t verdict)
{
	return callgate_verdict_allows(verdict) && call->arch == AUDIT_ARCH_X86_64 &&
	       (call->nr == SYS_clone || call->nr == SYS_fork || call->nr == SYS_vfork);
}

static void check_call(const struct callgate_filter *filter,
		       const struct seccomp_data *call, uint32_t verdict,
		       struct tally *tally)
{
	char *text;
	int status;

	if ((call->arch == AUDIT_ARCH_I386 && !tally->has_i386) ||
	    is_forking(call, verdict)) {
		tally->skipped++;
		return;
	}
	tally->made++;
	status = make_call(filter, call);
	if (is_confirmed(verdict, status))
		return;
	tally->wrong++;
	text = callgate_call_text(call);
	printf("  %s: wanted verdict %#x, the answer is %ld, the status %#x\n", text,
	       verdict, *answer, (unsigned)status);
	free(text);
}

static void check_finding(const struct callgate_filter *filter,
			  const struct callgate_finding *finding, struct tally *tally)
{
	if (finding->risk < CALLGATE_RISK_LOW)
		return;
	if (finding->has_call)
		check_call(filter, &finding->call, finding->verdict, tally);
	if (finding->has_other)
		check_call(filter, &finding->other, finding->other_verdict, tally);
}

static void check_case(const struct audit_case *test, struct tally *tally)
{
	struct callgate_filter *filter = audit_case_filter(test);
	struct callgate_audit *audit = NULL;
	unsigned before = tally->made + tally->skipped;

	if (test->unsafe) {
		printf("  %s: skipped: %s\n", test->name, test->unsafe);
		tally->skipped++;
	} else if (!filter || callgate_filter_audit(filter, NULL, &audit)) {
		tally->wrong++;
	} else {
		for (size_t i = 0; i < callgate_audit_count(audit); i++)
			check_finding(filter, callgate_audit_at(audit, i), tally);
	}
	if (tally->made + tally->skipped == before) {
		printf("  %s: no call shows it\n", test->name);
		tally->wrong++;
	}
	callgate_audit_free(audit);
	callgate_filter_free(filter);
}

int main(void)
{
	struct callgate_features features;
	struct tally tally = { 0 };
	int skip = live_check_machine();

	if (skip)
		return skip;
	answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answer == MAP_FAILED || callgate_features_probe(&features))
		return 1;
	tally.has_i386 = features.i386_abi == CALLGATE_PRESENT;
	for (size_t i = 0; i < audit_planted_count; i++)
		check_case(&audit_planted[i], &tally);
	printf("%u calls made, %u skipped, %u wrong\n", tally.made, tally.skipped,
	       tally.wrong);
	return tally.wrong > 0 || tally.made == 0;
}

#endif
