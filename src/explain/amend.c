// SPDX-License-Identifier: MIT
/*
 * Lines put into texts, and what that is as a unified diff.
 *
 * There are insertions alone, so a hunk is lines that stay with '+' lines among them.
 * The one line that changes otherwise is a last one without a line feed, which gets one.
 */
#include "explain/advise.h"

#include "base/diag.h"

#define CONTEXT 3 /* lines around a change */

/* Lines of one source, and where insertions go, in order. */
struct patcher {
	struct amendment *amendment;
	struct str text;
	const struct insertion **list; /* room for all there are */
	size_t count;
};

static size_t line_end(struct str text, size_t start)
{
	const char *end = start < text.len
				  ? memchr(text.ptr + start, '\n', text.len - start)
				  : NULL;

	return end ? (size_t)(end - text.ptr) + 1 : text.len;
}

static size_t line_start(struct str text, size_t at)
{
	while (at && text.ptr[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_number(struct str text, size_t at)
{
	size_t number = 1;

	for (size_t i = 0; i < at; i++)
		number += text.ptr[i] == '\n';
	return number;
}

/* Insertions of one file in order of place; those of one place as they were given. */
static void collect(struct patcher *patcher, uint32_t file)
{
	const struct amendment *amendment = patcher->amendment;

	patcher->count = 0;
	for (size_t i = 0; i < amendment->count; i++) {
		const struct insertion *one = &amendment->insertions[i];
		size_t at = patcher->count;

		if (one->file != file)
			continue;
		while (at && patcher->list[at - 1]->offset > one->offset) {
			patcher->list[at] = patcher->list[at - 1];
			at--;
		}
		patcher->list[at] = one;
		patcher->count++;
	}
}

/* The text from `done` on up to the insertion, and that on a line of its own. */
static void put_insertion(const struct patcher *patcher, size_t done,
			  const struct insertion *one, struct buffer *ret_text)
{
	buffer_put(ret_text, patcher->text.ptr + done, one->offset - done);
	if (ret_text->len && ret_text->data[ret_text->len - 1] != '\n')
		buffer_text(ret_text, "\n");
	buffer_text(ret_text, one->text);
}

static void put_amended(const struct patcher *patcher, struct buffer *ret_text)
{
	size_t done = 0;

	for (size_t i = 0; i < patcher->count; i++) {
		put_insertion(patcher, done, patcher->list[i], ret_text);
		done = patcher->list[i]->offset;
	}
	buffer_put(ret_text, patcher->text.ptr + done, patcher->text.len - done);
}

/* --- the diff --------------------------------------------------------------------- */

static void put_line(struct buffer *patch, char sign, struct str line)
{
	buffer_put(patch, &sign, 1);
	buffer_str(patch, line);
	if (!line.len || line.ptr[line.len - 1] != '\n')
		buffer_text(patch, "\n\\ No newline at end of file\n");
}

static void put_lines(struct buffer *patch, char sign, struct str text)
{
	while (text.len) {
		size_t end = line_end(text, 0);

		put_line(patch, sign, (struct str){ text.ptr, end });
		text.ptr += end;
		text.len -= end;
	}
}

static size_t count_lines(struct str text)
{
	size_t count = 0;

	for (size_t at = 0; at < text.len; at = line_end(text, at))
		count++;
	return count;
}

/* A stretch of the source from `start` to `end` that is replaced by `with`. */
struct change {
	size_t start, end;
	struct buffer with;
};

/* What the insertions into one line change; returns the next one's place. */
static size_t make_change(const struct patcher *patcher, size_t first,
			  struct change *ret_change)
{
	struct str text = patcher->text;
	size_t start = line_start(text, patcher->list[first]->offset), done = start;
	size_t i = first;

	*ret_change = (struct change){ .start = start, .end = start };
	for (; i < patcher->count; i++) {
		size_t offset = patcher->list[i]->offset;

		if (line_start(text, offset) != start)
			break;
		if (offset > start)
			ret_change->end = line_end(text, start);
		put_insertion(patcher, done, patcher->list[i], &ret_change->with);
		done = offset;
	}
	if (done < ret_change->end)
		buffer_put(&ret_change->with, text.ptr + done, ret_change->end - done);
	return i;
}

static size_t lines_before(struct str text, size_t at, size_t count)
{
	while (count-- && at)
		at = line_start(text, at - 1);
	return at;
}

static size_t lines_behind(struct str text, size_t at, size_t count)
{
	while (count-- && at < text.len)
		at = line_end(text, at);
	return at;
}

/* Changes near to each other, with what is between, as lines of a diff. */
struct hunk {
	size_t start, end; /* of the source */
	struct buffer body;
	size_t removed, added; /* lines */
};

static struct str part(const struct patcher *patcher, size_t start, size_t end)
{
	return (struct str){ patcher->text.ptr + start, end - start };
}

static void add_change(const struct patcher *patcher, struct change *change,
		       struct hunk *hunk)
{
	const struct str old = part(patcher, change->start, change->end);
	const struct str with = { change->with.data, change->with.len };

	put_lines(&hunk->body, ' ', part(patcher, hunk->end, change->start));
	put_lines(&hunk->body, '-', old);
	put_lines(&hunk->body, '+', with);
	hunk->removed += count_lines(old);
	hunk->added += count_lines(with);
	hunk->end = change->end;
	buffer_done(&change->with);
}

static void put_hunk(struct patcher *patcher, struct hunk *hunk, size_t *added)
{
	struct buffer *patch = &patcher->amendment->patch;
	size_t from = lines_before(patcher->text, hunk->start, CONTEXT);
	size_t to = lines_behind(patcher->text, hunk->end, CONTEXT);
	size_t old = count_lines(part(patcher, from, to));
	size_t new = old + hunk->added - hunk->removed;
	size_t line = line_number(patcher->text, from) - (old == 0);

	buffer_printf(patch, "@@ -%zu,%zu +%zu,%zu @@\n", line, old,
		      line + *added + (old == 0), new);
	put_lines(patch, ' ', part(patcher, from, hunk->start));
	buffer_put(patch, hunk->body.data, hunk->body.len);
	put_lines(patch, ' ', part(patcher, hunk->end, to));
	*added += new - old;
	patch->failed |= hunk->body.failed;
	buffer_done(&hunk->body);
}

/* Changes whose context would overlap share a hunk. */
static void put_hunks(struct patcher *patcher)
{
	size_t added = 0, i = 0;
	struct hunk hunk = { 0 };

	while (i < patcher->count) {
		struct change change;
		size_t after = make_change(patcher, i, &change);

		if (i == 0)
			hunk.start = hunk.end = change.start;
		if (change.start > lines_behind(patcher->text, hunk.end, 2 * CONTEXT)) {
			put_hunk(patcher, &hunk, &added);
			hunk = (struct hunk){ change.start, change.start, { 0 }, 0, 0 };
		}
		add_change(patcher, &change, &hunk);
		i = after;
	}
	put_hunk(patcher, &hunk, &added);
}

static void amend_source(struct patcher *patcher, const char *name)
{
	struct amendment *amendment = patcher->amendment;
	struct callgate_explain_file *file =
		ARENA_PUSH(amendment->arena, amendment->files, amendment->file_count,
			   amendment->file_capacity);
	struct buffer text = { 0 };

	put_amended(patcher, &text);
	if (file) {
		file->name = arena_copy(amendment->arena, str_of(name));
		file->length = text.len;
		file->text = arena_copy(amendment->arena,
					(struct str){ text.data, text.len });
	}
	amendment->arena->failed |= text.failed;
	buffer_done(&text);
	buffer_printf(&amendment->patch, "--- %s\n+++ %s\n", name, name);
	put_hunks(patcher);
}

bool amend(struct amendment *amendment)
{
	struct patcher patcher = { .amendment = amendment };
	uint32_t last = 0;

	patcher.list = ARENA_ARRAY(amendment->arena, const struct insertion *,
				   amendment->count ? amendment->count : 1);
	if (!patcher.list)
		return true;
	for (size_t i = 0; i < amendment->count; i++)
		if (amendment->insertions[i].file > last)
			last = amendment->insertions[i].file;
	for (uint32_t file = 1; file <= last; file++) {
		const char *name;

		collect(&patcher, file);
		if (patcher.count == 0)
			continue;
		if (!diag_source(amendment->diagnostics, file, &name, &patcher.text))
			return false;
		amend_source(&patcher, name);
	}
	amendment->arena->failed |= amendment->patch.failed;
	return true;
}
