// SPDX-License-Identifier: MIT
/*
 * One field: a set of 64-bit values, known between two bounds, → the cheapest phrase.
 *
 * Tried in turn, while what there is costs much:
 *	one test	values and ranges of the field, or of the field and a mask;
 *			the same of the complement
 *	a hull first	the range, or the bits, that all its values share; and what is
 *			left inside of it, where everything outside may be anything
 *	a cover		an irredundant sum of masks (Minato, Morreale), either way round
 *	a long list	as the first, with hundreds of ranges
 */
#include "meaning/describe.h"

#include <stdlib.h>

#define RANGES_MAX  2048u
#define CUBES_MAX   512u
#define COVER_STEPS 100000u /* a cover that takes more would be a long one */
#define COST_GOOD   12u	    /* as cheap as one test with a short list */
#define COST_FAIR   16u
#define COST_LONG   64u /* worth a search for a long list in its place */

/* Nodes of one sweep: some dozens a range. */
#define VISITS_QUICK 4096u
#define VISITS_MAX   65536u

struct solver {
	struct describer *describer;
	struct meaning *store;
	struct phrase_book *book;
	size_t visits_max;
	uint8_t field;
};

static struct bounds complement(struct solver *solver, struct bounds bounds)
{
	return (struct bounds){ meaning_not(solver->store, bounds.most),
				meaning_not(solver->store, bounds.least) };
}

static bool implies(struct meaning *store, meaning_ref a, meaning_ref b)
{
	return meaning_and(store, a, meaning_not(store, b)) == MEANING_FALSE;
}

static uint64_t support_of(struct solver *solver, meaning_ref a)
{
	uint64_t bits[FIELD_MAX] = { 0 };

	project_support(solver->store, a, bits);
	return bits[solver->field];
}

/* --- ranges ------------------------------------------------------------------------
 */

enum membership {
	IS_OUTSIDE,
	IS_INSIDE,
	IS_EITHER,
};

/* Going through the values of (view & mask) in order. */
struct sweep {
	struct meaning *store;
	struct phrase_view view;
	enum membership wanted; /* inside, or outside for the complement */
	struct phrase_range *ranges;
	size_t count, visits, visits_max;
	bool is_open;	 /* nothing unwanted since the last range */
	bool is_leading; /* … before the first one */
	bool too_many;
};

static void add_segment(struct sweep *sweep, uint64_t first, uint64_t last,
			enum membership membership)
{
	if (membership == IS_EITHER)
		return;
	if (membership != sweep->wanted) {
		sweep->is_open = false;
		sweep->is_leading &= sweep->count > 0;
		return;
	}
	if (sweep->is_open) {
		sweep->ranges[sweep->count - 1].last = last;
		return;
	}
	if (sweep->count == RANGES_MAX) {
		sweep->too_many = true;
		return;
	}
	sweep->ranges[sweep->count++] = (struct phrase_range){ first, last };
	sweep->is_open = true;
}

static enum membership membership_of(struct bounds bounds)
{
	if (bounds.least == MEANING_TRUE)
		return IS_INSIDE;
	return bounds.most == MEANING_FALSE ? IS_OUTSIDE : IS_EITHER;
}

static struct bounds half_of(const struct meaning *store, struct bounds bounds,
			     uint32_t variable, bool high)
{
	struct meaning_node least = store->nodes[bounds.least];
	struct meaning_node most = store->nodes[bounds.most];

	if (least.variable == variable)
		bounds.least = high ? least.high : least.low;
	if (most.variable == variable)
		bounds.most = high ? most.high : most.low;
	return bounds;
}

