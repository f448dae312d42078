// SPDX-License-Identifier: MIT
/*
 * policy → proven filter: the whole of the compiler in a row.
 *
 *     policy ─► diagram ─► program ─► diagram' ─ the same reference? ─► filter
 *                  └── expect lines are asked of the lifted diagram' ──┘
 *
 * Nothing leaves here unproven unless the caller said so.
 */
#include "bpf/filter.h"

#include <errno.h>

#include "bpf/expect.h"
#include "data/call.h"

struct compilation {
	const struct callgate_policy *policy;
	const struct callgate_compile_options *options;
	struct callgate_diagnostics *diagnostics;
	struct meaning *store;
	meaning_ref meaning;
	struct bpf_program program;
	double expected; /* instructions per call; -1: not known */
};

static void report_too_complex(const struct meaning *store,
			       struct callgate_diagnostics *diagnostics)
{
	diag_error(diagnostics, "too-complex", SPAN_NONE,
		   "fewer different argument conditions on one call, or simpler ones, "
		   "make the decision diagram smaller",
		   "the policy is too complex: its meaning was given up at %u nodes",
		   meaning_node_count(store));
}

/* Says in words what an error of the store or of the emitter means. */
static int report(struct compilation *compilation, int error)
{
	if (error == -E2BIG && meaning_error(compilation->store) == -E2BIG)
		report_too_complex(compilation->store, compilation->diagnostics);
	else if (error == -E2BIG)
		diag_error(
			compilation->diagnostics, "too-long", SPAN_NONE,
			"split the policy into two layers, or make conditions simpler",
			"the filter would have more than %d instructions, which the "
			"kernel refuses",
			BPF_MAXINSNS);
	else if (error == -EFBIG)
		diag_error(
			compilation->diagnostics, "too-complex", SPAN_NONE,
			"fewer different conditions on the arguments of one call, or "
			"split the policy into two layers",
			"the policy is too complex: laying out its tests was given up");
	return error == -EFBIG ? -E2BIG : error;
}

static int find_endianness(const struct compilation *compilation, bool *ret_big_endian)
{
	const struct callgate_policy *policy = compilation->policy;

	*ret_big_endian = policy->abis[0].abi->big_endian;
	for (size_t i = 1; i < policy->abi_count; i++) {
		if (policy->abis[i].abi->big_endian == *ret_big_endian)
			continue;
		diag_error(compilation->diagnostics, "mixed-endianness", SPAN_NONE,
			   "compile the policy once for each byte order, with --abi",
			   "%s and %s differ in byte order and cannot share a filter",
			   policy->abis[0].abi->name, policy->abis[i].abi->name);
		return -EINVAL;
	}
	return 0;
}

static int emit(struct compilation *compilation, bool big_endian)
{
	struct emit_options options = {
		.cost_model = compilation->options->cost_model == CALLGATE_COST_NO_CACHE
				      ? COST_NO_CACHE
				      : COST_CACHE,
		.big_endian = big_endian,
		.frequencies = compilation->options->frequencies,
		.exhaustive = compilation->options->exhaustive_layout,
	};
	int error;

	if (compilation->options->without_optimizer)
		error = bpf_emit_naive(compilation->store, compilation->meaning,
				       big_endian, &compilation->program);
	else
		error = bpf_emit(compilation->store, compilation->meaning, &options,
				 &compilation->program, &compilation->expected);
	if (error)
		return report(compilation, error);
	if (compilation->options->tamper)
		compilation->options->tamper(compilation->options->tamper_context,
					     compilation->program.code,
					     compilation->program.length);
	return 0;
}

