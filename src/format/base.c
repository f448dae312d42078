// SPDX-License-Identifier: MIT
/*
 * baseProfileName: the profile to which a SeccompProfile adds, and the one to which
 * that adds, as the operator merges them.
 *
 * A base gives its calls alone; default action, architectures and flags stay those of
 * the profile. Of rules on one call the more lenient one comes first, wherever it is
 * from, for it is the one that counts.
 *
 * Nothing is fetched from a registry: texts come from the profile's own stream, the
 * caller's list, or a file beside.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "format/profile.h"

/* One profile and where it is. */
struct based {
	struct import_text *text;
	const struct tree *spec;
};

/* A reference on its way to a profile. */
struct lookup {
	struct import *import;
	struct import_text *from;
	const struct tree *reference;
	struct str names[2]; /* by which it may be called */
};

/* --- texts ------------------------------------------------------------------------ */

/* The text of that name, if it was read already. */
static struct import_text *find_text(const struct import *import, const char *name)
{
	struct import_text *text = import->texts;

	while (text && strcmp(text->name, name) != 0)
		text = text->next;
	return text;
}

static void free_text(struct import_text *text)
{
	free(text->owned_text);
	free(text->owned_name);
}

void base_texts_done(struct import *import)
{
	for (struct import_text *text = import->texts; text; text = text->next)
		free_text(text);
	import->texts = NULL;
}

/* Reads a text through the caller. NULL: there is none, with a report unless ENOENT. */
static struct import_text *read_text(const struct lookup *lookup, const char *name,
				     const char *from)
{
	struct import *import = lookup->import;
	const struct callgate_reader *reader = import->options->reader;
	struct import_text *text = ARENA_NEW(import->arena, struct import_text), *same;
	int error;

	if (!text)
		return NULL;
	error = reader->read(reader->context, name, from, &text->owned_text,
			     &text->length, &text->owned_name);
	if (error == -ENOMEM)
		import->arena->failed = true;
	else if (error && (error != -ENOENT || !from))
		report_error(import->report, "base-profile", lookup->reference->span,
			     NULL, "cannot read '%s' for this base: %s", name,
			     strerrordesc_np(-error));
	if (error)
		return NULL;
	text->name = text->owned_name ? text->owned_name : name;
	same = find_text(import, text->name);
	if (same) {
		free_text(text);
		return same;
	}
	text->next = import->texts;
	import->texts = text;
	text->root = import_parse(import, text);
	return text;
}

/* --- lookup ----------------------------------------------------------------------- */

static bool find_in(const struct lookup *lookup, struct import_text *text,
		    struct based *ret_based)
{
	for (size_t i = 0; text && text->root && i < 2; i++) {
		const struct tree *spec = spo_named(text->root, lookup->names[i]);

		if (!spec)
			continue;
		*ret_based = (struct based){ text, spec };
		return true;
	}
	return false;
}

static bool find_in_list(const struct lookup *lookup, struct based *ret_based)
{
	struct import *import = lookup->import;
	const char *const *names = import->options->bases;

	for (; import->options->reader && names && *names; names++) {
		struct import_text *text = find_text(import, *names);

		if (!text)
			text = read_text(lookup, *names, NULL);
		if (import->report->errors || find_in(lookup, text, ret_based))
			return true;
	}
	return false;
}

/* A name that leads nowhere but to a file of this folder. */
static bool is_plain(struct str name)
{
	return name.len > 0 && name.ptr[0] != '.' && !memchr(name.ptr, '/', name.len) &&
	       !memchr(name.ptr, 0, name.len);
}

static bool find_beside(const struct lookup *lookup, struct based *ret_based)
{
	static const char *const suffixes[] = { "yaml", "yml" };
	struct import *import = lookup->import;

	for (size_t i = 0; import->options->reader && i < 4; i++) {
		struct str name = lookup->names[i / 2];
		const char *file;

		if (!is_plain(name))
			continue;
		file = report_text(import->report, "%.*s.%s", STR_ARG(name),
				   suffixes[i % 2]);
		if (file && find_in(lookup, read_text(lookup, file, lookup->from->name),
				    ret_based))
			return true;
		if (import->report->errors)
			return true;
	}
	return false;
}

/*
 * "oci://ghcr.io/profiles/runc:v1.4.2" is called "runc-v1.4.2" or "runc"; what is in no
 * registry has its own name alone.
 */
