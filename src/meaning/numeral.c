// SPDX-License-Identifier: MIT
/*
 * Numbers as people write them: by the names of the argument's family, flags or-ed
 * together or as the complement of some, else decimal while small and hexadecimal.
 *
 * Whatever is written reads back as the same bits of the view's width.
 */
#include "meaning/phrase.h"

#define NAMES_MAX     10 /* or-ed in one number */
#define DECIMAL_MAX   65535
#define DECIMAL_NAMED 4095 /* where most numbers have names */

static const struct phrase_field *field_of(const struct phrase_book *book,
					   struct phrase_view view)
{
	return &book->fields[view.field];
}

static bool is_negative(struct phrase_view view, uint64_t value)
{
	return view.is_signed && value >> (view.bits - 1);
}

/* All 64 bits of a negative number. */
static uint64_t extend(struct phrase_view view, uint64_t value)
{
	return value | ~phrase_ones(view.bits);
}

/* --- names -------------------------------------------------------------------------
 */

const char *numeral_name(const struct phrase_book *book, struct phrase_view view,
			 unsigned role, uint64_t value)
{
	const struct phrase_field *field = field_of(book, view);
	bool is_ordered = role & NUMERAL_ORDERED;
	bool has_top = value >> (view.bits - 1);
	const struct constant *constant = NULL;

	if (!field->family || role & NUMERAL_NAMELESS ||
	    (role & NUMERAL_MASK && !field->is_flags))
		return NULL;
	/* Above INT64_MAX the tables' values are negative numbers. */
	if (!(value >> 63) && !(is_ordered && has_top && view.is_signed))
		constant = constant_of_value(field->family, book->abi, value);
	if (!constant && has_top && (!is_ordered || view.is_signed))
		constant = constant_of_value(field->family, book->abi,
					     extend(view, value));
	return constant ? constant_name(constant) : NULL;
}

/* A flag as bits of the view; 0 when it does not fit. */
static uint64_t flag_bits(struct phrase_view view, const struct named_value *flag)
{
	uint64_t bits = flag->value & phrase_ones(view.bits);
	bool has_top = bits >> (view.bits - 1);

	return flag->value == bits || (has_top && flag->value == extend(view, bits))
		       ? bits
		       : 0;
}

/* Whether a flag is the mask of a part that holds one value. */
static bool is_part(const struct named_value *flag)
{
	static const char *const parts[] = {
		"CSIGNAL",  "FUTEX_CMD_MASK", "MAP_TYPE",	"O_ACCMODE",
		"PER_MASK", "S_IFMT",	      "SOCK_TYPE_MASK",
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(flag->name, parts[i]) == 0)
			return true;
	return false;
}

uint64_t numeral_part(const struct phrase_book *book, struct phrase_view view,
		      uint64_t bits)
{
	const struct phrase_field *field = field_of(book, view);

	for (size_t i = 0; i < field->flag_count; i++) {
		uint64_t mask = flag_bits(view, &field->flags[i]);

		if (!(bits & ~mask) && is_part(&field->flags[i]))
			return mask;
	}
	return 0;
}

/* Names whose values make up a number, and what is left over. */
struct spelling {
	struct named_value names[NAMES_MAX];
	unsigned count;
	uint64_t rest;
};

/* The flag with the most bits that lies in what is left. */
static struct named_value best_flag(const struct phrase_book *book,
				    struct phrase_view view, uint64_t rest)
{
	const struct phrase_field *field = field_of(book, view);
	struct named_value best = { 0 };

	for (size_t i = 0; i < field->flag_count; i++) {
		uint64_t bits = flag_bits(view, &field->flags[i]);

		if (bits & ~rest ||
		    __builtin_popcountll(bits) <= __builtin_popcountll(best.value))
			continue;
		best.name = field->flags[i].name;
		best.value = bits;
	}
	return best;
}

/* In order of value. */
static void add_name(struct spelling *spelling, struct named_value flag)
{
	unsigned place = spelling->count++;

	for (; place > 0 && spelling->names[place - 1].value > flag.value; place--)
		spelling->names[place] = spelling->names[place - 1];
	spelling->names[place] = flag;
	spelling->rest &= ~flag.value;
}

/* What clone's flags have in that part is a signal. */
static const char *part_name(const struct phrase_book *book, struct phrase_view view,
			     uint64_t value)
{
	const char *name = numeral_name(book, view, 0, value);
	const struct constant *signal = NULL;

	if (!name && strcmp(field_of(book, view)->family, "clone") == 0)
		signal = constant_of_value("signal", book->abi, value);
	return signal ? constant_name(signal) : name;
}

