// SPDX-License-Identifier: MIT
/*
 * callgate emulate: the path of one call through a filter, instruction by instruction.
 *
 * The text of each instruction is the disassembler's, the path the simulator's. A call
 * whose unsaid arguments matter has two paths, and both are shown.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "cli.h"
#include "input.h"
#include "output.h"

/* A filter's disassembly, a line an instruction. */
struct listing {
	char *text;
	struct {
		const char *code, *comment; /* NUL-terminated, without what pads them */
	} * lines;
};

static void trim_end(char *text)
{
	size_t length = strlen(text);

	while (length && text[length - 1] == ' ')
		text[--length] = '\0';
}

static struct listing listing_of(const struct callgate_filter *filter)
{
	size_t count = callgate_filter_length(filter), length;
	struct listing listing;
	char *line;

	if (callgate_filter_print(filter, CALLGATE_FORMAT_ASM, NULL, &listing.text,
				  &length))
		cli_need(NULL);
	listing.lines = cli_need(calloc(count, sizeof(*listing.lines)));
	line = listing.text;
	if (*line == '.') /* says for what machine */
		line = strchr(line, '\n') + 1;
	for (size_t i = 0; i < count; i++) {
		char *end = strchr(line, '\n');
		char *comment = memchr(line, ';', (size_t)(end - line));

		*end = '\0';
		if (comment)
			*comment = '\0';
		trim_end(line);
		listing.lines[i].code = line;
		listing.lines[i].comment = comment ? comment + 2 : "";
		line = end + 1;
	}
	return listing;
}

static void listing_done(struct listing *listing)
{
	free(listing->lines);
	free(listing->text);
}

/* A run, recorded. No program has more instructions, and none runs twice. */
struct path {
	struct callgate_step steps[BPF_MAXINSNS];
	size_t count;
	const struct seccomp_data *call;
	struct callgate_verdict verdict;
	const struct sock_filter *program;
};

static void record(void *context, const struct callgate_step *step)
{
	struct path *path = context;

	path->steps[path->count++] = *step;
}

static struct path *path_of(const struct callgate_filter *filter,
			    const struct seccomp_data *call)
{
	struct path *path = cli_need(calloc(1, sizeof(*path)));

	path->call = call;
	path->program = callgate_filter_program(filter);
	path->verdict = callgate_filter_trace(filter, call, record, path);
	return path;
}

static char *verdict_text(const struct path *path)
{
	return cli_need(callgate_verdict_text_for(path->call, path->verdict.value));
}

/* What a step has done, seen from the one after it. */
static char *effect_text(const struct path *path, size_t index)
{
	const struct callgate_step *step = &path->steps[index], *after = step + 1;
	const struct sock_filter *i = &path->program[step->at];
	unsigned class = BPF_CLASS(i->code);
	const char *way = "";
	char *text = NULL;
	int length;

	if (index + 1 == path->count)
		return verdict_text(path);
	if (class == BPF_JMP) {
		if (BPF_OP(i->code) != BPF_JA && i->jt != i->jf)
			way = after->at == step->at + 1 + i->jt ? "yes, " : "no, ";
		length = asprintf(&text, "%sto l%zu", way, after->at);
	} else if (class == BPF_ST || class == BPF_STX) {
		length = asprintf(&text, "M[%u] = 0x%" PRIx32, i->k,
				  after->memory[i->k & (BPF_MEMWORDS - 1)]);
	} else if (class == BPF_LDX || i->code == (BPF_MISC | BPF_TAX)) {
		length = asprintf(&text, "X = 0x%" PRIx32, after->x);
	} else {
		length = asprintf(&text, "A = 0x%" PRIx32, after->a);
	}
	return cli_need(length < 0 ? NULL : text);
}

/* --- for people ------------------------------------------------------------------- */

static void print_heading(const char *call, const struct path *path)
{
	const struct callgate_verdict *verdict = &path->verdict;
	enum style style =
		callgate_verdict_allows(verdict->value) ? STYLE_GOOD : STYLE_ERROR;
	char *text = verdict_text(path);

	print_safe(stdout, call);
	printf(": %s%s%s after %" PRIu32 " instruction%s%s\n",
	       style_begin(stdout, style), text, style_end(stdout, style),
	       verdict->executed, verdict->executed == 1 ? "" : "s",
	       verdict->cached ? " (cached: Linux 5.11 and later runs none)" : "");
	free(text);
}

