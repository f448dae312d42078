// SPDX-License-Identifier: MIT
/*
 * A text in the format of callgate-recording(5) → a recording.
 *
 * The last line is looked at first: without it the end is missing, and with another sum
 * the text was changed. What is then still wrong is told with its place, once.
 */
#include "record/text.h"

#include <errno.h>
#include <stdlib.h>

struct reading {
	struct str text; /* all of it */
	uint32_t file;
	struct callgate_diagnostics *diagnostics;
	struct callgate_recording *recording;
	struct record_call key; /* of the last `call`; abi NULL: there was none */
	struct str line;	/* what is left of the current one */
};

static struct callgate_span span_of(const struct reading *reading, struct str part)
{
	return (struct callgate_span){ reading->file,
				       (uint32_t)(part.ptr - reading->text.ptr),
				       (uint32_t)part.len };
}

#define refuse(reading, code, part, hint, ...)                                  \
	(diag_error((reading)->diagnostics, code, span_of(reading, part), hint, \
		    __VA_ARGS__),                                               \
	 -EINVAL)

/* --- words ------------------------------------------------------------------------ */

/* Takes the line's next word, which is empty past the last one. */
static struct str next_word(struct reading *reading)
{
	struct str *line = &reading->line, word;
	const char *blank = line->len ? memchr(line->ptr, ' ', line->len) : NULL;

	word.ptr = line->ptr;
	word.len = blank ? (size_t)(blank - line->ptr) : line->len;
	line->ptr += word.len + (blank != NULL);
	line->len -= word.len + (blank != NULL);
	return word;
}

static int bad_word(struct reading *reading, struct str word, const char *wanted)
{
	if (!word.len)
		return refuse(reading, "bad-recording", word, NULL,
			      "%s is missing at the end of the line", wanted);
	return refuse(reading, "bad-recording", word, NULL, "this is not %s", wanted);
}

static int read_number(struct reading *reading, const char *wanted, uint64_t limit,
		       uint64_t *ret_value)
{
	struct str word = next_word(reading);

	if (str_number(word, ret_value) || *ret_value > limit)
		return bad_word(reading, word, wanted);
	return 0;
}

static int read_text(struct reading *reading, const char *wanted, char *ret_text,
		     size_t size)
{
	struct str word = next_word(reading);

	if (!word.len || !text_unescape(word, ret_text, size))
		return bad_word(reading, word, wanted);
	return 0;
}

/* "6.18", or nothing known. */
static int read_version(struct reading *reading, uint16_t *ret_version)
{
	struct str word = next_word(reading);
	const char *dot = word.len ? memchr(word.ptr, '.', word.len) : NULL;
	uint64_t major, minor;
	size_t length;

	*ret_version = 0;
	if (str_is(word, TEXT_NONE))
		return 0;
	length = dot ? (size_t)(dot - word.ptr) : 0;
	if (!dot || str_number((struct str){ word.ptr, length }, &major) ||
	    str_number((struct str){ dot + 1, word.len - length - 1 }, &minor) ||
	    major > 255 || minor > 255)
		return bad_word(reading, word, "a kernel's version");
	*ret_version = VERSION(major, minor);
	return 0;
}

/* --- lines ------------------------------------------------------------------------ */

static int read_kernel(struct reading *reading)
{
	return read_version(reading, &reading->recording->kernel);
}

static int read_spoiled(struct reading *reading)
{
	reading->recording->spoiled = true;
	return 0;
}

static int read_sampled(struct reading *reading)
{
	reading->recording->sampled = true;
	return 0;
}

static bool read_id(struct str word, struct record_run *ret_run)
{
	char digits[] = "0x..";

	if (word.len != 2 * sizeof(ret_run->id))
		return false;
	for (size_t i = 0; i < sizeof(ret_run->id); i++) {
		uint64_t byte;

		memcpy(digits + 2, word.ptr + 2 * i, 2);
		if (str_number(str_of(digits), &byte))
			return false;
		ret_run->id[i] = (uint8_t)byte;
	}
	return true;
}

