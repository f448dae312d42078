// SPDX-License-Identifier: MIT
/*
 * Diagram → rules. A rule has one condition on an argument, and between the rules of a
 * call there is no order; so the rules made here exclude each other.
 *
 * One argument after another, in the order of the diagram: its values fall into sets
 * that lead to the same rest of the diagram. Such a set becomes conditions, either its
 * intervals,
 *
 *     [0, b] → LE b    [a, max] → GE a    [a, a] → EQ a    all but a → NE a
 *
 * or the paths of the diagram, each of which knows some bits: (argument & mask) == value.
 * Whichever is less; a path can say everything, so the choice is one of length, and of
 * numbers that readers of profiles can hold.
 */
#include "format/rules.h"

#define PATHS_MAX     4096
#define INTERVALS_MAX 128

/* The set of an argument's values that one path of the diagram takes. */
struct cube {
	uint64_t mask, value;
	meaning_ref child; /* below the argument */
};

/* One argument, split. */
struct split {
	struct rules *rules;
	unsigned field, bits;
	struct cube *cubes;
	size_t cube_count, cube_capacity;
	struct meaning_interval high[INTERVALS_MAX + 1]; /* work space */
	struct {
		uint64_t first;
		meaning_ref child;
	} intervals[INTERVALS_MAX];
	size_t interval_count; /* 0: of no use here */
};

struct condition_list {
	struct profile_argument *first, **tail;
	size_t cost; /* how many there are, awkward ones counted as many */
};

/* Many readers of JSON, and the operator's YAML, have signed integers. */
#define AWKWARD_COST 1000

static void give_up(struct rules *rules, enum rules_outcome outcome)
{
	if (rules->outcome == RULES_DONE)
		rules->outcome = outcome;
}

/* --- rules ------------------------------------------------------------------------ */

static struct profile_argument *copy_path(struct rules *rules)
{
	struct profile_argument *first = NULL, **tail = &first;

	for (unsigned i = 0; i < rules->depth; i++) {
		struct profile_argument *argument =
			ARENA_NEW(rules->arena, struct profile_argument);

		if (!argument)
			return NULL;
		*argument = *rules->path[i];
		argument->next = NULL;
		*tail = argument;
		tail = &argument->next;
	}
	return first;
}

static bool set_action(struct rules *rules, uint32_t verdict,
		       struct profile_action *action)
{
	action->name = action_of_verdict(verdict);
	if (!action->name ||
	    (!action->name->has_number && verdict != action->name->verdict)) {
		rules->verdict = verdict;
		give_up(rules, RULES_VERDICT);
		return false;
	}
	action->has_errno = action->name->has_number;
	action->number = (uint16_t)verdict;
	return true;
}

void rules_add(struct rules *rules, uint32_t verdict)
{
	struct profile_rule *rule = ARENA_NEW(rules->arena, struct profile_rule);

	if (!rule || rules->count++ == RULES_MAX) {
		give_up(rules, RULES_MANY);
		return;
	}
	if (!set_action(rules, verdict, &rule->action))
		return;
	rule->names = rules->names;
	rule->arguments = copy_path(rules);
	*rules->tail = rule;
	rules->tail = &rule->next;
}

/* --- paths ------------------------------------------------------------------------ */

static bool is_done(const struct split *split, meaning_ref ref)
{
	return meaning_word(split->rules->store, ref) > word_low(split->field);
}

static bool is_otherwise(const struct rules *rules, meaning_ref ref)
{
	return meaning_is_terminal(rules->store, ref) &&
	       meaning_at(rules->store, ref)->low == rules->otherwise;
}

static void add_cube(struct split *split, struct cube cube)
{
	struct cube *added;

	if (is_otherwise(split->rules, cube.child))
		return;
	added = split->cube_count < PATHS_MAX
			? ARENA_PUSH(split->rules->arena, split->cubes,
				     split->cube_count, split->cube_capacity)
			: NULL;
	if (added)
		*added = cube;
	else
		give_up(split->rules, RULES_MANY);
}

