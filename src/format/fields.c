// SPDX-License-Identifier: MIT
/*
 * Objects by tables of their members: kinds are checked and strangers found in one
 * place. null is a member that is not there.
 */
#include "base/buffer.h"
#include "format/profile.h"

bool fields_expect(struct import *import, const struct tree *value, enum tree_kind kind)
{
	if (value->kind == kind)
		return true;
	report_error(import->report, "wrong-kind", value->span, NULL,
		     "expected %s, found %s", tree_kind_text(kind),
		     tree_kind_text(value->kind));
	return false;
}

static bool is_spoken(const struct import *import, const struct field *field)
{
	return field->dialects == 0 || (field->dialects & import->dialect);
}

static const struct field *find_field(const struct import *import,
				      const struct field *fields, struct str name)
{
	for (; fields->name; fields++)
		if (str_is(name, fields->name) && is_spoken(import, fields))
			return fields;
	return NULL;
}

static void doubt_unknown(struct import *import, const struct tree *member,
			  const struct field *fields)
{
	struct str_nearest nearest = str_nearest_to(member->key);

	for (; fields->name; fields++)
		if (is_spoken(import, fields))
			str_nearest_offer(&nearest, fields->name);
	import_doubt(import, "unknown-field", member->key_span,
		     report_nearest(import->report, &nearest, NULL),
		     "there is no field '%.*s' here: the runtimes pass over it",
		     STR_ARG(member->key));
}

void fields_read(struct import *import, const struct tree *object,
		 const struct field *fields, void *target)
{
	if (!fields_expect(import, object, TREE_OBJECT))
		return;
	for (const struct tree *member = object->first; member; member = member->next) {
		const struct field *field = find_field(import, fields, member->key);

		if (!field)
			doubt_unknown(import, member, fields);
		else if (member->kind != TREE_NULL &&
			 fields_expect(import, member, field->kind) && field->read)
			field->read(import, member, target);
	}
}

bool fields_number(struct import *import, const struct tree *value, uint64_t max,
		   uint64_t *ret_number)
{
	int error;

	if (!fields_expect(import, value, TREE_NUMBER))
		return false;
	error = str_number(value->text, ret_number);
	if (!error && *ret_number <= max)
		return true;
	report_error(import->report, "bad-number", value->span, NULL,
		     "expected a whole number from 0 to %llu, found %.*s",
		     (unsigned long long)max, STR_ARG(value->text));
	return false;
}

static const char *row_name(const void *row)
{
	return *(const char *const *)row;
}

const void *fields_name(struct import *import, const struct tree *value,
			const void *rows, size_t size, const char *what)
{
	struct str_nearest nearest;
	const char *row;

	if (!fields_expect(import, value, TREE_STRING))
		return NULL;
	for (row = rows; row_name(row); row += size)
		if (str_is(value->text, row_name(row)))
			return row;
	nearest = str_nearest_to(value->text);
	for (row = rows; row_name(row); row += size)
		str_nearest_offer(&nearest, row_name(row));
	report_error(import->report, "unknown-name", value->span,
		     report_nearest(import->report, &nearest, NULL), "'%.*s' is no %s",
		     STR_ARG(value->text), what);
	return NULL;
}
