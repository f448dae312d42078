// SPDX-License-Identifier: MIT
/*
 * Which rules a policy of a recording has: a line for each call that was done, and which
 * groups stand for theirs.
 *
 * A group is allowed as a whole when each of its calls that the ABI has, up to the version
 * that the policy is for, was done and needs no condition: then it allows nothing more.
 */
#include "record/draft.h"

#include <errno.h>

/* Of so much that they are no heading for a call. */
static const char *const wide_groups[] = { "@known", "@system-service" };

static bool has_call(const struct draft *draft, const struct abi *abi,
		     const struct syscall *call)
{
	uint32_t number;

	return syscall_number(call, abi, &number) &&
	       syscall_since(call, abi) <= draft->version;
}

static bool is_member(const struct group *group, const struct syscall *call)
{
	for (size_t i = 0; i < group_size(group); i++)
		if (group_syscall(group, i) == call)
			return true;
	return false;
}

static bool is_wide(const struct group *group)
{
	for (size_t i = 0; i < sizeof(wide_groups) / sizeof(*wide_groups); i++)
		if (strcmp(group_name(group), wide_groups[i]) == 0)
			return true;
	return false;
}

static const struct group *home_of(const struct syscall *call)
{
	const struct group *home = NULL;

	for (size_t i = 0; i < group_count(); i++) {
		const struct group *group = group_at(i);

		if ((!home || group_size(group) < group_size(home)) &&
		    !is_wide(group) && is_member(group, call))
			home = group;
	}
	return home;
}

/* --- lines ------------------------------------------------------------------------ */

static const char *keep(struct draft *draft, const struct buffer *text)
{
	return arena_copy(&draft->arena, (struct str){ text->data, text->len });
}

int draft_condition(struct draft *draft, const struct abi *abi,
		    const struct seen arguments[ARGUMENTS_MAX], struct draft_line *line)
{
	struct condition condition;
	int error = condition_of(abi, line->call, arguments, draft->options->arguments,
				 &condition);

	if (error)
		return error;
	line->condition = keep(draft, &condition.text);
	line->example = keep(draft, &condition.example);
	line->why = keep(draft, &condition.why);
	condition_done(&condition);
	return draft->arena.failed ? -ENOMEM : 0;
}

static struct draft_abi *abi_for(struct draft *draft, const struct abi *abi)
{
	struct draft_abi *last =
		draft->abi_count ? &draft->abis[draft->abi_count - 1] : NULL;

	/* Calls are in order of ABI. */
	if (last && last->abi == abi)
		return last;
	last = &draft->abis[draft->abi_count++];
	last->abi = abi;
	return last;
}

static int add_line(struct draft *draft, const struct record_call *seen)
{
	struct draft_abi *abi = abi_for(draft, seen->abi);
	struct draft_line *line =
		ARENA_PUSH(&draft->arena, abi->lines, abi->count, abi->capacity);

	if (!line)
		return -ENOMEM;
	*line = (struct draft_line){
		.seen = seen,
		.call = syscall_by_number(seen->abi, seen->number),
		.number = seen->number,
		.condition = "",
		.example = "",
		.why = "",
	};
	if (!line->call)
		return 0;
	line->home = home_of(line->call);
	return draft_condition(draft, seen->abi, seen->arguments, line);
}

const struct draft_line *draft_find(const struct draft_abi *abi,
				    const struct syscall *call)
{
	for (size_t i = 0; i < abi->count; i++)
		if (abi->lines[i].call == call && abi->lines[i].seen)
			return &abi->lines[i];
	return NULL;
}

bool draft_is_refused(const struct draft *draft, const struct abi *abi,
		      const struct syscall *call)
{
	bool is_refused = false;

	for (size_t i = 0; i < draft->recording->count; i++) {
		const struct record_call *seen = &draft->recording->calls[i];

		if (seen->abi != abi || syscall_by_number(abi, seen->number) != call)
			continue;
		if (!seen->refused)
			return false;
		is_refused = true;
	}
	return is_refused;
}

bool draft_is_multiplexer(const struct syscall *call, const struct abi *abi)
{
	uint32_t selector;

	for (size_t i = 0; i < syscall_count(); i++)
		if (syscall_multiplexer(syscall_at(i), abi, &selector) == call)
			return true;
	return false;
}

/* --- groups ----------------------------------------------------------------------- */

