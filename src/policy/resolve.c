// SPDX-License-Identifier: MIT
/*
 * Names of calls, groups and ABIs → what they name.
 */
#include "policy/check.h"
#include "policy/value.h"

const struct abi *resolve_abi(struct checker *checker, const struct syntax_name *name)
{
	const struct abi *abi = abi_by_name(name->text);
	struct str_nearest nearest = str_nearest_to(name->text);
	const char *list = "known ones are ";

	if (abi)
		return abi;
	for (size_t i = 0; i < abi_count(); i++)
		str_nearest_offer(&nearest, abi_at(i)->name);
	for (size_t i = 0; list && i < abi_count(); i++)
		list = report_text(checker->report, "%s%s%s", list, i ? ", " : "",
				   abi_at(i)->name);
	report_error(checker->report, "unknown-abi", name->span,
		     report_nearest(checker->report, &nearest, list),
		     "there is no ABI '%.*s'", STR_ARG(name->text));
	return NULL;
}

static const char *call_hint(struct checker *checker, struct str name)
{
	struct str_nearest nearest = str_nearest_to(name);
	const char *group = report_text(checker->report, "@%.*s", STR_ARG(name));

	if (group && (symbol_find(&checker->symbols, str_of(group)) ||
		      group_by_name(str_of(group)) || promise_by_name(str_of(group))))
		return report_text(checker->report, "the group is written %s", group);
	for (size_t i = 0; i < syscall_count(); i++)
		str_nearest_offer(&nearest, syscall_name(syscall_at(i)));
	return report_nearest(checker->report, &nearest,
			      "write ABI:NUMBER for a call that has no name here");
}

const struct syscall *resolve_call(struct checker *checker,
				   const struct syntax_name *name, bool optional)
{
	const struct syscall *call = syscall_by_name(name->text);

	if (call)
		return call;
	if (optional)
		report_warning(checker->report, "unknown-syscall", name->span,
			       call_hint(checker, name->text),
			       "no ABI has a call '%.*s'", STR_ARG(name->text));
	else
		report_error(checker->report, "unknown-syscall", name->span,
			     call_hint(checker, name->text), "there is no call '%.*s'",
			     STR_ARG(name->text));
	return NULL;
}

/* No group of the name: a promise is none, since its calls have conditions. */
static void report_group(struct checker *checker, const struct syntax_name *name)
{
	struct str_nearest nearest = str_nearest_to(name->text);
	struct str bare = { name->text.ptr + 1, name->text.len - 1 };
	const char *hint = NULL;

	if (promise_by_name(name->text)) {
		report_error(checker->report, "promise-in-set", name->span,
			     "name it in a rule; what an earlier rule denies is not in "
			     "it",
			     "'%.*s' is a promise, not a set: its calls have "
			     "conditions",
			     STR_ARG(name->text));
		return;
	}
	if (syscall_by_name(bare)) {
		hint = "that is a call: write it without the @";
	} else {
		for (size_t i = 0; i < group_count(); i++)
			str_nearest_offer(&nearest, group_name(group_at(i)));
		for (size_t i = 0; i < promise_count(); i++)
			str_nearest_offer(&nearest, promise_name(promise_at(i)));
		for (size_t i = 0; i < checker->symbols.capacity; i++) {
			const struct symbol *symbol = checker->symbols.slots[i];

			if (symbol && symbol->set.words && symbol->is_defined)
				str_nearest_offer(&nearest, arena_copy(checker->arena,
								       symbol->name));
		}
		hint = report_nearest(checker->report, &nearest,
				      "define it first: @name = @a + b");
	}
	report_error(checker->report, "unknown-group", name->span, hint,
		     "there is no group '%.*s'", STR_ARG(name->text));
}

struct symbol *resolve_group(struct checker *checker, const struct syntax_name *name)
{
	struct symbol *symbol = symbol_group(&checker->symbols, name->text);

	if (checker->arena->failed)
		return NULL;
	if (!symbol) {
		report_group(checker, name);
	} else if (!symbol->is_defined) {
		value_report_early(checker->report, symbol, name->span);
		symbol = NULL;
	} else if (symbol->is_broken) {
		symbol = NULL;
	}
	return symbol;
}

/* --- sets ------------------------------------------------------------------------- */

static bool resolve_member(struct checker *checker, const struct syntax_set *set,
			   struct call_set result)
{
	const struct syscall *call;
	struct symbol *group;

	if (set->name.text.ptr[0] == '@') {
		group = resolve_group(checker, &set->name);
		if (group)
			call_set_combine(result, SET_UNION, group->set);
		return group != NULL;
	}
	call = resolve_call(checker, &set->name, set->optional);
	if (call)
		call_set_add(result, call);
	return call || set->optional;
}

bool resolve_set(struct checker *checker, const struct syntax_set *set,
		 struct call_set result)
{
	bool is_sound = true;

