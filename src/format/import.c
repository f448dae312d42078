// SPDX-License-Identifier: MIT
/*
 * The public function: one policy from one profile, through every phase.
 *
 * The tree and the profile live in an arena of their own, which goes when the policy is
 * there.
 */
#include <errno.h>

#include "format/profile.h"
#include "policy/policy.h"

#define TREE_LIMIT   ((size_t)64 << 20)
#define POLICY_LIMIT ((size_t)32 << 20)
#define TEXT_MAX     ((size_t)16 << 20)

static const struct callgate_import_options default_options;

/* The first byte that is no blank and in no YAML comment. */
static struct str skip_comments(struct str text)
{
	size_t at = 0;

	while (at < text.len && strchr(" \t\r\n#", text.ptr[at])) {
		if (text.ptr[at] == '#')
			while (at < text.len && text.ptr[at] != '\n')
				at++;
		else
			at++;
	}
	return (struct str){ text.ptr + at, text.len - at };
}

static bool starts_with(struct str text, const char *prefix)
{
	size_t length = strlen(prefix);

	return text.len >= length && memcmp(text.ptr, prefix, length) == 0;
}

static enum callgate_profile_format detect(struct str text)
{
	static const char *const openings[] = {
		"---", "%YAML", "apiVersion:", "kind:", "metadata:", "spec:", "status:"
	};

	text = skip_comments(text);
	if (starts_with(text, "{") || starts_with(text, "["))
		return CALLGATE_PROFILE_OCI;
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++)
		if (starts_with(text, openings[i]))
			return CALLGATE_PROFILE_SPO;
	return CALLGATE_PROFILE_AUTO;
}

bool callgate_text_is_profile(const char *text, size_t length)
{
	return detect((struct str){ text, length }) != CALLGATE_PROFILE_AUTO;
}

static const struct tree *find_object(struct import *import, struct tree_reader *reader)
{
	enum callgate_profile_format format = import->options->format;
	const struct tree *root;

	if (format == CALLGATE_PROFILE_AUTO)
		format = detect(reader->text);
	if (format == CALLGATE_PROFILE_SPO) {
		root = yaml_read(reader);
		return root ? spo_find(import, root) : NULL;
	}
	root = json_read(reader);
	return root ? oci_find(import, root) : NULL;
}

static const char *keep(struct callgate_policy *policy, const char *text)
{
	return text ? arena_copy(&policy->arena, str_of(text)) : NULL;
}

static void read_text(struct import *import, struct tree_reader *reader,
		      struct callgate_policy *policy)
{
	const struct tree *object = find_object(import, reader);
	struct profile profile = { 0 };

	if (!object || !profile_read(import, object, &profile) ||
	    import->report->errors || import->arena->failed)
		return;
	policy->name = keep(policy, import->options->name);
	policy->flags = profile.flags;
	policy->listener_path = keep(policy, profile.listener_path);
	policy->listener_metadata = keep(policy, profile.listener_metadata);
	profile_lower(import, &profile, policy);
}

static int outcome(const struct import *import, const struct callgate_policy *policy)
{
	if (import->arena->limited || policy->arena.limited) {
		diag_error(import->report->diagnostics, "too-complex", SPAN_NONE, NULL,
			   "the profile is too complex: it needs more than %zu MiB",
			   (TREE_LIMIT + POLICY_LIMIT) >> 20);
		return -E2BIG;
	}
	if (import->arena->failed || policy->arena.failed)
		return -ENOMEM;
	return import->report->errors ? -EINVAL : 0;
}

/* What the options say of the machine. */
static bool find_machine(struct import *import)
{
	const char *const *abis = import->options->abis;
	const char *name = import->options->machine;

	import->kernel =
		import->options->kernel ? import->options->kernel : version_newest();
	if (!name && abis)
		name = abis[0];
	import->machine = name ? abi_by_name(str_of(name)) : abi_native();
	if (!import->machine)
		report_error(import->report, "unknown-abi", SPAN_NONE, NULL,
			     "there is no ABI '%s'", name);
	return import->machine != NULL;
}

static void run(struct import *import, struct str text, struct callgate_policy *policy)
{
	const char *name = import->options->name ? import->options->name : "profile";
	struct tree_reader reader = { import->report, import->arena, 0, text };

	if (text.len > TEXT_MAX) {
		report_error(import->report, "too-large", SPAN_NONE, NULL,
			     "'%s' is too large: a profile has at most 16 MiB", name);
		import->arena->limited = true;
		return;
	}
	reader.file = diag_add_source(import->report->diagnostics, name, text);
	if (!find_machine(import))
		return;
	read_text(import, &reader, policy);
}

int callgate_policy_import(const char *text, size_t length,
			   const struct callgate_import_options *options,
			   struct callgate_diagnostics *diagnostics,
			   struct callgate_policy **ret_policy)
{
	struct callgate_policy *policy = calloc(1, sizeof(*policy));
	struct arena arena;
	struct report report = { .diagnostics = diagnostics, .arena = &arena };
	struct import import = { .report = &report, .arena = &arena };
	int error;

	if (!policy)
		return -ENOMEM;
	import.options = options ? options : &default_options;
	arena_init(&policy->arena, POLICY_LIMIT);
	arena_init(&arena, TREE_LIMIT);
	run(&import, (struct str){ text, length }, policy);
	error = outcome(&import, policy);
	arena_done(&arena);
	if (error)
		callgate_policy_free(policy);
	else
		*ret_policy = policy;
	return error;
}

uint32_t callgate_policy_flags(const struct callgate_policy *policy)
{
	return policy->flags;
}

const char *callgate_policy_listener_path(const struct callgate_policy *policy)
{
	return policy->listener_path;
}
