// SPDX-License-Identifier: MIT
/*
 * What of the policies a run used, counted. Prints nothing.
 *
 * The kernel tells calls apart by the bits that rules look at (probe/cover.h), so that each
 * count belongs to one rule of every layer, and which one is asked when it is read.
 */
#include "run_coverage.h"

#include <stdlib.h>
#include <string.h>

#include "probe/cover.h"
#include "probe/probe.h"
#include "report.h"

/* --- before the start ---------------------------------------------------------------- */

/* What the rules of any layer look at. */
static void add_bits(void *context, uint32_t arch, uint32_t number,
		     __u64 bits[COVER_FIELDS])
{
	const struct coverage *coverage = context;
	const struct seccomp_data call = { .nr = (int)number, .arch = arch };
	uint64_t own[CALLGATE_EXPLAIN_FIELDS];

	for (size_t i = 0; i < coverage->layer_count; i++) {
		if (!coverage->layers[i].policy)
			continue;
		callgate_explain_fields(coverage->layers[i].policy, &call, own);
		for (size_t field = 0; field < COVER_FIELDS; field++)
			bits[field] |= own[field];
	}
}

_Static_assert(CALLGATE_EXPLAIN_FIELDS == COVER_FIELDS, "the fields of a call");

static void list_rules(struct covered_layer *ret_layer,
		       const struct callgate_policy *policy)
{
	static const char *const kinds[COVERED_FALLBACKS] = { "default", "unknown",
							      "badarch" };
	size_t count = policy ? callgate_policy_count(policy).rules : 0;

	ret_layer->rule_count = count;
	ret_layer->rules =
		cli_need(calloc(count + COVERED_FALLBACKS, sizeof(*ret_layer->rules)));
	for (size_t i = 0; i < count; i++) {
		ret_layer->rules[i].kind = "rule";
		ret_layer->rules[i].span = callgate_explain_rule_at(policy, i).span;
	}
	for (size_t i = 0; i < COVERED_FALLBACKS; i++)
		ret_layer->rules[count + i].kind = kinds[i];
}

static void survey(struct coverage *coverage)
{
	const struct callgate_filter **filters =
		cli_need(calloc(coverage->layer_count, sizeof(*filters)));

	for (size_t i = 0; i < coverage->layer_count; i++)
		filters[i] = coverage->layers[i].filter;
	if (callgate_filter_flatten(filters, coverage->layer_count, NULL,
				    &coverage->together))
		coverage->together = NULL;
	else if (callgate_filter_survey(coverage->together, NULL, &coverage->survey))
		coverage->survey = NULL;
	free(filters);
}

void coverage_begin(struct coverage *coverage, const struct input *layers, size_t count,
		    bool permissive)
{
	const struct cover_asker asker = { add_bits, coverage };
	int error;

	*coverage = (struct coverage){
		.layers = layers,
		.layer_count = count,
		.permissive = permissive,
		.rules = cli_need(calloc(count, sizeof(*coverage->rules))),
		.groups = report_partition(),
	};
	for (size_t i = 0; i < count; i++)
		list_rules(&coverage->rules[i], layers[i].policy);
	survey(coverage);
	error = cover_open(&asker, &coverage->cover);
	if (error) {
		struct probe_lack lack = probe_explain(error);

		coverage->problem = lack.problem;
		coverage->hint = lack.hint;
	}
}

void coverage_done(struct coverage *coverage)
{
	cover_close(coverage->cover);
	for (size_t i = 0; i < coverage->layer_count; i++)
		free(coverage->rules[i].rules);
	free(coverage->rules);
	free(coverage->calls);
	free(coverage->groups);
	callgate_survey_free(coverage->survey);
	callgate_filter_free(coverage->together);
}

/* --- counting ------------------------------------------------------------------------ */

static struct covered_call *find_call(const struct coverage *coverage, uint32_t arch,
				      int number)
{
	for (size_t i = 0; i < coverage->call_count; i++)
		if (coverage->calls[i].number == number &&
		    coverage->calls[i].arch == arch)
			return &coverage->calls[i];
	return NULL;
}

static struct covered_call *need_call(struct coverage *coverage, uint32_t arch,
				      int number)
{
	struct covered_call *found = find_call(coverage, arch, number);

	if (found)
		return found;
	if (coverage->call_count == coverage->call_capacity) {
		coverage->call_capacity = 2 * coverage->call_capacity + 64;
		coverage->calls =
			cli_need(reallocarray(coverage->calls, coverage->call_capacity,
					      sizeof(*coverage->calls)));
	}
	found = &coverage->calls[coverage->call_count++];
	*found = (struct covered_call){ .arch = arch, .number = number };
	return found;
}

