// SPDX-License-Identifier: MIT
/*
 * Tree → profile: the fields of `linux.seccomp`, those that the container engines'
 * templates add, and the old form with a single `name`.
 *
 * Looks at one field at a time; what the profile means as a whole is lower.c's.
 */
#include <errno.h>

#include "format/profile.h"

#define ERRNO_MAX 4095 /* kernel/seccomp.c cuts what is above */

uint32_t profile_verdict(const struct profile_action *action)
{
	if (!action->name->has_number)
		return action->name->verdict;
	return action->name->verdict | (action->has_errno ? action->number : EPERM);
}

/* --- actions ---------------------------------------------------------------------- */

static void read_action(struct import *import, const struct tree *value,
			struct profile_action *action)
{
	action->name = fields_name(import, value, action_names, sizeof(*action->name),
				   "action");
	action->span = value->span;
}

/* errnoRet beside the name of an errno: the name was read first or will win. */
static void read_errno_number(struct import *import, const struct tree *value,
			      struct profile_action *action)
{
	uint64_t number;

	if (!fields_number(import, value, UINT16_MAX, &number))
		return;
	if (action->has_errno && action->number != number)
		import_doubt(import, "errno-twice", value->span, NULL,
			     "two different errnos are given: the name counts");
	else
		action->number = (uint16_t)number;
	action->has_errno = true;
	action->errno_span = value->span;
}

static void read_errno_name(struct import *import, const struct tree *value,
			    struct profile_action *action)
{
	uint16_t number;

	if (value->text.len == 0)
		return;
	if (!errno_by_name(value->text, import->machine, &number)) {
		report_error(import->report, "unknown-errno", value->span, NULL,
			     "'%.*s' is no errno", STR_ARG(value->text));
		return;
	}
	if (action->has_errno && action->number != number)
		import_doubt(import, "errno-twice", value->span, NULL,
			     "two different errnos are given: the name counts");
	action->has_errno = true;
	action->number = number;
	action->errno_span = value->span;
}

static void check_action(struct import *import, const struct profile_action *action)
{
	if (!action->name || !action->has_errno)
		return;
	if (!action->name->has_number)
		import_doubt(import, "errno-unused", action->errno_span, NULL,
			     "%s has no errno: this number has no effect",
			     action->name->name);
	else if (action->name->verdict == SECCOMP_RET_ERRNO &&
		 action->number > ERRNO_MAX)
		report_error(import->report, "bad-number", action->errno_span, NULL,
			     "an errno is at most %d", ERRNO_MAX);
}

/* --- arguments -------------------------------------------------------------------- */

static void read_index(struct import *import, const struct tree *value, void *target)
{
	struct profile_argument *argument = target;

	fields_number(import, value, PROFILE_ARGUMENTS - 1, &argument->index);
}

/* The operator's values are signed integers that must not be negative. */
static uint64_t value_max(const struct import *import)
{
	return import->dialect == DIALECT_SPO ? INT64_MAX : UINT64_MAX;
}

static void read_value(struct import *import, const struct tree *value, void *target)
{
	struct profile_argument *argument = target;

	fields_number(import, value, value_max(import), &argument->value);
}

static void read_value_two(struct import *import, const struct tree *value,
			   void *target)
{
	struct profile_argument *argument = target;

	fields_number(import, value, value_max(import), &argument->value_two);
}

static void read_operator(struct import *import, const struct tree *value, void *target)
{
	struct profile_argument *argument = target;

	argument->operator= fields_name(import, value, operator_names,
					sizeof(struct operator_name), "operator");
}

static const struct field argument_fields[] = {
	{ "index", TREE_NUMBER, read_index },
	{ "value", TREE_NUMBER, read_value },
	{ "valueTwo", TREE_NUMBER, read_value_two },
	{ "op", TREE_STRING, read_operator },
	{ 0 },
};

/* Neither there nor reported for what it is. */
static bool is_missing(const struct tree *object, const char *key)
{
	const struct tree *member = tree_member(object, key);

	return !member || member->kind == TREE_NULL;
}

static void check_argument(struct import *import, const struct tree *object,
			   const struct profile_argument *argument)
{
	if (is_missing(object, "op"))
		report_error(import->report, "missing-field", object->span, NULL,
			     "a condition needs 'op'");
	else if (argument->operator&& argument->value_two != 0 && argument->operator->
		 operator!= PROFILE_MASKED_EQ)
		import_doubt(import, "value-two-unused", object->span, NULL,
			     "%s has one value: 'valueTwo' has no effect",
			     argument->operator->name);
	if (is_missing(object, "index"))
		import_doubt(import, "missing-field", object->span, NULL,
			     "a condition needs 'index': the runtimes take 0");
	if (is_missing(object, "value"))
		import_doubt(import, "missing-value", object->span, NULL,
			     "a condition needs 'value': the runtimes take 0");
}

