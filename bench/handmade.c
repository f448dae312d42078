// SPDX-License-Identifier: MIT
/*
 * A filter as one would make it by hand, for holding ours against: no cost model, no
 * diagram, no sharing; each test halves the boundaries of the intervals that are left.
 *
 *     ld arch; jeq x86_64; ld nr; jge middle ─► upper half
 *                                     └────► lower half
 *
 * Argument rules of a call become "ld high; jeq 0; ld low; a jump a rule", for rules whose
 * values have 32 bits.
 */
#include "bench.h"

#include <linux/audit.h>
#include <stdlib.h>

#define NUMBERS 512 /* of x86_64, from 0 */
#define LENGTH	4096

struct hand {
	const struct rules *rules;
	uint32_t verdicts[NUMBERS];
	bool is_tested[NUMBERS];
	uint32_t numbers[LENGTH]; /* of each rule; NUMBERS: not on x86_64 */
	struct sock_filter code[LENGTH];
	size_t length;
};

static size_t put(struct hand *hand, unsigned code, uint32_t k, size_t yes, size_t no)
{
	if (yes > UINT8_MAX || no > UINT8_MAX || hand->length == LENGTH)
		fail("too far a jump for a filter made by hand");
	hand->code[hand->length] =
		(struct sock_filter)BPF_JUMP((uint16_t)code, k, (uint8_t)yes,
					     (uint8_t)no);
	return hand->length++;
}

static void load(struct hand *hand, size_t offset)
{
	put(hand, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void ret(struct hand *hand, uint32_t verdict)
{
	put(hand, BPF_RET | BPF_K, verdict, 0, 0);
}

/* --- argument tests --------------------------------------------------------------- */

static size_t count_rules(const struct hand *hand, uint32_t number)
{
	size_t count = 0;

	for (size_t i = 0; i < hand->rules->count; i++)
		count += hand->numbers[i] == number;
	return count;
}

/* A jump to `yes` instructions further when the low word fulfils the rule. */
static void test(struct hand *hand, const struct rule *rule, size_t yes)
{
	uint32_t value = (uint32_t)rule->value;

	switch (rule->operator) {
	case RULE_EQUAL:
		put(hand, BPF_JMP | BPF_JEQ | BPF_K, value, yes, 0);
		break;
	case RULE_GREATER:
		put(hand, BPF_JMP | BPF_JGT | BPF_K, value, yes, 0);
		break;
	case RULE_LESS:
		put(hand, BPF_JMP | BPF_JGE | BPF_K, value, 0, yes);
		break;
	case RULE_MASKED_EQUAL:
		put(hand, BPF_JMP | BPF_JSET | BPF_K, value, 0, yes);
		break;
	default:
		fail("a rule that is not made by hand");
	}
}

static const struct rule *last_rule(const struct hand *hand, uint32_t number)
{
	size_t i = hand->rules->count;

	while (hand->numbers[--i] != number)
		continue;
	return &hand->rules->rules[i];
}

/* A call's rules, all of one action and about one argument; greater: above 32 bits too. */
static void put_tests(struct hand *hand, uint32_t number)
{
	const struct rule *last = last_rule(hand, number);
	size_t left = count_rules(hand, number);
	size_t low = offsetof(struct seccomp_data, args) + 8 * last->argument;

	if (last->operator!= RULE_MASKED_EQUAL) {
		load(hand, low + 4);
		put(hand, BPF_JMP | BPF_JEQ | BPF_K, 0, 0,
		    1 + left + (last->operator== RULE_GREATER));
	}
	load(hand, low);
	for (size_t i = 0; i < hand->rules->count; i++)
		if (hand->numbers[i] == number)
			test(hand, &hand->rules->rules[i], left--);
	ret(hand, hand->rules->otherwise);
	ret(hand, last->action);
}

/* --- the tree --------------------------------------------------------------------- */

static bool is_same(const struct hand *hand, uint32_t a, uint32_t b)
{
	return !hand->is_tested[a] && !hand->is_tested[b] &&
	       hand->verdicts[a] == hand->verdicts[b];
}

static size_t boundaries(const struct hand *hand, uint32_t first, uint32_t last)
{
	size_t count = 0;

	for (uint32_t n = first; n < last; n++)
		count += !is_same(hand, n, n + 1);
	return count;
}

/* The numbers [first, last]. */
static void put_tree(struct hand *hand, uint32_t first, uint32_t last)
{
	size_t half = (boundaries(hand, first, last) + 1) / 2, jump;
	uint32_t split = first;

	if (half == 0) {
		if (hand->is_tested[first])
			put_tests(hand, first);
		else
			ret(hand, hand->verdicts[first]);
		return;
	}
	while (half > 0) {
		half -= !is_same(hand, split, split + 1);
		split++;
	}
	jump = put(hand, BPF_JMP | BPF_JGE | BPF_K, split, 0, 0);
	put_tree(hand, first, split - 1);
	if (hand->length - jump - 1 > UINT8_MAX)
		fail("too far a jump for a filter made by hand");
	hand->code[jump].jt = (uint8_t)(hand->length - jump - 1);
	put_tree(hand, split, last);
}

static void look_up(struct hand *hand)
{
	size_t abi = callgate_abi_find("x86_64");

	for (size_t n = 0; n < NUMBERS; n++)
		hand->verdicts[n] = hand->rules->otherwise;
	for (size_t i = 0; i < hand->rules->count; i++) {
		const struct rule *rule = &hand->rules->rules[i];
		struct callgate_syscall call;

		hand->numbers[i] = NUMBERS;
		if (!callgate_syscall_on(callgate_syscall_find(rule->name), abi, &call))
			continue;
		hand->numbers[i] = call.number;
		if (rule->operator== RULE_ALWAYS)
			hand->verdicts[call.number] = rule->action;
		else
			hand->is_tested[call.number] = true;
	}
}

struct callgate_filter *handmade_filter(const struct rules *rules)
{
	struct hand *hand = need(calloc(1, sizeof(*hand)));
	struct callgate_filter *filter;

	hand->rules = rules;
	look_up(hand);
	load(hand, offsetof(struct seccomp_data, arch));
	put(hand, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
	ret(hand, SECCOMP_RET_KILL_PROCESS);
	load(hand, offsetof(struct seccomp_data, nr));
	put_tree(hand, 0, NUMBERS - 1);
	if (callgate_filter_from_program(hand->code, hand->length, NULL, &filter))
		fail("the filter made by hand is none");
	free(hand);
	return filter;
}
