// SPDX-License-Identifier: MIT
/*
 * What a filter does with each call: the verdicts that it may get and the conditions.
 *
 *     filter ─lift─► diagram ─one architecture─► intervals of numbers ─► a diagram of
 *     arguments for each call ─► its terminals, each with the condition that leads there
 *
 * The verdicts are exact for every filter that can be lifted. A condition that is too
 * complex to say may cost the store; the filter is then lifted anew, and no condition
 * is asked for any more. Nor is it after some that were too long.
 */
#include "bpf/filter.h"

#include <errno.h>
#include <stdlib.h>

#define INTERVALS_MAX 8192
#define VISITS_MAX    (10u * 1000 * 1000)
#define FAILURES_MAX  8
#define SAY_STEPS     (200u * 1000) /* what anybody would read takes a tenth of it */
#define TEXT_MAX      4096	    /* bytes of a condition that somebody might read */

struct call_cases {
	const struct abi *abi;
	uint32_t number;
	struct callgate_case *cases;
	size_t count;
};

struct abi_facts {
	bool is_uniform, is_unknown_uniform;
	uint32_t verdict, unknown_verdict;
};

struct callgate_survey {
	struct arena arena;
	struct abi_facts abis[ABI_MAX];
	struct call_cases *calls; /* by ABI, then number */
	size_t count, capacity;
};

struct verdicts {
	uint32_t values[CALLGATE_CASES_MAX];
	bool are_long[CALLGATE_CASES_MAX]; /* conditions, said of one call */
	size_t count;
};

/* Work in progress. */
struct surveyor {
	struct callgate_survey *survey;
	const struct callgate_filter *filter;
	struct meaning *store;
	meaning_ref meaning;
	struct meaning_interval *intervals; /* of the ABI's numbers */
	size_t interval_count;
	uint32_t *seen; /* of each node: the last walk that saw it */
	size_t seen_count;
	uint32_t walk;
	uint64_t visits;   /* of nodes, that walks may still make */
	unsigned failures; /* to say a condition */
	/* The last walk's, of this node: most calls are treated as their neighbour. */
	meaning_ref known;
	struct verdicts verdicts;
};

/* --- the diagram --------------------------------------------------------------- */

/* A new store with the filter in it. */
static int lift(struct surveyor *surveyor)
{
	const struct bpf_program *program = &surveyor->filter->program;
	meaning_ref meaning;

	meaning_free(surveyor->store);
	surveyor->store = meaning_new(MEANING_LIMITS);
	if (!surveyor->store)
		return -ENOMEM;
	meaning = meaning_of_program(surveyor->store, program->code, program->length,
				     program->big_endian);
	surveyor->meaning = meaning_normalize(surveyor->store, meaning);
	return meaning_error(surveyor->store);
}

/* How the diagram splits the numbers of an ABI's architecture. */
static int split_numbers(struct surveyor *surveyor, const struct abi *abi)
{
	meaning_ref ref = meaning_restrict(surveyor->store, surveyor->meaning,
					   WORD_ARCH, abi->audit_arch);

	if (ref == MEANING_FAILED)
		return meaning_error(surveyor->store);
	surveyor->interval_count =
		meaning_intervals(surveyor->store, ref, WORD_NR, surveyor->intervals,
				  INTERVALS_MAX);
	return surveyor->interval_count > INTERVALS_MAX ? -E2BIG : 0;
}

static uint32_t interval_end(const struct surveyor *surveyor, size_t index)
{
	return index + 1 < surveyor->interval_count
		       ? surveyor->intervals[index + 1].first - 1
		       : UINT32_MAX;
}

static meaning_ref meaning_of_number(const struct surveyor *surveyor, uint32_t number)
{
	size_t at = meaning_interval_of(surveyor->intervals, surveyor->interval_count,
					number);

	return surveyor->intervals[at].ref;
}

/* --- whole ABIs ---------------------------------------------------------------- */

/* Other ABIs of the architecture have the numbers from their base on. */
static bool is_of_abi(const struct abi *abi, uint32_t number)
{
	return abi_of(abi->audit_arch, number) == abi;
}

