// SPDX-License-Identifier: MIT
/*
 * callgate events: what `callgate watch` tells of, as a table for people and as a JSON
 * Schema that holds the table as well.
 */
#include <string.h>

#include "callgate.h"
#include "cli.h"
#include "events.h"
#include "output.h"

enum {
	KEY_SCHEMA = 0x200,
};

static const struct argp_option own_options[] = {
	{ "schema", KEY_SCHEMA, NULL, 0,
	  "Print a JSON Schema of the lines of 'callgate watch --json', and the table",
	  0 },
	{ 0 },
};

struct own {
	bool schema;
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	(void)value;
	if (key != KEY_SCHEMA)
		return ARGP_ERR_UNKNOWN;
	((struct own *)((struct cli *)state->input)->own)->schema = true;
	return 0;
}

/* --- tags ------------------------------------------------------------------------------ */

static const char *const tag_names[] = { "K", "U", "TOCTOU", "OPT" };

#define TAGS (sizeof(tag_names) / sizeof(*tag_names))

static json_t *tags_json(unsigned tags)
{
	json_t *list = cli_need(json_array());

	for (unsigned i = 0; i < TAGS; i++) {
		if (tags & 1u << i)
			json_array_append_new(list, json_string(tag_names[i]));
	}
	return list;
}

static const char *tags_text(unsigned tags, char ret_text[32])
{
	int at = 0;

	*ret_text = '\0';
	for (unsigned i = 0; i < TAGS; i++) {
		if (tags & 1u << i)
			at += snprintf(ret_text + at, 32 - (size_t)at, "%s%s",
				       at ? " " : "", tag_names[i]);
	}
	return ret_text;
}

/* --- the schema -------------------------------------------------------------------------- */

static json_t *type_json(enum event_type type)
{
	static const char *const texts[] = {
		[TYPE_INTEGER] = "{\"type\": \"integer\"}",
		[TYPE_BOOLEAN] = "{\"type\": \"boolean\"}",
		[TYPE_TEXT] = "{\"type\": \"string\"}",
		[TYPE_OBJECT] = "{\"type\": \"object\", \"properties\": {}, "
				"\"required\": [], \"additionalProperties\": false}",
		[TYPE_EMPTY] = "{\"type\": \"object\"}",
		[TYPE_WORD] = "{\"$ref\": \"#/$defs/word\"}",
		[TYPE_WORDS] = "{\"type\": [\"array\", \"null\"], "
			       "\"items\": {\"$ref\": \"#/$defs/word\"}}",
		[TYPE_ARGUMENTS] = "{\"type\": \"array\", "
				   "\"items\": {\"$ref\": \"#/$defs/argument\"}}",
	};

	return cli_need(json_loads(texts[type], 0, NULL));
}

/* Adds a field to the object schema that its path leads to. */
static void add_field(json_t *root, const struct event_field *field)
{
	json_t *object = root, *schema = type_json(field->type);
	const char *path = field->path, *dot;
	char key[64];

	while ((dot = strchr(path, '.'))) {
		snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
		object = json_object_get(json_object_get(object, "properties"), key);
		path = dot + 1;
	}
	json_object_set_new(schema, "description", json_string(field->help));
	json_object_set_new(schema, "x-tags", tags_json(field->tags));
	json_object_set_new(json_object_get(object, "properties"), path, schema);
	if (!(field->tags & TAG_OPT))
		json_array_append_new(json_object_get(object, "required"),
				      json_string(path));
}

static json_t *event_schema(void)
{
	json_t *object = type_json(TYPE_OBJECT);
	json_t *names = cli_need(json_array());

	for (size_t i = 0; event_fields[i].path; i++)
		add_field(object, &event_fields[i]);
	for (size_t i = 0; i < WATCH_KINDS; i++)
		json_array_append_new(names, json_string(event_kinds[i].name));
	json_object_set_new(json_object_get(json_object_get(object, "properties"),
					    "eventName"),
			    "enum", names);
	return object;
}

/* A line that is no event: the first, the last, and those that tell of losses. */
struct record {
	const char *name;
	struct record_member {
		const char *name, *type, *help;
	} members[8];
};

