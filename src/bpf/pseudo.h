/* SPDX-License-Identifier: MIT */
/*
 * The inside of the structured listing.
 *
 *     program ─pseudo_facts.c─► what is known at each instruction
 *             ─pseudo_blocks.c─► blocks that end in one decision about one word
 *             ─pseudo.c─► nested text; names by pseudo_names.c
 */
#ifndef CALLGATE_BPF_PSEUDO_H
#define CALLGATE_BPF_PSEUDO_H

#include "base/arena.h"
#include "bpf/bpf.h"

/* What A holds, where that is one word of the call: word & mask. */
struct value {
	bool is_known;
	uint8_t word;
	uint32_t mask;
};

/* What is known ahead of an instruction on all paths to it. */
struct pseudo_facts {
	bool reached;
	bool is_shown; /* it sets A, and something needs that to be said */
	bool arch_known;
	uint32_t arch;
	uint32_t first, last; /* the call's number lies between, both included */
	struct value a;
};

/* An array with an entry for each instruction, which the caller frees; NULL: no memory. */
struct pseudo_facts *pseudo_find_facts(const struct bpf_program *program);

/* --- blocks -------------------------------------------------------------------- */

enum block_kind {
	BLOCK_RETURN,
	BLOCK_GOTO, /* goes on at the one target */
	BLOCK_BRANCH, /* two targets: if true, if not; the test is the instruction `end` */
	BLOCK_SPLIT, /* by the values of `key` */
};

/* Values of a word that go to one place. */
struct piece {
	uint32_t first, last;
	size_t target;
	size_t items; /* how many a list of it has: each value, or 1 for a range */
};

struct block {
	enum block_kind kind;
	size_t end; /* the instruction that decides; those before it are statements */
	size_t targets[2];
	struct value key;
	struct piece *pieces; /* sorted, neighbours have different targets */
	size_t piece_count;
};

struct pseudo {
	struct arena arena;
	const struct bpf_program *program;
	struct pseudo_facts *facts;
	struct block **blocks;	/* by the instruction that one begins with, or NULL */
	unsigned *references;	/* how many blocks lead to one */
	size_t *settled;	/* where a jump to an instruction ends up */
	unsigned *predecessors; /* how many instructions lead to one */
	unsigned budget;	/* steps left for joining tests into splits */
};

/* Makes the blocks that can be reached. 0; -ENOMEM. */
int pseudo_find_blocks(struct pseudo *pseudo);

/* --- names --------------------------------------------------------------------- */

/* The word or masked word, as the instruction `at` would call it. */
void pseudo_name_value(const struct pseudo *pseudo, size_t at, struct value value,
		       struct buffer *ret_text);
/* What it is compared with. */
void pseudo_name_number(const struct pseudo *pseudo, size_t at, struct value value,
			uint32_t number, struct buffer *ret_text);
/* How many items list a range: each value where they are few or have names, else 1. */
size_t pseudo_count_items(const struct pseudo *pseudo, size_t at, struct value value,
			  uint32_t first, uint32_t last);

#endif
