/* SPDX-License-Identifier: MIT */
/* What the files of `callgate watch` share. */
#ifndef CALLGATE_CLI_WATCH_VIEW_H
#define CALLGATE_CLI_WATCH_VIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "probe/watch.h"

/* --- an event, with what was found out about it -------------------------------------- */

struct watch_view {
	const struct watch_event *event;
	const struct watch_filters *filters;
	const struct watch_verdict *verdict; /* of WATCH_DENIED alone */
	int64_t clock; /* added to CLOCK_BOOTTIME makes the time of day, in ns */
	const char *container; /* its id, or "" */
	bool show_filter;      /* decompile what is installed */
};

/* The event in the shape of event_fields. */
json_t *view_json(const struct watch_view *view);
/* Puts names into its `args`: "SECCOMP_SET_MODE_FILTER", "A|B", "0x7ffc…". */
void view_json_names(const struct watch_view *view, json_t *event);
/* One line for people. */
void view_print(const struct watch_view *view, FILE *stream);
/* The policy that the call's filter amounts to, malloc'ed, or NULL. */
char *view_policy(const struct watch_view *view);
/* The program that the call installed, or NULL. */
const struct callgate_filter *view_installed(const struct watch_view *view);
/* Of a denial: "errno EPERM", "kill", "strict"; malloc'ed. */
char *view_action(const struct watch_view *view);
/* "i386:mkdir(0x8, 0)", or only the call's name where no more is known; malloc'ed. */
char *view_call(const struct watch_view *view);
/* "seccomp", "mkdir", or NULL. */
const char *view_syscall(const struct watch_view *view);
/* Whether the call only asks. */
bool view_is_probe(const struct watch_view *view);

#endif
