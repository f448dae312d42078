// SPDX-License-Identifier: MIT
/*
 * Profile → policy, with the meaning that runc and crun give it through libseccomp:
 *
 * - The machine's own ABI is there whether it is listed or not.
 * - A rule whose verdict is the default one is passed over.
 * - The first rule of a call without conditions decides the call, wherever it stands.
 *   Among rules with conditions the first that holds decides (libseccomp's order is of
 *   its own making where verdicts differ: a doubt).
 * - Conditions compare 64 bits without sign, on an ABI of 32 bits the lower half.
 * - Conditions on different arguments are and-ed; as soon as two of a rule are on one
 *   argument, each condition of the rule counts as a rule of its own.
 * - A rule on a call that socketcall or ipc carries as well is also one on that, with
 *   the selector in place of what it says of the first argument.
 */
#include "policy/policy.h"

#include "format/profile.h"
#include "meaning/meaning.h"

/* More conditions than a rule needs: whoever reads a condition recurses. */
#define CONDITIONS_MAX 256

struct lower_abi {
	struct policy_abi *table;
	unsigned bits;
	uint32_t *decided; /* by call: the rule without conditions, plus 1 */
};

struct lowering {
	struct import *import;
	const struct profile *profile;
	struct callgate_policy *policy;
	struct lower_abi abis[ABI_MAX];
	size_t abi_count;
	uint32_t
		*mixed; /* by call: verdict of its first rule with conditions, plus 1 */
	bool is_mixed;	/* some call has rules with conditions and different verdicts */
};

/* --- conditions ------------------------------------------------------------------- */

static struct policy_condition *new_condition(struct lowering *lowering,
					      enum condition_kind kind,
					      struct callgate_span span)
{
	struct policy_condition *condition =
		ARENA_NEW(&lowering->policy->arena, struct policy_condition);

	if (condition) {
		condition->kind = kind;
		condition->span = span;
	}
	return condition;
}

static const struct policy_condition *join(struct lowering *lowering,
					   enum condition_kind kind,
					   const struct policy_condition *left,
					   const struct policy_condition *right)
{
	struct policy_condition *both;

	if (!left || !right)
		return left ? left : right;
	both = new_condition(lowering, kind, left->span);
	if (!both)
		return NULL;
	both->left = left;
	both->right = right;
	return both;
}

static uint64_t ones(unsigned bits)
{
	return UINT64_MAX >> (64 - bits);
}

/* Always true: libseccomp leaves such a condition out. */
static bool is_empty(const struct profile_argument *argument, unsigned bits)
{
	return argument->operator->operator==
	       PROFILE_MASKED_EQ &&(argument->value & ones(bits)) == 0;
}

static const struct policy_condition *
lower_argument(struct lowering *lowering, const struct profile_argument *argument,
	       unsigned bits)
{
	static const enum policy_operator operators[] = {
		[PROFILE_NE] = OPERATOR_NE,	   [PROFILE_LT] = OPERATOR_LT,
		[PROFILE_LE] = OPERATOR_LE,	   [PROFILE_EQ] = OPERATOR_EQ,
		[PROFILE_GE] = OPERATOR_GE,	   [PROFILE_GT] = OPERATOR_GT,
		[PROFILE_MASKED_EQ] = OPERATOR_EQ,
	};
	enum profile_operator operator= argument->operator->operator;
	bool is_masked = operator== PROFILE_MASKED_EQ;
	struct policy_condition *condition =
		new_condition(lowering, CONDITION_TEST, argument->span);
	uint64_t mask = ones(bits) & (is_masked ? argument->value : UINT64_MAX);

	if (condition)
		condition->test = (struct policy_test){
			.field = (uint8_t)argument->index,
			.bits = (uint8_t)bits,
			.operator= operators[operator], .mask = mask,
					     .value = mask &
						      (is_masked ? argument->value_two
								 : argument->value), };
	return condition;
}

