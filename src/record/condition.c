// SPDX-License-Identifier: MIT
/*
 * What was seen of a call's arguments, generalised and put in words.
 *
 *	seen		safe, flags	safe, others	tight
 *	values		bits of all *	the values	the values
 *	bits		the bits	nothing		the bits
 *	anything	nothing		nothing		nothing
 *
 * (*) The values of flags that are something else together, as write and execute.
 * Each condition holds for everything that was seen: it may only be too wide. An argument
 * of which recordings keep nothing, as a pointer, never has one.
 */
#include "record/condition.h"

#include <errno.h>

#include "meaning/phrase.h"

#define TEXT_LIMIT ((size_t)16 << 10)

/* (argument & mask) in values */
struct clause {
	uint64_t mask;
	bool is_bits; /* … which is 0, and better said by the bits that are let through */
	uint64_t values[CALLGATE_VALUES_MAX];
	size_t count; /* 0: there is no condition */
};

struct wording {
	const struct abi *abi;
	enum callgate_arguments how;
	const struct prototype *prototype;
	const struct seen *arguments;
	struct phrase_book book;
	struct condition *out;
};

/* --- what is true ------------------------------------------------------------------- */

/* No bit of `mask` but those of `bits`. */
static void take_bits(struct clause *clause, uint64_t mask, uint64_t bits)
{
	clause->is_bits = true;
	clause->mask = mask & ~bits;
	clause->values[0] = 0;
	clause->count = clause->mask != 0;
}

static void take_values(struct clause *clause, uint64_t mask, const struct seen *seen)
{
	struct seen masked = { .kind = SEEN_VALUES };

	for (size_t i = 0; i < seen->count; i++)
		seen_add(&masked, seen->values[i] & mask);
	clause->mask = mask;
	clause->count = masked.count;
	memcpy(clause->values, masked.values, sizeof(clause->values));
}

/* Which bits a safe condition looks at. */
static uint64_t safe_mask(const struct wording *wording, const struct kept *kept,
			  uint64_t all)
{
	uint64_t mask = 0, bits;

	for (const char *name = kept->field; name && *name;) {
		size_t length = strcspn(name, "|");
		const struct constant *constant =
			constant_by_name((struct str){ name, length });

		if (constant && constant_value(constant, wording->abi, &bits))
			mask |= bits;
		name += length + (name[length] == '|');
	}
	return mask ? mask & all : all;
}

static struct clause generalize(const struct wording *wording, size_t index,
				const struct kept *kept)
{
	const struct argument *argument = &wording->prototype->arguments[index];
	const struct seen *seen = &wording->arguments[index];
	uint64_t all = phrase_ones(argument->bits);
	bool is_tight = wording->how == CALLGATE_ARGUMENTS_TIGHT;
	bool is_flags = kept->how == KEPT_BITS ||
			(argument->family && family_is_flags(argument->family));
	struct clause clause = { 0 };

	if (!is_tight && kept->field) {
		all = safe_mask(wording, kept, all);
		is_flags = kept->how == KEPT_BITS;
	}
	if (seen->kind == SEEN_ANY)
		return clause;
	if (seen->kind == SEEN_VALUES &&
	    (is_tight || !is_flags || kept->safe == SAFE_VALUES))
		take_values(&clause, all, seen);
	else if (is_tight || is_flags)
		take_bits(&clause, all, seen_bits(seen));
	/* Few bits are better named than all others. */
	clause.is_bits &= is_tight || !kept->field;
	return clause;
}

/* --- words ------------------------------------------------------------------------ */

/* The argument's place by the kernel's name of it. */
static size_t place_of(const struct prototype *prototype, struct str name)
{
	size_t place = 0;

	while (place < prototype->count &&
	       !str_is(name, prototype->arguments[place].name))
		place++;
	return place;
}

static bool has_constant(const struct abi *abi, struct str names, uint64_t value)
{
	while (names.len) {
		const char *blank = memchr(names.ptr, ' ', names.len);
		size_t length = blank ? (size_t)(blank - names.ptr) : names.len;
		const struct constant *constant =
			constant_by_name((struct str){ names.ptr, length });
		uint64_t candidate;

		if (constant && constant_value(constant, abi, &candidate) &&
		    candidate == value)
			return true;
		length += blank != NULL;
		names = (struct str){ names.ptr + length, names.len - length };
	}
	return false;
}

/* Whether the names of its family fit: "domain AF_INET AF_INET6". */
static bool is_named(const struct wording *wording, const char *named)
{
	const char *blank = named ? strchr(named, ' ') : NULL;
	const struct seen *other;
	size_t place;

	if (!blank)
		return true;
	place = place_of(wording->prototype,
			 (struct str){ named, (size_t)(blank - named) });
	if (place == wording->prototype->count)
		return false;
	other = &wording->arguments[place];
	for (size_t i = 0; i < other->count; i++)
		if (!has_constant(wording->abi, str_of(blank + 1), other->values[i]))
			return false;
	return other->count != 0;
}

static struct phrase_view view_of(const struct wording *wording, size_t index)
{
	const struct phrase_field *field = &wording->book.fields[index];

	return (struct phrase_view){ (uint8_t)index, field->bits, field->is_signed };
}

