// SPDX-License-Identifier: MIT
/*
 * A recording → a policy's text, one that a person would keep.
 *
 *	# What `sqlite3` was seen to do: 1,204 calls of 45 kinds.
 *	abi     linux-6.18
 *	arch    x86_64
 *	default errno EPERM
 *
 *	# @basic-io: reading, writing, …
 *	allow   close                           # 17 calls, first by sqlite3
 *	…
 *
 * Sections are in order of group, calls in order of number, so that two recordings of one
 * program differ in few lines. Names that others chose are made safe for a comment.
 */
#include <errno.h>

#include "data/hazard.h"
#include "data/verdict.h"
#include "policy/policy.h"
#include "record/draft.h"

#define COMMENT_COLUMN 40
#define WRAP_COLUMN    80
#define NAME_MAX_SHOWN 56

struct writer {
	const struct draft *draft;
	const struct draft_abi *abi;
	struct buffer *text;
	const char *indent; /* "" or that of a block */
	bool can_deny;	    /* the default refuses, so that `deny` means something */
	const char *only;   /* who made each call first, if it is always the same */
};

/* --- comments --------------------------------------------------------------------- */

/* 1204 as "1,204" */
static void put_count(struct buffer *text, uint64_t count)
{
	if (count >= 1000) {
		put_count(text, count / 1000);
		buffer_printf(text, ",%03u", (unsigned)(count % 1000));
	} else {
		buffer_printf(text, "%u", (unsigned)count);
	}
}

static void put_calls(struct buffer *text, uint64_t count)
{
	put_count(text, count);
	buffer_text(text, count == 1 ? " call" : " calls");
}

static void put_safe(struct buffer *text, const char *name)
{
	for (size_t i = 0; name[i] && i < NAME_MAX_SHOWN; i++)
		buffer_printf(text, "%c",
			      name[i] >= ' ' && name[i] < 0x7f ? name[i] : '?');
	if (strlen(name) > NAME_MAX_SHOWN)
		buffer_text(text, "...");
}

/* "1,204 calls, first by ld.so" */
static void put_seen(const struct writer *writer, const struct record_call *seen,
		     struct buffer *comment)
{
	if (writer->draft->options->without_counts)
		return;
	put_calls(comment, record_call_count(seen));
	if (seen->first_by[0] && !writer->only) {
		buffer_text(comment, ", first by ");
		put_safe(comment, seen->first_by);
	}
}

static void put_more(struct buffer *comment, const char *more)
{
	if (!more[0])
		return;
	if (comment->len)
		buffer_text(comment, "; ");
	buffer_text(comment, more);
}

static void put_comment(struct buffer *text, size_t column, const char *comment)
{
	if (!comment || !comment[0]) {
		buffer_text(text, "\n");
		return;
	}
	buffer_fill(text, ' ', column < COMMENT_COLUMN ? COMMENT_COLUMN - column : 1);
	buffer_printf(text, "# %s\n", comment);
}

/* --- rules ------------------------------------------------------------------------ */

/* The call as a rule or an expect line names it. */
static void put_name(const struct abi *abi, const struct draft_line *line,
		     struct buffer *text)
{
	if (line->call)
		buffer_text(text, syscall_name(line->call));
	else if (line->number == UINT32_MAX)
		buffer_printf(text, "%s:-1", abi->name);
	else
		buffer_printf(text, "%s:%u", abi->name, (unsigned)line->number);
}

/* How far it is to where the text may be broken next: a comma, or also a bar. */
static size_t next_break(const char *text, bool at_bars)
{
	size_t length = 0;
	unsigned inner = 0;

	for (; text[length]; length++) {
		char c = text[length];

		inner += c == '(' || c == '{';
		if ((c == ')' || c == '}') && inner-- == 0)
			break;
		if ((c == ',' && inner == 0) || (c == '|' && at_bars && inner == 0))
			break;
	}
	return length + 1;
}

