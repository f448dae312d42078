// SPDX-License-Identifier: MIT
/*
 * A diagram as a program without any cleverness, to hold the real emitter against.
 *
 *     node  ──►  ld [word]; jset #bit, HIGH, LOW [; ja HIGH] [; ja LOW]
 *
 * Every node is there once, children behind their parents. The program is made from its
 * end to its front, so that the distance to a child is known when its parent is made.
 */
#include "bpf/bpf.h"

#include <errno.h>
#include <stdlib.h>

#define BRANCH_MAX UINT8_MAX

struct naive {
	const struct meaning *store;
	bool big_endian;
	bool too_long;
	/* Of each node: instructions from its first to the program's end; 0: not made.
	 */
	uint16_t *places;
	struct sock_filter reversed[BPF_MAXINSNS];
	size_t size;
};

static void prepend(struct naive *naive, struct sock_filter instruction)
{
	if (naive->size == BPF_MAXINSNS)
		naive->too_long = true;
	else
		naive->reversed[naive->size++] = instruction;
}

/*
 * Returns a place near enough for a branch: the one given, or a JA to it. Two more
 * instructions may come between here and the branch: the other JA and the branch
 * itself.
 */
static size_t bring_near(struct naive *naive, size_t place)
{
	size_t distance = naive->size - place;

	if (distance + 1 <= BRANCH_MAX)
		return place;
	prepend(naive,
		(struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)distance));
	return naive->size;
}

static void prepend_test(struct naive *naive, uint32_t variable, size_t high,
			 size_t low)
{
	uint32_t bit = UINT32_C(1) << (WORD_BITS - 1 - variable % WORD_BITS);
	uint32_t offset = word_offset(variable / WORD_BITS, naive->big_endian);
	struct sock_filter branch = { .code = BPF_JMP | BPF_JSET | BPF_K, .k = bit };

	low = bring_near(naive, low);
	high = bring_near(naive, high);
	branch.jt = (uint8_t)(naive->size - high);
	branch.jf = (uint8_t)(naive->size - low);
	prepend(naive, branch);
	prepend(naive, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

/* As deep as the diagram at most: VARIABLE_MAX. */
static size_t place(struct naive *naive, meaning_ref ref)
{
	struct meaning_node node = *meaning_at(naive->store, ref);

	if (naive->places[ref] || naive->too_long)
		return naive->places[ref];
	if (node.variable == TERMINAL) {
		prepend(naive, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, node.low));
	} else {
		size_t low = place(naive, node.low);
		size_t high = place(naive, node.high);

		prepend_test(naive, node.variable, high, low);
	}
	naive->places[ref] = (uint16_t)naive->size;
	return naive->size;
}

static int finish(const struct naive *naive, struct bpf_program *ret_program)
{
	struct sock_filter *code = malloc(naive->size * sizeof(*code));

	if (!code)
		return -ENOMEM;
	for (size_t i = 0; i < naive->size; i++)
		code[i] = naive->reversed[naive->size - 1 - i];
	*ret_program = (struct bpf_program){ .code = code,
					     .length = naive->size,
					     .big_endian = naive->big_endian };
	return 0;
}

int bpf_emit_naive(struct meaning *store, meaning_ref meaning, bool big_endian,
		   struct bpf_program *ret_program)
{
	struct naive *naive;
	int r = -ENOMEM;

	if (meaning == MEANING_FAILED)
		return meaning_error(store);
	naive = calloc(1, sizeof(*naive));
	if (!naive)
		return -ENOMEM;
	naive->store = store;
	naive->big_endian = big_endian;
	naive->places = calloc(meaning_node_count(store), sizeof(*naive->places));
	if (naive->places) {
		place(naive, meaning);
		r = naive->too_long ? -E2BIG : finish(naive, ret_program);
	}
	free(naive->places);
	free(naive);
	return r;
}
