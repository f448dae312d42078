// SPDX-License-Identifier: MIT
/*
 * The instructions that seccomp allows, by the names that the kernel's bpf_asm gives
 * them. One name may stand for several opcodes, which their operands tell apart: no two
 * of a name take the same.
 */
#include "bpf/mnemonic.h"

static const struct mnemonic mnemonics[MNEMONIC_CODES] = {
	[BPF_LD | BPF_W | BPF_ABS] = { "ld", OPERAND_OFFSET },
	[BPF_LD | BPF_W | BPF_LEN] = { "ld", OPERAND_LENGTH },
	[BPF_LDX | BPF_W | BPF_LEN] = { "ldx", OPERAND_LENGTH },
	[BPF_LD | BPF_IMM] = { "ld", OPERAND_HEX },
	[BPF_LDX | BPF_IMM] = { "ldx", OPERAND_HEX },
	[BPF_LD | BPF_MEM] = { "ld", OPERAND_MEMORY },
	[BPF_LDX | BPF_MEM] = { "ldx", OPERAND_MEMORY },
	[BPF_ST] = { "st", OPERAND_MEMORY },
	[BPF_STX] = { "stx", OPERAND_MEMORY },
	[BPF_MISC | BPF_TAX] = { "tax", OPERAND_NONE },
	[BPF_MISC | BPF_TXA] = { "txa", OPERAND_NONE },
	[BPF_RET | BPF_K] = { "ret", OPERAND_HEX },
	[BPF_RET | BPF_A] = { "ret", OPERAND_A },
	[BPF_ALU | BPF_ADD | BPF_K] = { "add", OPERAND_HEX },
	[BPF_ALU | BPF_ADD | BPF_X] = { "add", OPERAND_X },
	[BPF_ALU | BPF_SUB | BPF_K] = { "sub", OPERAND_HEX },
	[BPF_ALU | BPF_SUB | BPF_X] = { "sub", OPERAND_X },
	[BPF_ALU | BPF_MUL | BPF_K] = { "mul", OPERAND_HEX },
	[BPF_ALU | BPF_MUL | BPF_X] = { "mul", OPERAND_X },
	[BPF_ALU | BPF_DIV | BPF_K] = { "div", OPERAND_HEX },
	[BPF_ALU | BPF_DIV | BPF_X] = { "div", OPERAND_X },
	[BPF_ALU | BPF_AND | BPF_K] = { "and", OPERAND_HEX },
	[BPF_ALU | BPF_AND | BPF_X] = { "and", OPERAND_X },
	[BPF_ALU | BPF_OR | BPF_K] = { "or", OPERAND_HEX },
	[BPF_ALU | BPF_OR | BPF_X] = { "or", OPERAND_X },
	[BPF_ALU | BPF_XOR | BPF_K] = { "xor", OPERAND_HEX },
	[BPF_ALU | BPF_XOR | BPF_X] = { "xor", OPERAND_X },
	[BPF_ALU | BPF_LSH | BPF_K] = { "lsh", OPERAND_NUMBER },
	[BPF_ALU | BPF_LSH | BPF_X] = { "lsh", OPERAND_X },
	[BPF_ALU | BPF_RSH | BPF_K] = { "rsh", OPERAND_NUMBER },
	[BPF_ALU | BPF_RSH | BPF_X] = { "rsh", OPERAND_X },
	[BPF_ALU | BPF_NEG] = { "neg", OPERAND_NONE },
	[BPF_JMP | BPF_JA] = { "ja", OPERAND_TARGET },
	[BPF_JMP | BPF_JEQ | BPF_K] = { "jeq", OPERAND_HEX, true },
	[BPF_JMP | BPF_JEQ | BPF_X] = { "jeq", OPERAND_X, true },
	[BPF_JMP | BPF_JGE | BPF_K] = { "jge", OPERAND_HEX, true },
	[BPF_JMP | BPF_JGE | BPF_X] = { "jge", OPERAND_X, true },
	[BPF_JMP | BPF_JGT | BPF_K] = { "jgt", OPERAND_HEX, true },
	[BPF_JMP | BPF_JGT | BPF_X] = { "jgt", OPERAND_X, true },
	[BPF_JMP | BPF_JSET | BPF_K] = { "jset", OPERAND_HEX, true },
	[BPF_JMP | BPF_JSET | BPF_X] = { "jset", OPERAND_X, true },
};

const struct mnemonic *mnemonic_of(unsigned code)
{
	return code < MNEMONIC_CODES && mnemonics[code].name ? &mnemonics[code] : NULL;
}

bool mnemonic_says_all(const struct mnemonic *mnemonic, const struct sock_filter *i)
{
	if (!mnemonic->branches && (i->jt || i->jf))
		return false;
	switch (mnemonic->operand) {
	case OPERAND_NONE:
	case OPERAND_A:
	case OPERAND_X:
	case OPERAND_LENGTH:
		return i->k == 0;
	default:
		return true;
	}
}