static void report_counterexample(struct compilation *compilation,
				  const struct seccomp_data *call)
{
	struct buffer text = { 0 }, wanted = { 0 }, got = { 0 };
	const struct abi *abi = abi_of(call->arch, (uint32_t)call->nr);
	uint32_t value = bpf_run(&compilation->program, call).value;

	call_print(call, &text);
	verdict_print(meaning_evaluate(compilation->store, compilation->meaning, call),
		      abi, &wanted);
	verdict_print(value, abi, &got);
	if (!text.failed && !wanted.failed && !got.failed)
		diag_error(
			compilation->diagnostics, "proof-failed", SPAN_NONE,
			"this is a defect of callgate; the filter was thrown away",
			"the filter is not equal to the policy: for %s the policy says "
			"'%s', the filter '%s'",
			text.data, wanted.data, got.data);
	buffer_done(&text);
	buffer_done(&wanted);
	buffer_done(&got);
}

static int prove(struct compilation *compilation)
{
	struct seccomp_data call;
	const char *why;
	size_t at;
	int error;

	if (bpf_validate(compilation->program.code, compilation->program.length, &at,
			 &why)) {
		diag_error(compilation->diagnostics, "proof-failed", SPAN_NONE,
			   "this is a defect of callgate; the filter was thrown away",
			   "the kernel would refuse the filter: instruction %zu %s", at,
			   why);
		return -EBADMSG;
	}
	error = bpf_prove(compilation->store, compilation->meaning,
			  &compilation->program, &call);
	if (error == -EBADMSG)
		report_counterexample(compilation, &call);
	return error == -EBADMSG ? error : report(compilation, error);
}

/* The program's meaning: after the proof it is known. */
static meaning_ref lifted(struct compilation *compilation)
{
	const struct bpf_program *program = &compilation->program;

	if (!compilation->options->without_proof)
		return compilation->meaning;
	return meaning_of_program(compilation->store, program->code, program->length,
				  program->big_endian);
}

static int compile(struct compilation *compilation)
{
	const struct callgate_compile_options *options = compilation->options;
	bool big_endian;
	int error = find_endianness(compilation, &big_endian);

	if (error)
		return error;
	compilation->meaning =
		meaning_of_policy(compilation->store, compilation->policy);
	if (compilation->meaning == MEANING_FAILED)
		return report(compilation, meaning_error(compilation->store));
	error = emit(compilation, big_endian);
	if (!error && !options->without_proof)
		error = prove(compilation);
	if (!error && !options->without_expects && compilation->policy->expect_count)
		error = expect_check(compilation->store, lifted(compilation),
				     compilation->policy, &compilation->program,
				     compilation->diagnostics);
	return error;
}

static struct callgate_filter *finish(struct compilation *compilation)
{
	struct callgate_filter *filter = filter_new(&compilation->program);

	if (!filter)
		return NULL;
	for (size_t i = 0; i < compilation->policy->abi_count; i++)
		filter->abis[filter->abi_count++] = compilation->policy->abis[i].abi;
	filter->expected = compilation->expected;
	filter->nodes = meaning_node_count(compilation->store);
	filter->proven = !compilation->options->without_proof;
	return filter;
}

int callgate_policy_compile(const struct callgate_policy *policy,
			    const struct callgate_compile_options *options,
			    struct callgate_diagnostics *diagnostics,
			    struct callgate_filter **ret_filter)
{
	static const struct callgate_compile_options defaults;
	struct compilation compilation = {
		.policy = policy,
		.options = options ? options : &defaults,
		.diagnostics = diagnostics,
		.store = meaning_new(MEANING_LIMITS),
		.expected = -1,
	};
	int error;

	*ret_filter = NULL;
	if (!compilation.store)
		return -ENOMEM;
	error = compile(&compilation);
	if (!error) {
		*ret_filter = finish(&compilation);
		error = *ret_filter ? 0 : -ENOMEM;
	}
	bpf_program_done(&compilation.program);
	meaning_free(compilation.store);
	return error;
}

int callgate_policy_review(const struct callgate_policy *policy,
			   struct callgate_diagnostics *diagnostics)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	int error;

	if (!store)
		return -ENOMEM;
	error = meaning_review(store, policy, diagnostics);
	if (error == -E2BIG)
		report_too_complex(store, diagnostics);
	meaning_free(store);
	return error;
}
