/* SPDX-License-Identifier: MIT */
/* The inside of the assembler: assemble.c and assemble_line.c. */
#ifndef CALLGATE_BPF_ASSEMBLER_H
#define CALLGATE_BPF_ASSEMBLER_H

#include "base/arena.h"
#include "bpf/bpf.h"

/* An instruction as written, its jumps still names. */
struct assembled {
	struct sock_filter code;
	struct callgate_span span;
	struct str yes, no; /* labels; empty: the instruction after it */
	bool has_targets;   /* … else neither counts */
	bool swapped;	    /* jne, jlt, jle: the opposite is what the kernel has */
};

struct label {
	struct str name;
	size_t at; /* the instruction that it is in front of */
};

struct assembler {
	struct arena arena;
	struct callgate_diagnostics *diagnostics;
	struct str text;
	uint32_t file;
	struct assembled *code;
	size_t length, capacity;
	struct label *labels;
	size_t label_count, label_capacity;
	unsigned errors;
	bool big_endian; /* of the machine it is for */
};

#define ASSEMBLE_ERRORS_MAX 20

struct callgate_span assemble_span(const struct assembler *assembler, struct str part);

/* One error more; `hint` may be NULL. */
#define assemble_error(assembler, code, span, hint, ...) \
	((assembler)->errors++,                          \
	 diag_error((assembler)->diagnostics, (code), (span), (hint), __VA_ARGS__))

/* Adds the labels and the instruction of one line; what is wrong is reported. */
void assemble_line(struct assembler *assembler, struct str line);

#endif
