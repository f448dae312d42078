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

/* Far above any table: a bound for the dense array below. */
#define NUMBERS_MAX (1u << 16)

/* Intervals of the word NR under one audit architecture. */
struct number_map {
	struct meaning *store;
	const struct callgate_policy *policy;
	struct meaning_interval *intervals;
	size_t count, capacity;
};

static void add(struct number_map *map, uint32_t first, meaning_ref ref)
{
	struct meaning_interval *last = map->intervals + map->count - 1;

	if (ref == MEANING_FAILED || (map->count && last->ref == ref))
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

/* One past the highest number that a table or a match speaks of, less number_base. */
static uint32_t number_span(const struct policy_abi *table)
{
	uint32_t end = syscall_number_end(table->abi);

	for (size_t i = 0; i < table->count; i++) {
		uint32_t index = table->matches[i].number - table->abi->number_base;

		if (index >= end && index < UINT32_MAX)
			end = index + 1;
	}
	return end;
}

/* The bodies of an ABI's numbers, from number_base on. */
static void add_bodies(struct number_map *map, const struct policy_abi *table)
{
	uint32_t base = table->abi->number_base, end = number_span(table);
	meaning_ref *bodies;

	if (end > NUMBERS_MAX) {
		store_fail(map->store, -E2BIG);
		return;
	}
	bodies = malloc(sizeof(*bodies) * (end + 1));
	if (!bodies) {
		store_fail(map->store, -ENOMEM);
		return;
	}
	for (uint32_t i = 0; i < end; i++)
		bodies[i] = fallback(map, table->abi, base + i);
	for (size_t i = table->count; i-- > 0;) {
		const struct policy_match *match = &table->matches[i];
		meaning_ref *body = &bodies[match->number - base];
		uint32_t verdict = map->policy->rules[match->rule].verdict;

		*body = meaning_ite(map->store,
				    meaning_condition(map->store, match->condition),
				    meaning_terminal(map->store, verdict), *body);
	}
	for (uint32_t i = 0; i < end; i++)
		add(map, base + i, bodies[i]);
	add(map, base + end, fallback(map, table->abi, base + end));
	free(bodies);
}

/* The numbers from `first` on that belong to one ABI, or to none that is listed. */
static void add_segment(struct number_map *map, uint32_t arch, uint32_t first)
{
	const struct policy_abi *table = policy_abi_of(map->policy, arch, first);

	if (!table) {
		add(map, first,
		    meaning_terminal(map->store, map->policy->badarch_verdict));
		return;
	}
	if (first == UINT32_MAX || table->abi->number_base != (first & 0x40000000)) {
		add(map, first, fallback(map, table->abi, first));
		return;
	}
	add_bodies(map, table);
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

	add_segment(&map, arch, 0);
	add_segment(&map, arch, 0x40000000);
	add_segment(&map, arch, UINT32_MAX);
	if (!store->error)
		result = meaning_from_intervals(store, WORD_NR, map.intervals,
						map.count);
	free(map.intervals);
	return result;
}

static int compare_arch(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

meaning_ref meaning_of_policy(struct meaning *store,
			      const struct callgate_policy *policy)
{
	uint32_t arches[ABI_MAX];
	struct meaning_interval intervals[2 * ABI_MAX + 1];
	meaning_ref badarch = meaning_terminal(store, policy->badarch_verdict);
	size_t count = 0;

	for (size_t i = 0; i < policy->abi_count; i++)
		arches[i] = policy->abis[i].abi->audit_arch;
	qsort(arches, policy->abi_count, sizeof(arches[0]), compare_arch);
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
