// SPDX-License-Identifier: MIT
/*
 * An event of `callgate watch` as JSON. Keys and their order are those of event_table.c; the
 * schema that `callgate events` prints of it is held against this by a test.
 */
#include <stdlib.h>
#include <string.h>

#include "callgate.h"
#include "digest.h"
#include "events.h"
#include "output.h"
#include "watch_view.h"

/* The compiler's own headers know these as of other places. */
#define MODE_DEAD 3

/* --- values --------------------------------------------------------------------------- */

static json_t *word_json(uint64_t word)
{
	return word <= INT64_MAX ? json_integer((json_int_t)word)
				 : json_sprintf("0x%llx", (unsigned long long)word);
}

static json_t *words_json(const __u64 *words, size_t count)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, cli_need(word_json(words[i])));
	return list;
}

static json_t *digest_json(const struct callgate_filter *filter)
{
	char text[DIGEST_TEXT];

	digest_sha256(callgate_filter_program(filter),
		      callgate_filter_length(filter) * sizeof(struct sock_filter),
		      text);
	return json_string(text);
}

/* Adds a member; memory that is short ends the program. */
static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, cli_need(value)))
		cli_need(NULL);
}

/* --- the call --------------------------------------------------------------------------- */

static size_t abi_of(const struct watch_view *view)
{
	struct seccomp_data call;

	watch_call(view->event, &call);
	return callgate_abi_of(call.arch, (uint32_t)call.nr);
}

static bool call_of(const struct watch_view *view, struct callgate_syscall *ret_call)
{
	size_t abi = abi_of(view);
	uint32_t number = (uint32_t)view->event->number;

	return callgate_syscall_on(callgate_syscall_by_number(abi, number), abi,
				   ret_call);
}

const char *view_syscall(const struct watch_view *view)
{
	struct callgate_syscall call;

	return call_of(view, &call) ? call.name : NULL;
}

static bool is_prctl_question(const struct watch_event *event)
{
	static const uint32_t questions[] = { 3, 7, 21, 23, 27, 39, 52 };

	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		if ((uint32_t)event->arguments[0] == questions[i])
			return true;
	}
	/* PR_SET_SECCOMP without a program, PR_CAP_AMBIENT_IS_SET */
	return ((uint32_t)event->arguments[0] == 22 && event->arguments[1] == 2 &&
		!event->arguments[2]) ||
	       ((uint32_t)event->arguments[0] == 47 && event->arguments[1] == 1);
}

bool view_is_probe(const struct watch_view *view)
{
	const struct watch_event *event = view->event;

	if (event->kind == WATCH_PRCTL)
		return is_prctl_question(event);
	if (event->kind != WATCH_SECCOMP)
		return false;
	/* A program at NULL is how libraries ask for flags. */
	return (uint32_t)event->arguments[0] >= 2 ||
	       ((uint32_t)event->arguments[0] == 1 && !event->arguments[2]);
}

const struct callgate_filter *view_installed(const struct watch_view *view)
{
	if (!(view->event->marks & WATCH_INSTALLED))
		return NULL;
	return watch_filters_find(view->filters, view->event->layers[0]);
}

char *view_policy(const struct watch_view *view)
{
	const struct callgate_filter *filter = view_installed(view);
	const struct callgate_decompile_options options = { 0 };
	char *text = NULL;

	if (filter)
		(void)callgate_filter_decompile(filter, &options, NULL, &text);
	return text;
}

/* --- arguments ----------------------------------------------------------------------------- */

static json_t *argument_json(const char *name, const char *type, json_t *value)
{
	return cli_need(json_pack("{s:s, s:s, s:o}", "name", name, "type", type,
				  "value", value));
}

/* The part of a register that the kernel uses. */
static json_t *register_json(uint64_t word, unsigned bits, bool is_signed)
{
	if (bits < 64)
		word &= (UINT64_C(1) << bits) - 1;
	if (is_signed && word >> (bits - 1))
		return json_integer((json_int_t)(word | ~UINT64_C(0) << (bits - 1)));
	return word_json(word);
}