/* Two conditions of the rule are on one argument. */
static bool has_repeated(const struct profile_rule *rule)
{
	unsigned seen = 0;

	for (const struct profile_argument *argument = rule->arguments; argument;
	     argument = argument->next) {
		if (seen & 1u << argument->index)
			return true;
		seen |= 1u << argument->index;
	}
	return false;
}

/*
 * What a rule asks of arguments from `first` on; NULL: nothing. A selector (first == 1)
 * has taken the place of what it says of argument 0.
 */
static const struct policy_condition *lower_arguments(struct lowering *lowering,
						      const struct profile_rule *rule,
						      unsigned first, unsigned bits)
{
	bool is_any = has_repeated(rule);
	const struct policy_condition *all = NULL;

	for (const struct profile_argument *argument = rule->arguments; argument;
	     argument = argument->next) {
		bool is_nothing = argument->index < first || is_empty(argument, bits);

		if (is_nothing && is_any)
			return NULL;
		if (!is_nothing)
			all = join(lowering, is_any ? CONDITION_OR : CONDITION_AND, all,
				   lower_argument(lowering, argument, bits));
	}
	return all;
}

static const struct policy_condition *lower_selector(struct lowering *lowering,
						     const struct profile_rule *rule,
						     uint32_t selector, unsigned bits)
{
	struct policy_condition *condition =
		new_condition(lowering, CONDITION_TEST, rule->span);

	if (!condition)
		return NULL;
	condition->test = (struct policy_test){
		.field = 0,
		.bits = (uint8_t)bits,
		.operator= OPERATOR_EQ,
		.mask = ones(bits),
		.value = selector,
	};
	return join(lowering, CONDITION_AND, condition,
		    lower_arguments(lowering, rule, 1, bits));
}

/* --- matches ---------------------------------------------------------------------- */

/* One name of a rule on one ABI. */
struct placing {
	struct lowering *lowering;
	const struct lower_abi *abi;
	const struct profile_rule *rule;
	const struct profile_name *name;
	uint32_t index; /* of the rule */
};

static void doubt_decided(const struct placing *placing, const struct syscall *call,
			  uint32_t decided)
{
	struct lowering *lowering = placing->lowering;

	if (lowering->policy->rules[decided].verdict ==
	    lowering->policy->rules[placing->index].verdict)
		return;
	if (import_doubt(lowering->import, "overridden", placing->name->span, NULL,
			 "this rule on '%s' has no effect: another one without "
			 "conditions decides the call",
			 syscall_name(call)))
		diag_note(lowering->import->report->diagnostics,
			  lowering->policy->rules[decided].span, "it is this one");
}

static void place(const struct placing *placing, const struct syscall *call,
		  const struct policy_condition *condition)
{
	struct lowering *lowering = placing->lowering;
	struct policy_abi *table = placing->abi->table;
	uint32_t decided = placing->abi->decided[syscall_index(call)];
	struct policy_match *match;
	uint32_t number;

	if (decided && decided != placing->index + 1) {
		doubt_decided(placing, call, decided - 1);
		return;
	}
	if (!condition)
		condition =
			new_condition(lowering, CONDITION_ALWAYS, placing->rule->span);
	if (!syscall_number(call, table->abi, &number))
		return;
	match = ARENA_PUSH(&lowering->policy->arena, table->matches, table->count,
			   table->capacity);
	if (match && condition)
		*match = (struct policy_match){
			.rule = placing->index,
			.number = number,
			.condition = condition,
			.span = placing->name->span,
		};
}

static void place_multiplexer(const struct placing *placing)
{
	struct lowering *lowering = placing->lowering;
	const struct syscall *call = placing->name->call, *multiplexer;
	const struct abi *abi = placing->abi->table->abi;
	uint32_t selector;

	multiplexer = syscall_multiplexer(call, abi, &selector);
	if (!multiplexer)
		return;
	place(placing, multiplexer,
	      lower_selector(lowering, placing->rule, selector, placing->abi->bits));
	if (placing->rule->arguments &&
	    !placing->abi->decided[syscall_index(multiplexer)])
		report_warning(lowering->import->report, "multiplexed",
			       placing->name->span, NULL,
			       "on %s '%s' is also made by '%s', whose arguments no "
			       "filter sees: there this rule holds whatever its "
			       "first argument is",
			       abi->name, syscall_name(call),
			       syscall_name(multiplexer));
}

