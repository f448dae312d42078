// SPDX-License-Identifier: MIT
/*
 * The evaluator that goes rule by rule, the diagram, the unoptimised program and the
 * emitted one. The policy is also written down and parsed: its text must have the same
 * diagram.
 */
#include "parties.h"

#include <errno.h>
#include <stdio.h>

static bool complain(const struct parties *parties, const char *what, int error)
{
	struct buffer text = { 0 };

	print_policy(&parties->generated.policy, &text);
	printf("%s: %s\n%s\n", what, strerror(-error), text.data ? text.data : "");
	buffer_done(&text);
	return false;
}

static bool make_diagram(struct parties *p)
{
	bool big_endian = p->generated.policy.abis[0].abi->big_endian;
	int r;

	p->store = meaning_new(MEANING_LIMITS);
	if (!p->store)
		return complain(p, "the store", -ENOMEM);
	p->meaning = meaning_of_policy(p->store, &p->generated.policy);
	if (meaning_error(p->store))
		return complain(p, "the diagram", meaning_error(p->store));
	r = bpf_emit_naive(p->store, p->meaning, big_endian, &p->naive);
	if (r && r != -E2BIG)
		return complain(p, "the unoptimised program", r);
	if (p->naive.length && bpf_validate(p->naive.code, p->naive.length, NULL, NULL))
		return complain(p, "the unoptimised program", -EINVAL);
	return true;
}

static void print_diagnostics(const struct callgate_diagnostics *diagnostics)
{
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++)
		if (callgate_diagnostics_at(diagnostics, i)->severity == CALLGATE_ERROR)
			printf("%s\n",
			       callgate_diagnostics_at(diagnostics, i)->message);
}

static bool compile(struct random *random, struct parties *p)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_compile_options options = {
		.cost_model = random_percent(random, 50) ? CALLGATE_COST_CACHE
							 : CALLGATE_COST_NO_CACHE,
	};
	int r = callgate_policy_compile(&p->generated.policy, &options, diagnostics,
					&p->filter);

	if (r)
		print_diagnostics(diagnostics);
	callgate_diagnostics_free(diagnostics);
	if (r)
		return complain(p, "compiling", r);
	if (bpf_validate(callgate_filter_program(p->filter),
			 callgate_filter_length(p->filter), NULL, NULL))
		return complain(p, "the emitted program", -EINVAL);
	return true;
}

static bool is_one(void *context, uint32_t value)
{
	(void)context;
	return value == 1;
}

/* The text must mean the same; prints a call for which it does not. */
static bool same_meaning(struct parties *p, const struct callgate_policy *parsed)
{
	meaning_ref meaning = meaning_of_policy(p->store, parsed);
	struct seccomp_data call;

	if (meaning == p->meaning)
		return true;
	if (meaning_example(p->store, meaning_differ(p->store, meaning, p->meaning),
			    is_one, NULL, &call)) {
		parties_report(p, &call);
		printf("read back from this text: 0x%08x\n",
		       meaning_evaluate(p->store, meaning, &call));
	}
	return false;
}

static bool read_back(struct parties *p)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_parse_options options = { .name = "generated" };
	struct callgate_policy *policy = NULL;
	struct buffer text = { 0 };
	bool same = false;
	int r;

	print_policy(&p->generated.policy, &text);
	r = callgate_policy_parse(text.data, text.len, &options, diagnostics, &policy);
	if (r) {
		print_diagnostics(diagnostics);
		complain(p, "parsing its text", r);
	} else {
		same = same_meaning(p, policy);
	}
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	buffer_done(&text);
	return same;
}

bool parties_make(struct random *random, const struct generate_options *options,
		  struct parties *ret_parties)
{
	*ret_parties = (struct parties){ 0 };
	if (!generate_policy(random, options, &ret_parties->generated))
		return complain(ret_parties, "generating", -ENOMEM);
	return make_diagram(ret_parties) && compile(random, ret_parties) &&
	       read_back(ret_parties);
}

void parties_done(struct parties *parties)
{
	callgate_filter_free(parties->filter);
	bpf_program_done(&parties->naive);
	meaning_free(parties->store);
	generated_done(&parties->generated);
}

/* What each says of a call. */
struct answers {
	uint32_t rules, diagram, naive, emitted;
	bool cached;
};

static struct answers ask(const struct parties *p, const struct seccomp_data *call)
{
	struct callgate_verdict emitted = callgate_filter_run(p->filter, call);
	struct answers answers = {
		.rules = policy_evaluate(&p->generated.policy, call, NULL),
		.diagram = meaning_evaluate(p->store, p->meaning, call),
		.emitted = emitted.value,
		.cached = emitted.cached,
	};

	answers.naive =
		p->naive.length ? bpf_run(&p->naive, call).value : answers.emitted;
	return answers;
}

bool parties_agree(const struct parties *parties, const struct seccomp_data *call,
		   uint32_t *ret_verdict)
{
	struct answers a = ask(parties, call);

	*ret_verdict = a.rules;
	if (a.rules == a.diagram && a.rules == a.naive && a.rules == a.emitted &&
	    (!a.cached || a.rules == SECCOMP_RET_ALLOW))
		return true;
	parties_report(parties, call);
	return false;
}

void parties_report(const struct parties *parties, const struct seccomp_data *call)
{
	struct answers a = ask(parties, call);
	struct buffer text = { 0 };

	print_policy(&parties->generated.policy, &text);
	print_call(call, &text);
	printf("%s\nrules 0x%08x, diagram 0x%08x, naive 0x%08x, emitted 0x%08x%s\n",
	       text.data ? text.data : "", a.rules, a.diagram, a.naive, a.emitted,
	       a.cached ? ", cached" : "");
	buffer_done(&text);
}

struct generate_options options_for(bool big_endian)
{
	struct generate_options options = { 0 };

	for (size_t i = 0; i < abi_count(); i++)
		if (abi_at(i)->big_endian == big_endian)
			options.abis[options.abi_count++] = abi_at(i);
	return options;
}
