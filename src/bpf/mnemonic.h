/* SPDX-License-Identifier: MIT */
/* How instructions are written, for the disassembler and the assembler. */
#ifndef CALLGATE_BPF_MNEMONIC_H
#define CALLGATE_BPF_MNEMONIC_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

/* What follows the name. */
enum operand {
	OPERAND_NONE,
	OPERAND_A,	/* a */
	OPERAND_X,	/* x */
	OPERAND_NUMBER, /* #4 */
	OPERAND_HEX,	/* #0x4 */
	OPERAND_OFFSET, /* [4] */
	OPERAND_MEMORY, /* M[4] */
	OPERAND_LENGTH, /* #len */
	OPERAND_TARGET, /* l4 */
};

struct mnemonic {
	const char *name;
	enum operand operand;
	bool branches; /* where to go if true and if not follows: ", l4, l5" */
};

/* NULL: seccomp does not know the opcode. */
const struct mnemonic *mnemonic_of(unsigned code);

/* Past the last opcode that has a mnemonic. */
#define MNEMONIC_CODES 256

/*
 * An instruction has fields that its text does not show and the kernel does not read;
 * false when one of them is not 0.
 */
bool mnemonic_says_all(const struct mnemonic *mnemonic, const struct sock_filter *i);

#endif
