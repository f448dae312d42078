// SPDX-License-Identifier: MIT
/*
 * policy → diagram.
 *
 * For each number of each ABI the matches are folded from the last rule to the first,
 * ite(condition, verdict, rest), and the numbers are then put together as intervals,
 * and these by architecture. No predicate over a number is ever built.
 */
#include "meaning/store.h"

#include <stdlib.h>

/* An audit architecture that is none: EM_NONE of linux/elf-em.h. */
#define ARCH_NONE 0

/* Intervals of the word NR under one audit architecture. */
struct number_map {
	struct meaning *store;
	const struct callgate_policy *policy;
	struct meaning_interval *intervals;
	size_t count, capacity;
};

static void add(struct number_map *map, uint32_t first, meaning_ref ref)
{
	if (ref == MEANING_FAILED ||
	    (map->count && map->intervals[map->count - 1].ref == ref))
		return;
	if (map->count == map->capacity) {
		size_t capacity = map->capacity ? map->capacity * 2 : 64;
		struct meaning_interval *grown =
			realloc(map->intervals, sizeof(*grown) * capacity);

		if (!grown) {
			store_fail(map->store, -ENOMEM);
			return;
		}
		map->intervals = grown;
		map->capacity = capacity;
	}
	map->intervals[map->count++] = (struct meaning_interval){ first, ref };
}

static meaning_ref fallback(struct number_map *map, const struct abi *abi,
			    uint32_t number)
{
	return meaning_terminal(map->store, policy_fallback(map->policy, abi, number));
}

/* Where a number's body may begin to differ from the one before it. */
struct starts {
	uint32_t *numbers; /* ascending */
	size_t count;
};

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void add_start(struct starts *starts, uint32_t number)
{
	if (starts->count == 0 || number != starts->numbers[starts->count - 1])
		starts->numbers[starts->count++] = number;
}

/* A number's body is its own: one start there, and one behind it. */
static void add_number(struct starts *starts, uint32_t number, uint32_t last)
{
	add_start(starts, number);
	if (number < last)
		add_start(starts, number + 1);
}

static void sort(struct starts *starts)
{
	size_t kept = 0;

	qsort(starts->numbers, starts->count, sizeof(*starts->numbers),
	      compare_numbers);
	for (size_t i = 0; i < starts->count; i++)
		if (i == 0 || starts->numbers[i] != starts->numbers[kept - 1])
			starts->numbers[kept++] = starts->numbers[i];
	starts->count = kept;
}

/* A number that a match speaks of though it is no call; true: it is one. */
static bool add_stranger(struct starts *starts, const struct policy_abi *table,
			 uint32_t number, uint32_t first, uint32_t last)
{
	if (number < first || number > last || syscall_by_number(table->abi, number))
		return false;
	add_number(starts, number, last);
	return true;
}

/* Both ends of every match; true: there are some that are no call. */
static bool add_strangers(struct starts *starts, const struct policy_abi *table,
			  uint32_t first, uint32_t last)
{
	bool found = false;

	for (size_t i = 0; i < table->count; i++) {
		const struct policy_match *match = &table->matches[i];

		found |= add_stranger(starts, table, match->number, first, last);
		if (match->more)
			found |= add_stranger(starts, table,
					      match->number + match->more, first, last);
	}
	return found;
}

/*
 * Of the segment: its first number, each that is a call, each that a match speaks of.
 * The calls come in order, so that sorting is for strangers alone.
 * Returns false when memory is short.
 */
static bool find_starts(const struct policy_abi *table, uint32_t first, uint32_t last,
			struct starts *ret_starts)
{
	struct starts s = { 0 };

	s.numbers = malloc(sizeof(*s.numbers) * 2 *
			   (1 + syscall_count() + 2 * table->count));
	if (!s.numbers)
		return false;
	add_start(&s, first);
	for (uint32_t n = first; syscall_number_from(table->abi, n, &n) && n <= last;
	     n++)
		add_number(&s, n, last);
	if (add_strangers(&s, table, first, last))
		sort(&s);
	*ret_starts = s;
	return true;
}