static json_t *known_arguments(const struct watch_view *view,
			       const struct event_kind *kind)
{
	const struct watch_event *event = view->event;
	unsigned bits_of_long = event->marks & WATCH_COMPAT ? 32 : 64;
	json_t *list = cli_need(json_array());

	for (size_t i = 0; kind->arguments[i].name; i++) {
		const char *type = kind->arguments[i].type;
		bool is_int = strstr(type, "int");
		json_t *value =
			register_json(event->arguments[i], is_int ? 32 : bits_of_long,
				      strcmp(type, "int") == 0);

		if (strcmp(type, "const char*") == 0) {
			json_decref(value);
			value = json_text(watch_exec_name(event));
		}
		json_array_append_new(list, argument_json(kind->arguments[i].name, type,
							  value));
	}
	return list;
}

/* Of a denied call: by its prototype, or else six words. */
static json_t *any_arguments(const struct watch_view *view)
{
	static const char *const names[] = { "arg1", "arg2", "arg3",
					     "arg4", "arg5", "arg6" };
	json_t *list = cli_need(json_array());
	struct callgate_syscall call = { 0 };
	bool is_known = call_of(view, &call) && call.has_prototype;
	unsigned count = is_known ? call.argument_count : CALLGATE_ARGUMENTS_MAX;

	for (unsigned i = 0; i < count; i++) {
		const struct callgate_argument *argument = &call.arguments[i];
		uint64_t word = view->event->arguments[i];

		json_array_append_new(
			list,
			is_known ? argument_json(argument->name, argument->type,
						 register_json(word, argument->bits,
							       argument->is_signed))
				 : argument_json(names[i], "unsigned long",
						 word_json(word)));
	}
	return list;
}

static json_t *arguments_json(const struct watch_view *view)
{
	if (view->event->marks & WATCH_AUDITED)
		return cli_need(json_array());
	if (view->event->kind == WATCH_DENIED)
		return any_arguments(view);
	return known_arguments(view, &event_kinds[view->event->kind]);
}

/* --- under the key callgate ------------------------------------------------------------------ */

static json_t *installed_json(const struct watch_view *view)
{
	const struct watch_event *event = view->event;
	const struct callgate_filter *filter = view_installed(view);
	char *policy = view->show_filter ? view_policy(view) : NULL;
	json_t *object = cli_need(json_object());

	if (filter) {
		set(object, "instructions",
		    json_integer((json_int_t)callgate_filter_length(filter)));
		set(object, "digest", digest_json(filter));
	}
	if (policy)
		set(object, "policy", json_text(policy));
	free(policy);
	set(object, "layer", json_integer(event->filters));
	set(object, "log", json_boolean(event->marks & WATCH_LOG));
	set(object, "listener", json_boolean(event->marks & WATCH_LISTENER));
	set(object, "waitKillable", json_boolean(event->marks & WATCH_KILLABLE));
	return object;
}

/* Strict mode has no other words. */
char *view_action(const struct watch_view *view)
{
	const struct watch_verdict *verdict = view->verdict;
	char *text;

	if (watch_is_strict(view->event, verdict))
		return cli_need(strdup("strict"));
	text = cli_need(callgate_verdict_text(verdict->value));
	if (verdict->source == WATCH_BY_AUDIT && verdict->value == SECCOMP_RET_ERRNO)
		text[strcspn(text, " ")] = '\0'; /* its number is not in the record */
	return text;
}

char *view_call(const struct watch_view *view)
{
	struct seccomp_data call;
	char *text;

	watch_call(view->event, &call);
	text = cli_need(callgate_call_text(&call));
	if (view->event->marks & WATCH_AUDITED)
		text[strcspn(text, "(")] =
			'\0'; /* what it was called with is not known */
	return text;
}

static json_t *denial_json(const struct watch_view *view)
{
	static const char *const sources[] = { "filters", "result", "mode", "audit" };
	const struct watch_verdict *verdict = view->verdict;
	json_t *object = cli_need(json_object());
	char *action = view_action(view), *text = view_call(view);
	set(object, "action", json_text(action));
	set(object, "source", json_string(sources[verdict->source]));
	if (verdict->source == WATCH_BY_FILTERS) {
		size_t back = view->event->filters - verdict->layer;
		const struct callgate_filter *filter =
			watch_filters_find(view->filters, view->event->layers[back]);

		set(object, "layer", json_integer(verdict->layer));
		set(object, "instruction",
		    json_integer((json_int_t)verdict->instruction));
		if (filter)
			set(object, "digest", digest_json(filter));
	}
	set(object, "call", json_text(text));
	free(action);
	free(text);
	return object;
}

