// SPDX-License-Identifier: MIT
/*
 * JSON in a build without jansson: whoever begins a document is told that there is none.
 */
#include <jansson.h>

#include "cli.h"
#include "output.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

static _Noreturn void refuse(void)
{
	fputs("callgate: this callgate was built without jansson: no JSON\n", stderr);
	exit(STATUS_SYSTEM);
}

#define JSON_DEFINE(type, name, parameters) \
	type name parameters                \
	{                                   \
		refuse();                   \
	}
JSON_FUNCTIONS(JSON_DEFINE)
