// SPDX-License-Identifier: MIT
/*
 * Facts for people: each kind of thing that can be looked up as a small table.
 */
#include "facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "callgate.h"
#include "cli.h"
#include "output.h"

#define X32_BASE 0x40000000u

const char *facts_abi_name(size_t index)
{
	struct callgate_abi abi;

	return callgate_abi_at(index, &abi) ? abi.name : NULL;
}

size_t facts_by_number(size_t abi, uint64_t number)
{
	size_t found = CALLGATE_NONE;

	if (number > UINT32_MAX)
		return CALLGATE_NONE;
	found = callgate_syscall_by_number(abi, (uint32_t)number);
	if (found == CALLGATE_NONE && number < X32_BASE)
		found = callgate_syscall_by_number(abi, (uint32_t)number + X32_BASE);
	return found;
}

bool facts_group_has(size_t group, size_t syscall)
{
	for (size_t i = 0; i < callgate_group_size(group); i++) {
		if (callgate_group_member(group, i) == syscall)
			return true;
	}
	return false;
}

/* --- cells ------------------------------------------------------------------------ */

static void heading(struct table *table, const char *const *words)
{
	table_row(table);
	for (; *words; words++)
		table_cell(table, "%s", *words);
}

#define HEADING(table, ...) heading(table, (const char *const[]){ __VA_ARGS__, NULL })

/* A number as a filter sees it; that of x32 also without its bit. */
static void number_cell(struct table *table, uint32_t number)
{
	if (number >= X32_BASE)
		table_cell(table, "0x%08" PRIx32 " (%" PRIu32 ")", number,
			   number - X32_BASE);
	else
		table_cell(table, "%" PRIu32, number);
}

static void since_cell(struct table *table, uint16_t since)
{
	if (since)
		table_cell(table, "%u.%u", since / 256u, since % 256u);
	else
		table_cell(table, "always");
}

/* "int socket(int family, …)" without the return type, which filters never see. */
static void print_prototype(const struct callgate_syscall *call)
{
	printf("%s(", call->name);
	for (unsigned i = 0; i < call->argument_count; i++) {
		const char *type = call->arguments[i].type;
		size_t length = strlen(type);
		bool is_tight = length && type[length - 1] == '*';

		printf("%s%s%s%s", i ? ", " : "", type, is_tight ? "" : " ",
		       call->arguments[i].name);
	}
	puts(")");
}

/* --- one system call -------------------------------------------------------------- */

static void print_groups_of(size_t syscall)
{
	const char *separator = "in ";

	for (size_t i = 0; i < callgate_group_count(); i++) {
		if (!facts_group_has(i, syscall))
			continue;
		printf("%s%s", separator, callgate_group_name(i));
		separator = ", ";
	}
	if (*separator == ',')
		putchar('\n');
}

static void print_arguments(const struct callgate_syscall *call)
{
	struct table table = { 0 };

	HEADING(&table, "ARGUMENT", "TYPE", "BITS", "TAKES");
	for (unsigned i = 0; i < call->argument_count; i++) {
		const struct callgate_argument *argument = &call->arguments[i];

		table_row(&table);
		table_cell(&table, "%s", argument->name);
		table_cell(&table, "%s", argument->type);
		table_cell(&table, "%u%s", argument->bits,
			   argument->is_signed ? " signed" : "");
		if (argument->is_pointer)
			table_cell(&table, "a pointer: filters cannot look behind it");
		else if (argument->family)
			table_cell(&table, "%s", argument->family);
	}
	putchar('\n');
	table_print(&table);
}

static void print_numbers(size_t syscall, const struct abi_choice *abis)
{
	struct table table = { 0 };
	struct callgate_syscall call;

	HEADING(&table, "ABI", "NUMBER", "SINCE", "ALSO");
	for (size_t i = 0; i < abis->count; i++) {
		table_row(&table);
		table_cell(&table, "%s", facts_abi_name(abis->indices[i]));
		if (!callgate_syscall_on(syscall, abis->indices[i], &call)) {
			table_cell(&table, "none");
			continue;
		}
		number_cell(&table, call.number);
		since_cell(&table, call.since);
		if (call.multiplexer)
			table_cell(&table, "%s(%" PRIu32 ", ...)", call.multiplexer,
				   call.selector);
	}
	putchar('\n');
	table_print(&table);
}

void facts_print_syscall(size_t syscall, const struct abi_choice *abis)
{
	const char *help = callgate_syscall_help(syscall);
	struct callgate_syscall call;
	size_t i = 0;

	printf("%s%s%s\n", callgate_syscall_name(syscall), help ? ": " : "",
	       help ? help : "");
	print_groups_of(syscall);
	while (i < abis->count &&
	       !callgate_syscall_on(syscall, abis->indices[i], &call))
		i++;
	if (i < abis->count && call.has_prototype) {
		putchar('\n');
		print_prototype(&call);
		if (call.argument_count)
			print_arguments(&call);
	}
	print_numbers(syscall, abis);
}

