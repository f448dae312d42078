/* SPDX-License-Identifier: MIT */
/*
 * Strings inside callgate are a pointer and a length: they may hold any byte, and
 * are usually slices of a source text, which must outlive them.
 */
#ifndef CALLGATE_BASE_STR_H
#define CALLGATE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *ptr;
	size_t len;
};

/* The two arguments of a "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_of(const char *text)
{
	return (struct str){ text, text ? strlen(text) : 0 };
}

static inline bool str_equal(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_is(struct str a, const char *text)
{
	return str_equal(a, str_of(text));
}

static inline bool str_starts(struct str a, const char *prefix)
{
	size_t length = strlen(prefix);

	return a.len >= length && memcmp(a.ptr, prefix, length) == 0;
}

/* Bytewise order, a prefix before what it begins: <0, 0, >0 as memcmp. */
int str_compare(struct str a, struct str b);

/*
 * The one number parser: decimal, 0x hexadecimal, 0o or leading-zero octal, 0b binary,
 * underscores nowhere, the whole string or nothing.
 * Returns 0; -EINVAL when it is not a number; -ERANGE above UINT64_MAX.
 */
int str_number(struct str s, uint64_t *ret_value);

/*
 * Edit distance for did-you-mean: insertions, deletions, substitutions and swaps of
 * neighbours each count 1, case counts nothing. Gives up above `limit` and then
 * returns limit + 1. Names longer than 64 bytes are farther than any limit.
 */
unsigned str_distance(struct str a, struct str b, unsigned limit);

/* Keeps the nearest of many names: feed candidates, then read `best` (NULL: none). */
struct str_nearest {
	struct str wanted;
	const char *best;
	unsigned distance;
};

struct str_nearest str_nearest_to(struct str wanted);
void str_nearest_offer(struct str_nearest *nearest, const char *candidate);

#endif
