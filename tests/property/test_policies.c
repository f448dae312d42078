// SPDX-License-Identifier: MIT
/*
 * Random policies, random calls: every way to say what a policy means says the same.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <stdio.h>

#include "parties.h"

#define POLICIES 1700
#define PROBES	 60

/* Big-endian machines are a part of the run, so that no other machine is needed. */
#define BIG_ENDIAN_PERCENT 15

static bool probe(struct random *random, const struct parties *parties)
{
	struct seccomp_data call;
	uint32_t verdict;

	for (int i = 0; i < PROBES; i++) {
		generate_call(random, &parties->generated, &call);
		if (!parties_agree(parties, &call, &verdict))
			return false;
	}
	return true;
}

int main(void)
{
	const struct generate_options little = options_for(false),
				      big = options_for(true);
	uint64_t policies = POLICIES * number_from_environment("CALLGATE_EFFORT", 1);
	uint64_t naive = 0;
	struct random random = { random_seed() };
	bool same = true;

	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	for (uint64_t i = 0; same && i < policies; i++) {
		bool is_big =
			big.abi_count && random_percent(&random, BIG_ENDIAN_PERCENT);
		struct parties parties;

		same = parties_make(&random, is_big ? &big : &little, &parties) &&
		       probe(&random, &parties);
		naive += parties.naive.length != 0;
		parties_done(&parties);
	}
	if (same)
		printf("%llu policies (%llu of them also as unoptimised programs), "
		       "%llu "
		       "calls: no difference\n",
		       (unsigned long long)policies, (unsigned long long)naive,
		       (unsigned long long)(policies * PROBES));
	return !same;
}
