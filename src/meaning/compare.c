// SPDX-License-Identifier: MIT
/*
 * Two diagrams → what is different, call by call.
 *
 * Both are laid out by ABI and number. Where two bodies differ, each pair of verdicts
 * that some arguments bring about is a difference; calls of an ABI that have the same
 * pair under the same condition share one. ABIs that both filters treat as they do any
 * architecture that they never heard of are spoken of together, with those.
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

/* Numbers whose functions differ. */
struct place {
	size_t abi; /* or CALLGATE_NONE */
	uint32_t arch;
	const char *abis;
	uint64_t total;	      /* numbers of the ABI */
	uint32_t first, last; /* … and these of them */
	const struct syscall *call;
};

/* Architectures of no ABI with the same two functions, and ABIs that have them too. */
struct other {
	uint32_t arch; /* an ABI's if there is one */
	meaning_ref a, b;
	const char *abis;
};

#define OTHERS_MAX 64u

struct comparer {
	struct meaning *store;
	struct arena *arena;
	struct differences *differences;
	struct other others[OTHERS_MAX];
	size_t other_count;
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

	if (predicate == MEANING_TRUE)
		return 0;
	abi = abi_at(place->abi == CALLGATE_NONE ? 0 : place->abi);
	error = meaning_describe(comparer->store, predicate, place->call, abi,
				 ret_text);
	if (error == -EOPNOTSUPP)
		error = meaning_describe(comparer->store, predicate, NULL, abi,
					 ret_text);
	return error ? error : ret_text->failed ? -ENOMEM : 0;
}

static struct difference *find(struct comparer *comparer, const struct place *place,
			       const char *condition, uint32_t first, uint32_t second)
{
	for (size_t i = 0; i < comparer->differences->count; i++) {
		struct difference *item = &comparer->differences->items[i];

		if (item->said.abi == place->abi && item->said.first == first &&
		    item->said.example.arch == place->arch &&
		    item->said.second == second &&
		    !item->said.condition == !condition &&
		    (!condition || strcmp(item->said.condition, condition) == 0))
			return item;
	}
	return NULL;
}

