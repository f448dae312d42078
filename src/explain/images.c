// SPDX-License-Identifier: MIT
/*
 * The files in a process's memory.
 *
 *     55d0c000-55d0d000 r-xp 00001000 08:01 1234    /usr/bin/x
 *     start    end      mode offset   device inode  path
 *
 * The text is the kernel's, but paths in it are the process's, escaped.
 */
#include "explain/images.h"

struct line {
	struct image_file file;
	struct str path;
};

/* Takes hexadecimal digits off the front. */
static uint64_t take_hex(struct str *text)
{
	uint64_t number = 0;

	for (; text->len; text->ptr++, text->len--) {
		char c = *text->ptr;
		unsigned digit = c >= '0' && c <= '9'	? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
							: 16;

		if (digit == 16)
			break;
		number = number << 4 | digit;
	}
	return number;
}

static struct str take_word(struct str *text)
{
	struct str word;

	while (text->len && *text->ptr == ' ')
		text->ptr++, text->len--;
	word = (struct str){ text->ptr, 0 };
	while (text->len && *text->ptr != ' ')
		text->ptr++, text->len--, word.len++;
	return word;
}

static bool parse_line(struct str text, struct line *ret_line)
{
	*ret_line = (struct line){ 0 };
	ret_line->file.start = take_hex(&text);
	if (text.len == 0 || *text.ptr != '-')
		return false;
	text.ptr++, text.len--;
	ret_line->file.end = take_hex(&text);
	take_word(&text); /* mode */
	take_word(&text); /* offset */
	take_word(&text); /* device */
	if (str_number(take_word(&text), &ret_line->file.inode))
		return false;
	while (text.len && *text.ptr == ' ')
		text.ptr++, text.len--;
	ret_line->path = text;
	return text.len && (ret_line->file.inode || str_is(text, "[vdso]"));
}

static void add(struct arena *arena, struct images *images, const struct line *line)
{
	struct image *last = images->count ? &images->list[images->count - 1] : NULL;

	if (last && last->file.inode == line->file.inode &&
	    str_is(line->path, last->file.path)) {
		last->last = line->file.end;
		return;
	}
	if (images->count == IMAGES_MAX)
		return;
	last = ARENA_PUSH(arena, images->list, images->count, images->capacity);
	if (!last)
		return;
	last->file = line->file;
	last->file.path = arena_copy(arena, line->path);
	last->last = line->file.end;
	if (!last->file.path)
		images->count--;
}

void images_parse(struct arena *arena, struct str maps, struct images *ret_images)
{
	*ret_images = (struct images){ 0 };
	while (maps.len) {
		const char *end = memchr(maps.ptr, '\n', maps.len);
		size_t length = end ? (size_t)(end - maps.ptr) : maps.len;
		struct line line;

		if (parse_line((struct str){ maps.ptr, length }, &line))
			add(arena, ret_images, &line);
		maps.ptr += length + (end != NULL);
		maps.len -= length + (end != NULL);
	}
}

const struct image *images_at(const struct images *images, uint64_t address)
{
	for (size_t i = 0; i < images->count; i++)
		if (address >= images->list[i].file.start &&
		    address < images->list[i].last)
			return &images->list[i];
	return NULL;
}

bool images_equal(const struct images *a, const struct images *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->list[i].file.start != b->list[i].file.start ||
		    a->list[i].last != b->list[i].last ||
		    a->list[i].file.inode != b->list[i].file.inode ||
		    strcmp(a->list[i].file.path, b->list[i].file.path) != 0)
			return false;
	return true;
}