	if (set->name.text.ptr)
		return resolve_member(checker, set, result);
	for (const struct syntax_set *at = set->first; at; at = at->next) {
		struct call_set operand = call_set_new(checker->arena);

		if (!operand.words)
			return false;
		is_sound &= resolve_set(checker, at, operand);
		call_set_combine(result, at == set->first ? SET_UNION : at->operator,
				 operand);
	}
	return is_sound;
}

/* --- items ------------------------------------------------------------------------ */

bool resolve_has(const struct syscall *call, const struct abi *abi)
{
	uint32_t ignored;

	return syscall_number(call, abi, &ignored) ||
	       syscall_multiplexer(call, abi, &ignored);
}

static abi_mask abis_having(const struct syscall *call, abi_mask abis)
{
	for (size_t i = 0; i < abi_count(); i++)
		if ((abis & abi_bit(abi_at(i))) && !resolve_has(call, abi_at(i)))
			abis &= ~abi_bit(abi_at(i));
	return abis;
}

#define ABIS_LISTED 5 /* of a longer list, by name */

static const char *abi_list(struct checker *checker, abi_mask abis)
{
	const char *list = "";
	int left = __builtin_popcount(abis);
	int listed = left > ABIS_LISTED + 1 ? ABIS_LISTED : left;

	left -= listed;
	for (size_t i = 0; list && listed && i < abi_count(); i++) {
		if (!(abis & abi_bit(abi_at(i))))
			continue;
		list = report_text(checker->report, "%s%s%s", list, *list ? ", " : "",
				   abi_at(i)->name);
		listed--;
	}
	if (list && left)
		list = report_text(checker->report, "%s and %d more", list, left);
	return list ? list : "";
}

static void report_absent(struct checker *checker, const struct syntax_item *item,
			  abi_mask abis)
{
	abi_mask having = 0;

	for (size_t i = 0; i < abi_count(); i++)
		having |= abi_bit(abi_at(i));
	having = abis_having(syscall_by_name(item->name.text), having);
	report_error(checker->report, "not-on-abi", item->span,
		     report_text(checker->report,
				 "it is a call of %s; write ?%.*s for \"where an ABI "
				 "has it\"",
				 abi_list(checker, having), STR_ARG(item->name.text)),
		     "'%.*s' is no call of %s", STR_ARG(item->name.text),
		     abi_list(checker, abis));
}

/* An explicit rule wins over `unknown`, which may not be what was meant. */
void resolve_warn_newer(struct checker *checker, const struct resolved_item *item)
{
	const struct callgate_policy *policy = checker->policy;

	if (!policy->has_unknown || !item->call)
		return;
	for (size_t i = 0; i < abi_count(); i++) {
		const struct abi *abi = abi_at(i);
		kernel_version since;

		if (!(item->abis & abi_bit(abi)))
			continue;
		since = syscall_since(item->call, abi);
		if (since > policy->version)
			report_warning(checker->report, "newer-than-abi", item->span,
				       "the rule applies all the same, not 'unknown'",
				       "'%s' came with Linux %d.%d, 'abi' says %d.%d",
				       syscall_name(item->call), since / 256,
				       since % 256, policy->version / 256,
				       policy->version % 256);
	}
}

static bool resolve_named(struct checker *checker, const struct syntax_item *item,
			  struct resolved_item *result)
{
	abi_mask asked = result->abis;

	result->call = resolve_call(checker, &item->name, item->optional);
	if (!result->call || !asked)
		return false;
	result->abis = abis_having(result->call, asked);
	if (!result->abis && !item->optional)
		report_absent(checker, item, asked);
	return result->abis != 0;
}

bool resolve_abis(struct checker *checker, const struct syntax_item *item,
		  abi_mask *abis)
{
	const struct abi *abi;

	if (!item->abi.text.ptr)
		return true;
	abi = resolve_abi(checker, &item->abi);
	if (!abi)
		return false;
	*abis &= abi_bit(abi);
	if (!*abis && !check_is_narrowed(checker))
		report_warning(checker->report, "abi-not-listed", item->abi.span,
			       "add it to 'arch'",
			       "this never applies: %s is not an ABI here", abi->name);
	return true;
}

struct resolved_item *resolve_item(struct checker *checker,
				   const struct syntax_item *item, abi_mask abis)
{
	struct resolved_item *result = ARENA_NEW(checker->arena, struct resolved_item);
	struct symbol *group;

	if (!result)
		return NULL;
	result->span = item->span;
	result->abis = abis;
	result->condition = item->condition;
	if (!resolve_abis(checker, item, &result->abis))
		return NULL;
	if (item->kind == ITEM_CALL)
		return resolve_named(checker, item, result) ? result : NULL;
	if (item->kind == ITEM_GROUP) {
		group = resolve_group(checker, &item->name);
		if (group)
			result->set = group->set;
		return group ? result : NULL;
	}
	result->number = item->number;
	result->more = item->more;
	return result;
}
