// SPDX-License-Identifier: MIT
/*
 * diagram → what each ABI does with each of its numbers.
 *
 * Only the two upper words are taken apart; bodies stay diagrams.
 */
#include "meaning/survey.h"

#include <errno.h>
#include <stdlib.h>

#include "meaning/store.h"

static bool push(struct number_list *list, struct arena *arena, struct numbers numbers)
{
	struct numbers *last = list->count ? &list->items[list->count - 1] : NULL;

	if (last && last->last + 1 == numbers.first && last->body == numbers.body) {
		last->last = numbers.last;
		return true;
	}
	last = ARENA_PUSH(arena, list->items, list->count, list->capacity);
	if (last)
		*last = numbers;
	return last != NULL;
}

int survey_numbers(struct meaning *store, meaning_ref function, struct arena *arena,
		   struct number_list *ret_numbers)
{
	struct meaning_interval *intervals =
		malloc(sizeof(*intervals) * (SURVEY_MAX + 1));
	size_t count;
	int error = 0;

	*ret_numbers = (struct number_list){ 0 };
	if (!intervals)
		return -ENOMEM;
	count = meaning_intervals(store, function, WORD_NR, intervals, SURVEY_MAX);
	if (meaning_error(store))
		error = meaning_error(store);
	else if (count > SURVEY_MAX)
		error = -E2BIG;
	for (size_t i = 0; !error && i < count; i++) {
		uint32_t last = i + 1 < count ? intervals[i + 1].first - 1 : UINT32_MAX;

		if (!push(ret_numbers, arena,
			  (struct numbers){ intervals[i].first, last,
					    intervals[i].ref }))
			error = -ENOMEM;
	}
	free(intervals);
	return error;
}

/*
 * Within each of these all numbers under one architecture are of one ABI: x32 has the
 * middle of x86_64's, but for the number -1.
 */
static const struct segment {
	uint32_t first, last;
} segments[] = {
	{ 0, 0x3fffffff },
	{ 0x40000000, UINT32_MAX - 1 },
	{ UINT32_MAX, UINT32_MAX },
};

int survey_clip(const struct number_list *numbers, const struct abi *abi,
		struct arena *arena, struct number_list *ret_numbers)
{
	*ret_numbers = (struct number_list){ 0 };
	for (size_t s = 0; s < sizeof(segments) / sizeof(segments[0]); s++) {
		if (abi_of(abi->audit_arch, segments[s].first) != abi)
			continue;
		for (size_t i = 0; i < numbers->count; i++) {
			struct numbers part = numbers->items[i];

			if (part.first < segments[s].first)
				part.first = segments[s].first;
			if (part.last > segments[s].last)
				part.last = segments[s].last;
			if (part.first <= part.last && !push(ret_numbers, arena, part))
				return -ENOMEM;
		}
	}
	return 0;
}

bool survey_same(const struct number_list *a, const struct number_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].first != b->items[i].first ||
		    a->items[i].last != b->items[i].last ||
		    a->items[i].body != b->items[i].body)
			return false;
	return true;
}

/* Some architecture from `first` to `last` that no ABI has. */
static bool find_other(uint32_t first, uint32_t last, uint32_t *ret_arch)
{
	for (uint64_t arch = first; arch <= last; arch++) {
		if (abi_of((uint32_t)arch, 0))
			continue;
		*ret_arch = (uint32_t)arch;
		return true;
	}
	return false;
}

/* The function of most architectures that no ABI has, and whether there is another. */
static int find_others(struct meaning *store, meaning_ref meaning,
		       struct survey *survey)
{
	struct meaning_interval intervals[ARCHES_MAX];
	size_t capacity = ARCHES_MAX;
	size_t count =
		meaning_intervals(store, meaning, WORD_ARCH, intervals, capacity);
	uint32_t widest = 0, arch;

	if (count > capacity || meaning_error(store))
		return meaning_error(store) ? meaning_error(store) : -E2BIG;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			uint32_t first = intervals[i].first;
			uint32_t last =
				i + 1 < count ? intervals[i + 1].first - 1 : UINT32_MAX;

			if (!find_other(first, last, &arch))
				continue;
			if (pass == 0 && last - first >= widest) {
				widest = last - first;
				survey->others = intervals[i].ref;
				survey->other_arch = arch;
			} else if (pass == 1 && intervals[i].ref != survey->others) {
				survey->has_stranger = true;
				survey->stranger_arch = arch;
			}
		}
	}
	return 0;
}

static int survey_abi(struct meaning *store, meaning_ref meaning, struct arena *arena,
		      struct surveyed_abi *surveyed)
{
	meaning_ref function =
		meaning_restrict(store, meaning, WORD_ARCH, surveyed->abi->audit_arch);
	struct number_list all;
	int error;

	if (function == MEANING_FAILED)
		return meaning_error(store);
	error = survey_numbers(store, function, arena, &all);
	return error ? error
		     : survey_clip(&all, surveyed->abi, arena, &surveyed->numbers);
}

int survey_take(struct meaning *store, meaning_ref meaning, struct arena *arena,
		struct survey *ret_survey)
{
	int error;

	*ret_survey = (struct survey){ .abi_count = abi_count() };
	if (meaning == MEANING_FAILED)
		return meaning_error(store);
	error = find_others(store, meaning, ret_survey);
	for (size_t i = 0; !error && i < ret_survey->abi_count; i++) {
		ret_survey->abis[i].abi = abi_at(i);
		error = survey_abi(store, meaning, arena, &ret_survey->abis[i]);
	}
	return error;
}