/* `base` holds the bits above `rest`, which are those of the mask not yet decided. */
static void sweep_walk(struct sweep *sweep, struct bounds bounds, uint64_t base,
		       uint64_t rest)
{
	unsigned bit, sign = sweep->view.bits - 1u;
	uint32_t variable;

	/* Where nothing is wanted it does not matter how little is unwanted. */
	if (sweep->wanted == IS_INSIDE && bounds.least == MEANING_FALSE &&
	    bounds.most != MEANING_TRUE)
		bounds.most = MEANING_FALSE;
	if (sweep->wanted == IS_OUTSIDE && bounds.most == MEANING_TRUE &&
	    bounds.least != MEANING_FALSE)
		bounds.least = MEANING_TRUE;
	if (bounds.least <= MEANING_TRUE && bounds.most <= MEANING_TRUE) {
		add_segment(sweep, base, base | rest, membership_of(bounds));
		return;
	}
	sweep->too_many |= !rest || ++sweep->visits > sweep->visits_max ||
			   !store_step(sweep->store);
	if (sweep->too_many)
		return;
	bit = 63u - (unsigned)__builtin_clzll(rest);
	rest &= ~(UINT64_C(1) << bit);
	variable = project_variable(sweep->view.field, bit);
	for (unsigned i = 0; i < 2; i++) {
		/* In two's complement what has the sign comes first. */
		bool high = (i == 1) != (sweep->view.is_signed && bit == sign);

		sweep_walk(sweep, half_of(sweep->store, bounds, variable, high),
			   base | (uint64_t)high << bit, rest);
	}
}

/* A range that reaches an end of the view, when it may, is but a comparison. */
static void stretch(struct sweep *sweep, uint64_t mask)
{
	struct phrase_range *range = &sweep->ranges[0];
	uint64_t sign = sweep->view.is_signed
				? mask & UINT64_C(1) << (sweep->view.bits - 1)
				: 0;

	if (sweep->count != 1 || range->first == range->last)
		return;
	if (sweep->is_leading)
		range->first = sign;
	if (sweep->is_open)
		range->last = mask & ~sign;
}

/* The bounds look at no bit outside of the mask. False: there are too many ranges. */
static bool sweep_test(struct solver *solver, struct sweep *sweep, uint64_t mask,
		       struct bounds bounds, const struct phrase **best)
{
	const struct phrase *test = NULL;

	sweep->count = sweep->visits = 0;
	sweep->is_open = sweep->too_many = false;
	sweep->is_leading = true;
	sweep_walk(sweep, bounds, 0, mask);
	if (sweep->too_many)
		return false;
	if (sweep->count) {
		stretch(sweep, mask);
		test = phrase_test(solver->book, sweep->view, mask, sweep->ranges,
				   sweep->count);
	}
	if (sweep->wanted == IS_OUTSIDE)
		test = phrase_not(solver->book, test);
	*best = phrase_cheaper(*best, test);
	return true;
}

static const struct phrase *sweep_tests(struct solver *solver, struct phrase_view view,
					uint64_t mask, struct bounds bounds)
{
	const struct phrase *best = NULL;
	struct sweep sweep = {
		.store = solver->store,
		.view = view,
		.wanted = IS_INSIDE,
		.visits_max = solver->visits_max,
	};

	sweep.ranges = malloc(sizeof(*sweep.ranges) * RANGES_MAX);
	if (!sweep.ranges) {
		store_fail(solver->store, -ENOMEM);
		return NULL;
	}
	/* Between too many ranges there are as many, unless some values may be both. */
	if (sweep_test(solver, &sweep, mask, bounds, &best) ||
	    bounds.least != bounds.most) {
		sweep.wanted = IS_OUTSIDE;
		sweep_test(solver, &sweep, mask, bounds, &best);
	}
	free(sweep.ranges);
	return best;
}

/* --- masks -------------------------------------------------------------------------
 */

static meaning_ref test_meaning(struct solver *solver, struct policy_test test)
{
	struct policy_condition condition = { .kind = CONDITION_TEST, .test = test };

	return meaning_condition(solver->store, &condition);
}

static meaning_ref cube_meaning(struct solver *solver, uint64_t mask, uint64_t value)
{
	return test_meaning(solver, (struct policy_test){
					    .field = solver->field,
					    .bits = 64,
					    .operator= OPERATOR_EQ,
					    .mask = mask,
					    .value = value,
				    });
}

/* (view & mask) == value, in the narrowest view that has a name. */
static struct phrase_view view_for(struct solver *solver, uint64_t support)
{
	const struct phrase_field *field = &solver->book->fields[solver->field];
	struct phrase_view view = { solver->field, field->bits, field->is_signed };

	if (!(support & ~phrase_ones(field->bits)))
		return view;
	view.is_signed = false;
	for (view.bits = 8; support & ~phrase_ones(view.bits);)
		view.bits = (uint8_t)(view.bits * 2);
	return view;
}

static const struct phrase *cube_test(struct solver *solver, uint64_t mask,
				      uint64_t value)
{
	struct phrase_range point = { value, value };

	return phrase_test(solver->book, view_for(solver, mask), mask, &point, 1);
}

