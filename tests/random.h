/* SPDX-License-Identifier: MIT */
/*
 * Random numbers for tests that can be repeated: CALLGATE_SEED in the environment
 * takes the seed that a failed run printed.
 */
#ifndef CALLGATE_TESTS_RANDOM_H
#define CALLGATE_TESTS_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/str.h"

struct random {
	uint64_t state;
};

/* SplitMix64: any state is as good as any other. */
static inline uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline uint32_t random_word(struct random *random)
{
	return (uint32_t)(random_next(random) >> 32);
}

/* 0 up to limit - 1. */
static inline uint32_t random_below(struct random *random, size_t limit)
{
	return (uint32_t)(random_next(random) % limit);
}

static inline bool random_percent(struct random *random, unsigned percent)
{
	return random_below(random, 100) < percent;
}

/* A number out of the environment, `otherwise` when it is not there or is none. */
static inline uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t value;

	return text && str_number(str_of(text), &value) == 0 ? value : otherwise;
}

static inline uint64_t random_seed(void)
{
	uint64_t seed = 0;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 1;
	return number_from_environment("CALLGATE_SEED", seed);
}

#define RANDOM_OF(random, items) \
	((items)[random_below((random), sizeof(items) / sizeof((items)[0]))])

#endif
