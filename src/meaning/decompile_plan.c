// SPDX-License-Identifier: MIT
/*
 * Cases of calls → rules: calls with the same cases share rules, on all ABIs where they
 * agree, and groups stand for their members.
 *
 *	arch X { … }	calls that only some ABIs agree on, then for all ABIs:
 *	V a where C	the cases of each call but its last
 *	D b		exceptions: members of groups below that get the default
 *	V @group, c	the last case, whatever the arguments are
 *
 * A group may be named when each of its members gets the verdict, or has been decided
 * by a rule above. Nothing here need be trusted: the text is proven.
 */
#include "meaning/decompile.h"

#include <errno.h>

#include "meaning/project.h"

#define GROUP_GAIN_MIN 4 /* names that a group must save */

static uint32_t fallback_of(const struct plan *plan, const struct entry *entry)
{
	return entry->since > plan->version ? plan->decompile->unknown_verdict
					    : plan->default_verdict;
}

/* --- one call --------------------------------------------------------------------- */

/* Which of its cases need a rule, and which is the last. */
static void plan_entry(const struct plan *plan, struct entry *entry)
{
	const struct case_list *cases = entry->cases;
	uint32_t fallback = fallback_of(plan, entry);
	size_t at = 0;

	entry->abis = 0;
	while (at < cases->count && cases->items[at].verdict != fallback)
		at++;
	entry->has_final = at == cases->count;
	if (entry->has_final)
		at--;
	entry->final = cases->items[at].verdict;
	entry->conditions = cases->count;
	entry->skipped = at;
}

static bool is_silent(const struct entry *entry)
{
	return !entry->has_final && entry->conditions == 1;
}

static bool has_conditions(const struct entry *entry)
{
	return entry->conditions > 1;
}

static bool same_case(const struct body_case *a, const struct body_case *b)
{
	return a->verdict == b->verdict && a->length == b->length &&
	       (!a->length || memcmp(a->condition, b->condition, a->length) == 0);
}

static bool same_rules(const struct entry *a, const struct entry *b)
{
	if (a->conditions != b->conditions || a->skipped != b->skipped ||
	    a->has_final != b->has_final || (a->has_final && a->final != b->final))
		return false;
	for (size_t i = 0; i < a->conditions; i++)
		if (i != a->skipped &&
		    !same_case(&a->cases->items[i], &b->cases->items[i]))
			return false;
	return true;
}

/*
 * Whether a condition on these fields of one ABI's call is certain to be understood on
 * the other, where widths and constants may differ.
 */
static bool reads_alike(const struct syscall *call, const uint64_t fields[FIELD_MAX],
			const struct abi *a, const struct abi *b)
{
	struct prototype x, y;

	if (a->audit_arch != b->audit_arch)
		return false;
	syscall_prototype(call, a, &x);
	syscall_prototype(call, b, &y);
	for (unsigned i = 0; i < ARGUMENTS_MAX; i++)
		if (fields[i] && x.arguments[i].bits != y.arguments[i].bits)
			return false;
	return x.count == y.count;
}

/*
 * Whether the rule of an entry may be read on all listed ABIs: those decided by number
 * read it too, in vain.
 */
static bool is_readable(const struct plan *plan, const struct syscall *call,
			const struct entry *entry, const struct abi *abi)
{
	const struct decompile *decompile = plan->decompile;
	uint64_t fields[FIELD_MAX] = { 0 };

	project_support(decompile->store, entry->body, fields);
	for (size_t i = 0; has_conditions(entry) && i < decompile->abi_count; i++)
		if (decompile->abis[i].by_number &&
		    !reads_alike(call, fields, abi, decompile->abis[i].abi))
			return false;
	return true;
}