/* Inside parentheses and braces a statement may go on in the next line. */
static void put_wrapped(const struct writer *writer, const char *text)
{
	size_t column = 0;
	unsigned depth = 0;

	for (; *text; text++, column++) {
		bool is_break = depth && (*text == ',' || *text == '|');

		depth += *text == '(' || *text == '{';
		depth -= *text == ')' || *text == '}';
		buffer_put(writer->text, text, 1);
		if (!is_break)
			continue;
		if (column + next_break(text + 1, *text == '|') < WRAP_COLUMN)
			continue;
		text += text[1] == ' ';
		buffer_printf(writer->text, "\n%s%16s", writer->indent, "");
		column = 16;
	}
}

static void put_rule(const struct writer *writer, const char *action,
		     const struct draft_line *line, struct buffer *comment)
{
	struct buffer rule = { 0 };
	size_t length;

	buffer_printf(&rule, "%-7s ", action);
	put_name(writer->abi->abi, line, &rule);
	if (line->condition[0])
		buffer_printf(&rule, "(%s)", line->condition);
	length = rule.failed ? 0 : rule.len;
	buffer_text(writer->text, writer->indent);
	if (length > COMMENT_COLUMN && comment->len) {
		buffer_printf(writer->text, "# %s\n%s", comment->data, writer->indent);
		buffer_done(comment);
	}
	if (rule.failed)
		writer->text->failed = true;
	else
		put_wrapped(writer, rule.data);
	put_comment(writer->text, length, comment->data);
	writer->text->failed |= comment->failed;
	buffer_done(&rule);
	buffer_done(comment);
}

/* What whoever keeps the policy should know of a call that it allows, whatever it is asked. */
static const char *danger_of(const struct syscall *call)
{
	for (size_t i = 0; i < danger_count(); i++) {
		struct str list = str_of(danger_at(i).calls), item;

		while (hazard_next(&list, &item))
			if (!memchr(item.ptr, '(', item.len) &&
			    hazard_syscall(item) == call)
				return danger_at(i).reason;
	}
	return NULL;
}

/* As comments of whole words. */
static void put_paragraph(const struct writer *writer, const char *text)
{
	while (*text) {
		size_t length = strlen(text), most = WRAP_COLUMN - strlen("# ");

		if (length > most)
			for (length = most; length > 1 && text[length] != ' ';)
				length--;
		buffer_printf(writer->text, "%s# %.*s\n", writer->indent, (int)length,
			      text);
		text += length;
		text += *text == ' ';
	}
}

static void put_line(const struct writer *writer, const struct draft_line *line)
{
	const char *danger =
		line->call && !line->condition[0] ? danger_of(line->call) : NULL;
	struct buffer comment = { 0 };

	if (danger)
		put_paragraph(writer, danger);
	if (line->seen)
		put_seen(writer, line->seen, &comment);
	if (!line->call)
		put_more(&comment, "a number without a name");
	put_more(&comment, line->why);
	put_rule(writer, "allow", line, &comment);
}

/* --- sections --------------------------------------------------------------------- */

static bool has_section(const struct writer *writer, const struct group *group)
{
	const struct draft_abi *abi = writer->abi;

	for (size_t i = 0; i < abi->whole_count; i++)
		if (abi->wholes[i] == group)
			return true;
	for (size_t i = 0; i < abi->count; i++)
		if (abi->lines[i].seen && abi->lines[i].home == group &&
		    !abi->lines[i].in_group)
			return true;
	return false;
}

static bool is_member(const struct group *group, const struct syscall *call)
{
	for (size_t i = 0; i < group_size(group); i++)
		if (group_syscall(group, i) == call)
			return true;
	return false;
}

static void put_whole(const struct writer *writer, const struct group *group)
{
	struct buffer comment = { 0 };
	uint64_t count = 0;
	size_t length = strlen("allow   ") + strlen(group_name(group));

	for (size_t i = 0; i < writer->abi->count; i++) {
		const struct draft_line *line = &writer->abi->lines[i];

		if (line->seen && line->call && is_member(group, line->call) &&
		    __builtin_add_overflow(count, record_call_count(line->seen),
					   &count))
			count = UINT64_MAX;
	}
	if (!writer->draft->options->without_counts) {
		put_calls(&comment, count);
		buffer_text(&comment, ", all of them");
	}
	buffer_printf(writer->text, "%sallow   %s", writer->indent, group_name(group));
	put_comment(writer->text, length, comment.data);
	writer->text->failed |= comment.failed;
	buffer_done(&comment);
}