static const struct record records[] = {
	{ "start",
	  { { "version", "string", "of callgate" },
	    { "hook", "string", "how calls are seen" },
	    { "refused", "object", "hooks that did not work, and why" },
	    { "events", "array", "what is watched for" },
	    { "kernel", "string", "its release" } } },
	{ "lost",
	  { { "events", "integer", "how many since the last such line" },
	    { "byEvent", "object", "… of each name" },
	    { "programs", "integer", "filters whose instructions did not come" },
	    { "skipped", "integer", "how often the kernel did not run our programs" },
	    { "auditRecords", "integer", "of any kind, that did not come" },
	    { "total", "integer", "events until now" } } },
	{ "end",
	  { { "seen", "integer", "events that came" },
	    { "told", "integer", "… that are lines" },
	    { "lost", "integer", "… that did not come" },
	    { "skipped", "integer", "how often the kernel did not run our programs" },
	    { "auditRecords", "integer", "of any kind, that did not come" } } },
};

#define RECORDS (sizeof(records) / sizeof(*records))

static json_t *record_schema(const struct record *record)
{
	json_t *object = type_json(TYPE_OBJECT);
	json_t *properties = json_object_get(object, "properties");
	json_t *required = json_object_get(object, "required");

	json_object_set_new(properties, "record",
			    json_pack("{s:s}", "const", record->name));
	json_array_append_new(required, json_string("record"));
	for (const struct record_member *member = record->members; member->name;
	     member++) {
		json_object_set_new(properties, member->name,
				    json_pack("{s:s, s:s}", "type", member->type,
					      "description", member->help));
		json_array_append_new(required, json_string(member->name));
	}
	return cli_need(json_pack("{s:s, s:[s], s:b, s:{s:o}}", "type", "object",
				  "required", "callgate", "additionalProperties", 0,
				  "properties", "callgate", object));
}

static json_t *definitions(void)
{
	static const char argument[] =
		"{\"type\": \"object\", \"required\": [\"name\", \"type\", \"value\"], "
		"\"additionalProperties\": false, \"properties\": {"
		"\"name\": {\"type\": \"string\"}, \"type\": {\"type\": \"string\"}, "
		"\"value\": {\"type\": [\"integer\", \"string\"]}}}";
	static const char word[] = "{\"anyOf\": [{\"type\": \"integer\"}, "
				   "{\"type\": \"string\", "
				   "\"pattern\": \"^0x[0-9a-f]+$\"}]}";

	json_t *object = cli_need(json_pack("{s:o, s:o, s:o}", "event", event_schema(),
					    "argument", json_loads(argument, 0, NULL),
					    "word", json_loads(word, 0, NULL)));

	for (size_t i = 0; i < RECORDS; i++)
		json_object_set_new(object, records[i].name,
				    record_schema(&records[i]));
	return object;
}

/* --- the table, for programs --------------------------------------------------------------- */

static json_t *ids_json(const struct event_kind *kind)
{
	json_t *object = cli_need(json_object());
	struct callgate_syscall call;
	struct callgate_abi abi;

	for (size_t i = 0; kind->syscall && callgate_abi_at(i, &abi); i++) {
		if (callgate_syscall_on(callgate_syscall_find(kind->syscall), i, &call))
			json_object_set_new(object, abi.name,
					    json_sprintf("%u", call.number));
	}
	return object;
}

static json_t *kind_json(const struct event_kind *kind)
{
	json_t *arguments = cli_need(kind->syscall ? json_array() : json_null());

	for (size_t i = 0; kind->syscall && kind->arguments[i].name; i++) {
		const struct event_argument *argument = &kind->arguments[i];

		json_array_append_new(arguments,
				      json_pack("{s:s, s:s, s:o, s:s}", "name",
						argument->name, "type", argument->type,
						"tags", tags_json(argument->tags),
						"description", argument->help));
	}
	return cli_need(json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "name", kind->name,
				  "description", kind->help, "ids",
				  kind->syscall ? ids_json(kind) : json_null(),
				  "arguments", arguments, "hook", kind->hook, "related",
				  kind->related));
}