static struct spelling spell(const struct phrase_book *book, struct phrase_view view,
			     uint64_t value)
{
	const struct phrase_field *field = field_of(book, view);
	struct spelling spelling = { .rest = value };
	uint64_t part = 0;

	for (size_t i = 0; i < field->flag_count && !part; i++)
		if (is_part(&field->flags[i]))
			part = flag_bits(view, &field->flags[i]);
	if (value & part) {
		const char *name = part_name(book, view, value & part);

		if (name)
			add_name(&spelling, (struct named_value){ name, value & part });
	}
	while (spelling.count < NAMES_MAX) {
		struct named_value flag = best_flag(book, view, spelling.rest & ~part);

		if (!flag.name)
			break;
		add_name(&spelling, flag);
	}
	return spelling;
}

/* Half of the number's bits are named, or more. */
static bool is_worth(const struct spelling *spelling, uint64_t value)
{
	int left = __builtin_popcountll(spelling->rest);

	return spelling->count && left * 2 <= __builtin_popcountll(value);
}

static void put_digits(struct buffer *text, uint64_t value, uint64_t decimal_max)
{
	buffer_printf(text, value <= decimal_max ? "%llu" : "0x%llx",
		      (unsigned long long)value);
}

static void put_spelling(const struct spelling *spelling, struct buffer *text)
{
	for (unsigned i = 0; i < spelling->count; i++)
		buffer_printf(text, "%s%s", i ? "|" : "", spelling->names[i].name);
	if (spelling->rest) {
		buffer_text(text, "|");
		put_digits(text, spelling->rest, 9);
	}
}

/* --- all ---------------------------------------------------------------------------
 */

/* A mask stands before a comparison: what has operators goes into parentheses. */
static void put_names(const struct spelling *spelling, unsigned role,
		      struct buffer *text)
{
	bool is_chain = spelling->count + (spelling->rest != 0) > 1;
	bool is_enclosed = is_chain && role & NUMERAL_MASK;

	buffer_text(text, is_enclosed ? "(" : "");
	put_spelling(spelling, text);
	buffer_text(text, is_enclosed ? ")" : "");
}

static bool put_flags(const struct phrase_book *book, struct phrase_view view,
		      unsigned role, uint64_t value, struct buffer *text)
{
	uint64_t complement = ~value & phrase_ones(view.bits);
	struct spelling direct = spell(book, view, value);
	struct spelling inverse = spell(book, view, complement);

	if (role & NUMERAL_MASK && complement && !inverse.rest &&
	    (direct.rest || inverse.count < direct.count)) {
		buffer_text(text, "~");
		put_names(&inverse, role, text);
		return true;
	}
	if (!is_worth(&direct, value))
		return false;
	put_names(&direct, role, text);
	return true;
}

static uint64_t decimal_max(const struct phrase_book *book, struct phrase_view view,
			    unsigned role)
{
	const struct phrase_field *field = field_of(book, view);

	if (role & NUMERAL_MASK || field->is_flags)
		return 9;
	return field->family ? DECIMAL_NAMED : DECIMAL_MAX;
}

void numeral_put(const struct phrase_book *book, struct phrase_view view, unsigned role,
		 uint64_t value, struct buffer *text)
{
	const char *name = numeral_name(book, view, role, value);
	uint64_t limit = decimal_max(book, view, role);
	uint64_t magnitude = -extend(view, value);
	bool may_be_flags = field_of(book, view)->is_flags &&
			    !(role & (NUMERAL_ORDERED | NUMERAL_NAMELESS));

	if (name) {
		buffer_text(text, name);
		return;
	}
	if (may_be_flags && put_flags(book, view, role, value, text))
		return;
	if (is_negative(view, value) &&
	    (role & NUMERAL_ORDERED ||
	     (!(role & NUMERAL_MASK) && magnitude <= limit))) {
		buffer_text(text, "-");
		value = magnitude;
	}
	put_digits(text, value, limit);
}

unsigned numeral_oddness(const struct phrase_book *book, struct phrase_view view,
			 unsigned role, uint64_t value)
{
	uint64_t magnitude = is_negative(view, value) ? -extend(view, value) : value;
	unsigned base = magnitude <= decimal_max(book, view, role) ? 10 : 16;
	unsigned digits = 0;

	if (!value || numeral_name(book, view, role, value))
		return 0;
	if ((magnitude & (magnitude - 1)) == 0)
		return 1;
	while (magnitude % base == 0)
		magnitude /= base;
	for (; magnitude; magnitude /= base)
		digits++;
	return digits;
}
