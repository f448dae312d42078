// SPDX-License-Identifier: MIT
/*
 * Which rules would allow what was denied, and where they go.
 *
 * Calls that one statement decided, of one name on one ABI, share a rule, whose condition is
 * what a recording of them would get. It stands in front of that statement, so that it
 * is looked at first and what was decided before stays; without a statement it goes to
 * the end, where nothing else decides. The result is parsed and asked again.
 */
#include "explain/advise.h"

#include <errno.h>
#include <inttypes.h>

#include "policy/policy.h"
#include "record/condition.h"

#define NOTE_MAX 60 /* bytes of a comment's note */

/* Calls that get one rule. */
struct group {
	struct callgate_span place; /* of the statement; no file: the end */
	const struct abi *abi;
	const struct syscall *call;
	uint64_t count;
	const char *note;
	struct seen arguments[ARGUMENTS_MAX];
	size_t edit;
};

struct advice {
	struct callgate_explain_advice advice; /* first: free() gets its address */
	struct arena arena;
	const struct callgate_explain_policy *about;
	struct callgate_explain_edit *edits;
	size_t capacity;
	struct group *groups;
	size_t group_count, group_capacity;
	size_t *edit_of;
	struct insertion *insertions;
	size_t insertion_count;
	uint32_t root; /* number of the source that includes the others */
};

/* --- calls into groups ------------------------------------------------------------ */

static const char *unfixable(const struct callgate_explain_rule *rule,
			     const struct abi *abi, const struct syscall *call)
{
	if (!abi)
		return "callgate does not know the call's architecture";
	if (!call)
		return "the number is no system call: no rule can name it";
	if (strcmp(rule->kind, "badarch") == 0)
		return "the policy does not list the ABI: add it to `arch`, with all "
		       "rules that this brings";
	return NULL;
}

/* An edit that cannot be made, one for each reason and place. */
static size_t add_refusal(struct advice *advice, const char *reason)
{
	struct callgate_explain_edit *edit;

	for (size_t i = 0; i < advice->advice.count; i++)
		if (advice->edits[i].reason == reason)
			return i;
	edit = ARENA_PUSH(&advice->arena, advice->edits, advice->advice.count,
			  advice->capacity);
	if (edit)
		edit->reason = reason;
	return edit ? advice->advice.count - 1 : CALLGATE_NONE;
}

static struct group *group_for(struct advice *advice, struct callgate_span place,
			       const struct abi *abi, const struct syscall *call)
{
	struct group *group;

	for (size_t i = 0; i < advice->group_count; i++) {
		group = &advice->groups[i];
		if (group->place.file == place.file &&
		    group->place.offset == place.offset && group->abi == abi &&
		    group->call == call)
			return group;
	}
	group = ARENA_PUSH(&advice->arena, advice->groups, advice->group_count,
			   advice->group_capacity);
	if (group)
		*group = (struct group){ .place = place, .abi = abi, .call = call };
	return group;
}

static void see(struct group *group, const struct callgate_explain_seen *seen)
{
	group->count += seen->count;
	if (!group->note)
		group->note = seen->note;
	for (size_t i = 0; i < ARGUMENTS_MAX; i++) {
		struct callgate_recorded_argument how =
			record_argument(group->abi, (uint32_t)seen->call.nr, i);
		struct callgate_seen given = { .known = !(seen->unsaid >> i & 1),
					       .count = 1,
					       .values = { seen->call.args[i] } };
		struct seen taken;

		seen_take(&taken, &given, how);
		seen_join(&group->arguments[i], &taken);
	}
}

/* Returns the place among groups, as that of a later edit; or an edit's; or NONE. */
static size_t take_call(struct advice *advice, const struct callgate_explain_seen *seen,
			bool *ret_is_group)
{
	const struct callgate_policy *policy = advice->about->policy;
	uint32_t number = (uint32_t)seen->call.nr;
	const struct abi *abi = abi_of(seen->call.arch, number);
	const struct syscall *call = abi ? syscall_by_number(abi, number) : NULL;
	struct callgate_explain_rule rule = callgate_explain_rule(policy, &seen->call);
	const char *reason = unfixable(&rule, abi, call);
	struct group *group;

	*ret_is_group = false;
	if (callgate_verdict_allows(rule.verdict))
		return CALLGATE_NONE;
	if (reason)
		return add_refusal(advice, reason);
	if (rule.rule == CALLGATE_NONE)
		rule.span = SPAN_NONE;
	group = group_for(advice, rule.span, abi, call);
	if (!group)
		return CALLGATE_NONE;
	see(group, seen);
	*ret_is_group = true;
	return (size_t)(group - advice->groups);
}

/* --- groups into edits ------------------------------------------------------------ */

/* "?name" on a policy of several ABIs, of which one lacks the call. */
static bool is_everywhere(const struct callgate_policy *policy,
			  const struct syscall *call)
{
	uint32_t number;

	for (size_t i = 0; i < policy->abi_count; i++)
		if (!syscall_number(call, policy->abis[i].abi, &number))
			return false;
	return true;
}

