// SPDX-License-Identifier: MIT
/*
 * Two filters → their relation and their differences, each with a call on which both
 * programs were run.
 */
#include <errno.h>
#include <stdlib.h>

#include "bpf/filter.h"
#include "meaning/compare.h"

#define ARENA_MAX ((size_t)64 << 20)

/* Every ABI of its own may differ, and each condition is put in words. */
#define COMPARE_LIMITS ((struct meaning_limits){ 1u << 19, 5u * 1000 * 1000 })

struct callgate_comparison {
	struct arena arena;
	enum callgate_relation relation;
	struct differences differences;
};

static meaning_ref meaning_of(struct meaning *store,
			      const struct callgate_filter *filter)
{
	const struct bpf_program *program = &filter->program;

	return meaning_normalize(store, meaning_of_program(store, program->code,
							   program->length,
							   program->big_endian));
}

/* The programs themselves must say what the diagrams say. */
static bool is_confirmed(const struct callgate_filter *first,
			 const struct callgate_filter *second,
			 const struct callgate_difference *difference)
{
	uint32_t a = bpf_run(&first->program, &difference->example).value;
	uint32_t b = bpf_run(&second->program, &difference->example).value;

	return verdict_normalize(a) == difference->first &&
	       verdict_normalize(b) == difference->second;
}

static int report(struct callgate_diagnostics *diagnostics, int error)
{
	if (error == -E2BIG)
		diag_error(diagnostics, "too-complex", SPAN_NONE, NULL,
			   "the filters are too complex to be compared");
	else if (error == -EBADMSG)
		diag_error(diagnostics, "proof-failed", SPAN_NONE,
			   "this is a defect of callgate",
			   "the simulator does not confirm a difference");
	return error;
}

static int compare(struct meaning *store, const struct callgate_filter *first,
		   const struct callgate_filter *second,
		   struct callgate_comparison *comparison)
{
	struct differences *differences = &comparison->differences;
	meaning_ref a = meaning_of(store, first), b = meaning_of(store, second);
	int error = meaning_error(store);

	if (error)
		return error;
	comparison->relation = compare_relation(store, a, b);
	error = meaning_error(store);
	if (!error)
		error = compare_meanings(store, a, b, &comparison->arena, differences);
	for (size_t i = 0; !error && i < differences->count; i++)
		if (!is_confirmed(first, second, &differences->items[i].said))
			error = -EBADMSG;
	return error;
}

int callgate_filter_compare(const struct callgate_filter *first,
			    const struct callgate_filter *second,
			    struct callgate_diagnostics *diagnostics,
			    struct callgate_comparison **ret_comparison)
{
	struct callgate_comparison *comparison = calloc(1, sizeof(*comparison));
	struct meaning *store = meaning_new(COMPARE_LIMITS);
	int error = -ENOMEM;

	if (comparison)
		arena_init(&comparison->arena, ARENA_MAX);
	if (comparison && store)
		error = compare(store, first, second, comparison);
	meaning_free(store);
	if (error) {
		callgate_comparison_free(comparison);
		comparison = NULL;
	}
	*ret_comparison = comparison;
	return report(diagnostics, error);
}

void callgate_comparison_free(struct callgate_comparison *comparison)
{
	if (!comparison)
		return;
	differences_done(&comparison->differences);
	arena_done(&comparison->arena);
	free(comparison);
}

enum callgate_relation
callgate_comparison_relation(const struct callgate_comparison *comparison)
{
	return comparison->relation;
}

size_t callgate_comparison_count(const struct callgate_comparison *comparison)
{
	return comparison->differences.count;
}

const struct callgate_difference *
callgate_comparison_at(const struct callgate_comparison *comparison, size_t index)
{
	return index < comparison->differences.count
		       ? &comparison->differences.items[index].said
		       : NULL;
}