/* Tells which ABIs agree on a call. */
static void match_abis(struct plan *plan, size_t call)
{
	struct decompile *decompile = plan->decompile;

	for (size_t i = 0; i < decompile->abi_count; i++) {
		struct entry *entry = &decompile->abis[i].entries[call];
		unsigned same = 0;
		bool all;

		if (!entry->is_named || entry->abis)
			continue;
		all = is_readable(plan, syscall_at(call), entry,
				  decompile->abis[i].abi);
		for (size_t j = 0; j < decompile->abi_count; j++) {
			struct entry *other = &decompile->abis[j].entries[call];

			if (!other->is_named)
				continue;
			if (same_rules(entry, other))
				same |= 1u << j;
			else
				all = false;
		}
		for (size_t j = 0; j < decompile->abi_count; j++)
			if (same & 1u << j)
				decompile->abis[j].entries[call].abis =
					all ? ABIS_ALL : same;
	}
}

/* --- rules ------------------------------------------------------------------------ */

static struct rule *find_rule(struct plan *plan, struct rule *first, unsigned abis,
			      uint32_t verdict, const char *condition)
{
	struct rule *rule;

	for (rule = first; rule; rule = rule->next) {
		if (rule->abis != abis || rule->verdict != verdict ||
		    !rule->condition != !condition)
			continue;
		if (!condition || strcmp(rule->condition, condition) == 0)
			return rule;
	}
	rule = ARENA_NEW(plan->arena, struct rule);
	if (!rule)
		return NULL;
	*rule = (struct rule){ abis, verdict, condition, call_set_new(plan->arena),
			       0,    NULL };
	if (!rule->calls.words)
		return NULL;
	*plan->rule_tail = rule;
	plan->rule_tail = &rule->next;
	return rule;
}

/* The first rule that is made from now on, once it is. */
static struct rule **rules_from(struct plan *plan)
{
	return plan->rule_tail;
}

static void add_conditions(struct plan *plan, struct rule **first, unsigned abis,
			   const struct syscall *call, const struct entry *entry)
{
	for (size_t i = 0; i < entry->conditions; i++) {
		const struct body_case *item = &entry->cases->items[i];
		struct rule *rule;

		if (i == entry->skipped)
			continue;
		rule = find_rule(plan, *first, abis, item->verdict, item->condition);
		if (rule)
			call_set_add(rule->calls, call);
	}
}

/* The entry that stands for a call on these ABIs, or NULL. */
static const struct entry *entry_of(const struct plan *plan, size_t call, unsigned abis)
{
	const struct decompile *decompile = plan->decompile;

	for (size_t i = 0; i < decompile->abi_count; i++) {
		const struct entry *entry = &decompile->abis[i].entries[call];

		if (entry->is_named && entry->abis == abis)
			return entry;
	}
	return NULL;
}

/* --- groups ----------------------------------------------------------------------- */

enum standing {
	STANDING_DONE,	   /* no member, or decided by a rule above */
	STANDING_SAME,	   /* gets the verdict */
	STANDING_FALLBACK, /* gets the default */
	STANDING_OTHER,
};

/* The order of last cases: exceptions come before what they are excepted from. */
static bool is_stricter(uint32_t a, uint32_t b)
{
	return (int32_t)a < (int32_t)b;
}

/* What a group's rule would do for one member on one ABI. */
static enum standing stand_on(const struct plan *plan, const struct rule *rule,
			      const struct entry *entry)
{
	bool is_here = entry->abis == rule->abis, is_above = rule->abis == ABIS_ALL;

	if (!entry->is_named || entry->since > plan->version)
		return STANDING_DONE;
	if (has_conditions(entry) && !is_here && !is_above)
		return STANDING_OTHER;
	if (!entry->has_final)
		return STANDING_FALLBACK;
	if (entry->final == rule->verdict)
		return STANDING_SAME;
	if (!is_here)
		return is_above ? STANDING_DONE : STANDING_OTHER;
	return is_stricter(entry->final, rule->verdict) ? STANDING_DONE
							: STANDING_OTHER;
}