/* The bits that all values share, and as few of them as will do. */
static const struct phrase *shared_bits(struct solver *solver, struct bounds bounds)
{
	uint64_t mask, value;

	project_fixed(solver->store, bounds.least, &mask, &value);
	if (!mask ||
	    !implies(solver->store, cube_meaning(solver, mask, value), bounds.most))
		return NULL;
	for (unsigned bit = 64; bit-- > 0;) {
		uint64_t fewer = mask & ~(UINT64_C(1) << bit);

		if (fewer != mask &&
		    implies(solver->store, cube_meaning(solver, fewer, value & fewer),
			    bounds.most))
			mask = fewer;
	}
	return cube_test(solver, mask, value & mask);
}

/* --- one test ----------------------------------------------------------------------
 */

static const struct phrase *view_tests(struct solver *solver, struct bounds bounds)
{
	const struct phrase_field *field = &solver->book->fields[solver->field];
	uint64_t support =
		support_of(solver, bounds.least) | support_of(solver, bounds.most);
	struct phrase_view view = view_for(solver, support), narrow = view;
	uint64_t part;
	const struct phrase *best =
		sweep_tests(solver, view, phrase_ones(view.bits), bounds);

	if (view.is_signed) {
		narrow.is_signed = false;
		best = phrase_cheaper(best,
				      sweep_tests(solver, narrow,
						  phrase_ones(view.bits), bounds));
	}
	if (field->bits == 64 && !(support >> 32)) {
		narrow.bits = 32;
		best = phrase_cheaper(best,
				      sweep_tests(solver, narrow, UINT32_MAX, bounds));
	}
	if (bounds.least != bounds.most || support == phrase_ones(view.bits))
		return best;
	best = phrase_cheaper(best, sweep_tests(solver, view, support, bounds));
	part = numeral_part(solver->book, view, support);
	if (part)
		best = phrase_cheaper(best, sweep_tests(solver, view, part, bounds));
	return best;
}

static const struct phrase *one_test(struct solver *solver, struct bounds bounds)
{
	meaning_ref care = meaning_or(solver->store, bounds.least,
				      meaning_not(solver->store, bounds.most));
	meaning_ref simple = project_simplify(solver->store, bounds.least, care);
	const struct phrase *best;

	if (simple == MEANING_FAILED)
		return NULL;
	best = view_tests(solver, (struct bounds){ simple, simple });
	if (bounds.least == bounds.most)
		return best;
	best = phrase_cheaper(best, view_tests(solver, bounds));
	best = phrase_cheaper(best, shared_bits(solver, bounds));
	return phrase_cheaper(best,
			      phrase_not(solver->book,
					 shared_bits(solver,
						     complement(solver, bounds))));
}

/* --- hulls -------------------------------------------------------------------------
 */

static const struct phrase *solve(struct solver *solver, struct bounds bounds,
				  unsigned used);

#define USED_RANGE 1u
#define USED_BITS  2u

/* What remains to be said inside of a hull. */
static const struct phrase *inside(struct solver *solver, struct bounds bounds,
				   const struct phrase *hull, meaning_ref meaning,
				   unsigned used)
{
	struct bounds rest = {
		bounds.least,
		meaning_or(solver->store, bounds.most,
			   meaning_not(solver->store, meaning)),
	};

	if (rest.most == MEANING_FAILED || !describer_try(solver->describer))
		return NULL;
	return phrase_join(solver->book, PHRASE_AND, hull, solve(solver, rest, used));
}

static const struct phrase *inside_bits(struct solver *solver, struct bounds bounds,
					unsigned used)
{
	uint64_t mask, value;

	project_fixed(solver->store, bounds.least, &mask, &value);
	if (!mask)
		return NULL;
	return inside(solver, bounds, cube_test(solver, mask, value),
		      cube_meaning(solver, mask, value), used | USED_BITS);
}

/* The least (greatest) value in the view's order. */
static uint64_t extreme(const struct solver *solver, meaning_ref a,
			struct phrase_view view, bool greatest)
{
	unsigned sign = view.bits - 1u;
	uint64_t value = 0;