/* Of a part of all numbers, whether some are an ABI's and no call. */
static bool has_unknown(const struct abi *abi, uint32_t first, uint32_t last)
{
	uint32_t base = abi->number_base, end = base + syscall_number_end(abi);

	if (first < base && is_of_abi(abi, first))
		return true;
	for (uint32_t number = first > base ? first : base;
	     number < end && number <= last; number++) {
		if (!syscall_by_number(abi, number))
			return true;
	}
	first = first > end ? first : end;
	return first <= last && (is_of_abi(abi, first) || is_of_abi(abi, last));
}

static bool has_any(const struct abi *abi, uint32_t first, uint32_t last)
{
	return is_of_abi(abi, first) || is_of_abi(abi, last) ||
	       (first < abi->number_base && abi->number_base <= last);
}

/* Takes one verdict more: all must be the same. */
static void agree(const struct surveyor *surveyor, meaning_ref ref, bool *is_first,
		  bool *is_uniform, uint32_t *verdict)
{
	const struct meaning_node *node = meaning_at(surveyor->store, ref);

	if (node->variable != TERMINAL || (!*is_first && node->low != *verdict))
		*is_uniform = false;
	*verdict = node->low;
	*is_first = false;
}

static void look_at_abi(struct surveyor *surveyor, const struct abi *abi)
{
	struct abi_facts *facts = &surveyor->survey->abis[abi->index];
	bool first_any = true, first_unknown = true;

	facts->is_uniform = facts->is_unknown_uniform = true;
	for (size_t i = 0; i < surveyor->interval_count; i++) {
		const struct meaning_interval *interval = &surveyor->intervals[i];
		uint32_t last = interval_end(surveyor, i);

		if (has_any(abi, interval->first, last))
			agree(surveyor, interval->ref, &first_any, &facts->is_uniform,
			      &facts->verdict);
		if (has_unknown(abi, interval->first, last))
			agree(surveyor, interval->ref, &first_unknown,
			      &facts->is_unknown_uniform, &facts->unknown_verdict);
	}
}

/* --- calls --------------------------------------------------------------------- */

static void add_verdict(struct verdicts *verdicts, uint32_t value)
{
	for (size_t i = 0; i < verdicts->count; i++) {
		if (verdicts->values[i] == value)
			return;
	}
	if (verdicts->count < CALLGATE_CASES_MAX)
		verdicts->values[verdicts->count++] = value;
}

/* No deeper than there are variables. */
static void find_verdicts(struct surveyor *surveyor, meaning_ref ref,
			  struct verdicts *verdicts)
{
	const struct meaning_node *node = meaning_at(surveyor->store, ref);

	if (node->variable == TERMINAL) {
		add_verdict(verdicts, node->low);
		return;
	}
	if (surveyor->seen[ref] == surveyor->walk || !surveyor->visits)
		return;
	surveyor->seen[ref] = surveyor->walk;
	surveyor->visits--;
	find_verdicts(surveyor, node->low, verdicts);
	find_verdicts(surveyor, node->high, verdicts);
}

static int start_walk(struct surveyor *surveyor)
{
	size_t count = meaning_node_count(surveyor->store);
	uint32_t *seen;

	surveyor->walk++;
	if (count <= surveyor->seen_count)
		return 0;
	seen = reallocarray(surveyor->seen, count, sizeof(*seen));
	if (!seen)
		return -ENOMEM;
	memset(seen + surveyor->seen_count, 0,
	       (count - surveyor->seen_count) * sizeof(*seen));
	surveyor->seen = seen;
	surveyor->seen_count = count;
	return 0;
}

static int compare_verdicts(const void *a, const void *b)
{
	int32_t left = (int32_t) * (const uint32_t *)a;
	int32_t right = (int32_t) * (const uint32_t *)b;

	return (left < right) - (left > right); /* as the kernel: the greatest allows */
}

static uint32_t is_value(void *context, uint32_t value)
{
	return value == *(uint32_t *)context;
}

