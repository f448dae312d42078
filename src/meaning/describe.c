// SPDX-License-Identifier: MIT
/*
 * predicate diagram → condition in the language.
 *
 *	two parts that share no field	part and part, part or part
 *	one field			solve.c
 *	else, by the first field	values that lead to A and A, or values that …
 *
 * A part that holds (or is needed) whatever the first field is may be said once ahead;
 * the rest is then simplified by it. The cheaper way is taken while effort lasts.
 * Each predicate is described once: the phrases form a graph, which the text unfolds,
 * so its length has a limit of its own.
 */
#include "meaning/describe.h"

#include <errno.h>

#define TEXT_MAX     ((size_t)64 << 10)
#define ARENA_MAX    ((size_t)16 << 20)
#define EFFORT	     512u
#define CHILDREN_MAX 4096u
#define LATTICE_MAX  16u /* children whose implications are looked for */

struct described {
	struct described *next;
	meaning_ref predicate;
	const struct phrase *phrase;
};

static const struct phrase *describe(struct describer *describer, meaning_ref a);

static unsigned fields_of(struct describer *describer, meaning_ref a)
{
	uint64_t bits[FIELD_MAX] = { 0 };
	unsigned fields = 0;

	project_support(describer->store, a, bits);
	for (unsigned field = 0; field < FIELD_MAX; field++)
		fields |= (unsigned)(bits[field] != 0) << field;
	return fields;
}

/* --- parts that share no field -----------------------------------------------------
 */

struct parts {
	meaning_ref first, second;
};

/* a == first and second: the first looks at `fields`, the second at all others. */
static bool split_by(struct meaning *store, meaning_ref a, unsigned fields,
		     unsigned all, struct parts *ret_parts)
{
	ret_parts->first = project_exists(store, a, all & ~fields);
	ret_parts->second = project_exists(store, a, fields);
	return !store->error &&
	       meaning_and(store, ret_parts->first, ret_parts->second) == a;
}

/* The fewest fields, the topmost among them, that can be told apart from the others. */
static bool split_and(struct describer *describer, meaning_ref a, unsigned all,
		      struct parts *ret_parts)
{
	struct meaning *store = describer->store;
	unsigned top = all & -all;

	/* Parts only make it shorter. */
	if (store->steps > describer->explore_until)
		return false;
	for (int size = 1; size < __builtin_popcount(all); size++)
		for (unsigned fields = top; fields < all; fields++)
			if (fields & top && !(fields & ~all) &&
			    __builtin_popcount(fields) == size &&
			    split_by(store, a, fields, all, ret_parts))
				return true;
	return false;
}

static const struct phrase *join_parts(struct describer *describer,
				       enum phrase_kind kind, struct parts parts)
{
	const struct phrase *first = describe(describer, parts.first);

	return first ? phrase_join(&describer->book, kind, first,
				   describe(describer, parts.second))
		     : NULL;
}

/* --- by the first field ------------------------------------------------------------
 */

/* The values of `child`, and of others below which it would hold too. */
static struct bounds bounds_of(struct describer *describer, meaning_ref a,
			       const struct project_children *children,
			       meaning_ref child)
{
	struct meaning *store = describer->store;
	meaning_ref values = project_select(store, a, child);
	struct bounds bounds = { values, values };

	for (size_t i = 0; i < children->count; i++) {
		meaning_ref other = children->refs[i];
		bool is_tried = other == MEANING_TRUE || children->count <= LATTICE_MAX;

		if (other == child || !is_tried ||
		    meaning_and(store, child, meaning_not(store, other)) !=
			    MEANING_FALSE)
			continue;
		bounds.most =
			meaning_or(store, bounds.most, project_select(store, a, other));
	}
	return bounds;
}

static const struct phrase *describe_child(struct describer *describer, meaning_ref a,
					   const struct project_children *children,
					   meaning_ref child)
{
	struct bounds bounds = bounds_of(describer, a, children, child);
	unsigned field = project_field(describer->store, a);
	const struct phrase *values = solve_field(describer, field, bounds);

	if (!values)
		return NULL;
	return phrase_join(&describer->book, PHRASE_AND, values,
			   describe(describer, child));
}

