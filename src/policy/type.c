// SPDX-License-Identifier: MIT
/*
 * The types of conditions: which bits of which argument are compared how.
 *
 * The kernel's prototype says how wide an argument is and whether it has a sign. A
 * value must fit: where order matters into the argument's range, else also as the bit
 * pattern of the other signedness (flags == 0x80000000, uid == -1).
 *
 * Chains and sets become balanced trees, since whoever reads a condition recurses.
 */
#include "policy/type.h"

/* An operand, resolved. */
struct field {
	const struct argument *argument; /* NULL: the instruction pointer, or unnamed */
	struct str name;
	uint8_t index;
	uint8_t bits;
	bool is_signed;
	uint64_t mask;
	bool is_masked;
};

struct typing type_for(struct value_scope scope, struct arena *arena,
		       const struct syscall *call)
{
	struct typing typing = { .scope = scope, .arena = arena, .call = call };

	if (call) {
		syscall_prototype(call, scope.abi, &typing.prototype);
		return typing;
	}
	typing.prototype.count = ARGUMENTS_MAX;
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		typing.prototype.arguments[i].bits = 64;
	return typing;
}

static uint64_t ones(unsigned bits)
{
	return UINT64_MAX >> (64 - bits);
}

/* --- building --------------------------------------------------------------------- */

static struct policy_condition *
new_condition(struct arena *arena, enum condition_kind kind, struct callgate_span span)
{
	struct policy_condition *condition = ARENA_NEW(arena, struct policy_condition);

	if (condition) {
		condition->kind = kind;
		condition->span = span;
	}
	return condition;
}

const struct policy_condition *type_always(struct arena *arena,
					   struct callgate_span span)
{
	return new_condition(arena, CONDITION_ALWAYS, span);
}

static const struct policy_condition *join(struct arena *arena,
					   enum condition_kind kind,
					   const struct policy_condition *left,
					   const struct policy_condition *right)
{
	struct policy_condition *both;

	if (!left || !right)
		return NULL;
	both = new_condition(arena, kind,
			     left->span.file == right->span.file
				     ? span_join(left->span, right->span)
				     : left->span);
	if (!both)
		return NULL;
	both->left = left;
	both->right = right;
	return both;
}

const struct policy_condition *type_and(struct arena *arena,
					const struct policy_condition *left,
					const struct policy_condition *right)
{
	if (left && right && left->kind == CONDITION_ALWAYS)
		return right;
	return join(arena, CONDITION_AND, left, right);
}

/* Conditions that one operator will join. */
struct chain {
	const struct policy_condition **items;
	size_t count, capacity;
	bool failed;
};

static void chain_add(struct typing *typing, struct chain *chain,
		      const struct policy_condition *item)
{
	const struct policy_condition **place;

	if (!item) {
		chain->failed = true;
		return;
	}
	place = ARENA_PUSH(typing->scope.report->arena, chain->items, chain->count,
			   chain->capacity);
	if (place)
		*place = item;
	else
		chain->failed = true;
}

static const struct policy_condition *balance(struct arena *arena,
					      enum condition_kind kind,
					      const struct policy_condition **items,
					      size_t count)
{
	if (count == 1)
		return items[0];
	return join(arena, kind, balance(arena, kind, items, count / 2),
		    balance(arena, kind, items + count / 2, count - count / 2));
}

static const struct policy_condition *
chain_join(struct typing *typing, const struct chain *chain, enum condition_kind kind)
{
	if (chain->failed || chain->count == 0)
		return NULL;
	return balance(typing->arena, kind, chain->items, chain->count);
}

/* --- arguments -------------------------------------------------------------------- */

static const char *call_name(const struct typing *typing)
{
	return typing->call ? syscall_name(typing->call) : "the call";
}

static bool names_argument(const struct argument *argument, struct str wanted)
{
	return (argument->name && str_is(wanted, argument->name)) ||
	       (argument->alias && str_is(wanted, argument->alias));
}

static const char *argument_list(const struct typing *typing)
{
	struct report *report = typing->scope.report;
	const char *list = "its arguments are ";

	if (typing->prototype.count == 0)
		return "it takes no arguments";
	if (!typing->prototype.known)
		return "its prototype is not known: write arg0 to arg5";
	for (size_t i = 0; list && i < typing->prototype.count; i++)
		list = report_text(report, "%s%s%s", list, i ? ", " : "",
				   typing->prototype.arguments[i].name);
	return list;
}

