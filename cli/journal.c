// SPDX-License-Identifier: MIT
/*
 * Events as structured journal entries, through libsystemd. A field is a member of the
 * event, its name in capitals; texts may hold anything, the journal takes it. The message is
 * one line of what is printable, since it goes on to logs and terminals. When journald does
 * not take an entry it is lost there; the stream goes on.
 */
#include "journal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

#define SOCKET	   "/run/systemd/journal/socket"
#define FIELDS_MAX 96

struct entry {
	struct iovec fields[FIELDS_MAX];
	int count;
};

const char *journal_version(void)
{
	return "libsystemd " JOURNAL_VERSION;
}

bool journal_is_usable(void)
{
	return access(SOCKET, W_OK) == 0;
}

/* Adds "NAME=text". */
static void add(struct entry *entry, const char *name, const char *text, size_t length)
{
	size_t head = strlen(name);
	char *field;

	if (entry->count == FIELDS_MAX)
		return;
	field = cli_need(malloc(head + 1 + length));
	memcpy(field, name, head);
	field[head] = '=';
	memcpy(field + head + 1, text, length);
	entry->fields[entry->count++] =
		(struct iovec){ .iov_base = field, .iov_len = head + 1 + length };
}

/* "hostProcessId" after "CALLGATE" is "CALLGATE_HOST_PROCESS_ID". */
static void name_field(const char *prefix, const char *key, char ret_name[64])
{
	size_t at = (size_t)snprintf(ret_name, 64, "%s_", prefix);

	for (; *key && at < 62; key++) {
		if (isupper((unsigned char)*key) && ret_name[at - 1] != '_')
			ret_name[at++] = '_';
		ret_name[at++] = isalnum((unsigned char)*key)
					 ? (char)toupper((unsigned char)*key)
					 : '_';
	}
	ret_name[at] = '\0';
}

static void add_value(struct entry *entry, const char *name, const json_t *value)
{
	char number[32];

	if (json_is_string(value)) {
		add(entry, name, json_string_value(value), json_string_length(value));
	} else if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld",
			 (long long)json_integer_value(value));
		add(entry, name, number, strlen(number));
	} else if (json_is_boolean(value)) {
		add(entry, name, json_is_true(value) ? "1" : "0", 1);
	}
}

static void add_arguments(struct entry *entry, const json_t *list)
{
	char name[64];

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *argument = json_array_get(list, i);

		name_field("CALLGATE_ARG",
			   json_string_value(json_object_get(argument, "name")), name);
		add_value(entry, name, json_object_get(argument, "value"));
	}
}

/* Objects hold objects, three deep. */
static void add_members(struct entry *entry, const char *prefix, json_t *object)
{
	const char *key;
	json_t *value;
	char name[64];

	json_object_foreach(object, key, value)
	{
		name_field(prefix, key, name);
		if (strcmp(key, "callgate") == 0)
			add_members(entry, prefix, value);
		else if (strcmp(key, "args") == 0)
			add_arguments(entry, value);
		else if (json_is_object(value))
			add_members(entry, name, value);
		else
			add_value(entry, name, value);
	}
}

static void add_message(struct entry *entry, const json_t *event)
{
	static const char identifier[] = "callgate";
	const json_t *own = json_object_get(event, "callgate");
	const json_t *denial = json_object_get(own, "denial");
	char *text;
	size_t length;
	FILE *stream = cli_need(open_memstream(&text, &length));

	print_safe(stream, json_string_value(json_object_get(event, "processName")));
	fprintf(stream, "[%lld] %s %s%s%s",
		(long long)json_integer_value(json_object_get(event, "hostProcessId")),
		json_string_value(json_object_get(event, "eventName")),
		json_string_value(json_object_get(event, "syscall")),
		denial ? ": " : "",
		denial ? json_string_value(json_object_get(denial, "action")) : "");
	fclose(stream);
	add(entry, "MESSAGE", text, length);
	free(text);
	add(entry, "SYSLOG_IDENTIFIER", identifier, strlen(identifier));
	add(entry, "PRIORITY", denial ? "4" : "6", 1);
}

void journal_send(json_t *event)
{
	struct entry entry = { .count = 0 };

	add_message(&entry, event);
	add_members(&entry, "CALLGATE", event);
	(void)sd_journal_sendv(entry.fields, entry.count);
	for (int i = 0; i < entry.count; i++)
		free(entry.fields[i].iov_base);
}