/* What of a layer decided about a call; NULL: a filter, which has no rules. */
static struct covered_rule *find_rule(const struct coverage *coverage, size_t layer,
				      const struct seccomp_data *call,
				      uint32_t *ret_verdict)
{
	const struct callgate_policy *policy = coverage->layers[layer].policy;
	const struct covered_layer *rules = &coverage->rules[layer];
	struct callgate_explain_rule rule;
	struct covered_rule *at;

	if (!policy)
		return NULL;
	rule = callgate_explain_rule(policy, call);
	*ret_verdict = rule.verdict;
	if (rule.rule != CALLGATE_NONE)
		return &rules->rules[rule.rule];
	at = &rules->rules[rules->rule_count];
	while (strcmp(at->kind, rule.kind) != 0)
		at++;
	at->span = rule.span;
	return at;
}

void coverage_denied(struct coverage *coverage, const struct callgate_denial *denial)
{
	uint32_t verdict;
	struct covered_rule *rule =
		find_rule(coverage, denial->layer, &denial->call, &verdict);

	need_call(coverage, denial->call.arch, denial->call.nr)->denied++;
	if (rule)
		rule->denied++;
}

static void take_in(void *context, const struct cover_call *counted, uint64_t count)
{
	struct coverage *coverage = context;
	struct seccomp_data call = { .nr = (int)counted->number,
				     .arch = counted->arch };

	for (size_t i = 0; i < 6; i++)
		call.args[i] = counted->fields[i];
	call.instruction_pointer = counted->fields[6];
	need_call(coverage, call.arch, call.nr)->made += count;
	for (size_t i = 0; i < coverage->layer_count; i++) {
		uint32_t verdict;
		struct covered_rule *rule = find_rule(coverage, i, &call, &verdict);

		if (rule && callgate_verdict_allows(verdict))
			rule->passed += count;
	}
}

void coverage_look(struct coverage *coverage)
{
	if (!coverage->cover)
		return;
	for (size_t i = 0; i < coverage->call_count; i++)
		coverage->calls[i].made = 0;
	for (size_t i = 0; i < coverage->layer_count; i++) {
		struct covered_layer *layer = &coverage->rules[i];

		for (size_t j = 0; j < layer->rule_count + COVERED_FALLBACKS; j++)
			layer->rules[j].passed = 0;
	}
	cover_each(coverage->cover, take_in, coverage);
}

/* --- answers ------------------------------------------------------------------------- */

uint64_t coverage_passed(const struct coverage *coverage,
			 const struct covered_call *call)
{
	/* where nothing is denied, what would have been is made as well */
	uint64_t others = coverage->permissive ? call->denied : 0;

	return call->made > others ? call->made - others : 0;
}

static bool is_allowed(const struct coverage *coverage, size_t abi, uint32_t number)
{
	return coverage->survey &&
	       report_fate(coverage->survey, abi, number) <= FATE_DEPENDS;
}

enum use coverage_use(const struct coverage *coverage, size_t abi, uint32_t number,
		      const struct covered_call **ret_call)
{
	struct callgate_abi facts = { 0 };
	const struct covered_call *call;
	uint64_t passed;

	callgate_abi_at(abi, &facts);
	call = find_call(coverage, facts.audit_arch, (int)number);
	*ret_call = call;
	passed = call ? coverage_passed(coverage, call) : 0;
	if (passed)
		return call->denied ? USE_MIXED : USE_PASSED;
	if (call && call->denied)
		return USE_DENIED;
	if (!is_allowed(coverage, abi, number))
		return USE_NONE;
	return coverage->cover ? USE_UNUSED : USE_UNKNOWN;
}

bool coverage_has(const struct coverage *coverage, size_t abi)
{
	for (size_t i = 0; i < coverage->call_count; i++) {
		const struct covered_call *call = &coverage->calls[i];

		if (callgate_abi_of(call->arch, (uint32_t)call->number) == abi)
			return true;
	}
	return false;
}

bool coverage_next(const struct coverage *coverage, size_t abi, size_t group,
		   size_t *at, struct callgate_syscall *ret_call)
{
	for (; *at < callgate_syscall_count(); (*at)++) {
		if (coverage->groups[*at] == group &&
		    callgate_syscall_on(*at, abi, ret_call)) {
			(*at)++;
			return true;
		}
	}
	return false;
}

struct covered_group coverage_group(const struct coverage *coverage, size_t abi,
				    size_t group)
{
	const struct covered_call *seen;
	struct callgate_syscall call;
	struct covered_group result = { 0 };

	for (size_t at = 0; coverage_next(coverage, abi, group, &at, &call);) {
		result.calls++;
		result.uses[coverage_use(coverage, abi, call.number, &seen)]++;
	}
	return result;
}
