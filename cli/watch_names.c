// SPDX-License-Identifier: MIT
/*
 * Arguments of an event with names for their numbers: --parse-arguments. An enumeration or a
 * set of flags becomes a string, a pointer's value becomes "0x…"; what has no name stays.
 *
 * Nothing is read from the process: its memory may be another one by now.
 */
#include <ctype.h>
#include <string.h>

#include "callgate-explain.h"
#include "callgate.h"
#include "output.h"
#include "watch_view.h"

static bool is_name(const struct callgate_explain_value *value)
{
	if (value->kind == CALLGATE_EXPLAIN_FLAGS)
		return true;
	return (value->kind == CALLGATE_EXPLAIN_NUMBER ||
		value->kind == CALLGATE_EXPLAIN_DESCRIPTOR) &&
	       value->text && isalpha((unsigned char)*value->text);
}

static void set_names(json_t *argument, const struct callgate_explain_value *value)
{
	const char *type = json_string_value(json_object_get(argument, "type"));
	json_t *number = json_object_get(argument, "value");

	if (strchr(type, '*')) {
		if (json_is_integer(number))
			json_object_set_new(argument, "value",
					    cli_need(json_sprintf("0x%llx",
								  json_integer_value(
									  number))));
	} else if (value && is_name(value)) {
		json_object_set_new(argument, "type", json_string("string"));
		json_object_set_new(argument, "value",
				    cli_need(json_text(value->text)));
	}
}

void view_json_names(const struct watch_view *view, json_t *event)
{
	json_t *arguments = json_object_get(event, "args");
	const char *name = view_syscall(view);
	struct callgate_explain_call *decoded = NULL;
	struct seccomp_data call;

	if (view->event->kind == WATCH_CONFINED_EXEC ||
	    view->event->kind == WATCH_UNCONFINED_EXEC)
		return;
	watch_call(view->event, &call);
	(void)callgate_explain_decode(&call, NULL, &decoded);
	/* A multiplexed call is decoded as the one it carries, which has other arguments. */
	if (decoded && (!name || strcmp(decoded->name, name) != 0)) {
		callgate_explain_call_free(decoded);
		decoded = NULL;
	}
	for (size_t i = 0; i < json_array_size(arguments); i++)
		set_names(json_array_get(arguments, i), decoded && i < decoded->count
								? &decoded->arguments[i]
								: NULL);
	callgate_explain_call_free(decoded);
}
