/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF as seccomp runs it: checking, running, showing and making programs.
 */
#ifndef CALLGATE_BPF_BPF_H
#define CALLGATE_BPF_BPF_H

#include "base/buffer.h"
#include "base/diag.h"
#include "data/verdict.h"
#include "meaning/meaning.h"

/* A program; bpf_program_done() frees its code. */
struct bpf_program {
	struct sock_filter *code;
	size_t length;
	bool big_endian; /* of the machine it is for: which half of a field comes first */
};

void bpf_program_done(struct bpf_program *program);

/* --- checking (validate.c) --------------------------------------------------------- */

/*
 * The kernel's acceptance rules for a seccomp filter: bpf_check_classic() and
 * check_load_and_stores() of net/core/filter.c, seccomp_check_filter() of
 * kernel/seccomp.c. Returns 0; -EINVAL with the instruction's index in *ret_at and a
 * message in *ret_why (static text), both optional.
 */
int bpf_validate(const struct sock_filter *code, size_t length, size_t *ret_at,
		 const char **ret_why);

/* Why the kernel refuses one instruction whatever the others are; NULL: it does not. */
const char *bpf_validate_instruction(const struct sock_filter *code, size_t length,
				     size_t at);

/* --- running (interpret.c) --------------------------------------------------------- */

struct bpf_state {
	uint32_t pc, a, x;
	uint32_t memory[BPF_MEMWORDS];
};

struct bpf_run {
	uint32_t value;	   /* what the filter returned */
	uint32_t executed; /* instructions, the RET included */
	uint32_t at;	   /* index of the instruction that returned */
};

/* Runs a valid program on a call with the kernel's semantics. */
struct bpf_run bpf_run(const struct bpf_program *program,
		       const struct seccomp_data *data);
/* The same; `visit` sees the state before each instruction. */
struct bpf_run bpf_trace(const struct bpf_program *program,
			 const struct seccomp_data *data,
			 void (*visit)(void *context, const struct bpf_state *state),
			 void *context);

/* --- the kernel's cache (cost.c) --------------------------------------------------- */

/*
 * Whether Linux ≥ 5.11 caches "always allow" for a number: its emulation,
 * seccomp_is_const_allow() of kernel/seccomp.c, understands only loads of nr and arch,
 * JA, JEQ, JGE, JGT and JSET with K, AND with K, and RET with K.
 */
bool bpf_cached(const struct bpf_program *program, uint32_t arch, uint32_t number);

/* --- making (emit.c, naive.c) ------------------------------------------------------ */

enum cost_model {
	COST_CACHE,    /* always-allowed calls run no BPF: Linux 5.11 and later */
	COST_NO_CACHE, /* every call runs the program */
};

struct emit_options {
	enum cost_model cost_model;
	bool big_endian;
	const struct callgate_frequencies *frequencies; /* NULL: all calls alike */
	bool exhaustive; /* find the optimum of the layout problem */
};

/*
 * A program with the diagram's meaning. The caller proves it (bpf_prove()).
 * *ret_expected is what the layout minimised: instructions per call.
 * -E2BIG: more than BPF_MAXINSNS (4096) instructions; -EFBIG: too complex to be laid
 * out; -ENOMEM; the store's error.
 */
int bpf_emit(struct meaning *store, meaning_ref meaning,
	     const struct emit_options *options, struct bpf_program *ret_program,
	     double *ret_expected);

/* The same without any optimisation: one bit test a node. For holding against. */
int bpf_emit_naive(struct meaning *store, meaning_ref meaning, bool big_endian,
		   struct bpf_program *ret_program);

/*
 * Lifts the program into the same store and compares references. 0: equal;
 * -EBADMSG: they differ, *ret_call is a call on which they do; the store's error.
 */
int bpf_prove(struct meaning *store, meaning_ref meaning,
	      const struct bpf_program *program, struct seccomp_data *ret_call);

/* --- showing (disassemble.c) ------------------------------------------------------- */

/*
 * Annotated disassembly, one line an instruction: its label, the instruction as the
 * kernel's bpf_asm takes it, and a comment that says what the operand means. The program
 * need not be valid: what the kernel refuses is shown as `.raw CODE, JT, JF, K`.
 */
void bpf_disassemble(const struct bpf_program *program, struct buffer *ret_text);

/*
 * The program as nested conditions with names, from its flow of control: what several
 * ways lead to is a block with a label, what one way leads to stands in its place. For
 * reading: tests of one word are joined, and what nothing reaches is left out. The
 * program is valid.
 */
void bpf_print_pseudo(const struct bpf_program *program, struct buffer *ret_text);

/* "nr", "args[2] high". */
void bpf_name_word(unsigned word, struct buffer *ret_text);
/*
 * "x86_64, x32": several ABIs can share an architecture; they are told apart by the
 * number. Nothing for one that is not known.
 */
void bpf_name_arch(uint32_t arch, struct buffer *ret_text);

#endif