static enum standing stand(const struct plan *plan, const struct rule *rule,
			   const struct syscall *call)
{
	const struct decompile *decompile = plan->decompile;
	enum standing worst = STANDING_DONE;
	bool is_newer = false, is_same = false;

	for (size_t i = 0; i < decompile->abi_count; i++) {
		const struct entry *entry =
			&decompile->abis[i].entries[syscall_index(call)];
		enum standing standing = stand_on(plan, rule, entry);

		if (!(rule->abis & 1u << i))
			continue;
		is_newer |= entry->is_named && entry->since > plan->version;
		is_same |= standing == STANDING_SAME;
		if (standing > worst)
			worst = standing;
	}
	/* An exception for one ABI would be one for those that want the verdict. */
	if (worst == STANDING_FALLBACK && is_same)
		return STANDING_OTHER;
	if (!is_newer)
		return worst;
	/* A member here, none there: it is named besides, or not to be had. */
	return worst == STANDING_FALLBACK ? STANDING_OTHER
	       : worst == STANDING_SAME	  ? STANDING_DONE
					  : worst;
}

/* What groups are chosen by: the standing of each call, and the names that are left. */
struct cover {
	const enum standing *standings; /* by syscall_index() */
	struct call_set left, exceptions;
};

/* How many names a group saves; exceptions that it needs cost one each. */
static int group_gain(const struct cover *cover, const struct group *group)
{
	int gain = 0, excepted = 0;

	for (size_t i = 0; i < group_size(group); i++) {
		const struct syscall *call = group_syscall(group, i);
		enum standing standing = cover->standings[syscall_index(call)];

		if (standing == STANDING_OTHER)
			return 0;
		gain += standing == STANDING_SAME && call_set_has(cover->left, call);
		excepted += standing == STANDING_FALLBACK &&
			    !call_set_has(cover->exceptions, call);
	}
	return gain >= GROUP_GAIN_MIN && excepted * 5 <= gain ? gain - excepted : 0;
}

static void take_group(struct cover *cover, const struct group *group)
{
	for (size_t i = 0; i < group_size(group); i++) {
		const struct syscall *call = group_syscall(group, i);
		size_t index = syscall_index(call);

		if (cover->standings[index] == STANDING_FALLBACK)
			call_set_add(cover->exceptions, call);
		else if (cover->standings[index] == STANDING_SAME)
			cover->left.words[index / 64] &= ~(UINT64_C(1) << index % 64);
	}
}

static size_t count_calls(struct call_set set)
{
	size_t count = 0;

	for (size_t i = call_set_next(set, 0); i < syscall_count();
	     i = call_set_next(set, i + 1))
		count++;
	return count;
}

/* Greedy: the group that saves the most names, as long as one saves enough. */
static void use_groups(const struct plan *plan, struct rule *rule,
		       struct rule *exceptions)
{
	enum standing *standings;
	struct cover cover = { .left = rule->calls, .exceptions = exceptions->calls };
	size_t best = 0;

	if (count_calls(rule->calls) < GROUP_GAIN_MIN)
		return;
	standings = ARENA_ARRAY(plan->arena, enum standing, syscall_count());
	if (!standings)
		return;
	for (size_t i = 0; i < syscall_count(); i++)
		standings[i] = stand(plan, rule, syscall_at(i));
	cover.standings = standings;
	while (best < group_count()) {
		int best_gain = GROUP_GAIN_MIN - 1;

		best = group_count();
		for (size_t i = 0; i < group_count() && i < 64; i++) {
			int gain = group_gain(&cover, group_at(i));

			if (gain > best_gain) {
				best_gain = gain;
				best = i;
			}
		}
		if (best == group_count())
			return;
		take_group(&cover, group_at(best));
		rule->groups |= UINT64_C(1) << best;
	}
}

/* --- the rules for the same ABIs -------------------------------------------------- */

