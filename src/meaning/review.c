// SPDX-License-Identifier: MIT
/*
 * What only the exact meaning of a policy shows: rules and items that never decide
 * anything because earlier ones take all their calls, and conditions that are always or
 * never true.
 *
 * An item ("mkdir", "@swap") of a rule is judged over all calls and ABIs that it
 * brings: groups may overlap freely, an item is reported when nothing at all is left
 * for it.
 */
#include "meaning/store.h"

#include <stdlib.h>

/* What became of one match of the policy. */
struct finding {
	const struct policy_match *match;
	const struct policy_match *cover; /* an earlier one that takes all its calls */
	bool decides;			  /* some call is left for it */
	bool is_duplicate;		  /* of `cover`: same calls, same verdict */
	bool is_never;			  /* its own condition excludes every call */
};

struct review {
	struct meaning *store;
	const struct callgate_policy *policy;
	struct callgate_diagnostics *diagnostics;
	struct finding *findings;
	size_t count;
	struct callgate_span *reported; /* conditions already spoken of */
	size_t reported_count;
};

static uint32_t verdict_of(const struct review *review,
			   const struct policy_match *match)
{
	return policy_match_verdict(review->policy, match);
}

static bool same_span(struct callgate_span a, struct callgate_span b)
{
	return a.file == b.file && a.offset == b.offset && a.length == b.length;
}

/* --- conditions ------------------------------------------------------------------- */

static bool already_reported(struct review *review, struct callgate_span span)
{
	for (size_t i = 0; i < review->reported_count; i++)
		if (same_span(review->reported[i], span))
			return true;
	if (review->reported_count < DIAG_MAX)
		review->reported[review->reported_count++] = span;
	return false;
}

/* Reports the outermost parts that do not depend on the call. */
static void review_condition(struct review *review,
			     const struct policy_condition *condition)
{
	meaning_ref ref;

	if (condition->kind == CONDITION_ALWAYS || condition->kind == CONDITION_NEVER)
		return;
	ref = meaning_condition(review->store, condition);
	if (ref > MEANING_TRUE) {
		if (condition->left)
			review_condition(review, condition->left);
		if (condition->right)
			review_condition(review, condition->right);
		return;
	}
	if (already_reported(review, condition->span))
		return;
	if (ref == MEANING_TRUE)
		diag_warning(review->diagnostics, "always-true", condition->span,
			     "leave it out, or compare with another value",
			     "this condition is true for every call");
	else
		diag_warning(review->diagnostics, "never-true", condition->span,
			     "no call has such arguments; check mask and value",
			     "this condition is true for no call");
}

/* --- matches ---------------------------------------------------------------------- */

/* The matches of one number in order: same number, increasing rule. */
static void find_cover(struct review *review, struct finding *finding, size_t earlier,
		       meaning_ref predicate)
{
	for (size_t i = 1; i <= earlier; i++) {
		const struct policy_match *other = finding[-(ptrdiff_t)i].match;
		meaning_ref taken = meaning_condition(review->store, other->condition);

		if (meaning_ite(review->store, taken, MEANING_FALSE, predicate) !=
		    MEANING_FALSE)
			continue;
		finding->cover = other;
		finding->is_duplicate =
			taken == predicate &&
			verdict_of(review, other) == verdict_of(review, finding->match);
	}
}

/* `findings` are all those of one number of one ABI, in order of rule. */
static void review_number(struct review *review, struct finding *findings, size_t count)
{
	meaning_ref taken = MEANING_FALSE;

	for (size_t i = 0; i < count; i++) {
		const struct policy_condition *condition = findings[i].match->condition;
		meaning_ref predicate = meaning_condition(review->store, condition);

		findings[i].is_never = predicate == MEANING_FALSE;
		findings[i].decides = meaning_ite(review->store, taken, MEANING_FALSE,
						  predicate) != MEANING_FALSE;
		if (!findings[i].decides && !findings[i].is_never)
			find_cover(review, &findings[i], i, predicate);
		review_condition(review, condition);
		taken = meaning_or(review->store, taken, predicate);
	}
}

static int by_number(const void *a, const void *b)
{
	const struct policy_match *x = ((const struct finding *)a)->match;
	const struct policy_match *y = ((const struct finding *)b)->match;

	if (!x->more != !y->more)
		return x->more ? 1 : -1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	/* Within an ABI the matches lie in order of rule in one array. */
	return x < y ? -1 : x > y;
}

