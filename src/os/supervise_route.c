// SPDX-License-Identifier: MIT
/*
 * A filter whose denials ask the supervisor.
 *
 *	       ld [nr]; jne VERDICT_NUMBER, REST
 *	       ld the low half of args[0..2]; jne the ticket's, REST
 *	       ld the low half of args[3]      the verdict
 *	       jge KILL_PROCESS, GIVE; jgt TRAP | 0xffff, REST
 *	GIVE:  ret a
 *	REST:  and #0                          a filter begins with A = 0
 *	       … the filter, its denials made USER_NOTIF, ALLOW made a jump to:
 *	       seccomp(SET_MODE_FILTER, … NEW_LISTENER): ret USER_NOTIF
 *	       ret ALLOW
 *
 * Such a call fails, because of this listener and not by the filter: it is told of.
 *
 * Invariant: what the filter allows is decided by the same instructions as before, and
 * Linux 5.11 finds the same calls to be always allowed, for no argument is loaded before
 * the number is decided. The clause gives no verdict that lets a call through.
 */
#include "os/supervise.h"

#include <linux/audit.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#define CLAUSE_LENGTH 13

/* seccomp(2) as this machine's programs make it; no number is that of two. */
static const struct {
	uint32_t arch, number;
} loads[] = {
#if defined(__x86_64__)
	{ AUDIT_ARCH_X86_64, 317 },
	{ AUDIT_ARCH_X86_64, 0x40000000 + 317 }, /* x32 */
	{ AUDIT_ARCH_I386, 354 },
#else
	{ OS_AUDIT_ARCH, SYS_seccomp },
#endif
};

#define LOADS	      (sizeof(loads) / sizeof(*loads))
#define ENDING_LENGTH (1 + 3 * LOADS + 6)

_Static_assert(CLAUSE_LENGTH + ENDING_LENGTH <= ROUTE_LENGTH_MAX, "callers make room");

bool is_routed(uint32_t verdict, bool permissive)
{
	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return false;
	case SECCOMP_RET_TRACE:
		return permissive;
	default:
		return true;
	}
}

bool route_impossible(const struct sock_filter *program, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (program[i].code == (BPF_RET | BPF_A))
			return true;
	return false;
}

static struct sock_filter statement(uint16_t code, uint32_t value)
{
	return (struct sock_filter)BPF_STMT(code, value);
}

/* The low half of an argument: all that a 32-bit program can choose. */
static struct sock_filter load_argument(size_t argument)
{
	size_t low = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : sizeof(uint32_t);

	return statement(BPF_LD | BPF_W | BPF_ABS,
			 (uint32_t)(offsetof(struct seccomp_data, args) +
				    argument * sizeof(uint64_t) + low));
}

/* Jumps to the instruction number `no` of the clause, from `at`, unless A is `value`. */
static struct sock_filter want(uint32_t value, size_t at, size_t no)
{
	return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0,
					    (uint8_t)(no - at - 1));
}

static void put_clause(struct sock_filter *clause, const struct verdict_ticket *ticket)
{
	const size_t rest = CLAUSE_LENGTH - 1;
	const uint32_t most_lenient = SECCOMP_RET_TRAP | SECCOMP_RET_DATA;
	size_t at = 0;

	clause[at++] =
		statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	clause[at] = want(VERDICT_NUMBER, at, rest);
	at++;
	for (size_t i = 0; i < 3; i++) {
		clause[at++] = load_argument(i);
		clause[at] = want(ticket->words[i], at, rest);
		at++;
	}
	clause[at++] = load_argument(3);
	clause[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K,
						    SECCOMP_RET_KILL_PROCESS, 1, 0);
	clause[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K,
						    most_lenient, 1, 0);
	clause[at++] = statement(BPF_RET | BPF_A, 0);
	clause[at++] = statement(BPF_ALU | BPF_AND | BPF_K, 0);
}

bool asks_for_listener(const struct seccomp_data *call)
{
	for (size_t i = 0; i < LOADS; i++)
		if (call->arch == loads[i].arch &&
		    (uint32_t)call->nr == loads[i].number)
			return (uint32_t)call->args[0] == SECCOMP_SET_MODE_FILTER &&
			       (call->args[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER);
	return false;
}

/* A jump to the instruction number `yes` of the ending, or `no`, from `at`. */
static struct sock_filter choose(uint16_t test, uint32_t value, size_t at,
				 const size_t to[2])
{
	return (struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, value,
					    (uint8_t)(to[0] - at - 1),
					    (uint8_t)(to[1] - at - 1));
}

/* What the filter allows comes here. */
static void put_ending(struct sock_filter *ending)
{
	const size_t ask = 1 + 3 * LOADS, allow = ENDING_LENGTH - 1;
	size_t at = 0;

	ending[at++] =
		statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < LOADS; i++) {
		const size_t next = i + 1 < LOADS ? at + 3 : allow;

		ending[at] = choose(BPF_JEQ, loads[i].number, at,
				    (size_t[]){ at + 1, next });
		at++;
		ending[at++] = statement(BPF_LD | BPF_W | BPF_ABS,
					 offsetof(struct seccomp_data, arch));
		ending[at] =
			choose(BPF_JEQ, loads[i].arch, at, (size_t[]){ ask, allow });
		at++;
	}
	ending[at++] = load_argument(0);
	ending[at] = choose(BPF_JEQ, SECCOMP_SET_MODE_FILTER, at,
			    (size_t[]){ at + 1, allow });
	at++;
	ending[at++] = load_argument(1);
	ending[at] = choose(BPF_JSET, SECCOMP_FILTER_FLAG_NEW_LISTENER, at,
			    (size_t[]){ at + 1, allow });
	at++;
	ending[at++] = statement(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	ending[at] = statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

size_t route_program(const struct sock_filter *program, size_t length,
		     const struct verdict_ticket *ticket, bool permissive,
		     struct sock_filter *ret_program)
{
	struct sock_filter *body = ret_program + CLAUSE_LENGTH;

	put_clause(ret_program, ticket);
	memcpy(body, program, length * sizeof(*program));
	for (size_t i = 0; i < length; i++) {
		if (body[i].code != (BPF_RET | BPF_K))
			continue;
		if (is_routed(body[i].k, permissive))
			body[i].k = SECCOMP_RET_USER_NOTIF;
		else if ((body[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW)
			body[i] =
				statement(BPF_JMP | BPF_JA, (uint32_t)(length - i - 1));
	}
	put_ending(body + length);
	return CLAUSE_LENGTH + length + ENDING_LENGTH;
}
