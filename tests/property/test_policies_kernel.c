// SPDX-License-Identifier: MIT
/*
 * The same policies, asked of the kernel: a child loads the emitted filter and makes the
 * calls raw, by `syscall` and, for i386, by `int $0x80`.
 *
 * Every verdict of such a policy is an errno of its own, so no call does anything but say
 * which rule decided it; all but exit_group(), with which the child ends.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <linux/audit.h>

#include "parties.h"
#include "raw_call.h"

#define SKIPPED	 77
#define POLICIES 350
#define PROBES	 50

#define I386_GETPID 20

#define S390_NR_RESTART 7
#define S390_NR_SURE	400 /* of later ones not every kernel has all */

/* Shared with the child. */
struct calls {
	struct seccomp_data calls[PROBES];
	long answers[PROBES];
};

/* --- the child -------------------------------------------------------------------- */

static long make_call(const struct seccomp_data *call)
{
	uint64_t arguments[6];

	for (size_t i = 0; i < 6; i++)
		arguments[i] = call->args[i];
#ifdef __x86_64__
	if (call->arch != abi_native()->audit_arch)
		return raw_call_i386(call->nr, arguments);
#endif
	return raw_call(call->nr, arguments);
}

static _Noreturn void child(const struct callgate_filter *filter, struct calls *calls)
{
	struct sock_filter code[BPF_MAXINSNS];
	struct sock_fprog program = {
		.len = (unsigned short)callgate_filter_length(filter),
		.filter = code,
	};
	const uint64_t status[6] = { 0 };

	memcpy(code, callgate_filter_program(filter), sizeof(code[0]) * program.len);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		_exit(1);
	for (size_t i = 0; i < PROBES; i++)
		calls->answers[i] = make_call(&calls->calls[i]);
	for (;;)
		raw_call(SYS_exit_group, status);
}

/* --- the parent ------------------------------------------------------------------- */

struct machine {
	bool has_i386;
	struct generate_options options;
};

#ifdef __x86_64__
/* Whether this kernel has calls of i386; where not, `int $0x80` is a fault. */
static bool has_i386(void)
{
	const uint64_t arguments[6] = { 0 };
	pid_t pid = fork();
	int status = 1;

	if (pid == 0) {
		raw_call_i386(I386_GETPID, arguments);
		_exit(0);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}
#endif

static struct machine find_machine(void)
{
	struct machine machine = {
		.options = { .abis = { abi_native() },
			     .abi_count = 1,
			     .only_errnos = true,
			     .allowed_number = SYS_exit_group,
			     .instruction_pointer = RAW_CALL_IP,
			     .without_pointer = RAW_CALL_IP == 0 },
	};

#ifdef __x86_64__
	struct generate_options *options = &machine.options;

	machine.has_i386 = has_i386();
	options->abis[options->abi_count++] = abi_by_name(str_of("x32"));
	if (machine.has_i386)
		options->abis[options->abi_count++] = abi_by_name(str_of("i386"));
#endif
	return machine;
}

/* The call as this machine can make it. */
static void make_real(const struct machine *machine, struct seccomp_data *call)
{
	const bool is_i386 =
		call->arch != abi_native()->audit_arch && machine->has_i386;

	call->arch = abi_native()->audit_arch;
	call->instruction_pointer = RAW_CALL_IP;
#ifdef __x86_64__
	if (is_i386) {
		call->arch = AUDIT_ARCH_I386;
		call->instruction_pointer = RAW_CALL_I386_IP;
	}
#endif
	for (size_t i = 0; i < 6; i++)
		call->args[i] &= is_i386 ? UINT32_MAX : ULONG_MAX;
#ifdef __s390x__
	/*
	 * 16 bits of a number count, a number without a call is 0, and 7 goes on elsewhere
	 * (__do_syscall() of arch/s390/kernel/syscall.c).
	 */
	call->nr &= 0xffff;
	if (call->nr > S390_NR_SURE || call->nr == S390_NR_RESTART)
		call->nr = 0;
#endif
}

/*
 * Calls that the kernel makes without asking any filter: a uprobe's trampoline uses
 * them, and a filter that predates them must not break the program (x86_64, Linux 6.14;
 * seccomp_uprobe_exception() of kernel/seccomp.c).
 */
static bool is_never_filtered(const struct seccomp_data *call)
{
	return call->arch == AUDIT_ARCH_X86_64 && (call->nr == 335 || call->nr == 336);
}

/* Fills in calls that the simulators agree on. */
static bool choose_calls(struct random *random, const struct machine *machine,
			 const struct parties *parties, struct calls *calls)
{
	struct seccomp_data *call;
	uint32_t verdict;

	for (size_t i = 0; i < PROBES;) {
		call = &calls->calls[i];
		generate_call(random, &parties->generated, call);
		make_real(machine, call);
		if (is_never_filtered(call))
			continue;
		if (!parties_agree(parties, call, &verdict))
			return false;
		/* The one call that is allowed would end the child. */
		if ((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
			calls->answers[i++] = -(long)(verdict & SECCOMP_RET_DATA);
	}
	return true;
}

static bool run_child(const struct parties *parties, struct calls *calls)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		child(parties->filter, calls);
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("a child");
		return false;
	}
	if (status != 0)
		printf("the child ended with wait status 0x%x\n", (unsigned)status);
	return status == 0;
}

static bool ask_kernel(struct random *random, const struct machine *machine,
		       const struct parties *parties, struct calls *calls)
{
	static long wanted[PROBES];

	if (!choose_calls(random, machine, parties, calls))
		return false;
	memcpy(wanted, calls->answers, sizeof(wanted));
	memset(calls->answers, 0xff, sizeof(calls->answers));
	if (!run_child(parties, calls)) {
		parties_report(parties, &calls->calls[0]);
		return false;
	}
	for (size_t i = 0; i < PROBES; i++) {
		if (calls->answers[i] == wanted[i])
			continue;
		parties_report(parties, &calls->calls[i]);
		printf("kernel: %ld\n", calls->answers[i]);
		return false;
	}
	return true;
}

static bool run(struct random *random, uint64_t policies, struct calls *calls)
{
	const struct machine machine = find_machine();
	bool same = true;

	for (uint64_t i = 0; same && i < policies; i++) {
		struct parties parties;

		same = parties_make(random, &machine.options, &parties) &&
		       ask_kernel(random, &machine, &parties, calls);
		parties_done(&parties);
	}
	if (same)
		printf("%llu policies, %llu raw system calls%s: no difference\n",
		       (unsigned long long)policies,
		       (unsigned long long)(policies * PROBES),
		       machine.has_i386 ? ", i386 among them" : "");
	return same;
}

int main(void)
{
	uint64_t policies = POLICIES * number_from_environment("CALLGATE_EFFORT", 1);
	struct random random = { random_seed() };
	struct calls *calls = mmap(NULL, sizeof(*calls), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	setvbuf(stdout, NULL, _IOLBF, 0); /* or a child prints it again */
	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	if (calls == MAP_FAILED || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
		printf("this machine has no seccomp\n");
		return SKIPPED;
	}
	return !run(&random, policies, calls);
}
