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

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* nobody reads JSON that begins so */

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

static enum callgate_profile_format detect(struct str text)
{
	static const char *const openings[] = {
		"---", "%YAML", "apiVersion:", "kind:", "metadata:", "spec:", "status:"
	};

	if (str_starts(text, BYTE_ORDER_MARK))
		text = (struct str){ text.ptr + 3, text.len - 3 };
	text = skip_comments(text);
	if (str_starts(text, "{") || str_starts(text, "["))
		return CALLGATE_PROFILE_OCI;
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++)
		if (str_starts(text, openings[i]))
			return CALLGATE_PROFILE_SPO;
	return CALLGATE_PROFILE_AUTO;
}

bool callgate_text_is_profile(const char *text, size_t length)
{
	return detect((struct str){ text, length }) != CALLGATE_PROFILE_AUTO;
}

static bool is_sound(struct import *import, const char *name, size_t length)
{
	if (length <= TEXT_MAX)
		return true;
	report_error(import->report, "too-large", SPAN_NONE, NULL,
		     "'%s' is too large: a profile has at most 16 MiB", name);
	import->arena->limited = true;
	return false;
}

static const struct tree *read_stream(struct import *import, struct tree_reader *reader)
{
	const struct tree *root = yaml_read(reader);

	return root ? spo_stream(import->arena, root->first) : NULL;
}

const struct tree *import_parse(struct import *import, const struct import_text *text)
{
	struct tree_reader reader = {
		import->report, import->arena, 0, { text->owned_text, text->length }
	};

	if (!is_sound(import, text->name, text->length))
		return NULL;
	reader.file =
		diag_add_source(import->report->diagnostics, text->name, reader.text);
	return read_stream(import, &reader);
}

/* Makes the text known, for what profiles of it add to. */
static const struct tree *find_spo(struct import *import, const struct tree *stream,
				   const char *name)
{
	struct import_text *text = ARENA_NEW(import->arena, struct import_text);

	if (!stream || !text)
		return NULL;
	text->name = name;
	text->root = stream;
	import->texts = text;
	return spo_find(import, stream);
}

/* A resource may be written as JSON as well. */
static const struct tree *find_in_json(struct import *import, const struct tree *root,
				       const char *name)
{
	if (!spo_is_resource(root))
		return oci_find(import, root);
	return find_spo(import, spo_stream(import->arena, root), name);
}

static const struct tree *find_object(struct import *import, struct tree_reader *reader,
				      const char *name)
{
	enum callgate_profile_format format = import->options->format;
	const struct tree *root;

	if (format == CALLGATE_PROFILE_AUTO)
		format = detect(reader->text);
	if (format == CALLGATE_PROFILE_SPO)
		return find_spo(import, read_stream(import, reader), name);
	root = json_read(reader);
	return root ? find_in_json(import, root, name) : NULL;
}

static const char *keep(struct callgate_policy *policy, const char *text)
{
	return text ? arena_copy(&policy->arena, str_of(text)) : NULL;
}

static void read_text(struct import *import, struct tree_reader *reader,
		      const char *name, struct callgate_policy *policy)
{
	const struct tree *object = find_object(import, reader, name);
	struct profile profile = { 0 };

	if (!object || !profile_read(import, object, &profile) ||
	    import->report->errors || import->arena->failed)
		return;
	if (import->dialect == DIALECT_SPO)
		base_merge(import, object, &profile);
	if (import->report->errors || import->arena->failed)
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

	if (!is_sound(import, name, text.len))
		return;
	reader.file = diag_add_source(import->report->diagnostics, name, text);
	if (!find_machine(import))
		return;
	read_text(import, &reader, name, policy);
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
	base_texts_done(&import);
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
