// SPDX-License-Identifier: MIT
/*
 * The kernel's acceptance of a seccomp filter, rule for rule, so that what passes here
 * is loaded there and nothing else is.
 *
 * Three passes, as in the kernel: every instruction alone (bpf_check_classic() and
 * seccomp_check_filter()), the last one, then scratch memory along the paths
 * (check_load_and_stores()). All jumps go forward, so one walk sees every path.
 */
#include "bpf/bpf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What must hold of an instruction's fields beside its opcode. */
enum operand_rule {
	NOT_ALLOWED, /* the zero of every opcode that is not in the table */
	ANYTHING,
	DATA_OFFSET,
	NOT_ZERO,
	BELOW_32,
	MEMORY_WORD,
	JUMP,
	BRANCH,
};

#define OPCODES 256 /* an allowed opcode fits in 8 of the field's 16 bits */

/* The whitelist of seccomp_check_filter(). */
static const uint8_t operand_rules[OPCODES] = {
	[BPF_LD | BPF_W | BPF_ABS] = DATA_OFFSET,
	[BPF_LD | BPF_W | BPF_LEN] = ANYTHING,
	[BPF_LDX | BPF_W | BPF_LEN] = ANYTHING,
	[BPF_LD | BPF_IMM] = ANYTHING,
	[BPF_LDX | BPF_IMM] = ANYTHING,
	[BPF_LD | BPF_MEM] = MEMORY_WORD,
	[BPF_LDX | BPF_MEM] = MEMORY_WORD,
	[BPF_ST] = MEMORY_WORD,
	[BPF_STX] = MEMORY_WORD,
	[BPF_MISC | BPF_TAX] = ANYTHING,
	[BPF_MISC | BPF_TXA] = ANYTHING,
	[BPF_RET | BPF_K] = ANYTHING,
	[BPF_RET | BPF_A] = ANYTHING,
	[BPF_ALU | BPF_ADD | BPF_K] = ANYTHING,
	[BPF_ALU | BPF_ADD | BPF_X] = ANYTHING,
	[BPF_ALU | BPF_SUB | BPF_K] = ANYTHING,
	[BPF_ALU | BPF_SUB | BPF_X] = ANYTHING,
	[BPF_ALU | BPF_MUL | BPF_K] = ANYTHING,
	[BPF_ALU | BPF_MUL | BPF_X] = ANYTHING,
	[BPF_ALU | BPF_DIV | BPF_K] = NOT_ZERO,
	[BPF_ALU | BPF_DIV | BPF_X] = ANYTHING,
	[BPF_ALU | BPF_AND | BPF_K] = ANYTHING,
	[BPF_ALU | BPF_AND | BPF_X] = ANYTHING,
	[BPF_ALU | BPF_OR | BPF_K] = ANYTHING,
	[BPF_ALU | BPF_OR | BPF_X] = ANYTHING,
	[BPF_ALU | BPF_XOR | BPF_K] = ANYTHING,
	[BPF_ALU | BPF_XOR | BPF_X] = ANYTHING,
	[BPF_ALU | BPF_LSH | BPF_K] = BELOW_32,
	[BPF_ALU | BPF_LSH | BPF_X] = ANYTHING,
	[BPF_ALU | BPF_RSH | BPF_K] = BELOW_32,
	[BPF_ALU | BPF_RSH | BPF_X] = ANYTHING,
	[BPF_ALU | BPF_NEG] = ANYTHING,
	[BPF_JMP | BPF_JA] = JUMP,
	[BPF_JMP | BPF_JEQ | BPF_K] = BRANCH,
	[BPF_JMP | BPF_JEQ | BPF_X] = BRANCH,
	[BPF_JMP | BPF_JGE | BPF_K] = BRANCH,
	[BPF_JMP | BPF_JGE | BPF_X] = BRANCH,
	[BPF_JMP | BPF_JGT | BPF_K] = BRANCH,
	[BPF_JMP | BPF_JGT | BPF_X] = BRANCH,
	[BPF_JMP | BPF_JSET | BPF_K] = BRANCH,
	[BPF_JMP | BPF_JSET | BPF_X] = BRANCH,
};

static enum operand_rule rule_of(uint16_t code)
{
	return code < OPCODES ? (enum operand_rule)operand_rules[code] : NOT_ALLOWED;
}

