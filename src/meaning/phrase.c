// SPDX-License-Identifier: MIT
/*
 * Phrases: making them, what they cost, and their text.
 *
 *   (view & mask) in ranges		operator that is printed
 *   ------------------------------	--------------------------
 *   one value				== or !=
 *   from the least value, or to the last	< <= > >=
 *   anything else			in or not in
 */
#include "meaning/phrase.h"

#include <errno.h>

/* --- cost --------------------------------------------------------------------------
 */

#define COST_TEST   4u
#define COST_MASK   3u
#define COST_PART   1u
#define COST_CAST   2u
#define COST_NARROW 4u /* a cast to what is no word of the filter's */
#define COST_POINT  1u
#define COST_RANGE  2u
#define COST_ORDER  6u /* of flags, which have none */
#define COST_NOT_IN 1u
#define COST_JOIN   1u

/* The one behind, of those that have no bit outside of the mask. */
static uint64_t next_value(uint64_t value, uint64_t mask)
{
	return ((value | ~mask) + 1) & mask;
}

/* Two neighbours are listed rather than a range. */
static bool is_points(const struct phrase_range *range, uint64_t mask)
{
	return range->first == range->last ||
	       range->last == next_value(range->first, mask);
}

static uint32_t operand_cost(const struct phrase_book *book, const struct phrase *test,
			     bool is_part)
{
	const struct phrase_field *field = &book->fields[test->view.field];
	uint32_t cost = 0;

	if (test->mask != phrase_ones(test->view.bits))
		cost += is_part ? COST_PART : COST_MASK;
	if (test->view.bits != field->bits)
		cost += test->view.bits >= 32 ? COST_CAST : COST_NARROW;
	else if (test->view.is_signed != field->is_signed)
		cost += COST_CAST;
	return cost;
}

static uint32_t cost_of(const struct phrase_book *book, const struct phrase *test)
{
	bool is_flags = book->fields[test->view.field].is_flags;
	bool is_masked = test->mask != phrase_ones(test->view.bits);
	bool is_part =
		is_masked && numeral_part(book, test->view, test->mask) == test->mask;
	bool has_order = is_part || !(is_flags || is_masked);
	uint32_t cost = COST_TEST + operand_cost(book, test, is_part);

	for (size_t i = 0; i < test->count; i++) {
		const struct phrase_range *range = &test->ranges[i];

		cost += range->first == range->last ? COST_POINT : COST_RANGE;
		if (!is_points(range, test->mask) && !has_order)
			cost += COST_ORDER;
		if (test->count > 2 && is_flags && !is_part)
			cost += COST_POINT;
	}
	if (test->is_negated &&
	    (test->count > 1 || !is_points(test->ranges, test->mask)))
		cost += COST_NOT_IN;
	return cost;
}

/* --- making ------------------------------------------------------------------------
 */

static void read_flags(struct phrase_book *book, struct phrase_field *field)
{
	for (size_t i = 0; i < constant_count(); i++) {
		const struct constant *constant = constant_at(i);
		struct named_value *flag;
		uint64_t value;

		if (strcmp(constant_family(constant), field->family) != 0 ||
		    !constant_value(constant, book->abi, &value))
			continue;
		constant = constant_of_value(field->family, book->abi, value);
		flag = ARENA_PUSH(&book->arena, field->flags, field->flag_count,
				  field->flag_capacity);
		if (flag)
			*flag = (struct named_value){ constant_name(constant), value };
	}
}

static void read_argument(struct phrase_book *book, struct phrase_field *field,
			  const struct argument *argument)
{
	field->bits = argument->bits;
	field->is_signed = argument->is_signed;
	field->family = argument->family;
	if (!field->family)
		return;
	field->is_flags = family_is_flags(field->family);
	if (field->is_flags)
		read_flags(book, field);
}

static void set_name(struct phrase_field *field, const char *name)
{
	snprintf(field->name, sizeof(field->name), "%s", name);
	field->has_name = strlen(name) < sizeof(field->name);
}

