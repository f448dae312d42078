/* SPDX-License-Identifier: MIT */
#ifndef CALLGATE_CLI_DIAGNOSTICS_H
#define CALLGATE_CLI_DIAGNOSTICS_H

#include <jansson.h>
#include <stdio.h>

#include "callgate.h"

/* Prints all of them; one without a place is said of `name`, or of callgate if NULL. */
void diagnostics_print(FILE *stream, const struct callgate_diagnostics *diagnostics,
		       const char *name);

/*
 * The same as an array of objects: severity, code, message, hint, notes, and of the
 * place: file, line, column, length (bytes).
 */
json_t *diagnostics_json(const struct callgate_diagnostics *diagnostics,
			 const char *name);

#endif