/* The last walk's verdict of that index. NULL: too complex, so for other calls. */
static const char *describe(struct surveyor *surveyor, meaning_ref ref, size_t index,
			    const struct call_cases *call)
{
	struct verdicts *verdicts = &surveyor->verdicts;
	struct buffer text = { 0 };
	const char *copy = NULL;
	struct meaning_try try;
	meaning_ref predicate;

	if (verdicts->count == 1)
		return "always";
	if (surveyor->failures >= FAILURES_MAX || verdicts->are_long[index] ||
	    meaning_error(surveyor->store))
		return NULL;
	try = meaning_try_begin(surveyor->store, SAY_STEPS);
	predicate =
		meaning_map(surveyor->store, ref, is_value, &verdicts->values[index]);
	if (predicate != MEANING_FAILED &&
	    !meaning_describe(surveyor->store, predicate,
			      syscall_by_number(call->abi, call->number), call->abi,
			      &text) &&
	    !text.failed && text.len <= TEXT_MAX)
		copy = arena_copy(&surveyor->survey->arena,
				  (struct str){ text.data, text.len });
	meaning_try_end(surveyor->store, try);
	surveyor->failures += !copy;
	verdicts->are_long[index] = !copy;
	buffer_done(&text);
	return copy;
}

/* After a description that went too far. */
static int recover(struct surveyor *surveyor, const struct abi *abi)
{
	int error = meaning_error(surveyor->store);

	if (error != -E2BIG)
		return error;
	surveyor->failures = FAILURES_MAX;
	surveyor->known = MEANING_FAILED;
	error = lift(surveyor);
	return error ? error : split_numbers(surveyor, abi);
}

/* Every verdict of a node, the most lenient first. */
static int know_verdicts(struct surveyor *surveyor, meaning_ref ref)
{
	struct verdicts *verdicts = &surveyor->verdicts;

	if (surveyor->known == ref)
		return 0;
	if (start_walk(surveyor))
		return -ENOMEM;
	*verdicts = (struct verdicts){ 0 };
	find_verdicts(surveyor, ref, verdicts);
	qsort(verdicts->values, verdicts->count, sizeof(verdicts->values[0]),
	      compare_verdicts);
	surveyor->known = ref;
	return surveyor->visits ? 0 : -E2BIG;
}

static int survey_call(struct surveyor *surveyor, const struct abi *abi,
		       uint32_t number)
{
	meaning_ref ref = meaning_of_number(surveyor, number);
	struct callgate_survey *survey = surveyor->survey;
	struct call_cases *call = ARENA_PUSH(&survey->arena, survey->calls,
					     survey->count, survey->capacity);
	const struct verdicts *verdicts = &surveyor->verdicts;
	int error = know_verdicts(surveyor, ref);

	if (error || !call)
		return error ? error : -ENOMEM;
	call->abi = abi;
	call->number = number;
	call->cases =
		ARENA_ARRAY(&survey->arena, struct callgate_case, verdicts->count);
	if (!call->cases)
		return -ENOMEM;
	call->count = verdicts->count;
	for (size_t i = 0; i < call->count; i++)
		call->cases[i] = (struct callgate_case){
			verdicts->values[i],
			describe(surveyor, ref, i, call),
		};
	return recover(surveyor, abi);
}

static int survey_abi(struct surveyor *surveyor, const struct abi *abi)
{
	int error = split_numbers(surveyor, abi);

	if (error)
		return error;
	look_at_abi(surveyor, abi);
	for (uint32_t i = 0; i < syscall_number_end(abi) && !error; i++) {
		uint32_t number = abi->number_base + i;

		if (syscall_by_number(abi, number))
			error = survey_call(surveyor, abi, number);
	}
	return error;
}

static int survey_all(struct surveyor *surveyor)
{
	int error = lift(surveyor);

	for (size_t i = 0; i < abi_count() && !error; i++)
		error = survey_abi(surveyor, abi_at(i));
	if (surveyor->survey->arena.failed)
		return -ENOMEM;
	return error;
}

/* --- counting -------------------------------------------------------------------- */

static uint32_t allows(void *context, uint32_t verdict)
{
	(void)context;
	return verdict_is_allow(verdict);
}

/* A diagram that has no more than two terminals needs no look into it. */
static void count_call(const struct surveyor *surveyor, uint32_t number,
		       struct callgate_filter_counts *counts)
{
	meaning_ref ref = meaning_of_number(surveyor, number);

