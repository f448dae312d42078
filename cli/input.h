/* SPDX-License-Identifier: MIT */
/* The policies and filters that a command line names. */
#ifndef CALLGATE_CLI_INPUT_H
#define CALLGATE_CLI_INPUT_H

#include <jansson.h>

#include "callgate-format.h"
#include "callgate.h"
#include "cli.h"

struct input {
	const char *name;		/* as messages call it */
	struct callgate_policy *policy; /* NULL: it was a filter */
	struct callgate_filter *filter;
	struct callgate_recording *recording; /* then there is no filter */
	struct callgate_diagnostics *diagnostics;
};

/* How an input is taken. Zero is the default of every member. */
struct input_how {
	bool review;	 /* with the warnings that only the meaning shows */
	bool assembly;	 /* it is the text of a program, neither policy nor raw */
	bool log_only;	 /* a policy denies nothing; its expect lines are not asked */
	bool recordings; /* it may be a recording */
	bool salvage;	 /* … whose end is missing */
	struct callgate_compile_options compile;
};

/*
 * Reads a policy and compiles it, or reads a raw filter: from a file of the name *.bpf,
 * or one whose content is a program (callgate_bytes_are_program()).
 *
 * STATUS_DONE; STATUS_INPUT, or STATUS_NO when all that is wrong are failed expects;
 * STATUS_SYSTEM without memory. What was found is in `diagnostics` and not printed.
 * input_done() in any case.
 */
enum cli_status input_open(const struct cli *cli, const struct cli_source *source,
			   const struct input_how *how, struct input *ret_input);
void input_done(struct input *input);

/* The format of profiles that a file's name tells; CALLGATE_PROFILE_AUTO: none. */
enum callgate_profile_format input_profile_format(const char *name);

/*
 * How the source is parsed when it is a policy. The reader is shared, and `cli` and `source`
 * must outlive the options.
 */
struct callgate_parse_options input_parse_options(const struct cli *cli,
						  const struct cli_source *source);

/* Whether it is a running process, whose filters are the input. */
bool input_is_process(const struct cli_source *source);

/* Reads a file of frequencies or a recording; what is wrong with it is printed. */
enum cli_status input_frequencies(const char *file,
				  struct callgate_frequencies **ret_frequencies);

/* Prints what was found on standard error. */
void input_report(const struct input *input);

/* {"file", "diagnostics"}: what the JSON of every command says of an input. */
json_t *input_json(const struct input *input);

#endif