static void report_argument(const struct typing *typing, const struct syntax_name *name)
{
	struct str_nearest nearest = str_nearest_to(name->text);
	const struct prototype *prototype = &typing->prototype;

	for (size_t i = 0; prototype->known && i < prototype->count; i++)
		str_nearest_offer(&nearest, prototype->arguments[i].name);
	report_error(typing->scope.report, "unknown-argument", name->span,
		     report_nearest(typing->scope.report, &nearest,
				    argument_list(typing)),
		     "'%s' of %s has no argument '%.*s'", call_name(typing),
		     typing->scope.abi->name, STR_ARG(name->text));
}

static void warn_unused(const struct typing *typing, const struct syntax_name *name)
{
	report_warning(typing->scope.report, "unused-argument", name->span,
		       argument_list(typing),
		       "the kernel does not look at '%.*s' of '%s'",
		       STR_ARG(name->text), call_name(typing));
}

static bool is_numbered(struct str name)
{
	return name.len == 4 && memcmp(name.ptr, "arg", 3) == 0 && name.ptr[3] >= '0' &&
	       name.ptr[3] < '0' + ARGUMENTS_MAX;
}

static void take_argument(const struct typing *typing, size_t index,
			  struct field *ret_field)
{
	const struct argument *argument = &typing->prototype.arguments[index];
	bool is_used = index < typing->prototype.count;

	ret_field->index = (uint8_t)index;
	ret_field->argument = typing->prototype.known && is_used ? argument : NULL;
	ret_field->bits = is_used ? argument->bits : 64;
	ret_field->is_signed = is_used && argument->is_signed;
}

/* prctl(2) calls its second argument arg2, which is arg1 here: neither is meant safely. */
static bool is_ambiguous(const struct typing *typing, const struct syntax_name *name,
			 size_t index)
{
	const struct prototype *prototype = &typing->prototype;

	for (size_t i = 0; !typing->by_number && i < prototype->count; i++) {
		if (i == index || !names_argument(&prototype->arguments[i], name->text))
			continue;
		report_error(
			typing->scope.report, "ambiguous-argument", name->span,
			argument_list(typing),
			"the kernel's '%.*s' of '%s' is not the one of that number, "
			"counting from 0",
			STR_ARG(name->text), call_name(typing));
		return true;
	}
	return false;
}

static bool take_numbered(const struct typing *typing, const struct syntax_name *name,
			  struct field *ret_field)
{
	size_t index = (size_t)(name->text.ptr[3] - '0');

	if (is_ambiguous(typing, name, index))
		return false;
	take_argument(typing, index, ret_field);
	if (index >= typing->prototype.count)
		warn_unused(typing, name);
	return true;
}

static bool find_argument(const struct typing *typing, const struct syntax_name *name,
			  struct field *ret_field)
{
	const struct prototype *prototype = &typing->prototype;

	ret_field->name = name->text;
	if (str_is(name->text, "ip")) {
		ret_field->index = FIELD_IP;
		ret_field->bits = 64;
		return true;
	}
	if (is_numbered(name->text))
		return take_numbered(typing, name, ret_field);
	for (size_t i = 0; i < prototype->count; i++) {
		if (!names_argument(&prototype->arguments[i], name->text))
			continue;
		take_argument(typing, i, ret_field);
		return true;
	}
	report_argument(typing, name);
	return false;
}

static void apply_cast(const struct typing *typing,
		       const struct syntax_operand *operand, struct field *field)
{
	const struct cast *cast = operand->cast;
	struct report *report = typing->scope.report;
	unsigned used = field->bits;

	field->bits = cast->bits;
	field->is_signed = cast->is_signed;
	if (!field->argument || cast->bits == used || typing->in_call)
		return;
	if (cast->bits > used)
		report_warning(report, "width-fragile", operand->span,
			       report_text(report, "compare '%.*s' without %s()",
					   STR_ARG(field->name), cast->name),
			       "the kernel uses %u bits of '%.*s': the caller may set "
			       "the others at will",
			       used, STR_ARG(field->name));
	else
		report_warning(report, "width-fragile", operand->span,
			       report_text(report, "compare '%.*s' without %s()",
					   STR_ARG(field->name), cast->name),
			       "the kernel uses %u bits of '%.*s', %s() looks at %u",
			       used, STR_ARG(field->name), cast->name, cast->bits);
}

/* --- values ----------------------------------------------------------------------- */

static const char *range_hint(const struct typing *typing, const struct field *field)
{
	struct report *report = typing->scope.report;

	if (field->is_signed)
		return report_text(report, "its values are %lld to %lld",
				   -(long long)(ones(field->bits) >> 1) - 1,
				   (long long)(ones(field->bits) >> 1));
	return report_text(report, "its values are 0 to %llu",
			   (unsigned long long)ones(field->bits));
}

