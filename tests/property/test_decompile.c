// SPDX-License-Identifier: MIT
/*
 * A filter, decompiled and compiled again, means the same: filters of random policies,
 * random programs and, where CALLGATE_CORPUS names a folder, the filters of others.
 *
 * Random programs are drawn until so many went round. What the language cannot say is
 * counted by kind, and each is run to see that it is so: over 2048 verdicts of one call,
 * or numbers told apart in over 4096 stretches, are beyond what a policy may list. What
 * has no such witness is counted as well, and is one in fifty at most.
 *
 * A policy's filter can be said, but that one in twenty may be too complex; each of
 * others' filters is said.
 *
 *     CALLGATE_SEED=N repeats a run, CALLGATE_EFFORT=N makes it N times as long
 */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <time.h>

#include "bpf/filter.h"
#include "generate_program.h"
#include "meaning/survey.h"
#include "meaning/vector.h"
#include "parties.h"
#include "witness.h"

#define POLICIES 20
#define PROGRAMS 100
#define LENGTH	 40

static bool has_many_verdicts(struct random *random, const struct bpf_program *program)
{
	return witness_verdicts(random, program, VECTOR_TERMINALS_MAX);
}

static bool has_many_numbers(struct random *random, const struct bpf_program *program)
{
	return witness_changes(random, program, WORD_NR, SURVEY_MAX) ||
	       witness_changes(random, program, WORD_ARCH, ARCHES_MAX);
}

static bool has_many_cases(struct random *random, const struct bpf_program *program)
{
	return has_many_verdicts(random, program) || has_many_numbers(random, program);
}

/* An architecture that is none is treated in a way of its own, as random ones show. */
static bool has_own_verdicts(struct random *random, const struct bpf_program *program)
{
	return witness_changes(random, program, WORD_ARCH, 1);
}

/* What a random program may do that no policy says, by the code of the error. */
static const struct kind {
	const char *code, *what;
	bool (*witness)(struct random *random, const struct bpf_program *program);
} kinds[] = {
	{ "too-many-verdicts", "return more different verdicts than can be listed",
	  has_many_verdicts },
	{ "too-many-numbers", "tell more stretches of numbers apart than can be listed",
	  has_many_numbers },
	{ "not-sayable", "treat an architecture that is none in a way of its own",
	  has_own_verdicts },
	{ "too-complex",
	  "compare what they compute, in more cases than can be looked at",
	  has_many_cases },
};

#define NOT_SAYABLE 2
#define KINDS	    (sizeof(kinds) / sizeof(kinds[0]))

struct tally {
	size_t said;
	size_t kinds[KINDS], witnessed[KINDS]; /* of those that were not */
	double slowest;			       /* seconds */
	size_t longest;			       /* bytes of text */
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static meaning_ref meaning_of(struct meaning *store,
			      const struct callgate_filter *filter)
{
	const struct bpf_program *program = &filter->program;

	return meaning_normalize(store, meaning_of_program(store, program->code,
							   program->length,
							   program->big_endian));
}

/* Compiles the text and compares. */
static bool means_the_same(const struct callgate_filter *filter, const char *text)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	struct callgate_diagnostics *found = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	struct callgate_filter *again = NULL;
	bool same = false;
	int error = callgate_policy_parse(text, strlen(text), NULL, found, &policy);

	if (!error)
		error = callgate_policy_compile(policy, NULL, found, &again);
	/* Both would be too long: the text as such was proven. */
	if (error == -E2BIG)
		same = true;
	else if (!error)
		same = meaning_of(store, filter) == meaning_of(store, again) &&
		       !meaning_error(store);
	if (!same)
		printf("not the same (%s): %s\n%s\n", strerror(-error),
		       callgate_diagnostics_count(found)
			       ? callgate_diagnostics_at(found, 0)->message
			       : "",
		       text);
	callgate_filter_free(again);
	callgate_policy_free(policy);
	callgate_diagnostics_free(found);
	meaning_free(store);
	return same;
}

static void print_error(const struct callgate_filter *filter, int error,
			const struct callgate_diagnostics *found)
{
	struct buffer text = { 0 };

	bpf_disassemble(&filter->program, &text);
	printf("%s: %s\n%s\n", strerror(-error),
	       callgate_diagnostics_count(found)
		       ? callgate_diagnostics_at(found, 0)->message
		       : "",
	       text.data);
	buffer_done(&text);
}

/* False: it is no error that a good filter may have. */
static bool count_error(struct random *random, const struct callgate_filter *filter,
			const struct callgate_diagnostics *found, struct tally *tally)
{
	const char *code;

	if (callgate_diagnostics_count(found) != 1)
		return false;
	code = callgate_diagnostics_at(found, 0)->code;
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(code, kinds[i].code) != 0)
			continue;
		tally->kinds[i]++;
		if (kinds[i].witness(random, &filter->program))
			tally->witnessed[i]++;
		else if (getenv("CALLGATE_VERBOSE"))
			print_error(filter, -E2BIG, found);
		return true;
	}
	return false;
}

static size_t count_refused(const struct tally *tally)
{
	size_t refused = 0;

	for (size_t i = 0; i < KINDS; i++)
		refused += tally->kinds[i];
	return refused;
}

