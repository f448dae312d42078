// SPDX-License-Identifier: MIT
/*
 * Holds the simulator against the kernel's interpreter or JIT: random programs that
 * compute with the words of the call and answer with an errno made of all bits of A.
 *
 *     ld [nr]; jeq #exit_group, ALLOW     how the child ends
 *     …                                   anything
 *     mul #k; rsh #20; or #ERRNO; ret a
 *
 * A division by an X of 0 returns 0, which kills: such a call comes last, if there is
 * one.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <stdio.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "bpf/bpf.h"
#include "data/data.h"
#include "random.h"
#include "raw_call.h"

#define SKIPPED	   77
#define PROGRAMS   600
#define CALLS	   20
#define BODY_MAX   24
#define MEMORY_MAX 4 /* words that programs use */
#define HASH	   0x9e3779b1u

#define S(code, k) ((struct sock_filter)BPF_STMT((code), (k)))

struct program {
	struct sock_filter code[BODY_MAX + 16];
	size_t length;
};

/* Shared with the child. */
struct calls {
	struct seccomp_data calls[CALLS];
	long answers[CALLS];
};

/* --- programs ----------------------------------------------------------------------- */

static uint32_t random_operand(struct random *random)
{
	static const uint32_t edges[] = { 1,	      2,	  31,
					  32,	      33,	  0x7fffffff,
					  0x80000000, UINT32_MAX, UINT32_MAX - 31 };

	switch (random_below(random, 3)) {
	case 0:
		return RANDOM_OF(random, edges);
	case 1:
		return 1 + random_below(random, 40);
	default:
		return random_word(random);
	}
}

static struct sock_filter random_arithmetic(struct random *random)
{
	static const uint16_t operations[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV,
					       BPF_AND, BPF_OR,	 BPF_XOR, BPF_LSH,
					       BPF_RSH, BPF_NEG };
	uint16_t operation = RANDOM_OF(random, operations);

	if (operation == BPF_NEG)
		return S(BPF_ALU | BPF_NEG, 0);
	/* Fewer divisions by X, for they are where many a program would end. */
	if (random_percent(random, operation == BPF_DIV ? 20 : 50))
		return S((uint16_t)(BPF_ALU | operation | BPF_X), 0);
	if (operation == BPF_LSH || operation == BPF_RSH)
		return S((uint16_t)(BPF_ALU | operation | BPF_K),
			 random_below(random, 32));
	return S((uint16_t)(BPF_ALU | operation | BPF_K), random_operand(random) | 1);
}

static struct sock_filter random_move(struct random *random)
{
	static const uint16_t moves[] = { BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA,
					  BPF_LD | BPF_W | BPF_LEN,
					  BPF_LDX | BPF_W | BPF_LEN };
	static const uint16_t memory[] = { BPF_ST, BPF_STX, BPF_LD | BPF_MEM,
					   BPF_LDX | BPF_MEM };
	static const uint16_t constants[] = { BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM };

	switch (random_below(random, 4)) {
	case 0:
		return S(RANDOM_OF(random, moves), 0);
	case 1:
		return S(RANDOM_OF(random, memory), random_below(random, MEMORY_MAX));
	case 2:
		return S(RANDOM_OF(random, constants), random_operand(random));
	default:
		return S(BPF_LD | BPF_W | BPF_ABS, 4 * random_below(random, 16));
	}
}

