// SPDX-License-Identifier: MIT
/*
 * Facts for programs: the same as facts.c has for people. The keys are documented in
 * callgate-syscall(1) and stay.
 */
#include <stdio.h>

#include "callgate.h"
#include "cli.h"
#include "facts.h"
#include "output.h"

static json_t *since_json(uint16_t since)
{
	return since ? json_sprintf("%u.%u", since / 256u, since % 256u) : json_null();
}

static json_t *argument_json(const struct callgate_argument *argument)
{
	return json_pack("{s:o, s:o, s:o, s:i, s:b, s:b}", "name",
			 json_text(argument->name), "type", json_text(argument->type),
			 "family", json_text(argument->family), "bits",
			 (int)argument->bits, "signed", (int)argument->is_signed,
			 "pointer", (int)argument->is_pointer);
}

static json_t *entry_json(const char *abi, const struct callgate_syscall *call)
{
	json_t *arguments = NULL;

	if (call->has_prototype)
		arguments = cli_need(json_array());
	for (unsigned i = 0; arguments && i < call->argument_count; i++)
		json_array_append_new(arguments, argument_json(&call->arguments[i]));
	return cli_need(json_pack("{s:s, s:I, s:o, s:o, s:o, s:o}", "abi", abi,
				  "number", (json_int_t)call->number, "since",
				  since_json(call->since), "arguments",
				  arguments ? arguments : json_null(), "multiplexer",
				  json_text(call->multiplexer), "selector",
				  call->multiplexer ? json_integer(call->selector)
						    : json_null()));
}

static json_t *groups_of(size_t syscall)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < callgate_group_count(); i++) {
		if (facts_group_has(i, syscall))
			json_array_append_new(list, json_text(callgate_group_name(i)));
	}
	return list;
}

json_t *facts_json_syscall(size_t syscall, const struct abi_choice *abis)
{
	json_t *entries = cli_need(json_array());
	struct callgate_syscall call;

	for (size_t i = 0; i < abis->count; i++) {
		size_t abi = abis->indices[i];

		if (callgate_syscall_on(syscall, abi, &call))
			json_array_append_new(entries,
					      entry_json(facts_abi_name(abi), &call));
	}
	return cli_need(json_pack("{s:o, s:o, s:o, s:o}", "syscall",
				  json_text(callgate_syscall_name(syscall)), "help",
				  json_text(callgate_syscall_help(syscall)), "groups",
				  groups_of(syscall), "abis", entries));
}

json_t *facts_json_number(size_t number, const struct abi_choice *abis)
{
	json_t *list = cli_need(json_array());
	struct callgate_syscall call;

	for (size_t i = 0; i < abis->count; i++) {
		size_t abi = abis->indices[i];

		if (callgate_syscall_on(facts_by_number(abi, number), abi, &call))
			json_array_append_new(list,
					      json_pack("{s:s, s:s, s:I}", "abi",
							facts_abi_name(abi), "syscall",
							call.name, "number",
							(json_int_t)call.number));
	}
	return cli_need(json_pack("{s:I, s:o}", "number", (json_int_t)number,
				  "syscalls", list));
}

json_t *facts_json_group(size_t group, const struct abi_choice *abis)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < callgate_group_size(group); i++)
		json_array_append_new(list,
				      facts_json_syscall(callgate_group_member(group,
									       i),
							 abis));
	return cli_need(json_pack("{s:o, s:o, s:o}", "group",
				  json_text(callgate_group_name(group)), "help",
				  json_text(callgate_group_help(group)), "syscalls",
				  list));
}

json_t *facts_json_promise(size_t promise, const struct abi_choice *abis)
{
	(void)abis;
	return cli_need(json_pack("{s:s, s:s, s:s}", "promise",
				  callgate_promise_name(promise), "help",
				  callgate_promise_help(promise), "rules",
				  callgate_promise_text(promise)));
}

json_t *facts_json_constant(size_t constant, const struct abi_choice *abis)
{
	json_t *list = cli_need(json_array());
	uint64_t value;

	for (size_t i = 0; i < abis->count; i++) {
		size_t abi = abis->indices[i];

		if (callgate_constant_value(constant, abi, &value))
			json_array_append_new(list,
					      json_pack("{s:s, s:I}", "abi",
							facts_abi_name(abi), "value",
							(json_int_t)value));
	}
	return cli_need(json_pack("{s:o, s:o, s:o}", "constant",
				  json_text(callgate_constant_name(constant)), "family",
				  json_text(callgate_constant_family(constant)),
				  "values", list));
}

json_t *facts_json_syscalls(const struct abi_choice *abis)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < callgate_syscall_count(); i++)
		json_array_append_new(list, facts_json_syscall(i, abis));
	return cli_need(json_pack("{s:o}", "syscalls", list));
}

json_t *facts_json_groups(const struct abi_choice *abis)
{
	json_t *list = cli_need(json_array()), *promises = cli_need(json_array());

	(void)abis;
	for (size_t i = 0; i < callgate_group_count(); i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:I}", "group",
						callgate_group_name(i), "help",
						callgate_group_help(i), "count",
						(json_int_t)callgate_group_size(i)));
	for (size_t i = 0; i < callgate_promise_count(); i++)
		json_array_append_new(promises,
				      json_pack("{s:s, s:s}", "promise",
						callgate_promise_name(i), "help",
						callgate_promise_help(i)));
	return cli_need(json_pack("{s:o, s:o}", "groups", list, "promises", promises));
}

json_t *facts_json_abis(const struct abi_choice *abis)
{
	json_t *list = cli_need(json_array());
	struct callgate_abi abi;

	(void)abis;
	for (size_t i = 0; callgate_abi_at(i, &abi); i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:i, s:b, s:I, s:b}", "abi",
						abi.name, "bits", (int)abi.bits,
						"big_endian", (int)abi.big_endian,
						"audit_arch",
						(json_int_t)abi.audit_arch, "native",
						i == callgate_abi_native()));
	return cli_need(json_pack("{s:o}", "abis", list));
}
