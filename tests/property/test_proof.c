// SPDX-License-Identifier: MIT
/*
 * The proof notices: emitted programs with one field changed are either proven, and
 * then do the same, or refuted by a call on which they do not.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <errno.h>
#include <stdio.h>

#include "parties.h"

#define POLICIES 100
#define MUTANTS	 10
#define PROBES	 100

enum fate {
	FATE_INVALID, /* the kernel's rules refuse it */
	FATE_PROVEN,
	FATE_REFUTED,
	FATE_TOO_COMPLEX, /* the store has failed and is of no more use */
	FATE_WRONG,
	FATE_COUNT,
};

static void mutate(struct random *random, struct sock_filter *code, size_t length)
{
	struct sock_filter *i = &code[random_below(random, length)];

	switch (random_below(random, 6)) {
	case 0:
		i->k ^= UINT32_C(1) << random_below(random, 32);
		break;
	case 1:
		i->k += random_percent(random, 50) ? 1 : UINT32_MAX;
		break;
	case 2:
		i->jt = (uint8_t)random_below(random, length);
		break;
	case 3:
		i->jf = (uint8_t)random_below(random, length);
		break;
	case 4:
		*i = code[random_below(random, length)];
		break;
	default: /* jeq, jgt, jge, jset one for another */
		i->code ^= (uint16_t)(0x10u << random_below(random, 3));
		break;
	}
}

/* True: the fate is just. */
static bool is_refuted(const struct parties *parties, const struct bpf_program *mutant,
		       const struct seccomp_data *call)
{
	return bpf_run(mutant, call).value !=
	       meaning_evaluate(parties->store, parties->meaning, call);
}

static bool does_the_same(struct random *random, const struct parties *parties,
			  const struct bpf_program *mutant)
{
	struct seccomp_data call;

	for (int i = 0; i < PROBES; i++) {
		generate_call(random, &parties->generated, &call);
		if (!is_refuted(parties, mutant, &call))
			continue;
		parties_report(parties, &call);
		printf("a proven program answers 0x%08x\n",
		       bpf_run(mutant, &call).value);
		return false;
	}
	return true;
}

static enum fate judge(struct random *random, const struct parties *parties,
		       const struct bpf_program *mutant)
{
	struct seccomp_data call;
	int r;

	if (bpf_validate(mutant->code, mutant->length, NULL, NULL))
		return FATE_INVALID;
	r = bpf_prove(parties->store, parties->meaning, mutant, &call);
	if (r == 0)
		return does_the_same(random, parties, mutant) ? FATE_PROVEN
							      : FATE_COUNT;
	if (r == -E2BIG)
		return FATE_TOO_COMPLEX;
	if (r == -EBADMSG && is_refuted(parties, mutant, &call))
		return FATE_REFUTED;
	parties_report(parties, &call);
	printf("the proof answers %d with a call that shows no difference\n", r);
	return FATE_WRONG;
}

static bool judge_mutants(struct random *random, const struct parties *parties,
			  size_t fates[FATE_COUNT])
{
	static struct sock_filter code[BPF_MAXINSNS];
	struct bpf_program mutant = { .code = code,
				      .length = callgate_filter_length(parties->filter),
				      .big_endian = parties->naive.big_endian };

	for (int i = 0; i < MUTANTS && !meaning_error(parties->store); i++) {
		memcpy(code, callgate_filter_program(parties->filter),
		       sizeof(*code) * mutant.length);
		mutate(random, code, mutant.length);
		fates[judge(random, parties, &mutant)]++;
	}
	return fates[FATE_WRONG] == 0;
}

int main(void)
{
	const struct generate_options options = options_for(false);
	uint64_t policies = POLICIES * number_from_environment("CALLGATE_EFFORT", 1);
	struct random random = { random_seed() };
	size_t fates[FATE_COUNT] = { 0 };
	bool right = true;

	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	for (uint64_t i = 0; right && i < policies; i++) {
		struct parties parties;

		right = parties_make(&random, &options, &parties) &&
			judge_mutants(&random, &parties, fates);
		parties_done(&parties);
	}
	printf("%zu broken programs refuted, %zu changed without effect, %zu invalid, "
	       "%zu too complex\n",
	       fates[FATE_REFUTED], fates[FATE_PROVEN], fates[FATE_INVALID],
	       fates[FATE_TOO_COMPLEX]);
	/* Most changes to a program do matter, or it would be far from the shortest. */
	return !right || fates[FATE_REFUTED] < fates[FATE_PROVEN];
}
