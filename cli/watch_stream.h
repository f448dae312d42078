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
struct watch_audit;

/* Where events come from; one of them may be NULL. */
struct sources {
	struct watch *watch;
	struct watch_audit *audit;
};

struct stream {
	const struct watch_choice *choice;
	bool json;
	struct sink sink;
	struct watch_filters *filters;
	struct metrics *metrics; /* or NULL */
	int64_t clock;
	uint64_t told;		   /* events that were printed */
	uint64_t seen;		   /* … that came */
	struct watch_loss lost;	   /* as far as it was told */
	uint64_t audit_lost;	   /* … of audit records */
	struct watch_pairs *pairs; /* of eBPF and audit; NULL: not both */
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
/* Fits watch_audit_read(), likewise. */
void stream_audited(void *stream, const struct watch_event *event);
/*
 * Tells of denials that only an audit record told of; all of eBPF's must have been read.
 * `at_end`: of those that still could wait, too.
 */
void stream_unpaired(struct stream *stream, bool at_end);
/* Tells which hook is in use, and of which events. */
void stream_start(struct stream *stream, const struct sources *sources,
		  uint32_t events);
/* Tells of what was lost since the last time. */
void stream_loss(struct stream *stream, const struct sources *sources);
/* Tells how much it was. */
void stream_end(struct stream *stream);
/* From time to time: writes the counters, and sees whether the clock was set. */
void stream_tick(struct stream *stream);
/* Writes the counters. */
void stream_metrics(struct stream *stream);

#endif