/* The calls of a group, or of none for NULL. */
static void put_section(const struct writer *writer, const struct group *group)
{
	const struct draft_abi *abi = writer->abi;

	if (!has_section(writer, group))
		return;
	if (group)
		buffer_printf(writer->text, "\n%s# %s: %s\n", writer->indent,
			      group_name(group), group_help(group));
	else
		buffer_printf(writer->text, "\n%s# Others\n", writer->indent);
	for (size_t i = 0; group && i < abi->whole_count; i++)
		if (abi->wholes[i] == group)
			put_whole(writer, group);
	for (size_t i = 0; i < abi->count; i++)
		if (abi->lines[i].seen && abi->lines[i].home == group &&
		    !abi->lines[i].in_group)
			put_line(writer, &abi->lines[i]);
}

static void put_necessities(const struct writer *writer)
{
	size_t count = 0;

	for (size_t i = 0; i < writer->abi->count; i++) {
		const struct draft_line *line = &writer->abi->lines[i];

		if (line->seen || line->instead)
			continue;
		if (count == 0)
			buffer_printf(writer->text,
				      "\n%s# Not seen: what any program needs to end, "
				      "or after a signal\n%sallow   ",
				      writer->indent, writer->indent);
		buffer_printf(writer->text, "%s%s", count ? ", " : "",
			      syscall_name(line->call));
		count++;
	}
	if (count)
		buffer_text(writer->text, "\n");
}

static void put_margin(const struct writer *writer)
{
	bool is_first = true;

	for (size_t i = 0; i < writer->abi->count; i++) {
		const struct draft_line *line = &writer->abi->lines[i];
		struct buffer comment = { 0 };

		if (!line->instead)
			continue;
		if (is_first)
			buffer_printf(writer->text,
				      "\n%s# Not seen: what libc may call instead\n",
				      writer->indent);
		is_first = false;
		buffer_printf(&comment, "margin, for %s", line->instead);
		put_more(&comment, line->answers_enosys ? "libc goes back to it" : "");
		put_rule(writer, line->answers_enosys ? "errno   ENOSYS" : "allow",
			 line, &comment);
	}
}

/* --- refused calls ---------------------------------------------------------------- */

/* Whether libc goes on with another call when this one is missing. */
static bool wants_enosys(const struct syscall *call)
{
	for (size_t i = 0; i < fallback_count(); i++)
		if (fallback_at(i).call == call && fallback_at(i).wants_enosys)
			return true;
	return false;
}

/* A call that `abi` does not have yet answers ENOSYS by that. */
static bool is_newer(const struct draft *draft, const struct record_call *seen,
		     const struct syscall *call)
{
	return draft->has_version && syscall_since(call, seen->abi) > draft->version;
}

static void put_refused(const struct writer *writer, const struct record_call *seen)
{
	const struct draft_line line = {
		.call = syscall_by_number(seen->abi, seen->number),
		.number = seen->number,
		.condition = "",
	};
	struct buffer comment = { 0 };

	put_seen(writer, seen, &comment);
	if (line.call && !draft_is_refused(writer->draft, seen->abi, line.call))
		put_more(&comment, "others were done, see above");
	if (line.call && draft_is_refused(writer->draft, seen->abi, line.call) &&
	    wants_enosys(line.call) && !is_newer(writer->draft, seen, line.call)) {
		put_more(&comment, "libc goes on with an older call");
		put_rule(writer, "errno   ENOSYS", &line, &comment);
		return;
	}
	buffer_printf(writer->text, "%s# ", writer->indent);
	put_name(seen->abi, &line, writer->text);
	if (comment.len)
		buffer_printf(writer->text, ": %s", comment.data);
	buffer_text(writer->text, "\n");
	writer->text->failed |= comment.failed;
	buffer_done(&comment);
}

