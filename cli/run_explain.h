/* SPDX-License-Identifier: MIT */
/* callgate run --explain: the options that go with it, and the run. */
#ifndef CALLGATE_CLI_RUN_EXPLAIN_H
#define CALLGATE_CLI_RUN_EXPLAIN_H

#include "input.h"

struct run_explain {
	bool wanted;
	bool json;
	const char *output; /* a file, or NULL: standard error */
	enum callgate_orphans orphans;
	bool permissive;
	const char *suggest;  /* a file for the edits, or NULL */
	bool covers;	      /* what of the policies is used is told at the end */
	const char *coverage; /* … in this file; NULL: with the denials */
	bool learn;	      /* the policies are amended, */
	bool sure;	      /* … without asking */
};

/*
 * Runs the program and tells of its denials. Ends this process as the program ended, by
 * its status or its signal; comes back only if nothing was started.
 */
enum cli_status run_explained(const struct cli *cli, const struct run_explain *how,
			      const struct callgate_exec_options *start,
			      const struct input *layers);

#endif
