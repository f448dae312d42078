// SPDX-License-Identifier: MIT
/*
 * callgate replay: what a policy would deny of what was recorded.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "output.h"
#include "recording.h"

enum {
	KEY_CERTAIN = 0x300,
	KEY_SALVAGE,
};

struct replay_options {
	bool certain;
	bool salvage;
};

static const struct argp_option own_options[] = {
	{ "certain", KEY_CERTAIN, NULL, 0,
	  "Leave out what may be denied, depending on arguments that are not known "
	  "to have been together",
	  0 },
	{ "salvage", KEY_SALVAGE, NULL, 0,
	  "Take what is whole of a recording whose end is missing", 0 },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct cli *cli = state->input;
	struct replay_options *options = cli->own;

	(void)value;
	switch (key) {
	case KEY_CERTAIN:
		options->certain = true;
		return 0;
	case KEY_SALVAGE:
		options->salvage = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The recordings, all in one, and the policy that they are held against. */
struct session {
	const struct cli *cli;
	struct input *inputs; /* as many as there are sources */
	struct callgate_recording *recording;
	struct input *policy;
	struct callgate_replay *replay;
};

/* --- input ------------------------------------------------------------------------ */

static enum cli_status take(struct session *session, struct input *input)
{
	if (!input->filter)
		return recording_join(session->cli, input, &session->recording);
	if (session->policy) {
		fputs("callgate replay: two policies: '", stderr);
		print_safe(stderr, session->policy->name);
		fputs("' and '", stderr);
		print_safe(stderr, input->name);
		fputs("'\n", stderr);
		return STATUS_USAGE;
	}
	session->policy = input;
	return STATUS_DONE;
}

static enum cli_status open_all(struct session *session)
{
	const struct replay_options *own = session->cli->own;
	const struct input_how how = recording_input_how(own->salvage);
	enum cli_status worst = STATUS_DONE;

	for (size_t i = 0; i < session->cli->source_count; i++) {
		struct input *input = &session->inputs[i];
		enum cli_status status =
			input_open(session->cli, &session->cli->sources[i], &how,
				   input);

		input_report(input);
		if (status == STATUS_DONE)
			status = take(session, input);
		if (status > worst)
			worst = status;
	}
	if (worst == STATUS_DONE && (!session->recording || !session->policy)) {
		fprintf(stderr, "callgate replay: no %s is given; want %s\n",
			session->recording ? "policy" : "recording",
			session->cli->command->usage);
		worst = STATUS_USAGE;
	}
	return worst;
}

/* --- what is told ----------------------------------------------------------------- */

static bool counts(const struct session *session,
		   const struct callgate_replayed *denial)
{
	const struct replay_options *own = session->cli->own;

	return denial->certain || !own->certain;
}

static const char *extent(const struct callgate_replayed *denial)
{
	if (denial->always)
		return "all";
	return denial->certain ? "some" : "perhaps";
}

/* Where the policy says so; false: it does not, or there is none. */
static bool place_of(const struct session *session,
		     const struct callgate_replayed *denial,
		     struct callgate_position *ret_position)
{
	return callgate_diagnostics_position(session->policy->diagnostics,
					     denial->verdict.span, ret_position);
}

/* "socket", of another ABI "i386:socket", without a name "x86_64:600". */
static void put_name(const struct callgate_observation *seen, char *ret_text,
		     size_t size)
{
	const char *name = callgate_syscall_name(
		callgate_syscall_by_number(seen->abi, seen->number));
	struct callgate_abi abi;

	callgate_abi_at(seen->abi, &abi);
	if (!name)
		snprintf(ret_text, size, "%s:%" PRIu32, abi.name, seen->number);
	else if (seen->abi == callgate_abi_native())
		snprintf(ret_text, size, "%s", name);
	else
		snprintf(ret_text, size, "%s:%s", abi.name, name);
}

static void print_call(const struct session *session,
		       const struct callgate_replayed *denial)
{
	char *call = cli_need(callgate_call_text(&denial->call));
	char *verdict = cli_need(
		callgate_verdict_text_for(&denial->call, denial->verdict.value));
	struct callgate_observation seen;
	struct callgate_position at;
	char name[64];

	callgate_recording_at(session->recording, denial->observation, &seen);
	put_name(&seen, name, sizeof(name));
	printf("%-8s%10" PRIu64 "  %-22s  %-*s", extent(denial), seen.count, name,
	       session->policy->policy ? 15 : 0, verdict);
	if (place_of(session, denial, &at)) {
		print_safe(stdout, at.file);
		printf(":%" PRIu32, at.line);
	} else if (session->policy->policy) {
		fputs("the default", stdout);
	}
	fputs("\n", stdout);
	if (!denial->always)
		printf("%20ssuch as %s\n", "", call);
	free(call);
	free(verdict);
}

