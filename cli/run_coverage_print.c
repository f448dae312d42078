// SPDX-License-Identifier: MIT
/* Coverage as text and as JSON. */
#include "run_coverage.h"

#include <inttypes.h>
#include <stdlib.h>

#include "output.h"
#include "probe/cover.h"
#include "run_denial.h"

/* --- text ---------------------------------------------------------------------------- */

static bool is_used(const struct covered_rule *rule)
{
	return rule->passed || rule->denied;
}

/* Whether it is known that nothing came to the rule. */
static bool is_unused(const struct coverage *coverage, size_t layer,
		      const struct covered_rule *rule)
{
	uint32_t verdict =
		callgate_explain_rule_at(coverage->layers[layer].policy,
					 (size_t)(rule - coverage->rules[layer].rules))
			.verdict;

	return !is_used(rule) && (coverage->cover || !callgate_verdict_allows(verdict));
}

static void print_rule(FILE *stream, const struct input *layer,
		       const struct covered_rule *rule)
{
	struct callgate_position position;
	char *text = denial_rule(layer, rule->span, &position);

	if (!text)
		return;
	fputs("    never used  ", stream);
	print_safe(stream, position.file);
	fprintf(stream, ":%u  ", position.line);
	print_safe(stream, text);
	fputc('\n', stream);
	free(text);
}

static void print_rules(FILE *stream, const struct coverage *coverage, size_t layer)
{
	const struct covered_layer *rules = &coverage->rules[layer];
	size_t used = 0;

	for (size_t i = 0; i < rules->rule_count; i++)
		used += is_used(&rules->rules[i]);
	fputs("  ", stream);
	print_safe(stream, coverage->layers[layer].name);
	fprintf(stream, ": %zu of %zu rules used%s\n", used, rules->rule_count,
		coverage->cover ? "" : ", as far as is known");
	for (size_t i = 0; i < rules->rule_count; i++)
		if (is_unused(coverage, layer, &rules->rules[i]))
			print_rule(stream, &coverage->layers[layer], &rules->rules[i]);
}

/* A row: how many calls are allowed, were made, were denied. */
static void print_group(FILE *stream, const struct coverage *coverage, size_t abi,
			size_t group)
{
	const struct covered_group counts = coverage_group(coverage, abi, group);
	const size_t *uses = counts.uses;
	const char *name =
		group == CALLGATE_NONE ? "in no group" : callgate_group_name(group);

	if (!uses[USE_PASSED] && !uses[USE_MIXED] && !uses[USE_DENIED])
		return;
	fprintf(stream, "    %-28s %8zu", name,
		uses[USE_PASSED] + uses[USE_UNUSED] + uses[USE_UNKNOWN] +
			uses[USE_MIXED]);
	if (coverage->cover)
		fprintf(stream, " %8zu", uses[USE_PASSED] + uses[USE_MIXED]);
	else
		fprintf(stream, " %8s", "?");
	fprintf(stream, " %8zu\n", uses[USE_MIXED] + uses[USE_DENIED]);
}

static void print_abi(FILE *stream, const struct coverage *coverage, size_t abi)
{
	struct callgate_abi facts = { 0 };

	callgate_abi_at(abi, &facts);
	fprintf(stream, "  calls of %-21s %8s %8s %8s\n", facts.name, "allowed", "used",
		"denied");
	for (size_t group = 0; group < callgate_group_count(); group++)
		print_group(stream, coverage, abi, group);
	print_group(stream, coverage, abi, CALLGATE_NONE);
}

void coverage_print(FILE *stream, const struct coverage *coverage)
{
	fputs("callgate run: what was used\n", stream);
	if (!coverage->cover) {
		fprintf(stream,
			"  only denials are known, not what was let through: %s\n",
			coverage->problem);
		if (coverage->hint)
			fprintf(stream, "  hint: %s\n", coverage->hint);
	}
	for (size_t i = 0; i < coverage->layer_count; i++)
		if (coverage->layers[i].policy)
			print_rules(stream, coverage, i);
	for (size_t abi = 0; abi < callgate_abi_count(); abi++)
		if (coverage_has(coverage, abi))
			print_abi(stream, coverage, abi);
	if (coverage->cover && cover_lost(coverage->cover))
		fprintf(stream,
			"  %" PRIu64 " calls were not counted: too many kinds\n",
			cover_lost(coverage->cover));
}

/* --- JSON ---------------------------------------------------------------------------- */

