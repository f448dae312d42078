/* SPDX-License-Identifier: MIT */
/* Commands that ask something of one filter about each call of the command line. */
#ifndef CALLGATE_CLI_CALLS_H
#define CALLGATE_CLI_CALLS_H

#include "cli.h"
#include "input.h"

/*
 * Opens the one source and asks of each word in turn. An answer goes to `list` or, where
 * that is NULL, to standard output; JSON has the answers under `key`. Returns the
 * greatest status.
 */
enum cli_status calls_ask(const struct cli *cli, const char *key,
			  enum cli_status (*ask)(const struct input *input,
						 const char *call, json_t *list));

#endif