/* The first of the ascending starts that is not below `number`. */
static size_t find_start(const struct starts *starts, uint32_t number)
{
	size_t low = 0, high = starts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (starts->numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Folds the matches that fall into the segment into the bodies of their numbers. */
static void fold_matches(struct number_map *map, const struct policy_abi *table,
			 const struct starts *starts, meaning_ref *bodies)
{
	for (size_t i = table->count; i-- > 0;) {
		const struct policy_match *match = &table->matches[i];
		meaning_ref condition = meaning_condition(map->store, match->condition);
		meaning_ref verdict =
			meaning_terminal(map->store,
					 policy_match_verdict(map->policy, match));

		for (size_t at = find_start(starts, match->number);
		     at < starts->count &&
		     starts->numbers[at] - match->number <= match->more;
		     at++)
			bodies[at] =
				meaning_ite(map->store, condition, verdict, bodies[at]);
	}
}

/* The numbers from `first` to `last`, which all belong to one ABI or to none listed. */
static void add_segment(struct number_map *map, uint32_t arch, uint32_t first,
			uint32_t last)
{
	const struct policy_abi *table = policy_abi_of(map->policy, arch, first);
	struct starts starts = { 0 };
	meaning_ref *bodies;

	if (!table) {
		add(map, first,
		    meaning_terminal(map->store, map->policy->badarch_verdict));
		return;
	}
	if (!find_starts(table, first, last, &starts)) {
		store_fail(map->store, -ENOMEM);
		return;
	}
	bodies = malloc(sizeof(*bodies) * starts.count);
	if (bodies) {
		for (size_t i = 0; i < starts.count; i++)
			bodies[i] = fallback(map, table->abi, starts.numbers[i]);
		fold_matches(map, table, &starts, bodies);
		for (size_t i = 0; i < starts.count; i++)
			add(map, starts.numbers[i], bodies[i]);
	} else {
		store_fail(map->store, -ENOMEM);
	}
	free(bodies);
	free(starts.numbers);
}

/*
 *   0 … 0x3fffffff    0x40000000 … 0xfffffffe    0xffffffff
 *   the ABI           x32 beside x86_64,         number -1, "no call"
 *                     else the ABI
 */
static meaning_ref numbers_of(struct meaning *store,
			      const struct callgate_policy *policy, uint32_t arch)
{
	struct number_map map = { .store = store, .policy = policy };
	meaning_ref result = MEANING_FAILED;

	add_segment(&map, arch, 0, 0x3fffffff);
	add_segment(&map, arch, 0x40000000, UINT32_MAX - 1);
	add_segment(&map, arch, UINT32_MAX, UINT32_MAX);
	if (!store->error)
		result = meaning_from_intervals(store, WORD_NR, map.intervals,
						map.count);
	free(map.intervals);
	return result;
}

meaning_ref meaning_of_policy(struct meaning *store,
			      const struct callgate_policy *policy)
{
	uint32_t arches[ABI_MAX];
	struct meaning_interval intervals[2 * ABI_MAX + 1];
	meaning_ref badarch =
		policy->badarch_like ? numbers_of(store, policy, ARCH_NONE)
				     : meaning_terminal(store, policy->badarch_verdict);
	size_t count = 0;

	for (size_t i = 0; i < policy->abi_count; i++)
		arches[i] = policy->abis[i].abi->audit_arch;
	qsort(arches, policy->abi_count, sizeof(arches[0]), compare_numbers);
	intervals[count++] = (struct meaning_interval){ 0, badarch };
	for (size_t i = 0; i < policy->abi_count; i++) {
		if (i > 0 && arches[i] == arches[i - 1])
			continue;
		if (intervals[count - 1].first == arches[i])
			count--;
		intervals[count++] =
			(struct meaning_interval){ arches[i], numbers_of(store, policy,
									 arches[i]) };
		intervals[count++] =
			(struct meaning_interval){ arches[i] + 1, badarch };
	}
	return meaning_from_intervals(store, WORD_ARCH, intervals, count);
}
