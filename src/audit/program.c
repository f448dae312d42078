// SPDX-License-Identifier: MIT
/*
 * What is wrong with the program whatever it means: instructions that no call reaches,
 * jumps that always go the same way, values that nothing reads.
 *
 * Reach is exact, by the calls that come to an instruction; values are looked at the way
 * compilers do, backwards along all jumps.
 */
#include "audit/audit.h"

#include <linux/filter.h>
#include <stdlib.h>

#define PLACES_MAX 8 /* instructions that one finding names */
#define BIT_A	   (1u << BPF_MEMWORDS)
#define BIT_X	   (1u << (BPF_MEMWORDS + 1))

/* Instructions that share a flaw. */
struct places {
	struct buffer text;
	size_t count, first;
};

static void put_place(struct places *places, size_t pc)
{
	if (places->count == 0)
		places->first = pc;
	if (places->count < PLACES_MAX)
		buffer_printf(&places->text, "%s%zu", places->count ? ", " : "", pc);
	else if (places->count == PLACES_MAX)
		buffer_text(&places->text, ", …");
	places->count++;
}

static void report(struct auditor *auditor, struct places *places,
		   struct callgate_finding finding, const char *what)
{
	finding.risk = CALLGATE_RISK_LOW;
	finding.instruction = places->first;
	auditor->audit->arena.failed |= places->text.failed;
	if (places->count && !places->text.failed)
		audit_add(auditor, &finding, "", "instruction%s %s: %s",
			  places->count == 1 ? "" : "s", places->text.data, what);
	buffer_done(&places->text);
}

/* --- reach ------------------------------------------------------------------------- */

static bool is_test(const struct sock_filter *in)
{
	return BPF_CLASS(in->code) == BPF_JMP && BPF_OP(in->code) != BPF_JA;
}

static bool is_decided(const struct sock_filter *in, uint8_t reach)
{
	unsigned ways = reach & (REACH_YES | REACH_NO);

	return is_test(in) && (reach & REACH_RUN) &&
	       (ways != (REACH_YES | REACH_NO) || in->jt == in->jf);
}

static void audit_reach(struct auditor *auditor, const uint8_t *reach)
{
	const struct bpf_program *program = auditor->program;
	struct places unreachable = { 0 }, decided = { 0 };

	for (size_t pc = 0; pc < program->length; pc++) {
		if (!(reach[pc] & REACH_RUN))
			put_place(&unreachable, pc);
		else if (is_decided(&program->code[pc], reach[pc]))
			put_place(&decided, pc);
	}
	report(auditor, &unreachable,
	       (struct callgate_finding){
		       .code = "unreachable",
		       .reason =
			       "a rule that is never asked is missing from the filter, "
			       "or should not be in it",
		       .mend = "take them out, or find the earlier test that takes "
			       "their calls" },
	       "never run");
	report(auditor, &decided,
	       (struct callgate_finding){
		       .code = "decided-test",
		       .reason =
			       "a test with one outcome was meant to tell calls apart, "
			       "or costs time for nothing",
		       .mend = "take them out, or find the earlier test that decides "
			       "them" },
	       "the same way for every call");
}

/* --- values ------------------------------------------------------------------------ */

struct effect {
	uint32_t reads, writes;
};

static struct effect effect_of(const struct sock_filter *in)
{
	uint32_t memory = in->k < BPF_MEMWORDS ? 1u << in->k : 0;
	uint32_t source = BPF_SRC(in->code) == BPF_X ? BIT_X : 0;
	bool from_memory = BPF_MODE(in->code) == BPF_MEM;

	switch (BPF_CLASS(in->code)) {
	case BPF_LD:
		return (struct effect){ from_memory ? memory : 0, BIT_A };
	case BPF_LDX:
		return (struct effect){ from_memory ? memory : 0, BIT_X };
	case BPF_ST:
		return (struct effect){ BIT_A, memory };
	case BPF_STX:
		return (struct effect){ BIT_X, memory };
	case BPF_ALU:
		return (struct effect){ BIT_A | source, BIT_A };
	case BPF_JMP:
		return (struct effect){ is_test(in) ? BIT_A | source : 0, 0 };
	case BPF_RET:
		return (struct effect){ BPF_RVAL(in->code) == BPF_A ? BIT_A : 0, 0 };
	default:
		return BPF_MISCOP(in->code) == BPF_TAX
			       ? (struct effect){ BIT_A, BIT_X }
			       : (struct effect){ BIT_X, BIT_A };
	}
}

/* What is read after an instruction; `live` is that before each later one. */
static uint32_t live_after(const struct sock_filter *in, const uint32_t *live)
{
	switch (BPF_CLASS(in->code)) {
	case BPF_RET:
		return 0;
	case BPF_JMP:
		return is_test(in) ? live[1 + in->jt] | live[1 + in->jf]
				   : live[1 + in->k];
	default:
		return live[1];
	}
}

/* A division by X may end the program, whatever becomes of its result. */
static bool may_return(const struct sock_filter *in)
{
	return in->code == (BPF_ALU | BPF_DIV | BPF_X);
}

/* Finds the instructions that make a value which nothing reads. */
static void find_dead(const struct bpf_program *program, uint32_t *live, bool *ret_dead)
{
	for (size_t pc = program->length; pc-- > 0;) {
		const struct sock_filter *in = &program->code[pc];
		struct effect effect = effect_of(in);
		uint32_t after = live_after(in, live + pc);

		ret_dead[pc] =
			effect.writes && !(effect.writes & after) && !may_return(in);
		live[pc] =
			ret_dead[pc] ? after : (after & ~effect.writes) | effect.reads;
	}
}

static void audit_values(struct auditor *auditor, const uint8_t *reach)
{
	size_t length = auditor->program->length;
	uint32_t *live = calloc(length, sizeof(*live));
	bool *is_dead = calloc(length, sizeof(*is_dead));
	struct places dead = { 0 };

	auditor->audit->arena.failed |= !live || !is_dead;
	if (live && is_dead)
		find_dead(auditor->program, live, is_dead);
	for (size_t pc = 0; is_dead && pc < length; pc++)
		if (is_dead[pc] && (reach[pc] & REACH_RUN))
			put_place(&dead, pc);
	free(live);
	free(is_dead);
	report(auditor, &dead,
	       (struct callgate_finding){
		       .code = "dead-instruction",
		       .reason =
			       "a value that nothing reads was meant to be tested, or "
			       "costs time for nothing",
		       .mend = "take them out, or add the test that is missing" },
	       "for a value that nothing reads");
}

/* A store of its own: what is too complex here says nothing of the rest. */
void audit_program(struct auditor *auditor)
{
	const struct bpf_program *program = auditor->program;
	struct meaning *store = meaning_new(AUDIT_LIMITS);
	uint8_t *reach = calloc(program->length, sizeof(*reach));

	auditor->audit->arena.failed |= !store || !reach;
	if (store && reach) {
		meaning_reach(store, program->code, program->length,
			      program->big_endian, reach);
		if (!meaning_error(store)) {
			audit_reach(auditor, reach);
			audit_values(auditor, reach);
		}
	}
	free(reach);
	meaning_free(store);
}