static void place_name(struct placing *placing, const struct policy_condition *of_32,
		       const struct policy_condition *of_64)
{
	struct lowering *lowering = placing->lowering;
	uint32_t ignored;

	for (size_t i = 0; i < lowering->abi_count; i++) {
		placing->abi = &lowering->abis[i];
		if (syscall_number(placing->name->call, placing->abi->table->abi,
				   &ignored))
			place(placing, placing->name->call,
			      placing->abi->bits == 64 ? of_64 : of_32);
		place_multiplexer(placing);
	}
}

/* --- rules ------------------------------------------------------------------------ */

static void doubt_rule(struct lowering *lowering, const struct profile_rule *rule)
{
	size_t count = 0;

	for (const struct profile_argument *argument = rule->arguments; argument;
	     argument = argument->next) {
		bool is_masked = argument->operator->operator== PROFILE_MASKED_EQ;

		if (is_masked && (argument->value_two & ~argument->value))
			import_doubt(lowering->import, "value-outside-mask",
				     argument->span, NULL,
				     "'valueTwo' has bits outside the mask 'value': "
				     "they are passed over");
		count++;
	}
	if (count > CONDITIONS_MAX)
		report_error(lowering->import->report, "too-many-conditions",
			     rule->span, NULL, "a rule with more than %d conditions",
			     CONDITIONS_MAX);
	else if (has_repeated(rule))
		import_doubt(lowering->import, "repeated-argument",
			     rule->arguments->span,
			     "write one rule for each, or a mask",
			     "several conditions on one argument: the runtimes take "
			     "each condition of this rule as a rule of its own");
}

/* Has the runtimes' default verdict: they pass it over. */
static bool is_idle(const struct lowering *lowering, const struct profile_rule *rule)
{
	return profile_verdict(&rule->action) == lowering->policy->default_verdict;
}

/* Takes down what decides a call alone, and where conditions may conflict. */
static void note_call(struct lowering *lowering, const struct profile_rule *rule,
		      const struct syscall *call)
{
	size_t at = syscall_index(call);
	uint32_t verdict = profile_verdict(&rule->action), ignored;
	bool is_conditional = false;

	for (size_t i = 0; i < lowering->abi_count; i++) {
		struct lower_abi *abi = &lowering->abis[i];

		if (!syscall_number(call, abi->table->abi, &ignored))
			continue;
		if (lower_arguments(lowering, rule, 0, abi->bits))
			is_conditional = true;
		else if (!abi->decided[at])
			abi->decided[at] = (uint32_t)lowering->policy->rule_count;
	}
	if (!is_conditional)
		return;
	if (lowering->mixed[at] && lowering->mixed[at] != verdict + 1)
		lowering->is_mixed = true;
	lowering->mixed[at] = verdict + 1;
}

static void doubt_name(struct lowering *lowering, const struct profile_name *name)
{
	struct str_nearest nearest = str_nearest_to(name->name);

	for (size_t i = 0; i < syscall_count(); i++)
		str_nearest_offer(&nearest, syscall_name(syscall_at(i)));
	import_doubt(lowering->import, "unknown-syscall", name->span,
		     report_nearest(lowering->import->report, &nearest, NULL),
		     "there is no system call '%.*s': the runtimes pass over it",
		     STR_ARG(name->name));
}

/* Gives every rule its verdict and every name its call. */
static void note_rule(struct lowering *lowering, struct profile_rule *rule)
{
	struct callgate_policy *policy = lowering->policy;
	struct policy_rule *result =
		ARENA_PUSH(&policy->arena, policy->rules, policy->rule_count,
			   policy->rule_capacity);

	if (!result)
		return;
	result->verdict = profile_verdict(&rule->action);
	result->span = rule->action.span;
	doubt_rule(lowering, rule);
	for (struct profile_name *name = rule->names; name; name = name->next) {
		name->call = syscall_by_name(name->name);
		if (!name->call)
			doubt_name(lowering, name);
		else if (!is_idle(lowering, rule))
			note_call(lowering, rule, name->call);
	}
}