static json_t *data_json(const struct watch_event *event)
{
	struct seccomp_data call;
	json_t *object = cli_need(json_object());

	watch_call(event, &call);
	set(object, "arch", json_integer(call.arch));
	set(object, "number", json_integer(call.nr));
	set(object, "instructionPointer", word_json(call.instruction_pointer));
	set(object, "arguments",
	    event->marks & WATCH_AUDITED ? json_null()
					 : words_json(event->arguments, 6));
	return object;
}

static json_t *own_json(const struct watch_view *view)
{
	static const char *const modes[] = { "disabled", "strict", "filter", "dead" };
	const struct watch_event *event = view->event;
	json_t *object = cli_need(json_object());
	struct callgate_abi abi = { .name = "unknown" };

	callgate_abi_at(abi_of(view), &abi);
	set(object, "abi", json_text(abi.name));
	set(object, "duration",
	    json_integer((json_int_t)(event->ended - event->began)));
	set(object, "mode", json_text(modes[event->mode & 3]));
	set(object, "filters", json_integer(event->filters));
	set(object, "noNewPrivs", json_boolean(event->marks & WATCH_NO_NEW_PRIVS));
	set(object, "probe", json_boolean(view_is_probe(view)));
	if (event->marks & WATCH_INSTALLED && event->filters)
		set(object, "installed", installed_json(view));
	if (view->verdict)
		set(object, "denial", denial_json(view));
	if (event->kind == WATCH_DENIED)
		set(object, "data", data_json(event));
	return object;
}

/* --- all of it ----------------------------------------------------------------------------------- */

static void set_numbers(json_t *object, const struct watch_view *view)
{
	const struct watch_event *event = view->event;
	const struct {
		const char *key;
		int64_t value;
	} numbers[] = {
		{ "timestamp", (int64_t)event->began + view->clock },
		{ "threadStartTime", (int64_t)event->thread_start + view->clock },
		{ "processorId", event->processor },
		{ "processId", event->pid },
		{ "cgroupId", (int64_t)event->cgroup },
		{ "threadId", event->tid },
		{ "parentProcessId", event->ppid },
		{ "hostProcessId", event->host_pid },
		{ "hostThreadId", event->host_tid },
		{ "hostParentProcessId", event->host_ppid },
		{ "userId", event->uid },
		{ "mountNamespace", event->mount_namespace },
		{ "pidNamespace", event->pid_namespace },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		set(object, numbers[i].key, json_integer(numbers[i].value));
}

static void set_program(json_t *object, const struct watch_view *view)
{
	const struct watch_event *event = view->event;
	char *path = cli_need(malloc(WATCH_PATH_TEXT));

	watch_path(event, path);
	set(object, "processName",
	    json_text_of(event->comm, strnlen(event->comm, WATCH_COMM)));
	set(object, "executable", json_pack("{s:o}", "path", json_text(path)));
	set(object, "hostName",
	    json_text_of(event->node, strnlen(event->node, WATCH_NODE)));
	set(object, "containerId", json_text(view->container));
	set(object, "container", json_object());
	set(object, "kubernetes", json_object());
	free(path);
}

json_t *view_json(const struct watch_view *view)
{
	const struct watch_event *event = view->event;
	const char *name = view_syscall(view);
	json_t *object = cli_need(json_object());
	json_t *arguments = arguments_json(view);

	set_numbers(object, view);
	set_program(object, view);
	set(object, "eventId", json_sprintf("%d", event->number));
	set(object, "eventName", json_string(event_kinds[event->kind].name));
	set(object, "argsNum", json_integer((json_int_t)json_array_size(arguments)));
	set(object, "returnValue", json_integer(event->result));
	set(object, "syscall", json_text(name ? name : "unknown"));
	set(object, "stackAddresses",
	    event->stack_room ? words_json(watch_stack(event), event->stack_count)
			      : json_null());
	set(object, "contextFlags",
	    json_pack("{s:b, s:b}", "containerStarted", *view->container != '\0',
		      "isCompat", (event->marks & WATCH_COMPAT) != 0));
	set(object, "args", arguments);
	set(object, "callgate", own_json(view));
	return object;
}