static void print_spoiled(const struct session *session)
{
	if (callgate_recording_spoiled(session->recording))
		fputs("callgate replay: the recording is not whole: calls may be "
		      "missing\n",
		      stderr);
}

/* Returns how many were told of. */
static size_t print_text(const struct session *session)
{
	const struct callgate_replayed *denial;
	size_t told = 0;

	print_spoiled(session);
	for (size_t i = 0; (denial = callgate_replay_at(session->replay, i)); i++) {
		if (!counts(session, denial))
			continue;
		if (!told++)
			puts("denied       calls  call                    verdict      "
			     "  "
			     "by");
		print_call(session, denial);
	}
	if (told)
		return told;
	print_safe(stdout, session->policy->name);
	printf(" allows all that was recorded, %zu kinds of calls\n",
	       callgate_recording_count(session->recording));
	return 0;
}

static json_t *denial_json(const struct session *session,
			   const struct callgate_replayed *denial)
{
	char *call = cli_need(callgate_call_text(&denial->call));
	char *verdict = cli_need(
		callgate_verdict_text_for(&denial->call, denial->verdict.value));
	struct callgate_observation seen;
	struct callgate_position at;
	struct callgate_abi abi;
	const char *name;
	json_t *object;

	callgate_recording_at(session->recording, denial->observation, &seen);
	callgate_abi_at(seen.abi, &abi);
	name = callgate_syscall_name(callgate_syscall_by_number(seen.abi, seen.number));
	object = cli_need(json_pack("{s:s, s:o, s:I, s:I, s:s, s:o, s:s}", "abi",
				    abi.name, "call", json_text(name), "number",
				    (json_int_t)seen.number, "count",
				    seen.count > INT64_MAX ? (json_int_t)INT64_MAX
							   : (json_int_t)seen.count,
				    "denied", extent(denial), "example",
				    json_text(call), "verdict", verdict));
	if (place_of(session, denial, &at)) {
		json_object_set_new(object, "file", json_text(at.file));
		json_object_set_new(object, "line", json_integer(at.line));
		json_object_set_new(object, "statement",
				    json_text_of(at.text, at.text_length));
	}
	free(call);
	free(verdict);
	return object;
}

static size_t print_json(const struct session *session)
{
	json_t *list = cli_need(json_array()), *object = input_json(session->policy);
	const struct callgate_replayed *denial;
	size_t told;

	for (size_t i = 0; (denial = callgate_replay_at(session->replay, i)); i++)
		if (counts(session, denial))
			json_array_append_new(list, denial_json(session, denial));
	told = json_array_size(list);
	json_object_set_new(object, "recorded",
			    json_integer((json_int_t)callgate_recording_count(
				    session->recording)));
	json_object_set_new(object, "spoiled",
			    json_boolean(
				    callgate_recording_spoiled(session->recording)));
	json_object_set_new(object, "denials", list);
	json_print(object);
	return told;
}

/* --- all -------------------------------------------------------------------------- */

static enum cli_status replay(struct session *session)
{
	struct input *policy = session->policy;
	enum cli_status status = cli_status_of(
		callgate_recording_replay(session->recording, policy->policy,
					  policy->filter, policy->diagnostics,
					  &session->replay));
	size_t told;

	if (status != STATUS_DONE) {
		input_report(policy);
		return status;
	}
	told = session->cli->json ? print_json(session) : print_text(session);
	return told ? STATUS_NO : STATUS_DONE;
}

static enum cli_status run(struct cli *cli)
{
	struct session session = {
		.cli = cli,
		.inputs = cli_need(calloc(cli->source_count, sizeof(struct input))),
	};
	enum cli_status status = open_all(&session);

	if (status == STATUS_DONE)
		status = replay(&session);
	callgate_replay_free(session.replay);
	callgate_recording_free(session.recording);
	for (size_t i = 0; i < cli->source_count; i++)
		input_done(&session.inputs[i]);
	free(session.inputs);
	return status;
}

const struct cli_command command_replay = {
	.name = "replay",
	.summary = "what a policy would deny of what was recorded",
	.usage = "RECORDING... POLICY",
	.details =
		"Tell what a policy or a filter would deny of the calls in recordings: "
		"may it be used for what was recorded?\v"
		"Exit status: 0 nothing, 1 some calls would be denied, 3 errors.",
	.options = own_options,
	.parse = parse,
	.shared = SHARED_POLICY | SHARED_ABI | SHARED_JSON,
	.input = INPUT_ALL_WORDS,
	.own_size = sizeof(struct replay_options),
	.run = run,
};