static void name_reference(struct lookup *lookup)
{
	struct str name = lookup->reference->text;
	const char *end, *slash, *colon;
	char *both;

	lookup->names[0] = name;
	if (!str_starts(name, "oci://"))
		return;
	end = memchr(name.ptr, '@', name.len); /* of a digest */
	name.len = end ? (size_t)(end - name.ptr) : name.len;
	slash = memrchr(name.ptr, '/', name.len);
	name.len -= (size_t)(slash + 1 - name.ptr);
	name.ptr = slash + 1;
	both = arena_copy(lookup->import->arena, name);
	colon = memchr(name.ptr, ':', name.len);
	if (!both || !colon) {
		lookup->names[0] = name;
		return;
	}
	both[colon - name.ptr] = '-';
	lookup->names[0] = str_of(both);
	lookup->names[1] = (struct str){ name.ptr, (size_t)(colon - name.ptr) };
}

/* False, with a report: it is not at hand, or broken. */
static bool find_base(struct lookup *lookup, struct based *ret_based)
{
	struct report *report = lookup->import->report;
	const struct tree *reference = lookup->reference;

	name_reference(lookup);
	*ret_based = (struct based){ 0 };
	if (find_in(lookup, lookup->from, ret_based) ||
	    find_in_list(lookup, ret_based) || find_beside(lookup, ret_based))
		return ret_based->spec != NULL;
	report_error(report, "base-profile", reference->span,
		     report_text(report,
				 "put it beside this one as %.*s.yaml, or say which "
				 "file it is in (--base FILE)",
				 STR_ARG(lookup->names[0])),
		     "this profile adds to '%.*s', which is not at hand",
		     STR_ARG(reference->text));
	return false;
}

/* --- merging ---------------------------------------------------------------------- */

/* The rules in the order of their actions, the lenient ones first. */
static void order_rules(struct profile *profile)
{
	static const uint32_t actions[] = {
		SECCOMP_RET_ALLOW,	SECCOMP_RET_LOG,	  SECCOMP_RET_TRACE,
		SECCOMP_RET_USER_NOTIF, SECCOMP_RET_ERRNO,	  SECCOMP_RET_TRAP,
		SECCOMP_RET_KILL,	SECCOMP_RET_KILL_PROCESS,
	};
	struct profile_rule *left = profile->rules, **tail = &profile->rules;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct profile_rule **at = &left;

		while (*at) {
			struct profile_rule *rule = *at;

			if (rule->action.name->verdict != actions[i]) {
				at = &rule->next;
				continue;
			}
			*at = rule->next;
			*tail = rule;
			tail = &rule->next;
		}
	}
	*tail = NULL;
}

static void append_rules(struct profile *profile, struct profile_rule *rules)
{
	struct profile_rule **tail = &profile->rules;

	while (*tail)
		tail = &(*tail)->next;
	*tail = rules;
}

/* False, with a report: the reference leads back, or too far. */
static bool may_follow(struct import *import, const struct tree *reference,
		       const struct based *chain, size_t count)
{
	const struct tree *spec = chain[count - 1].spec;

	for (size_t i = 0; i + 1 < count; i++) {
		if (chain[i].spec != spec)
			continue;
		report_error(import->report, "base-loop", reference->span,
			     "a profile cannot add to itself, on whatever way",
			     "'%.*s' is what adds to this profile already",
			     STR_ARG(reference->text));
		return false;
	}
	if (count <= BASE_DEPTH)
		return true;
	report_error(import->report, "base-depth", reference->span, NULL,
		     "more than %d profiles upon each other: the operator refuses "
		     "that",
		     BASE_DEPTH);
	return false;
}

void base_merge(struct import *import, const struct tree *spec, struct profile *profile)
{
	struct based chain[BASE_DEPTH + 2] = { { import->texts, spec } };
	const struct tree *reference;
	size_t count = 1;

	while ((reference = spo_base(chain[count - 1].spec))) {
		struct lookup lookup = {
			import, chain[count - 1].text, reference, { { 0 } }
		};
		struct profile base = { 0 };

		if (!find_base(&lookup, &chain[count]) ||
		    !may_follow(import, reference, chain, ++count) ||
		    !profile_read(import, chain[count - 1].spec, &base) ||
		    import->report->errors)
			return;
		append_rules(profile, base.rules);
	}
	if (count > 1)
		order_rules(profile);
}
