// SPDX-License-Identifier: MIT
/*
 * diagram → policy text with the same meaning.
 *
 * The text is made for every likely `default` and every version of `abi`, and the
 * shortest is taken. It is then parsed and must give the very diagram: nothing leaves
 * here unproven. Verdicts are compared as the kernel reads them: data that has no
 * effect is not told apart.
 */
#include "meaning/decompile.h"

#include <errno.h>

#include "data/call.h"
#include "data/verdict.h"
#include "meaning/store.h"

#define ARENA_MAX     ((size_t)64 << 20)
#define DEFAULTS_MAX  3u
#define NEWER_COLUMNS 20u /* what a name newer than `abi` is as bad as */

/* --- ABIs ------------------------------------------------------------------------- */

static int report_architecture(struct decompile *decompile, uint32_t arch)
{
	diag_error(decompile->diagnostics, "not-sayable", SPAN_NONE,
		   "--abi NAME decompiles what it does for that ABI",
		   "the filter has verdicts of their own for calls of architecture "
		   "0x%08x, which is none that callgate knows",
		   (unsigned)arch);
	return -EOPNOTSUPP;
}

/* An ABI that all others are treated like. */
static int find_like(struct decompile *decompile, const struct number_list *others)
{
	for (size_t i = 0; i < decompile->survey.abi_count; i++) {
		struct surveyed_abi *surveyed = &decompile->survey.abis[i];
		struct number_list part;

		if (survey_clip(others, surveyed->abi, &decompile->arena, &part))
			return -ENOMEM;
		if (!survey_same(&part, &surveyed->numbers))
			continue;
		decompile->badarch_like = surveyed->abi;
		surveyed->numbers = *others;
		return 0;
	}
	return report_architecture(decompile, decompile->survey.other_arch);
}

static int list_abi(struct decompile *decompile, const struct surveyed_abi *surveyed,
		    const struct number_list *others)
{
	struct number_list part;

	if (survey_clip(others, surveyed->abi, &decompile->arena, &part))
		return -ENOMEM;
	if (surveyed->abi != decompile->badarch_like &&
	    survey_same(&part, &surveyed->numbers))
		return 0;
	decompile->abis[decompile->abi_count++] =
		(struct listed){ .abi = surveyed->abi, .numbers = surveyed->numbers };
	return 0;
}

/* Which ABIs the policy lists: those that differ from what any other gets. */
static int list_abis(struct decompile *decompile)
{
	struct survey *survey = &decompile->survey;
	struct number_list others;
	int error = survey_numbers(decompile->store, survey->others, &decompile->arena,
				   &others);

	if (!error && survey->has_stranger)
		error = report_architecture(decompile, survey->stranger_arch);
	if (!error && !meaning_is_terminal(decompile->store, survey->others))
		error = find_like(decompile, &others);
	else if (!error)
		decompile->badarch_verdict =
			meaning_at(decompile->store, survey->others)->low;
	for (size_t i = 0; !error && i < survey->abi_count; i++)
		error = list_abi(decompile, &survey->abis[i], &others);
	if (!error && decompile->abi_count == 0)
		decompile->abis[decompile->abi_count++] = (struct listed){
			.abi = abi_native(),
			.numbers = survey->abis[abi_native()->index].numbers,
		};
	return error;
}

/* --- choices ---------------------------------------------------------------------- */

/* How many calls get this verdict whatever their arguments are. */
static size_t count_calls(const struct decompile *decompile, uint32_t verdict)
{
	size_t count = 0;

	for (size_t a = 0; a < decompile->abi_count; a++)
		for (size_t i = 0; i < syscall_count(); i++) {
			const struct entry *entry = &decompile->abis[a].entries[i];

			count += entry->is_named && entry->cases->count == 1 &&
				 entry->cases->items[0].verdict == verdict;
		}
	return count;
}