static void read_arguments(struct import *import, const struct tree *array,
			   void *target)
{
	struct profile_rule *rule = target;
	struct profile_argument **tail = &rule->arguments;

	for (const struct tree *item = array->first; item; item = item->next) {
		if (!fields_expect(import, item, TREE_OBJECT))
			continue;
		*tail = ARENA_NEW(import->arena, struct profile_argument);
		if (!*tail)
			return;
		(*tail)->span = item->span;
		fields_read(import, item, argument_fields, *tail);
		check_argument(import, item, *tail);
		tail = &(*tail)->next;
	}
}

/* --- syscalls --------------------------------------------------------------------- */

static void add_name(struct import *import, const struct tree *value,
		     struct profile_name ***tail)
{
	struct profile_name *name;

	if (!fields_expect(import, value, TREE_STRING))
		return;
	name = ARENA_NEW(import->arena, struct profile_name);
	if (!name)
		return;
	name->name = value->text;
	name->span = value->span;
	**tail = name;
	*tail = &name->next;
}

static void refuse_both(struct import *import, const struct tree *value,
			const char *one, const char *other)
{
	report_error(import->report, "both-given", value->key_span, NULL,
		     "'%s' and '%s' are both given: the engines take one of them", one,
		     other);
}

static void read_names(struct import *import, const struct tree *array, void *target)
{
	struct profile_rule *rule = target;
	struct profile_name **tail = &rule->names;

	if (rule->names) {
		refuse_both(import, array, "name", "names");
		return;
	}
	for (const struct tree *item = array->first; item; item = item->next)
		add_name(import, item, &tail);
}

static void read_name(struct import *import, const struct tree *value, void *target)
{
	struct profile_rule *rule = target;
	struct profile_name **tail = &rule->names;

	if (value->text.len == 0)
		return;
	if (rule->names)
		refuse_both(import, value, "name", "names");
	else
		add_name(import, value, &tail);
}

static void read_rule_action(struct import *import, const struct tree *value,
			     void *target)
{
	struct profile_rule *rule = target;

	read_action(import, value, &rule->action);
}

static void read_rule_errno(struct import *import, const struct tree *value,
			    void *target)
{
	struct profile_rule *rule = target;

	read_errno_number(import, value, &rule->action);
}

static void read_rule_errno_name(struct import *import, const struct tree *value,
				 void *target)
{
	struct profile_rule *rule = target;

	read_errno_name(import, value, &rule->action);
}

static const struct field rule_fields[] = {
	{ "names", TREE_ARRAY, read_names },
	{ "action", TREE_STRING, read_rule_action },
	{ "errnoRet", TREE_NUMBER, read_rule_errno },
	{ "args", TREE_ARRAY, read_arguments },
	{ "name", TREE_STRING, read_name, DIALECT_TEMPLATE },
	{ "comment", TREE_STRING, NULL, DIALECT_TEMPLATE },
	{ "includes", TREE_OBJECT, NULL, DIALECT_TEMPLATE }, /* moby_applies() */
	{ "excludes", TREE_OBJECT, NULL, DIALECT_TEMPLATE },
	{ "errno", TREE_STRING, read_rule_errno_name, DIALECT_TEMPLATE },
	{ 0 },
};

/* Something stands for names: if it is none, that is reported. */
static bool has_names(const struct tree *object)
{
	const struct tree *names = tree_member(object, "names");

	return names && (names->kind == TREE_ARRAY ? names->first != NULL
						   : names->kind != TREE_NULL);
}

static void check_rule(struct import *import, const struct tree *object,
		       struct profile_rule *rule)
{
	if (is_missing(object, "action"))
		report_error(import->report, "missing-field", object->span, NULL,
			     "an element of 'syscalls' needs 'action'");
	if (!rule->names && !has_names(object))
		report_error(import->report, "missing-names", object->span, NULL,
			     "an element of 'syscalls' needs 'names', at least one");
	check_action(import, &rule->action);
}