/* Opcodes that classic BPF has and seccomp has not deserve to be named. */
static const char *why_not_allowed(uint16_t code)
{
	unsigned mode = BPF_MODE(code), class = BPF_CLASS(code);

	if (code >= OPCODES)
		return "is no instruction of classic BPF";
	if (class == BPF_LD && (mode == BPF_ABS || mode == BPF_IND))
		return "loads a byte, a half word or a computed offset: a filter may "
		       "only load whole words at constant offsets";
	if (class == BPF_LDX && mode == BPF_MSH)
		return "loads an IP header length, which seccomp does not allow";
	if (class == BPF_ALU && BPF_OP(code) == BPF_MOD)
		return "takes a remainder, which seccomp does not allow";
	return "is no instruction that seccomp allows";
}

const char *bpf_validate_instruction(const struct sock_filter *code, size_t length,
				     size_t at)
{
	const struct sock_filter *i = &code[at];
	size_t after = length - at - 1; /* how many instructions follow */

	switch (rule_of(i->code)) {
	case NOT_ALLOWED:
		return why_not_allowed(i->code);
	case DATA_OFFSET:
		if (i->k >= sizeof(struct seccomp_data))
			return "loads from behind the end of struct seccomp_data";
		return i->k % 4 ? "loads from an offset that is no multiple of 4"
				: NULL;
	case NOT_ZERO:
		return i->k ? NULL : "divides by zero";
	case BELOW_32:
		return i->k < 32 ? NULL : "shifts by 32 bits or more";
	case MEMORY_WORD:
		return i->k < BPF_MEMWORDS ? NULL : "names a memory word above 15";
	case JUMP:
		return i->k < after ? NULL : "jumps behind the end of the program";
	case BRANCH:
		return i->jt < after && i->jf < after
			       ? NULL
			       : "branches behind the end of the program";
	case ANYTHING:
		break;
	}
	return NULL;
}

/* The walk of check_load_and_stores(): which of M[] are written on all ways to here. */
struct memory_walk {
	uint16_t masks[BPF_MAXINSNS]; /* … on all jumps to an instruction */
	uint16_t valid;
};

#define ALL_WORDS UINT16_MAX

static bool walk_memory(struct memory_walk *walk, const struct sock_filter *code,
			size_t pc)
{
	const struct sock_filter *i = &code[pc];

	walk->valid &= walk->masks[pc];
	switch (BPF_CLASS(i->code)) {
	case BPF_ST:
	case BPF_STX:
		walk->valid |= (uint16_t)(1u << i->k);
		break;
	case BPF_LD:
	case BPF_LDX:
		return BPF_MODE(i->code) != BPF_MEM || walk->valid & 1u << i->k;
	case BPF_JMP:
		if (BPF_OP(i->code) == BPF_JA) {
			walk->masks[pc + 1 + i->k] &= walk->valid;
		} else {
			walk->masks[pc + 1 + i->jt] &= walk->valid;
			walk->masks[pc + 1 + i->jf] &= walk->valid;
		}
		walk->valid = ALL_WORDS;
		break;
	}
	/* After a RET the kernel goes on with what held before it; so does this. */
	return true;
}

/* Returns the index of a load from a word that may not be written, or `length`. */
static size_t check_memory(const struct sock_filter *code, size_t length)
{
	struct memory_walk walk;

	memset(walk.masks, 0xff, sizeof(walk.masks));
	walk.valid = 0;
	for (size_t pc = 0; pc < length; pc++)
		if (!walk_memory(&walk, code, pc))
			return pc;
	return length;
}

static const char *check(const struct sock_filter *code, size_t length, size_t *ret_at)
{
	const char *why;

	*ret_at = 0;
	if (length == 0)
		return "the program is empty";
	if (length > BPF_MAXINSNS)
		return "the program is longer than 4096 instructions";
	for (size_t pc = 0; pc < length; pc++) {
		*ret_at = pc;
		why = bpf_validate_instruction(code, length, pc);
		if (why)
			return why;
	}
	if (BPF_CLASS(code[length - 1].code) != BPF_RET)
		return "is the last instruction and does not return";
	*ret_at = check_memory(code, length);
	return *ret_at < length ? "reads a memory word that not every path has written"
				: NULL;
}

int bpf_validate(const struct sock_filter *code, size_t length, size_t *ret_at,
		 const char **ret_why)
{
	size_t at;
	const char *why = check(code, length, &at);

	if (!why)
		return 0;
	if (ret_at)
		*ret_at = at;
	if (ret_why)
		*ret_why = why;
	return -EINVAL;
}