/* How many calls the group has here, 0 when one of them may not be let in like this. */
static size_t whole_size(const struct draft *draft, const struct draft_abi *abi,
			 const struct group *group)
{
	size_t size = 0;

	for (size_t i = 0; i < group_size(group); i++) {
		const struct syscall *call = group_syscall(group, i);
		const struct draft_line *line;

		if (!has_call(draft, abi->abi, call))
			continue;
		line = draft_find(abi, call);
		if (!line || line->condition[0] || line->why[0] ||
		    draft_is_multiplexer(call, abi->abi))
			return 0;
		size++;
	}
	return size;
}

static void take_group(struct draft_abi *abi, const struct group *group)
{
	abi->wholes[abi->whole_count++] = group;
	for (size_t i = 0; i < abi->count; i++)
		if (abi->lines[i].call && is_member(group, abi->lines[i].call))
			abi->lines[i].in_group = true;
}

/* The largest of the groups that would bring a line that no other brings. */
static const struct group *next_whole(const struct draft *draft,
				      const struct draft_abi *abi)
{
	const struct group *best = NULL;
	size_t best_size = 1;

	for (size_t i = 0; i < group_count(); i++) {
		const struct group *group = group_at(i);
		size_t size = whole_size(draft, abi, group);
		bool is_new = false;

		for (size_t j = 0; j < abi->count && size > best_size; j++)
			is_new |= abi->lines[j].call && !abi->lines[j].in_group &&
				  is_member(group, abi->lines[j].call);
		if (is_new) {
			best = group;
			best_size = size;
		}
	}
	return best;
}

static void find_wholes(const struct draft *draft, struct draft_abi *abi)
{
	size_t capacity = sizeof(abi->wholes) / sizeof(abi->wholes[0]);
	const struct group *group;

	while (abi->whole_count < capacity && (group = next_whole(draft, abi)))
		take_group(abi, group);
}

/* --- necessities ------------------------------------------------------------------ */

/*
 * What any program may come to: it ends, or gets a signal. Recordings that end before
 * their program lack the one, and most lack the other.
 */
static const char *const necessities[] = {
	"rt_sigreturn", "sigreturn", "restart_syscall", "exit", "exit_group",
};

static bool has_line(const struct draft_abi *abi, const struct syscall *call)
{
	for (size_t i = 0; i < abi->count; i++)
		if (abi->lines[i].call == call)
			return true;
	return false;
}

static int add_necessities(struct draft *draft, struct draft_abi *abi)
{
	for (size_t i = 0; i < sizeof(necessities) / sizeof(*necessities); i++) {
		struct draft_line line = {
			.call = syscall_by_name(str_of(necessities[i])),
			.condition = "",
			.example = "",
			.why = "",
		};
		struct draft_line *place;

		if (!syscall_number(line.call, abi->abi, &line.number) ||
		    has_line(abi, line.call) ||
		    draft_is_refused(draft, abi->abi, line.call))
			continue;
		place = ARENA_PUSH(&draft->arena, abi->lines, abi->count,
				   abi->capacity);
		if (!place)
			return -ENOMEM;
		*place = line;
	}
	return 0;
}

/* --- all -------------------------------------------------------------------------- */

/* Distributions bring calls to older kernels: none of what was done is newer than it. */
static void find_version(struct draft *draft)
{
	const struct callgate_recording *recording = draft->recording;

	draft->has_version = recording->kernel != 0;
	draft->version = recording->kernel;
	for (size_t i = 0; i < recording->count; i++) {
		const struct record_call *seen = &recording->calls[i];
		const struct syscall *call = syscall_by_number(seen->abi, seen->number);
		kernel_version since = call ? syscall_since(call, seen->abi) : 0;

		if (!seen->refused && since > draft->version)
			draft->version = since;
	}
	if (!draft->has_version || draft->version > version_newest())
		draft->version = version_newest();
}

int draft_make(const struct callgate_recording *recording,
	       const struct callgate_recording_policy_options *options,
	       struct draft *ret_draft)
{
	*ret_draft = (struct draft){ .recording = recording, .options = options };
	arena_init(&ret_draft->arena, ARENA_DEFAULT_LIMIT);
	find_version(ret_draft);
	for (size_t i = 0; i < recording->count; i++) {
		int error = recording->calls[i].refused
				    ? 0
				    : add_line(ret_draft, &recording->calls[i]);

		if (error)
			return error;
	}
	for (size_t i = 0; i < ret_draft->abi_count; i++) {
		int error = add_necessities(ret_draft, &ret_draft->abis[i]);

		if (error)
			return error;
		find_wholes(ret_draft, &ret_draft->abis[i]);
	}
	return options->margin_libc ? margin_add(ret_draft) : 0;
}

void draft_done(struct draft *draft)
{
	arena_done(&draft->arena);
}
