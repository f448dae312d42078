// SPDX-License-Identifier: MIT
/*
 * Slices: comparison, numbers, distance between names.
 *
 * Nothing here depends on the locale or allocates.
 */
#include "base/str.h"

#include <errno.h>

int str_compare(struct str a, struct str b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;

	if (order)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

/* Strips the prefix that names the base. */
static unsigned take_base(struct str *s)
{
	static const struct {
		char letter;
		unsigned base;
	} prefixes[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };

	if (s->len < 2 || s->ptr[0] != '0')
		return 10;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if ((s->ptr[1] | 0x20) != prefixes[i].letter)
			continue;
		s->ptr += 2;
		s->len -= 2;
		return prefixes[i].base;
	}
	return 8;
}

int str_number(struct str s, uint64_t *ret_value)
{
	unsigned base = take_base(&s);
	uint64_t value = 0;

	if (s.len == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		if (digit_of(s.ptr[i]) >= base)
			return -EINVAL;
	}
	for (size_t i = 0; i < s.len; i++) {
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit_of(s.ptr[i]), &value))
			return -ERANGE;
	}
	*ret_value = value;
	return 0;
}

#define DISTANCE_MAX 64

static char fold_case(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned min_of(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment over three rows of the usual table. */
unsigned str_distance(struct str a, struct str b, unsigned limit)
{
	unsigned rows[3][DISTANCE_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	if (a.len > DISTANCE_MAX || b.len > DISTANCE_MAX)
		return limit + 1;
	for (unsigned j = 0; j <= b.len; j++)
		above[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned least = row[0] = i;

		for (unsigned j = 1; j <= b.len; j++) {
			char x = fold_case(a.ptr[i - 1]), y = fold_case(b.ptr[j - 1]);
			unsigned best = min_of(above[j], row[j - 1]) + 1;

			best = min_of(best, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == fold_case(b.ptr[j - 2]) &&
			    y == fold_case(a.ptr[i - 2]))
				best = min_of(best, before[j - 2] + 1);
			row[j] = best;
			least = min_of(least, best);
		}
		if (least > limit)
			return limit + 1;
		unsigned *spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[b.len] > limit ? limit + 1 : above[b.len];
}

/* A name is near when about a third of it is right. */
struct str_nearest str_nearest_to(struct str wanted)
{
	return (struct str_nearest){
		.wanted = wanted,
		.distance = (unsigned)(wanted.len > 64 ? 0 : wanted.len / 3 + 1),
	};
}

void str_nearest_offer(struct str_nearest *nearest, const char *candidate)
{
	unsigned limit = nearest->best ? nearest->distance - 1 : nearest->distance;
	unsigned distance;

	if (nearest->best && nearest->distance == 0)
		return;
	distance = str_distance(nearest->wanted, str_of(candidate), limit);
	if (distance > limit)
		return;
	nearest->best = candidate;
	nearest->distance = distance;
}