static void print_path(const struct listing *listing, const struct seccomp_data *call,
		       const struct callgate_filter *filter)
{
	struct path *path = path_of(filter, call);
	char *text = cli_need(callgate_call_text(call));
	struct table table = { 0 };

	print_heading(text, path);
	for (size_t i = 0; i < path->count; i++) {
		size_t at = path->steps[i].at;
		char *effect = effect_text(path, i);

		table_row(&table);
		table_cell(&table, "  %s", listing->lines[at].code);
		table_cell(&table, "%s", effect);
		/* a verdict is its own comment */
		if (i + 1 < path->count && *listing->lines[at].comment)
			table_cell(&table, "; %s", listing->lines[at].comment);
		free(effect);
	}
	table_print(&table);
	free(text);
	free(path);
}

/* --- for programs ----------------------------------------------------------------- */

/* The words that are not 0. */
static json_t *memory_json(const struct callgate_step *step)
{
	json_t *object = cli_need(json_object());
	char key[8];

	for (unsigned i = 0; i < BPF_MEMWORDS; i++) {
		snprintf(key, sizeof(key), "%u", i);
		if (step->memory[i])
			json_object_set_new(object, key,
					    json_integer((json_int_t)step->memory[i]));
	}
	return object;
}

static json_t *path_json(const struct listing *listing, const struct seccomp_data *call,
			 const struct callgate_filter *filter)
{
	struct path *path = path_of(filter, call);
	char *text = cli_need(callgate_call_text(call));
	char *verdict = verdict_text(path);
	json_t *steps = cli_need(json_array()), *object;

	for (size_t i = 0; i < path->count; i++) {
		const struct callgate_step *step = &path->steps[i];
		char *effect = effect_text(path, i);

		json_array_append_new(steps,
				      json_pack("{s:I, s:o, s:s, s:I, s:I, s:o}", "at",
						(json_int_t)step->at, "text",
						json_text(
							listing->lines[step->at].code),
						"effect", effect, "a",
						(json_int_t)step->a, "x",
						(json_int_t)step->x, "m",
						memory_json(step)));
		free(effect);
	}
	object = json_pack("{s:o, s:s, s:I, s:I, s:b, s:o}", "call", json_text(text),
			   "verdict", verdict, "value", (json_int_t)path->verdict.value,
			   "executed", (json_int_t)path->verdict.executed, "cached",
			   (int)path->verdict.cached, "steps", steps);
	free(verdict);
	free(text);
	free(path);
	return cli_need(object);
}

/* ---------------------------------------------------------------------------------- */

static void show(const struct listing *listing, const struct seccomp_data *call,
		 const struct callgate_filter *filter, json_t *list)
{
	if (list)
		json_array_append_new(list, path_json(listing, call, filter));
	else
		print_path(listing, call, filter);
}

static void show_all(const struct input *input, const struct callgate_answer *answer,
		     json_t *list)
{
	struct listing listing = listing_of(input->filter);

	if (!list && answer->depends)
		puts("depends on what is not said; with 0 for that, and with other "
		     "values:");
	show(&listing, &answer->call, input->filter, list);
	if (answer->depends)
		show(&listing, &answer->other_call, input->filter, list);
	listing_done(&listing);
}

static enum cli_status emulate(const struct input *input, const char *call,
			       json_t *list)
{
	struct callgate_answer answer;
	int error = callgate_policy_ask(input->policy, input->filter, call,
					input->diagnostics, &answer);

	if (error == -ENOMEM)
		cli_need(NULL);
	if (error && error != -E2BIG)
		return STATUS_INPUT;
	show_all(input, &answer, list);
	return error ? STATUS_INPUT : STATUS_DONE;
}

static enum cli_status run(struct cli *cli)
{
	return calls_ask(cli, "paths", emulate);
}

const struct cli_command command_emulate = {
	.name = "emulate",
	.summary = "show the path of a call through a filter, with register values",
	.usage = "FILE CALL...",
	.details = "Run the policy's filter, or the filter FILE, on each CALL.\v"
		   "A CALL is like 'socket(AF_NETLINK, SOCK_RAW, 0)', "
		   "'openat(flags = O_RDONLY)',\n"
		   "'ptrace' or 'i386:socketcall': what is not said is 0, and where "
		   "that\n"
		   "matters, a second path with other values is shown.\n"
		   "Exit status: 0 done, 3 errors.",
	.shared = SHARED_POLICY | SHARED_PROFILE | SHARED_ABI | SHARED_JSON,
	.input = INPUT_ONE,
	.words_min = 1,
	.words_max = UINT32_MAX,
	.run = run,
};