/* A count, or null where it is not known. */
static json_t *known(const struct coverage *coverage, uint64_t count)
{
	return coverage->cover ? json_integer((json_int_t)count) : json_null();
}

static json_t *rule_json(const struct coverage *coverage, size_t layer, size_t index)
{
	const struct covered_rule *rule = &coverage->rules[layer].rules[index];
	struct callgate_position position = { 0 };
	char *text = denial_rule(&coverage->layers[layer], rule->span, &position);
	json_t *object = cli_need(
		json_pack("{s:o, s:o, s:s, s:o, s:o, s:I}", "file",
			  json_text(text ? position.file
					 : coverage->layers[layer].name),
			  "line", text ? json_integer(position.line) : json_null(),
			  "kind", rule->kind, "text", json_text(text), "passed",
			  known(coverage, rule->passed), "denied",
			  (json_int_t)rule->denied));

	free(text);
	return object;
}

static json_t *rules_json(const struct coverage *coverage)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < coverage->layer_count; i++) {
		const struct covered_layer *layer = &coverage->rules[i];

		for (size_t j = 0; j < layer->rule_count + COVERED_FALLBACKS; j++)
			if (j < layer->rule_count || is_used(&layer->rules[j]))
				json_array_append_new(list, rule_json(coverage, i, j));
	}
	return list;
}

static json_t *call_json(const struct coverage *coverage,
			 const struct covered_call *call)
{
	size_t abi = callgate_abi_of(call->arch, (uint32_t)call->number);
	size_t index = callgate_syscall_by_number(abi, (uint32_t)call->number);
	size_t group = index == CALLGATE_NONE ? CALLGATE_NONE : coverage->groups[index];
	struct callgate_abi facts = { 0 };

	callgate_abi_at(abi, &facts);
	return cli_need(json_pack(
		"{s:o, s:I, s:o, s:o, s:o, s:I}", "abi", json_text(facts.name),
		"number", (json_int_t)call->number, "name",
		json_text(index == CALLGATE_NONE ? NULL : callgate_syscall_name(index)),
		"group",
		json_text(group == CALLGATE_NONE ? NULL : callgate_group_name(group)),
		"passed", known(coverage, coverage_passed(coverage, call)), "denied",
		(json_int_t)call->denied));
}

static json_t *group_json(const struct coverage *coverage, size_t abi, size_t group)
{
	const struct covered_group counts = coverage_group(coverage, abi, group);
	const size_t *uses = counts.uses;
	struct callgate_abi facts = { 0 };

	callgate_abi_at(abi, &facts);
	return cli_need(json_pack(
		"{s:o, s:o, s:I, s:I, s:o, s:I}", "abi", json_text(facts.name), "group",
		json_text(group == CALLGATE_NONE ? NULL : callgate_group_name(group)),
		"calls", (json_int_t)counts.calls, "allowed",
		(json_int_t)(uses[USE_PASSED] + uses[USE_UNUSED] + uses[USE_UNKNOWN] +
			     uses[USE_MIXED]),
		"used", known(coverage, uses[USE_PASSED] + uses[USE_MIXED]), "denied",
		(json_int_t)(uses[USE_MIXED] + uses[USE_DENIED])));
}

static json_t *groups_json(const struct coverage *coverage)
{
	json_t *list = cli_need(json_array());

	for (size_t abi = 0; abi < callgate_abi_count(); abi++) {
		if (!coverage_has(coverage, abi))
			continue;
		for (size_t group = 0; group < callgate_group_count(); group++)
			json_array_append_new(list, group_json(coverage, abi, group));
		json_array_append_new(list, group_json(coverage, abi, CALLGATE_NONE));
	}
	return list;
}

json_t *coverage_json(const struct coverage *coverage)
{
	json_t *calls = cli_need(json_array());

	for (size_t i = 0; i < coverage->call_count; i++)
		json_array_append_new(calls, call_json(coverage, &coverage->calls[i]));
	return cli_need(
		json_pack("{s:s, s:b, s:o, s:I, s:o, s:o, s:o}", "event", "coverage",
			  "known", (int)(coverage->cover != NULL), "reason",
			  json_text(coverage->problem), "uncounted",
			  (json_int_t)(coverage->cover ? cover_lost(coverage->cover)
						       : 0),
			  "rules", rules_json(coverage), "groups",
			  groups_json(coverage), "calls", calls));
}
