// SPDX-License-Identifier: MIT
/*
 * The public window on the tables: data.h's pointers as indices, its answers as plain
 * structures. Invariant: an index out of range, CALLGATE_NONE among them, is a question
 * with an empty answer and never an error.
 *
 * Looks nothing up itself and knows no fact.
 */
#include "callgate.h"

#include "base/buffer.h"
#include "data/call.h"
#include "data/data.h"
#include "data/verdict.h"

/* --- kernels and ABIs ------------------------------------------------------------- */

const char *callgate_version(void)
{
	return CALLGATE_VERSION;
}

uint16_t callgate_kernel_newest(void)
{
	return version_newest();
}

static const struct abi *get_abi(size_t index)
{
	return index < abi_count() ? abi_at(index) : NULL;
}

size_t callgate_abi_count(void)
{
	return abi_count();
}

bool callgate_abi_at(size_t index, struct callgate_abi *ret_abi)
{
	const struct abi *abi = get_abi(index);

	if (!abi)
		return false;
	*ret_abi = (struct callgate_abi){
		.name = abi->name,
		.audit_arch = abi->audit_arch,
		.bits = abi->bits,
		.big_endian = abi->big_endian,
	};
	return true;
}

size_t callgate_abi_find(const char *name)
{
	const struct abi *abi = abi_by_name(str_of(name));

	return abi ? abi->index : CALLGATE_NONE;
}

size_t callgate_abi_of(uint32_t audit_arch, uint32_t number)
{
	const struct abi *abi = abi_of(audit_arch, number);

	return abi ? abi->index : CALLGATE_NONE;
}

size_t callgate_abi_native(void)
{
	return abi_native()->index;
}

/* --- system calls ----------------------------------------------------------------- */

static const struct syscall *get_syscall(size_t index)
{
	return index < syscall_count() ? syscall_at(index) : NULL;
}

size_t callgate_syscall_count(void)
{
	return syscall_count();
}

const char *callgate_syscall_name(size_t index)
{
	const struct syscall *call = get_syscall(index);

	return call ? syscall_name(call) : NULL;
}

const char *callgate_syscall_help(size_t index)
{
	const struct syscall *call = get_syscall(index);

	return call ? syscall_help(call) : NULL;
}

size_t callgate_syscall_find(const char *name)
{
	const struct syscall *call = syscall_by_name(str_of(name));

	return call ? syscall_index(call) : CALLGATE_NONE;
}

size_t callgate_syscall_by_number(size_t abi_index, uint32_t number)
{
	const struct abi *abi = get_abi(abi_index);
	const struct syscall *call = abi ? syscall_by_number(abi, number) : NULL;

	return call ? syscall_index(call) : CALLGATE_NONE;
}

static struct callgate_argument argument_of(const struct argument *argument)
{
	return (struct callgate_argument){
		.name = argument->name,
		.type = argument->type,
		.family = argument->family,
		.bits = argument->bits,
		.is_signed = argument->is_signed,
		.is_pointer = argument->is_pointer,
	};
}

bool callgate_syscall_on(size_t index, size_t abi_index,
			 struct callgate_syscall *ret_syscall)
{
	const struct syscall *call = get_syscall(index), *multiplexer;
	const struct abi *abi = get_abi(abi_index);
	struct callgate_syscall result = { 0 };
	struct prototype prototype;

	if (!call || !abi || !syscall_number(call, abi, &result.number))
		return false;
	syscall_prototype(call, abi, &prototype);
	result.name = syscall_name(call);
	result.since = syscall_since(call, abi);
	result.has_prototype = prototype.known;
	result.argument_count = prototype.count;
	for (unsigned i = 0; i < prototype.count; i++)
		result.arguments[i] = argument_of(&prototype.arguments[i]);
	multiplexer = syscall_multiplexer(call, abi, &result.selector);
	if (multiplexer)
		result.multiplexer = syscall_name(multiplexer);
	*ret_syscall = result;
	return true;
}

/* --- groups ----------------------------------------------------------------------- */

static const struct group *get_group(size_t index)
{
	return index < group_count() ? group_at(index) : NULL;
}

size_t callgate_group_count(void)
{
	return group_count();
}

const char *callgate_group_name(size_t index)
{
	const struct group *group = get_group(index);

	return group ? group_name(group) : NULL;
}

const char *callgate_group_help(size_t index)
{
	const struct group *group = get_group(index);

	return group ? group_help(group) : NULL;
}

size_t callgate_group_find(const char *name)
{
	const struct group *group = group_by_name(str_of(name));

	for (size_t i = 0; group && i < group_count(); i++) {
		if (group_at(i) == group)
			return i;
	}
	return CALLGATE_NONE;
}

