/* SPDX-License-Identifier: MIT */
/* A recording while it runs, from its start to its files. */
#ifndef CALLGATE_CLI_RECORD_RUN_H
#define CALLGATE_CLI_RECORD_RUN_H

#include "cli.h"
#include "probe/recorder.h"

struct record_options {
	struct recorder_target target;
	enum recorder_backend backend;
	bool has_from; /* target.from was said */
	bool is_unit;  /* `cgroup` is a unit of systemd */
	const char *cgroup;
	const char *output; /* *.gate, *.cgrec, or NULL */
	double duration;    /* in seconds; 0: no end */
	double until_idle;
};

/* "callgate record: what: TEXT"; `text` may be NULL. */
void record_complain(const char *what, const char *text);

/* Records, writes, and returns what the command exits with. */
enum cli_status record_run(const struct cli *cli, const struct record_options *options);

#endif
