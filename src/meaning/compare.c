// SPDX-License-Identifier: MIT
/*
 * Two diagrams → what is different, call by call.
 *
 * Both are laid out by ABI and number. Where two bodies differ, each pair of verdicts
 * that some arguments bring about is a difference; calls of an ABI that have the same
 * pair under the same condition share one.
 */
#include "meaning/compare.h"

#include <errno.h>
#include <stdlib.h>

#include "meaning/store.h"
#include "meaning/survey.h"

#define VERDICTS_MAX 64u /* of one call */

enum callgate_relation compare_relation(struct meaning *store, meaning_ref a,
					meaning_ref b)
{
	/* Of equals the newer one's counts: it is never overruled, or it is. */
	bool a_holds = meaning_stack(store, a, b) == a;
	bool b_holds = meaning_stack(store, b, a) == b;

	if (a == b)
		return CALLGATE_EQUAL;
	if (a_holds && b_holds)
		return CALLGATE_SIMILAR;
	if (a_holds)
		return CALLGATE_STRICTER;
	return b_holds ? CALLGATE_LOOSER : CALLGATE_INCOMPARABLE;
}

/* Numbers, or an architecture, whose functions differ. */
struct place {
	size_t abi; /* or CALLGATE_NONE */
	uint32_t arch;
	uint32_t first, last; /* numbers */
	const struct syscall *call;
};

struct comparer {
	struct meaning *store;
	struct arena *arena;
	struct differences *differences;
};

static bool is_true(void *context, uint32_t value)
{
	(void)context;
	return value == 1;
}

/* --- one difference --------------------------------------------------------------- */

/* The condition's text in *ret_text, empty when there is none to say. */
static int describe(struct comparer *comparer, const struct place *place,
		    meaning_ref predicate, struct buffer *ret_text)
{
	const struct abi *abi;
	int error;

	if (predicate == MEANING_TRUE || place->abi == CALLGATE_NONE)
		return 0;
	abi = abi_at(place->abi);
	error = meaning_describe(comparer->store, predicate, place->call, abi,
				 ret_text);
	if (error == -EOPNOTSUPP)
		error = meaning_describe(comparer->store, predicate, NULL, abi,
					 ret_text);
	return error ? error : ret_text->failed ? -ENOMEM : 0;
}

static struct difference *find(struct comparer *comparer, size_t abi,
			       const char *condition, uint32_t first, uint32_t second)
{
	for (size_t i = 0; i < comparer->differences->count; i++) {
		struct difference *item = &comparer->differences->items[i];

		if (item->said.abi == abi && item->said.first == first &&
		    item->said.second == second &&
		    !item->said.condition == !condition &&
		    (!condition || strcmp(item->said.condition, condition) == 0))
			return item;
	}
	return NULL;
}

static void add_name(struct buffer *calls, const struct place *place)
{
	if (place->abi == CALLGATE_NONE)
		return;
	if (calls->len)
		buffer_text(calls, ", ");
	if (place->call)
		buffer_text(calls, syscall_name(place->call));
	else
		buffer_printf(calls, "%u", (unsigned)place->first);
	if (place->first < place->last)
		buffer_printf(calls, "..%u", (unsigned)place->last);
}

static int make_example(struct comparer *comparer, const struct place *place,
			meaning_ref predicate, struct seccomp_data *ret_call)
{
	int found =
		meaning_example(comparer->store, predicate, is_true, NULL, ret_call);

	ret_call->arch = place->arch;
	if (place->abi != CALLGATE_NONE)
		ret_call->nr = (int)place->first;
	return found < 0 ? found : 0;
}

/* `predicate` is where the verdicts are these. */
static int add(struct comparer *comparer, const struct place *place,
	       meaning_ref predicate, uint32_t first, uint32_t second)
{
	struct differences *all = comparer->differences;
	struct buffer text = { 0 };
	struct difference *item;
	int error = describe(comparer, place, predicate, &text);

	if (error) {
		buffer_done(&text);
		return error;
	}
	item = find(comparer, place->abi, text.data, first, second);
	if (!item) {
		item = ARENA_PUSH(comparer->arena, all->items, all->count,
				  all->capacity);
		if (item) {
			item->said.abi = place->abi;
			item->said.first = first;
			item->said.second = second;
			if (text.len)
				item->said.condition =
					arena_copy(comparer->arena, str_of(text.data));
			error = make_example(comparer, place, predicate,
					     &item->said.example);
		}
	}
	if (item) {
		add_name(&item->calls, place);
		if (place->abi != CALLGATE_NONE)
			item->said.count += (size_t)place->last - place->first + 1;
	}
	buffer_done(&text);
	return comparer->arena->failed ? -ENOMEM : error;
}

