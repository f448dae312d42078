// SPDX-License-Identifier: MIT
/*
 * Any bytes as a recording, with a true sum at the end so that they are looked at: what
 * is taken prints and reads back as the same, does not change by being merged with itself,
 * and its policies are taken by the compiler and deny nothing of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *text_of(const struct callgate_recording *recording)
{
	size_t length;
	char *text;

	if (callgate_recording_print(recording, &text, &length) ||
	    strlen(text) != length)
		__builtin_trap();
	return text;
}

static void check_text(struct callgate_recording *recording)
{
	struct callgate_recording *again = NULL;
	char *text = text_of(recording), *second;

	if (callgate_recording_parse(text, strlen(text), NULL, NULL, &again) ||
	    callgate_recording_merge(again, recording))
		__builtin_trap();
	second = text_of(again);
	if (strcmp(text, second) != 0)
		__builtin_trap();
	free(text);
	free(second);
	callgate_recording_free(again);
}

static void check_policy(const struct callgate_recording *recording,
			 const struct callgate_recording_policy_options *options)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	struct callgate_filter *filter = NULL;
	struct callgate_replay *replay = NULL;
	char *text = NULL;

	if (!diagnostics ||
	    callgate_recording_policy(recording, options, diagnostics, &text) ||
	    callgate_policy_parse(text, strlen(text), NULL, diagnostics, &policy))
		__builtin_trap();
	/* ABIs of both endiannesses, or more than a filter can hold, are no policy's. */
	if (callgate_policy_compile(policy, NULL, diagnostics, &filter) == 0 &&
	    callgate_recording_replay(recording, policy, filter, NULL, &replay) == 0 &&
	    callgate_replay_count(replay))
		__builtin_trap();
	callgate_replay_free(replay);
	callgate_filter_free(filter);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	free(text);
}

static void check(struct callgate_recording *recording)
{
	const struct callgate_recording_policy_options options[] = {
		{ .arguments = CALLGATE_ARGUMENTS_SAFE, .margin_libc = true },
		{ .arguments = CALLGATE_ARGUMENTS_TIGHT, .without_counts = true },
	};

	check_text(recording);
	if (recording->count > 40) /* takes its time */
		return;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		check_policy(recording, &options[i]);
}

static void try(const char *text, size_t length, bool salvage)
{
	const struct callgate_recording_options options = { .salvage = salvage };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_recording *recording = NULL;
	int error;

	if (!diagnostics)
		__builtin_trap();
	error = callgate_recording_parse(text, length, &options, diagnostics,
					 &recording);
	if (!error != !!recording)
		__builtin_trap();
	if (error && !callgate_diagnostics_severity_count(diagnostics, CALLGATE_ERROR))
		__builtin_trap();
	if (recording)
		check(recording);
	callgate_recording_free(recording);
	callgate_diagnostics_free(diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer text = { 0 };

	buffer_put(&text, data, size);
	if (text.failed)
		__builtin_trap();
	try(text.data, text.len, false);
	try(text.data, text.len, true);
	buffer_printf(&text, "end 0 %016llx\n",
		      (unsigned long long)text_hash(text.data, text.len));
	try(text.data, text.len, false);
	buffer_done(&text);
	return 0;
}
