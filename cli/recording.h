/* SPDX-License-Identifier: MIT */
/*
 * What commands about recordings share: how they come in, the options of a policy made of
 * one, and where things go.
 */
#ifndef CALLGATE_CLI_RECORDING_H
#define CALLGATE_CLI_RECORDING_H

#include "cli.h"
#include "input.h"

/* SHARED_RECORDED's table and parser; they fill cli.recorded and cli.frequencies. */
extern const struct argp_option recording_options[];
error_t recording_parse_option(int key, char *value, struct argp_state *state);

/* How merge and replay take what they are given. */
struct input_how recording_input_how(bool salvage);

/*
 * Moves the recording of an input into *recording, which is NULL or has those before it.
 * What is wrong is printed.
 */
enum cli_status recording_join(const struct cli *cli, struct input *input,
			       struct callgate_recording **recording);

/* Whether a file of that name gets a policy rather than a recording: *.gate. */
bool recording_is_policy(const char *file);

/*
 * Writes the recording or, by its suffix, the policy made of it to a file, whole or not at
 * all, or to standard output for NULL; beside it the frequencies where --frequencies
 * wants them. What is wrong is printed.
 */
enum cli_status recording_write(const struct cli *cli,
				const struct callgate_recording *recording,
				const char *file);

/*
 * The policy made of a recording as the options say; the caller frees it. STATUS_USAGE:
 * --default is no action; what is wrong is printed.
 */
enum cli_status recording_policy(const struct cli *cli,
				 const struct callgate_recording *recording,
				 char **ret_text);

#endif
