// SPDX-License-Identifier: MIT
/*
 * What happens to each call, in words; and which numbers no name can speak for.
 *
 * Numbers that are no call mostly get one verdict, the policy's `unknown`. What else
 * there is, is decided by number ahead of all names; an ABI all of whose numbers share
 * one body needs a single range.
 */
#include "meaning/decompile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "data/call.h"

/* --- cases ------------------------------------------------------------------------ */

static int report_cases(struct decompile *decompile, const struct syscall *call,
			const struct abi *abi, int error)
{
	const char *name = call ? syscall_name(call) : "a call without a name";

	if (error == -EOPNOTSUPP)
		diag_error(decompile->diagnostics, "not-sayable", SPAN_NONE, NULL,
			   "on %s the verdict of '%s' depends on an argument that the "
			   "language cannot name",
			   abi->name, name);
	else if (error == -E2BIG && !meaning_error(decompile->store))
		diag_error(decompile->diagnostics, "too-complex", SPAN_NONE,
			   "'callgate show' lists the instructions",
			   "on %s the verdicts of '%s' are too complex to be said",
			   abi->name, name);
	return error;
}

#define NUMERAL_EFFORT 16 /* characters of names that are as good as a number */

/* "call in {0, 5..10}" is short, and says less than a list of names. */
static size_t effort_of(const struct buffer *text)
{
	size_t effort = text->len;

	for (size_t i = 1; i < text->len; i++)
		if (strchr(" {.(", text->data[i - 1]) && text->data[i] >= '0' &&
		    text->data[i] <= '9')
			effort += NUMERAL_EFFORT;
	return effort;
}

static int describe(struct decompile *decompile, meaning_ref predicate,
		    const struct syscall *call, const struct abi *abi,
		    struct body_case *ret_case)
{
	struct buffer text = { 0 };
	int error = predicate == MEANING_FAILED
			    ? meaning_error(decompile->store)
			    : meaning_describe(decompile->store, predicate, call, abi,
					       &text);

	if (!error && text.failed)
		error = -ENOMEM;
	if (!error) {
		ret_case->condition = arena_copy(&decompile->arena,
						 (struct str){ text.data, text.len });
		ret_case->length = text.len;
		ret_case->effort = effort_of(&text);
		error = ret_case->condition ? 0 : -ENOMEM;
	}
	buffer_done(&text);
	return error;
}

static int by_effort(const void *a, const void *b)
{
	const struct body_case *x = a, *y = b;

	if (x->effort != y->effort)
		return x->effort < y->effort ? -1 : 1;
	return x->verdict < y->verdict ? -1 : x->verdict > y->verdict;
}

static int fill_cases(struct decompile *decompile, meaning_ref body,
		      const struct syscall *call, const struct abi *abi,
		      struct case_list *cases)
{
	uint32_t values[CASES_MAX];
	int error = 0;

	cases->count = meaning_values(decompile->store, body, values, CASES_MAX);
	if (meaning_error(decompile->store))
		return meaning_error(decompile->store);
	if (cases->count > CASES_MAX)
		return -E2BIG;
	for (size_t i = 0; i < cases->count; i++)
		cases->items[i].verdict = values[i];
	for (size_t i = 0; cases->count > 1 && !error && i < cases->count; i++)
		error = describe(decompile,
				 meaning_equals(decompile->store, body, values[i]),
				 call, abi, &cases->items[i]);
	qsort(cases->items, cases->count, sizeof(cases->items[0]), by_effort);
	return error;
}

static const struct case_list *cases_of(struct decompile *decompile, meaning_ref body,
					const struct syscall *call,
					const struct abi *abi, int *ret_error)
{
	struct case_list *cases = ARENA_NEW(&decompile->arena, struct case_list);

	*ret_error = -ENOMEM;
	if (cases)
		*ret_error = fill_cases(decompile, body, call, abi, cases);
	report_cases(decompile, call, abi, *ret_error);
	return *ret_error ? NULL : cases;
}

/* --- unknown ---------------------------------------------------------------------- */

/* How many numbers of the stretch are no call. */
static uint64_t count_unknown(const struct abi *abi, const struct numbers *numbers)
{
	uint64_t count = (uint64_t)numbers->last - numbers->first + 1;
	uint32_t n = numbers->first;

	for (; syscall_number_from(abi, n, &n) && n <= numbers->last; n++) {
		count--;
		if (n == UINT32_MAX)
			break;
	}
	return count;
}

/* ABIs all of whose numbers share one body, unless all do, need no names. */
static void find_uniform(struct decompile *decompile)
{
	size_t uniform = 0;

	for (size_t i = 0; i < decompile->abi_count; i++)
		uniform += decompile->abis[i].numbers.count == 1;
	for (size_t i = 0; i < decompile->abi_count; i++)
		decompile->abis[i].by_number = decompile->abis[i].numbers.count == 1 &&
					       uniform < decompile->abi_count;
}

