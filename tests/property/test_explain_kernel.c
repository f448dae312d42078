// SPDX-License-Identifier: MIT
/*
 * What a supervised program sees is what it sees without: for random policies, with
 * verdicts of every kind, and calls, native and of i386, in the first thread or another,
 * with SIGSYS handled, ignored or blocked, in a storm of signals. The same program runs
 * twice and writes down what comes of each call: the result, the siginfo and registers of
 * a SIGSYS handler, and how it ended. Handlers of the storm with SA_RESTART hide it; without
 * it a denied call may also end with EINTR, and made again it is as without --explain.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <linux/audit.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "callgate.h"
#include "explain_child.h"
#include "parties.h"

#define SKIPPED	 77
#define POLICIES 100

/* --- filters ----------------------------------------------------------------------- */

/* Errnos are as good as names; this makes verdicts of every kind of them. */
static uint32_t verdict_of(uint32_t value)
{
	uint32_t number = value & SECCOMP_RET_DATA;

	switch (number % 16) {
	case 0:
		return SECCOMP_RET_KILL_PROCESS | number;
	case 1:
		return SECCOMP_RET_KILL_THREAD | number;
	case 2:
	case 3:
	case 4:
	case 5:
		return SECCOMP_RET_TRAP | number;
	case 6:
		return SECCOMP_RET_USER_NOTIF | number;
	case 7:
		return SECCOMP_RET_TRACE | number;
	default:
		return SECCOMP_RET_ERRNO | (number == 9 ? 0xffff : number);
	}
}

