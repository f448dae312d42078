// SPDX-License-Identifier: MIT
/*
 * Profile → text, in JSON and YAML. Jansson's integers have a sign, so JSON is written
 * here. Names of calls and constants need no escape; texts of the user do.
 */
#include "format/profile.h"

static void put_escaped(struct buffer *text, const char *value)
{
	buffer_text(text, "\"");
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (c == '"' || c == '\\')
			buffer_printf(text, "\\%c", c);
		else if (c < 0x20)
			buffer_printf(text, "\\u%04x", c);
		else
			buffer_put(text, value, 1);
	}
	buffer_text(text, "\"");
}

/* --- JSON ------------------------------------------------------------------------- */

/* `"name", "name"`, wrapped. */
static void put_names(struct buffer *text, const struct profile_name *names)
{
	size_t column = 0;

	for (; names; names = names->next) {
		if (column + names->name.len > 70) {
			buffer_text(text, "\n\t\t\t\t");
			column = 0;
		} else if (column) {
			buffer_text(text, " ");
		}
		column += names->name.len + 4;
		buffer_printf(text, "\"%.*s\"%s", STR_ARG(names->name),
			      names->next ? "," : "");
	}
}

static void put_argument(struct buffer *text, const struct profile_argument *argument)
{
	buffer_printf(text,
		      "\n\t\t\t\t{ \"index\": %u, \"op\": \"%s\", \"value\": %llu",
		      (unsigned)argument->index, argument->operator->name,
		      (unsigned long long)argument->value);
	if (argument->operator->operator== PROFILE_MASKED_EQ)
		buffer_printf(text, ", \"valueTwo\": %llu",
			      (unsigned long long)argument->value_two);
	buffer_printf(text, " }%s", argument->next ? "," : "");
}

static void put_rule(struct buffer *text, const struct profile_rule *rule)
{
	buffer_text(text, "\n\t\t{\n\t\t\t\"names\": [\n\t\t\t\t");
	put_names(text, rule->names);
	buffer_printf(text, "\n\t\t\t],\n\t\t\t\"action\": \"%s\"",
		      rule->action.name->name);
	if (rule->action.has_errno)
		buffer_printf(text, ",\n\t\t\t\"errnoRet\": %u", rule->action.number);
	if (rule->arguments) {
		buffer_text(text, ",\n\t\t\t\"args\": [");
		for (const struct profile_argument *argument = rule->arguments;
		     argument; argument = argument->next)
			put_argument(text, argument);
		buffer_text(text, "\n\t\t\t]");
	}
	buffer_printf(text, "\n\t\t}%s", rule->next ? "," : "");
}

static void put_text_field(struct buffer *text, const char *name, const char *value)
{
	if (!value)
		return;
	buffer_printf(text, ",\n\t\"%s\": ", name);
	put_escaped(text, value);
}

static void put_flags(struct buffer *text, uint32_t flags)
{
	const char *separator = "";

	if (!flags)
		return;
	buffer_text(text, ",\n\t\"flags\": [");
	for (const struct flag_name *row = flag_names; row->name; row++) {
		if (!(flags & row->flag))
			continue;
		buffer_printf(text, "%s\"%s\"", separator, row->name);
		separator = ", ";
	}
	buffer_text(text, "]");
}

void profile_write_oci(const struct profile *profile, struct buffer *ret_text)
{
	buffer_printf(ret_text, "{\n\t\"defaultAction\": \"%s\"",
		      profile->action.name->name);
	if (profile->action.has_errno)
		buffer_printf(ret_text, ",\n\t\"defaultErrnoRet\": %u",
			      profile->action.number);
	buffer_text(ret_text, ",\n\t\"architectures\": [");
	for (const struct profile_arch *arch = profile->arches; arch; arch = arch->next)
		buffer_printf(ret_text, "\"%s\"%s", arch->arch->name,
			      arch->next ? ", " : "");
	buffer_text(ret_text, "]");
	put_flags(ret_text, profile->flags);
	put_text_field(ret_text, "listenerPath", profile->listener_path);
	put_text_field(ret_text, "listenerMetadata", profile->listener_metadata);
	buffer_text(ret_text, ",\n\t\"syscalls\": [");
	for (const struct profile_rule *rule = profile->rules; rule; rule = rule->next)
		put_rule(ret_text, rule);
	buffer_printf(ret_text, "%s]\n}\n", profile->rules ? "\n\t" : "");
}

/* --- YAML ------------------------------------------------------------------------- */

static void put_yaml_rule(struct buffer *text, const struct profile_rule *rule)
{
	buffer_printf(text, "  - action: %s\n", rule->action.name->name);
	if (rule->action.has_errno)
		buffer_printf(text, "    errnoRet: %u\n", rule->action.number);
	buffer_text(text, "    names:\n");
	for (const struct profile_name *name = rule->names; name; name = name->next)
		buffer_printf(text, "    - %.*s\n", STR_ARG(name->name));
	if (rule->arguments)
		buffer_text(text, "    args:\n");
	for (const struct profile_argument *argument = rule->arguments; argument;
	     argument = argument->next) {
		buffer_printf(text,
			      "    - index: %u\n      op: %s\n      value: %llu\n",
			      (unsigned)argument->index, argument->operator->name,
			      (unsigned long long)argument->value);
		if (argument->operator->operator== PROFILE_MASKED_EQ)
			buffer_printf(text, "      valueTwo: %llu\n",
				      (unsigned long long)argument->value_two);
	}
}

static void put_yaml_flags(struct buffer *text, uint32_t flags)
{
	if (flags)
		buffer_text(text, "  flags:\n");
	for (const struct flag_name *row = flag_names; row->name; row++)
		if (flags & row->flag)
			buffer_printf(text, "  - %s\n", row->name);
}

static void put_yaml_field(struct buffer *text, const char *name, const char *value)
{
	if (!value)
		return;
	buffer_printf(text, "%s: ", name);
	put_escaped(text, value);
	buffer_text(text, "\n");
}

void profile_write_spo(const struct profile *profile, const char *name,
		       struct buffer *ret_text)
{
	buffer_text(ret_text, "apiVersion: security-profiles-operator.x-k8s.io/v1\n"
			      "kind: SeccompProfile\nmetadata:\n");
	put_yaml_field(ret_text, "  name", name);
	buffer_printf(ret_text, "spec:\n  defaultAction: %s\n  architectures:\n",
		      profile->action.name->name);
	for (const struct profile_arch *arch = profile->arches; arch; arch = arch->next)
		buffer_printf(ret_text, "  - %s\n", arch->arch->name);
	put_yaml_flags(ret_text, profile->flags);
	put_yaml_field(ret_text, "  listenerPath", profile->listener_path);
	put_yaml_field(ret_text, "  listenerMetadata", profile->listener_metadata);
	if (profile->rules)
		buffer_text(ret_text, "  syscalls:\n");
	for (const struct profile_rule *rule = profile->rules; rule; rule = rule->next)
		put_yaml_rule(ret_text, rule);
}
