// SPDX-License-Identifier: MIT
/*
 * A call as text: parsed, resolved and lowered as the one call of an `expect` line
 * would be, by the same code.
 */
#include "policy/call.h"

#include <errno.h>

#include "policy/check.h"
#include "policy/parse.h"

#define CALL_LIMIT ((size_t)8 << 20) /* bytes of each arena */

/*
 * The policy as a question sees it: its ABIs, or all without a policy, and a list for
 * the answers.
 */
static void borrow(struct callgate_policy *scratch,
		   const struct callgate_policy *policy, struct checker *checker)
{
	scratch->version = VERSION_LATEST;
	scratch->abi_count = policy ? policy->abi_count : abi_count();
	for (size_t i = 0; i < scratch->abi_count; i++) {
		scratch->abis[i].abi = policy ? policy->abis[i].abi : abi_at(i);
		checker->abis |= abi_bit(scratch->abis[i].abi);
	}
}

static const struct policy_expect *best_of(const struct callgate_policy *scratch)
{
	const struct policy_expect *first = NULL;

	for (size_t i = 0; i < scratch->expect_count; i++)
		if (scratch->expects[i].abi == abi_native())
			return &scratch->expects[i];
	/* The order of the policy's `arch`. */
	for (size_t i = 0; !first && i < scratch->abi_count; i++)
		for (size_t j = 0; !first && j < scratch->expect_count; j++)
			if (scratch->expects[j].abi == scratch->abis[i].abi)
				first = &scratch->expects[j];
	if (!first && scratch->expect_count)
		first = &scratch->expects[0];
	return first;
}

static void resolve(struct checker *checker, const struct syntax_item *item)
{
	struct resolved_expect expect = { .kind = EXPECT_ALLOW };

	if (item->kind == ITEM_GROUP) {
		report_error(checker->report, "syntax", item->span, NULL,
			     "expected a call, found a group");
		return;
	}
	checker->symbols.arena = checker->arena;
	expect.items = resolve_item(checker, item,
				    item->abi.text.ptr ? ~(abi_mask)0 : checker->abis);
	if (expect.items)
		lower_expect(checker, &expect);
	/* '?' makes what nobody has a matter of a warning */
	if (!checker->policy->expect_count && !checker->report->errors)
		report_error(checker->report, "unknown-syscall", item->span, NULL,
			     "there is no such call to ask about");
}

/* Parses, with everything that is needed for a moment in `checker` and its arena. */
static int ask(struct checker *checker, const char *text)
{
	struct sources sources = { .report = checker->report };
	struct parse_context context = {
		.report = checker->report,
		.arena = checker->arena,
		.sources = &sources,
	};
	const struct source *source = source_open(&sources, "call", str_of(text));
	const struct syntax_item *item = source ? parse_call(&context, source) : NULL;

	if (item)
		resolve(checker, item);
	sources_done(&sources);
	if (sources.error)
		return sources.error;
	if (checker->arena->limited || checker->policy->arena.limited)
		return -E2BIG;
	if (checker->arena->failed || checker->policy->arena.failed)
		return -ENOMEM;
	return checker->report->errors ? -EINVAL : 0;
}

int policy_call_parse(const struct callgate_policy *policy, const char *text,
		      struct callgate_diagnostics *diagnostics,
		      struct policy_call *ret_call)
{
	struct arena arena;
	struct callgate_parse_options options = { 0 };
	struct report report = { .diagnostics = diagnostics, .arena = &arena };
	struct callgate_policy scratch = { 0 };
	struct checker checker = {
		.policy = &scratch,
		.options = &options,
		.report = &report,
		.arena = &arena,
	};
	const struct policy_expect *best;
	int error;

	arena_init(&arena, CALL_LIMIT);
	arena_init(&scratch.arena, CALL_LIMIT);
	borrow(&scratch, policy, &checker);
	error = ask(&checker, text);
	best = error ? NULL : best_of(&scratch);
	if (best)
		*ret_call =
			(struct policy_call){ scratch.arena, best->abi, best->number,
					      best->condition, best->span };
	else
		arena_done(&scratch.arena);
	arena_done(&arena);
	return error;
}

void policy_call_done(struct policy_call *call)
{
	arena_done(&call->arena);
}
