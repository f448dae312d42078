// SPDX-License-Identifier: MIT
/*
 * A program as text that a person can follow.
 *
 *     l4:  jeq  #0x101, l9, l5          ; openat
 *
 * A forward walk (jumps only go forward) finds for each instruction what A holds and
 * which architecture the call has, where all paths to it agree; that is what turns
 * numbers into names. It keeps no track of X and memory, and where paths disagree the
 * number stays without a name. The program may be any bytes at all.
 */
#include "bpf/bpf.h"

#include <stdlib.h>

#include "bpf/mnemonic.h"

/* --- what is known at an instruction ------------------------------------------- */

#define WORD_UNKNOWN WORD_COUNT

struct facts {
	bool reached;	 /* some path leads here */
	uint8_t word;	 /* that A holds unchanged, or WORD_UNKNOWN */
	bool arch_known; /* … and is `arch` */
	uint32_t arch;
};

static void meet(struct facts *facts, size_t length, size_t at, struct facts incoming)
{
	struct facts *f = &facts[at];

	if (at >= length)
		return;
	if (!f->reached) {
		*f = incoming;
		return;
	}
	if (f->word != incoming.word)
		f->word = WORD_UNKNOWN;
	if (!incoming.arch_known || f->arch != incoming.arch)
		f->arch_known = false;
}

static void flow_branch(const struct bpf_program *program, struct facts *facts,
			size_t at)
{
	const struct sock_filter *i = &program->code[at];
	struct facts taken = facts[at];

	if (i->code == (BPF_JMP | BPF_JEQ | BPF_K) && taken.word == WORD_ARCH) {
		taken.arch_known = true;
		taken.arch = i->k;
	}
	meet(facts, program->length, at + 1 + i->jt, taken);
	meet(facts, program->length, at + 1 + i->jf, facts[at]);
}

/* Tells the facts at `at` to the instructions that may follow it. */
static void flow(const struct bpf_program *program, struct facts *facts, size_t at)
{
	const struct sock_filter *i = &program->code[at];
	struct facts after = facts[at];

	switch (BPF_CLASS(i->code)) {
	case BPF_RET:
		return;
	case BPF_JMP:
		if (i->code == (BPF_JMP | BPF_JA))
			meet(facts, program->length, at + 1 + i->k, after);
		else
			flow_branch(program, facts, at);
		return;
	case BPF_LD:
		after.word =
			i->code == (BPF_LD | BPF_W | BPF_ABS)
				? (uint8_t)word_at_offset(i->k, program->big_endian)
				: WORD_UNKNOWN;
		break;
	case BPF_ALU:
	case BPF_MISC:
		if (i->code != (BPF_MISC | BPF_TAX))
			after.word = WORD_UNKNOWN;
		break;
	}
	meet(facts, program->length, at + 1, after);
}

/* Returns facts for every instruction, which the caller frees; NULL: no memory. */
static struct facts *find_facts(const struct bpf_program *program)
{
	struct facts *facts = calloc(program->length + 1, sizeof(*facts));

	if (!facts)
		return NULL;
	facts[0] = (struct facts){ .reached = true, .word = WORD_UNKNOWN };
	for (size_t at = 0; at < program->length; at++)
		if (facts[at].reached &&
		    !bpf_validate_instruction(program->code, program->length, at))
			flow(program, facts, at);
	return facts;
}

/* --- comments ------------------------------------------------------------------ */

void bpf_name_word(unsigned word, struct buffer *ret_text)
{
	const char *half = word % 2 ? "low" : "high";

	if (word == WORD_ARCH)
		buffer_text(ret_text, "arch");
	else if (word == WORD_NR)
		buffer_text(ret_text, "nr");
	else if (word >= WORD_IP_HIGH)
		buffer_printf(ret_text, "instruction_pointer %s", half);
	else
		buffer_printf(ret_text, "args[%u] %s", (word - WORD_ARG0_HIGH) / 2,
			      half);
}

void bpf_name_arch(uint32_t arch, struct buffer *ret_text)
{
	const char *separator = "";

	for (size_t i = 0; i < abi_count(); i++) {
		if (abi_at(i)->audit_arch != arch)
			continue;
		buffer_printf(ret_text, "%s%s", separator, abi_at(i)->name);
		separator = ", ";
	}
}

static void name_number(const struct abi *abi, const struct sock_filter *i,
			struct buffer *ret_text)
{
	const struct syscall *call = abi ? syscall_by_number(abi, i->k) : NULL;