static void plan_conditions(struct plan *plan, unsigned abis)
{
	struct rule **first = rules_from(plan);

	for (size_t i = 0; i < syscall_count(); i++) {
		const struct entry *entry = entry_of(plan, i, abis);

		if (entry)
			add_conditions(plan, first, abis, syscall_at(i), entry);
	}
}

/* The last case after *verdict, from the strictest on. */
static bool next_verdict(const struct plan *plan, unsigned abis, bool *is_first,
			 uint32_t *verdict)
{
	uint32_t next = 0;
	bool found = false;

	for (size_t i = 0; i < syscall_count(); i++) {
		const struct entry *entry = entry_of(plan, i, abis);

		if (!entry || !entry->has_final ||
		    (!*is_first && !is_stricter(*verdict, entry->final)) ||
		    (found && !is_stricter(entry->final, next)))
			continue;
		next = entry->final;
		found = true;
	}
	*is_first = false;
	*verdict = next;
	return found;
}

static void plan_finals(struct plan *plan, unsigned abis)
{
	struct rule **first = rules_from(plan), *exceptions, *rule;
	bool is_first = true;
	uint32_t verdict = 0;

	exceptions = find_rule(plan, *first, abis, plan->default_verdict, NULL);
	if (!exceptions)
		return;
	first = rules_from(plan);
	while (next_verdict(plan, abis, &is_first, &verdict)) {
		rule = find_rule(plan, *first, abis, verdict, NULL);
		if (!rule)
			return;
		for (size_t i = 0; i < syscall_count(); i++) {
			const struct entry *entry = entry_of(plan, i, abis);

			if (entry && entry->has_final && entry->final == verdict)
				call_set_add(rule->calls, syscall_at(i));
		}
		use_groups(plan, rule, exceptions);
	}
}

/* The least set of ABIs above `abis` that has rules; 0: none. ABIS_ALL is the last. */
static unsigned next_abis(const struct plan *plan, unsigned abis)
{
	const struct decompile *decompile = plan->decompile;
	unsigned next = 0;

	for (size_t a = 0; a < decompile->abi_count; a++)
		for (size_t i = 0; i < syscall_count(); i++) {
			const struct entry *entry = &decompile->abis[a].entries[i];

			if (entry->is_named && !is_silent(entry) &&
			    entry->abis > abis && (!next || entry->abis < next))
				next = entry->abis;
		}
	return next;
}

/* --- calls that carry others ------------------------------------------------------ */

struct carried {
	uint32_t selector, verdict;
};

struct carrier {
	const struct plan *plan;
	const struct syscall *multiplexer;
	const struct abi *abi;
	struct carried carried[64];
	size_t count;
};

static void carry(struct carrier *carrier, const struct syscall *call, uint32_t verdict)
{
	uint32_t selector;

	if (syscall_multiplexer(call, carrier->abi, &selector) !=
		    carrier->multiplexer ||
	    carrier->count == sizeof(carrier->carried) / sizeof(carrier->carried[0]))
		return;
	carrier->carried[carrier->count++] = (struct carried){ selector, verdict };
}

/* What a rule on the calls that are carried says of the carrier. */
static void carry_rule(struct carrier *carrier, const struct rule *rule)
{
	for (size_t i = 0; i < syscall_count(); i++)
		if (call_set_has(rule->calls, syscall_at(i)))
			carry(carrier, syscall_at(i), rule->verdict);
	for (size_t g = 0; g < group_count() && g < 64; g++) {
		if (!(rule->groups >> g & 1))
			continue;
		for (size_t i = 0; i < group_size(group_at(g)); i++) {
			const struct syscall *call = group_syscall(group_at(g), i);

			if (syscall_since(call, carrier->abi) <= carrier->plan->version)
				carry(carrier, call, rule->verdict);
		}
	}
}

