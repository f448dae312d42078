// SPDX-License-Identifier: MIT
/*
 * Calls by other ways than the native one, on the running kernel: x32 numbers, i386 by
 * int 0x80 out of a 64-bit process and out of a 32-bit program, and the number -1. The
 * simulator must say the same. A seccomp filter sees an x32 number before a kernel
 * without x32 refuses it, so that needs no such kernel. An architecture that is none of the
 * machine's cannot be produced on it: there the simulator stands alone.
 */
#include "live/live.h"

#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define X32	     0x40000000u
#define NO_CALL	     0xffffffffu
#define I386_GETPGID 132
#define I386_GETPID  20

#define KILL	  SECCOMP_RET_KILL_PROCESS
#define PASS	  SECCOMP_RET_ALLOW
#define E(number) (SECCOMP_RET_ERRNO | (number))

enum way {
	NATIVE,	 /* the syscall instruction */
	INT_80,	 /* int 0x80, which is i386 */
	UNKNOWN, /* an architecture that this machine has not: simulator alone */
};

/* Only one ABI is listed; what is not listed is `badarch`, and says so by EXDEV. */
static const char one_abi[] = "arch x86_64\n"
			      "default allow\n"
			      "badarch errno EXDEV\n"
			      "errno EDOM getpgid\n";

/* `badarch` is silent: kill. */
static const char silent[] = "arch x86_64\n"
			     "default allow\n"
			     "errno EDOM getpgid\n";

/* Three ABIs, each with an answer of its own. */
static const char three_abis[] = "abi linux-6.1\n"
				 "arch x86_64 x32 i386\n"
				 "default allow\n"
				 "unknown errno ENOTTY\n"
				 "badarch errno EXDEV\n"
				 "errno EDOM x86_64:getpgid\n"
				 "errno ERANGE x32:getpgid\n"
				 "errno EDEADLK i386:getpgid\n";

/* A policy for 32-bit programs alone: every call of the launcher is `badarch`. */
static const char i386_only[] = "arch i386\n"
				"default allow\n"
				"errno EDEADLK getpgid\n";

static const struct {
	const char *name;
	const char *policy;
	enum way way;
	uint32_t number;
	uint32_t verdict;
} cases[] = {
	{ "a rule holds for the listed ABI", one_abi, NATIVE, SYS_getpgid, E(EDOM) },
	{ "x32 is another ABI than x86_64", one_abi, NATIVE, X32 | SYS_getpgid,
	  E(EXDEV) },
	{ "x32 of any number is not listed", one_abi, NATIVE, X32 | 0x3ffffff,
	  E(EXDEV) },
	{ "a negative number is x32 too", one_abi, NATIVE, 0x80000000u | SYS_getpgid,
	  E(EXDEV) },
	{ "i386 is another ABI than x86_64", one_abi, INT_80, I386_GETPGID, E(EXDEV) },
	{ "i386 of the number -1 is not listed", one_abi, INT_80, NO_CALL, E(EXDEV) },
	{ "another architecture is not listed", one_abi, UNKNOWN, SYS_getpgid,
	  E(EXDEV) },
	{ "x32 kills when badarch is silent", silent, NATIVE, X32 | SYS_getpgid, KILL },
	{ "i386 kills when badarch is silent", silent, INT_80, I386_GETPGID, KILL },
	{ "another architecture kills when badarch is silent", silent, UNKNOWN, 0,
	  KILL },
	{ "x86_64 has its own rule", three_abis, NATIVE, SYS_getpgid, E(EDOM) },
	{ "x32 has its own rule", three_abis, NATIVE, X32 | SYS_getpgid, E(ERANGE) },
	{ "i386 has its own rule", three_abis, INT_80, I386_GETPGID, E(EDEADLK) },
	{ "an i386 call that no rule matches follows the default", three_abis, INT_80,
	  I386_GETPID, PASS },
	{ "an x32 call that no rule matches follows the default", three_abis, NATIVE,
	  X32 | SYS_getpid, PASS },
	{ "an x86_64 number beyond the table is unknown", three_abis, NATIVE, 0x3ffffff,
	  E(ENOTTY) },
	{ "an x32 number beyond the table is unknown", three_abis, NATIVE,
	  X32 | 0x3ffffff, E(ENOTTY) },
	{ "an i386 number beyond the table is unknown", three_abis, INT_80, 0x3ffffff,
	  E(ENOTTY) },
	{ "the number -1 is no x32 call but unknown to x86_64", three_abis, NATIVE,
	  NO_CALL, E(ENOTTY) },
	{ "the number -1 is unknown to i386", three_abis, INT_80, NO_CALL, E(ENOTTY) },
	{ "another architecture than three is not listed", three_abis, UNKNOWN, 0,
	  E(EXDEV) },
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static const char *program32;

static struct callgate_filter *compile(const char *policy)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *parsed = NULL;
	struct callgate_filter *filter = NULL;

	callgate_policy_parse(policy, strlen(policy), NULL, diagnostics, &parsed);
	if (parsed)
		callgate_policy_compile(parsed, NULL, diagnostics, &filter);
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++)
		print_message("%s\n", callgate_diagnostics_at(diagnostics, i)->message);
	callgate_policy_free(parsed);
	callgate_diagnostics_free(diagnostics);
	return filter;
}