/* The verdict of the most numbers that are no call. */
static void find_unknown(struct decompile *decompile)
{
	struct weight {
		meaning_ref body;
		uint64_t numbers;
	} weights[64] = { 0 };
	size_t count = 0, best = 0;

	for (size_t a = 0; a < decompile->abi_count; a++) {
		const struct listed *listed = &decompile->abis[a];

		for (size_t i = 0; i < listed->numbers.count; i++) {
			const struct numbers *numbers = &listed->numbers.items[i];
			size_t at = 0;

			if (listed->by_number ||
			    !meaning_is_terminal(decompile->store, numbers->body))
				continue;
			while (at < count && weights[at].body != numbers->body)
				at++;
			if (at == sizeof(weights) / sizeof(weights[0]))
				continue;
			if (at == count)
				weights[count++].body = numbers->body;
			weights[at].numbers += count_unknown(listed->abi, numbers);
			if (weights[at].numbers > weights[best].numbers)
				best = at;
		}
	}
	decompile->unknown_verdict =
		count ? meaning_at(decompile->store, weights[best].body)->low
		      : decompile->badarch_verdict;
}

/* --- numbers ---------------------------------------------------------------------- */

static int add_by_number(struct decompile *decompile, const struct abi *abi,
			 struct numbers numbers)
{
	struct by_number *item = ARENA_NEW(&decompile->arena, struct by_number);
	int error;

	if (!item)
		return -ENOMEM;
	item->abi = abi;
	item->first = numbers.first;
	item->last = numbers.last;
	item->cases = cases_of(decompile, numbers.body, NULL, abi, &error);
	*decompile->by_number_tail = item;
	decompile->by_number_tail = &item->next;
	return error;
}

/* The parts of a stretch between its calls. */
static int add_between_calls(struct decompile *decompile, const struct listed *listed,
			     const struct numbers *numbers)
{
	uint64_t start = numbers->first, end;
	int error = 0;

	for (; !error && start <= numbers->last; start = end + 1) {
		uint32_t call;

		end = (uint64_t)numbers->last + 1;
		if (syscall_number_from(listed->abi, (uint32_t)start, &call) &&
		    call < end)
			end = call;
		if (start < end)
			error = add_by_number(decompile, listed->abi,
					      (struct numbers){ (uint32_t)start,
								(uint32_t)(end - 1),
								numbers->body });
	}
	return error;
}

static int sort_numbers(struct decompile *decompile, struct listed *listed)
{
	meaning_ref unknown =
		meaning_terminal(decompile->store, decompile->unknown_verdict);
	int error = 0;

	if (listed->by_number)
		return add_by_number(decompile, listed->abi, listed->numbers.items[0]);
	for (size_t i = 0; !error && i < listed->numbers.count; i++)
		if (listed->numbers.items[i].body != unknown)
			error = add_between_calls(decompile, listed,
						  &listed->numbers.items[i]);
	return error;
}

/* --- names ------------------------------------------------------------------------ */

static meaning_ref body_of(const struct listed *listed, uint32_t number)
{
	for (size_t i = 0; i < listed->numbers.count; i++)
		if (listed->numbers.items[i].first <= number &&
		    number <= listed->numbers.items[i].last)
			return listed->numbers.items[i].body;
	return MEANING_FAILED;
}

static int fill_entry(struct decompile *decompile, const struct listed *listed,
		      const struct syscall *call, struct entry *entry)
{
	uint32_t number;
	int error = 0;

	if (!syscall_number(call, listed->abi, &number))
		return 0;
	entry->is_named = !listed->by_number;
	entry->since = syscall_since(call, listed->abi);
	entry->body = body_of(listed, number);
	if (entry->is_named)
		entry->cases =
			cases_of(decompile, entry->body, call, listed->abi, &error);
	return error;
}

/* A call that carries others is also reached by rules on those; see the plan. */
static void unname_multiplexers(struct listed *listed)
{
	uint32_t selector;

	for (size_t i = 0; i < syscall_count(); i++) {
		const struct syscall *call =
			syscall_multiplexer(syscall_at(i), listed->abi, &selector);

		if (call)
			listed->entries[syscall_index(call)].is_named = false;
	}
}

static int fill_entries(struct decompile *decompile, struct listed *listed)
{
	int error = 0;

	listed->entries = ARENA_ARRAY(&decompile->arena, struct entry, syscall_count());
	if (!listed->entries)
		return -ENOMEM;
	for (size_t i = 0; !error && i < syscall_count(); i++)
		error = fill_entry(decompile, listed, syscall_at(i),
				   &listed->entries[i]);
	unname_multiplexers(listed);
	return error;
}

int decompile_sort(struct decompile *decompile)
{
	int error = 0;

	find_uniform(decompile);
	find_unknown(decompile);
	for (size_t i = 0; !error && i < decompile->abi_count; i++) {
		error = sort_numbers(decompile, &decompile->abis[i]);
		if (!error)
			error = fill_entries(decompile, &decompile->abis[i]);
	}
	return error;
}
