// SPDX-License-Identifier: MIT
/*
 * Policies of one to eight rules (now and then of many) over a handful of calls, so
 * that rules overlap; conditions that share their values, so that their edges meet.
 */
#include "generate.h"

#include <linux/seccomp.h>

#define FOCUS_MAX 4 /* calls that a policy is mostly about */

struct focus {
	const struct abi *abi;
	uint32_t number;
};

struct generator {
	struct random *random;
	struct generated *made;
	struct callgate_policy *policy;
	struct focus focus[FOCUS_MAX];
	size_t focus_count;
};

static uint64_t ones(unsigned bits)
{
	return bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

/* --- values ----------------------------------------------------------------------- */

static uint64_t random_value(struct random *random)
{
	static const uint64_t edges[] = {
		0,
		1,
		0x7f,
		0x80,
		0xff,
		0x7fff,
		0x8000,
		0xffff,
		0x7fffffff,
		0x80000000,
		0xffffffff,
		0x100000000,
		0x100000001,
		INT64_MAX,
		(uint64_t)INT64_MIN,
		UINT64_MAX,
		0xffffffff00000000,
		0xffffffff80000000,
		0x7fffffffffffff00,
	};

	switch (random_below(random, 6)) {
	case 0:
		return random_below(random, 5);
	case 1:
		return (UINT64_C(1) << random_below(random, 64)) -
		       random_below(random, 2);
	case 2:
		return random_word(random);
	case 3:
		return random_next(random);
	case 4:
		return (uint64_t)0 - random_below(random, 5);
	default:
		return RANDOM_OF(random, edges);
	}
}

static uint64_t random_mask(struct random *random)
{
	uint64_t run = ones(1 + random_below(random, 64));

	switch (random_below(random, 10)) {
	case 0:
		return UINT64_C(1) << random_below(random, 64);
	case 1:
		return random_next(random) & random_next(random);
	case 2:
		return run << random_below(random, 64);
	case 3:
		return ~run;
	case 4:
		return 0xff & random_word(random);
	default:
		return UINT64_MAX;
	}
}

/* --- conditions ------------------------------------------------------------------- */

static struct policy_condition *new_condition(struct generator *g,
					      enum condition_kind kind,
					      const struct policy_condition *left,
					      const struct policy_condition *right)
{
	struct policy_condition *c =
		ARENA_NEW(&g->policy->arena, struct policy_condition);

	if (c)
		*c = (struct policy_condition){ .kind = kind,
						.left = left,
						.right = right };
	return c;
}

static const struct policy_condition *test_condition(struct generator *g,
						     struct policy_test test)
{
	struct policy_condition *condition =
		new_condition(g, CONDITION_TEST, NULL, NULL);

	if (condition)
		condition->test = test;
	return condition;
}

static uint64_t value_for(struct generator *g, unsigned field)
{
	const struct generate_options *options = g->made->options;

	if (field == FIELD_IP && options->instruction_pointer)
		return options->instruction_pointer + random_below(g->random, 3) - 1;
	return random_percent(g->random, 60) ? RANDOM_OF(g->random, g->made->values)
					     : random_value(g->random);
}

static struct policy_test random_test(struct generator *g)
{
	static const uint8_t widths[] = { 8, 16, 32, 32, 64, 64 };
	static const uint8_t fields[] = { 0, 0, 0, 1, 1, 2, 3, 4, 5, FIELD_IP };
	struct policy_test test = { .field = RANDOM_OF(g->random, fields),
				    .bits = RANDOM_OF(g->random, widths) };

	if (test.field == FIELD_IP && g->made->options->without_pointer)
		test.field = 0;
	if (test.field == FIELD_IP)
		test.bits = 64;
	test.is_signed = random_percent(g->random, 30);
	(test.operator) =
		(enum policy_operator)random_below(g->random, OPERATOR_GE + 1);
	if (random_percent(g->random, 40))
		(test.operator) = OPERATOR_EQ;
	test.mask = random_mask(g->random) & ones(test.bits);
	test.value = value_for(g, test.field) & ones(test.bits);
	if (random_percent(g->random, 85))
		test.value &= test.mask;
	return test;
}

/* low <= argument <= high */
static const struct policy_condition *random_range(struct generator *g)
{
	struct policy_test low = random_test(g), high;

	(low.operator) = OPERATOR_GE;
	low.mask = ones(low.bits);
	high = low;
	(high.operator) = OPERATOR_LE;
	high.value = (low.value + random_below(g->random, 200)) & ones(high.bits);
	return new_condition(g, CONDITION_AND, test_condition(g, low),
			     test_condition(g, high));
}

/* argument in { … } */
static const struct policy_condition *random_set(struct generator *g)
{
	struct policy_test test = random_test(g);
	const struct policy_condition *set;

	(test.operator) = OPERATOR_EQ;
	set = test_condition(g, test);
	for (uint32_t more = 1 + random_below(g->random, 6); more > 0; more--) {
		test.value = random_percent(g->random, 60) ? test.value + 1
							   : value_for(g, test.field);
		test.value &= ones(test.bits);
		set = new_condition(g, CONDITION_OR, set, test_condition(g, test));
	}
	return set;
}

/* A missing child means that memory is short, which the arena remembers. */
static const struct policy_condition *random_condition(struct generator *g,
						       unsigned depth)
{
	unsigned kind = random_below(g->random, 100);
	const struct policy_condition *left;

	if (kind < 2)
		return new_condition(g, kind ? CONDITION_ALWAYS : CONDITION_NEVER, NULL,
				     NULL);
	if (kind < 12)
		return random_range(g);
	if (kind < 22)
		return random_set(g);
	if (depth == 0 || kind < 60)
		return test_condition(g, random_test(g));
	left = random_condition(g, depth - 1);
	if (kind < 70)
		return new_condition(g, CONDITION_NOT, left, NULL);
	return new_condition(g, kind < 88 ? CONDITION_AND : CONDITION_OR, left,
			     random_condition(g, depth - 1));
}

/* --- calls that rules are about --------------------------------------------------- */

static bool is_numbered(const char *name)
{
	return name && strncmp(name, "arg", 3) == 0;
}

/* The kernel calls the second argument of prctl() `arg2`; argN counts from 0. */
static bool has_misleading_names(const struct abi *abi, uint32_t number)
{
	const struct syscall *call = syscall_by_number(abi, number);
	struct prototype prototype = { 0 };

	if (call)
		syscall_prototype(call, abi, &prototype);
	for (unsigned i = 0; i < prototype.count; i++)
		if (is_numbered(prototype.arguments[i].name) ||
		    is_numbered(prototype.arguments[i].alias))
			return true;
	return false;
}

static uint32_t random_number(struct random *random, const struct abi *abi)
{
	uint32_t anything =
		random_percent(random, 30) ? UINT32_MAX : random_word(random);
	uint32_t near;

	if (random_percent(random, 4) && abi_of(abi->audit_arch, anything) == abi)
		return anything;
	do {
		near = abi->number_base +
		       random_below(random, syscall_number_end(abi) + 10u);
	} while (has_misleading_names(abi, near));
	return near;
}

static struct focus random_focus(struct generator *g)
{
	size_t abi = random_below(g->random, g->policy->abi_count);
	struct focus focus = { .abi = g->policy->abis[abi].abi };

	focus.number = random_number(g->random, focus.abi);
	return focus;
}

static void add_match(struct generator *g, uint32_t rule, struct focus focus,
		      const struct policy_condition *condition)
{
	struct policy_abi *table = &g->policy->abis[0];
	struct policy_match *match;

	while (table->abi != focus.abi)
		table++;
	match = ARENA_PUSH(&g->policy->arena, table->matches, table->count,
			   table->capacity);
	if (match)
		*match = (struct policy_match){ .rule = rule,
						.number = focus.number,
						.condition = condition };
}

static uint32_t random_verdict(struct generator *g)
{
	static const uint32_t verdicts[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
		SECCOMP_RET_TRAP,	  SECCOMP_RET_TRAP | 9,
		SECCOMP_RET_ERRNO | 1,	  SECCOMP_RET_ERRNO | 38,
		SECCOMP_RET_ERRNO | 4095, SECCOMP_RET_ERRNO,
		SECCOMP_RET_USER_NOTIF,	  SECCOMP_RET_TRACE,
		SECCOMP_RET_TRACE | 7,	  SECCOMP_RET_LOG,
		SECCOMP_RET_ALLOW,	  SECCOMP_RET_ALLOW,
		SECCOMP_RET_ALLOW,
	};

	return RANDOM_OF(g->random, verdicts);
}

/* Rules' are 1 and up; these are greater than any of those. */
#define ERRNO_DEFAULT 3001
#define ERRNO_UNKNOWN 3002
#define ERRNO_BADARCH 3003

static uint32_t statement_verdict(struct generator *g, uint32_t number)
{
	return g->made->options->only_errnos ? SECCOMP_RET_ERRNO | number
					     : random_verdict(g);
}

static uint32_t add_rule(struct generator *g, uint32_t verdict)
{
	struct policy_rule *rule =
		ARENA_PUSH(&g->policy->arena, g->policy->rules, g->policy->rule_count,
			   g->policy->rule_capacity);

	if (rule)
		rule->verdict = verdict;
	return (uint32_t)g->policy->rule_count - 1;
}

static void random_rule(struct generator *g)
{
	uint32_t rule = add_rule(g, 0), calls = 1 + random_below(g->random, 3);
	const struct policy_condition *condition;

	if (g->policy->arena.failed)
		return;
	g->policy->rules[rule].verdict = statement_verdict(g, rule + 1);
	condition = random_percent(g->random, 25)
			    ? new_condition(g, CONDITION_ALWAYS, NULL, NULL)
			    : random_condition(g, 3);
	for (; calls > 0; calls--)
		add_match(g, rule,
			  random_percent(g->random, 85)
				  ? g->focus[random_below(g->random, g->focus_count)]
				  : random_focus(g),
			  condition);
}

/* One that gives many calls a verdict, as real policies do. */
static void wide_rule(struct generator *g)
{
	uint32_t rule = add_rule(g, 0), calls = 10 + random_below(g->random, 200);
	const struct policy_condition *always =
		new_condition(g, CONDITION_ALWAYS, NULL, NULL);

	if (g->policy->arena.failed)
		return;
	g->policy->rules[rule].verdict = statement_verdict(g, rule + 1);
	for (; calls > 0; calls--)
		add_match(g, rule, random_focus(g), always);
}

/* --- policies --------------------------------------------------------------------- */

static void choose_abis(struct generator *g)
{
	const struct generate_options *options = g->made->options;
	size_t wanted = 1 + random_below(g->random, 3),
	       offered = options->abi_count - 1;

	g->policy->abis[g->policy->abi_count++].abi = options->abis[0];
	for (size_t i = 1; i < options->abi_count; i++)
		if (g->policy->abi_count < wanted &&
		    random_below(g->random, offered) < 2)
			g->policy->abis[g->policy->abi_count++].abi = options->abis[i];
}

static void choose_fallbacks(struct generator *g)
{
	static const kernel_version versions[] = { VERSION(4, 9), VERSION(5, 4),
						   VERSION(6, 1) };

	g->policy->version = VERSION_LATEST;
	g->policy->default_verdict = statement_verdict(g, ERRNO_DEFAULT);
	g->policy->badarch_verdict = statement_verdict(g, ERRNO_BADARCH);
	g->policy->has_unknown = random_percent(g->random, 50);
	if (!g->policy->has_unknown)
		return;
	g->policy->version = RANDOM_OF(g->random, versions);
	g->policy->unknown_verdict = statement_verdict(g, ERRNO_UNKNOWN);
}

static void allow_one(struct generator *g)
{
	struct focus focus = { g->policy->abis[0].abi,
			       g->made->options->allowed_number };

	add_match(g, add_rule(g, SECCOMP_RET_ALLOW), focus,
		  new_condition(g, CONDITION_ALWAYS, NULL, NULL));
}

bool generate_policy(struct random *random, const struct generate_options *options,
		     struct generated *ret_generated)
{
	struct generator g = { .random = random,
			       .made = ret_generated,
			       .policy = &ret_generated->policy };

	*ret_generated = (struct generated){ .options = options };
	arena_init(&g.policy->arena, ARENA_DEFAULT_LIMIT);
	g.policy->name = "generated";
	for (size_t i = 0; i < sizeof(g.made->values) / sizeof(g.made->values[0]); i++)
		g.made->values[i] = random_value(random);
	choose_abis(&g);
	choose_fallbacks(&g);
	g.focus_count = 1 + random_below(random, FOCUS_MAX);
	for (size_t i = 0; i < g.focus_count; i++)
		g.focus[i] = random_focus(&g);
	if (options->only_errnos)
		allow_one(&g);
	for (uint32_t rules = 1 + random_below(random, 8); rules > 0; rules--)
		if (random_percent(random, 5))
			wide_rule(&g);
		else
			random_rule(&g);
	return !g.policy->arena.failed;
}

void generated_done(struct generated *generated)
{
	arena_done(&generated->policy.arena);
}