static void walk_paths(struct split *split, struct cube cube)
{
	struct meaning_node node;
	uint64_t bit;

	if (split->rules->outcome != RULES_DONE)
		return;
	if (is_done(split, cube.child)) {
		add_cube(split, cube);
		return;
	}
	node = *meaning_at(split->rules->store, cube.child);
	bit = 1ull << (63 - (node.variable - word_high(split->field) * WORD_BITS));
	cube.mask |= bit;
	cube.child = node.low;
	walk_paths(split, cube);
	cube.value |= bit;
	cube.child = node.high;
	walk_paths(split, cube);
}

/* --- intervals -------------------------------------------------------------------- */

static void add_interval(struct split *split, uint64_t first, meaning_ref child)
{
	size_t count = split->interval_count;

	if (count && split->intervals[count - 1].child == child)
		return;
	if (count < INTERVALS_MAX) {
		split->intervals[count].first = first;
		split->intervals[count].child = child;
	}
	split->interval_count++;
}

/* The intervals of the lower word, where the upper one is `high`. */
static void split_low(struct split *split, uint64_t high, meaning_ref ref)
{
	struct meaning_interval low[INTERVALS_MAX + 1];
	size_t count = meaning_intervals(split->rules->store, ref,
					 word_low(split->field), low, INTERVALS_MAX);

	if (count > INTERVALS_MAX)
		split->interval_count = INTERVALS_MAX + 1;
	for (size_t i = 0; i < count && split->interval_count <= INTERVALS_MAX; i++)
		add_interval(split, high << 32 | low[i].first, low[i].ref);
}

/* Where an upper word that is anything leads on into the lower one: no intervals. */
static void split_high(struct split *split, meaning_ref ref)
{
	size_t count =
		meaning_intervals(split->rules->store, ref, word_high(split->field),
				  split->high, INTERVALS_MAX);

	if (count > INTERVALS_MAX)
		split->interval_count = INTERVALS_MAX + 1;
	for (size_t i = 0; i < count && split->interval_count <= INTERVALS_MAX; i++) {
		uint64_t next = i + 1 < count ? split->high[i + 1].first : 1ull << 32;
		bool is_one = next - split->high[i].first == 1;

		if (is_done(split, split->high[i].ref))
			add_interval(split, (uint64_t)split->high[i].first << 32,
				     split->high[i].ref);
		else if (is_one)
			split_low(split, split->high[i].first, split->high[i].ref);
		else
			split->interval_count = INTERVALS_MAX + 1;
	}
}

static void split_intervals(struct split *split, meaning_ref ref)
{
	if (split->bits == 32)
		split_low(split, 0, ref);
	else
		split_high(split, ref);
	if (split->interval_count > INTERVALS_MAX)
		split->interval_count = 0;
}

/* --- conditions ------------------------------------------------------------------- */

static const struct operator_name *operator_of(enum profile_operator operator)
{
	const struct operator_name *row = operator_names;

	while (row->operator!= operator)
		row++;
	return row;
}

static void add_condition(struct split *split, struct condition_list *list,
			  enum profile_operator operator, uint64_t value, uint64_t two)
{
	struct profile_argument *argument =
		ARENA_NEW(split->rules->arena, struct profile_argument);

	list->cost += value > INT64_MAX || two > INT64_MAX ? AWKWARD_COST : 1;
	if (!argument)
		return;
	argument->index = split->field;
	argument->operator= operator_of(operator);
	argument->value = value;
	argument->value_two = two;
	*list->tail = argument;
	list->tail = &argument->next;
}

static uint64_t field_max(const struct split *split)
{
	return UINT64_MAX >> (64 - split->bits);
}

/* [first, last] as aligned blocks. */
static void add_blocks(struct split *split, struct condition_list *list, uint64_t first,
		       uint64_t last)
{
	for (;;) {
		uint64_t size = 1;

		while (!(first & (size * 2 - 1)) && size * 2 - 1 <= last - first)
			size *= 2;
		if (size == 1)
			add_condition(split, list, PROFILE_EQ, first, 0);
		else
			add_condition(split, list, PROFILE_MASKED_EQ,
				      field_max(split) & ~(size - 1), first);
		if (last - first < size)
			return;
		first += size;
	}
}