static long call_int_80(uint32_t number)
{
	long answer = (int)number;

	__asm__ volatile("int $0x80"
			 : "+a"(answer)
			 : "b"(-1L)
			 : "r8", "r9", "r10", "r11", "cc", "memory");
	return (int)answer;
}

/* Neither getpgid(-1) nor getpid has such an errno by itself. */
static bool fits(uint32_t verdict, long answer)
{
	if (verdict == PASS)
		return answer > 0 || answer == -ENOSYS;
	return answer == -(long)(verdict & SECCOMP_RET_DATA);
}

static size_t current; /* the case; children inherit it */

static int make_the_call(void)
{
	struct callgate_filter *filter = compile(cases[current].policy);
	uint32_t number = cases[current].number;
	long answer;

	CHECK(filter && callgate_filter_load(filter, NULL, NULL, NULL) == 0);
	answer = cases[current].way == INT_80 ? call_int_80(number)
					      : live_call((long)number, -1, 0, 0);
	CHECK(fits(cases[current].verdict, answer));
	return 0;
}

static uint32_t simulate(void)
{
	static const uint32_t arches[] = {
		[NATIVE] = AUDIT_ARCH_X86_64,
		[INT_80] = AUDIT_ARCH_I386,
		[UNKNOWN] = AUDIT_ARCH_S390X,
	};
	const struct seccomp_data call = {
		.nr = (int)cases[current].number,
		.arch = arches[cases[current].way],
		.args = { UINT64_MAX },
	};
	struct callgate_filter *filter = compile(cases[current].policy);
	uint32_t verdict;

	assert_non_null(filter);
	verdict = callgate_filter_run(filter, &call).value;
	callgate_filter_free(filter);
	return verdict;
}

static void simulator_and_kernel_agree(void **state)
{
	(void)state;
	for (current = 0; current < CASES; current++) {
		int wanted = cases[current].verdict == KILL ? SIGSYS : 0;

		print_message("%s\n", cases[current].name);
		assert_int_equal(simulate(), cases[current].verdict);
		if (cases[current].way != UNKNOWN)
			assert_int_equal(live_run(make_the_call), wanted);
	}
}

/* --- a 32-bit program -------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *policy;
	int status; /* as wait(2) has it; the program exits with the errno it got */
} programs[] = {
	{ "a 32-bit program gets the i386 rule", three_abis, EDEADLK << 8 },
	{ "it runs under a policy for i386 alone", i386_only, EDEADLK << 8 },
	{ "it is killed where i386 is not listed", silent, SIGSYS },
};

static int start_program(void)
{
	const struct callgate_filter *filter = compile(programs[current].policy);
	char *const argv[] = { (char *)(uintptr_t)program32, NULL };

	return callgate_exec(&filter, 1, argv, NULL, NULL);
}

static void rules_reach_a_32_bit_program(void **state)
{
	(void)state;
	if (!program32)
		skip();
	for (current = 0; current < sizeof(programs) / sizeof(programs[0]); current++) {
		print_message("%s\n", programs[current].name);
		assert_int_equal(live_run(start_program), programs[current].status);
	}
}

static int reach_i386(void)
{
	call_int_80(I386_GETPID);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(simulator_and_kernel_agree),
		cmocka_unit_test(rules_reach_a_32_bit_program),
	};

	program32 = argc > 1 ? argv[1] : NULL;
	if (live_check_machine())
		return LIVE_SKIP;
	if (live_run(reach_i386)) {
		printf("skipped: this kernel is built without int 0x80\n");
		return LIVE_SKIP;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
