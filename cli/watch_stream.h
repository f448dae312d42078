/* SPDX-License-Identifier: MIT */
/* What becomes of each event: chosen, counted, printed, handed on. */
#ifndef CALLGATE_CLI_WATCH_STREAM_H
#define CALLGATE_CLI_WATCH_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli.h"
#include "watch_sink.h"
#include "watch_view.h"
#include "where.h"

/* A list of options' values: any of them fits, and none at all fits everything. */
struct choice {
	const char **values;
	size_t count;
};

/* The command line. */
struct watch_choice {
	struct choice pids, comms, uids, cgroups, containers;
	struct where *where; /* or NULL */
	bool parse_arguments, no_probes, show_filter, journal;
	const char *metrics; /* a file, or NULL */
	uint64_t count;	     /* end after so many events; 0: never */
};

struct metrics;

struct stream {
	const struct watch_choice *choice;
	bool json;
	struct sink sink;
	struct watch_filters *filters;
	struct metrics *metrics; /* or NULL */
	int64_t clock;
	uint64_t told;		/* events that were printed */
	uint64_t seen;		/* … that came */
	struct watch_loss lost; /* as far as it was told */
	struct containers *containers;
	bool is_full; /* `count` is reached */
};

/* Returns STATUS_DONE, or tells of what is wrong. stream_done() in any case. */
enum cli_status stream_open(struct stream *stream);
void stream_done(struct stream *stream);
/* Fits watch_options.event, with the stream as the context. */
void stream_event(void *stream, const struct watch_event *event);
/* … and watch_options.program. */
void stream_program(void *stream, const struct watch_program *program,
		    const struct sock_filter *instructions);
/* Tells which hook is in use, and of which events. */
void stream_start(struct stream *stream, const struct watch *watch, uint32_t events);
/* Tells of what was lost since the last time. */
void stream_loss(struct stream *stream, const struct watch *watch);
/* Tells how much it was. */
void stream_end(struct stream *stream);
/* Writes the counters. */
void stream_metrics(struct stream *stream);

#endif
