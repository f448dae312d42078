// SPDX-License-Identifier: MIT
/*
 * Lines of the audit daemon's log or the kernel's about seccomp:
 *
 *     type=SECCOMP msg=audit(1700000000.123:45): auid=0 uid=0 … pid=7 comm="x"
 *     exe="/usr/bin/x" sig=31 arch=c000003e syscall=83 compat=0 ip=0x7f… code=0x80000000
 *
 * with anything in front, as syslog writes it, and "type=1326" from the kernel. Texts
 * that hold a blank, a quote or a control character are there in hexadecimal digits.
 */
#include "base/str.h"
#include "callgate-explain.h"

static struct str take_word(struct str *line)
{
	struct str word;

	while (line->len && (*line->ptr == ' ' || *line->ptr == '\x1d'))
		line->ptr++, line->len--;
	word = (struct str){ line->ptr, 0 };
	while (line->len && *line->ptr != ' ' && *line->ptr != '\x1d')
		line->ptr++, line->len--, word.len++;
	return word;
}

static bool take_key(struct str word, const char *key, struct str *ret_value)
{
	size_t length = strlen(key);

	if (word.len <= length || memcmp(word.ptr, key, length) != 0 ||
	    word.ptr[length] != '=')
		return false;
	*ret_value = (struct str){ word.ptr + length + 1, word.len - length - 1 };
	return true;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* Of "arch", whose digits have no prefix; 0 too where it is none. */
static uint64_t hexadecimal(struct str text)
{
	uint64_t number = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = digit_of(text.ptr[i]);

		if (digit == 16)
			return 0;
		number = number << 4 | digit;
	}
	return number;
}

/* "text" in quotes, or its bytes in hexadecimal. */
static void copy_text(struct str value, char *ret_text, size_t size)
{
	size_t length = 0;

	if (value.len && *value.ptr == '"') {
		const char *end = memchr(value.ptr + 1, '"', value.len - 1);

		length = end ? (size_t)(end - value.ptr) - 1 : value.len - 1;
		if (length > size - 1)
			length = size - 1;
		memcpy(ret_text, value.ptr + 1, length);
	}
	for (size_t i = 0;
	     value.len && *value.ptr != '"' && i + 1 < value.len && length < size - 1;
	     i += 2) {
		unsigned high = digit_of(value.ptr[i]),
			 low = digit_of(value.ptr[i + 1]);

		if (high == 16 || low == 16 || (high | low) == 0)
			break;
		ret_text[length++] = (char)(high << 4 | low);
	}
	ret_text[length] = 0;
}

/* "audit(1700000000.123:45):" in milliseconds. */
static uint64_t time_of(struct str value)
{
	uint64_t seconds, milliseconds;
	const char *open = memchr(value.ptr, '(', value.len), *dot, *colon;
	size_t left;

	if (!open)
		return 0;
	left = value.len - (size_t)(open - value.ptr);
	dot = memchr(open, '.', left);
	colon = memchr(open, ':', left);
	if (!dot || !colon || colon < dot ||
	    str_number((struct str){ open + 1, (size_t)(dot - open) - 1 }, &seconds) ||
	    seconds > UINT64_MAX / 2000)
		return 0;
	milliseconds = 0;
	for (const char *c = dot + 1; c < colon && c < dot + 4; c++)
		milliseconds = milliseconds * 10 + digit_of(*c) % 10;
	return seconds * 1000 + milliseconds;
}

struct reading {
	struct callgate_explain_record *record;
	bool is_seccomp, has_arch, has_number;
};

static void take_number(struct reading *reading, struct str word)
{
	struct callgate_explain_record *record = reading->record;
	struct str value;
	uint64_t number;

	if (take_key(word, "arch", &value)) {
		record->call.arch = (uint32_t)hexadecimal(value);
		reading->has_arch = record->call.arch != 0;
	} else if (take_key(word, "syscall", &value) && !str_number(value, &number)) {
		record->call.nr = (int)(uint32_t)number;
		reading->has_number = true;
	} else if (take_key(word, "ip", &value) && !str_number(value, &number)) {
		record->call.instruction_pointer = number;
	} else if (take_key(word, "code", &value) && !str_number(value, &number)) {
		record->verdict = (uint32_t)number;
	} else if (take_key(word, "sig", &value) && !str_number(value, &number)) {
		record->signal = (unsigned)number;
	} else if (take_key(word, "pid", &value) && !str_number(value, &number)) {
		record->pid = (int)number;
	} else if (take_key(word, "uid", &value) && !str_number(value, &number)) {
		record->user = (unsigned)number;
	}
}

static void take_text(struct reading *reading, struct str word)
{
	struct callgate_explain_record *record = reading->record;
	struct str value;

	if (take_key(word, "type", &value))
		reading->is_seccomp |=
			str_is(value, "1326") || str_is(value, "SECCOMP");
	else if (take_key(word, "comm", &value))
		copy_text(value, record->program, sizeof(record->program));
	else if (take_key(word, "exe", &value))
		copy_text(value, record->path, sizeof(record->path));
	else if (word.len > 6 && memchr(word.ptr, '(', word.len) && !record->time)
		record->time = time_of(word);
}

bool callgate_explain_record_parse(const char *line, size_t length,
				   struct callgate_explain_record *ret_record)
{
	struct reading reading = { .record = ret_record };
	struct str text = { line, length };

	*ret_record = (struct callgate_explain_record){ 0 };
	while (length && (line[length - 1] == '\n' || line[length - 1] == '\r'))
		text.len = --length;
	while (text.len) {
		struct str word = take_word(&text);

		take_number(&reading, word);
		take_text(&reading, word);
	}
	return reading.is_seccomp && reading.has_arch && reading.has_number;
}