/* An argument may be called arg5 and be the fifth rather than the sixth. */
static bool is_taken(const struct prototype *prototype, size_t index, const char *name)
{
	for (size_t i = 0; i < prototype->count; i++) {
		const struct argument *argument = &prototype->arguments[i];

		if (i != index &&
		    ((argument->name && strcmp(argument->name, name) == 0) ||
		     (argument->alias && strcmp(argument->alias, name) == 0)))
			return true;
	}
	return false;
}

void phrase_book_init(struct phrase_book *book, const struct syscall *call,
		      const struct abi *abi)
{
	struct prototype prototype = { 0 };

	book->abi = abi;
	if (call)
		syscall_prototype(call, abi, &prototype);
	for (size_t i = 0; i < FIELD_MAX; i++) {
		struct phrase_field *field = &book->fields[i];
		char numbered[] = "arg0";

		*field = (struct phrase_field){ .bits = 64 };
		if (i == FIELD_IP) {
			set_name(field, "ip");
			continue;
		}
		if (i < prototype.count)
			read_argument(book, field, &prototype.arguments[i]);
		numbered[3] = (char)('0' + i);
		set_name(field, i < prototype.count && prototype.arguments[i].name
					? prototype.arguments[i].name
					: numbered);
		field->has_name &= !is_taken(&prototype, i, field->name);
	}
}

const struct phrase *phrase_constant(struct phrase_book *book, bool value)
{
	struct phrase *phrase = ARENA_NEW(&book->arena, struct phrase);

	if (phrase)
		phrase->kind = value ? PHRASE_ALWAYS : PHRASE_NEVER;
	return phrase;
}

const struct phrase *phrase_test(struct phrase_book *book, struct phrase_view view,
				 uint64_t mask, const struct phrase_range *ranges,
				 size_t count)
{
	struct phrase *phrase = ARENA_NEW(&book->arena, struct phrase);
	struct phrase_range *copy =
		ARENA_ARRAY(&book->arena, struct phrase_range, count);

	if (!phrase || !copy)
		return NULL;
	memcpy(copy, ranges, sizeof(*copy) * count);
	*phrase = (struct phrase){
		.kind = PHRASE_TEST,
		.view = view,
		.mask = mask,
		.ranges = copy,
		.count = count,
	};
	phrase->cost = cost_of(book, phrase);
	return phrase;
}

const struct phrase *phrase_join(struct phrase_book *book, enum phrase_kind kind,
				 const struct phrase *left, const struct phrase *right)
{
	enum phrase_kind neutral = kind == PHRASE_AND ? PHRASE_ALWAYS : PHRASE_NEVER;
	struct phrase *phrase;

	if (!left || !right)
		return NULL;
	if (left->kind == neutral)
		return right;
	if (right->kind == neutral)
		return left;
	if (left->kind <= PHRASE_NEVER)
		return left;
	if (right->kind <= PHRASE_NEVER)
		return right;
	phrase = ARENA_NEW(&book->arena, struct phrase);
	if (!phrase)
		return NULL;
	phrase->kind = kind;
	phrase->left = left;
	phrase->right = right;
	if (__builtin_add_overflow(left->cost, right->cost + COST_JOIN, &phrase->cost))
		phrase->cost = UINT32_MAX;
	return phrase;
}

const struct phrase *phrase_not(struct phrase_book *book, const struct phrase *phrase)
{
	struct phrase *copy;

	if (!phrase)
		return NULL;
	if (phrase->kind <= PHRASE_NEVER)
		return phrase_constant(book, phrase->kind == PHRASE_NEVER);
	if (phrase->kind != PHRASE_TEST)
		return phrase_join(book,
				   phrase->kind == PHRASE_AND ? PHRASE_OR : PHRASE_AND,
				   phrase_not(book, phrase->left),
				   phrase_not(book, phrase->right));
	copy = ARENA_NEW(&book->arena, struct phrase);
	if (!copy)
		return NULL;
	*copy = *phrase;
	copy->is_negated = !phrase->is_negated;
	copy->cost = cost_of(book, copy);
	return copy;
}