static const char *rule_text(struct advice *advice, const struct group *group)
{
	struct condition condition;
	struct buffer text = { 0 };
	const char *copy = NULL;

	if (condition_of(group->abi, group->call, group->arguments,
			 CALLGATE_ARGUMENTS_SAFE, &condition)) {
		advice->arena.failed = true;
		return NULL;
	}
	buffer_printf(&text, "allow %s%s",
		      is_everywhere(advice->about->policy, group->call) ? "" : "?",
		      syscall_name(group->call));
	if (condition.text.len)
		buffer_printf(&text, "(%s)", condition.text.data);
	condition_done(&condition);
	if (text.failed)
		advice->arena.failed = true;
	else
		copy = arena_copy(&advice->arena, (struct str){ text.data, text.len });
	buffer_done(&text);
	return copy;
}

/* Comments are of one line, whatever a program is called. */
static void put_comment(const struct group *group, struct buffer *ret_text)
{
	const char *note = group->note ? group->note : "it was denied";

	buffer_text(ret_text, "  # ");
	for (size_t i = 0; note[i] && i < NOTE_MAX; i++)
		buffer_put(ret_text, note[i] >= ' ' && note[i] <= '~' ? &note[i] : "?",
			   1);
	if (group->count > 1)
		buffer_printf(ret_text, ", %" PRIu64 " times", group->count);
	buffer_text(ret_text, "\n");
}

/* The blanks that the line of a place begins with. */
static struct str indentation(struct str text, size_t at)
{
	size_t start = at, length = 0;

	while (start && text.ptr[start - 1] != '\n')
		start--;
	while (start + length < at &&
	       (text.ptr[start + length] == ' ' || text.ptr[start + length] == '\t'))
		length++;
	return (struct str){ text.ptr + start, length };
}

static bool is_blank_before(struct str text, size_t at, size_t *ret_start)
{
	struct str blanks = indentation(text, at);

	*ret_start = (size_t)(blanks.ptr - text.ptr);
	return blanks.ptr + blanks.len == text.ptr + at;
}

static void add_insertion(struct advice *advice, const struct group *group,
			  const char *rule, struct str source)
{
	struct insertion *insertion = &advice->insertions[advice->insertion_count++];
	struct buffer text = { 0 };
	size_t start;

	insertion->file = group->place.file ? group->place.file : advice->root;
	insertion->offset = (uint32_t)source.len;
	if (group->place.file) {
		bool is_first = is_blank_before(source, group->place.offset, &start);

		buffer_str(&text, indentation(source, group->place.offset));
		insertion->offset = is_first ? (uint32_t)start : group->place.offset;
	}
	buffer_text(&text, rule);
	put_comment(group, &text);
	if (text.failed)
		advice->arena.failed = true;
	else
		insertion->text =
			arena_copy(&advice->arena, (struct str){ text.data, text.len });
	buffer_done(&text);
	if (!insertion->text)
		advice->insertion_count--;
}

static int add_edit(struct advice *advice, struct group *group)
{
	struct callgate_span place = group->place;
	struct callgate_position position = { 0 };
	struct callgate_explain_edit *edit;
	const char *name, *rule = rule_text(advice, group);
	struct str text;

	if (!rule)
		return -ENOMEM;
	if (!place.file)
		place = (struct callgate_span){ .file = advice->root };
	if (!diag_source(advice->about->diagnostics, place.file, &name, &text))
		return -EINVAL;
	if (!group->place.file)
		place.offset = (uint32_t)text.len;
	callgate_diagnostics_position(advice->about->diagnostics, place, &position);
	edit = ARENA_PUSH(&advice->arena, advice->edits, advice->advice.count,
			  advice->capacity);
	if (!edit)
		return -ENOMEM;
	*edit = (struct callgate_explain_edit){
		.file = arena_copy(&advice->arena, str_of(name)),
		.line = position.line,
		.at_end = !group->place.file,
		.rule = rule,
	};
	group->edit = advice->advice.count - 1;
	add_insertion(advice, group, rule, text);
	return 0;
}

/* The source that the policy was made of: the last one of its name. */
static uint32_t find_root(const struct callgate_explain_policy *about)
{
	const char *name, *wanted = about->policy->name;
	uint32_t found = 0;
	struct str text;

	for (uint32_t i = 1; diag_source(about->diagnostics, i, &name, &text); i++)
		if (!found || (wanted && strcmp(name, wanted) == 0))
			found = i;
	return found;
}

