// SPDX-License-Identifier: MIT
/*
 * Values: integers of any sign, as wide as a sum may get, narrowed only where a
 * comparison says to which width. `~` is therefore -x - 1, right in every width.
 *
 * A name is one of the policy's defines, whose value is at hand, or the kernel's.
 */
#include "policy/value.h"

static const char *constant_hint(const struct value_scope *scope, struct str name)
{
	struct str_nearest nearest = str_nearest_to(name);

	for (size_t i = 0; i < constant_count(); i++)
		str_nearest_offer(&nearest, constant_name(constant_at(i)));
	for (size_t i = 0; i < scope->symbols->capacity; i++) {
		const struct symbol *symbol = scope->symbols->slots[i];

		if (symbol && symbol->values && symbol->is_defined)
			str_nearest_offer(&nearest, arena_copy(scope->report->arena,
							       symbol->name));
	}
	return report_nearest(
		scope->report, &nearest,
		"a value is a number, a constant of the kernel, or a name "
		"of 'define'");
}

void value_report_early(struct report *report, const struct symbol *symbol,
			struct callgate_span span)
{
	if (report_error(report, "used-before-definition", span,
			 "move the definition up",
			 "'%.*s' is used before it is defined", STR_ARG(symbol->name)))
		diag_note(report->diagnostics, symbol->span, "it is defined here");
}

static bool from_define(const struct value_scope *scope, const struct symbol *symbol,
			const struct syntax_value *value, struct wide *ret_value,
			struct value_gap *ret_gap)
{
	const struct define_value *known = &symbol->values[scope->abi->index];

	if (symbol->is_broken)
		return false;
	if (!symbol->is_defined) {
		value_report_early(scope->report, symbol, value->span);
		return false;
	}
	*ret_value = known->value;
	if (!known->known)
		*ret_gap = (struct value_gap){ known->missing, value->span };
	return known->known;
}

static bool from_name(const struct value_scope *scope, const struct syntax_value *value,
		      struct wide *ret_value, struct value_gap *ret_gap)
{
	const struct symbol *symbol = symbol_find(scope->symbols, value->name);
	const struct constant *constant;
	uint64_t bits;

	if (symbol && symbol->values)
		return from_define(scope, symbol, value, ret_value, ret_gap);
	constant = constant_by_name(value->name);
	if (!constant) {
		report_error(scope->report, "unknown-constant", value->span,
			     constant_hint(scope, value->name),
			     "there is no constant '%.*s'", STR_ARG(value->name));
		return false;
	}
	if (!constant_value(constant, scope->abi, &bits)) {
		*ret_gap = (struct value_gap){ constant_name(constant), value->span };
		return false;
	}
	/* The tables extend AT_FDCWD and its like to 64 bits. */
	*ret_value = (struct wide){ bits >> 63 ? -1 : 0, bits };
	return true;
}

/* Of what has 64 bits, with a sign or without. */
static const struct wide least = { -1, (uint64_t)INT64_MIN };
static const struct wide greatest = { 0, UINT64_MAX };

/* An operator over one operand after the other. */
static bool fold(const struct value_scope *scope, const struct syntax_value *value,
		 struct wide *ret_value, struct value_gap *ret_gap)
{
	struct wide result = { 0, 0 }, operand;

	for (const struct syntax_value *at = value->first; at; at = at->next) {
		if (!value_try(scope, at, &operand, ret_gap))
			return false;
		if (value->kind == VALUE_NEGATE)
			result = wide_negate(operand);
		else if (value->kind == VALUE_COMPLEMENT)
			result = wide_complement(operand);
		else if (value->kind == VALUE_ADD)
			result = wide_add(result, operand);
		else
			result = wide_or(result, operand);
	}
	if (!wide_is_within(result, least, greatest)) {
		report_error(scope->report, "value-range", value->span, NULL,
			     "the value has more than 64 bits");
		return false;
	}
	*ret_value = result;
	return true;
}

bool value_try(const struct value_scope *scope, const struct syntax_value *value,
	       struct wide *ret_value, struct value_gap *ret_gap)
{
	if (value->kind == VALUE_NUMBER) {
		*ret_value = (struct wide){ 0, value->number };
		return true;
	}
	if (value->kind == VALUE_NAME)
		return from_name(scope, value, ret_value, ret_gap);
	return fold(scope, value, ret_value, ret_gap);
}

/* The first ABI that has a value for it; NULL: none has. */
static const struct abi *abi_with(const struct constant *constant)
{
	uint64_t value;

	for (size_t i = 0; i < abi_count(); i++)
		if (constant_value(constant, abi_at(i), &value))
			return abi_at(i);
	return NULL;
}

static const char *gap_hint(const struct value_scope *scope, const char *name)
{
	const struct abi *abi = abi_with(constant_by_name(str_of(name)));

	return abi ? report_text(scope->report,
				 "put the rule into a block for the ABIs that have it: "
				 "arch %s { … }",
				 abi->name)
		   : NULL;
}

bool value_evaluate(const struct value_scope *scope, const struct syntax_value *value,
		    struct wide *ret_value)
{
	struct value_gap gap = { 0 };

	if (value_try(scope, value, ret_value, &gap))
		return true;
	if (gap.constant)
		report_error(scope->report, "constant-not-on-abi", gap.span,
			     gap_hint(scope, gap.constant), "'%s' has no value on %s",
			     gap.constant, scope->abi->name);
	return false;
}