	for (unsigned bit = view.bits; bit-- > 0;) {
		bool wanted = greatest != (view.is_signed && bit == sign);
		struct bounds both = { a, a };
		uint32_t variable = project_variable(solver->field, bit);
		meaning_ref next = half_of(solver->store, both, variable, wanted).least;

		if (next == MEANING_FALSE) {
			wanted = !wanted;
			next = half_of(solver->store, both, variable, wanted).least;
		}
		value |= (uint64_t)wanted << bit;
		a = next;
	}
	return value;
}

static const struct phrase *inside_range(struct solver *solver, struct bounds bounds,
					 struct phrase_range range,
					 struct phrase_view view, unsigned used)
{
	struct policy_test test = {
		.field = view.field,
		.bits = view.bits,
		.is_signed = view.is_signed,
		.operator= OPERATOR_GE,
		.mask = phrase_ones(view.bits),
		.value = range.first,
	};
	meaning_ref from = test_meaning(solver, test), to;

	test.operator= OPERATOR_LE;
	test.value = range.last;
	to = test_meaning(solver, test);
	if (meaning_and(solver->store, from, to) == MEANING_TRUE)
		return NULL;
	return inside(solver, bounds,
		      phrase_test(solver->book, view, test.mask, &range, 1),
		      meaning_and(solver->store, from, to), used | USED_RANGE);
}

static const struct phrase *inside_ranges(struct solver *solver, struct bounds bounds,
					  unsigned used)
{
	struct phrase_view view = view_for(solver, support_of(solver, bounds.least));
	uint64_t ones = phrase_ones(view.bits);
	uint64_t sign = view.is_signed ? UINT64_C(1) << (view.bits - 1) : 0;
	struct phrase_range both = {
		extreme(solver, bounds.least, view, false),
		extreme(solver, bounds.least, view, true),
	};
	struct phrase_range from = { both.first, ones & ~sign };
	struct phrase_range to = { sign, both.last };
	const struct phrase *best = inside_range(solver, bounds, to, view, used);

	best = phrase_cheaper(best, inside_range(solver, bounds, from, view, used));
	return phrase_cheaper(best, inside_range(solver, bounds, both, view, used));
}

static const struct phrase *hulls(struct solver *solver, struct bounds bounds,
				  unsigned used)
{
	const struct phrase *best = NULL;

	if (solver->store->error)
		return NULL;
	if (!(used & USED_RANGE))
		best = inside_ranges(solver, bounds, used);
	if (!(used & USED_BITS) && !solver->store->error)
		best = phrase_cheaper(best, inside_bits(solver, bounds, used));
	return best;
}

/* --- covers ------------------------------------------------------------------------
 */

struct cube {
	uint64_t mask, value;
};

struct cover {
	struct solver *solver;
	struct cube *cubes;
	size_t count;
	bool too_many;
};

static meaning_ref and_not(struct meaning *store, meaning_ref a, meaning_ref b)
{
	return meaning_and(store, a, meaning_not(store, b));
}

/* Adds cubes, within `path`, for a function between the bounds, which is returned. */
static meaning_ref cover_walk(struct cover *cover, struct bounds bounds,
			      struct cube path)
{
	struct meaning *store = cover->solver->store;
	struct bounds zero, one, both;
	meaning_ref in_zero, in_one, in_both;
	uint32_t variable;
	uint64_t bit;

	if (cover->too_many || bounds.least == MEANING_FAILED ||
	    bounds.most == MEANING_FAILED)
		return MEANING_FAILED;
	if (bounds.least == MEANING_FALSE)
		return MEANING_FALSE;
	if (bounds.most == MEANING_TRUE) {
		cover->too_many = cover->count == CUBES_MAX;
		if (!cover->too_many)
			cover->cubes[cover->count++] = path;
		return MEANING_TRUE;
	}
	variable = store->nodes[bounds.most].variable;
	if (store->nodes[bounds.least].variable < variable)
		variable = store->nodes[bounds.least].variable;
	zero = half_of(store, bounds, variable, false);
	one = half_of(store, bounds, variable, true);
	bit = UINT64_C(1) << (63 - variable % 64);

	in_zero = cover_walk(cover,
			     (struct bounds){ and_not(store, zero.least, one.most),
					      zero.most },
			     (struct cube){ path.mask | bit, path.value });
	in_one = cover_walk(cover,
			    (struct bounds){ and_not(store, one.least, zero.most),
					     one.most },
			    (struct cube){ path.mask | bit, path.value | bit });
	both.least = meaning_or(store, and_not(store, zero.least, in_zero),
				and_not(store, one.least, in_one));
	both.most = meaning_and(store, zero.most, one.most);
	in_both = cover_walk(cover, both, path);
	return meaning_node(store, variable, meaning_or(store, in_zero, in_both),
			    meaning_or(store, in_one, in_both));
}

