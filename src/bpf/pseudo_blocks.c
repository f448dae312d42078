// SPDX-License-Identifier: MIT
/*
 * A program as blocks, each of which decides once.
 *
 *     jge 10, a, b        a: jeq 12, yes, no      b: jeq 3, yes, no
 *
 * are three tests of one word; the block that begins with the first becomes a split:
 * 3 and 12 go to yes, everything else to no. Tests on the way may be reached from
 * elsewhere too, since joining them changes nothing. How much is joined is bounded by a
 * budget; afterwards each test stands alone.
 */
#include "bpf/pseudo.h"

#include <errno.h>
#include <stdlib.h>

#define BUDGET 60000u

/* Jumps are followed to their end; equal returns are one, the last: no way goes back. */
static void settle(const struct bpf_program *program, size_t *settled)
{
	const struct sock_filter *code = program->code;

	for (size_t at = program->length; at-- > 0;) {
		bool jumps = code[at].code == (BPF_JMP | BPF_JA);

		settled[at] = jumps ? settled[at + 1 + code[at].k] : at;
	}
	for (size_t at = 0; at < program->length; at++) {
		size_t last = program->length - 1;

		if (BPF_CLASS(code[settled[at]].code) != BPF_RET)
			continue;
		while (code[last].code != code[settled[at]].code ||
		       code[last].k != code[settled[at]].k)
			last--;
		settled[at] = last;
	}
}

/* --- joining tests ------------------------------------------------------------- */

struct pieces {
	struct pseudo *pseudo;
	struct value key;
	struct piece *items;
	size_t count, capacity;
};

static void add_piece(struct pieces *pieces, uint32_t first, uint32_t last,
		      size_t target)
{
	struct piece *piece = ARENA_PUSH(&pieces->pseudo->arena, pieces->items,
					 pieces->count, pieces->capacity);

	if (piece)
		*piece = (struct piece){
			.first = first,
			.last = last,
			.target = pieces->pseudo->settled[target],
		};
}

static bool is_split_test(const struct sock_filter *i)
{
	unsigned operation = BPF_OP(i->code);

	return BPF_CLASS(i->code) == BPF_JMP && BPF_SRC(i->code) == BPF_K &&
	       (operation == BPF_JEQ || operation == BPF_JGE || operation == BPF_JGT);
}

/* A load of what A holds already. */
static bool is_same_load(const struct pieces *pieces, size_t at)
{
	const struct bpf_program *program = pieces->pseudo->program;
	const struct sock_filter *i = &program->code[at];

	return i->code == (BPF_LD | BPF_W | BPF_ABS) &&
	       pieces->key.mask == UINT32_MAX && !pieces->pseudo->facts[at].is_shown &&
	       word_at_offset(i->k, program->big_endian) == pieces->key.word;
}

/* Follows the values first … last of the key from an instruction on. */
static void follow(struct pieces *pieces, size_t at, uint32_t first, uint32_t last);

/* The first value for which a JGE or JGT holds; above UINT32_MAX: none. */
static uint64_t border_of(const struct sock_filter *i)
{
	return (uint64_t)i->k + (BPF_OP(i->code) == BPF_JGT);
}

static void follow_test(struct pieces *pieces, size_t at, uint32_t first, uint32_t last)
{
	const struct sock_filter *i = &pieces->pseudo->program->code[at];
	size_t yes = at + 1 + i->jt, no = at + 1 + i->jf;

	if (BPF_OP(i->code) == BPF_JEQ) {
		if (first < i->k)
			follow(pieces, no, first, i->k - 1 < last ? i->k - 1 : last);
		if (first <= i->k && i->k <= last)
			follow(pieces, yes, i->k, i->k);
		if (i->k < last)
			follow(pieces, no, i->k + 1 > first ? i->k + 1 : first, last);
		return;
	}
	if (first < border_of(i))
		follow(pieces, no, first,
		       last < border_of(i) ? last : (uint32_t)(border_of(i) - 1));
	if (last >= border_of(i))
		follow(pieces, yes,
		       first < border_of(i) ? (uint32_t)border_of(i) : first, last);
}

static void follow(struct pieces *pieces, size_t at, uint32_t first, uint32_t last)
{
	const struct sock_filter *code = pieces->pseudo->program->code;

	while (code[at].code == (BPF_JMP | BPF_JA) || is_same_load(pieces, at))
		at += 1 + (code[at].code == (BPF_JMP | BPF_JA) ? code[at].k : 0);
	if (!is_split_test(&code[at]) || !pieces->pseudo->budget) {
		add_piece(pieces, first, last, at);
		return;
	}
	pieces->pseudo->budget--;
	follow_test(pieces, at, first, last);
}

/* Neighbours that go to one place become one. */
static void merge_pieces(struct pieces *pieces)
{
	size_t kept = 0;

	for (size_t i = 1; i < pieces->count; i++) {
		if (pieces->items[i].target == pieces->items[kept].target)
			pieces->items[kept].last = pieces->items[i].last;
		else
			pieces->items[++kept] = pieces->items[i];
	}
	pieces->count = pieces->count ? kept + 1 : 0;
}

