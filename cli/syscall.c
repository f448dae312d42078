// SPDX-License-Identifier: MIT
/*
 * callgate syscall: looks up calls, numbers, groups, promises, constants and ABIs.
 *
 * A table of the kinds of things that a word can name; the first that knows it answers.
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "facts.h"
#include "output.h"

enum listing {
	LIST_SYSCALLS,
	LIST_GROUPS,
	LIST_ABIS,
};

struct lookup {
	enum listing listing;
};

enum {
	KEY_GROUPS = 0x200,
	KEY_ABIS,
};

static const struct argp_option options[] = {
	{ "groups", KEY_GROUPS, NULL, 0, "List the groups" },
	{ "abis", KEY_ABIS, NULL, 0, "List the ABIs" },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct lookup *own = ((struct cli *)state->input)->own;

	(void)value;
	switch (key) {
	case KEY_GROUPS:
		own->listing = LIST_GROUPS;
		return 0;
	case KEY_ABIS:
		own->listing = LIST_ABIS;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The ABIs asked for; without any, all of them or the native one. */
static struct abi_choice choose_abis(const struct cli *cli, bool wants_all)
{
	size_t count = wants_all ? callgate_abi_count() : 1;
	struct abi_choice choice = { 0 };

	if (cli->abi_count)
		count = cli->abi_count;
	choice.indices = cli_need(calloc(count + 1, sizeof(*choice.indices)));
	for (size_t i = 0; i < count; i++) {
		if (cli->abi_count)
			choice.indices[i] = callgate_abi_find(cli->abis[i]);
		else
			choice.indices[i] = wants_all ? i : callgate_abi_native();
	}
	choice.count = count;
	return choice;
}

/* --- kinds of things -------------------------------------------------------------- */

/* What can be named: by a word, to an index or number; CALLGATE_NONE when it is not. */
struct kind {
	size_t (*find)(const char *word, const struct abi_choice *abis);
	void (*print)(size_t found, const struct abi_choice *abis);
	json_t *(*to_json)(size_t found, const struct abi_choice *abis);
};

static size_t find_number(const char *word, const struct abi_choice *abis)
{
	uint64_t number;

	if (callgate_number_parse(word, &number) || number > UINT32_MAX)
		return CALLGATE_NONE;
	for (size_t i = 0; i < abis->count; i++) {
		if (facts_by_number(abis->indices[i], number) != CALLGATE_NONE)
			return (size_t)number;
	}
	return CALLGATE_NONE;
}

static size_t find_syscall(const char *word, const struct abi_choice *abis)
{
	(void)abis;
	return callgate_syscall_find(word);
}

static size_t find_group(const char *word, const struct abi_choice *abis)
{
	(void)abis;
	return *word == '@' ? callgate_group_find(word) : CALLGATE_NONE;
}

static size_t find_promise(const char *word, const struct abi_choice *abis)
{
	(void)abis;
	return callgate_promise_find(word);
}

static size_t find_constant(const char *word, const struct abi_choice *abis)
{
	(void)abis;
	return callgate_constant_find(word);
}

static const struct kind kinds[] = {
	{ find_syscall, facts_print_syscall, facts_json_syscall },
	{ find_group, facts_print_group, facts_json_group },
	{ find_promise, facts_print_promise, facts_json_promise },
	{ find_number, facts_print_number, facts_json_number },
	{ find_constant, facts_print_constant, facts_json_constant },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

static enum cli_status unknown(const char *word)
{
	const char *nearest = callgate_nearest_fact(word);
	uint64_t number;

	fputs("callgate: ", stderr);
	if (!callgate_number_parse(word, &number))
		fprintf(stderr, "no system call has the number %s", word);
	else
		print_safe(stderr, word);
	if (callgate_number_parse(word, &number))
		fputs(" is no system call, group, promise or constant", stderr);
	if (nearest)
		fprintf(stderr, "; did you mean %s?", nearest);
	fputc('\n', stderr);
	return STATUS_INPUT;
}

static enum cli_status look_up(const struct cli *cli, const char *word, json_t *list)
{
	/* a group is read for its members; the rest is compared between ABIs */
	struct abi_choice abis = choose_abis(cli, *word != '@');
	enum cli_status status = STATUS_DONE;
	size_t found = CALLGATE_NONE, i;

	for (i = 0; i < KINDS; i++) {
		found = kinds[i].find(word, &abis);
		if (found != CALLGATE_NONE)
			break;
	}
	if (i == KINDS)
		status = unknown(word);
	else if (list)
		json_array_append_new(list, kinds[i].to_json(found, &abis));
	else
		kinds[i].print(found, &abis);
	free(abis.indices);
	return status;
}

/* --- lists ------------------------------------------------------------------------ */

static const struct {
	void (*print)(const struct abi_choice *abis);
	json_t *(*to_json)(const struct abi_choice *abis);
} listings[] = {
	[LIST_SYSCALLS] = { facts_print_syscalls, facts_json_syscalls },
	[LIST_GROUPS] = { facts_print_groups, facts_json_groups },
	[LIST_ABIS] = { facts_print_abis, facts_json_abis },
};

static enum cli_status list_all(const struct cli *cli)
{
	const struct lookup *own = cli->own;
	struct abi_choice abis = choose_abis(cli, false);

	if (cli->json)
		json_print(listings[own->listing].to_json(&abis));
	else
		listings[own->listing].print(&abis);
	free(abis.indices);
	return STATUS_DONE;
}

static enum cli_status run(struct cli *cli)
{
	json_t *list = NULL;
	enum cli_status worst = STATUS_DONE;

	if (!cli->word_count)
		return list_all(cli);
	if (cli->json)
		list = cli_need(json_array());
	for (size_t i = 0; i < cli->word_count; i++) {
		enum cli_status status;

		if (i && !list)
			putchar('\n');
		status = look_up(cli, cli->words[i], list);
		worst = status > worst ? status : worst;
	}
	if (list)
		json_print(json_pack("{s:o}", "found", list));
	return worst;
}

const struct cli_command command_syscall = {
	.name = "syscall",
	.summary =
		"look up system calls, numbers, groups, promises, constants and ABIs",
	.usage = "[NAME|NUMBER|@GROUP|CONSTANT]...",
	.details = "Tell what is known of a system call, a number, a group, a promise "
		   "or a "
		   "constant; "
		   "without any, list the system calls.\v"
		   "Exit status: 0 done, 3 there is no such thing.",
	.options = options,
	.parse = parse,
	.shared = SHARED_ABI | SHARED_JSON,
	.words_max = UINT32_MAX,
	.own_size = sizeof(struct lookup),
	.run = run,
};
