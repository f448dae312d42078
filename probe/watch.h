/* SPDX-License-Identifier: MIT */
/*
 * A stream of events about seccomp from the whole machine, by eBPF: calls of seccomp(2) and
 * prctl(2), denied calls, execs. What stands in an event is in watch_shared.h; what it
 * means is for the caller to say.
 */
#ifndef CALLGATE_PROBE_WATCH_H
#define CALLGATE_PROBE_WATCH_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "watch_shared.h"

/* Ways to see a call, the best first. */
enum watch_hook {
	WATCH_HOOK_KPROBE,     /* on sys_seccomp and sys_prctl */
	WATCH_HOOK_FENTRY,     /* the same, by BPF trampolines */
	WATCH_HOOK_TRACEPOINT, /* sys_enter and sys_exit, that every call passes */
	WATCH_HOOKS,
};

/* Zero is the default of every member but `event`. */
struct watch_options {
	uint32_t events;  /* bits 1 << enum watch_kind; 0: all */
	uint32_t hooks;	  /* bits 1 << enum watch_hook: those to try; 0: all */
	bool every_prctl; /* not just those that concern seccomp and privilege */
	bool stack;	  /* with the return addresses of user space */
	size_t buffer;	  /* bytes of the ring buffer, made a power of two; 0: 16 MiB */
	/*
	 * Called by watch_poll(). A program comes before the events that name its id. What
	 * they are given lives as long as the call.
	 */
	void (*program)(void *context, const struct watch_program *program,
			const struct sock_filter *instructions);
	void (*event)(void *context, const struct watch_event *event);
	void *context;
};

struct watch;

/*
 * Begins to watch. Returns 0 or a negative errno, which probe_explain() knows; then nothing
 * is attached. The kernel forgets all of it with the process at the latest.
 */
int watch_open(const struct watch_options *options, struct watch **ret_watch);
/* Accepts NULL. */
void watch_close(struct watch *watch);

/* Which hook is in use. */
enum watch_hook watch_hook(const struct watch *watch);
/* Why another was not taken: a negative errno; 0: it was not tried. */
int watch_hook_error(const struct watch *watch, enum watch_hook hook);
/* "kprobe on sys_seccomp"; static. */
const char *watch_hook_name(enum watch_hook hook);

/* Readable when there are events: for poll(2). */
int watch_descriptor(const struct watch *watch);
/*
 * Waits for events for so many milliseconds (-1: for ever) and hands out all there are.
 * Returns how many records, 0 after the time; -EINTR: a signal came, or there are so many
 * that it is time to look at the clock.
 */
int watch_poll(struct watch *watch, int milliseconds);
/* Detaches; watch_poll(…, 0) then has the last events. */
void watch_stop(struct watch *watch);
/*
 * What was lost until now. After watch_stop() `events` and `programs` are exact; of
 * `skipped` it cannot be known what they would have told.
 */
void watch_loss(const struct watch *watch, struct watch_loss *ret_loss);

/*
 * The program's path out of an event, "/usr/bin/man"; "" when it is not known, and
 * ".../bin/man" when it is longer than was read. `ret_path` has room for WATCH_PATH_TEXT.
 */
void watch_path(const struct watch_event *event, char *ret_path);
/* What an exec was given to execute, or "". Points into the event. */
const char *watch_exec_name(const struct watch_event *event);
/* The stack_count return addresses, the innermost first. Points into the event. */
const __u64 *watch_stack(const struct watch_event *event);

/* --- who decided ---------------------------------------------------------------------------- */

struct callgate_filter;
struct watch_filters;

/* The programs that came, by their ids; the latest WATCH_PROGRAMS of them. */
struct watch_filters *watch_filters_new(void);
void watch_filters_free(struct watch_filters *filters);
/* Fits watch_options.program, with the filters as the context. */
void watch_filters_add(void *filters, const struct watch_program *program,
		       const struct sock_filter *instructions);
/* NULL: it never came, or is too long ago. */
const struct callgate_filter *watch_filters_find(const struct watch_filters *filters,
						 uint64_t id);

enum watch_source {
	WATCH_BY_FILTERS, /* the filters say so, and the result fits */
	WATCH_BY_RESULT,  /* they are not known, or their answer does not fit */
	WATCH_BY_MODE,	  /* strict mode */
	WATCH_BY_AUDIT,	  /* an audit record says so; of an errno it has no number */
};

/* What refused a call. */
struct watch_verdict {
	enum watch_source source;
	uint32_t value;	    /* SECCOMP_RET_… | data */
	unsigned layer;	    /* BY_FILTERS: the deciding one; the first loaded has 1 */
	size_t instruction; /* … and the return statement of its program */
};

/*
 * The same number for the deciding filters of the same instructions, whoever has loaded
 * them; 0: not known.
 */
uint64_t watch_decider(const struct watch_filters *filters,
		       const struct watch_event *event,
		       const struct watch_verdict *verdict);

/* Whether it was strict mode, which has no filters. */
bool watch_is_strict(const struct watch_event *event,
		     const struct watch_verdict *verdict);

/* The call as the filters saw it; of any event. */
void watch_call(const struct watch_event *event, struct seccomp_data *ret_call);

/*
 * Finds who refused the call of a WATCH_DENIED event, by running the thread's own filters
 * in the simulator. False: nobody did; a tracer skipped it, it began before we watched,
 * or it was interrupted while a supervisor was asked and is made again.
 */
bool watch_judge(const struct watch_filters *filters, const struct watch_event *event,
		 struct watch_verdict *ret_verdict);

#endif