static json_t *schema_json(void)
{
	json_t *kinds = cli_need(json_array());

	for (size_t i = 0; i < WATCH_KINDS; i++)
		json_array_append_new(kinds, kind_json(&event_kinds[i]));
	return cli_need(
		json_pack("{s:s, s:s, s:[{s:s}, {s:s}, {s:s}, {s:s}], s:o, s:o}",
			  "$schema", "https://json-schema.org/draft/2020-12/schema",
			  "title", "a line of 'callgate watch --json'", "oneOf", "$ref",
			  "#/$defs/event", "$ref", "#/$defs/start", "$ref",
			  "#/$defs/lost", "$ref", "#/$defs/end", "$defs", definitions(),
			  "x-events", kinds));
}

/* --- for people -------------------------------------------------------------------------------- */

#define MARGIN 10 /* of what stands behind a key */
#define WIDTH  79

/* Prints "x86_64 317, i386 354", in lines that fit. */
static void print_ids(const struct event_kind *kind)
{
	struct callgate_syscall call;
	struct callgate_abi abi;
	char text[64];
	int column = MARGIN;

	if (!kind->syscall)
		printf(" that of the call");
	for (size_t i = 0; kind->syscall && callgate_abi_at(i, &abi); i++) {
		int length;

		if (!callgate_syscall_on(callgate_syscall_find(kind->syscall), i,
					 &call))
			continue;
		length = snprintf(text, sizeof(text), " %s %u", abi.name, call.number);
		if (column > MARGIN)
			putchar(',');
		if (column + length + 1 > WIDTH) {
			printf("\n%*s", MARGIN - 1, "");
			column = MARGIN;
		}
		fputs(text, stdout);
		column += length + 1;
	}
	putchar('\n');
}

static void print_kind(const struct event_kind *kind)
{
	char tags[32];

	printf("%s%s%s: %s\n  id     ", style_begin(stdout, STYLE_BOLD), kind->name,
	       style_end(stdout, STYLE_BOLD), kind->help);
	print_ids(kind);
	for (size_t i = 0; kind->arguments[i].name; i++)
		printf("  %-7s %s (%s, %s): %s\n", i ? "" : "args",
		       kind->arguments[i].name, kind->arguments[i].type,
		       tags_text(kind->arguments[i].tags, tags),
		       kind->arguments[i].help);
	if (!kind->syscall)
		puts("  args    those of the call, by its prototype");
	printf("  hook    %s\n  related %s\n\n", kind->hook, kind->related);
}

static void print_fields(void)
{
	struct table table = { 0 };
	char tags[32];

	table_row(&table);
	table_cell(&table, "FIELD");
	table_cell(&table, "TAGS");
	table_cell(&table, "WHAT");
	for (size_t i = 0; event_fields[i].path; i++) {
		table_row(&table);
		table_cell(&table, "%s", event_fields[i].path);
		table_cell(&table, "%s", tags_text(event_fields[i].tags, tags));
		table_cell(&table, "%s", event_fields[i].help);
	}
	table_print(&table);
}

static enum cli_status run(struct cli *cli)
{
	const struct own *own = cli->own;

	if (own->schema) {
		json_print(schema_json());
		return STATUS_DONE;
	}
	for (size_t i = 0; i < WATCH_KINDS; i++)
		print_kind(&event_kinds[i]);
	print_fields();
	puts("\nK: the kernel's own. U: found out by this program, afterwards. TOCTOU: "
	     "may have\n"
	     "changed since. OPT: may be absent.");
	return STATUS_DONE;
}

const struct cli_command command_events = {
	.name = "events",
	.summary = "describe the events of 'callgate watch' and their fields",
	.usage = "",
	.details =
		"Describe every event of 'callgate watch': its number on each ABI, its "
		"arguments\nand their types, where each field comes from, how it is "
		"seen.\v"
		"Exit status: 0 done, 2 wrong usage.",
	.options = own_options,
	.parse = parse,
	.own_size = sizeof(struct own),
	.run = run,
};
