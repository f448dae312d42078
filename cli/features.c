// SPDX-License-Identifier: MIT
/*
 * callgate features: what the running kernel offers, asked of it and not guessed.
 */
#include <string.h>

#include "cli.h"
#include "output.h"
#include "probe/probe.h"

static const char *const words[] = {
	[CALLGATE_UNKNOWN] = "unknown",
	[CALLGATE_ABSENT] = "no",
	[CALLGATE_PRESENT] = "yes",
};

/* One thing the kernel has or not; `since` 0: not a matter of version. */
struct item {
	const char *name;
	enum callgate_availability available;
	uint16_t since;
};

#define ITEMS 9

static void list_items(const struct callgate_features *features,
		       struct item ret_items[ITEMS])
{
	const struct item items[ITEMS] = {
		{ "seccomp_call", features->seccomp_call, 3 * 256 + 17 },
		{ "filter_mode", features->filter_mode, 3 * 256 + 5 },
		{ "get_action_avail", features->get_action_avail, 4 * 256 + 14 },
		{ "get_notif_sizes", features->get_notif_sizes, 5 * 256 },
		{ "cache", features->cache, 5 * 256 + 11 },
		{ "i386_abi", features->i386_abi, 0 },
		{ "x32_abi", features->x32_abi, 0 },
		{ "no_new_privs", features->no_new_privs, 0 },
		{ "cap_sys_admin", features->cap_sys_admin, 0 },
	};

	memcpy(ret_items, items, sizeof(items));
}

/* --- for people ------------------------------------------------------------------- */

static void add_row(struct table *table, const char *kind, const char *name,
		    enum callgate_availability available, uint16_t since)
{
	table_row(table);
	table_cell(table, "%s", kind);
	table_cell(table, "%s", name);
	table_cell(table, "%s", words[available]);
	if (since)
		table_cell(table, "%u.%u", since / 256u, since % 256u);
	else
		table_cell(table, "-");
}

static void print_features(const struct callgate_features *features,
			   const struct probe_lack *lack)
{
	struct item items[ITEMS];
	struct table table = { 0 };

	printf("Linux %s on %s\n\n", features->release, features->machine);
	table_row(&table);
	table_cell(&table, "KIND");
	table_cell(&table, "NAME");
	table_cell(&table, "HERE");
	table_cell(&table, "SINCE");
	table_cell(&table, "LOGGED");
	list_items(features, items);
	for (size_t i = 0; i < ITEMS; i++)
		add_row(&table, items[i].since ? "kernel" : "caller", items[i].name,
			items[i].available, items[i].since);
	add_row(&table, "caller", "ebpf",
		lack->error ? CALLGATE_ABSENT : CALLGATE_PRESENT, 0);
	for (size_t i = 0; i < CALLGATE_FLAG_COUNT; i++)
		add_row(&table, "flag", features->flags[i].name,
			features->flags[i].available, features->flags[i].since);
	for (size_t i = 0; i < CALLGATE_ACTION_COUNT; i++) {
		add_row(&table, "action", features->actions[i].name,
			features->actions[i].available, features->actions[i].since);
		table_cell(&table, "%s", words[features->actions[i].logged]);
	}
	table_print(&table);
	if (features->filters >= 0)
		printf("\n%d filter%s on this process\n", features->filters,
		       features->filters == 1 ? "" : "s");
	if (lack->error)
		printf("no eBPF: %s\n", lack->problem);
	if (lack->hint)
		printf("  hint: %s\n", lack->hint);
}

/* --- for programs ----------------------------------------------------------------- */

/* Unknown is null. */
static json_t *available_json(enum callgate_availability available)
{
	return available == CALLGATE_UNKNOWN
		       ? json_null()
		       : json_boolean(available == CALLGATE_PRESENT);
}

static json_t *list_json(const struct callgate_feature *entries, size_t count,
			 bool is_action)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < count; i++) {
		const struct callgate_feature *entry = &entries[i];
		json_t *object = cli_need(
			json_pack("{s:s, s:I, s:o, s:o}", "name", entry->name, "value",
				  (json_int_t)entry->value, "available",
				  available_json(entry->available), "since",
				  json_sprintf("%u.%u", entry->since / 256u,
					       entry->since % 256u)));

		if (is_action)
			json_object_set_new(object, "logged",
					    available_json(entry->logged));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *features_json(const struct callgate_features *features,
			     const struct probe_lack *lack)
{
	struct item items[ITEMS];
	json_t *object = cli_need(
		json_pack("{s:o, s:o, s:I, s:i, s:i, s:o, s:o}", "release",
			  json_text(features->release), "machine",
			  json_text(features->machine), "audit_arch",
			  (json_int_t)features->audit_arch, "mode", features->mode,
			  "filters", features->filters, "flags",
			  list_json(features->flags, CALLGATE_FLAG_COUNT, false),
			  "actions",
			  list_json(features->actions, CALLGATE_ACTION_COUNT, true)));

	list_items(features, items);
	for (size_t i = 0; i < ITEMS; i++)
		json_object_set_new(object, items[i].name,
				    available_json(items[i].available));
	json_object_set_new(object, "ebpf", json_boolean(!lack->error));
	if (lack->problem)
		json_object_set_new(object, "ebpf_problem", json_text(lack->problem));
	return object;
}

static enum cli_status run(struct cli *cli)
{
	struct callgate_features features;
	struct probe_lack lack;
	int error = callgate_features_probe(&features);

	if (error) {
		fprintf(stderr, "callgate: cannot ask the kernel: %s\n",
			strerror(-error));
		return STATUS_SYSTEM;
	}
	probe_is_usable(&lack);
	if (cli->json)
		json_print(features_json(&features, &lack));
	else
		print_features(&features, &lack);
	return STATUS_DONE;
}

const struct cli_command command_features = {
	.name = "features",
	.summary = "tell what seccomp of the running kernel can do",
	.usage = "",
	.details =
		"Ask the running kernel which operations, flags and actions it has.\v"
		"Exit status: 0 done, 4 the system refused.",
	.shared = SHARED_JSON,
	.run = run,
};