/* The carrier's body as the rules on what it carries have it. */
static meaning_ref carried_body(const struct carrier *carrier, uint32_t fallback)
{
	struct meaning *store = carrier->plan->decompile->store;
	bool is_ipc = str_is(str_of(syscall_name(carrier->multiplexer)), "ipc");
	meaning_ref body = meaning_terminal(store, fallback);

	for (size_t i = carrier->count; i-- > 0;) {
		const struct carried *carried = &carrier->carried[i];
		meaning_ref selected =
			meaning_masked(store, word_low(0), is_ipc ? 0xffff : UINT32_MAX,
				       carried->selector);

		body = meaning_ite(store, selected,
				   meaning_terminal(store, carried->verdict), body);
	}
	return body;
}

/* Makes the verdict's case the last one; false: there is none. */
static bool move_last(struct case_list *cases, uint32_t verdict)
{
	struct body_case *last = &cases->items[cases->count - 1];

	for (size_t i = 0; i < cases->count; i++) {
		struct body_case found = cases->items[i];

		if (found.verdict != verdict)
			continue;
		cases->items[i] = *last;
		*last = found;
		return true;
	}
	return false;
}

static int plan_multiplexer(struct plan *plan, size_t abi,
			    const struct syscall *multiplexer)
{
	struct decompile *decompile = plan->decompile;
	struct listed *listed = &decompile->abis[abi];
	const struct entry *entry = &listed->entries[syscall_index(multiplexer)];
	struct carrier carrier = { .plan = plan,
				   .multiplexer = multiplexer,
				   .abi = listed->abi };
	struct by_number *item;
	struct case_list *cases;

	for (const struct rule *rule = plan->rules; rule; rule = rule->next)
		if (!rule->condition && rule->abis & 1u << abi)
			carry_rule(&carrier, rule);
	if (carried_body(&carrier, fallback_of(plan, entry)) == entry->body)
		return 0;
	item = ARENA_NEW(plan->arena, struct by_number);
	cases = ARENA_NEW(plan->arena, struct case_list);
	if (!item || !cases)
		return -ENOMEM;
	*cases = *entry->cases;
	item->abi = listed->abi;
	syscall_number(multiplexer, listed->abi, &item->first);
	item->last = item->first;
	item->call = multiplexer;
	item->cases = cases;
	item->is_open = !carrier.count && move_last(cases, fallback_of(plan, entry));
	item->next = plan->multiplexers;
	plan->multiplexers = item;
	return 0;
}

static int plan_multiplexers(struct plan *plan, size_t abi)
{
	struct listed *listed = &plan->decompile->abis[abi];
	struct call_set done = call_set_new(plan->arena);
	int error = done.words ? 0 : -ENOMEM;
	uint32_t ignored;

	for (size_t i = 0; !error && i < syscall_count(); i++) {
		const struct syscall *multiplexer =
			syscall_multiplexer(syscall_at(i), listed->abi, &ignored);

		if (!multiplexer || listed->by_number ||
		    call_set_has(done, multiplexer))
			continue;
		call_set_add(done, multiplexer);
		error = plan_multiplexer(plan, abi, multiplexer);
	}
	return error;
}

/* --- all -------------------------------------------------------------------------- */

int plan_make(struct plan *plan)
{
	struct decompile *decompile = plan->decompile;
	unsigned abis = 0;
	int error = 0;

	plan->rule_tail = &plan->rules;
	for (size_t a = 0; a < decompile->abi_count; a++)
		for (size_t i = 0; i < syscall_count(); i++)
			if (decompile->abis[a].entries[i].is_named)
				plan_entry(plan, &decompile->abis[a].entries[i]);
	for (size_t i = 0; i < syscall_count(); i++)
		match_abis(plan, i);
	while ((abis = next_abis(plan, abis))) {
		plan_conditions(plan, abis);
		plan_finals(plan, abis);
	}
	for (size_t a = 0; !error && a < decompile->abi_count; a++)
		error = plan_multiplexers(plan, a);
	if (!error && plan->arena->failed)
		error = -ENOMEM;
	return error ? error : meaning_error(decompile->store);
}