	if (!call)
		return;
	if (BPF_OP(i->code) != BPF_JEQ)
		buffer_text(ret_text, BPF_OP(i->code) == BPF_JGE ? ">= " : "> ");
	if (abi->number_base)
		buffer_printf(ret_text, "%s:", abi->name);
	buffer_text(ret_text, syscall_name(call));
}

static void comment(const struct bpf_program *program, size_t at,
		    const struct facts *facts, struct buffer *ret_text)
{
	const struct sock_filter *i = &program->code[at];
	const char *why = bpf_validate_instruction(program->code, program->length, at);

	if (why || !facts->reached) {
		buffer_text(ret_text, why ? why : "never reached");
		return;
	}
	if (!mnemonic_says_all(mnemonic_of(i->code), i)) {
		buffer_printf(ret_text, "%s, with fields set that nothing reads",
			      mnemonic_of(i->code)->name);
		return;
	}
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		bpf_name_word(word_at_offset(i->k, program->big_endian), ret_text);
		break;
	case BPF_JMP | BPF_JEQ | BPF_K:
		if (facts->word == WORD_ARCH)
			bpf_name_arch(i->k, ret_text);
		__attribute__((fallthrough));
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
		if (facts->word == WORD_NR && facts->arch_known)
			name_number(abi_of(facts->arch, i->k), i, ret_text);
		break;
	case BPF_RET | BPF_K:
		verdict_print(i->k, abi_native(), ret_text);
		break;
	}
}

/* --- lines --------------------------------------------------------------------- */

static void write_operand(const struct sock_filter *i, size_t next,
			  enum operand operand, struct buffer *ret_text)
{
	switch (operand) {
	case OPERAND_NONE:
		return;
	case OPERAND_A:
		buffer_text(ret_text, "a");
		return;
	case OPERAND_X:
		buffer_text(ret_text, "x");
		return;
	case OPERAND_NUMBER:
		buffer_printf(ret_text, "#%u", i->k);
		return;
	case OPERAND_HEX:
		buffer_printf(ret_text, "#0x%x", i->k);
		return;
	case OPERAND_OFFSET:
		buffer_printf(ret_text, "[%u]", i->k);
		return;
	case OPERAND_MEMORY:
		buffer_printf(ret_text, "M[%u]", i->k);
		return;
	case OPERAND_LENGTH:
		buffer_text(ret_text, "#len");
		return;
	case OPERAND_TARGET:
		buffer_printf(ret_text, "l%zu", next + i->k);
		return;
	}
}

#define MNEMONIC_COLUMN 7
#define COMMENT_COLUMN	40

static void pad_to(struct buffer *line, size_t column)
{
	buffer_fill(line, ' ', line->len < column ? column - line->len : 1);
}

/* Into an empty buffer, which is how columns are counted. */
static void write_instruction(const struct bpf_program *program, size_t at,
			      struct buffer *ret_line)
{
	const struct sock_filter *i = &program->code[at];
	const struct mnemonic *mnemonic = mnemonic_of(i->code);

	buffer_printf(ret_line, "l%zu:", at);
	pad_to(ret_line, MNEMONIC_COLUMN);
	if (bpf_validate_instruction(program->code, program->length, at) ||
	    !mnemonic_says_all(mnemonic, i)) {
		buffer_printf(ret_line, ".raw 0x%04x, %u, %u, 0x%08x", i->code, i->jt,
			      i->jf, i->k);
		return;
	}
	if (mnemonic->operand == OPERAND_NONE) {
		buffer_text(ret_line, mnemonic->name);
		return;
	}
	buffer_printf(ret_line, "%-4s ", mnemonic->name);
	write_operand(i, at + 1, mnemonic->operand, ret_line);
	if (mnemonic->branches)
		buffer_printf(ret_line, ", l%zu, l%zu", at + 1 + i->jt, at + 1 + i->jf);
}

static void write_line(const struct bpf_program *program, size_t at,
		       const struct facts *facts, struct buffer *ret_text)
{
	struct buffer line = { 0 }, note = { 0 };

	write_instruction(program, at, &line);
	comment(program, at, facts, &note);
	if (note.len) {
		pad_to(&line, COMMENT_COLUMN);
		buffer_printf(&line, "; %s", note.data);
	}
	buffer_text(&line, "\n");
	buffer_put(ret_text, line.data, line.len);
	ret_text->failed |= line.failed || note.failed;
	buffer_done(&line);
	buffer_done(&note);
}

void bpf_disassemble(const struct bpf_program *program, struct buffer *ret_text)
{
	struct facts *facts = find_facts(program);

	if (!facts) {
		ret_text->failed = true;
		return;
	}
	for (size_t at = 0; at < program->length; at++)
		write_line(program, at, &facts[at], ret_text);
	free(facts);
}
