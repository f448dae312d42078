/* SPDX-License-Identifier: MIT */
/* callgate explain: what its ways of asking share. */
#ifndef CALLGATE_CLI_EXPLAIN_H
#define CALLGATE_CLI_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "callgate-explain.h"
#include "input.h"

/* What is to be explained, and by what. */
struct explain {
	const struct cli *cli;
	const struct input *input; /* the policy or filter; NULL: none is given */
	json_t *list;		   /* denials as JSON; NULL: as text */
	bool zero_is_unsaid;	   /* an argument of 0 is one that is not known */
};

enum cli_status explain_call(const struct explain *explain, const char *call);
enum cli_status explain_core(const struct explain *explain, const char *file);
/* Lines of a file, or of standard input for "-". */
enum cli_status explain_audit(const struct explain *explain, const char *file);
/* Until the process ends or SIGINT. */
enum cli_status explain_process(const struct explain *explain, int pid);

/* --- printing ----------------------------------------------------------------------- */

/* Where a rule stands and what it says, both malloc'ed; free them. */
struct explain_rule {
	char *place; /* "app.gate:14"; NULL: nothing says so */
	char *text;
};

struct explain_rule explain_rule_of(const struct input *input,
				    struct callgate_span span, const char *kind);
void explain_rule_done(struct explain_rule *rule);

/* With colours where the stream takes them, as wide as the terminal. */
void explain_print(FILE *stream, const struct callgate_explain_denial *denial);
/* {"name", "text", "abi", "arguments": [{"name", "text", "number", …}]} */
json_t *explain_call_json(const struct callgate_explain_call *call);
json_t *explain_stack_json(const struct callgate_explain_stack *stack);
/* {"call", "verdict", "value", "rule": {"file", "line", "text"}, "fix": {…}} */
json_t *explain_decision_json(const struct explain *explain,
			      const struct seccomp_data *call);

/* The edit that would allow a call; NULL: there is none. Freed with the advice. */
const struct callgate_explain_edit *
explain_fix(const struct explain *explain, const struct seccomp_data *call,
	    const char *note, struct callgate_explain_advice **ret_advice);
/* "app.gate:14, insert before"; malloc'ed. */
char *explain_fix_place(const struct callgate_explain_edit *edit);

/*
 * Prints, or puts into the list, a denial of which rule and edit are asked here; `more`
 * (JSON) is taken over.
 */
void explain_tell(const struct explain *explain, struct callgate_explain_denial *denial,
		  const struct seccomp_data *call, json_t *more);

#endif