static void put_all_refused(const struct writer *writer)
{
	const struct callgate_recording *recording = writer->draft->recording;
	bool is_first = true;

	for (size_t i = 0; i < recording->count; i++) {
		const struct record_call *seen = &recording->calls[i];

		if (!seen->refused || seen->abi != writer->abi->abi)
			continue;
		if (is_first)
			buffer_printf(writer->text, "\n%s# Refused by another filter\n",
				      writer->indent);
		is_first = false;
		put_refused(writer, seen);
	}
}

/* --- expect lines ----------------------------------------------------------------- */

static void put_expect(const struct writer *writer, const char *verdict,
		       const struct abi *abi, const struct draft_line *line)
{
	const struct draft *draft = writer->draft;
	struct buffer text = { 0 };

	buffer_printf(&text, "expect  %-5s ", verdict);
	if (line->call && (draft->abi_count != 1 || draft->abis[0].abi != abi))
		buffer_printf(&text, "%s:", abi->name);
	put_name(abi, line, &text);
	if (line->example[0])
		buffer_printf(&text, "(%s)", line->example);
	if (!text.failed)
		put_wrapped(writer, text.data);
	writer->text->failed |= text.failed;
	buffer_text(writer->text, "\n");
	buffer_done(&text);
}

/* Those that have a condition, and those that were refused and never done. */
static void put_expects(const struct writer *writer)
{
	const struct draft *draft = writer->draft;
	size_t before = writer->text->len;

	buffer_text(writer->text, "\n");
	for (size_t i = 0; i < draft->abi_count; i++)
		for (size_t j = 0; j < draft->abis[i].count; j++) {
			const struct draft_line *line = &draft->abis[i].lines[j];

			if (line->seen && line->condition[0])
				put_expect(writer, "allow", draft->abis[i].abi, line);
		}
	for (size_t i = 0; i < draft->recording->count && writer->can_deny; i++) {
		const struct record_call *seen = &draft->recording->calls[i];
		const struct draft_line line = {
			.call = syscall_by_number(seen->abi, seen->number),
			.example = "",
		};

		if (line.call && !is_newer(draft, seen, line.call) &&
		    draft_is_refused(draft, seen->abi, line.call) &&
		    !draft_is_multiplexer(line.call, seen->abi))
			put_expect(writer, "deny", seen->abi, &line);
	}
	if (writer->text->len == before + 1) {
		writer->text->len = before;
		writer->text->data[before] = 0;
	}
}

/* --- all -------------------------------------------------------------------------- */

static void put_what(const struct writer *writer)
{
	const struct callgate_recording *recording = writer->draft->recording;
	bool is_first = true;

	buffer_text(writer->text, "# Recorded");
	for (size_t i = 0; i < recording->run_count; i++) {
		const char *command = recording->runs[i].command;

		if (!command[0] ||
		    (i && strcmp(command, recording->runs[i - 1].command) == 0))
			continue;
		buffer_text(writer->text, is_first ? " from " : "\n# and ");
		put_safe(writer->text, command);
		is_first = false;
	}
	buffer_text(writer->text, "\n");
}

static void put_counts(const struct writer *writer)
{
	const struct callgate_recording *recording = writer->draft->recording;
	uint64_t sum = 0;

	for (size_t i = 0; i < recording->count; i++)
		if (__builtin_add_overflow(sum, record_call_count(&recording->calls[i]),
					   &sum))
			sum = UINT64_MAX;
	buffer_text(writer->text, "# ");
	put_calls(writer->text, sum);
	buffer_text(writer->text, " of ");
	put_count(writer->text, recording->count);
	buffer_text(writer->text, recording->count == 1 ? " kind in " : " kinds in ");
	put_count(writer->text, recording->run_count);
	buffer_text(writer->text, recording->run_count == 1 ? " run" : " runs");
	if (writer->only) {
		buffer_text(writer->text, ", each first by ");
		put_safe(writer->text, writer->only);
	}
	if (recording->sampled)
		buffer_text(writer->text, ", a sample of those that were recorded");
	buffer_text(writer->text, "\n");
}