/* Whether an argument's name stands where a value is wanted. */
static bool is_argument(const struct typing *typing, const struct syntax_value *syntax)
{
	if (syntax->kind != VALUE_NAME || constant_by_name(syntax->name) ||
	    symbol_find(typing->scope.symbols, syntax->name))
		return false;
	for (size_t i = 0; i < typing->prototype.count; i++)
		if (names_argument(&typing->prototype.arguments[i], syntax->name))
			return true;
	return is_numbered(syntax->name) || str_is(syntax->name, "ip");
}

/* A value as bits of the field. */
static bool fit(const struct typing *typing, const struct field *field,
		const struct syntax_value *syntax, bool is_ordered, uint64_t *ret_value)
{
	uint64_t all = ones(field->bits), half = all >> 1;
	struct wide least = { -1, ~half }, greatest = { 0, all }, value;

	if (is_ordered && field->is_signed)
		greatest.low = half;
	else if (is_ordered)
		least = (struct wide){ 0, 0 };

	if (is_argument(typing, syntax)) {
		report_error(typing->scope.report, "unknown-constant", syntax->span,
			     "a filter compares an argument with a constant alone",
			     "'%.*s' is an argument, not a constant",
			     STR_ARG(syntax->name));
		return false;
	}
	if (!value_evaluate(&typing->scope, syntax, &value))
		return false;
	if (!wide_is_within(value, least, greatest)) {
		report_error(typing->scope.report, "value-range", syntax->span,
			     range_hint(typing, field),
			     "the value does not fit '%.*s' of '%s', %s with %u bits",
			     STR_ARG(field->name), call_name(typing),
			     field->is_signed ? "signed" : "unsigned", field->bits);
		return false;
	}
	*ret_value = value.low & all;
	return true;
}

static bool take_mask(const struct typing *typing, const struct syntax_value *syntax,
		      struct field *field)
{
	uint64_t all = ones(field->bits);
	struct wide value;

	if (!value_evaluate(&typing->scope, syntax, &value))
		return false;
	/* Down to the complement of a number with all bits. */
	if (!wide_is_within(value, (struct wide){ -1, ~all },
			    (struct wide){ 0, all })) {
		report_error(typing->scope.report, "mask-range", syntax->span,
			     report_text(typing->scope.report, "its bits are %#llx",
					 (unsigned long long)all),
			     "the mask is wider than '%.*s' of '%s', which has %u bits",
			     STR_ARG(field->name), call_name(typing), field->bits);
		return false;
	}
	field->mask = value.low & all;
	field->is_masked = true;
	return true;
}

static bool take_operand(const struct typing *typing,
			 const struct syntax_operand *operand, struct field *ret_field)
{
	if (!find_argument(typing, &operand->name, ret_field))
		return false;
	if (operand->cast)
		apply_cast(typing, operand, ret_field);
	ret_field->mask = ones(ret_field->bits);
	return !operand->mask || take_mask(typing, operand->mask, ret_field);
}

/* --- comparisons ------------------------------------------------------------------ */

static struct policy_condition *new_test(const struct typing *typing,
					 const struct field *field,
					 enum policy_operator operator, uint64_t value,
					 struct callgate_span span)
{
	struct policy_condition *condition =
		new_condition(typing->arena, CONDITION_TEST, span);

	if (condition)
		condition->test = (struct policy_test){
			.field = field->index,
			.bits = field->bits,
			.is_signed = field->is_signed,
			.operator= operator,
			.mask = field->mask,
			.value = value,
		};
	return condition;
}

/* Whether a pointer is NULL is all that can be known of it. */
static void warn_pointer(const struct typing *typing, const struct field *field,
			 bool is_null_test, struct callgate_span span)
{
	if (!field->argument || !field->argument->is_pointer || typing->in_call ||
	    (is_null_test && !field->is_masked))
		return;
	report_warning(typing->scope.report, "pointer-comparison", span,
		       "a filter sees the address, never the memory behind it, which "
		       "may change: compare with 0 alone",
		       "'%.*s' of '%s' is a pointer", STR_ARG(field->name),
		       call_name(typing));
}

static const struct policy_condition *
type_compare(struct typing *typing, const struct syntax_condition *condition)
{
	bool is_equality =
		condition->operator== OPERATOR_EQ || condition->operator== OPERATOR_NE;
	struct field field = { 0 };
	uint64_t value;

	if (!take_operand(typing, &condition->operand, &field) ||
	    !fit(typing, &field, condition->value, !is_equality, &value))
		return NULL;
	warn_pointer(typing, &field, is_equality && value == 0, condition->span);
	return new_test(typing, &field, condition->operator, value, condition->span);
}

