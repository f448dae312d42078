// SPDX-License-Identifier: MIT
/*
 * callgate completion SHELL: what a shell needs to complete command lines, written from
 * the tables of commands and options. The build installs what this prints; nobody types
 * it, so that it has no summary and --help does not list it.
 *
 * A value is a file's name unless it is an ABI's; words that are no options are files.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* For all three shells. */
#define ABIS "callgate syscall --abis 2>/dev/null | sed -n \"2,\\$ s/ .*//p\""

typedef void (*visit_command)(const struct cli_command *command);
typedef void (*visit_option)(const struct cli_command *command,
			     const struct argp_option *option);

static void for_each_command(visit_command visit)
{
	for (size_t i = 0; cli_commands[i]; i++)
		if (cli_commands[i]->summary)
			visit(cli_commands[i]);
}

static void for_each_option(const struct cli_command *command, visit_option visit)
{
	const struct argp_option *option;

	for (unsigned table = 0; table < CLI_TABLES; table++) {
		option = cli_options(command, table);
		for (; option && (option->name || option->doc); option++)
			if (option->name)
				visit(command, option);
	}
}

static bool is_abi(const struct argp_option *option)
{
	return strcmp(option->name, "abi") == 0 || strcmp(option->name, "machine") == 0;
}

/* Most keys are no letters: the option has its long name alone. */
static bool has_letter(const struct argp_option *option)
{
	return option->key > ' ' && option->key < 0x7f;
}

/* Prints what stands in '…' of a shell, `special` characters behind a backslash. */
static void print_quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", stdout);
		if (strchr(special, *text))
			putchar('\\');
		putchar(*text);
	}
}

/* --- bash -------------------------------------------------------------------------- */

static void bash_option(const struct cli_command *command,
			const struct argp_option *option)
{
	(void)command;
	if (has_letter(option))
		printf(" -%c", option->key);
	printf(" --%s", option->name);
}

static void bash_name(const struct cli_command *command)
{
	printf(" %s", command->name);
}

static void bash_command(const struct cli_command *command)
{
	printf("\t\t%s) words='--help", command->name);
	for_each_option(command, bash_option);
	puts("' ;;");
}

static void print_bash(void)
{
	fputs("# Completion of callgate for bash, made by callgate itself.\n"
	      "_callgate()\n"
	      "{\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} words=\n"
	      "\tlocal before=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\t# = is a word of its own\n"
	      "\t[[ $word != = ]] || word=\n"
	      "\t[[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tif [[ $before == --abi || $before == --machine ]]; then\n"
	      "\t\twords=$(" ABIS ")\n"
	      "\telif ((COMP_CWORD == 1)) || [[ ${COMP_WORDS[1]} == help ]]; then\n"
	      "\t\twords='--help --version help",
	      stdout);
	for_each_command(bash_name);
	fputs("'\n"
	      "\telif [[ $word == -* ]]; then\n"
	      "\t\tcase ${COMP_WORDS[1]} in\n",
	      stdout);
	for_each_command(bash_command);
	fputs("\t\tesac\n"
	      "\tfi\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
	      "}\n"
	      "complete -o default -F _callgate callgate\n",
	      stdout);
}

/* --- zsh --------------------------------------------------------------------------- */

static void zsh_name(const struct cli_command *command)
{
	printf("\t\t'%s:", command->name);
	print_quoted(command->summary, ":\\");
	puts("'");
}

/* '*'{-D+,--define=}'[Set …]:NAME:_files' */
static void zsh_option(const struct cli_command *command,
		       const struct argp_option *option)
{
	(void)command;
	fputs(" \\\n\t\t\t'*'", stdout);
	if (has_letter(option))
		printf("{-%c%s,--%s%s}", option->key, option->arg ? "+" : "",
		       option->name, option->arg ? "=" : "");
	else
		printf("--%s%s", option->name, option->arg ? "=" : "");
	fputs("'[", stdout);
	print_quoted(option->doc, "[]:\\");
	if (option->arg)
		printf("]:%s:%s'", option->arg,
		       is_abi(option) ? "_callgate_abis" : "_files");
	else
		fputs("]'", stdout);
}

static void zsh_command(const struct cli_command *command)
{
	printf("\t%s)\n\t\t_arguments -s '--help[Give this help list]'", command->name);
	for_each_option(command, zsh_option);
	if (command->is_launcher)
		puts(" \\\n\t\t\t'*::command: _normal' ;;");
	else
		puts(" \\\n\t\t\t'*:file:_files' ;;");
}

static void print_zsh(void)
{
	fputs("#compdef callgate\n"
	      "# Completion of callgate for zsh, made by callgate itself.\n"
	      "_callgate_abis()\n"
	      "{\n"
	      "\tcompadd -- $(" ABIS ")\n"
	      "}\n\n"
	      "_callgate()\n"
	      "{\n"
	      "\tlocal -a commands=(\n",
	      stdout);
	for_each_command(zsh_name);
	fputs("\t)\n"
	      "\tif ((CURRENT == 2)); then\n"
	      "\t\t_describe -t commands command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t((CURRENT--))\n"
	      "\tcase $words[1] in\n",
	      stdout);
	for_each_command(zsh_command);
	fputs("\thelp) _describe -t commands command commands ;;\n"
	      "\tesac\n"
	      "}\n\n"
	      "[[ $funcstack[1] != _callgate ]] || _callgate \"$@\"\n",
	      stdout);
}

/* --- fish -------------------------------------------------------------------------- */

static void fish_option(const struct cli_command *command,
			const struct argp_option *option)
{
	printf("complete -c callgate -n '__fish_seen_subcommand_from %s'",
	       command->name);
	if (has_letter(option))
		printf(" -s %c", option->key);
	printf(" -l %s%s", option->name, option->arg ? " -r" : "");
	if (is_abi(option))
		fputs(" -f -a '(" ABIS ")'", stdout);
	fputs(" -d '", stdout);
	print_quoted(option->doc, "\\");
	puts("'");
}

static void fish_command(const struct cli_command *command)
{
	printf("complete -c callgate -n __fish_use_subcommand -f -a %s -d '",
	       command->name);
	print_quoted(command->summary, "\\");
	puts("'");
	for_each_option(command, fish_option);
}

static void print_fish(void)
{
	puts("# Completion of callgate for fish, made by callgate itself.\n"
	     "complete -c callgate -l help -d 'Give this help list'");
	for_each_command(fish_command);
}

/* ----------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*print)(void);
} shells[] = {
	{ "bash", print_bash },
	{ "zsh", print_zsh },
	{ "fish", print_fish },
};

static enum cli_status run(struct cli *cli)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
		if (strcmp(cli->words[0], shells[i].name) != 0)
			continue;
		shells[i].print();
		return STATUS_DONE;
	}
	fprintf(stderr, "callgate: no such shell: '%s'; there are bash, zsh and fish\n",
		cli->words[0]);
	return STATUS_USAGE;
}

const struct cli_command command_completion = {
	.name = "completion",
	.usage = "SHELL",
	.details = "Print what SHELL, bash, zsh or fish, needs to complete command "
		   "lines of callgate.\v"
		   "Exit status: 0 done, 2 wrong usage.",
	.words_min = 1,
	.words_max = 1,
	.run = run,
};
