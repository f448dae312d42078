// SPDX-License-Identifier: MIT
/*
 * What a program knows of a call and of A at each instruction.
 *
 * One pass forward, since jumps only go forward: where paths meet, what they do not
 * agree on is forgotten, and of the number's range their hull is kept. Then one pass
 * backward: an instruction that sets A must be shown when something reads an A that is
 * no longer known to be one word of the call.
 */
#include "bpf/pseudo.h"

#include <stdlib.h>

static bool is_jump(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_JA;
}

static bool same_value(struct value a, struct value b)
{
	return a.is_known == b.is_known &&
	       (!a.is_known || (a.word == b.word && a.mask == b.mask));
}

static void meet(struct pseudo_facts *facts, const struct pseudo_facts *incoming)
{
	if (!facts->reached) {
		*facts = *incoming;
		return;
	}
	if (!same_value(facts->a, incoming->a))
		facts->a.is_known = false;
	if (!incoming->arch_known || facts->arch != incoming->arch)
		facts->arch_known = false;
	if (incoming->first < facts->first)
		facts->first = incoming->first;
	if (incoming->last > facts->last)
		facts->last = incoming->last;
}

/* --- branches ------------------------------------------------------------------ */

/* What a comparison that holds, or does not, leaves of a range. False: nothing. */
static bool narrow(uint16_t code, uint32_t k, bool holds, uint32_t *first,
		   uint32_t *last)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		if (holds) {
			bool inside = *first <= k && k <= *last;

			*first = *last = k;
			return inside;
		}
		if (*first == *last)
			return *first != k;
		*first += *first == k;
		*last -= *last == k;
		return true;
	case BPF_JGT:
		if (k == UINT32_MAX)
			return !holds;
		k++;
		break;
	case BPF_JGE:
		break;
	default:
		return true;
	}
	if (holds && *first < k)
		*first = k;
	if (!holds && *last >= k) {
		*last = k ? k - 1 : 0;
		if (!k)
			return false;
	}
	return *first <= *last;
}

/* The facts on one way out of a branch. False: no call takes it. */
static bool facts_on(const struct sock_filter *i, bool holds,
		     struct pseudo_facts *facts)
{
	bool whole = facts->a.is_known && facts->a.mask == UINT32_MAX &&
		     BPF_SRC(i->code) == BPF_K;
	uint32_t first = facts->arch, last = facts->arch;

	if (whole && facts->a.word == WORD_NR)
		return narrow(i->code, i->k, holds, &facts->first, &facts->last);
	if (!whole || facts->a.word != WORD_ARCH)
		return true;
	if (facts->arch_known)
		return narrow(i->code, i->k, holds, &first, &last);
	if (holds && BPF_OP(i->code) == BPF_JEQ) {
		facts->arch_known = true;
		facts->arch = i->k;
	}
	return true;
}

static void flow_jump(struct pseudo_facts *all, const struct sock_filter *i, size_t at)
{
	struct pseudo_facts yes = all[at], no = all[at];

	if (BPF_OP(i->code) == BPF_JA) {
		meet(&all[at + 1 + i->k], &yes);
		return;
	}
	if (facts_on(i, true, &yes))
		meet(&all[at + 1 + i->jt], &yes);
	if (facts_on(i, false, &no))
		meet(&all[at + 1 + i->jf], &no);
}

/* --- the rest ------------------------------------------------------------------ */

static struct value value_after(const struct bpf_program *program,
				const struct sock_filter *i, struct value a)
{
	if (i->code == (BPF_LD | BPF_W | BPF_ABS))
		return (struct value){
			.is_known = true,
			.word = (uint8_t)word_at_offset(i->k, program->big_endian),
			.mask = UINT32_MAX,
		};
	if (i->code == (BPF_ALU | BPF_AND | BPF_K)) {
		a.mask &= i->k;
		return a;
	}
	if (BPF_CLASS(i->code) == BPF_LD || BPF_CLASS(i->code) == BPF_ALU ||
	    i->code == (BPF_MISC | BPF_TXA))
		a.is_known = false;
	return a;
}

static void flow(const struct bpf_program *program, struct pseudo_facts *all, size_t at)
{
	const struct sock_filter *i = &program->code[at];
	struct pseudo_facts after = all[at];

	if (!after.reached || BPF_CLASS(i->code) == BPF_RET)
		return;
	if (BPF_CLASS(i->code) == BPF_JMP) {
		flow_jump(all, i, at);
		return;
	}
	after.a = value_after(program, i, after.a);
	meet(&all[at + 1], &after);
}

static bool sets_a(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_LD || BPF_CLASS(i->code) == BPF_ALU ||
	       i->code == (BPF_MISC | BPF_TXA);
}

static bool reads_a(const struct sock_filter *i)
{
	return BPF_CLASS(i->code) == BPF_ALU || BPF_CLASS(i->code) == BPF_ST ||
	       i->code == (BPF_MISC | BPF_TAX) || i->code == (BPF_RET | BPF_A) ||
	       is_jump(i);
}

/* Whether what follows an instruction reads an A that is not known there. */
static bool is_needed_after(const struct sock_filter *i, size_t at, const bool *needed)
{
	if (BPF_CLASS(i->code) == BPF_RET)
		return false;
	if (i->code == (BPF_JMP | BPF_JA))
		return needed[at + 1 + i->k];
	if (BPF_CLASS(i->code) == BPF_JMP)
		return needed[at + 1 + i->jt] || needed[at + 1 + i->jf];
	return needed[at + 1];
}

static void find_shown(const struct bpf_program *program, struct pseudo_facts *all,
		       bool *needed)
{
	for (size_t at = program->length; at-- > 0;) {
		const struct sock_filter *i = &program->code[at];
		bool after = is_needed_after(i, at, needed);

		all[at].is_shown = sets_a(i) && after;
		needed[at] = after && !sets_a(i);
		/* an AND that is not shown is part of a known value */
		if (reads_a(i) && !all[at].a.is_known &&
		    (!sets_a(i) || all[at].is_shown))
			needed[at] = true;
	}
}

struct pseudo_facts *pseudo_find_facts(const struct bpf_program *program)
{
	struct pseudo_facts *all = calloc(program->length + 1, sizeof(*all));
	bool *needed = calloc(program->length + 1, sizeof(*needed));

	if (!all || !needed) {
		free(all);
		free(needed);
		return NULL;
	}
	all[0] = (struct pseudo_facts){ .reached = true, .last = UINT32_MAX };
	for (size_t at = 0; at < program->length; at++)
		flow(program, all, at);
	find_shown(program, all, needed);
	free(needed);
	return all;
}