const struct phrase *phrase_cheaper(const struct phrase *a, const struct phrase *b)
{
	if (!a || !b)
		return a ? a : b;
	return b->cost < a->cost ? b : a;
}

/* --- text --------------------------------------------------------------------------
 */

struct printer {
	const struct phrase_book *book;
	struct buffer *text;
	size_t limit; /* of text->len */
	bool is_nameless;
};

static bool is_part(const struct phrase_book *book, const struct phrase *test)
{
	return numeral_part(book, test->view, test->mask) == test->mask;
}

static unsigned value_role(const struct phrase_book *book, const struct phrase *test,
			   uint64_t value)
{
	bool is_masked = test->mask != phrase_ones(test->view.bits);
	bool is_flags = book->fields[test->view.field].is_flags;

	/* A flag that is absent is 0; only a field of several bits can be O_RDONLY. */
	if (is_masked && (!is_flags || (value == 0 && !is_part(book, test))))
		return NUMERAL_NAMELESS;
	return 0;
}

static void put_value(const struct printer *printer, const struct phrase *test,
		      unsigned role, uint64_t value)
{
	numeral_put(printer->book, test->view,
		    role | value_role(printer->book, test, value), value,
		    printer->text);
}

static void put_operand(struct printer *printer, const struct phrase *test)
{
	const struct phrase_field *field = &printer->book->fields[test->view.field];
	const struct phrase_view *view = &test->view;

	printer->is_nameless |= !field->has_name;
	if (view->bits != field->bits || view->is_signed != field->is_signed)
		buffer_printf(printer->text, "%c%u(%s)", view->is_signed ? 's' : 'u',
			      view->bits, field->name);
	else
		buffer_text(printer->text, field->name);
	if (test->mask == phrase_ones(view->bits))
		return;
	buffer_text(printer->text, " & ");
	numeral_put(printer->book, *view, NUMERAL_MASK, test->mask, printer->text);
}

/* A flag's only bit is rather unlike 0 than like the flag. */
static void put_equality(struct printer *printer, const struct phrase *test)
{
	uint64_t value = test->ranges[0].first;
	bool is_equal = !test->is_negated;

	if (value == test->mask && (value & (value - 1)) == 0) {
		value = 0;
		is_equal = !is_equal;
	}
	buffer_text(printer->text, is_equal ? " == " : " != ");
	put_value(printer, test, 0, value);
}

/* The least (greatest) value that (view & mask) can have, in the view's order. */
static uint64_t extreme(const struct phrase *test, bool is_greatest)
{
	uint64_t sign = UINT64_C(1) << (test->view.bits - 1);
	bool has_sign = test->view.is_signed && test->mask & sign;

	if (!has_sign)
		return is_greatest ? test->mask : 0;
	return is_greatest ? test->mask & ~sign : sign;
}

/* `<=` the last value or `<` the one behind it, whichever looks better; also `>=`. */
static void put_order(struct printer *printer, const struct phrase *test,
		      uint64_t inclusive, bool is_upper)
{
	uint64_t ones = phrase_ones(test->view.bits);
	uint64_t exclusive = (is_upper ? inclusive + 1 : inclusive - 1) & ones;
	unsigned role = NUMERAL_ORDERED | value_role(printer->book, test, inclusive);
	bool is_exclusive =
		test->mask == ones &&
		numeral_oddness(printer->book, test->view, role, exclusive) <
			numeral_oddness(printer->book, test->view, role, inclusive);

	buffer_printf(printer->text, " %c%s ", is_upper ? '<' : '>',
		      is_exclusive ? "" : "=");
	put_value(printer, test, NUMERAL_ORDERED, is_exclusive ? exclusive : inclusive);
}

#define LISTED_MAX 8 /* values of a range that are listed because each has a name */