static void add_run(struct split *split, struct condition_list *list, uint64_t first,
		    uint64_t last)
{
	if (first == last)
		add_condition(split, list, PROFILE_EQ, first, 0);
	else if (first == 0)
		add_condition(split, list, PROFILE_LE, last, 0);
	else if (last == field_max(split))
		add_condition(split, list, PROFILE_GE, first, 0);
	else
		add_blocks(split, list, first, last);
}

static uint64_t interval_last(const struct split *split, size_t at)
{
	return at + 1 < split->interval_count ? split->intervals[at + 1].first - 1
					      : field_max(split);
}

/* The value that alone is missing from the set: NE. */
static bool is_all_but_one(const struct split *split, meaning_ref child, size_t *ret_at)
{
	size_t found = 0;

	for (size_t i = 0; i < split->interval_count; i++) {
		if (split->intervals[i].child == child)
			continue;
		*ret_at = i;
		found++;
	}
	return found == 1 &&
	       split->intervals[*ret_at].first == interval_last(split, *ret_at);
}

static struct condition_list from_intervals(struct split *split, meaning_ref child)
{
	struct condition_list list = { 0 };
	size_t at;

	list.tail = &list.first;
	if (is_all_but_one(split, child, &at)) {
		add_condition(split, &list, PROFILE_NE, split->intervals[at].first, 0);
		return list;
	}
	for (size_t i = 0; i < split->interval_count; i++)
		if (split->intervals[i].child == child)
			add_run(split, &list, split->intervals[i].first,
				interval_last(split, i));
	return list;
}

static struct condition_list from_cubes(struct split *split, meaning_ref child)
{
	struct condition_list list = { 0 };

	list.tail = &list.first;
	for (size_t i = 0; i < split->cube_count; i++) {
		const struct cube *cube = &split->cubes[i];

		if (cube->child != child)
			continue;
		if (cube->mask == field_max(split))
			add_condition(split, &list, PROFILE_EQ, cube->value, 0);
		else
			add_condition(split, &list, PROFILE_MASKED_EQ, cube->mask,
				      cube->value);
	}
	return list;
}

/* --- all arguments ---------------------------------------------------------------- */

/* The child is one that an earlier cube has led to. */
static bool is_repeated(const struct split *split, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (split->cubes[i].child == split->cubes[at].child)
			return true;
	return false;
}

static void take_child(struct split *split, meaning_ref child)
{
	struct rules *rules = split->rules;
	struct condition_list list = from_cubes(split, child), other;

	if (split->interval_count) {
		other = from_intervals(split, child);
		if (other.cost <= list.cost)
			list = other;
	}
	for (struct profile_argument *condition = list.first; condition;
	     condition = condition->next) {
		rules->path[rules->depth++] = condition;
		rules_from_body(rules, child);
		rules->depth--;
	}
}

static void take_field(struct rules *rules, meaning_ref body, unsigned field)
{
	struct split *split = ARENA_NEW(rules->arena, struct split);

	if (!split) {
		give_up(rules, RULES_MANY);
		return;
	}
	split->rules = rules;
	split->field = field;
	split->bits = rules->is_narrow ? 32 : 64;
	walk_paths(split, (struct cube){ .child = body });
	split_intervals(split, body);
	for (size_t i = 0; i < split->cube_count && rules->outcome == RULES_DONE; i++)
		if (!is_repeated(split, i))
			take_child(split, split->cubes[i].child);
}

void rules_from_body(struct rules *rules, meaning_ref body)
{
	unsigned word = meaning_word(rules->store, body);

	if (rules->outcome != RULES_DONE)
		return;
	if (word == WORD_COUNT) {
		if (!is_otherwise(rules, body))
			rules_add(rules, meaning_at(rules->store, body)->low);
		return;
	}
	if (word >= WORD_IP_HIGH)
		give_up(rules, RULES_POINTER);
	else if (rules->is_narrow && word % 2 == WORD_ARG0_HIGH % 2)
		give_up(rules, RULES_WIDE);
	else
		take_field(rules, body, (word - WORD_ARG0_HIGH) / 2);
}