size_t callgate_group_size(size_t index)
{
	const struct group *group = get_group(index);

	return group ? group_size(group) : 0;
}

size_t callgate_group_member(size_t index, size_t member)
{
	const struct group *group = get_group(index);

	return group && member < group_size(group)
		       ? syscall_index(group_syscall(group, member))
		       : CALLGATE_NONE;
}

/* --- promises --------------------------------------------------------------------- */

static const struct promise *get_promise(size_t index)
{
	return index < promise_count() ? promise_at(index) : NULL;
}

size_t callgate_promise_count(void)
{
	return promise_count();
}

const char *callgate_promise_name(size_t index)
{
	const struct promise *promise = get_promise(index);

	return promise ? promise_name(promise) : NULL;
}

const char *callgate_promise_help(size_t index)
{
	const struct promise *promise = get_promise(index);

	return promise ? promise_help(promise) : NULL;
}

const char *callgate_promise_text(size_t index)
{
	const struct promise *promise = get_promise(index);

	return promise ? promise_text(promise) : NULL;
}

size_t callgate_promise_find(const char *name)
{
	const struct promise *promise = promise_by_name(str_of(name));

	for (size_t i = 0; promise && i < promise_count(); i++) {
		if (promise_at(i) == promise)
			return i;
	}
	return CALLGATE_NONE;
}

/* --- constants -------------------------------------------------------------------- */

static const struct constant *get_constant(size_t index)
{
	return index < constant_count() ? constant_at(index) : NULL;
}

size_t callgate_constant_count(void)
{
	return constant_count();
}

const char *callgate_constant_name(size_t index)
{
	const struct constant *constant = get_constant(index);

	return constant ? constant_name(constant) : NULL;
}

const char *callgate_constant_family(size_t index)
{
	const struct constant *constant = get_constant(index);

	return constant ? constant_family(constant) : NULL;
}

size_t callgate_constant_find(const char *name)
{
	const struct constant *constant = constant_by_name(str_of(name));

	for (size_t i = 0; constant && i < constant_count(); i++) {
		if (constant_at(i) == constant)
			return i;
	}
	return CALLGATE_NONE;
}

bool callgate_constant_value(size_t index, size_t abi_index, uint64_t *ret_value)
{
	const struct constant *constant = get_constant(index);
	const struct abi *abi = get_abi(abi_index);

	return constant && abi && constant_value(constant, abi, ret_value);
}

const char *callgate_errno_name(size_t abi_index, unsigned number)
{
	const struct abi *abi = get_abi(abi_index);

	return abi && number <= UINT16_MAX ? errno_name((uint16_t)number, abi) : NULL;
}

/* --- calls and verdicts ------------------------------------------------------------ */

bool callgate_verdict_allows(uint32_t verdict)
{
	return verdict_is_allow(verdict);
}

static char *verdict_text(uint32_t verdict, const struct abi *abi)
{
	struct buffer text = { 0 };

	verdict_print(verdict, abi, &text);
	return buffer_take(&text);
}

char *callgate_verdict_text(uint32_t verdict)
{
	return verdict_text(verdict, abi_native());
}

char *callgate_verdict_text_for(const struct seccomp_data *call, uint32_t verdict)
{
	const struct abi *abi = abi_of(call->arch, (uint32_t)call->nr);

	return verdict_text(verdict, abi ? abi : abi_native());
}

char *callgate_call_text(const struct seccomp_data *call)
{
	struct buffer text = { 0 };

	call_print(call, &text);
	return buffer_take(&text);
}

/* --- names and numbers ------------------------------------------------------------ */

const char *callgate_nearest_fact(const char *wanted)
{
	struct str_nearest nearest = str_nearest_to(str_of(wanted));

	for (size_t i = 0; i < syscall_count(); i++)
		str_nearest_offer(&nearest, syscall_name(syscall_at(i)));
	for (size_t i = 0; i < group_count(); i++)
		str_nearest_offer(&nearest, group_name(group_at(i)));
	for (size_t i = 0; i < promise_count(); i++)
		str_nearest_offer(&nearest, promise_name(promise_at(i)));
	for (size_t i = 0; i < constant_count(); i++)
		str_nearest_offer(&nearest, constant_name(constant_at(i)));
	return nearest.best;
}

const char *callgate_nearest_name(const char *wanted, const char *const *names,
				  size_t count)
{
	struct str_nearest nearest = str_nearest_to(str_of(wanted));

	for (size_t i = 0; i < count; i++)
		str_nearest_offer(&nearest, names[i]);
	return nearest.best;
}

int callgate_number_parse(const char *text, uint64_t *ret_value)
{
	return str_number(str_of(text), ret_value);
}
