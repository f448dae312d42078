// SPDX-License-Identifier: MIT
/*
 * callgate run --suggest and --learn: what the policies lack for the calls of this run.
 *
 * Each layer is amended for the calls that it denied. Nothing is written but what the
 * library has parsed again and found to allow them.
 */
#include "run_amend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

#define SLOTS 32768 /* a power of two, more than SEEN_MAX */

/* --- what was seen ----------------------------------------------------------------- */

static uint64_t hash_of(const struct seccomp_data *call)
{
	uint64_t value = (uint64_t)call->arch << 32 ^ (uint32_t)call->nr;

	for (size_t i = 0; i < 6; i++)
		value = (value ^ call->args[i] ^ value >> 29) * 0x9e3779b97f4a7c15u;
	return value ^ value >> 32;
}

static bool is_same(const struct seccomp_data *a, const struct seccomp_data *b)
{
	return a->arch == b->arch && a->nr == b->nr &&
	       memcmp(a->args, b->args, sizeof(a->args)) == 0;
}

/* Its slot, or the free one where it belongs. */
static uint32_t *find_slot(struct refused *seen, const struct seccomp_data *call)
{
	size_t at = hash_of(call) & (SLOTS - 1);

	if (!seen->slots)
		seen->slots = cli_need(calloc(SLOTS, sizeof(*seen->slots)));
	while (seen->slots[at] && !is_same(&seen->list[seen->slots[at] - 1].call, call))
		at = (at + 1) & (SLOTS - 1);
	return &seen->slots[at];
}

static void grow(struct refused *seen)
{
	size_t wanted = 2 * seen->capacity + 64;

	seen->list = cli_need(reallocarray(seen->list, wanted, sizeof(*seen->list)));
	seen->layers =
		cli_need(reallocarray(seen->layers, wanted, sizeof(*seen->layers)));
	seen->capacity = wanted;
}

void refused_add(struct refused *seen, const struct callgate_denial *denial)
{
	uint32_t *slot = find_slot(seen, &denial->call);

	if (*slot) {
		seen->list[*slot - 1].count++;
		return;
	}
	if (seen->count == SEEN_MAX) {
		seen->others++;
		return;
	}
	if (seen->count == seen->capacity)
		grow(seen);
	seen->list[seen->count] =
		(struct callgate_explain_seen){ .call = denial->call, .count = 1 };
	seen->layers[seen->count++] = denial->layer;
	*slot = (uint32_t)seen->count;
}

void refused_note(struct refused *seen, const struct callgate_denial *denial,
		  const char *note)
{
	uint32_t slot = *find_slot(seen, &denial->call);

	if (slot && !seen->list[slot - 1].note)
		seen->list[slot - 1].note = cli_need(strdup(note));
}

void refused_done(struct refused *seen)
{
	for (size_t i = 0; i < seen->count; i++)
		free((char *)(uintptr_t)seen->list[i].note);
	free(seen->list);
	free(seen->layers);
	free(seen->slots);
}

/* --- advice ------------------------------------------------------------------------ */

static int advise(const struct amendment *amendment, size_t layer,
		  const struct callgate_explain_seen *seen, size_t count,
		  struct callgate_explain_advice **ret_advice)
{
	const struct input *input = &amendment->layers[layer];
	const struct callgate_parse_options options =
		input_parse_options(amendment->cli, &amendment->cli->sources[layer]);
	const struct callgate_explain_policy policy = { input->policy,
							input->diagnostics, &options };

	*ret_advice = NULL;
	if (!input->policy)
		return -EINVAL;
	return callgate_explain_advise(&policy, seen, count, ret_advice);
}

const struct callgate_explain_edit *
amend_one(const struct amendment *amendment, const struct callgate_denial *denial,
	  const char *note, struct callgate_explain_advice **ret_advice)
{
	const struct callgate_explain_seen seen = { .call = denial->call,
						    .note = note };
	const struct callgate_explain_advice *advice;

	if (advise(amendment, denial->layer, &seen, 1, ret_advice))
		return NULL;
	advice = *ret_advice;
	return advice->edit_of[0] < advice->count ? &advice->edits[advice->edit_of[0]]
						  : NULL;
}

/* All calls that a layer denied. */
static int advise_layer(const struct amendment *amendment, size_t layer,
			struct callgate_explain_advice **ret_advice)
{
	const struct refused *seen = amendment->seen;
	struct callgate_explain_seen *list =
		cli_need(calloc(seen->count + 1, sizeof(*list)));
	size_t count = 0;
	int error;

	for (size_t i = 0; i < seen->count; i++)
		if (seen->layers[i] == layer)
			list[count++] = seen->list[i];
	*ret_advice = NULL;
	error = count ? advise(amendment, layer, list, count, ret_advice) : -ENOENT;
	free(list);
	return error;
}

/* --- for people -------------------------------------------------------------------- */