/* `left` instructions of the body follow. */
static struct sock_filter random_jump(struct random *random, size_t left)
{
	static const uint16_t tests[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	uint16_t source = random_percent(random, 50) ? BPF_K : BPF_X;
	uint16_t test = RANDOM_OF(random, tests);

	if (random_percent(random, 15))
		return S(BPF_JMP | BPF_JA, random_below(random, left + 1));
	return (struct sock_filter){ .code = (uint16_t)(BPF_JMP | test | source),
				     .jt = (uint8_t)random_below(random, left + 1),
				     .jf = (uint8_t)random_below(random, left + 1),
				     .k = random_operand(random) };
}

static void append(struct program *program, struct sock_filter instruction)
{
	program->code[program->length++] = instruction;
}

static void random_program(struct random *random, struct program *ret_program)
{
	size_t body = 2 + random_below(random, BODY_MAX - 2);

	ret_program->length = 0;
	append(ret_program, S(BPF_LD | BPF_W | BPF_ABS, 0));
	append(ret_program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 SYS_exit_group, 0, 1));
	append(ret_program, S(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	append(ret_program, S(BPF_LD | BPF_W | BPF_ABS, 16));
	for (uint32_t word = 0; word < MEMORY_MAX; word++)
		append(ret_program, S(word % 2 ? BPF_STX : BPF_ST, word));
	while (body-- > 0) {
		unsigned kind = random_below(random, 10);

		append(ret_program, kind < 5   ? random_arithmetic(random)
				    : kind < 8 ? random_move(random)
					       : random_jump(random, body));
	}
	append(ret_program, S(BPF_ALU | BPF_MUL | BPF_K, HASH));
	append(ret_program, S(BPF_ALU | BPF_RSH | BPF_K, 20));
	append(ret_program, S(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO));
	append(ret_program, S(BPF_RET | BPF_A, 0));
}

/* --- calls -------------------------------------------------------------------------- */

static struct seccomp_data random_call(struct random *random)
{
	struct seccomp_data call = { .nr = (int)random_below(random, 200),
				     .arch = abi_native()->audit_arch,
				     .instruction_pointer = RAW_CALL_IP };

	call.nr += call.nr == SYS_exit_group; /* with which the child ends */
	for (size_t i = 0; i < 6; i++) {
		uint64_t high = random_percent(random, 50) ? random_operand(random) : 0;
		uint64_t low = random_percent(random, 90) ? random_operand(random) : 0;

		/* a register of this machine */
		call.args[i] = (unsigned long)(high << 32 | low);
	}
	return call;
}

/* What the simulator says; how many calls there are, the last of which may kill. */
static size_t choose_calls(struct random *random, const struct program *program,
			   struct calls *calls, bool *ret_kills)
{
	struct program copy = *program;
	struct bpf_program simulated = { copy.code, copy.length,
					 abi_native()->big_endian };
	size_t count = 0;

	for (*ret_kills = false; count < CALLS && !*ret_kills; count++) {
		struct seccomp_data call = random_call(random);
		uint32_t value = bpf_run(&simulated, &call).value;

		*ret_kills = value == SECCOMP_RET_KILL_THREAD;
		calls->calls[count] = call;
		calls->answers[count] = -(long)(value & SECCOMP_RET_DATA);
	}
	return count;
}

/* Returns the wait status, -1 when there is no child. */
static int run_child(const struct program *program, struct calls *calls, size_t count)
{
	struct program copy = *program;
	struct sock_fprog load = { .len = (unsigned short)copy.length,
				   .filter = copy.code };
	const uint64_t zero[6] = { 0 };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &load))
			_exit(1);
		for (size_t i = 0; i < count; i++) {
			uint64_t arguments[6];

			for (size_t j = 0; j < 6; j++)
				arguments[j] = calls->calls[i].args[j];
			calls->answers[i] = raw_call(calls->calls[i].nr, arguments);
		}
		for (;;)
			raw_call(SYS_exit_group, zero);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

static void report(const struct program *program, const struct seccomp_data *call,
		   long simulated, long kernel)
{
	struct program copy = *program;
	struct bpf_program shown = { copy.code, copy.length, abi_native()->big_endian };
	struct buffer text = { 0 };

	bpf_disassemble(&shown, &text);
	printf("%snr %d, ip 0x%llx, arguments", text.data ? text.data : "", call->nr,
	       (unsigned long long)call->instruction_pointer);
	for (size_t i = 0; i < 6; i++)
		printf(" 0x%llx", (unsigned long long)call->args[i]);
	printf("\nthe simulator answers %ld, the kernel %ld\n", simulated, kernel);
	buffer_done(&text);
}

/* Returns how many calls were the same, 0 when one was not. */
static size_t compare(struct random *random, const struct program *program,
		      struct calls *calls)
{
	long wanted[CALLS];
	bool kills;
	size_t count = choose_calls(random, program, calls, &kills);
	int status;

	memcpy(wanted, calls->answers, sizeof(wanted));
	memset(calls->answers, 0, sizeof(calls->answers));
	status = run_child(program, calls, count);
	for (size_t i = 0; i < count - kills; i++) {
		if (calls->answers[i] == wanted[i])
			continue;
		report(program, &calls->calls[i], wanted[i], calls->answers[i]);
		printf("call %zu; the child ended with wait status 0x%x\n", i,
		       (unsigned)status);
		return 0;
	}
	if (kills ? WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS : status == 0)
		return count;
	printf("the child ended with wait status 0x%x\n", (unsigned)status);
	report(program, &calls->calls[count - 1], wanted[count - 1], 0);
	return 0;
}

int main(void)
{
	uint64_t programs = PROGRAMS * number_from_environment("CALLGATE_EFFORT", 1);
	struct random random = { random_seed() };
	struct calls *calls = mmap(NULL, sizeof(*calls), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct rlimit no_core = { 0, 0 };
	struct program program;
	size_t same, total = 0;

	setvbuf(stdout, NULL, _IOLBF, 0); /* or a child prints it again */
	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	if (calls == MAP_FAILED || RAW_CALL_IP == 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) {
		printf("this machine has no seccomp, or no raw calls are written for "
		       "it\n");
		return SKIPPED;
	}
	for (uint64_t i = 0; i < programs; i++) {
		random_program(&random, &program);
		if (bpf_validate(program.code, program.length, NULL, NULL))
			return 1;
		same = compare(&random, &program, calls);
		if (same == 0)
			return 1;
		total += same;
	}
	printf("%llu programs, %zu raw system calls: no difference\n",
	       (unsigned long long)programs, total);
	return 0;
}
