// SPDX-License-Identifier: MIT
/*
 * What the container engines' templates add to the format: which machine a rule is for
 * (includes, excludes) and architectures by machine (archMap). Resolved for the
 * machine, capabilities and kernel of the import options.
 *
 * A rule applies when all of its includes hold and none of its excludes does; of
 * excludes each single capability counts, of includes all of them together.
 */
#include "format/profile.h"

struct filter {
	bool has_arches, arch_found;
	bool all_capabilities, any_capability;
	bool has_kernel, kernel_reached;
};

static bool has_capability(const struct import *import, struct str name)
{
	const char *const *names = import->options->capabilities;

	for (; names && *names; names++)
		if (str_is(name, *names))
			return true;
	return false;
}

static void read_capabilities(struct import *import, const struct tree *array,
			      void *target)
{
	struct filter *filter = target;

	for (const struct tree *item = array->first; item; item = item->next) {
		bool has;

		if (!fields_expect(import, item, TREE_STRING))
			continue;
		has = has_capability(import, item->text);
		filter->all_capabilities &= has;
		filter->any_capability |= has;
		if (item->text.len < 4 || memcmp(item->text.ptr, "CAP_", 4) != 0)
			import_doubt(import, "unknown-capability", item->span, NULL,
				     "a capability's name begins with CAP_: no process "
				     "has '%.*s'",
				     STR_ARG(item->text));
	}
}

static const struct arch_name *arch_by_engine(struct str name)
{
	for (const struct arch_name *row = arch_names; row->name; row++)
		if (str_is(name, row->engine))
			return row;
	return NULL;
}

static void read_arches(struct import *import, const struct tree *array, void *target)
{
	const struct arch_name *machine = arch_of_abi(import->machine);
	struct filter *filter = target;

	for (const struct tree *item = array->first; item; item = item->next) {
		const struct arch_name *arch;

		if (!fields_expect(import, item, TREE_STRING))
			continue;
		arch = arch_by_engine(item->text);
		filter->has_arches = true;
		filter->arch_found |= arch && arch == machine;
		if (!arch)
			import_doubt(import, "unknown-arch", item->span, NULL,
				     "the engines know no architecture '%.*s'",
				     STR_ARG(item->text));
	}
}

/* "M.N" */
static bool parse_kernel(struct str text, uint64_t *ret_version)
{
	const char *dot = memchr(text.ptr, '.', text.len);
	struct str major = { text.ptr, dot ? (size_t)(dot - text.ptr) : 0 }, minor;
	uint64_t high, low;

	if (!dot)
		return false;
	minor = (struct str){ dot + 1, text.len - major.len - 1 };
	if (str_number(major, &high) || str_number(minor, &low) || high > 255)
		return false;
	*ret_version = high * 256 + (low > 255 ? 255 : low);
	return true;
}

static void read_min_kernel(struct import *import, const struct tree *value,
			    void *target)
{
	struct filter *filter = target;
	uint64_t version;

	if (value->text.len == 0)
		return;
	if (!parse_kernel(value->text, &version)) {
		report_error(import->report, "bad-version", value->span, NULL,
			     "expected a kernel's version such as \"4.8\", found "
			     "\"%.*s\"",
			     STR_ARG(value->text));
		return;
	}
	filter->has_kernel = true;
	filter->kernel_reached = import->kernel >= version;
}

static const struct field filter_fields[] = {
	{ "caps", TREE_ARRAY, read_capabilities },
	{ "arches", TREE_ARRAY, read_arches },
	{ "minKernel", TREE_STRING, read_min_kernel },
	{ 0 },
};

/* False: there is no such member. */
static bool read_filter(struct import *import, const struct tree *rule, const char *key,
			struct filter *ret_filter)
{
	const struct tree *object = tree_member(rule, key);

	*ret_filter = (struct filter){ .all_capabilities = true };
	if (!object || object->kind != TREE_OBJECT)
		return false;
	fields_read(import, object, filter_fields, ret_filter);
	return true;
}

bool moby_applies(struct import *import, const struct tree *rule)
{
	struct filter includes, excludes;

	if (read_filter(import, rule, "excludes", &excludes) &&
	    (excludes.arch_found || excludes.any_capability ||
	     (excludes.has_kernel && excludes.kernel_reached)))
		return false;
	return !read_filter(import, rule, "includes", &includes) ||
	       (includes.all_capabilities &&
		(!includes.has_arches || includes.arch_found) &&
		(!includes.has_kernel || includes.kernel_reached));
}

/* --- archMap ---------------------------------------------------------------------- */

struct arch_entry {
	const struct arch_name *arch;
	struct callgate_span span;
	struct profile_arch *others, **tail;
};

static const struct arch_name *read_arch(struct import *import,
					 const struct tree *value)
{
	return fields_name(import, value, arch_names, sizeof(struct arch_name),
			   "architecture");
}

static void read_map_arch(struct import *import, const struct tree *value, void *target)
{
	struct arch_entry *entry = target;

	entry->arch = read_arch(import, value);
	entry->span = value->span;
}

static void read_map_others(struct import *import, const struct tree *array,
			    void *target)
{
	struct arch_entry *entry = target;

	for (const struct tree *item = array->first; item; item = item->next) {
		const struct arch_name *arch = read_arch(import, item);
		struct profile_arch *other;

		if (!arch)
			continue;
		other = ARENA_NEW(import->arena, struct profile_arch);
		if (!other)
			return;
		other->arch = arch;
		other->span = item->span;
		*entry->tail = other;
		entry->tail = &other->next;
	}
}

static const struct field arch_fields[] = {
	{ "architecture", TREE_STRING, read_map_arch },
	{ "subArchitectures", TREE_ARRAY, read_map_others },
	{ 0 },
};

void moby_read_arch_map(struct import *import, const struct tree *map,
			struct profile *profile)
{
	const struct arch_name *machine = arch_of_abi(import->machine);

	for (const struct tree *item = map->first; item; item = item->next) {
		struct arch_entry entry = { 0 };
		struct profile_arch *first;

		entry.tail = &entry.others;
		fields_read(import, item, arch_fields, &entry);
		if (item->kind == TREE_OBJECT && !tree_member(item, "architecture"))
			report_error(import->report, "missing-field", item->span, NULL,
				     "an element of 'archMap' needs 'architecture'");
		if (!entry.arch || entry.arch != machine || profile->arches)
			continue;
		first = ARENA_NEW(import->arena, struct profile_arch);
		if (!first)
			return;
		*first = (struct profile_arch){ entry.arch, entry.span, entry.others };
		profile->arches = first;
	}
}