static int read_run(struct reading *reading)
{
	struct callgate_recording *recording = reading->recording;
	struct str id = next_word(reading);
	struct record_run run;
	size_t count = recording->run_count;

	if (!read_id(id, &run))
		return bad_word(reading, id, "the id of a run, 32 digits");
	if (read_version(reading, &run.kernel) ||
	    read_text(reading, "what was watched", run.command, sizeof(run.command)))
		return -EINVAL;
	if (recording->count)
		return refuse(reading, "bad-recording", id, NULL,
			      "a run stands before all calls");
	if (count == CALLGATE_RUNS_MAX)
		return refuse(reading, "bad-recording", id, NULL, "more than %d runs",
			      CALLGATE_RUNS_MAX);
	if (count && memcmp(recording->runs[count - 1].id, run.id, sizeof(run.id)) >= 0)
		return refuse(reading, "bad-recording", id, NULL,
			      "runs are in order of their ids, each once");
	recording->runs[recording->run_count++] = run;
	return 0;
}

/* "1:1204 3:7": how often by run, from 1 on. */
static int read_counts(struct reading *reading, uint64_t counts[CALLGATE_RUNS_MAX])
{
	while (reading->line.len) {
		struct str word = next_word(reading);
		const char *colon = word.len ? memchr(word.ptr, ':', word.len) : NULL;
		size_t length = colon ? (size_t)(colon - word.ptr) : 0;
		uint64_t run, count;

		if (!colon || str_number((struct str){ word.ptr, length }, &run) ||
		    str_number((struct str){ colon + 1, word.len - length - 1 },
			       &count))
			return bad_word(reading, word, "RUN:COUNT");
		if (run < 1 || run > reading->recording->run_count)
			return refuse(reading, "bad-recording", word, NULL,
				      "there is no run %llu", (unsigned long long)run);
		counts[run - 1] = count;
	}
	return 0;
}

static int read_abi(struct reading *reading, const struct abi **ret_abi)
{
	struct str word = next_word(reading);

	*ret_abi = word.len ? abi_by_name(word) : NULL;
	if (!*ret_abi)
		return bad_word(reading, word, "an ABI");
	return 0;
}

/* The name is for people, but must not say another call than the number. */
static int read_name(struct reading *reading, const struct record_call *call)
{
	struct str word = next_word(reading);
	const struct syscall *named = syscall_by_name(word);
	const struct syscall *numbered = syscall_by_number(call->abi, call->number);

	if (!word.len)
		return bad_word(reading, word, "a call's name");
	if (named && named != numbered)
		return refuse(reading, "bad-recording", word, NULL,
			      "call %u of %s is %s, not %.*s", (unsigned)call->number,
			      call->abi->name,
			      numbered ? syscall_name(numbered) : "without a name",
			      STR_ARG(word));
	return 0;
}

static int read_fate(struct reading *reading, bool *ret_refused)
{
	struct str word = next_word(reading);

	*ret_refused = str_is(word, "refused");
	if (!*ret_refused && !str_is(word, "done"))
		return bad_word(reading, word, "'done' or 'refused'");
	return 0;
}

static int read_call(struct reading *reading)
{
	struct record_call key = { 0 }, *call;
	uint64_t number;
	int error;

	if (read_abi(reading, &key.abi) ||
	    read_number(reading, "a call's number", UINT32_MAX, &number))
		return -EINVAL;
	key.number = (uint32_t)number;
	if (abi_of(key.abi->audit_arch, key.number) != key.abi)
		return refuse(reading, "bad-recording", reading->line, NULL,
			      "to a filter, number %u is none of %s",
			      (unsigned)key.number, key.abi->name);
	if (read_name(reading, &key) || read_fate(reading, &key.refused) ||
	    read_number(reading, "a time", UINT64_MAX, &key.first) ||
	    read_text(reading, "a thread's name", key.first_by, sizeof(key.first_by)) ||
	    read_counts(reading, key.counts))
		return -EINVAL;
	if (reading->key.abi && record_call_compare(&reading->key, &key) >= 0)
		return refuse(reading, "bad-recording", reading->line, NULL,
			      "calls are in order of ABI, number and fate, each once");
	error = record_call_place(reading->recording, &key, &call);
	if (error == -E2BIG)
		diag_error(reading->diagnostics, "too-large",
			   span_of(reading, reading->line), NULL,
			   "more different calls than any kernel has");
	if (error)
		return error;
	*call = key;
	reading->key = key;
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		call->arguments[i].kind = SEEN_ANY;
	return 0;
}

