// SPDX-License-Identifier: MIT
/*
 * Hazards, read out of the generated tables.
 *
 * The generator has checked that every name is a call; conditions are text that only
 * the language reads.
 */
#include "data/hazard.h"

#include "data/tables.h"

size_t equivalence_count(void)
{
	return tables_equivalence_count;
}

struct equivalence equivalence_at(size_t index)
{
	const struct equivalence_row *row = &tables_equivalences[index];

	return (struct equivalence){
		.risk = row->risk,
		.denied = tables_text + row->denied,
		.by = tables_text + row->by,
		.reason = tables_text + row->reason,
	};
}

size_t danger_count(void)
{
	return tables_danger_count;
}

struct danger danger_at(size_t index)
{
	const struct danger_row *row = &tables_dangers[index];

	return (struct danger){
		.risk = row->risk,
		.calls = tables_text + row->calls,
		.reason = tables_text + row->reason,
	};
}

size_t fallback_count(void)
{
	return tables_fallback_count;
}

struct fallback fallback_at(size_t index)
{
	const struct fallback_row *row = &tables_fallbacks[index];

	return (struct fallback){
		.call = &tables_syscalls[row->call],
		.fallback = &tables_syscalls[row->fallback],
		.wants_enosys = row->wants_enosys,
		.reason = tables_text + row->reason,
	};
}

size_t substitute_count(void)
{
	return tables_substitute_count;
}

struct substitute substitute_at(size_t index)
{
	const struct substitute_row *row = &tables_substitutes[index];

	return (struct substitute){
		.seen = tables_text + row->seen,
		.added = tables_text + row->added,
		.reason = tables_text + row->reason,
	};
}

bool hazard_next(struct str *list, struct str *ret_call)
{
	const char *end;

	if (list->len == 0)
		return false;
	end = memchr(list->ptr, ';', list->len);
	*ret_call =
		(struct str){ list->ptr, end ? (size_t)(end - list->ptr) : list->len };
	list->ptr += ret_call->len;
	list->len -= ret_call->len;
	if (end) { /* "; " */
		list->ptr += 2;
		list->len -= 2;
	}
	return true;
}

const struct syscall *hazard_syscall(struct str call)
{
	const char *end = memchr(call.ptr, '(', call.len);

	if (end)
		call.len = (size_t)(end - call.ptr);
	return syscall_by_name(call);
}
