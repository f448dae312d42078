// SPDX-License-Identifier: MIT
/*
 * Golden cases of the language: each folder has a policy.gate, perhaps files that it
 * includes, and wanted.diagnostics, every diagnostic with its line and caret.
 *
 *	run FOLDER		compares all cases in FOLDER
 *	run FOLDER update	writes what they say now; then read the difference
 *
 * A case's `parameters` and `abis` are options, one name a line.
 */
#include "callgate.h"

#include <dirent.h>
#include <errno.h>

#include "base/buffer.h"

#define NAMES_MAX 8

static char *read_text(const char *folder, const char *name, size_t *ret_length)
{
	struct buffer path = { 0 };
	char *text = NULL;

	buffer_printf(&path, "%s/%s", folder, name);
	if (path.failed ||
	    callgate_read_file(NULL, path.data, NULL, &text, ret_length, NULL))
		text = NULL;
	buffer_done(&path);
	return text;
}

/* Splits a text of names in place. */
static void split_names(char *text, const char *names[NAMES_MAX + 1])
{
	size_t count = 0;

	while (text && *text && count < NAMES_MAX) {
		char *end = strchr(text, '\n');

		names[count++] = text;
		if (!end)
			break;
		*end = 0;
		text = end + 1;
	}
}

/* The last part of a path: cases do not know where they lie. */
static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void print_line(struct buffer *out, const struct callgate_position *position,
		       uint32_t length)
{
	size_t left = position->text_length - (position->column - 1);

	buffer_printf(out, "    %.*s\n    ", (int)position->text_length,
		      position->text);
	for (uint32_t i = 0; i + 1 < position->column; i++)
		buffer_fill(out, position->text[i] == '\t' ? '\t' : ' ', 1);
	buffer_fill(out, '^', 1);
	if (length > 1)
		buffer_fill(out, '~', (length < left ? length : left) - 1);
	buffer_text(out, "\n");
}

static void print_diagnostic(struct buffer *out,
			     const struct callgate_diagnostics *diagnostics,
			     const struct callgate_diagnostic *entry)
{
	static const char *const severities[] = { "note", "warning", "error" };
	struct callgate_position position;
	bool has_place =
		callgate_diagnostics_position(diagnostics, entry->span, &position);

	if (has_place)
		buffer_printf(out, "%s:%u:%u: ", file_name(position.file),
			      position.line, position.column);
	buffer_printf(out, "%s: %s [%s]\n", severities[entry->severity], entry->message,
		      entry->code);
	if (has_place)
		print_line(out, &position, entry->span.length);
	if (entry->hint)
		buffer_printf(out, "    hint: %s\n", entry->hint);
}

static const char *status_name(int error)
{
	switch (error) {
	case 0:
		return "accepted";
	case -EINVAL:
		return "EINVAL";
	case -E2BIG:
		return "E2BIG";
	default:
		return "failed";
	}
}

/* What parsing the case's policy says. */
static char *run_case(const char *folder)
{
	static const struct callgate_reader reader = { callgate_read_file, NULL };
	const char *parameters[NAMES_MAX + 1] = { 0 }, *abis[NAMES_MAX + 1] = { 0 };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	struct buffer out = { 0 }, path = { 0 };
	struct callgate_parse_options options = { .reader = &reader,
						  .parameters = parameters,
						  .abis = abis };
	size_t length, ignored;
	char *text = read_text(folder, "policy.gate", &length);
	char *parameter_text = read_text(folder, "parameters", &ignored);
	char *abi_text = read_text(folder, "abis", &ignored);

	buffer_printf(&path, "%s/policy.gate", folder);
	options.name = path.data;
	split_names(parameter_text, parameters);
	split_names(abi_text, abis);
	if (text)
		buffer_printf(&out, "%s\n",
			      status_name(callgate_policy_parse(text, length, &options,
								diagnostics, &policy)));
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++)
		print_diagnostic(&out, diagnostics,
				 callgate_diagnostics_at(diagnostics, i));
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	free(text);
	free(parameter_text);
	free(abi_text);
	buffer_done(&path);
	return buffer_take(&out);
}

static bool check_case(const char *folder, bool is_update)
{
	char *got = run_case(folder), *wanted;
	struct buffer path = { 0 };
	size_t length;
	bool is_same;

	buffer_printf(&path, "%s/wanted.diagnostics", folder);
	if (is_update && got)
		callgate_write_file(path.data, got, strlen(got));
	wanted = read_text(folder, "wanted.diagnostics", &length);
	is_same = got && wanted && strcmp(got, wanted) == 0;
	if (!is_same)
		printf("not ok - %s\n--- wanted\n%s--- got\n%s", folder,
		       wanted ? wanted : "(no file)\n", got ? got : "(nothing)\n");
	else
		printf("ok - %s\n", file_name(folder));
	buffer_done(&path);
	free(got);
	free(wanted);
	return is_same;
}

static int is_case(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	int count, failures = 0;

	if (argc < 2)
		return 2;
	count = scandir(argv[1], &entries, is_case, alphasort);
	for (int i = 0; i < count; i++) {
		struct buffer folder = { 0 };

		buffer_printf(&folder, "%s/%s", argv[1], entries[i]->d_name);
		failures += folder.failed || !check_case(folder.data, argc > 2);
		buffer_done(&folder);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return count <= 0 || failures > 0;
}