/* A value as a number again, for the order of a range's ends. */
static struct wide widen(const struct field *field, uint64_t value)
{
	bool is_negative = field->is_signed && value >> (field->bits - 1);

	return is_negative ? (struct wide){ -1, value | ~ones(field->bits) }
			   : (struct wide){ 0, value };
}

static const struct policy_condition *type_range(const struct typing *typing,
						 const struct field *field,
						 const struct syntax_element *element)
{
	uint64_t low, high;

	if (!fit(typing, field, element->low, true, &low) ||
	    !fit(typing, field, element->high, true, &high))
		return NULL;
	if (wide_is_less(widen(field, high), widen(field, low))) {
		report_error(typing->scope.report, "empty-range", element->span,
			     "write the smaller value first",
			     "the range is empty: it ends before it begins");
		return NULL;
	}
	warn_pointer(typing, field, false, element->span);
	return join(typing->arena, CONDITION_AND,
		    new_test(typing, field, OPERATOR_GE, low, element->span),
		    new_test(typing, field, OPERATOR_LE, high, element->span));
}

static const struct policy_condition *type_element(const struct typing *typing,
						   const struct field *field,
						   const struct syntax_element *element)
{
	uint64_t value;

	if (element->high)
		return type_range(typing, field, element);
	if (!fit(typing, field, element->low, false, &value))
		return NULL;
	warn_pointer(typing, field, value == 0, element->span);
	return new_test(typing, field, OPERATOR_EQ, value, element->span);
}

/* The same condition, said to be at the place of the whole. */
static const struct policy_condition *at_place(struct typing *typing,
					       const struct policy_condition *condition,
					       struct callgate_span span)
{
	struct policy_condition *copy;

	if (!condition)
		return NULL;
	copy = ARENA_NEW(typing->arena, struct policy_condition);
	if (!copy)
		return NULL;
	*copy = *condition;
	copy->span = span;
	return copy;
}

static const struct policy_condition *type_in(struct typing *typing,
					      const struct syntax_condition *condition)
{
	struct field field = { 0 };
	struct chain chain = { 0 };

	if (!take_operand(typing, &condition->operand, &field))
		return NULL;
	for (const struct syntax_element *at = condition->elements; at; at = at->next)
		chain_add(typing, &chain, type_element(typing, &field, at));
	return at_place(typing, chain_join(typing, &chain, CONDITION_OR),
			condition->span);
}

/* --- positions -------------------------------------------------------------------- */

static const struct policy_condition *
type_position(struct typing *typing, const struct syntax_condition *condition)
{
	struct field field = { 0 };
	uint64_t value;

	if (condition->position >= typing->prototype.count) {
		report_error(typing->scope.report, "too-many-arguments",
			     condition->span, argument_list(typing),
			     "'%s' takes %u argument%s", call_name(typing),
			     typing->prototype.count,
			     typing->prototype.count == 1 ? "" : "s");
		return NULL;
	}
	if (condition->kind == SYNTAX_ANYTHING)
		return type_always(typing->arena, condition->span);
	take_argument(typing, condition->position, &field);
	field.name = field.argument ? str_of(field.argument->name) : str_of("it");
	field.mask = ones(field.bits);
	if (!fit(typing, &field, condition->value, false, &value))
		return NULL;
	return new_test(typing, &field, OPERATOR_EQ, value, condition->span);
}

/* --- all -------------------------------------------------------------------------- */

static const struct policy_condition *
type_chain(struct typing *typing, const struct syntax_condition *condition)
{
	struct chain chain = { 0 };

	for (const struct syntax_condition *at = condition->first; at; at = at->next)
		chain_add(typing, &chain, type_condition(typing, at));
	return at_place(typing,
			chain_join(typing, &chain,
				   condition->kind == SYNTAX_AND ? CONDITION_AND
								 : CONDITION_OR),
			condition->span);
}

static const struct policy_condition *type_not(struct typing *typing,
					       const struct syntax_condition *condition)
{
	const struct policy_condition *inner = type_condition(typing, condition->first);
	struct policy_condition *outer;

	if (!inner)
		return NULL;
	outer = new_condition(typing->arena, CONDITION_NOT, condition->span);
	if (outer)
		outer->left = inner;
	return outer;
}

const struct policy_condition *type_condition(struct typing *typing,
					      const struct syntax_condition *condition)
{
	switch (condition->kind) {
	case SYNTAX_COMPARE:
		return type_compare(typing, condition);
	case SYNTAX_IN:
		return type_in(typing, condition);
	case SYNTAX_AND:
	case SYNTAX_OR:
		return type_chain(typing, condition);
	case SYNTAX_NOT:
		return type_not(typing, condition);
	default:
		return type_position(typing, condition);
	}
}
