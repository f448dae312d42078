/* SPDX-License-Identifier: MIT */
/*
 * Denials as the kernel's audit records tell of them, for who may not use eBPF: those that
 * the kernel logs, without arguments or results. They come as events of watch.h, marked
 * WATCH_AUDITED.
 */
#ifndef CALLGATE_PROBE_WATCH_AUDIT_H
#define CALLGATE_PROBE_WATCH_AUDIT_H

#include "watch.h"

/* --- one record ---------------------------------------------------------------------- */

/* An event with room for the program's path behind it. */
struct watch_audited {
	struct watch_event event;
	char path[WATCH_PATH];
};

/*
 * Of the text of a SECCOMP record, "audit(1700000000.123:45): auid=…". `clock` as in
 * watch_view, for its time. False: it tells of no denial.
 */
bool watch_audit_parse(const char *text, size_t length, int64_t clock,
		       struct watch_audited *ret_audited);
/* Its number, the same for all records of one event of audit; 0: there is none. */
uint64_t watch_audit_serial(const char *text, size_t length);

/* --- numbers that are missing --------------------------------------------------------- */

#define AUDIT_WINDOW 1024 /* records may come in another order, within so many */

struct watch_serials {
	uint64_t first, last; /* 0: none has come */
	uint64_t lost;	      /* of those that left the window unseen */
	bool seen[AUDIT_WINDOW];
};

void watch_serials_add(struct watch_serials *serials, uint64_t serial);
/* Of all that must have been sent, how many did not come. */
uint64_t watch_serials_lost(const struct watch_serials *serials);

/* --- the stream ------------------------------------------------------------------------ */

struct watch_audit;

/*
 * Listens to the kernel's multicast group for readers of audit records: beside an audit
 * daemon, or without one. Returns 0; -EPERM: it takes CAP_AUDIT_READ; -EPROTONOSUPPORT:
 * the kernel has no audit; another errno of socket(2) or bind(2).
 */
int watch_audit_open(struct watch_audit **ret_audit);
/* Accepts NULL. */
void watch_audit_close(struct watch_audit *audit);
/* Readable when there are records. */
int watch_audit_descriptor(const struct watch_audit *audit);
/*
 * Hands out the denials there are, without waiting. What /proc tells of the process is
 * added when it still is the one of the record. The event lives as long as the call.
 */
void watch_audit_read(struct watch_audit *audit,
		      void (*take)(void *context, const struct watch_event *event),
		      void *context);
/* How many records of any type did not come. */
uint64_t watch_audit_lost(const struct watch_audit *audit);

/* --- one denial, two witnesses ----------------------------------------------------------- */

struct watch_pairs;

struct watch_pairs *watch_pairs_new(void);
void watch_pairs_free(struct watch_pairs *pairs);
/* eBPF told of a denial. */
void watch_pairs_seen(struct watch_pairs *pairs, const struct watch_event *event);
/*
 * A record tells of one. It waits for `now` (ns of any clock) to advance WATCH_PAIR_WAIT,
 * unless eBPF has told of the same, or does so meanwhile. False: there is no room to wait.
 */
bool watch_pairs_audited(struct watch_pairs *pairs, const struct watch_event *event,
			 uint64_t now);
/*
 * One that waited long enough and is told of by its record alone, for the caller to free;
 * or NULL. Only to be called when all events of eBPF until now have been read.
 */
struct watch_event *watch_pairs_due(struct watch_pairs *pairs, uint64_t now);

#define WATCH_PAIR_WAIT UINT64_C(2000000000)

#endif
