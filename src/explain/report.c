// SPDX-License-Identifier: MIT
/*
 * A denial as lines of text, in pieces that have a role.
 *
 * Lines keep to a width: a word that would pass it begins a new line, indented as far as
 * the text of its label; a word longer than a line is cut into lines.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "callgate-explain.h"
#include "data/data.h"

#define INDENT 7 /* of the text behind "  by   " */

struct report_text {
	struct callgate_explain_text text; /* first: free() gets its address */
	struct arena arena;
	struct callgate_explain_piece *pieces;
	size_t capacity;
};

struct writer {
	struct report_text *out;
	size_t width, column;
	struct buffer pending; /* of one role */
	enum callgate_explain_role role;
};

static void flush(struct writer *writer)
{
	struct report_text *out = writer->out;
	struct callgate_explain_piece *piece;

	if (!writer->pending.len)
		return;
	piece = ARENA_PUSH(&out->arena, out->pieces, out->text.count, out->capacity);
	if (piece) {
		piece->role = writer->role;
		piece->text =
			arena_copy(&out->arena, (struct str){ writer->pending.data,
							      writer->pending.len });
	}
	if (piece && !piece->text)
		out->text.count--;
	out->arena.failed |= writer->pending.failed;
	writer->pending.len = 0;
}

static void set_role(struct writer *writer, enum callgate_explain_role role)
{
	if (writer->role != role)
		flush(writer);
	writer->role = role;
}

static void put_char(struct writer *writer, char c)
{
	buffer_put(&writer->pending, &c, 1);
	writer->column = c == '\n' ? 0 : writer->column + 1;
}

static void new_line(struct writer *writer, size_t indent)
{
	put_char(writer, '\n');
	while (writer->column < indent)
		put_char(writer, ' ');
}

/* A word with the blanks in front of it, which a new line swallows. */
static void put_word(struct writer *writer, struct str blanks, struct str word)
{
	size_t width = writer->width ? writer->width : SIZE_MAX;

	if (writer->column + blanks.len + word.len > width && writer->column > INDENT)
		new_line(writer, INDENT);
	else
		for (size_t i = 0; i < blanks.len; i++)
			put_char(writer, ' ');
	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.ptr[i];

		if (writer->column >= width)
			new_line(writer, INDENT);
		put_char(writer, c < ' ' || c == 0x7f ? '?' : (char)c);
	}
}

static void put(struct writer *writer, enum callgate_explain_role role,
		const char *text)
{
	set_role(writer, role);
	while (*text) {
		size_t blanks = strspn(text, " "), word = strcspn(text + blanks, " ");

		put_word(writer, (struct str){ text, blanks },
			 (struct str){ text + blanks, word });
		text += blanks + word;
	}
}

static void put_format(struct writer *writer, enum callgate_explain_role role,
		       const char *format, ...) __attribute__((format(printf, 3, 4)));

static void put_format(struct writer *writer, enum callgate_explain_role role,
		       const char *format, ...)
{
	struct buffer text = { 0 };
	va_list arguments;

	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	if (text.failed)
		writer->out->arena.failed = true;
	else
		put(writer, role, text.data);
	buffer_done(&text);
}

static void put_label(struct writer *writer, const char *label)
{
	set_role(writer, CALLGATE_EXPLAIN_LABEL);
	buffer_printf(&writer->pending, "  %-5s", label);
	writer->column = INDENT;
}

/* --- what became of the call ------------------------------------------------------ */

static void put_verdict(struct writer *writer,
			const struct callgate_explain_denial *denial)
{
	uint32_t action = denial->verdict & SECCOMP_RET_ACTION_FULL;
	const char *name = errno_name(denial->verdict & SECCOMP_RET_DATA, abi_native());
	char *text = NULL;

	put(writer, CALLGATE_EXPLAIN_VERDICT,
	    denial->permissive ? " would be denied" : " denied");
	if (action == SECCOMP_RET_ERRNO && name) {
		put_format(writer, CALLGATE_EXPLAIN_VERDICT, " (%s)", name);
		return;
	}
	text = callgate_verdict_text(denial->verdict);
	if (text)
		put_format(writer, CALLGATE_EXPLAIN_VERDICT, " (%s)", text);
	else
		writer->out->arena.failed = true;
	free(text);
}