void facts_print_number(size_t number, const struct abi_choice *abis)
{
	struct table table = { 0 };
	struct callgate_syscall call;

	HEADING(&table, "ABI", "NUMBER", "CALL");
	for (size_t i = 0; i < abis->count; i++) {
		size_t abi = abis->indices[i];

		if (!callgate_syscall_on(facts_by_number(abi, number), abi, &call))
			continue;
		table_row(&table);
		table_cell(&table, "%s", facts_abi_name(abi));
		number_cell(&table, call.number);
		table_cell(&table, "%s", call.name);
	}
	table_print(&table);
}

/* --- groups, constants, ABIs ------------------------------------------------------ */

/* A row: name, its number on each ABI, help. */
static void syscall_row(struct table *table, size_t syscall,
			const struct abi_choice *abis)
{
	const char *help = callgate_syscall_help(syscall);
	struct callgate_syscall call;

	table_row(table);
	table_cell(table, "%s", callgate_syscall_name(syscall));
	for (size_t i = 0; i < abis->count; i++) {
		if (callgate_syscall_on(syscall, abis->indices[i], &call))
			number_cell(table, call.number);
		else
			table_cell(table, "-");
	}
	table_cell(table, "%s", help ? help : "");
}

static void syscall_heading(struct table *table, const struct abi_choice *abis)
{
	table_row(table);
	table_cell(table, "CALL");
	for (size_t i = 0; i < abis->count; i++)
		table_cell(table, "%s", facts_abi_name(abis->indices[i]));
	table_cell(table, "DOES");
}

void facts_print_group(size_t group, const struct abi_choice *abis)
{
	struct table table = { 0 };

	printf("%s: %s\n\n", callgate_group_name(group), callgate_group_help(group));
	syscall_heading(&table, abis);
	for (size_t i = 0; i < callgate_group_size(group); i++)
		syscall_row(&table, callgate_group_member(group, i), abis);
	table_print(&table);
}

void facts_print_promise(size_t promise, const struct abi_choice *abis)
{
	(void)abis;
	printf("%s: %s\n\n%s", callgate_promise_name(promise),
	       callgate_promise_help(promise), callgate_promise_text(promise));
}

void facts_print_syscalls(const struct abi_choice *abis)
{
	struct table table = { 0 };

	syscall_heading(&table, abis);
	for (size_t i = 0; i < callgate_syscall_count(); i++)
		syscall_row(&table, i, abis);
	table_print(&table);
}

void facts_print_groups(const struct abi_choice *abis)
{
	struct table table = { 0 };

	(void)abis;
	HEADING(&table, "GROUP", "CALLS", "WHAT");
	for (size_t i = 0; i < callgate_group_count(); i++) {
		table_row(&table);
		table_cell(&table, "%s", callgate_group_name(i));
		table_cell(&table, "%zu", callgate_group_size(i));
		table_cell(&table, "%s", callgate_group_help(i));
	}
	for (size_t i = 0; i < callgate_promise_count(); i++) {
		table_row(&table);
		table_cell(&table, "%s", callgate_promise_name(i));
		table_cell(&table, "promise");
		table_cell(&table, "%s", callgate_promise_help(i));
	}
	table_print(&table);
}

void facts_print_constant(size_t constant, const struct abi_choice *abis)
{
	const char *family = callgate_constant_family(constant);
	struct table table = { 0 };
	uint64_t value;

	printf("%s%s%s\n\n", callgate_constant_name(constant), family ? " of " : "",
	       family ? family : "");
	HEADING(&table, "ABI", "VALUE", "HEXADECIMAL");
	for (size_t i = 0; i < abis->count; i++) {
		table_row(&table);
		table_cell(&table, "%s", facts_abi_name(abis->indices[i]));
		if (!callgate_constant_value(constant, abis->indices[i], &value)) {
			table_cell(&table, "none");
			continue;
		}
		table_cell(&table, "%" PRId64, (int64_t)value);
		table_cell(&table, "0x%" PRIx64, value);
	}
	table_print(&table);
}

void facts_print_abis(const struct abi_choice *abis)
{
	struct table table = { 0 };
	struct callgate_abi abi;

	(void)abis;
	HEADING(&table, "ABI", "BITS", "BYTES", "AUDIT_ARCH", "NOTE");
	for (size_t i = 0; callgate_abi_at(i, &abi); i++) {
		table_row(&table);
		table_cell(&table, "%s", abi.name);
		table_cell(&table, "%u", abi.bits);
		table_cell(&table, "%s", abi.big_endian ? "big" : "little");
		table_cell(&table, "0x%08" PRIx32, abi.audit_arch);
		if (i == callgate_abi_native())
			table_cell(&table, "this machine's");
	}
	table_print(&table);
}
