// SPDX-License-Identifier: MIT
/*
 * Joins of random policies: each call gets the more lenient of two verdicts, and merging is
 * commutative, associative and idempotent, to the byte of the text that is made of it.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/bpf.h"
#include "callgate-inspect.h"
#include "parties.h"

#define ROUNDS 10
#define CALLS  200

static uint64_t seed;

static void fail(const char *what)
{
	fprintf(stderr, "CALLGATE_SEED=%llu: %s\n", (unsigned long long)seed, what);
	exit(1);
}

static struct callgate_filter *join(const struct callgate_filter *a,
				    const struct callgate_filter *b)
{
	const struct callgate_filter *both[] = { a, b };
	struct callgate_filter *result;
	int error = callgate_filter_join(both, 2, NULL, &result);

	if (error && error != -E2BIG)
		fail("cannot be joined");
	return result;
}

/* Without the comment that tells of the program. NULL: too complex to be said. */
static char *text_of(const struct callgate_filter *filter)
{
	char *text, *body;

	if (!filter || callgate_filter_decompile(filter, NULL, NULL, &text))
		return NULL;
	body = strstr(text, "\n\n");
	if (!body)
		fail("a text without a head");
	memmove(text, body, strlen(body) + 1);
	return text;
}

/* Frees both. */
static void same(const char *what, struct callgate_filter *a, struct callgate_filter *b)
{
	char *first = text_of(a), *second = text_of(b);

	if (a && b && (!first != !second || (first && strcmp(first, second) != 0))) {
		fprintf(stderr, "%s\n%s\n", first ? first : "", second ? second : "");
		fail(what);
	}
	free(first);
	free(second);
	callgate_filter_free(a);
	callgate_filter_free(b);
}

static void check_calls(struct random *random, const struct parties parties[2],
			const struct callgate_filter *both)
{
	for (unsigned i = 0; i < CALLS; i++) {
		struct seccomp_data call;
		uint32_t a, b;

		generate_call(random, &parties[i % 2].generated, &call);
		a = verdict_normalize(
			callgate_filter_run(parties[0].filter, &call).value);
		b = verdict_normalize(
			callgate_filter_run(parties[1].filter, &call).value);
		if (callgate_filter_run(both, &call).value != verdict_lenient(a, b))
			fail("a call does not get the more lenient verdict");
	}
}

static void check(struct random *random)
{
	struct generate_options options = options_for(false);
	const struct callgate_filter *a, *b, *c;
	struct callgate_filter *ab, *bc;
	struct parties parties[3];

	for (size_t i = 0; i < 3; i++)
		if (!parties_make(random, &options, &parties[i]))
			fail("no policy");
	a = parties[0].filter, b = parties[1].filter, c = parties[2].filter;
	ab = join(a, b);
	bc = join(b, c);
	if (ab) {
		check_calls(random, parties, ab);
		same("joining twice changes something", join(ab, b), join(a, b));
	}
	same("joining is not commutative", join(a, b), join(b, a));
	if (ab && bc)
		same("joining is not associative", join(ab, c), join(a, bc));
	callgate_filter_free(ab);
	callgate_filter_free(bc);
	for (size_t i = 0; i < 3; i++)
		parties_done(&parties[i]);
}

int main(void)
{
	uint64_t rounds = ROUNDS * number_from_environment("CALLGATE_EFFORT", 1);
	struct random random = { seed = random_seed() };

	for (uint64_t i = 0; i < rounds; i++)
		check(&random);
	printf("%llu rounds\n", (unsigned long long)rounds);
	return 0;
}