/* NULL when they are several, or it is not known. */
static const char *only_first(const struct callgate_recording *recording)
{
	const char *only = recording->count ? recording->calls[0].first_by : "";

	for (size_t i = 1; i < recording->count; i++)
		if (strcmp(recording->calls[i].first_by, only) != 0)
			return NULL;
	return only[0] ? only : NULL;
}

static void put_header(const struct writer *writer)
{
	const struct draft *draft = writer->draft;
	const char *action = draft->options->default_action;

	put_what(writer);
	if (!draft->options->without_counts)
		put_counts(writer);
	if (draft->recording->spoiled)
		buffer_text(
			writer->text,
			"# The recording is not whole: calls may be missing here.\n");
	buffer_text(writer->text, "\n");
	if (draft->has_version)
		buffer_printf(writer->text, "abi     linux-%u.%u\n",
			      draft->version >> 8u, draft->version & 0xffu);
	for (size_t i = 0; i < draft->abi_count; i++)
		buffer_printf(writer->text, "%s %s", i ? "" : "arch   ",
			      draft->abis[i].abi->name);
	if (draft->abi_count)
		buffer_text(writer->text, "\n");
	buffer_printf(writer->text, "default %s\n", action ? action : "errno EPERM");
}

static void put_abi(struct writer *writer, const struct draft_abi *abi)
{
	bool is_block = writer->draft->abi_count > 1;

	writer->abi = abi;
	writer->indent = is_block ? "\t" : "";
	if (is_block)
		buffer_printf(writer->text, "\narch %s {", abi->abi->name);
	for (size_t i = 0; i < group_count(); i++)
		put_section(writer, group_at(i));
	put_section(writer, NULL);
	put_necessities(writer);
	put_margin(writer);
	put_all_refused(writer);
	if (is_block)
		buffer_text(writer->text, "}\n");
	writer->indent = "";
}

/* Whether the default is an action, and whether it refuses. */
static int check_default(const struct callgate_recording_policy_options *options,
			 struct callgate_diagnostics *diagnostics, bool *ret_can_deny)
{
	struct callgate_policy *policy = NULL;
	struct buffer text = { 0 };
	int error;

	*ret_can_deny = true;
	if (!options->default_action)
		return 0;
	buffer_printf(&text, "default %s", options->default_action);
	if (text.failed)
		return -ENOMEM;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' || text.data[i] == ';' || text.data[i] == '#')
			text.data[i] = '?';
	error = callgate_policy_parse(text.data, text.len,
				      &(struct callgate_parse_options){
					      .name = "default" },
				      diagnostics, &policy);
	buffer_done(&text);
	if (!error)
		*ret_can_deny = !verdict_is_allow(policy->default_verdict);
	callgate_policy_free(policy);
	return error;
}

int callgate_recording_policy(const struct callgate_recording *recording,
			      const struct callgate_recording_policy_options *options,
			      struct callgate_diagnostics *diagnostics, char **ret_text)
{
	static const struct callgate_recording_policy_options defaults;
	struct buffer text = { 0 };
	struct draft draft;
	struct writer writer = { .draft = &draft, .text = &text, .indent = "" };
	int error;

	*ret_text = NULL;
	options = options ? options : &defaults;
	writer.only = only_first(recording);
	error = check_default(options, diagnostics, &writer.can_deny);
	if (error)
		return error;
	error = draft_make(recording, options, &draft);
	if (!error) {
		put_header(&writer);
		for (size_t i = 0; i < draft.abi_count; i++)
			put_abi(&writer, &draft.abis[i]);
		put_expects(&writer);
		*ret_text = buffer_take(&text);
		error = *ret_text ? 0 : -ENOMEM;
	}
	draft_done(&draft);
	buffer_done(&text);
	return error;
}
