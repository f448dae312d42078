// SPDX-License-Identifier: MIT
/*
 * The margin: calls that libc of another version or ABI may make in place of those seen.
 *
 * What the same kind of argument may be is carried over. Where that is not possible and
 * libc goes on with a call that was seen once it is told that the other is missing, it is
 * told so: a condition must not be lost to a call whose arguments no filter sees.
 */
#include "record/draft.h"

#include <errno.h>

#include "data/hazard.h"

/* Which calls take the place of one that was seen, as far as this ABI has them. */
struct margin {
	struct draft *draft;
	struct draft_abi *abi;
};

/* What was seen of an argument of that family, or NULL. */
static const struct seen *seen_of(const struct draft_line *line,
				  const struct prototype *prototype, const char *family)
{
	for (size_t i = 0; family && i < prototype->count; i++)
		if (prototype->arguments[i].family &&
		    strcmp(prototype->arguments[i].family, family) == 0)
			return &line->seen->arguments[i];
	return NULL;
}

/*
 * What was seen of the one call, as far as it also tells of the other, with what was seen
 * of that.
 */
static void carry(const struct margin *margin, const struct draft_line *from,
		  const struct syscall *to, struct seen ret_arguments[ARGUMENTS_MAX])
{
	const struct draft_line *own = draft_find(margin->abi, to);
	struct prototype source, target;

	syscall_prototype(from->call, margin->abi->abi, &source);
	syscall_prototype(to, margin->abi->abi, &target);
	for (size_t i = 0; i < ARGUMENTS_MAX; i++) {
		const struct seen *carried =
			i < target.count
				? seen_of(from, &source, target.arguments[i].family)
				: NULL;

		ret_arguments[i] = own ? own->seen->arguments[i]
				       : (struct seen){ .kind = SEEN_ANY };
		if (carried && own)
			seen_join(&ret_arguments[i], carried);
		else if (carried)
			ret_arguments[i] = *carried;
	}
}

static bool has_line(const struct draft_abi *abi, const struct syscall *call)
{
	for (size_t i = 0; i < abi->count; i++)
		if (abi->lines[i].call == call)
			return true;
	return false;
}

/* Whether libc does without the call, by one that is allowed, once that is ENOSYS. */
static bool falls_back(const struct margin *margin, const struct syscall *call)
{
	for (size_t i = 0; i < fallback_count(); i++) {
		struct fallback fallback = fallback_at(i);

		if (fallback.call == call && fallback.wants_enosys &&
		    has_line(margin->abi, fallback.fallback))
			return true;
	}
	return false;
}

/* The rule is there already, or one that has no condition. */
static bool is_covered(const struct margin *margin, const struct draft_line *line)
{
	for (size_t i = 0; i < margin->abi->count; i++) {
		const struct draft_line *other = &margin->abi->lines[i];

		if (other->call == line->call &&
		    (!other->condition[0] ||
		     strcmp(other->condition, line->condition) == 0))
			return true;
	}
	return false;
}

static int add_line(struct margin *margin, const struct draft_line *line)
{
	struct draft_abi *abi = margin->abi;
	struct draft_line *place;

	if (is_covered(margin, line))
		return 0;
	place = ARENA_PUSH(&margin->draft->arena, abi->lines, abi->count,
			   abi->capacity);
	if (!place)
		return -ENOMEM;
	*place = *line;
	return 0;
}

/* "clone(flags & CLONE_THREAD == 0)": what is in the parentheses; "" without. */
static struct str own_condition(struct str item)
{
	const char *open = memchr(item.ptr, '(', item.len);

	if (!open)
		return (struct str){ "", 0 };
	return (struct str){ open + 1, item.len - (size_t)(open - item.ptr) - 2 };
}

static int substitute(struct margin *margin, const struct draft_line *from,
		      struct str item)
{
	const struct abi *abi = margin->abi->abi;
	struct draft_line line = { .call = hazard_syscall(item),
				   .example = "",
				   .why = "",
				   .instead = syscall_name(from->call) };
	struct str own = own_condition(item);
	struct seen arguments[ARGUMENTS_MAX];
	int error = 0;

	if (line.call == from->call || !syscall_number(line.call, abi, &line.number) ||
	    syscall_since(line.call, abi) > margin->draft->version ||
	    draft_is_refused(margin->draft, abi, line.call))
		return 0;
	carry(margin, from, line.call, arguments);
	if (own.len) {
		line.condition = arena_copy(&margin->draft->arena, own);
		error = line.condition ? 0 : -ENOMEM;
	} else {
		error = draft_condition(margin->draft, abi, arguments, &line);
	}
	if (error)
		return error;
	line.answers_enosys = from->condition[0] && !line.condition[0] &&
			      !draft_find(margin->abi, line.call) &&
			      falls_back(margin, line.call);
	return add_line(margin, &line);
}

/* Each of a row's substitutes, if the call is one of those that it is about. */
static int apply_row(struct margin *margin, size_t row, size_t from)
{
	struct substitute pair = substitute_at(row);
	struct str list = str_of(pair.seen), item;
	bool is_about = false;
	int error = 0;

	while (hazard_next(&list, &item))
		is_about |= hazard_syscall(item) == margin->abi->lines[from].call;
	list = str_of(pair.added);
	while (is_about && !error && hazard_next(&list, &item)) {
		/* Lines move when one is added. */
		struct draft_line line = margin->abi->lines[from];

		error = substitute(margin, &line, item);
	}
	return error;
}

int margin_add(struct draft *draft)
{
	for (size_t i = 0; i < draft->abi_count; i++) {
		struct margin margin = { draft, &draft->abis[i] };
		size_t seen = 0;

		/* They come first. */
		while (seen < margin.abi->count && margin.abi->lines[seen].seen)
			seen++;
		for (size_t line = 0; line < seen; line++)
			for (size_t row = 0; row < substitute_count(); row++) {
				int error = margin.abi->lines[line].call
						    ? apply_row(&margin, row, line)
						    : 0;

				if (error)
					return error;
			}
	}
	return 0;
}
