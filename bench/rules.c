// SPDX-License-Identifier: MIT
/*
 * Rules of at most one condition: read from a profile for libseccomp's calls, or made by
 * the bench and written down as a policy of ours.
 */
#include "bench.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const operators[] = {
	[RULE_NOT_EQUAL] = "SCMP_CMP_NE",	    [RULE_LESS] = "SCMP_CMP_LT",
	[RULE_LESS_EQUAL] = "SCMP_CMP_LE",	    [RULE_EQUAL] = "SCMP_CMP_EQ",
	[RULE_GREATER_EQUAL] = "SCMP_CMP_GE",	    [RULE_GREATER] = "SCMP_CMP_GT",
	[RULE_MASKED_EQUAL] = "SCMP_CMP_MASKED_EQ",
};

struct rule *rules_add(struct rules *rules)
{
	if (rules->count == rules->capacity) {
		rules->capacity = 2 * rules->capacity + 64;
		rules->rules = need(
			realloc(rules->rules, rules->capacity * sizeof(*rules->rules)));
	}
	rules->rules[rules->count] = (struct rule){ 0 };
	return &rules->rules[rules->count++];
}

static uint32_t action_of(const json_t *object, const char *key, const char *errno_key)
{
	const char *action = json_string_value(json_object_get(object, key));
	json_int_t number = json_integer_value(json_object_get(object, errno_key));

	if (strcmp(action, "SCMP_ACT_ALLOW") == 0)
		return SECCOMP_RET_ALLOW;
	if (strcmp(action, "SCMP_ACT_ERRNO") == 0)
		return SECCOMP_RET_ERRNO | (uint32_t)number;
	if (strcmp(action, "SCMP_ACT_KILL_PROCESS") == 0)
		return SECCOMP_RET_KILL_PROCESS;
	fail("the bench knows no action %s", action);
}

static enum rule_operator operator_of(const json_t *condition)
{
	const char *name = json_string_value(json_object_get(condition, "op"));

	for (unsigned i = RULE_NOT_EQUAL; i < COUNT(operators); i++)
		if (strcmp(operators[i], name) == 0)
			return i;
	fail("the bench knows no operator %s", name);
}

static void add_condition(struct rule *rule, const json_t *condition)
{
	if (!condition)
		return;
	rule->operator= operator_of(condition);
	rule->argument =
		(unsigned)json_integer_value(json_object_get(condition, "index"));
	rule->value = (uint64_t)json_integer_value(json_object_get(condition, "value"));
	rule->masked =
		(uint64_t)json_integer_value(json_object_get(condition, "valueTwo"));
}

void rules_read(const char *file, bool three, struct rules *ret_rules)
{
	json_error_t error;
	json_t *profile = json_load_file(file, 0, &error), *entry, *name;
	size_t i, j;

	if (!profile)
		fail("%s:%d: %s", file, error.line, error.text);
	*ret_rules = (struct rules){ .three = three };
	ret_rules->otherwise = action_of(profile, "defaultAction", "defaultErrnoRet");
	json_array_foreach(json_object_get(profile, "syscalls"), i, entry)
	{
		json_array_foreach(json_object_get(entry, "names"), j, name)
		{
			struct rule *rule = rules_add(ret_rules);

			rule->name = need(strdup(json_string_value(name)));
			rule->action = action_of(entry, "action", "errnoRet");
			add_condition(rule,
				      json_array_get(json_object_get(entry, "args"),
						     0));
		}
	}
	json_decref(profile);
}

static void print_rule(FILE *out, const struct rule *rule)
{
	static const char *const signs[] = {
		[RULE_NOT_EQUAL] = "!=",     [RULE_LESS] = "<",
		[RULE_LESS_EQUAL] = "<=",    [RULE_EQUAL] = "==",
		[RULE_GREATER_EQUAL] = ">=", [RULE_GREATER] = ">",
	};
	char *verdict = need(callgate_verdict_text(rule->action));

	fprintf(out, "%s %s", verdict, rule->name);
	if (rule->operator== RULE_MASKED_EQUAL)
		fprintf(out, "(u64(arg%u) & %#" PRIx64 " == %#" PRIx64 ")",
			rule->argument, rule->value, rule->masked);
	else if (rule->operator!= RULE_ALWAYS)
		fprintf(out, "(u64(arg%u) %s %" PRIu64 ")", rule->argument,
			signs[rule->operator], rule->value);
	fputc('\n', out);
	free(verdict);
}

char *rules_text(const struct rules *rules, size_t *ret_length)
{
	char *result = NULL, *otherwise = need(callgate_verdict_text(rules->otherwise));
	FILE *out = need(open_memstream(&result, ret_length));

	fprintf(out, "default %s\n", otherwise);
	for (size_t i = 0; i < rules->count; i++)
		print_rule(out, &rules->rules[i]);
	if (fclose(out))
		fail("no memory");
	free(otherwise);
	return result;
}

void rules_done(struct rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		free(rules->rules[i].name);
	free(rules->rules);
	*rules = (struct rules){ 0 };
}