static void read_rules(struct import *import, const struct tree *array, void *target)
{
	struct profile *profile = target;
	struct profile_rule **tail = &profile->rules, *rule;

	for (const struct tree *item = array->first; item; item = item->next) {
		rule = ARENA_NEW(import->arena, struct profile_rule);
		if (!rule)
			return;
		rule->span = item->span;
		fields_read(import, item, rule_fields, rule);
		if (item->kind != TREE_OBJECT)
			continue;
		check_rule(import, item, rule);
		if (import->dialect == DIALECT_TEMPLATE && !moby_applies(import, item))
			continue;
		*tail = rule;
		tail = &rule->next;
	}
}

/* --- the whole -------------------------------------------------------------------- */

static void read_default_action(struct import *import, const struct tree *value,
				void *target)
{
	struct profile *profile = target;

	read_action(import, value, &profile->action);
}

static void read_default_errno(struct import *import, const struct tree *value,
			       void *target)
{
	struct profile *profile = target;

	read_errno_number(import, value, &profile->action);
}

static void read_default_errno_name(struct import *import, const struct tree *value,
				    void *target)
{
	struct profile *profile = target;

	read_errno_name(import, value, &profile->action);
}

static const struct arch_name *read_arch(struct import *import,
					 const struct tree *value)
{
	if (value->kind == TREE_STRING && str_is(value->text, arch_native_name.name))
		return arch_of_abi(import->machine);
	return fields_name(import, value, arch_names, sizeof(struct arch_name),
			   "architecture");
}

static void read_architectures(struct import *import, const struct tree *array,
			       void *target)
{
	struct profile *profile = target;
	struct profile_arch **tail = &profile->arches;

	for (const struct tree *item = array->first; item; item = item->next) {
		const struct arch_name *arch = read_arch(import, item);

		if (!arch)
			continue;
		*tail = ARENA_NEW(import->arena, struct profile_arch);
		if (!*tail)
			return;
		(*tail)->arch = arch;
		(*tail)->span = item->span;
		tail = &(*tail)->next;
	}
}

static void read_arch_map(struct import *import, const struct tree *array, void *target)
{
	moby_read_arch_map(import, array, target);
}

static void read_flags(struct import *import, const struct tree *array, void *target)
{
	struct profile *profile = target;

	for (const struct tree *item = array->first; item; item = item->next) {
		const struct flag_name *flag =
			fields_name(import, item, flag_names, sizeof(*flag), "flag");

		if (flag)
			profile->flags |= flag->flag;
	}
}

static void read_listener_path(struct import *import, const struct tree *value,
			       void *target)
{
	struct profile *profile = target;

	profile->listener_path = arena_copy(import->arena, value->text);
	profile->listener_span = value->span;
}

static void read_listener_metadata(struct import *import, const struct tree *value,
				   void *target)
{
	struct profile *profile = target;

	profile->listener_metadata = arena_copy(import->arena, value->text);
	profile->metadata_span = value->span;
}

static const struct field profile_fields[] = {
	{ "defaultAction", TREE_STRING, read_default_action },
	{ "defaultErrnoRet", TREE_NUMBER, read_default_errno,
	  DIALECT_RUNTIME | DIALECT_TEMPLATE },
	{ "architectures", TREE_ARRAY, read_architectures },
	{ "flags", TREE_ARRAY, read_flags },
	{ "listenerPath", TREE_STRING, read_listener_path },
	{ "listenerMetadata", TREE_STRING, read_listener_metadata },
	{ "syscalls", TREE_ARRAY, read_rules },
	{ "archMap", TREE_ARRAY, read_arch_map, DIALECT_TEMPLATE },
	{ "defaultErrno", TREE_STRING, read_default_errno_name, DIALECT_TEMPLATE },
	{ "baseProfileName", TREE_STRING, NULL, DIALECT_SPO }, /* base.c */
	{ "state", TREE_STRING, NULL, DIALECT_SPO },
	{ "disabled", TREE_BOOL, NULL, DIALECT_SPO },
	{ 0 },
};

static bool is_given(const struct tree *object, const char *key)
{
	const struct tree *member = tree_member(object, key);

	return member && member->kind == TREE_ARRAY && member->first;
}

bool profile_read(struct import *import, const struct tree *object,
		  struct profile *ret_profile)
{
	fields_read(import, object, profile_fields, ret_profile);
	if (object->kind != TREE_OBJECT)
		return false;
	if (import->dialect == DIALECT_TEMPLATE && is_given(object, "archMap") &&
	    is_given(object, "architectures"))
		refuse_both(import, tree_member(object, "archMap"), "architectures",
			    "archMap");
	if (is_missing(object, "defaultAction"))
		report_error(import->report, "missing-field", object->span, NULL,
			     "a profile needs 'defaultAction'");
	check_action(import, &ret_profile->action);
	return ret_profile->action.name != NULL;
}
