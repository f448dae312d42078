// SPDX-License-Identifier: MIT
/*
 * Programs as bytes: what a file holds becomes a filter, or a clear refusal.
 *
 * A file is in the byte order of the machine that its program is for. The order shows in
 * the last instruction, a return, whose code has one byte that is not 0:
 *
 *	little-endian	06 00 jt jf k0 k1 k2 k3
 *	big-endian	00 06 jt jf k3 k2 k1 k0
 *
 * Invariant: nothing is handed on but whole instructions, at most as many as the kernel
 * takes. Whether they are valid is not decided here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/filter.h"

static struct sock_filter instruction_at(const void *bytes, size_t index,
					 bool big_endian)
{
	struct sock_filter insn;

	memcpy(&insn, (const char *)bytes + index * sizeof(insn), sizeof(insn));
	if (big_endian != BIG_ENDIAN_HOST) {
		insn.code = __builtin_bswap16(insn.code);
		insn.k = __builtin_bswap32(insn.k);
	}
	return insn;
}

static bool is_program(const void *bytes, size_t count, bool big_endian)
{
	for (size_t i = 0; i < count; i++) {
		if (instruction_at(bytes, i, big_endian).code > 0xff)
			return false;
	}
	return BPF_CLASS(instruction_at(bytes, count - 1, big_endian).code) == BPF_RET;
}

bool callgate_bytes_are_program(const void *bytes, size_t size)
{
	size_t count = size / sizeof(struct sock_filter);

	if (!size || size % sizeof(struct sock_filter))
		return false;
	return is_program(bytes, count, false) || is_program(bytes, count, true);
}

/* --- the machine ------------------------------------------------------------------ */

/* Of the architectures that a program asks for, those of each endianness. */
struct asked {
	unsigned little, big;
};

/* In the order of the text, which is as compilers lay out such tests. */
static struct asked asked_of(const struct bpf_program *program)
{
	struct asked asked = { 0 };
	bool holds_arch = false;

	for (size_t at = 0; at < program->length; at++) {
		const struct sock_filter *i = &program->code[at];
		const struct abi *abi;

		if (BPF_CLASS(i->code) != BPF_JMP) {
			holds_arch = i->code == (BPF_LD | BPF_W | BPF_ABS) &&
				     i->k == offsetof(struct seccomp_data, arch);
			continue;
		}
		abi = holds_arch && i->code == (BPF_JMP | BPF_JEQ | BPF_K)
			      ? abi_of(i->k, 0)
			      : NULL;
		if (abi)
			*(abi->big_endian ? &asked.big : &asked.little) += 1;
	}
	return asked;
}

static const char *endianness(bool big_endian)
{
	return big_endian ? "big-endian" : "little-endian";
}

/* Bytes in the order of one machine, which ask for the architectures of another. */
static void warn_of_machine(const struct bpf_program *program,
			    struct callgate_diagnostics *diagnostics)
{
	struct asked asked = asked_of(program);
	bool big_endian = program->big_endian;

	if (big_endian ? asked.big || !asked.little : asked.little || !asked.big)
		return;
	diag_warning(
		diagnostics, "byte-order", SPAN_NONE,
		big_endian ? "if it is for such a machine, say --endian=little"
			   : "if it is for such a machine, say --endian=big",
		"the bytes are %s, but the program asks for architectures that are "
		"%s",
		endianness(big_endian), endianness(!big_endian));
}

/* ---------------------------------------------------------------------------------- */

static int take(struct bpf_program *program, enum callgate_endian machine,
		struct callgate_diagnostics *diagnostics,
		struct callgate_filter **ret_filter)
{
	if (machine == CALLGATE_ENDIAN_AUTO)
		warn_of_machine(program, diagnostics);
	else
		program->big_endian = machine == CALLGATE_ENDIAN_BIG;
	*ret_filter = filter_new(program);
	return *ret_filter ? 0 : -ENOMEM;
}

int callgate_filter_from_bytes(const void *bytes, size_t size,
			       enum callgate_endian machine,
			       struct callgate_diagnostics *diagnostics,
			       struct callgate_filter **ret_filter)
{
	struct bpf_program program = { .length = size / sizeof(struct sock_filter) };
	int error;

	*ret_filter = NULL;
	if (size % sizeof(struct sock_filter) || !program.length ||
	    program.length > BPF_MAXINSNS) {
		diag_error(diagnostics, "not-a-program", SPAN_NONE,
			   "a raw filter is a sequence of struct sock_filter, 8 bytes "
			   "each",
			   "%zu bytes are not between 1 and %d whole instructions",
			   size, BPF_MAXINSNS);
		return -EINVAL;
	}
	program.code = malloc(size);
	if (!program.code)
		return -ENOMEM;
	/* What is a program in neither order is refused as one of this machine. */
	program.big_endian = is_program(bytes, program.length, !BIG_ENDIAN_HOST)
				     ? !BIG_ENDIAN_HOST
				     : BIG_ENDIAN_HOST;
	for (size_t i = 0; i < program.length; i++)
		program.code[i] = instruction_at(bytes, i, program.big_endian);
	error = filter_check(&program, diagnostics);
	if (!error)
		error = take(&program, machine, diagnostics, ret_filter);
	bpf_program_done(&program);
	return error;
}
