/* SPDX-License-Identifier: MIT */
/* Findings in the format of other analysers' tools: SARIF 2.1.0 (OASIS). */
#ifndef CALLGATE_CLI_SARIF_H
#define CALLGATE_CLI_SARIF_H

#include "input.h"

/*
 * Prints a document with the first `count` findings. `audit` is NULL when the input was
 * no filter: then the run is said to have failed, with the input's errors.
 */
void sarif_print(const struct input *input, const struct callgate_audit *audit,
		 size_t count);

#endif