/* The filter with such verdicts, and with the program's own calls let through. */
static struct callgate_filter *make_filter(const struct callgate_filter *filter)
{
	static struct sock_filter code[BPF_MAXINSNS + 6];
	const size_t passport = offsetof(struct seccomp_data, args[5]);
	const size_t length = callgate_filter_length(filter);
	const struct sock_filter clause[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)passport),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)PASSPORT, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)passport + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(PASSPORT >> 32), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0),
	};
	const size_t before = sizeof(clause) / sizeof(*clause);
	struct callgate_filter *made;

	memcpy(code, clause, sizeof(clause));
	memcpy(code + before, callgate_filter_program(filter), length * sizeof(*code));
	for (size_t i = before; i < before + length; i++)
		if (code[i].code == (BPF_RET | BPF_K) &&
		    (code[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
			code[i].k = verdict_of(code[i].k);
	return callgate_filter_from_program(code, before + length, NULL, &made) ? NULL
										: made;
}

/* --- calls ------------------------------------------------------------------------- */

/* The call as the program can make it. */
static bool make_real(struct seccomp_data *call)
{
	bool is_i386 = call->arch == AUDIT_ARCH_I386;

	call->arch = is_i386 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
	call->instruction_pointer = is_i386 ? CALL_I386_IP : CALL_IP;
	for (size_t i = 0; is_i386 && i < 6; i++)
		call->args[i] &= UINT32_MAX;
	return is_i386;
}

/*
 * See test_policies_kernel: the kernel asks no filter about 335 and 336. The number -1,
 * which is how it says that there is no call, it does not make again after a signal.
 * And exit_group, which the policy allows, would end the program.
 */
static bool is_out_of_question(const struct seccomp_data *call)
{
	if (call->nr == -1)
		return true;
	return call->arch == AUDIT_ARCH_X86_64 &&
	       (call->nr == 335 || call->nr == 336 || call->nr == SYS_exit_group);
}

static void choose_calls(struct random *random, const struct generated *generated,
			 struct child_work *work)
{
	for (size_t i = 0; i < CALLS;) {
		struct seccomp_data *call = &work->calls[i];

		generate_call(random, generated, call);
		work->is_i386[i] = make_real(call);
		i += !is_out_of_question(call);
	}
	work->sigsys = (enum sigsys)random_below(random, 4);
	if (random_percent(random, 60))
		work->sigsys = SIGSYS_HANDLED;
	work->storm = random_percent(random, 60) ? 50 + random_below(random, 400) : 0;
	work->restarts = random_percent(random, 60);
	work->threaded = random_percent(random, 30);
}

/* --- the two runs ------------------------------------------------------------------ */

static bool want_stack(void *context, const struct callgate_supervisor *supervisor,
		       const struct callgate_denial *denial)
{
	struct random *random = context;

	return callgate_denial_waits(supervisor, denial) && random_percent(random, 50);
}

static bool glance(void *context, const struct callgate_supervisor *supervisor,
		   const struct callgate_denial *denial)
{
	(void)context;
	(void)supervisor;
	return denial->id % 3 == 0;
}

static int run_plain(const struct callgate_filter *filter, char *const *argv)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		callgate_exec(&filter, 1, argv, NULL, NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	return status;
}

static int run_explained(struct random *random, const struct callgate_filter *filter,
			 char *const *argv)
{
	const struct callgate_supervise_handler handler = {
		.glance = glance,
		.denied = want_stack,
		.context = random,
	};
	const struct callgate_supervise_options options = { .handler = &handler };
	int status = -1, error;

	/* Those that answered before. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	error = callgate_supervise(&filter, 1, argv, &options, NULL, &status);

	if (error)
		printf("callgate_supervise: %s\n", strerror(-error));
	return error ? -1 : status;
}

static void print_outcome(const char *what, const struct outcome *outcome)
{
	const struct trapped *trapped = &outcome->trapped;

	printf("%s: made %u, result %lld, traps %u: error %d code %d call %d arch %#x "
	       "at "
	       "%#llx mask %#llx\n",
	       what, outcome->is_made, (long long)outcome->result, outcome->traps,
	       trapped->error, trapped->code, trapped->call, (unsigned)trapped->arch,
	       (unsigned long long)trapped->call_address,
	       (unsigned long long)trapped->mask);
	for (size_t i = 0; outcome->traps && i < 18; i++)
		printf(" %#llx", (unsigned long long)trapped->registers[i]);
	printf("\n");
}

static bool compare(const struct callgate_filter *filter,
		    const struct child_work *plain, const struct child_work *explained)
{
	for (size_t i = 0; i < CALLS; i++) {
		const struct seccomp_data *call = &plain->calls[i];

		if (memcmp(&plain->outcomes[i], &explained->outcomes[i],
			   sizeof(plain->outcomes[i])) == 0)
			continue;
		printf("call %zu: nr %d arch %#x verdict %#x sigsys %d threaded %u\n",
		       i, call->nr, call->arch, callgate_filter_run(filter, call).value,
		       (int)plain->sigsys, plain->threaded);
		print_outcome("plain", &plain->outcomes[i]);
		print_outcome("explained", &explained->outcomes[i]);
		return false;
	}
	return plain->joined == explained->joined;
}

static bool run_both(struct random *random, const struct callgate_filter *filter,
		     struct child_work *work, char *const *argv)
{
	const struct child_work fresh = *work;
	struct child_work plain;
	int first = run_plain(filter, argv), second;

	plain = *work;
	*work = fresh;
	second = run_explained(random, filter, argv);
	if (first == second)
		return compare(filter, &plain, work);
	printf("statuses: plain 0x%x, explained 0x%x\n", (unsigned)first,
	       (unsigned)second);
	compare(filter, &plain, work);
	return false;
}

/* A policy's own judgement is the filter's. */
static bool judges_agree(const struct parties *parties, const struct child_work *work)
{
	for (size_t i = 0; i < CALLS; i++)
		if (callgate_policy_judge(&parties->generated.policy, &work->calls[i])
			    .value !=
		    callgate_filter_run(parties->filter, &work->calls[i]).value)
			return false;
	return true;
}

/* What was seen: a test that sees nothing finds no difference either. */
struct tally {
	uint64_t made, traps, signals, joined, interrupted;
};

static void count(struct tally *tally, const struct child_work *work)
{
	for (size_t i = 0; i < CALLS; i++) {
		tally->made += work->outcomes[i].is_made;
		tally->traps += work->outcomes[i].traps;
	}
	tally->signals += work->signals;
	tally->joined += work->joined;
	tally->interrupted += work->interrupted;
}

/* One in some ten thousand is more than a filter can have, optimised or not. */
static bool is_too_large(const struct parties *parties)
{
	return parties->store && !meaning_error(parties->store) && !parties->filter &&
	       !parties->naive.length;
}

static bool run_policy(struct random *random, const struct generate_options *options,
		       struct child_work *work, char *const *argv, struct tally *tally)
{
	struct callgate_filter *filter = NULL;
	struct parties parties;
	bool same = parties_make(random, options, &parties);

	memset(work, 0, sizeof(*work));
	if (same) {
		choose_calls(random, &parties.generated, work);
		filter = make_filter(parties.filter);
		same = filter && judges_agree(&parties, work) &&
		       run_both(random, filter, work, argv);
		count(tally, work);
		callgate_filter_free(filter);
	} else if (is_too_large(&parties)) {
		printf("left out: it is too large\n");
		same = true;
	}
	if (!same)
		parties_report(&parties, &work->calls[0]);
	parties_done(&parties);
	return same;
}

static bool run_all(struct random *random, struct child_work *work, char *const *argv)
{
	const struct generate_options options = {
		.abis = { abi_by_name(str_of("x86_64")), abi_by_name(str_of("x32")),
			  abi_by_name(str_of("i386")) },
		.abi_count = 3,
		.only_errnos = true,
		.allowed_number = SYS_exit_group,
		.instruction_pointer = CALL_IP,
	};
	uint64_t policies = POLICIES * number_from_environment("CALLGATE_EFFORT", 1);
	struct tally tally = { 0 };
	bool same = true;

	for (uint64_t i = 0; same && i < policies; i++)
		same = run_policy(random, &options, work, argv, &tally);
	if (same)
		printf("%llu policies: %llu calls made, %llu traps, %llu threads "
		       "ended, %llu signals, %llu calls interrupted: no difference\n",
		       (unsigned long long)policies, (unsigned long long)tally.made,
		       (unsigned long long)tally.traps,
		       (unsigned long long)tally.joined,
		       (unsigned long long)tally.signals,
		       (unsigned long long)tally.interrupted);
	return same && tally.made && tally.traps && tally.signals && tally.joined;
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };
	struct random random = { random_seed() };
	char id[16];
	char *program[] = { argv[1], id, NULL };
	struct callgate_features features;
	struct child_work *work;
	int memory = shmget(IPC_PRIVATE, sizeof(*work), IPC_CREAT | 0600);
	bool same;

	if (argc < 2 || memory < 0 || callgate_features_probe(&features) ||
	    features.version < 5 * 256 + 19) {
		printf("this machine has no listeners, or no System V shared memory\n");
		return SKIPPED;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	snprintf(id, sizeof(id), "%d", memory);
	work = shmat(memory, NULL, 0);
	shmctl(memory, IPC_RMID, NULL);
	setrlimit(RLIMIT_CORE, &no_core);
	personality(ADDR_NO_RANDOMIZE); /* stack pointers are compared too */
	same = run_all(&random, work, program);
	return !same;
}