/* Ranges of numbers come last and are not looked into. */
static size_t count_numbers(const struct finding *findings, size_t count)
{
	while (count && findings[count - 1].match->more)
		count--;
	return count;
}

static void review_abi(struct review *review, const struct policy_abi *table)
{
	struct finding *findings = review->findings + review->count;
	size_t start = 0, count;

	for (size_t i = 0; i < table->count; i++)
		findings[i] = (struct finding){
			.match = &table->matches[i],
			.decides = table->matches[i].more != 0,
		};
	review->count += table->count;
	qsort(findings, table->count, sizeof(*findings), by_number);
	count = count_numbers(findings, table->count);
	for (size_t i = 1; i <= count; i++) {
		if (i < count &&
		    findings[i].match->number == findings[start].match->number)
			continue;
		review_number(review, findings + start, i - start);
		start = i;
	}
}

/* --- items and rules -------------------------------------------------------------- */

static int by_item(const void *a, const void *b)
{
	const struct policy_match *x = ((const struct finding *)a)->match;
	const struct policy_match *y = ((const struct finding *)b)->match;

	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->span.offset != y->span.offset)
		return x->span.offset < y->span.offset ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* One item, or with `whole` the rule that consists of such items alone. */
static void report(struct review *review, const struct finding *finding, bool whole)
{
	const struct policy_rule *rule = &review->policy->rules[finding->match->rule];
	struct callgate_span span = whole ? rule->span : finding->match->span;
	const char *what = whole ? "rule" : "item";

	if (finding->is_duplicate)
		diag_warning(review->diagnostics, "duplicate", span, "leave one out",
			     "this %s says again what an earlier one says", what);
	else if (whole)
		diag_warning(
			review->diagnostics, "unreachable", span,
			"the first rule that matches decides: move it up, or leave "
			"it out",
			"this rule can never match: earlier rules take all its "
			"calls");
	else
		diag_warning(
			review->diagnostics, "shadowed", span,
			"the first rule that matches decides: move it up, or leave "
			"it out",
			"earlier rules take all the calls of this item");
	if (finding->cover)
		diag_note(review->diagnostics,
			  review->policy->rules[finding->cover->rule].span,
			  "the earlier rule is here");
}

/* Whether any of the findings decides. */
static bool any_decides(const struct finding *findings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (findings[i].decides || findings[i].is_never)
			return true;
	return false;
}

static size_t item_length(const struct finding *findings, size_t count)
{
	size_t length = 1;

	while (length < count &&
	       findings[length].match->span.offset == findings[0].match->span.offset)
		length++;
	return length;
}

static void review_rule(struct review *review, const struct finding *findings,
			size_t count)
{
	if (!any_decides(findings, count)) {
		report(review, &findings[0], true);
		return;
	}
	for (size_t i = 0; i < count;) {
		size_t length = item_length(findings + i, count - i);

		if (!any_decides(findings + i, length))
			report(review, &findings[i], false);
		i += length;
	}
}

static void review_rules(struct review *review)
{
	size_t start = 0;

	qsort(review->findings, review->count, sizeof(*review->findings), by_item);
	for (size_t i = 1; i <= review->count; i++) {
		if (i < review->count && review->findings[i].match->rule ==
						 review->findings[start].match->rule)
			continue;
		review_rule(review, review->findings + start, i - start);
		start = i;
	}
}

int meaning_review(struct meaning *store, const struct callgate_policy *policy,
		   struct callgate_diagnostics *diagnostics)
{
	struct review review = {
		.store = store,
		.policy = policy,
		.diagnostics = diagnostics,
	};
	size_t total = 0;
	int error = -ENOMEM;

	for (size_t i = 0; i < policy->abi_count; i++)
		total += policy->abis[i].count;
	if (total == 0)
		return 0;
	review.findings = calloc(total, sizeof(*review.findings));
	review.reported = calloc(DIAG_MAX, sizeof(*review.reported));
	if (review.findings && review.reported) {
		for (size_t i = 0; i < policy->abi_count; i++)
			review_abi(&review, &policy->abis[i]);
		error = meaning_error(store);
	}
	if (!error)
		review_rules(&review);
	free(review.findings);
	free(review.reported);
	return error;
}