static int read_values(struct reading *reading, struct seen *ret_seen)
{
	*ret_seen = (struct seen){ .kind = SEEN_VALUES };
	do {
		struct str word = reading->line;
		uint64_t value;

		if (read_number(reading, "a value", UINT64_MAX, &value))
			return -EINVAL;
		seen_add(ret_seen, value);
		if (ret_seen->kind != SEEN_VALUES)
			return refuse(reading, "bad-recording", word, NULL,
				      "more than %d values", CALLGATE_VALUES_MAX);
	} while (reading->line.len);
	return 0;
}

static int read_argument(struct reading *reading)
{
	struct callgate_recording *recording = reading->recording;
	struct seen seen = { .kind = SEEN_BITS };
	uint64_t index;
	struct str kind;

	if (!reading->key.abi)
		return refuse(reading, "bad-recording", reading->line, NULL,
			      "an argument stands behind its call");
	if (read_number(reading, "an argument, 0 to 5", ARGUMENTS_MAX - 1, &index))
		return -EINVAL;
	kind = next_word(reading);
	if (str_is(kind, "set")) {
		if (read_values(reading, &seen))
			return -EINVAL;
	} else if (!str_is(kind, "bits")) {
		return bad_word(reading, kind, "'set' or 'bits'");
	} else if (read_number(reading, "the bits", UINT64_MAX, &seen.bits)) {
		return -EINVAL;
	}
	recording->calls[recording->count - 1].arguments[index] = seen;
	return 0;
}

static const struct {
	const char *word;
	int (*read)(struct reading *reading);
} lines[] = {
	{ "kernel", read_kernel },   { "spoiled", read_spoiled },
	{ "sampled", read_sampled }, { "run", read_run },
	{ "call", read_call },	     { "arg", read_argument },
};

static int read_line(struct reading *reading)
{
	struct str word = next_word(reading);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		int error;

		if (!str_is(word, lines[i].word))
			continue;
		error = lines[i].read(reading);
		if (!error && reading->line.len)
			error = refuse(reading, "bad-recording", reading->line, NULL,
				       "nothing more was expected in this line");
		return error;
	}
	return bad_word(reading, word, "a line of a recording");
}

/* Takes the first line of a text, without its end. */
static struct str next_line(struct str *text)
{
	const char *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;
	struct str line = { text->ptr, end ? (size_t)(end - text->ptr) : text->len };

	text->ptr += line.len + (end != NULL);
	text->len -= line.len + (end != NULL);
	return line;
}

static int read_lines(struct reading *reading, struct str text)
{
	int error = 0;

	while (text.len && !error) {
		reading->line = next_line(&text);
		error = read_line(reading);
	}
	return error;
}

/* --- the first line and the last -------------------------------------------------- */

/* Takes the line that says what the text is. */
static int read_magic(struct reading *reading, struct str *text)
{
	uint64_t version;
	struct str word;

	reading->line = next_line(text);
	word = next_word(reading);
	if (!str_is(word, TEXT_MAGIC))
		return refuse(reading, "no-recording", reading->line,
			      "'callgate record' makes them", "this is no recording");
	word = reading->line;
	if (str_number(word, &version))
		return bad_word(reading, word, "a version");
	if (version != TEXT_VERSION)
		return refuse(reading, "newer-recording", word,
			      "a newer callgate reads it",
			      "a recording of version %llu; this callgate reads %d",
			      (unsigned long long)version, TEXT_VERSION);
	return 0;
}

