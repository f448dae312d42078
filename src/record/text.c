// SPDX-License-Identifier: MIT
/*
 * A recording as text: one line a fact, in one order, so that equal recordings are equal
 * texts and two of them differ in few lines.
 */
#include "record/text.h"

#include <errno.h>

uint64_t text_hash(const char *text, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
	return hash;
}

static bool is_plain(unsigned char c)
{
	return c > ' ' && c < 0x7f && c != '%';
}

void text_escape(struct buffer *buffer, const char *text)
{
	if (!*text)
		buffer_text(buffer, TEXT_NONE);
	else if (strcmp(text, TEXT_NONE) == 0)
		buffer_text(buffer, "%2d");
	else
		for (; *text; text++)
			buffer_printf(buffer,
				      is_plain((unsigned char)*text) ? "%c" : "%%%02x",
				      (unsigned char)*text);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The byte that `%XX` at `i` stands for, or -1. */
static int escaped_byte(struct str word, size_t i)
{
	int high = word.len - i > 2 ? hex_digit(word.ptr[i + 1]) : -1;
	int low = high >= 0 ? hex_digit(word.ptr[i + 2]) : -1;

	return low >= 0 ? high << 4 | low : -1;
}

bool text_unescape(struct str word, char *ret_text, size_t size)
{
	size_t length = 0;

	memset(ret_text, 0, size);
	if (str_is(word, TEXT_NONE))
		return true;
	for (size_t i = 0; i < word.len; i++) {
		int c = (unsigned char)word.ptr[i];

		if (c == '%') {
			c = escaped_byte(word, i);
			i += 2;
		}
		if (c <= 0 || length + 1 >= size)
			return false;
		ret_text[length++] = (char)c;
	}
	return true;
}

/* --- writing ---------------------------------------------------------------------- */

static void print_version(struct buffer *buffer, uint16_t version)
{
	if (version)
		buffer_printf(buffer, "%u.%u", version >> 8u, version & 0xffu);
	else
		buffer_text(buffer, TEXT_NONE);
}

static void print_run(struct buffer *buffer, const struct record_run *run)
{
	buffer_text(buffer, "run ");
	for (size_t i = 0; i < sizeof(run->id); i++)
		buffer_printf(buffer, "%02x", run->id[i]);
	buffer_text(buffer, " ");
	print_version(buffer, run->kernel);
	buffer_text(buffer, " ");
	text_escape(buffer, run->command);
	buffer_text(buffer, "\n");
}

static void print_argument(struct buffer *buffer, size_t index, const struct seen *seen)
{
	if (seen->kind == SEEN_ANY)
		return;
	buffer_printf(buffer, "arg %zu ", index);
	if (seen->kind == SEEN_BITS)
		buffer_printf(buffer, "bits %#llx", (unsigned long long)seen->bits);
	else
		buffer_text(buffer, "set");
	for (size_t i = 0; i < seen->count; i++)
		buffer_printf(buffer, " %#llx", (unsigned long long)seen->values[i]);
	buffer_text(buffer, "\n");
}

static void print_call(struct buffer *buffer, const struct record_call *call)
{
	const struct syscall *known = syscall_by_number(call->abi, call->number);

	buffer_printf(buffer, "call %s %u %s %s %llu ", call->abi->name,
		      (unsigned)call->number, known ? syscall_name(known) : TEXT_NONE,
		      call->refused ? "refused" : "done",
		      (unsigned long long)call->first);
	text_escape(buffer, call->first_by);
	for (size_t i = 0; i < CALLGATE_RUNS_MAX; i++)
		if (call->counts[i])
			buffer_printf(buffer, " %zu:%llu", i + 1,
				      (unsigned long long)call->counts[i]);
	buffer_text(buffer, "\n");
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		print_argument(buffer, i, &call->arguments[i]);
}

static void print_end(struct buffer *buffer)
{
	size_t lines = 0;

	for (size_t i = 0; i < buffer->len; i++)
		lines += buffer->data[i] == '\n';
	buffer_printf(buffer, "end %zu %016llx\n", lines,
		      (unsigned long long)text_hash(buffer->data, buffer->len));
}

int callgate_recording_print(const struct callgate_recording *recording,
			     char **ret_text, size_t *ret_length)
{
	struct buffer buffer = { 0 };

	buffer_printf(&buffer, "%s %d\nkernel ", TEXT_MAGIC, TEXT_VERSION);
	print_version(&buffer, recording->kernel);
	buffer_text(&buffer, "\n");
	if (recording->spoiled)
		buffer_text(&buffer, "spoiled\n");
	if (recording->sampled)
		buffer_text(&buffer, "sampled\n");
	for (size_t i = 0; i < recording->run_count; i++)
		print_run(&buffer, &recording->runs[i]);
	for (size_t i = 0; i < recording->count; i++)
		print_call(&buffer, &recording->calls[i]);
	if (!buffer.failed)
		print_end(&buffer);
	*ret_length = buffer.len;
	*ret_text = buffer_take(&buffer);
	return *ret_text ? 0 : -ENOMEM;
}

bool callgate_text_is_recording(const char *text, size_t length)
{
	size_t magic = strlen(TEXT_MAGIC);

	return length > magic && memcmp(text, TEXT_MAGIC, magic) == 0 &&
	       text[magic] == ' ';
}