static size_t count_witnessed(const struct tally *tally)
{
	size_t witnessed = 0;

	for (size_t i = 0; i < KINDS; i++)
		witnessed += tally->witnessed[i];
	return witnessed;
}

static bool goes_round(struct random *random, const struct callgate_filter *filter,
		       struct tally *tally)
{
	struct callgate_diagnostics *found = callgate_diagnostics_new();
	double start = now();
	char *text = NULL;
	int error = callgate_filter_decompile(filter, NULL, found, &text);
	double took = now() - start;
	bool good = true;

	if (took > tally->slowest)
		tally->slowest = took;
	if (!error) {
		size_t length = strlen(text);

		if (length > tally->longest)
			tally->longest = length;
		tally->said++;
		good = means_the_same(filter, text);
	} else {
		good = (error == -E2BIG || error == -EOPNOTSUPP) &&
		       count_error(random, filter, found, tally);
	}
	if (!good)
		print_error(filter, error, found);
	free(text);
	callgate_diagnostics_free(found);
	return good;
}

static void print_tally(const char *what, const struct tally *tally)
{
	size_t refused = count_refused(tally), all = tally->said + refused;

	printf("%s: %zu of %zu said and the same again, %zu that cannot be said (%.1f "
	       "%%), "
	       "%zu of them seen so; the slowest took %.3f s, the longest has %zu "
	       "bytes\n",
	       what, tally->said, all, refused,
	       all ? 100.0 * (double)refused / (double)all : 0.0,
	       count_witnessed(tally), tally->slowest, tally->longest);
	for (size_t i = 0; i < KINDS; i++)
		if (tally->kinds[i])
			printf("\t%zu %s, %zu of them seen to\n", tally->kinds[i],
			       kinds[i].what, tally->witnessed[i]);
}

/* --- filters of random policies --------------------------------------------------- */

static bool check_policies(struct random *random, uint64_t count)
{
	const struct generate_options options = options_for(false);
	struct tally tally = { 0 };
	bool good = true;

	for (uint64_t i = 0; good && i < count; i++) {
		struct parties parties;

		good = parties_make(random, &options, &parties) &&
		       goes_round(random, parties.filter, &tally);
		parties_done(&parties);
	}
	print_tally("filters of random policies", &tally);
	return good && !tally.kinds[NOT_SAYABLE] && count_refused(&tally) * 20 <= count;
}

/* --- random programs -------------------------------------------------------------- */

/*
 * What most filters begin with, and then anything:
 *
 *	ld [4]; jne #arch, refuse; ld [0]; …random…; refuse: ret #verdict
 */
static size_t draw_program(struct random *random, struct sock_filter *code)
{
	size_t length = 1 + random_below(random, LENGTH), at = 0;
	uint32_t arch = abi_at(random_below(random, abi_count()))->audit_arch;
	bool checks = random_percent(random, 80);

	if (checks) {
		code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4);
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							  arch, 1, 0);
		code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							  random_word(random));
		code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	}
	generate_program(random, code + at, length);
	return at + length;
}

static bool check_programs(struct random *random, uint64_t count)
{
	struct tally tally = { 0 };
	bool good = true;

	while (good && tally.said < count) {
		struct sock_filter code[LENGTH + 8];
		struct callgate_filter *filter;

		good = !callgate_filter_from_program(code, draw_program(random, code),
						     NULL, &filter);
		if (good)
			good = goes_round(random, filter, &tally);
		callgate_filter_free(filter);
	}
	print_tally("random programs", &tally);
	/* a few may come early */
	return good && (count_refused(&tally) - count_witnessed(&tally)) * 50 <=
			       tally.said + 400;
}

/* --- the filters of others -------------------------------------------------------- */

static struct tally others;
static struct random others_random;
static bool others_good = true;

static int check_file(const char *path, const struct stat *status, int type,
		      struct FTW *place)
{
	const char *suffix = strrchr(path, '.');
	struct callgate_filter *filter = NULL;
	size_t said = others.said, length;
	char *bytes;

	(void)status;
	(void)place;
	if (type != FTW_F || !suffix || strcmp(suffix, ".bpf") != 0)
		return 0;
	if (callgate_read_file(NULL, path, NULL, &bytes, &length, NULL))
		return 0;
	if (callgate_filter_from_bytes(bytes, length, CALLGATE_ENDIAN_AUTO, NULL,
				       &filter) ||
	    !goes_round(&others_random, filter, &others) || others.said == said) {
		printf("%s\n", path);
		others_good = false;
	}
	callgate_filter_free(filter);
	free(bytes);
	return 0;
}

static bool check_corpus(const char *corpus)
{
	if (!corpus) {
		printf("no CALLGATE_CORPUS: filters of others are left out\n");
		return true;
	}
	nftw(corpus, check_file, 16, FTW_PHYS);
	print_tally("filters of others", &others);
	return others_good && others.said;
}

int main(void)
{
	uint64_t effort = number_from_environment("CALLGATE_EFFORT", 1);
	struct random random = { random_seed() };

	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	if (!check_policies(&random, POLICIES * effort) ||
	    !check_programs(&random, PROGRAMS * effort))
		return 1;
	return !check_corpus(getenv("CALLGATE_CORPUS"));
}
