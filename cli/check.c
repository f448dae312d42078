// SPDX-License-Identifier: MIT
/*
 * callgate check: everything that can be said of a policy without running it.
 *
 * A line a file on standard output, what is wrong on standard error.
 */
#include <inttypes.h>

#include "cli.h"
#include "input.h"
#include "output.h"

/* The worse of two: a file that cannot be understood outweighs one that says no. */
static enum cli_status worse(enum cli_status a, enum cli_status b)
{
	return a > b ? a : b;
}

static void print_ok(const struct input *input)
{
	size_t instructions = callgate_filter_length(input->filter);
	struct callgate_policy_counts counts;

	print_safe(stdout, input->name);
	printf(": %sok%s: ", style_begin(stdout, STYLE_GOOD),
	       style_end(stdout, STYLE_GOOD));
	if (!input->policy) {
		printf("a filter of %zu instructions\n", instructions);
		return;
	}
	counts = callgate_policy_count(input->policy);
	printf("%zu rule%s, %zu ABI%s, %zu instruction%s, proven", counts.rules,
	       counts.rules == 1 ? "" : "s", counts.abis, counts.abis == 1 ? "" : "s",
	       instructions, instructions == 1 ? "" : "s");
	if (counts.expects)
		printf(", %zu expect%s", counts.expects,
		       counts.expects == 1 ? " holds" : "s hold");
	putchar('\n');
}

static json_t *abis_json(const struct callgate_policy *policy)
{
	size_t count = callgate_policy_count(policy).abis;
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < count; i++) {
		struct callgate_abi abi;

		if (callgate_abi_at(callgate_policy_abi(policy, i), &abi))
			json_array_append_new(list, json_text(abi.name));
	}
	return list;
}

static json_t *result_json(const struct input *input, enum cli_status status)
{
	struct callgate_policy_counts counts;
	json_t *object = input_json(input);

	json_object_set_new(object, "ok", json_boolean(status == STATUS_DONE));
	if (status != STATUS_DONE)
		return object;
	json_object_set_new(object, "instructions",
			    json_integer(
				    (json_int_t)callgate_filter_length(input->filter)));
	if (!input->policy)
		return object;
	counts = callgate_policy_count(input->policy);
	json_object_set_new(object, "rules", json_integer((json_int_t)counts.rules));
	json_object_set_new(object, "expects",
			    json_integer((json_int_t)counts.expects));
	json_object_set_new(object, "abis", abis_json(input->policy));
	json_object_set_new(object, "proven", json_true());
	return object;
}

static enum cli_status run(struct cli *cli)
{
	const struct input_how how = { .review = true };
	json_t *list = cli->json ? cli_need(json_array()) : NULL;
	enum cli_status worst = STATUS_DONE;

	for (size_t i = 0; i < cli->source_count; i++) {
		struct input input;
		enum cli_status status =
			input_open(cli, &cli->sources[i], &how, &input);

		worst = worse(worst, status);
		if (list) {
			json_array_append_new(list, result_json(&input, status));
		} else {
			input_report(&input);
			if (status == STATUS_DONE)
				print_ok(&input);
		}
		input_done(&input);
	}
	if (list)
		json_print(json_pack("{s:o}", "files", list));
	return worst;
}

const struct cli_command command_check = {
	.name = "check",
	.summary = "check policies: errors, warnings, the proof, their expect lines",
	.usage = "FILE...",
	.details =
		"Parse, compile and prove each FILE, and evaluate its expect lines.\v"
		"A FILE is a policy, '-' for standard input, or a raw filter (*.bpf).\n"
		"Exit status: 0 all is well, 1 an expect line does not hold, 3 errors.",
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI | SHARED_JSON,
	.input = INPUT_ALL_WORDS,
	.run = run,
};