/* `unknown`, and the commonest other verdict that lets calls through just as it does. */
static size_t find_defaults(const struct decompile *decompile, uint32_t *ret_verdicts)
{
	uint32_t unknown = decompile->unknown_verdict;
	size_t count = 1, most = 0;

	ret_verdicts[0] = unknown;
	for (size_t a = 0; a < decompile->abi_count; a++)
		for (size_t i = 0; i < syscall_count(); i++) {
			const struct entry *entry = &decompile->abis[a].entries[i];
			uint32_t verdict;
			size_t calls;

			if (!entry->is_named || entry->cases->count != 1)
				continue;
			verdict = entry->cases->items[0].verdict;
			if (verdict == unknown ||
			    (count > 1 && verdict == ret_verdicts[1]) ||
			    verdict_is_allow(verdict) != verdict_is_allow(unknown))
				continue;
			calls = count_calls(decompile, verdict);
			if (calls <= most)
				continue;
			most = calls;
			ret_verdicts[1] = verdict;
			count = 2;
		}
	return count;
}

/* Versions that brought a call of the listed ABIs, newest first. */
static size_t find_versions(const struct decompile *decompile,
			    kernel_version *ret_versions, size_t capacity)
{
	size_t count = 0;

	ret_versions[count++] = version_newest();
	while (count < capacity) {
		kernel_version next = 0;

		for (size_t a = 0; a < decompile->abi_count; a++)
			for (size_t i = 0; i < syscall_count(); i++) {
				kernel_version since =
					decompile->abis[a].entries[i].since;

				if (since < ret_versions[count - 1] && since > next)
					next = since;
			}
		if (!next)
			return count;
		ret_versions[count++] = next;
	}
	return count;
}

/* Names in the text that are newer than its `abi`. */
static size_t count_newer(const struct plan *plan)
{
	const struct decompile *decompile = plan->decompile;
	size_t count = 0;

	for (const struct rule *rule = plan->rules; rule; rule = rule->next)
		for (size_t i = 0; i < syscall_count(); i++)
			for (size_t a = 0; a < decompile->abi_count; a++) {
				const struct entry *entry =
					&decompile->abis[a].entries[i];

				count += rule->abis & 1u << a &&
					 entry->since > plan->version &&
					 call_set_has(rule->calls, syscall_at(i));
			}
	return count;
}

/* The text for one choice; SIZE_MAX: none. */
static int try_choice(struct decompile *decompile, uint32_t verdict,
		      kernel_version version, struct buffer *ret_text, size_t *ret_cost)
{
	struct arena arena;
	struct plan plan = {
		.decompile = decompile,
		.arena = &arena,
		.default_verdict = verdict,
		.version = version,
	};
	int error;

	arena_init(&arena, ARENA_MAX);
	error = plan_make(&plan);
	if (!error)
		plan_print(&plan, ret_text);
	if (!error && ret_text->failed)
		error = -ENOMEM;
	*ret_cost = ret_text->len + NEWER_COLUMNS * count_newer(&plan);
	arena_done(&arena);
	return error;
}

static int choose(struct decompile *decompile, struct buffer *ret_text)
{
	uint32_t defaults[DEFAULTS_MAX];
	kernel_version versions[128];
	size_t default_count = find_defaults(decompile, defaults), best = SIZE_MAX;
	size_t version_count = find_versions(decompile, versions,
					     sizeof(versions) / sizeof(versions[0]));
	int error = 0;

	for (size_t d = 0; !error && d < default_count; d++)
		for (size_t v = 0; !error && v < version_count; v++) {
			struct buffer text = { 0 };
			size_t cost;

			error = try_choice(decompile, defaults[d], versions[v], &text,
					   &cost);
			if (!error && cost < best) {
				struct buffer swap = *ret_text;

				best = cost;
				*ret_text = text;
				text = swap;
			}
			buffer_done(&text);
		}
	return error;
}

/* --- proof ------------------------------------------------------------------------ */

static bool is_true(void *context, uint32_t value)
{
	(void)context;
	return value == 1;
}