	counts->calls++;
	counts->always += ref == MEANING_TRUE;
	counts->sometimes += ref != MEANING_TRUE && ref != MEANING_FALSE;
}

static int count_abi(struct surveyor *surveyor, const struct abi *abi,
		     struct callgate_filter_counts *counts)
{
	int error = lift(surveyor);

	if (error)
		return error;
	surveyor->meaning =
		meaning_map(surveyor->store, surveyor->meaning, allows, NULL);
	error = split_numbers(surveyor, abi);
	for (uint32_t i = 0; i < syscall_number_end(abi) && !error; i++) {
		uint32_t number = abi->number_base + i;

		if (syscall_by_number(abi, number))
			count_call(surveyor, number, counts);
	}
	return error;
}

int callgate_filter_count(const struct callgate_filter *filter, size_t abi,
			  struct callgate_filter_counts *ret_counts)
{
	struct surveyor surveyor = { .filter = filter };
	int error = -ENOMEM;

	*ret_counts = (struct callgate_filter_counts){ 0 };
	if (abi >= abi_count())
		return -EINVAL;
	surveyor.intervals = calloc(INTERVALS_MAX, sizeof(*surveyor.intervals));
	if (surveyor.intervals)
		error = count_abi(&surveyor, abi_at(abi), ret_counts);
	free(surveyor.intervals);
	meaning_free(surveyor.store);
	return error;
}

/* ------------------------------------------------------------------------------- */

int callgate_filter_survey(const struct callgate_filter *filter,
			   struct callgate_diagnostics *diagnostics,
			   struct callgate_survey **ret_survey)
{
	struct callgate_survey *survey = calloc(1, sizeof(*survey));
	struct surveyor surveyor = { .survey = survey,
				     .filter = filter,
				     .visits = VISITS_MAX,
				     .known = MEANING_FAILED };
	int error = -ENOMEM;

	*ret_survey = NULL;
	if (!survey)
		return -ENOMEM;
	arena_init(&survey->arena, ARENA_DEFAULT_LIMIT);
	surveyor.intervals = calloc(INTERVALS_MAX, sizeof(*surveyor.intervals));
	if (surveyor.intervals)
		error = survey_all(&surveyor);
	free(surveyor.seen);
	free(surveyor.intervals);
	meaning_free(surveyor.store);
	if (error == -E2BIG)
		diag_error(diagnostics, "too-complex", SPAN_NONE, NULL,
			   "the filter is too complex to tell what it does with "
			   "every call");
	if (error)
		callgate_survey_free(survey);
	else
		*ret_survey = survey;
	return error;
}

void callgate_survey_free(struct callgate_survey *survey)
{
	if (!survey)
		return;
	arena_done(&survey->arena);
	free(survey);
}

bool callgate_survey_uniform(const struct callgate_survey *survey, size_t abi,
			     uint32_t *ret_verdict)
{
	if (abi >= abi_count() || !survey->abis[abi].is_uniform)
		return false;
	*ret_verdict = survey->abis[abi].verdict;
	return true;
}

bool callgate_survey_unknown(const struct callgate_survey *survey, size_t abi,
			     uint32_t *ret_verdict)
{
	if (abi >= abi_count() || !survey->abis[abi].is_unknown_uniform)
		return false;
	*ret_verdict = survey->abis[abi].unknown_verdict;
	return true;
}

static int compare_calls(const void *a, const void *b)
{
	const struct call_cases *left = a, *right = b;

	if (left->abi != right->abi)
		return left->abi->index < right->abi->index ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

size_t callgate_survey_cases(const struct callgate_survey *survey, size_t abi,
			     uint32_t number, const struct callgate_case **ret_cases)
{
	struct call_cases wanted = { .number = number };
	const struct call_cases *found = NULL;

	if (abi < abi_count() && survey->count) {
		wanted.abi = abi_at(abi);
		found = bsearch(&wanted, survey->calls, survey->count,
				sizeof(*survey->calls), compare_calls);
	}
	*ret_cases = found ? found->cases : NULL;
	return found ? found->count : 0;
}