static void place_rule(struct lowering *lowering, const struct profile_rule *rule,
		       uint32_t index)
{
	const struct policy_condition *of_64, *of_32;
	struct placing placing = { lowering, NULL, rule, NULL, index };

	if (is_idle(lowering, rule))
		return;
	of_64 = lower_arguments(lowering, rule, 0, 64);
	of_32 = lower_arguments(lowering, rule, 0, 32);
	for (placing.name = rule->names; placing.name;
	     placing.name = placing.name->next)
		if (placing.name->call)
			place_name(&placing, of_32, of_64);
}

/* --- conflicts -------------------------------------------------------------------- */

#define NO_RULE UINT32_MAX

struct conflict {
	struct meaning *store;
	uint32_t verdict;
	meaning_ref *earlier; /* by call: what the rules up to here say, or NO_RULE */
};

static uint32_t is_other(void *context, uint32_t value)
{
	const struct conflict *conflict = context;

	return value != NO_RULE && value != conflict->verdict;
}

static void check_conflict(struct lowering *lowering, struct conflict *conflict,
			   const struct policy_abi *table,
			   const struct policy_match *match)
{
	struct meaning *store = conflict->store;
	const struct syscall *call = syscall_by_number(table->abi, match->number);
	meaning_ref *earlier = &conflict->earlier[syscall_index(call)];
	meaning_ref condition = meaning_condition(store, match->condition), other;

	conflict->verdict = policy_match_verdict(lowering->policy, match);
	if (*earlier == 0)
		*earlier = meaning_terminal(store, NO_RULE);
	other = meaning_map(store, *earlier, is_other, conflict);
	if (meaning_and(store, other, condition) != MEANING_FALSE &&
	    !meaning_error(store))
		import_doubt(lowering->import, "conflict", match->span,
			     "let the conditions exclude each other",
			     "rules on '%s' overlap and differ in their actions, and "
			     "the format does not say which one counts: the first "
			     "one is taken",
			     syscall_name(call));
	*earlier = meaning_ite(store, other, *earlier,
			       meaning_ite(store, condition,
					   meaning_terminal(store, conflict->verdict),
					   *earlier));
}

/* Rare, so a store is made for it alone. */
static void check_conflicts(struct lowering *lowering)
{
	struct conflict conflict = { .store = meaning_new(MEANING_LIMITS) };
	size_t size = sizeof(*conflict.earlier) * syscall_count();

	conflict.earlier =
		ARENA_ARRAY(lowering->import->arena, meaning_ref, syscall_count());
	if (!conflict.store)
		lowering->import->arena->failed = true;
	for (size_t i = 0; i < lowering->abi_count; i++) {
		const struct policy_abi *table = lowering->abis[i].table;

		if (lowering->import->arena->failed)
			break;
		memset(conflict.earlier, 0, size);
		for (size_t j = 0; j < table->count; j++)
			check_conflict(lowering, &conflict, table, &table->matches[j]);
	}
	meaning_free(conflict.store);
}

/* --- architectures ---------------------------------------------------------------- */

static bool has_abi(const struct lowering *lowering, const struct abi *abi)
{
	for (size_t i = 0; i < lowering->abi_count; i++)
		if (lowering->abis[i].table->abi == abi)
			return true;
	return false;
}

static void add_abi(struct lowering *lowering, const struct abi *abi, unsigned bits)
{
	struct callgate_policy *policy = lowering->policy;
	struct lower_abi *lowered = &lowering->abis[lowering->abi_count];

	if (has_abi(lowering, abi))
		return;
	lowered->decided =
		ARENA_ARRAY(lowering->import->arena, uint32_t, syscall_count());
	if (!lowered->decided)
		return;
	lowered->bits = bits;
	lowered->table = &policy->abis[policy->abi_count++];
	lowered->table->abi = abi;
	lowering->abi_count++;
}