static int make_edits(struct advice *advice)
{
	struct amendment amendment = {
		.arena = &advice->arena,
		.diagnostics = advice->about->diagnostics,
	};
	int error = 0;
	bool is_whole;

	advice->root = find_root(advice->about);
	advice->insertions =
		ARENA_ARRAY(&advice->arena, struct insertion, advice->group_count + 1);
	for (size_t i = 0; i < advice->group_count && !error; i++)
		error = advice->insertions ? add_edit(advice, &advice->groups[i])
					   : -ENOMEM;
	if (error)
		return error;
	amendment.insertions = advice->insertions;
	amendment.count = advice->insertion_count;
	is_whole = amend(&amendment);
	advice->advice.files = amendment.files;
	advice->advice.file_count = amendment.file_count;
	advice->advice.patch =
		arena_copy(&advice->arena,
			   (struct str){ amendment.patch.data ? amendment.patch.data
							      : "",
					 amendment.patch.len });
	buffer_done(&amendment.patch);
	return is_whole ? 0 : -EINVAL;
}

/* --- the proof -------------------------------------------------------------------- */

/* Hands out sources as they are to be, by the names that they were read under. */
static int read_amended(void *context, const char *name, const char *from,
			char **ret_text, size_t *ret_length, char **ret_name)
{
	const struct advice *advice = context;
	const struct callgate_parse_options *options = advice->about->options;
	const struct callgate_reader *reader = options ? options->reader : NULL;
	int error = reader ? reader->read(reader->context, name, from, ret_text,
					  ret_length, ret_name)
			   : -ENOENT;

	for (size_t i = 0; i < advice->advice.file_count && !error; i++) {
		const struct callgate_explain_file *file = &advice->advice.files[i];
		char *text;

		if (strcmp(file->name, *ret_name) != 0)
			continue;
		text = malloc(file->length + 1);
		if (!text)
			return -ENOMEM;
		memcpy(text, file->text, file->length + 1);
		free(*ret_text);
		*ret_text = text;
		*ret_length = file->length;
	}
	return error;
}

static int parse_amended(const struct advice *advice,
			 struct callgate_policy **ret_policy)
{
	const struct callgate_reader reader = { read_amended,
						(void *)(uintptr_t)advice };
	struct callgate_parse_options options = { 0 };
	const char *name = "";
	struct str text = { 0 };

	if (advice->about->options)
		options = *advice->about->options;
	options.reader = &reader;
	diag_source(advice->about->diagnostics, advice->root, &name, &text);
	for (size_t i = 0; i < advice->advice.file_count; i++)
		if (strcmp(advice->advice.files[i].name, name) == 0)
			text = (struct str){ advice->advice.files[i].text,
					     advice->advice.files[i].length };
	options.name = name;
	return callgate_policy_parse(text.ptr, text.len, &options, NULL, ret_policy);
}

static int prove(const struct advice *advice, const struct callgate_explain_seen *seen,
		 size_t count)
{
	struct callgate_policy *amended = NULL;
	int error;

	if (advice->insertion_count == 0)
		return 0;
	error = parse_amended(advice, &amended);
	for (size_t i = 0; i < count && !error; i++) {
		size_t edit = advice->edit_of[i];

		if (edit != CALLGATE_NONE && !advice->edits[edit].reason &&
		    !callgate_verdict_allows(
			    policy_evaluate(amended, &seen[i].call, NULL)))
			error = -EINVAL;
	}
	callgate_policy_free(amended);
	return error;
}

/* --- all of it -------------------------------------------------------------------- */

static int advise(struct advice *advice, const struct callgate_explain_seen *seen,
		  size_t count)
{
	bool *is_group = ARENA_ARRAY(&advice->arena, bool, count + 1);
	int error;

	advice->edit_of = ARENA_ARRAY(&advice->arena, size_t, count + 1);
	if (!advice->edit_of || !is_group)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		advice->edit_of[i] = take_call(advice, &seen[i], &is_group[i]);
	error = advice->arena.failed ? -ENOMEM : make_edits(advice);
	for (size_t i = 0; i < count && !error; i++)
		if (is_group[i])
			advice->edit_of[i] = advice->groups[advice->edit_of[i]].edit;
	if (advice->arena.failed)
		error = -ENOMEM;
	advice->advice.edits = advice->edits;
	advice->advice.edit_of = advice->edit_of;
	return error ? error : prove(advice, seen, count);
}

int callgate_explain_advise(const struct callgate_explain_policy *policy,
			    const struct callgate_explain_seen *seen, size_t count,
			    struct callgate_explain_advice **ret_advice)
{
	struct advice *advice = calloc(1, sizeof(*advice));
	int error;

	if (!advice)
		return -ENOMEM;
	arena_init(&advice->arena, ARENA_DEFAULT_LIMIT);
	advice->about = policy;
	error = advise(advice, seen, count);
	if (error) {
		callgate_explain_advice_free(&advice->advice);
		return error;
	}
	*ret_advice = &advice->advice;
	return 0;
}

void callgate_explain_advice_free(struct callgate_explain_advice *advice)
{
	struct advice *whole = (struct advice *)advice;

	if (!whole)
		return;
	arena_done(&whole->arena);
	free(whole);
}