/* The last line that is whole; empty if there is none. */
static struct str last_line(struct str text)
{
	size_t end = text.len, start;

	if (!end || text.ptr[end - 1] != '\n')
		return (struct str){ text.ptr + end, 0 };
	for (start = end - 1; start && text.ptr[start - 1] != '\n';)
		start--;
	return (struct str){ text.ptr + start, end - 1 - start };
}

/* What a text without its end has of whole calls; the last one may lack arguments. */
static struct str whole_calls(struct str text)
{
	for (size_t at = text.len; at > 1; at--)
		if (text.len - at >= 5 && text.ptr[at - 1] == '\n' &&
		    memcmp(text.ptr + at, "call ", 5) == 0)
			return (struct str){ text.ptr, at };
	return (struct str){ text.ptr, 0 };
}

static int take_part(struct reading *reading, bool salvage, struct str *text)
{
	struct str end = { text->ptr + text->len, 0 };

	if (!salvage)
		return refuse(
			reading, "truncated-recording", end,
			"it was cut; 'callgate merge --salvage' takes what is left",
			"the end of the recording is missing");
	*text = whole_calls(*text);
	diag_warning(reading->diagnostics, "truncated-recording", span_of(reading, end),
		     NULL,
		     "the end of the recording is missing: calls behind this are lost");
	callgate_recording_spoil(reading->recording);
	return 0;
}

/* Takes the line at the end off the text and holds the text against it. */
static int check_end(struct reading *reading, bool salvage, struct str *text)
{
	struct str end = last_line(*text);
	struct str summed = { reading->text.ptr,
			      (size_t)(end.ptr - reading->text.ptr) };
	uint64_t sum = 0;

	reading->line = end;
	if (!str_is(next_word(reading), "end"))
		return take_part(reading, salvage, text);
	text->len = (size_t)(end.ptr - text->ptr);
	next_word(reading); /* how many lines: for people */
	for (size_t i = 0; i < reading->line.len; i++) {
		const char digits[] = { '0', 'x', reading->line.ptr[i], 0 };
		uint64_t digit;

		if (i == 16 || str_number(str_of(digits), &digit))
			return bad_word(reading, end, "the end of a recording");
		sum = sum << 4 | digit;
	}
	if (sum != text_hash(summed.ptr, summed.len))
		return refuse(reading, "damaged-recording", end,
			      "take the file that was written",
			      "the recording was changed: its sum is %016llx",
			      (unsigned long long)text_hash(summed.ptr, summed.len));
	return 0;
}

static int read_all(struct reading *reading, bool salvage)
{
	struct str text = reading->text;
	int error = read_magic(reading, &text);

	if (!error)
		error = check_end(reading, salvage, &text);
	return error ? error : read_lines(reading, text);
}

int callgate_recording_parse(const char *text, size_t length,
			     const struct callgate_recording_options *options,
			     struct callgate_diagnostics *diagnostics,
			     struct callgate_recording **ret_recording)
{
	const char *name = options && options->name ? options->name : "recording";
	struct reading reading = { .text = { text, length },
				   .diagnostics = diagnostics };
	int error;

	*ret_recording = NULL;
	if (length > TEXT_MAX) {
		diag_error(diagnostics, "too-large", SPAN_NONE, "is it the right file?",
			   "%s has over 16 MiB", name);
		return -E2BIG;
	}
	reading.recording = calloc(1, sizeof(*reading.recording));
	if (!reading.recording)
		return -ENOMEM;
	reading.recording->own = RUN_NONE;
	reading.file = diag_add_source(diagnostics, name, reading.text);
	error = read_all(&reading, options && options->salvage);
	if (error)
		callgate_recording_free(reading.recording);
	else
		*ret_recording = reading.recording;
	return error;
}