static int compare_cubes(const void *a, const void *b)
{
	const struct cube *x = a, *y = b;

	if (x->mask != y->mask)
		return x->mask < y->mask ? -1 : 1;
	return x->value < y->value ? -1 : x->value > y->value;
}

/* Cubes of one mask are one test. */
static const struct phrase *cover_phrase(struct cover *cover)
{
	struct phrase_book *book = cover->solver->book;
	const struct phrase *result = phrase_constant(book, false);
	struct phrase_range *ranges =
		ARENA_ARRAY(&book->arena, struct phrase_range, cover->count);
	size_t count = 0;

	if (!ranges)
		return NULL;
	qsort(cover->cubes, cover->count, sizeof(*cover->cubes), compare_cubes);
	for (size_t i = 0; i < cover->count; i++) {
		const struct cube *cube = &cover->cubes[i];

		ranges[count++] = (struct phrase_range){ cube->value, cube->value };
		if (i + 1 < cover->count && cube[1].mask == cube->mask)
			continue;
		result = phrase_join(book, PHRASE_OR, result,
				     phrase_test(book,
						 view_for(cover->solver, cube->mask),
						 cube->mask, ranges, count));
		count = 0;
	}
	return result;
}

static const struct phrase *solve_cover(struct solver *solver, struct bounds bounds)
{
	struct cover cover = { .solver = solver };
	const struct phrase *result = NULL;
	bool has_cover;
	struct meaning_try try;

	cover.cubes = malloc(sizeof(*cover.cubes) * CUBES_MAX);
	if (!cover.cubes) {
		store_fail(solver->store, -ENOMEM);
		return NULL;
	}
	try = meaning_try_begin(solver->store, COVER_STEPS);
	has_cover = cover_walk(&cover, bounds, (struct cube){ 0 }) != MEANING_FAILED;
	if (meaning_try_end(solver->store, try) && has_cover && !cover.too_many)
		result = cover_phrase(&cover);
	free(cover.cubes);
	return result;
}

/* --- all ---------------------------------------------------------------------------
 */

static bool is_above(const struct phrase *phrase, uint32_t cost)
{
	return !phrase || phrase->cost > cost;
}

static const struct phrase *solve(struct solver *solver, struct bounds bounds,
				  unsigned used)
{
	const struct phrase *best;
	struct bounds other;

	if (bounds.least == MEANING_FALSE || bounds.most == MEANING_TRUE)
		return phrase_constant(solver->book, bounds.most == MEANING_TRUE);
	best = one_test(solver, bounds);
	other = complement(solver, bounds);
	if (solver->store->error)
		return NULL;
	if (is_above(best, COST_GOOD)) {
		best = phrase_cheaper(best, hulls(solver, bounds, used));
		best = phrase_cheaper(best, phrase_not(solver->book,
						       hulls(solver, other, used)));
	}
	if (!best || (is_above(best, COST_FAIR) && describer_try(solver->describer))) {
		if (solver->store->error)
			return NULL;
		best = phrase_cheaper(best, solve_cover(solver, bounds));
		best = phrase_cheaper(best, phrase_not(solver->book,
						       solve_cover(solver, other)));
	}
	return best;
}

const struct phrase *solve_field(struct describer *describer, unsigned field,
				 struct bounds bounds)
{
	struct solver solver = {
		.describer = describer,
		.store = describer->store,
		.book = &describer->book,
		.visits_max = VISITS_QUICK,
		.field = (uint8_t)field,
	};
	const struct phrase *result;

	if (bounds.least == MEANING_FAILED || bounds.most == MEANING_FAILED)
		return NULL;
	result = solve(&solver, bounds, 0);
	if (!solver.store->error &&
	    (!result || (is_above(result, COST_LONG) && describer_try(describer)))) {
		solver.visits_max = VISITS_MAX;
		result = phrase_cheaper(result, one_test(&solver, bounds));
	}
	if (!result && !describer->book.arena.failed)
		store_fail(solver.store, -E2BIG);
	return result;
}