static void complain(const struct amendment *amendment, const char *name,
		     const char *what)
{
	fputs("callgate run: ", amendment->stream);
	print_safe(amendment->stream, name);
	fprintf(amendment->stream, "%s\n", what);
}

static void report_others(const struct amendment *amendment)
{
	if (amendment->seen->others)
		fprintf(amendment->stream,
			"callgate run: %llu calls are left out: only %d with different "
			"arguments are kept\n",
			(unsigned long long)amendment->seen->others, SEEN_MAX);
}

/* Calls that no edit can allow, each reason once. */
static void report_reasons(const struct amendment *amendment,
			   const struct callgate_explain_advice *advice)
{
	for (size_t i = 0; i < advice->count; i++)
		if (!advice->edits[i].file)
			complain(amendment,
				 "no rule is suggested: ", advice->edits[i].reason);
}

static const char *end_of_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : line + strlen(line);
}

static enum style style_of_line(char first)
{
	return first == '+' ? STYLE_GOOD : first == '-' ? STYLE_ERROR : STYLE_NONE;
}

static void print_patch(FILE *stream, const char *patch)
{
	while (*patch) {
		const char *end = end_of_line(patch);
		char *line = cli_need(
			strndup(patch, (size_t)(end - patch) - (end[-1] == '\n')));
		enum style style = style_of_line(*line);

		fputs(style_begin(stream, style), stream);
		print_safe(stream, line);
		fprintf(stream, "%s\n", style_end(stream, style));
		free(line);
		patch = end;
	}
}

/* --- --suggest --------------------------------------------------------------------- */

static bool is_patch(const char *file)
{
	const char *suffix = strrchr(file, '.');

	return suffix &&
	       (strcmp(suffix, ".patch") == 0 || strcmp(suffix, ".diff") == 0);
}

static void suggest(const struct amendment *amendment, const char *file, FILE *out,
		    size_t *changed)
{
	for (size_t i = 0; i < amendment->cli->source_count; i++) {
		struct callgate_explain_advice *advice;

		if (advise_layer(amendment, i, &advice)) {
			callgate_explain_advice_free(advice);
			continue;
		}
		report_reasons(amendment, advice);
		if (is_patch(file))
			fputs(advice->patch, out);
		else if (advice->file_count && !*changed)
			fputs(advice->files[0].text, out);
		*changed += advice->file_count;
		callgate_explain_advice_free(advice);
	}
}

void amend_suggest(const struct amendment *amendment, const char *file)
{
	char *text = NULL;
	size_t length, changed = 0;
	FILE *out = cli_need(open_memstream(&text, &length));
	int error = 0;

	suggest(amendment, file, out, &changed);
	fclose(out);
	cli_need(text);
	if (!changed)
		complain(amendment, file, ": not written, nothing is to be changed");
	else if (changed > 1 && !is_patch(file))
		complain(amendment, file,
			 ": not written, several files are to be changed: name a "
			 ".patch");
	else
		error = callgate_write_file(file, text, length);
	if (error)
		complain(amendment, file, ": cannot be written");
	free(text);
	report_others(amendment);
	fflush(amendment->stream);
}

/* --- --learn ----------------------------------------------------------------------- */

/* Asks the terminal; without one the answer is no. */
static bool ask(const struct amendment *amendment)
{
	char answer[16];

	if (!isatty(STDIN_FILENO)) {
		fputs("callgate run: not applied: --yes applies without asking\n",
		      amendment->stream);
		return false;
	}
	fputs("Apply? [y/N] ", amendment->stream);
	fflush(amendment->stream);
	return fgets(answer, sizeof(answer), stdin) &&
	       (*answer == 'y' || *answer == 'Y');
}

static void write_files(const struct amendment *amendment,
			const struct callgate_explain_advice *advice)
{
	for (size_t i = 0; i < advice->file_count; i++) {
		const struct callgate_explain_file *file = &advice->files[i];
		int error = callgate_write_file(file->name, file->text, file->length);

		complain(amendment, file->name,
			 error ? ": cannot be written" : ": amended");
	}
}

static void learn_layer(const struct amendment *amendment, size_t layer, bool sure)
{
	const struct cli_source *source = &amendment->cli->sources[layer];
	struct callgate_explain_advice *advice;
	bool from_file = !source->is_text && strcmp(source->value, "-") != 0;

	if (advise_layer(amendment, layer, &advice) == 0) {
		report_reasons(amendment, advice);
		print_patch(amendment->stream, advice->patch);
		if (from_file && advice->file_count && (sure || ask(amendment)))
			write_files(amendment, advice);
	}
	callgate_explain_advice_free(advice);
}

void amend_learn(const struct amendment *amendment, bool sure)
{
	if (!amendment->seen->count)
		fputs("callgate run: nothing would have been denied\n",
		      amendment->stream);
	for (size_t i = 0; i < amendment->cli->source_count; i++)
		learn_layer(amendment, i, sure);
	report_others(amendment);
	fflush(amendment->stream);
}