/* Those of the options. */
static void choose_abis(struct lowering *lowering, const char *const *names)
{
	for (; *names; names++) {
		const struct abi *abi = abi_by_name(str_of(*names));

		if (abi)
			add_abi(lowering, abi, arch_of_abi(abi)->bits);
		else
			report_error(lowering->import->report, "unknown-abi", SPAN_NONE,
				     NULL, "there is no ABI '%s'", *names);
	}
}

static void lower_arches(struct lowering *lowering)
{
	const struct abi *machine = lowering->import->machine;
	bool is_foreign = lowering->profile->arches != NULL;

	for (const struct profile_arch *item = lowering->profile->arches; item;
	     item = item->next) {
		const struct abi *abi = abi_by_name(str_of(item->arch->abi));

		if (abi)
			add_abi(lowering, abi, item->arch->bits);
		else
			import_doubt(lowering->import, "unknown-arch", item->span, NULL,
				     "callgate does not know the calls of %s: here "
				     "all of them are killed",
				     item->arch->name);
		is_foreign &= abi && abi->big_endian != machine->big_endian;
	}
	if (is_foreign || has_abi(lowering, machine))
		return;
	if (lowering->profile->arches)
		report_warning(lowering->import->report, "machine-added",
			       lowering->profile->arches->span, NULL,
			       "the machine's own architecture %s is not listed: the "
			       "runtimes add it",
			       machine->name);
	add_abi(lowering, machine, arch_of_abi(machine)->bits);
}

/* --- the whole -------------------------------------------------------------------- */

static void doubt_listener(struct import *import, const struct profile *profile)
{
	const struct profile_rule *rule = profile->rules;
	uint32_t verdict = profile->action.name->verdict;

	if (verdict == SECCOMP_RET_USER_NOTIF)
		import_doubt(import, "notify-default", profile->action.span, NULL,
			     "SCMP_ACT_NOTIFY as the default action: runc refuses it");
	while (rule && rule->action.name->verdict != SECCOMP_RET_USER_NOTIF)
		rule = rule->next;
	if (rule && !profile->listener_path)
		import_doubt(import, "no-listener", rule->action.span, NULL,
			     "SCMP_ACT_NOTIFY without 'listenerPath': nobody would "
			     "answer");
	if (!rule && profile->listener_path && verdict != SECCOMP_RET_USER_NOTIF)
		import_doubt(import, "idle-listener", profile->listener_span, NULL,
			     "'listenerPath' without SCMP_ACT_NOTIFY: runc refuses it");
	if (profile->listener_metadata && !profile->listener_path)
		import_doubt(import, "idle-metadata", profile->metadata_span, NULL,
			     "'listenerMetadata' without 'listenerPath': nobody would "
			     "read it");
}

void profile_lower(struct import *import, const struct profile *profile,
		   struct callgate_policy *policy)
{
	struct lowering lowering = { import, profile, policy };
	uint32_t index = 0;

	policy->version = VERSION_LATEST;
	policy->default_verdict = profile_verdict(&profile->action);
	policy->badarch_verdict = SECCOMP_RET_KILL_THREAD;
	lowering.mixed = ARENA_ARRAY(import->arena, uint32_t, syscall_count());
	if (import->options->abis)
		choose_abis(&lowering, import->options->abis);
	else
		lower_arches(&lowering);
	doubt_listener(import, profile);
	if (import->arena->failed)
		return;
	for (struct profile_rule *rule = profile->rules; rule; rule = rule->next)
		note_rule(&lowering, rule);
	if (report_is_full(import->report) || policy->arena.failed)
		return;
	for (struct profile_rule *rule = profile->rules; rule; rule = rule->next)
		place_rule(&lowering, rule, index++);
	if (lowering.is_mixed && !policy->arena.failed)
		check_conflicts(&lowering);
}
