// SPDX-License-Identifier: MIT
/*
 * Many filters → one, proven: a stack of them, or what any of them lets through.
 *
 * Of a stack the kernel asks all and obeys the strictest verdict, of equals the newest
 * filter's; so the diagrams are combined from the first one loaded on. A join takes the
 * most lenient, whatever the order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/filter.h"

static int report(struct meaning *store, struct callgate_diagnostics *diagnostics,
		  int error)
{
	if (error == -E2BIG && meaning_error(store))
		diag_error(diagnostics, "too-complex", SPAN_NONE, NULL,
			   "the filters are too complex to be combined");
	else if (error == -E2BIG)
		diag_error(diagnostics, "too-long", SPAN_NONE, "keep them as layers",
			   "one filter for all would have more than %d instructions",
			   BPF_MAXINSNS);
	else if (error == -EFBIG)
		diag_error(
			diagnostics, "too-complex", SPAN_NONE, "keep them as layers",
			"the filters are too complex: laying out the tests of one for "
			"all was given up");
	else if (error == -EBADMSG)
		diag_error(diagnostics, "proof-failed", SPAN_NONE,
			   "this is a defect of callgate; the filter was thrown away",
			   "the filter is not equal to what it was made of");
	return error == -EFBIG ? -E2BIG : error;
}

/* An argument's halves are in one place for one kind of machine. */
static int check_endianness(const struct callgate_filter *const *filters, size_t count,
			    struct callgate_diagnostics *diagnostics)
{
	for (size_t i = 1; i < count; i++) {
		if (filters[i]->program.big_endian == filters[0]->program.big_endian)
			continue;
		diag_error(diagnostics, "byte-order", SPAN_NONE, NULL,
			   "there are filters for big-endian and for little-endian "
			   "machines; no machine loads both");
		return -EINVAL;
	}
	return 0;
}

/* How a filter's meaning is added to that of those before it. */
typedef meaning_ref fold_step(struct meaning *store, meaning_ref one, meaning_ref all);

static meaning_ref stack(struct meaning *store, meaning_ref newer, meaning_ref all)
{
	return meaning_stack(store, newer, all);
}

static meaning_ref join(struct meaning *store, meaning_ref one, meaning_ref all)
{
	return meaning_join(store, meaning_normalize(store, one),
			    meaning_normalize(store, all));
}

static meaning_ref fold(struct meaning *store,
			const struct callgate_filter *const *filters, size_t count,
			fold_step *step)
{
	meaning_ref all = MEANING_FAILED;

	for (size_t i = 0; i < count; i++) {
		const struct bpf_program *program = &filters[i]->program;
		meaning_ref one =
			meaning_of_layer(store, program->code, program->length,
					 program->big_endian);

		all = i ? step(store, one, all) : one;
	}
	return meaning_normalize(store, all);
}

static int make(struct meaning *store, meaning_ref meaning, bool big_endian,
		struct bpf_program *ret_program)
{
	struct emit_options options = { .big_endian = big_endian };
	struct seccomp_data call;
	double ignored;
	int error = meaning_error(store);

	if (!error)
		error = bpf_emit(store, meaning, &options, ret_program, &ignored);
	if (!error)
		error = bpf_prove(store, meaning, ret_program, &call);
	return error;
}

static int combine(const struct callgate_filter *const *filters, size_t count,
		   fold_step *step, struct callgate_diagnostics *diagnostics,
		   struct callgate_filter **ret_filter)
{
	struct bpf_program program = { 0 };
	struct meaning *store;
	int error;

	*ret_filter = NULL;
	if (!count || check_endianness(filters, count, diagnostics))
		return -EINVAL;
	store = meaning_new(MEANING_LIMITS);
	if (!store)
		return -ENOMEM;
	error = make(store, fold(store, filters, count, step),
		     filters[0]->program.big_endian, &program);
	error = report(store, diagnostics, error);
	meaning_free(store);
	if (!error) {
		*ret_filter = filter_new(&program);
		error = *ret_filter ? 0 : -ENOMEM;
	}
	bpf_program_done(&program);
	return error;
}

int callgate_filter_flatten(const struct callgate_filter *const *filters, size_t count,
			    struct callgate_diagnostics *diagnostics,
			    struct callgate_filter **ret_filter)
{
	return combine(filters, count, stack, diagnostics, ret_filter);
}

int callgate_filter_join(const struct callgate_filter *const *filters, size_t count,
			 struct callgate_diagnostics *diagnostics,
			 struct callgate_filter **ret_filter)
{
	return combine(filters, count, join, diagnostics, ret_filter);
}

static int copy(const struct callgate_filter *filter,
		struct callgate_filter **ret_filter)
{
	struct bpf_program program = filter->program;

	program.code = malloc(program.length * sizeof(*program.code));
	if (!program.code)
		return -ENOMEM;
	memcpy(program.code, filter->program.code,
	       program.length * sizeof(*program.code));
	*ret_filter = filter_new(&program);
	return *ret_filter ? 0 : -ENOMEM;
}

int callgate_filter_layer(const struct callgate_filter *const *filters, size_t count,
			  size_t layer, struct callgate_diagnostics *diagnostics,
			  struct callgate_filter **ret_filter)
{
	*ret_filter = NULL;
	if (layer == 0 && count != 1)
		return callgate_filter_flatten(filters, count, diagnostics, ret_filter);
	if (layer > count) {
		diag_error(diagnostics, "no-layer", SPAN_NONE,
			   "1 is the one that was loaded first",
			   "of %zu filter%s none has the number %zu", count,
			   count == 1 ? "" : "s", layer);
		return -ERANGE;
	}
	return copy(filters[layer ? layer - 1 : 0], ret_filter);
}
