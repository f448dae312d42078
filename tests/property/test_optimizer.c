// SPDX-License-Identifier: MIT
/*
 * The optimizer is free to lay a program out as it likes, whatever cost model and counts
 * it is given: the program is proven equal to its policy, what the policy always allows
 * is within what the kernel's cache understands, and the exhaustive search finds nothing
 * worse than the quick one.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <errno.h>
#include <stdio.h>

#include "bpf/frequencies.h"
#include "parties.h"

#define POLICIES 500
#define PROBES	 40
/* The quick search leaves out of its figure the tests of what hardly runs. */
#define SLACK 1.1

#define EXHAUSTIVE_PERCENT 4 /* it is slow */
#define BIG_ENDIAN_PERCENT 15

struct trial {
	struct random *random;
	struct generated generated;
	struct meaning *store;
	meaning_ref meaning;
	struct callgate_frequencies *frequencies;
	struct emit_options options;
	struct bpf_program program;
	double expected;
};

/* Few calls counted, and those by anything from 1 to a billion. */
static struct callgate_frequencies *random_frequencies(struct random *random)
{
	struct callgate_frequencies *frequencies;
	struct buffer text = { 0 };
	uint32_t lines = random_below(random, 60);

	for (uint32_t i = 0; i < lines; i++) {
		const struct syscall *call =
			syscall_at(random_below(random, syscall_count()));

		buffer_printf(&text, "%s: %u\n", syscall_name(call),
			      random_word(random) >> random_below(random, 32));
	}
	if (callgate_frequencies_parse(text.data ? text.data : "", text.len, "random",
				       NULL, &frequencies))
		frequencies = NULL;
	buffer_done(&text);
	return frequencies;
}

static bool complain(const struct trial *trial, const char *what)
{
	struct buffer text = { 0 };

	print_policy(&trial->generated.policy, &text);
	printf("%s, cost model %d, %s frequencies%s:\n%s\n", what,
	       (int)trial->options.cost_model, trial->frequencies ? "with" : "without",
	       trial->options.exhaustive ? ", exhaustive" : "",
	       text.data ? text.data : "");
	buffer_done(&text);
	return false;
}

static void randomise_options(struct trial *trial)
{
	struct random *random = trial->random;

	if (random_percent(random, 60))
		trial->frequencies = random_frequencies(random);
	trial->options = (struct emit_options){
		.cost_model = random_percent(random, 50) ? COST_CACHE : COST_NO_CACHE,
		.big_endian = trial->generated.policy.abis[0].abi->big_endian,
		.frequencies = trial->frequencies,
		.exhaustive = random_percent(random, EXHAUSTIVE_PERCENT),
	};
}

static bool is_proven(struct trial *trial)
{
	struct seccomp_data call;
	int error = bpf_emit(trial->store, trial->meaning, &trial->options,
			     &trial->program, &trial->expected);

	if (error)
		return error == -E2BIG || error == -EFBIG ||
		       complain(trial, strerror(-error));
	if (bpf_validate(trial->program.code, trial->program.length, NULL, NULL))
		return complain(trial, "the kernel would refuse the program");
	error = bpf_prove(trial->store, trial->meaning, &trial->program, &call);
	if (error == -EBADMSG)
		return complain(trial, "not proven");
	return !error || error == -E2BIG || complain(trial, strerror(-error));
}

/* Where the diagram stands once architecture and number are known. */
static meaning_ref body_of_call(const struct trial *trial, uint32_t arch,
				uint32_t number)
{
	meaning_ref ref = trial->meaning;

	while (meaning_word(trial->store, ref) <= WORD_NR) {
		const struct meaning_node *node = meaning_at(trial->store, ref);
		uint32_t word = node->variable / WORD_BITS == WORD_ARCH ? arch : number;

		ref = word >> (WORD_BITS - 1 - node->variable % WORD_BITS) & 1
			      ? node->high
			      : node->low;
	}
	return ref;
}

/* The kernel's cache covers the numbers of its own two ABIs. */
static bool is_coverable(const struct seccomp_data *call)
{
	const struct abi *abi = abi_of(call->arch, (uint32_t)call->nr);

	return abi && abi->number_base == 0 &&
	       (uint32_t)call->nr < syscall_number_end(abi);
}

static bool is_cached_where_allowed(const struct trial *trial)
{
	for (int i = 0; i < PROBES && trial->program.length; i++) {
		struct seccomp_data call;
		meaning_ref body;

		generate_call(trial->random, &trial->generated, &call);
		if (!is_coverable(&call))
			continue;
		body = body_of_call(trial, call.arch, (uint32_t)call.nr);
		if (!meaning_is_terminal(trial->store, body) ||
		    meaning_at(trial->store, body)->low != SECCOMP_RET_ALLOW)
			continue;
		if (!bpf_cached(&trial->program, call.arch, (uint32_t)call.nr))
			return complain(trial, "an allowed call is not for the cache");
	}
	return true;
}

static bool is_no_worse(const struct trial *trial)
{
	struct emit_options quick = trial->options;
	struct bpf_program program;
	double expected;

	if (!trial->options.exhaustive || !trial->program.length)
		return true;
	quick.exhaustive = false;
	if (bpf_emit(trial->store, trial->meaning, &quick, &program, &expected))
		return true;
	bpf_program_done(&program);
	return trial->expected <= expected * SLACK ||
	       complain(trial, "the exhaustive search finds worse");
}

static bool try_one(struct random *random, const struct generate_options *abis)
{
	struct trial trial = { .random = random };
	bool right;

	if (!generate_policy(random, abis, &trial.generated))
		return false;
	randomise_options(&trial);
	trial.store = meaning_new(MEANING_LIMITS);
	if (!trial.store)
		return false;
	trial.meaning = meaning_of_policy(trial.store, &trial.generated.policy);
	right = meaning_error(trial.store) == -E2BIG ||
		(is_proven(&trial) && is_cached_where_allowed(&trial) &&
		 is_no_worse(&trial));
	bpf_program_done(&trial.program);
	meaning_free(trial.store);
	callgate_frequencies_free(trial.frequencies);
	generated_done(&trial.generated);
	return right;
}

int main(void)
{
	const struct generate_options little = options_for(false),
				      big = options_for(true);
	uint64_t policies = POLICIES * number_from_environment("CALLGATE_EFFORT", 1);
	struct random random = { random_seed() };
	bool right = true;

	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	for (uint64_t i = 0; right && i < policies; i++) {
		bool is_big =
			big.abi_count && random_percent(&random, BIG_ENDIAN_PERCENT);

		right = try_one(&random, is_big ? &big : &little);
	}
	if (right)
		printf("%llu policies, each laid out for costs and counts of its own: "
		       "all proven\n",
		       (unsigned long long)policies);
	return !right;
}
