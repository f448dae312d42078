// SPDX-License-Identifier: MIT
/*
 * The ticket: a clause in front of a filter that lets the launcher's own calls pass.
 *
 *	       ld [arch]; jne native, REST
 *	       ld [nr];   jeq CALL, CHECK for each launcher call; else REST
 *	CHECK: ld each half of args[3..5]; jne the ticket's, REST
 *	       ret ALLOW
 *	REST:  and #0                     a filter begins with A = 0
 *	       … the filter, untouched: jumps are relative
 *
 * Only instructions that Linux 5.11 can emulate stand on a call's way before its number
 * is decided, so its cache of always-allowed calls works on: a call that the filter
 * always allows is left out of the clause. X and M are not touched.
 */
#include "os/os.h"

#include <assert.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "bpf/bpf.h"

#define FIRST_ARGUMENT 3 /* of those that hold the ticket */
#define WORDS	       3

/* Three arguments or fewer: the kernel does not look at the others. */
static const uint32_t launcher_calls[] = {
	SYS_execve,
	SYS_seccomp,
	SYS_write,
	SYS_exit_group,
};

#define CALLS (sizeof(launcher_calls) / sizeof(launcher_calls[0]))

/* Instructions from the first of CHECK to REST: four a word, and the RET. */
#define CHECK_LENGTH (WORDS * 4 + 1)

_Static_assert(3 + CALLS + CHECK_LENGTH + 1 == TICKET_LENGTH_MAX,
	       "the clause's length");

static struct sock_filter load(size_t offset)
{
	return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

static struct sock_filter jump_equal(uint32_t value, size_t yes, size_t no)
{
	assert(yes <= UINT8_MAX && no <= UINT8_MAX);
	return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value,
					    (uint8_t)yes, (uint8_t)no);
}

/* Compares args[3 + word]; `left` instructions of CHECK follow the first of these. */
static struct sock_filter *check_word(struct sock_filter *at, size_t word,
				      uint64_t value, size_t left)
{
	size_t offset = offsetof(struct seccomp_data, args) +
			(FIRST_ARGUMENT + word) * sizeof(uint64_t);
	size_t low = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : sizeof(uint32_t);

	*at++ = load(offset + low);
	*at++ = jump_equal((uint32_t)value, 0, left - 1);
	*at++ = load(offset + sizeof(uint32_t) - low);
	*at++ = jump_equal((uint32_t)(value >> 32), 0, left - 3);
	return at;
}

/* The launcher's calls that the filter may refuse. */
static size_t find_refused(const struct sock_filter *program, size_t length,
			   uint32_t ret_calls[CALLS])
{
	const struct bpf_program view = {
		.code = (struct sock_filter *)(uintptr_t)program,
		.length = length,
		.big_endian = OS_BIG_ENDIAN,
	};
	size_t count = 0;

	for (size_t i = 0; i < CALLS; i++)
		if (!bpf_cached(&view, OS_AUDIT_ARCH, launcher_calls[i]))
			ret_calls[count++] = launcher_calls[i];
	return count;
}

static struct sock_filter *put_clause(struct sock_filter *at, const uint32_t *calls,
				      size_t count, const struct ticket *ticket)
{
	*at++ = load(offsetof(struct seccomp_data, arch));
	*at++ = jump_equal(OS_AUDIT_ARCH, 0, 1 + count + CHECK_LENGTH);
	*at++ = load(offsetof(struct seccomp_data, nr));
	for (size_t left = count; left-- > 0;)
		*at++ = jump_equal(calls[left], left, left ? 0 : CHECK_LENGTH);
	for (size_t i = 0; i < WORDS; i++)
		at = check_word(at, i, ticket->words[i], CHECK_LENGTH - 1 - 4 * i);
	*at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	*at++ = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0);
	return at;
}

size_t ticket_prepend(const struct sock_filter *program, size_t length,
		      const struct ticket *ticket, struct sock_filter *ret_program)
{
	uint32_t calls[CALLS];
	size_t count = find_refused(program, length, calls);
	struct sock_filter *at = ret_program;

	if (count > 0)
		at = put_clause(at, calls, count, ticket);
	memcpy(at, program, length * sizeof(*program));
	return (size_t)(at - ret_program) + length;
}