static void split(struct pseudo *pseudo, struct block *block)
{
	const struct pseudo_facts *facts = &pseudo->facts[block->end];
	struct pieces pieces = { .pseudo = pseudo, .key = facts->a };
	bool whole = facts->a.mask == UINT32_MAX;
	uint32_t first = 0, last = facts->a.mask;

	if (whole && facts->a.word == WORD_NR) {
		first = facts->first;
		last = facts->last;
	} else if (whole && facts->a.word == WORD_ARCH && facts->arch_known) {
		first = last = facts->arch;
	}
	block->key = facts->a;
	follow_test(&pieces, block->end, first, last);
	merge_pieces(&pieces);
	for (size_t i = 0; i < pieces.count; i++)
		pieces.items[i].items =
			pseudo_count_items(pseudo, block->end, block->key,
					   pieces.items[i].first, pieces.items[i].last);
	block->pieces = pieces.items;
	block->piece_count = pieces.count;
	block->kind = BLOCK_SPLIT;
	if (pieces.count == 1) {
		block->kind = BLOCK_GOTO;
		block->targets[0] = pieces.items[0].target;
	}
}

/* --- blocks -------------------------------------------------------------------- */

static void count_predecessors(struct pseudo *pseudo)
{
	const struct bpf_program *program = pseudo->program;

	for (size_t at = 0; at + 1 < program->length; at++) {
		const struct sock_filter *i = &program->code[at];

		if (!pseudo->facts[at].reached || BPF_CLASS(i->code) == BPF_RET)
			continue;
		if (BPF_CLASS(i->code) != BPF_JMP) {
			pseudo->predecessors[at + 1]++;
		} else if (BPF_OP(i->code) == BPF_JA) {
			pseudo->predecessors[at + 1 + i->k]++;
		} else {
			pseudo->predecessors[at + 1 + i->jt]++;
			pseudo->predecessors[at + 1 + i->jf] += i->jt != i->jf;
		}
	}
}

static void finish_block(struct pseudo *pseudo, struct block *block)
{
	const struct bpf_program *program = pseudo->program;
	const struct sock_filter *i = &program->code[block->end];

	if (BPF_CLASS(i->code) == BPF_RET) {
		block->kind = BLOCK_RETURN;
	} else if (BPF_CLASS(i->code) != BPF_JMP || BPF_OP(i->code) == BPF_JA) {
		block->kind = BLOCK_GOTO;
		block->targets[0] = pseudo->settled[block->end];
	} else if (is_split_test(i) && pseudo->facts[block->end].a.is_known) {
		split(pseudo, block);
	} else {
		block->kind = BLOCK_BRANCH;
		block->targets[0] = pseudo->settled[block->end + 1 + i->jt];
		block->targets[1] = pseudo->settled[block->end + 1 + i->jf];
		if (block->targets[0] == block->targets[1])
			block->kind = BLOCK_GOTO;
	}
}

/* A block that begins at an instruction, up to what decides or what others lead to. */
static struct block *make_block(struct pseudo *pseudo, size_t start)
{
	struct block *block = ARENA_NEW(&pseudo->arena, struct block);
	const struct sock_filter *code = pseudo->program->code;

	if (!block)
		return NULL;
	block->end = start;
	while (BPF_CLASS(code[block->end].code) != BPF_JMP &&
	       BPF_CLASS(code[block->end].code) != BPF_RET) {
		block->end++;
		if (pseudo->predecessors[block->end] > 1)
			break;
	}
	/* others lead there, and what it decides is said there */
	if (block->end != start && pseudo->predecessors[block->end] > 1) {
		block->kind = BLOCK_GOTO;
		block->targets[0] = pseudo->settled[block->end];
		return block;
	}
	finish_block(pseudo, block);
	return block;
}

static void refer_to_targets(struct pseudo *pseudo, const struct block *block)
{
	size_t count = block->kind == BLOCK_RETURN ? 0
		       : block->kind == BLOCK_GOTO ? 1
						   : 2;

	if (block->kind != BLOCK_SPLIT) {
		for (size_t i = 0; i < count; i++)
			pseudo->references[block->targets[i]]++;
		return;
	}
	for (size_t i = 0; i < block->piece_count; i++) {
		bool is_first = true;

		for (size_t k = 0; k < i && is_first; k++)
			is_first = block->pieces[k].target != block->pieces[i].target;
		pseudo->references[block->pieces[i].target] += is_first;
	}
}

int pseudo_find_blocks(struct pseudo *pseudo)
{
	size_t room = pseudo->program->length + 1;

	pseudo->budget = BUDGET;
	pseudo->blocks = ARENA_ARRAY(&pseudo->arena, struct block *, room);
	pseudo->references = ARENA_ARRAY(&pseudo->arena, unsigned, room);
	pseudo->settled = ARENA_ARRAY(&pseudo->arena, size_t, room);
	pseudo->predecessors = ARENA_ARRAY(&pseudo->arena, unsigned, room);
	if (pseudo->arena.failed)
		return -ENOMEM;
	settle(pseudo->program, pseudo->settled);
	count_predecessors(pseudo);
	pseudo->references[0] = 1;
	for (size_t at = 0; at < pseudo->program->length; at++) {
		if (!pseudo->references[at])
			continue;
		pseudo->blocks[at] = make_block(pseudo, at);
		if (pseudo->arena.failed)
			return -ENOMEM;
		refer_to_targets(pseudo, pseudo->blocks[at]);
	}
	return 0;
}