static void add_name(struct buffer *calls, const struct place *place)
{
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
	item = find(comparer, place, text.data, first, second);
	if (!item) {
		item = ARENA_PUSH(comparer->arena, all->items, all->count,
				  all->capacity);
		if (item) {
			item->said.abi = place->abi;
			item->said.abis = place->abis;
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
		item->said.count += (size_t)place->last - place->first + 1;
		item->is_every = item->said.count == place->total;
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

/* --- numbers ---------------------------------------------------------------------- */

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

static int compare_numbers(struct comparer *comparer, struct place place,
			   const struct number_list *a, const struct number_list *b)
{
	size_t i = 0, j = 0;
	int error = 0;

	for (size_t k = 0; k < a->count; k++)
		place.total += (uint64_t)a->items[k].last - a->items[k].first + 1;
	while (!error && i < a->count && j < b->count) {
		const struct numbers *x = &a->items[i], *y = &b->items[j];

		place.first = x->first > y->first ? x->first : y->first;
		place.last = x->last < y->last ? x->last : y->last;
		error = place.abi == CALLGATE_NONE
				? compare_at(comparer, &place, x->body, y->body)
				: compare_stretch(comparer, place, x->body, y->body);
		i += x->last == place.last;
		j += y->last == place.last;
	}
	return error;
}

/* --- other architectures ---------------------------------------------------------- */

static struct other *find_other(struct comparer *comparer, meaning_ref a, meaning_ref b)
{
	for (size_t i = 0; i < comparer->other_count; i++) {
		struct other *other = &comparer->others[i];

		if (other->a == a && other->b == b)
			return other;
	}
	return NULL;
}

/* Some architecture of no ABI among these, if there is one, with its two functions. */
static int add_other(struct comparer *comparer, uint32_t first, uint32_t last,
		     meaning_ref a, meaning_ref b)
{
	uint64_t arch = first;

	if (a == b || find_other(comparer, a, b))
		return 0;
	while (arch <= last && abi_of((uint32_t)arch, 0))
		arch++;
	if (arch > last)
		return 0;
	if (comparer->other_count == OTHERS_MAX)
		return -E2BIG;
	comparer->others[comparer->other_count++] =
		(struct other){ .arch = (uint32_t)arch, .a = a, .b = b, .abis = "" };
	return 0;
}

static int find_others(struct comparer *comparer, meaning_ref a, meaning_ref b)
{
	struct meaning_interval x[ARCHES_MAX], y[ARCHES_MAX];
	struct meaning *store = comparer->store;
	size_t m = meaning_intervals(store, a, WORD_ARCH, x, ARCHES_MAX);
	size_t n = meaning_intervals(store, b, WORD_ARCH, y, ARCHES_MAX);
	uint32_t first = 0, last = 0;
	int error = m > ARCHES_MAX || n > ARCHES_MAX ? -E2BIG : meaning_error(store);

	for (size_t i = 0, j = 0; !error && i < m && j < n; first = last + 1) {
		uint32_t ends[] = { i + 1 < m ? x[i + 1].first - 1 : UINT32_MAX,
				    j + 1 < n ? y[j + 1].first - 1 : UINT32_MAX };

		last = ends[0] < ends[1] ? ends[0] : ends[1];
		error = add_other(comparer, first, last, x[i].ref, y[j].ref);
		i += ends[0] == last;
		j += ends[1] == last;
	}
	return error;
}

/* Speaks of the ABI together with others that it is like. */
static int join_other(struct comparer *comparer, struct other *other,
		      const struct abi *abi)
{
	struct buffer names = { 0 };

	if (!*other->abis)
		other->arch = abi->audit_arch;
	buffer_printf(&names, "%s%s%s", other->abis, *other->abis ? ", " : "",
		      abi->name);
	other->abis = names.failed ? NULL
				   : arena_copy(comparer->arena,
						(struct str){ names.data, names.len });
	buffer_done(&names);
	return other->abis ? 0 : -ENOMEM;
}

static int compare_other(struct comparer *comparer, const struct other *other)
{
	const struct place place = { .abi = CALLGATE_NONE,
				     .arch = other->arch,
				     .abis = other->abis };
	struct number_list a, b;
	int error = survey_numbers(comparer->store, other->a, comparer->arena, &a);

	if (!error)
		error = survey_numbers(comparer->store, other->b, comparer->arena, &b);
	return error ? error : compare_numbers(comparer, place, &a, &b);
}

/* --- everything ------------------------------------------------------------------- */

/* The machine's own ABIs are always told one by one. */
static int compare_abi(struct comparer *comparer, meaning_ref a, meaning_ref b,
		       const struct surveyed_abi *first,
		       const struct surveyed_abi *second)
{
	const struct abi *abi = first->abi;
	const struct place place = { .abi = abi->index,
				     .arch = abi->audit_arch,
				     .abis = abi->name };
	struct other *other = NULL;

	a = meaning_restrict(comparer->store, a, WORD_ARCH, abi->audit_arch);
	b = meaning_restrict(comparer->store, b, WORD_ARCH, abi->audit_arch);
	if (abi->audit_arch != abi_native()->audit_arch)
		other = find_other(comparer, a, b);
	if (other)
		return join_other(comparer, other, abi);
	return a == b ? meaning_error(comparer->store)
		      : compare_numbers(comparer, place, &first->numbers,
					&second->numbers);
}

static int finish(struct comparer *comparer)
{
	for (size_t i = 0; i < comparer->differences->count; i++) {
		struct difference *item = &comparer->differences->items[i];
		struct str calls = { item->calls.data, item->calls.len };

		if (item->is_every)
			calls = str_of("every call");
		item->said.calls = arena_copy(comparer->arena, calls);
		if (item->calls.failed || !item->said.calls)
			return -ENOMEM;
	}
	return 0;
}

int compare_meanings(struct meaning *store, meaning_ref a, meaning_ref b,
		     struct arena *arena, struct differences *ret_differences)
{
	struct comparer comparer = { .store = store,
				     .arena = arena,
				     .differences = ret_differences };
	struct survey first, second;
	int error;

	*ret_differences = (struct differences){ 0 };
	error = survey_take(store, a, arena, &first);
	if (!error)
		error = survey_take(store, b, arena, &second);
	if (!error)
		error = find_others(&comparer, a, b);
	for (size_t i = 0; !error && i < first.abi_count; i++)
		error = compare_abi(&comparer, a, b, &first.abis[i], &second.abis[i]);
	for (size_t i = 0; !error && i < comparer.other_count; i++)
		error = compare_other(&comparer, &comparer.others[i]);
	return error ? error : finish(&comparer);
}

void differences_done(struct differences *differences)
{
	for (size_t i = 0; i < differences->count; i++)
		buffer_done(&differences->items[i].calls);
}
