/* SPDX-License-Identifier: MIT */
/*
 * A command of callgate is a table entry: its words for --help, its options as data,
 * and a function. --help, `callgate help`, the shell completion and the checks of the
 * man pages are all read from here, so there is one place where an option is described.
 */
#ifndef CALLGATE_CLI_CLI_H
#define CALLGATE_CLI_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "callgate-format.h"
#include "callgate-record.h"

/* What every command exits with. */
enum cli_status {
	STATUS_DONE = 0,
	STATUS_NO = 1,	   /* the answer is no, they differ, the call is denied */
	STATUS_USAGE = 2,  /* the command line */
	STATUS_INPUT = 3,  /* what it names: see the diagnostics */
	STATUS_SYSTEM = 4, /* the system refused */
};

/* Where a policy or a filter comes from. */
struct cli_source {
	const char *value; /* a file's name, "-", or the text itself */
	bool is_text;	   /* it is the text */
};

/* A command line after parsing. The arrays have room for every word of it. */
struct cli {
	const struct cli_command *command;
	struct cli_source *sources; /* -e TEXT and -p FILE, in order */
	size_t source_count;
	const char **parameters; /* -D NAME, NULL-terminated */
	size_t parameter_count;
	const char **abis; /* --abi NAME, NULL-terminated */
	size_t abi_count;
	struct callgate_import_options profile; /* for profiles, as far as said */
	const char **capabilities;		/* --cap NAME, NULL-terminated */
	size_t capability_count;
	const char **bases; /* --base FILE, NULL-terminated */
	size_t base_count;
	char **words; /* what is no option, NULL-terminated */
	size_t word_count;
	char **storage;		      /* what `words` was allocated as */
	unsigned layer;		      /* of pid:N, from 1; 0: all of them */
	enum callgate_endian machine; /* of raw filters */
	struct callgate_recording_policy_options recorded; /* policies of recordings */
	const char *frequencies; /* where to write how often calls were made, or NULL */
	bool json;
	const char *output; /* -o FILE, or NULL */
	void *own;	    /* the command's own options: own_size bytes, zeroed */
};

/* Option tables that commands share, see options.c. */
enum cli_shared {
	SHARED_POLICY = 1 << 0, /* -e, -D */
	SHARED_ABI = 1 << 1,
	SHARED_JSON = 1 << 2,
	SHARED_PROFILE = 1 << 3,  /* --cap and the like, for profiles */
	SHARED_RECORDED = 1 << 4, /* how policies of recordings are, see recording.h */
	SHARED_OUTPUT = 1 << 5,	  /* -o */
};

/* Where a command's policies come from; at least one is wanted. */
enum cli_input {
	INPUT_NONE,	/* it has none */
	INPUT_OPTIONS,	/* -e and -p */
	INPUT_ONE,	/* one -e, or else the first word is a file */
	INPUT_ALL_WORDS /* -e, and every word is a file */
};

struct cli_command {
	const char *name;
	const char *summary; /* one line, no full stop; NULL: not listed */
	const char *usage;   /* what follows the options: "FILE..." */
	const char *details; /* the rest of --help */
	const struct argp_option *options; /* its own, ended by a zero entry, or NULL */
	argp_parser_t parse;		   /* for them; the input is the struct cli */
	unsigned shared;		   /* SHARED_… */
	enum cli_input input;
	unsigned words_min, words_max; /* files of `input` not counted */
	bool is_launcher; /* options end at the first word, signals stay as they are */
	size_t own_size;
	enum cli_status (*run)(struct cli *cli);
};

extern const struct cli_command *const cli_commands[]; /* ended by NULL */

extern const struct cli_command command_audit;
extern const struct cli_command command_check;
extern const struct cli_command command_compile;
extern const struct cli_command command_test;
extern const struct cli_command command_show;
extern const struct cli_command command_asm;
extern const struct cli_command command_emulate;
extern const struct cli_command command_graph;
extern const struct cli_command command_decompile;
extern const struct cli_command command_diff;
extern const struct cli_command command_flatten;
extern const struct cli_command command_merge;
extern const struct cli_command command_replay;
extern const struct cli_command command_record;
extern const struct cli_command command_report;
extern const struct cli_command command_syscall;
extern const struct cli_command command_run;
extern const struct cli_command command_convert;
extern const struct cli_command command_ps;
extern const struct cli_command command_dump;
extern const struct cli_command command_events;
extern const struct cli_command command_top;
extern const struct cli_command command_explain;
extern const struct cli_command command_features;
extern const struct cli_command command_watch;
extern const struct cli_command command_completion;

/* Parses the command line into *ret_cli; exits on --help and on wrong usage. */
void cli_parse(const struct cli_command *command, int argc, char **argv,
	       struct cli *ret_cli);
void cli_done(struct cli *cli);

/*
 * A command's option tables, numbered from 0 below CLI_TABLES: its own and the shared
 * ones. Each ends with a zero entry; NULL: not one of this command.
 */
#define CLI_TABLES 7

const struct argp_option *cli_options(const struct cli_command *command,
				      unsigned table);

/* What to exit with after the library answered 0 or a negative errno about an input. */
enum cli_status cli_status_of(int error);

/* Ends the program for want of memory. Returns `pointer`. */
void *cli_need(void *pointer);

#endif
