// SPDX-License-Identifier: MIT
/*
 * YAML: SeccompProfile resources of the Security Profiles Operator, alone or among
 * others of a stream or of a list, as `kubectl get -o yaml` prints it.
 */
#include "base/buffer.h"
#include "format/profile.h"

static struct str text_of(const struct tree *value)
{
	return value && value->kind == TREE_STRING ? value->text : (struct str){ 0 };
}

static bool is_profile(const struct tree *document)
{
	return str_is(text_of(tree_member(document, "kind")), "SeccompProfile");
}

static bool is_list(const struct tree *document)
{
	struct str kind = text_of(tree_member(document, "kind"));

	return str_is(kind, "List") || str_is(kind, "SeccompProfileList");
}

bool spo_is_resource(const struct tree *document)
{
	return is_profile(document) || is_list(document);
}

static void add_copy(struct arena *arena, struct tree ***tail, const struct tree *node)
{
	struct tree *copy = tree_add(arena, tail);

	if (!copy)
		return;
	*copy = *node;
	copy->next = NULL;
}

const struct tree *spo_stream(struct arena *arena, const struct tree *documents)
{
	struct tree *stream = ARENA_NEW(arena, struct tree), **tail;

	if (!stream)
		return NULL;
	stream->kind = TREE_ARRAY;
	tail = &stream->first;
	for (const struct tree *at = documents; at; at = at->next) {
		const struct tree *items =
			is_list(at) ? tree_member(at, "items") : NULL;

		if (!items || items->kind != TREE_ARRAY)
			add_copy(arena, &tail, at);
		else
			for (items = items->first; items; items = items->next)
				add_copy(arena, &tail, items);
	}
	if (documents)
		stream->span = documents->span;
	return stream;
}

static struct str name_of(const struct tree *document)
{
	return text_of(tree_member(tree_member(document, "metadata"), "name"));
}

static bool is_wanted(const struct import *import, const struct tree *document)
{
	const char *wanted = import->options->profile;

	return is_profile(document) && (!wanted || str_is(name_of(document), wanted));
}

static void report_none(struct import *import, const struct tree *root)
{
	const struct tree *document = root->first;
	const struct tree *kind = tree_member(document, "kind");
	struct callgate_span span = document ? document->span : root->span;

	while (document && !is_profile(document))
		document = document->next;
	if (document)
		report_error(import->report, "no-profile", document->span, NULL,
			     "no SeccompProfile here is called '%s'",
			     import->options->profile);
	else if (kind && kind->kind == TREE_STRING)
		report_error(import->report, "no-profile", kind->span, NULL,
			     "expected 'kind: SeccompProfile', found '%.*s'",
			     STR_ARG(kind->text));
	else
		report_error(import->report, "no-profile", span, NULL,
			     "this is no SeccompProfile resource");
}

static void report_several(struct import *import, const struct tree *document)
{
	struct buffer names = { 0 };

	for (const struct tree *other = document; other; other = other->next)
		if (is_profile(other))
			buffer_printf(&names, "%s%.*s", other == document ? "" : ", ",
				      STR_ARG(name_of(other)));
	report_error(import->report, "several-profiles", document->span,
		     "say which one (--profile NAME)",
		     "there are several profiles here: %s",
		     names.data ? names.data : "");
	buffer_done(&names);
}

#define API_GROUP "security-profiles-operator.x-k8s.io/"

static void check_document(struct import *import, const struct tree *document,
			   const struct tree *spec)
{
	const struct tree *version = tree_member(document, "apiVersion");
	const struct tree *state = tree_member(spec, "state");
	const struct tree *disabled = tree_member(spec, "disabled");

	if (version && !str_starts(text_of(version), API_GROUP))
		import_doubt(import, "unknown-version", version->span,
			     "write apiVersion: " API_GROUP "v1",
			     "this is no SeccompProfile of the operator");
	if (text_of(state).len && !str_is(text_of(state), "Enabled") &&
	    !str_is(text_of(state), "Disabled"))
		report_error(import->report, "unknown-name", state->span,
			     "write Enabled or Disabled", "'%.*s' is no state",
			     STR_ARG(state->text));
	if (str_is(text_of(state), "Disabled") ||
	    (disabled && str_is(disabled->text, "true")))
		import_doubt(import, "disabled", spec->key_span, NULL,
			     "this profile is disabled: the operator passes over it");
}

const struct tree *spo_base(const struct tree *spec)
{
	const struct tree *base = tree_member(spec, "baseProfileName");

	return text_of(base).len > 0 ? base : NULL;
}

const struct tree *spo_named(const struct tree *root, struct str name)
{
	const struct tree *document = root->first;

	while (document &&
	       !(is_profile(document) && str_equal(name_of(document), name)))
		document = document->next;
	return document && name.len ? tree_member(document, "spec") : NULL;
}

const struct tree *spo_find(struct import *import, const struct tree *root)
{
	const struct tree *document = root->first, *other, *spec;

	import->dialect = DIALECT_SPO;
	while (document && !is_wanted(import, document))
		document = document->next;
	if (!document) {
		report_none(import, root);
		return NULL;
	}
	other = document->next;
	while (other && !is_wanted(import, other))
		other = other->next;
	if (other) {
		report_several(import, document);
		return NULL;
	}
	spec = tree_member(document, "spec");
	if (!spec) {
		report_error(import->report, "missing-field", document->span, NULL,
			     "a SeccompProfile needs 'spec'");
		return NULL;
	}
	check_document(import, document, spec);
	return spec;
}