/* In the view's order: negative ones first. */
static size_t order(const struct clause *clause, struct phrase_view view,
		    struct phrase_range ret_ranges[CALLGATE_VALUES_MAX])
{
	uint64_t sign = view.is_signed ? UINT64_C(1) << (view.bits - 1) : 0;
	size_t count = 0;

	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < clause->count; i++)
			if (((clause->values[i] & sign) == 0) == (pass == 1))
				ret_ranges[count++] =
					(struct phrase_range){ clause->values[i],
							       clause->values[i] };
	return count;
}

/* "flags & ~(O_CREAT|O_CLOEXEC) == 0": by the flags that are let through. */
static void put_bits(struct wording *wording, size_t index, uint64_t bits)
{
	struct buffer *text = &wording->out->text, flags = { 0 };
	bool is_one;

	numeral_put(&wording->book, view_of(wording, index), 0, bits, &flags);
	is_one = !flags.failed && strcspn(flags.data, "|-") == flags.len;
	buffer_text(text, wording->book.fields[index].name);
	if (bits && !flags.failed)
		buffer_printf(text, is_one ? " & ~%s" : " & ~(%s)", flags.data);
	buffer_text(text, " == 0");
	text->failed |= flags.failed;
	buffer_done(&flags);
}

static int put_values(struct wording *wording, size_t index,
		      const struct clause *clause)
{
	struct phrase_range ranges[CALLGATE_VALUES_MAX];
	struct phrase_view view = view_of(wording, index);
	size_t count = order(clause, view, ranges);
	const struct phrase *phrase =
		phrase_test(&wording->book, view, clause->mask, ranges, count);

	if (!phrase)
		return -ENOMEM;
	return phrase_print(&wording->book, phrase, TEXT_LIMIT, &wording->out->text);
}

static void put_example(struct wording *wording, size_t index)
{
	const struct seen *seen = &wording->arguments[index];
	struct buffer *example = &wording->out->example;

	if (example->len)
		buffer_text(example, ", ");
	buffer_printf(example, "%s = ", wording->book.fields[index].name);
	numeral_put(&wording->book, view_of(wording, index), 0,
		    (seen->kind == SEEN_VALUES ? seen->values[0] : seen->bits) &
			    phrase_ones(wording->book.fields[index].bits),
		    example);
}

static void put_why(struct wording *wording, size_t index)
{
	const struct seen *seen = &wording->arguments[index];
	struct buffer *why = &wording->out->why;

	if (why->len)
		buffer_text(why, ", ");
	buffer_text(why, wording->book.fields[index].name);
	if (seen->kind == SEEN_ANY)
		buffer_text(why, " was not seen");
	else if (~seen_bits(seen) & phrase_ones(wording->book.fields[index].bits))
		buffer_text(why, " had many values");
	else
		buffer_text(why, " had all bits");
}

static int put_argument(struct wording *wording, const struct syscall *call,
			size_t index)
{
	struct kept kept = syscall_kept(call, wording->abi, index);
	struct phrase_field *field = &wording->book.fields[index];
	struct clause clause;
	uint64_t bits;

	if (kept.how == KEPT_NOT || !field->has_name ||
	    wording->how == CALLGATE_ARGUMENTS_NONE ||
	    (wording->how == CALLGATE_ARGUMENTS_SAFE && kept.safe == SAFE_NOT))
		return 0;
	clause = generalize(wording, index, &kept);
	if (!clause.count) {
		put_why(wording, index);
		return 0;
	}
	if (!is_named(wording, kept.named)) {
		field->family = NULL;
		field->is_flags = false;
		field->flag_count = 0;
	}
	put_example(wording, index);
	if (wording->out->text.len)
		buffer_text(&wording->out->text, ", ");
	bits = phrase_ones(field->bits) & ~clause.mask;
	/* The language has no complement of what does not fit a signed number. */
	if (!clause.is_bits || bits > INT64_MAX)
		return put_values(wording, index, &clause);
	put_bits(wording, index, bits);
	return 0;
}

int condition_of(const struct abi *abi, const struct syscall *call,
		 const struct seen arguments[ARGUMENTS_MAX],
		 enum callgate_arguments how, struct condition *ret_condition)
{
	struct prototype prototype;
	struct wording wording = { .abi = abi,
				   .how = how,
				   .prototype = &prototype,
				   .arguments = arguments,
				   .out = ret_condition };
	int error = 0;

	*ret_condition = (struct condition){ 0 };
	syscall_prototype(call, abi, &prototype);
	arena_init(&wording.book.arena, ARENA_DEFAULT_LIMIT);
	phrase_book_init(&wording.book, call, abi);
	for (size_t i = 0; i < prototype.count && !error; i++)
		error = put_argument(&wording, call, i);
	if (wording.book.arena.failed || ret_condition->text.failed ||
	    ret_condition->example.failed || ret_condition->why.failed)
		error = -ENOMEM;
	arena_done(&wording.book.arena);
	if (error)
		condition_done(ret_condition);
	return error;
}

void condition_done(struct condition *condition)
{
	buffer_done(&condition->text);
	buffer_done(&condition->example);
	buffer_done(&condition->why);
}