static const struct phrase *by_children(struct describer *describer, meaning_ref a)
{
	struct phrase_book *book = &describer->book;
	const struct phrase *result = phrase_constant(book, false);
	struct project_children children = { 0 };

	project_children(describer->store, a, &book->arena, &children);
	if (children.count > CHILDREN_MAX)
		store_fail(describer->store, -E2BIG);
	if (describer->store->error || book->arena.failed)
		return NULL;
	for (size_t i = 0; i < children.count; i++)
		if (children.refs[i] == MEANING_TRUE)
			result = describe_child(describer, a, &children, MEANING_TRUE);
	for (size_t i = 0; result && i < children.count; i++)
		if (children.refs[i] > MEANING_TRUE)
			result = phrase_join(book, PHRASE_OR, result,
					     describe_child(describer, a, &children,
							    children.refs[i]));
	return result;
}

/* always, or whatever is left of it. */
static const struct phrase *by_common(struct describer *describer, meaning_ref a,
				      enum phrase_kind kind)
{
	struct meaning *store = describer->store;
	unsigned top = 1u << project_field(store, a);
	bool is_or = kind == PHRASE_OR;
	struct parts parts;
	meaning_ref care;

	parts.first =
		is_or ? project_forall(store, a, top) : project_exists(store, a, top);
	if (parts.first <= MEANING_TRUE || !describer_try(describer))
		return NULL;
	care = is_or ? meaning_not(store, parts.first) : parts.first;
	parts.second = project_simplify(store, a, care);
	if (parts.second == a || store->error)
		return NULL;
	return join_parts(describer, kind, (struct parts){ parts.second, parts.first });
}

static const struct phrase *by_first_field(struct describer *describer, meaning_ref a)
{
	const struct phrase *best = by_children(describer, a);

	if (best)
		best = phrase_cheaper(best, by_common(describer, a, PHRASE_OR));
	if (best)
		best = phrase_cheaper(best, by_common(describer, a, PHRASE_AND));
	return best;
}

/* --- all ---------------------------------------------------------------------------
 */

static const struct phrase *describe_anew(struct describer *describer, meaning_ref a)
{
	struct meaning *store = describer->store;
	unsigned fields = fields_of(describer, a);
	struct parts parts;
	meaning_ref inverse;

	if (a <= MEANING_TRUE)
		return phrase_constant(&describer->book, a == MEANING_TRUE);
	if (!(fields & (fields - 1)))
		return solve_field(describer, project_field(store, a),
				   (struct bounds){ a, a });
	if (split_and(describer, a, fields, &parts))
		return join_parts(describer, PHRASE_AND, parts);
	inverse = meaning_not(store, a);
	if (!store->error && split_and(describer, inverse, fields, &parts)) {
		parts.first = meaning_not(store, parts.first);
		parts.second = meaning_not(store, parts.second);
		return join_parts(describer, PHRASE_OR, parts);
	}
	return store->error ? NULL : by_first_field(describer, a);
}

static const struct phrase *describe(struct describer *describer, meaning_ref a)
{
	struct described **bucket, *known;

	if (a == MEANING_FAILED || describer->store->error)
		return NULL;
	bucket = &describer->memo[a % DESCRIBE_BUCKETS];
	for (known = *bucket; known; known = known->next)
		if (known->predicate == a)
			return known->phrase;
	known = ARENA_NEW(&describer->book.arena, struct described);
	if (!known)
		return NULL;
	known->phrase = describe_anew(describer, a);
	known->predicate = a;
	known->next = *bucket;
	*bucket = known;
	return known->phrase;
}

int meaning_describe(struct meaning *store, meaning_ref predicate,
		     const struct syscall *call, const struct abi *abi,
		     struct buffer *ret_text)
{
	struct describer describer = { .store = store, .effort = EFFORT };
	struct arena *arena = &describer.book.arena;
	const struct phrase *phrase;
	int error;

	if (store->steps < store->limits.steps)
		describer.explore_until =
			store->steps + (store->limits.steps - store->steps) / 4;
	arena_init(arena, ARENA_MAX);
	phrase_book_init(&describer.book, call, abi);
	phrase = describe(&describer, predicate);
	error = meaning_error(store);
	if (!error && arena->failed)
		error = arena->limited ? -E2BIG : -ENOMEM;
	if (!error)
		error = phrase_print(&describer.book, phrase, TEXT_MAX, ret_text);
	arena_done(arena);
	return error;
}