static bool is_named_throughout(const struct printer *printer,
				const struct phrase *test,
				const struct phrase_range *range)
{
	bool is_enumeration = test->mask == phrase_ones(test->view.bits) &&
			      !printer->book->fields[test->view.field].is_flags;
	uint64_t value = range->first;

	if (!is_enumeration && !is_part(printer->book, test))
		return false;
	for (unsigned i = 0; i < LISTED_MAX; i++) {
		if (!numeral_name(printer->book, test->view, 0, value))
			return false;
		if (value == range->last)
			return true;
		value = next_value(value, test->mask);
	}
	return false;
}

static void put_range(struct printer *printer, const struct phrase *test,
		      const struct phrase_range *range)
{
	uint64_t mask = test->mask;

	if (!is_points(range, mask) && !is_named_throughout(printer, test, range)) {
		put_value(printer, test, NUMERAL_ORDERED, range->first);
		buffer_text(printer->text, "..");
		put_value(printer, test, NUMERAL_ORDERED, range->last);
		return;
	}
	for (uint64_t value = range->first;; value = next_value(value, mask)) {
		put_value(printer, test, 0, value);
		if (value == range->last)
			return;
		buffer_text(printer->text, ", ");
	}
}

static void put_set(struct printer *printer, const struct phrase *test)
{
	bool is_bare = test->count == 1 && !is_points(test->ranges, test->mask) &&
		       !is_named_throughout(printer, test, test->ranges);

	buffer_text(printer->text, test->is_negated ? " not in " : " in ");
	buffer_text(printer->text, is_bare ? "" : "{");
	for (size_t i = 0; i < test->count && printer->text->len <= printer->limit;
	     i++) {
		buffer_text(printer->text, i ? ", " : "");
		put_range(printer, test, &test->ranges[i]);
	}
	buffer_text(printer->text, is_bare ? "" : "}");
}

static void put_test(struct printer *printer, const struct phrase *test)
{
	const struct phrase_range *range = test->ranges;
	bool is_set = test->count > 1 || test->is_negated ||
		      is_named_throughout(printer, test, range);

	put_operand(printer, test);
	if (test->count == 1 && range->first == range->last)
		put_equality(printer, test);
	else if (!is_set && range->first == extreme(test, false))
		put_order(printer, test, range->last, true);
	else if (!is_set && range->last == extreme(test, true))
		put_order(printer, test, range->first, false);
	else
		put_set(printer, test);
}

static void put_phrase(struct printer *printer, const struct phrase *phrase);

static void put_part(struct printer *printer, const struct phrase *part, bool is_inner)
{
	buffer_text(printer->text, is_inner ? "(" : "");
	put_phrase(printer, part);
	buffer_text(printer->text, is_inner ? ")" : "");
}

static void put_phrase(struct printer *printer, const struct phrase *phrase)
{
	bool is_and = phrase->kind == PHRASE_AND;

	/* What is shared prints every time: only the limit ends that. */
	if (printer->text->len > printer->limit || printer->text->failed)
		return;
	switch (phrase->kind) {
	case PHRASE_ALWAYS:
		buffer_text(printer->text, "always");
		break;
	case PHRASE_NEVER:
		buffer_text(printer->text, "never");
		break;
	case PHRASE_TEST:
		put_test(printer, phrase);
		break;
	case PHRASE_AND:
	case PHRASE_OR:
		put_part(printer, phrase->left,
			 is_and && phrase->left->kind == PHRASE_OR);
		buffer_text(printer->text, is_and ? " and " : " or ");
		put_part(printer, phrase->right,
			 is_and && phrase->right->kind == PHRASE_OR);
		break;
	}
}

int phrase_print(const struct phrase_book *book, const struct phrase *phrase,
		 size_t limit, struct buffer *ret_text)
{
	struct printer printer = { book, ret_text, ret_text->len + limit, false };

	put_phrase(&printer, phrase);
	if (ret_text->failed)
		return -ENOMEM;
	if (ret_text->len > printer.limit)
		return -E2BIG;
	return printer.is_nameless ? -EOPNOTSUPP : 0;
}