static int report_counterexample(struct decompile *decompile, meaning_ref meaning)
{
	struct meaning *store = decompile->store;
	meaning_ref differ = meaning_differ(store, meaning, decompile->meaning);
	struct buffer text = { 0 }, wanted = { 0 }, got = { 0 };
	struct seccomp_data call;
	const struct abi *abi;

	if (differ == MEANING_FAILED)
		return meaning_error(store);
	if (meaning_example(store, differ, is_true, NULL, &call) < 0)
		return -ENOMEM;
	abi = abi_of(call.arch, (uint32_t)call.nr);
	call_print(&call, &text);
	verdict_print(meaning_evaluate(store, decompile->meaning, &call), abi, &wanted);
	verdict_print(meaning_evaluate(store, meaning, &call), abi, &got);
	if (!text.failed && !wanted.failed && !got.failed)
		diag_error(decompile->diagnostics, "proof-failed", SPAN_NONE,
			   "this is a defect of callgate; the text was thrown away",
			   "the text is not equal to the filter: for %s the filter "
			   "says '%s', the text '%s'",
			   text.data, wanted.data, got.data);
	buffer_done(&text);
	buffer_done(&wanted);
	buffer_done(&got);
	return -EBADMSG;
}

static int report_refused(struct decompile *decompile,
			  const struct callgate_diagnostics *found)
{
	const char *why = "";

	for (size_t i = callgate_diagnostics_count(found); i-- > 0;) {
		const struct callgate_diagnostic *at =
			callgate_diagnostics_at(found, i);

		if (at->severity == CALLGATE_ERROR)
			why = at->message;
	}
	diag_error(decompile->diagnostics, "proof-failed", SPAN_NONE,
		   "this is a defect of callgate; the text was thrown away",
		   "the text is no policy: %s", why);
	return -EBADMSG;
}

static int prove(struct decompile *decompile, const struct buffer *text)
{
	struct callgate_diagnostics *found = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	meaning_ref meaning;
	int error = found ? callgate_policy_parse(text->data, text->len, NULL, found,
						  &policy)
			  : -ENOMEM;

	if (error == -EINVAL) {
		error = report_refused(decompile, found);
	} else if (!error) {
		meaning =
			meaning_normalize(decompile->store,
					  meaning_of_policy(decompile->store, policy));
		error = meaning_error(decompile->store);
		if (!error && meaning != decompile->meaning)
			error = report_counterexample(decompile, meaning);
	}
	callgate_policy_free(policy);
	callgate_diagnostics_free(found);
	return error;
}

/* ---------------------------------------------------------------------------------- */

static int take_survey(struct decompile *decompile)
{
	int error = survey_take(decompile->store, decompile->meaning, &decompile->arena,
				&decompile->survey);

	if (error == -E2BIG && !meaning_error(decompile->store))
		diag_error(decompile->diagnostics, "too-many-numbers", SPAN_NONE,
			   "a policy names calls, and ranges of numbers; "
			   "'callgate show' lists the instructions",
			   "the filter goes by the bits of numbers: it tells over %u "
			   "ranges of them, or over %u of architectures, apart",
			   SURVEY_MAX, ARCHES_MAX);
	return error;
}

static int decompile_text(struct decompile *decompile, struct buffer *ret_text)
{
	int error = take_survey(decompile);

	if (!error)
		error = list_abis(decompile);
	if (!error)
		error = decompile_sort(decompile);
	if (!error)
		error = choose(decompile, ret_text);
	return error ? error : prove(decompile, ret_text);
}

int meaning_decompile(struct meaning *store, meaning_ref meaning,
		      struct callgate_diagnostics *diagnostics, struct buffer *ret_text)
{
	struct decompile decompile = {
		.store = store,
		.diagnostics = diagnostics,
		.meaning = meaning_normalize(store, meaning),
	};
	struct buffer text = { 0 };
	int error;

	decompile.by_number_tail = &decompile.by_number;
	arena_init(&decompile.arena, ARENA_MAX);
	error = decompile_text(&decompile, &text);
	if (decompile.arena.limited)
		error = -E2BIG;
	if (!error)
		buffer_put(ret_text, text.data, text.len);
	if (!error && ret_text->failed)
		error = -ENOMEM;
	buffer_done(&text);
	arena_done(&decompile.arena);
	return error;
}
