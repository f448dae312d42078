// SPDX-License-Identifier: MIT
/*
 * The public functions: one policy from one text, through every phase.
 *
 * The tree and all that it takes to understand it live in an arena of their own, which
 * goes when the policy is there; the policy keeps no pointer into any text.
 */
#include <errno.h>
#include <linux/seccomp.h>

#include "data/verdict.h"
#include "policy/check.h"
#include "policy/parse.h"

#define TREE_LIMIT   ((size_t)32 << 20)
#define POLICY_LIMIT ((size_t)32 << 20)

static const struct callgate_parse_options default_options;

/* What parsing needs and the policy does not. */
struct workshop {
	struct arena arena;
	struct report report;
	struct sources sources;
	const struct callgate_parse_options *options;
	const char *name;
	bool *parameter_named;
};

static size_t count_names(const char *const *names)
{
	size_t count = 0;

	while (names && names[count])
		count++;
	return count;
}

/* A parameter that no `when` names is most likely misspelt. */
static void warn_parameters(struct workshop *workshop)
{
	const char *const *names = workshop->options->parameters;

	for (size_t i = 0; names && names[i]; i++)
		if (!workshop->parameter_named[i])
			diag_warning(workshop->report.diagnostics, "unused-parameter",
				     SPAN_NONE, "write: when NAME { … }",
				     "no 'when' speaks of the parameter '%s'",
				     names[i]);
}

static struct syntax_statement *parse_text(struct workshop *workshop, struct str text)
{
	size_t parameters = count_names(workshop->options->parameters);
	struct parse_context context = {
		.report = &workshop->report,
		.arena = &workshop->arena,
		.sources = &workshop->sources,
		.parameters = workshop->options->parameters,
	};
	struct syntax_statement *statements;
	const struct source *source;

	workshop->parameter_named = ARENA_ARRAY(&workshop->arena, bool, parameters + 1);
	context.parameter_named = workshop->parameter_named;
	if (!context.parameter_named)
		return NULL;
	source = source_open(&workshop->sources, workshop->name, text);
	statements = source ? parse_policy(&context, source) : NULL;
	if (source)
		warn_parameters(workshop);
	return statements;
}

static int too_complex(struct workshop *workshop)
{
	diag_error(workshop->report.diagnostics, "too-complex", SPAN_NONE,
		   "split it, or name groups rather than single calls",
		   "the policy is too complex: it needs more than %zu MiB",
		   (TREE_LIMIT + POLICY_LIMIT) >> 20);
	return -E2BIG;
}

static int outcome(struct workshop *workshop, const struct callgate_policy *policy)
{
	if (workshop->sources.error)
		return workshop->sources.error;
	if (workshop->arena.limited || policy->arena.limited)
		return too_complex(workshop);
	if (workshop->arena.failed || policy->arena.failed)
		return -ENOMEM;
	return workshop->report.errors ? -EINVAL : 0;
}

static int build(struct workshop *workshop, struct str text,
		 struct callgate_policy *policy)
{
	struct checker checker = {
		.policy = policy,
		.options = workshop->options,
		.report = &workshop->report,
		.arena = &workshop->arena,
	};
	const struct syntax_statement *statements = parse_text(workshop, text);
	int error = outcome(workshop, policy);

	/* Names are looked at in spite of syntax errors: both are told at once. */
	if (error && error != -EINVAL)
		return error;
	policy->name = arena_copy(&policy->arena, str_of(workshop->name));
	check_policy(&checker, statements);
	lower_policy(&checker);
	return outcome(workshop, policy);
}

int callgate_policy_parse(const char *text, size_t length,
			  const struct callgate_parse_options *options,
			  struct callgate_diagnostics *diagnostics,
			  struct callgate_policy **ret_policy)
{
	struct callgate_policy *policy = calloc(1, sizeof(*policy));
	struct workshop workshop = { .options = options ? options : &default_options };
	size_t earlier = callgate_diagnostics_count(diagnostics);
	int error;

	if (!policy)
		return -ENOMEM;
	workshop.name = workshop.options->name ? workshop.options->name : "policy";
	arena_init(&policy->arena, POLICY_LIMIT);
	arena_init(&workshop.arena, TREE_LIMIT);
	workshop.report.diagnostics = diagnostics;
	workshop.report.arena = &workshop.arena;
	workshop.sources.report = &workshop.report;
	workshop.sources.reader = workshop.options->reader;
	error = build(&workshop, (struct str){ text, length }, policy);
	diag_sort(diagnostics, earlier);
	sources_done(&workshop.sources);
	arena_done(&workshop.arena);
	if (error)
		callgate_policy_free(policy);
	else
		*ret_policy = policy;
	return error;
}

void callgate_policy_free(struct callgate_policy *policy)
{
	if (!policy)
		return;
	arena_done(&policy->arena);
	free(policy);
}

static uint32_t permit(uint32_t verdict)
{
	return verdict_is_allow(verdict) ? verdict : SECCOMP_RET_LOG;
}

/* Errors that differ from ABI to ABI are none any more. */
static void permit_on(struct policy_abi *table)
{
	table->default_errno = table->unknown_errno = 0;
	for (size_t i = 0; i < table->count; i++)
		table->matches[i].own_errno = 0;
}

void callgate_policy_log_only(struct callgate_policy *policy)
{
	policy->default_verdict = permit(policy->default_verdict);
	policy->unknown_verdict = permit(policy->unknown_verdict);
	policy->badarch_verdict = permit(policy->badarch_verdict);
	for (size_t i = 0; i < policy->abi_count; i++)
		permit_on(&policy->abis[i]);
	for (size_t i = 0; i < policy->rule_count; i++)
		policy->rules[i].verdict = permit(policy->rules[i].verdict);
	/* They are about the policy as it is written. */
	policy->expect_count = 0;
}