/* Two functions at one place: every pair of verdicts. */
static int compare_at(struct comparer *comparer, const struct place *place,
		      meaning_ref a, meaning_ref b)
{
	struct meaning *store = comparer->store;
	uint32_t firsts[VERDICTS_MAX], seconds[VERDICTS_MAX];
	size_t first_count, second_count;
	int error = 0;

	if (a == b)
		return 0;
	first_count = meaning_values(store, a, firsts, VERDICTS_MAX);
	second_count = meaning_values(store, b, seconds, VERDICTS_MAX);
	if (first_count > VERDICTS_MAX || second_count > VERDICTS_MAX)
		return -E2BIG;
	for (size_t i = 0; !error && i < first_count; i++) {
		meaning_ref where = meaning_equals(store, a, firsts[i]);

		for (size_t j = 0; !error && j < second_count; j++) {
			meaning_ref both =
				meaning_and(store, where,
					    meaning_equals(store, b, seconds[j]));

			if (firsts[i] != seconds[j] && both != MEANING_FALSE)
				error = both == MEANING_FAILED
						? meaning_error(store)
						: add(comparer, place, both, firsts[i],
						      seconds[j]);
		}
	}
	return error ? error : meaning_error(store);
}

/* --- everywhere ------------------------------------------------------------------- */

/* Numbers with the same two bodies: the calls among them one by one. */
static int compare_stretch(struct comparer *comparer, struct place place, meaning_ref a,
			   meaning_ref b)
{
	const struct abi *abi = abi_at(place.abi);
	uint64_t last = place.last;
	int error = 0;

	for (uint64_t start = place.first; !error && a != b && start <= last;
	     start = (uint64_t)place.last + 1) {
		uint32_t call;
		bool found = syscall_number_from(abi, (uint32_t)start, &call) &&
			     call <= last;

		place.first = (uint32_t)start;
		place.call =
			found && call == start ? syscall_by_number(abi, call) : NULL;
		place.last = place.call ? call : (uint32_t)(found ? call - 1 : last);
		error = compare_at(comparer, &place, a, b);
	}
	return error;
}

static int compare_abi(struct comparer *comparer, const struct surveyed_abi *a,
		       const struct surveyed_abi *b)
{
	struct place place = { .abi = a->abi->index, .arch = a->abi->audit_arch };
	size_t i = 0, j = 0;
	int error = 0;

	while (!error && i < a->numbers.count && j < b->numbers.count) {
		const struct numbers *x = &a->numbers.items[i];
		const struct numbers *y = &b->numbers.items[j];

		place.first = x->first > y->first ? x->first : y->first;
		place.last = x->last < y->last ? x->last : y->last;
		error = compare_stretch(comparer, place, x->body, y->body);
		i += x->last == place.last;
		j += y->last == place.last;
	}
	return error;
}

/* Architectures of no ABI. */
static int compare_others(struct comparer *comparer, meaning_ref a, meaning_ref b)
{
	meaning_ref refs[2] = { a, b };
	struct meaning_interval intervals[2][ARCHES_MAX];
	int error = 0;

	for (int i = 0; i < 2; i++) {
		size_t count = meaning_intervals(comparer->store, refs[i], WORD_ARCH,
						 intervals[i], ARCHES_MAX);

		if (count > ARCHES_MAX)
			return -E2BIG;
		for (size_t k = 0; !error && k < count; k++) {
			uint32_t last = k + 1 < count ? intervals[i][k + 1].first - 1
						      : UINT32_MAX;
			struct place place = { .abi = CALLGATE_NONE,
					       .arch = intervals[i][k].first };

			while (abi_of(place.arch, 0) && place.arch < last)
				place.arch++;
			if (abi_of(place.arch, 0))
				continue;
			error = compare_at(comparer, &place,
					   meaning_restrict(comparer->store, a,
							    WORD_ARCH, place.arch),
					   meaning_restrict(comparer->store, b,
							    WORD_ARCH, place.arch));
		}
	}
	return error;
}

static int finish(struct comparer *comparer)
{
	for (size_t i = 0; i < comparer->differences->count; i++) {
		struct difference *item = &comparer->differences->items[i];
		struct buffer *calls = &item->calls;

		item->said.calls = arena_copy(comparer->arena,
					      (struct str){ calls->data, calls->len });
		if (calls->failed || !item->said.calls)
			return -ENOMEM;
	}
	return 0;
}

int compare_meanings(struct meaning *store, meaning_ref a, meaning_ref b,
		     struct arena *arena, struct differences *ret_differences)
{
	struct comparer comparer = { store, arena, ret_differences };
	struct survey first, second;
	int error;

	*ret_differences = (struct differences){ 0 };
	error = survey_take(store, a, arena, &first);
	if (!error)
		error = survey_take(store, b, arena, &second);
	for (size_t i = 0; !error && i < first.abi_count; i++)
		error = compare_abi(&comparer, &first.abis[i], &second.abis[i]);
	if (!error)
		error = compare_others(&comparer, a, b);
	return error ? error : finish(&comparer);
}

void differences_done(struct differences *differences)
{
	for (size_t i = 0; i < differences->count; i++)
		buffer_done(&differences->items[i].calls);
}