static void put_heading(struct writer *writer,
			const struct callgate_explain_denial *denial)
{
	if (denial->program)
		put(writer, CALLGATE_EXPLAIN_PROGRAM, denial->program);
	if (denial->thread)
		put_format(writer, CALLGATE_EXPLAIN_PROGRAM, "[%d]", denial->thread);
	if (denial->program || denial->thread)
		put(writer, CALLGATE_EXPLAIN_PLAIN, " ");
	put(writer, CALLGATE_EXPLAIN_CALL, denial->call ? denial->call : "a call");
	put_verdict(writer, denial);
	new_line(writer, 0);
}

/* --- who and where ---------------------------------------------------------------- */

static void put_rule(struct writer *writer,
		     const struct callgate_explain_denial *denial)
{
	if (!denial->place && !denial->rule)
		return;
	put_label(writer, "by");
	if (denial->place)
		put(writer, CALLGATE_EXPLAIN_RULE, denial->place);
	if (denial->rule)
		put_format(writer, CALLGATE_EXPLAIN_RULE, "%s%s",
			   denial->place ? "  " : "", denial->rule);
	new_line(writer, 0);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static void put_frame(struct writer *writer, enum callgate_explain_role role,
		      const struct callgate_explain_frame *frame)
{
	if (frame->function)
		put_format(writer, role, "%s+0x%" PRIx64, frame->function,
			   frame->offset);
	else if (frame->module)
		put_format(writer, role, "0x%" PRIx64, frame->module_offset);
	else
		put_format(writer, role, "0x%" PRIx64, frame->pc);
	if (frame->module)
		put_format(writer, role, " (%s)", base_name(frame->module));
	if (frame->file)
		put_format(writer, role, "  %s:%u", base_name(frame->file),
			   frame->line);
	new_line(writer, 0);
}

/* From the program's own frame outwards; how it came through libc is no news. */
static void put_stack(struct writer *writer, const struct callgate_explain_stack *stack,
		      size_t most)
{
	size_t end = stack->count;

	if (most && stack->place < end && end - stack->place > most)
		end = stack->place + most;
	for (size_t i = stack->place; i < end; i++) {
		bool is_first = i == stack->place;

		put_label(writer, is_first ? "at" : "");
		put_frame(writer,
			  is_first ? CALLGATE_EXPLAIN_PLACE : CALLGATE_EXPLAIN_MUTED,
			  &stack->frames[i]);
	}
	if (end < stack->count) {
		put_label(writer, "");
		put_format(writer, CALLGATE_EXPLAIN_MUTED, "and %zu more",
			   stack->count - end);
		new_line(writer, 0);
	}
	if (stack->note) {
		put_label(writer, stack->count ? "" : "at");
		put_format(writer, CALLGATE_EXPLAIN_MUTED, "(%s)", stack->note);
		new_line(writer, 0);
	}
}

static void put_fix(struct writer *writer, const struct callgate_explain_denial *denial)
{
	if (!denial->fix)
		return;
	put_label(writer, "fix");
	if (denial->fix_place)
		put_format(writer, CALLGATE_EXPLAIN_PLAIN, "%s:  ", denial->fix_place);
	put(writer, CALLGATE_EXPLAIN_FIX, denial->fix);
	new_line(writer, 0);
}

static void put_note(struct writer *writer, const char *note)
{
	if (!note)
		return;
	put_label(writer, "");
	put_format(writer, CALLGATE_EXPLAIN_MUTED, "(%s)", note);
	new_line(writer, 0);
}

int callgate_explain_denial_print(const struct callgate_explain_denial *denial,
				  const struct callgate_explain_layout *layout,
				  struct callgate_explain_text **ret_text)
{
	struct report_text *out = calloc(1, sizeof(*out));
	struct writer writer = { .out = out, .width = layout ? layout->width : 0 };

	if (!out)
		return -ENOMEM;
	arena_init(&out->arena, ARENA_DEFAULT_LIMIT);
	put_heading(&writer, denial);
	put_rule(&writer, denial);
	if (denial->stack)
		put_stack(&writer, denial->stack, layout ? layout->frames : 0);
	put_fix(&writer, denial);
	put_note(&writer, denial->note);
	flush(&writer);
	buffer_done(&writer.pending);
	if (out->arena.failed) {
		callgate_explain_text_free(&out->text);
		return -ENOMEM;
	}
	out->text.pieces = out->pieces;
	*ret_text = &out->text;
	return 0;
}

void callgate_explain_text_free(struct callgate_explain_text *text)
{
	struct report_text *out = (struct report_text *)text;

	if (!out)
		return;
	arena_done(&out->arena);
	free(out);
}
