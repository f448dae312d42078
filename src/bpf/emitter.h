/* SPDX-License-Identifier: MIT */
/* The inside of the emitter: emit.c, field.c and weight.c. */
#ifndef CALLGATE_BPF_EMITTER_H
#define CALLGATE_BPF_EMITTER_H

#include "bpf/bpf.h"
#include "bpf/flow.h"

/* A piece of the flow graph and what running it costs. */
struct shape {
	flow_ref start; /* FLOW_FAILED: this shape does not fit */
	double cost;	/* expected instructions from here to the return; > 0 */
};

#define NO_SHAPE ((struct shape){ FLOW_FAILED, 1 })

struct emitter {
	struct meaning *store;
	const struct emit_options *options;
	struct flow flow;
	struct shape *tests;		    /* of each node, made when cost > 0 */
	struct meaning_interval *intervals; /* room for NUMBER_INTERVALS */
	uint32_t *visited;		    /* of each node: the last visit */
	uint32_t visits;
	uint32_t splits;  /* steps into the diagram so far, of SPLITS_MAX */
	uint32_t arch;	  /* the architecture whose numbers are laid out */
	uint32_t primary; /* the one that counts, see primary_arch() */
	bool failed;
};

#define ARGUMENT_INTERVALS 64	      /* more of them are not worth a tree */
#define SPLITS_MAX	   (1u << 25) /* ten times what the worst random policies take */
#define NUMBER_INTERVALS   8192 /* numbers and architectures: no other shape helps */

/* Where values of a word go, from `first` up to the next branch's first. */
struct branch {
	uint32_t first;
	bool single; /* only `first` itself can occur */
	meaning_ref ref;
	double weight; /* how often calls come here */
	struct shape shape;
};

/* Everything from a node on, whatever the accumulator holds. */
struct shape body_of(struct emitter *emitter, meaning_ref ref);

/*
 * The intervals of `word` over the values that have bits in `mask` alone, without
 * weight and shape. Returns how many, 0 when there are more than `capacity`.
 */
size_t branches_of(struct emitter *emitter, meaning_ref ref, unsigned word,
		   uint32_t mask, struct branch *ret_branches, size_t capacity);

/* A tree over branches with weights and shapes; equal neighbours become one. */
struct shape branches_join(struct emitter *emitter, struct branch *branches,
			   size_t count);

/* The load of a word in front of tests of it. */
struct shape shape_load(struct emitter *emitter, unsigned word, struct shape tests);

/*
 * The architecture whose calls are laid out for speed, the others' for size: this
 * machine's, else the first that is not refused as a whole.
 */
uint32_t primary_arch(const struct emitter *emitter, const struct branch *branches,
		      size_t count);

/* Gives the branches of a word their weights; `ref` is set, `shape` not yet. */
void branches_weigh(const struct emitter *emitter, unsigned word,
		    struct branch *branches, size_t count);

/*
 * A diagram that begins with the high word of a 64-bit field, tested low word first:
 * better where the low word alone often decides. NO_SHAPE where it does not fit.
 */
struct shape field_low_first(struct emitter *emitter, meaning_ref ref, unsigned word);

#endif
