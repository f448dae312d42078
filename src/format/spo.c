// SPDX-License-Identifier: MIT
/*
 * YAML: a SeccompProfile resource of the Security Profiles Operator, alone or among
 * others of a stream.
 *
 * A profile may name another one to which it adds. That other one lives in a cluster
 * or a registry, so it is refused here.
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

/* Says why the object under `spec` is not the whole profile. */
static void check_spec(struct import *import, const struct tree *spec)
{
	const struct tree *base = tree_member(spec, "baseProfileName");
	const struct tree *state = tree_member(spec, "state");
	const struct tree *disabled = tree_member(spec, "disabled");

	if (text_of(base).len > 0)
		report_error(import->report, "base-profile", base->span,
			     "put the rules of that profile into this one",
			     "this profile adds to '%.*s', which is not at hand",
			     STR_ARG(base->text));
	if (str_is(text_of(state), "Disabled") ||
	    (disabled && str_is(disabled->text, "true")))
		import_doubt(import, "disabled", spec->key_span, NULL,
			     "this profile is disabled: the operator passes over it");
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
	check_spec(import, spec);
	return spec;
}
