// SPDX-License-Identifier: MIT
/*
 * callgate watch: what seccomp does on this machine, as it happens.
 *
 * Ends on SIGINT or SIGTERM, and opens its output anew on SIGHUP. Nothing stays in the
 * kernel, whatever way it ends.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "callgate.h"
#include "cli.h"
#include "events.h"
#include "journal.h"
#include "probe/probe.h"
#include "probe/watch_audit.h"
#include "watch_stream.h"

#define BUFFER_MAX (UINT64_C(1) << 31) /* bytes, of a ring buffer of the kernel */

enum {
	KEY_ALL_PRCTL = 0x200,
	KEY_AUDIT,
	KEY_BUFFER,
	KEY_CGROUP,
	KEY_COMM,
	KEY_CONTAINER,
	KEY_COUNT,
	KEY_DURATION,
	KEY_EVENTS,
	KEY_HOOK,
	KEY_JOURNAL,
	KEY_METRICS,
	KEY_NO_PROBES,
	KEY_PARSE,
	KEY_PID,
	KEY_SHOW_FILTER,
	KEY_STACK,
	KEY_UID,
	KEY_WHERE,
};

struct own {
	struct watch_choice choice;
	struct watch_options watch;
	const char *output;
	uint64_t seconds;
	bool audit;	 /* as well */
	bool audit_only; /* no eBPF */
};

static const struct argp_option own_options[] = {
	{ "events", KEY_EVENTS, "LIST", 0,
	  "Watch for these, with commas between: seccomp, prctl, denied, "
	  "confined-exec, "
	  "unconfined-exec (the first three)",
	  1 },
	{ "all-prctl", KEY_ALL_PRCTL, NULL, 0,
	  "Every prctl, not just what concerns seccomp and privilege", 1 },
	{ "no-probes", KEY_NO_PROBES, NULL, 0, "Leave out calls that only ask", 1 },
	{ "pid", KEY_PID, "PID", 0, "Of this process alone; may be repeated", 2 },
	{ "comm", KEY_COMM, "PATTERN", 0,
	  "Of processes of this name, as the shell matches files; may be repeated", 2 },
	{ "uid", KEY_UID, "UID", 0, "Of this user; may be repeated", 2 },
	{ "cgroup", KEY_CGROUP, "CGROUP", 0,
	  "In this cgroup of version 2, its folder or id; may be repeated", 2 },
	{ "container", KEY_CONTAINER, "ID", 0,
	  "In the container whose id begins so; may be repeated", 2 },
	{ "where", KEY_WHERE, "EXPRESSION", 0,
	  "Whose fields are so: 'retval < 0 && comm == \"man\"'", 2 },
	{ "parse-arguments", KEY_PARSE, NULL, 0,
	  "With --json: names instead of numbers, pointers as 0x...", 3 },
	{ "show-filter", KEY_SHOW_FILTER, NULL, 0,
	  "With the policy that each new filter amounts to", 3 },
	{ "stack", KEY_STACK, NULL, 0, "With the addresses of the user's stack", 3 },
	{ "output", 'o', "FILE", 0,
	  "Append to FILE instead of standard output; SIGHUP opens it anew", 4 },
	{ "journal", KEY_JOURNAL, NULL, 0, "Send to the journal of systemd as well",
	  4 },
	{ "metrics", KEY_METRICS, "FILE", 0,
	  "Keep counters in FILE, in the text format of Prometheus", 4 },
	{ "buffer", KEY_BUFFER, "BYTES", 0,
	  "Keep so much for a slow reader, a power of two (16777216)", 5 },
	{ "count", KEY_COUNT, "NUMBER", 0, "End after so many events", 5 },
	{ "duration", KEY_DURATION, "SECONDS", 0, "End after so long", 5 },
	{ "hook", KEY_HOOK, "NAME", 0,
	  "See calls this way alone: kprobe, fentry or tracepoint (the first that "
	  "works); or audit: no eBPF, just denials that the kernel logs",
	  5 },
	{ "audit", KEY_AUDIT, NULL, 0,
	  "With denials that only the kernel's audit records tell of", 5 },
	{ 0 },
};

/* --- the command line ------------------------------------------------------------------- */

static uint64_t number(const char *text, struct argp_state *state)
{
	uint64_t value;

	if (callgate_number_parse(text, &value))
		argp_error(state, "want a number, not '%s'", text);
	return value;
}

static size_t buffer_size(const char *text, struct argp_state *state)
{
	uint64_t size = number(text, state);

	if (size > BUFFER_MAX)
		argp_error(state, "a ring buffer has at most 2 GiB, not '%s' bytes",
			   text);
	return (size_t)size;
}

static void choose(struct choice *choice, const char *value)
{
	choice->values = cli_need(reallocarray(choice->values, choice->count + 1,
					       sizeof(*choice->values)));
	choice->values[choice->count++] = value;
}

static void choose_number(struct choice *choice, const char *value,
			  struct argp_state *state)
{
	number(value, state);
	choose(choice, value);
}

/* A cgroup's id is the inode of its folder. */
static void choose_cgroup(struct choice *choice, const char *value,
			  struct argp_state *state)
{
	struct stat folder;
	char *id;

	if (*value != '/') {
		choose_number(choice, value, state);
		return;
	}
	if (stat(value, &folder) || !S_ISDIR(folder.st_mode))
		argp_error(state, "there is no cgroup '%s'", value);
	if (asprintf(&id, "%llu", (unsigned long long)folder.st_ino) < 0)
		cli_need(NULL);
	choose(choice, id);
}

static uint32_t parse_events(const char *list, struct argp_state *state)
{
	const char *wrong;
	uint32_t events = event_kinds_parse(list, &wrong);

	if (!events)
		argp_error(state, "there is no event '%.*s'; see 'callgate events'",
			   (int)strcspn(wrong, ","), wrong);
	return events;
}

static uint32_t parse_hook(const char *name, struct argp_state *state)
{
	static const char *const names[WATCH_HOOKS] = { "kprobe", "fentry",
							"tracepoint" };

	for (unsigned i = 0; i < WATCH_HOOKS; i++) {
		if (strcmp(names[i], name) == 0)
			return 1u << i;
	}
	argp_error(state, "want kprobe, fentry, tracepoint or audit, not '%s'", name);
	return 0;
}

/* Ends the program for an expression that is none, with a caret under what is wrong. */
static struct where *parse_where(const char *text, struct argp_state *state)
{
	struct where_error error = { 0 };
	struct where *where = where_parse(text, &error);

	if (where)
		return where;
	fprintf(stderr, "%s: --where: %s\n  %s\n  %*s^", state->name, error.message,
		text, (int)error.offset, "");
	for (size_t i = 1; i < error.length; i++)
		fputc('~', stderr);
	fputc('\n', stderr);
	exit(STATUS_USAGE);
}

static error_t parse_choice(int key, char *value, struct argp_state *state)
{
	struct watch_choice *choice =
		&((struct own *)((struct cli *)state->input)->own)->choice;

	switch (key) {
	case KEY_PID:
		choose_number(&choice->pids, value, state);
		return 0;
	case KEY_COMM:
		choose(&choice->comms, value);
		return 0;
	case KEY_UID:
		choose_number(&choice->uids, value, state);
		return 0;
	case KEY_CGROUP:
		choose_cgroup(&choice->cgroups, value, state);
		return 0;
	case KEY_CONTAINER:
		choose(&choice->containers, value);
		return 0;
	case KEY_WHERE:
		where_free(choice->where);
		choice->where = parse_where(value, state);
		return 0;
	case KEY_NO_PROBES:
		choice->no_probes = true;
		return 0;
	case KEY_PARSE:
		choice->parse_arguments = true;
		return 0;
	case KEY_SHOW_FILTER:
		choice->show_filter = true;
		return 0;
	case KEY_METRICS:
		choice->metrics = value;
		return 0;
	case KEY_COUNT:
		choice->count = number(value, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct own *own = ((struct cli *)state->input)->own;

	switch (key) {
	case KEY_EVENTS:
		own->watch.events = parse_events(value, state);
		return 0;
	case KEY_ALL_PRCTL:
		own->watch.every_prctl = true;
		return 0;
	case KEY_STACK:
		own->watch.stack = true;
		return 0;
	case KEY_BUFFER:
		own->watch.buffer = buffer_size(value, state);
		return 0;
	case KEY_HOOK:
		own->audit_only = strcmp(value, "audit") == 0;
		own->watch.hooks = own->audit_only ? 0 : parse_hook(value, state);
		return 0;
	case KEY_AUDIT:
		own->audit = true;
		return 0;
	case KEY_DURATION:
		own->seconds = number(value, state);
		return 0;
	case KEY_JOURNAL:
		if (!journal_version())
			argp_error(state, "this callgate was built without libsystemd");
		own->choice.journal = true;
		return 0;
	case 'o':
		own->output = value;
		return 0;
	default:
		return parse_choice(key, value, state);
	}
}

/* --- signals ------------------------------------------------------------------------------- */

static volatile sig_atomic_t has_to_end, has_to_reopen;

static void handle(int signal)
{
	if (signal == SIGHUP)
		has_to_reopen = 1;
	else
		has_to_end = 1;
}

/* Without SA_RESTART: a write that waits for a slow reader ends. */
static void catch_signals(void)
{
	const struct sigaction action = { .sa_handler = handle };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* --- running -------------------------------------------------------------------------------- */

static void explain_refusal(int error)
{
	struct probe_lack lack = probe_explain(error);

	fprintf(stderr, "callgate watch: cannot watch by eBPF: %s\n", lack.problem);
	if (lack.hint)
		fprintf(stderr, "      | hint: %s\n", lack.hint);
}

static void explain_no_audit(int error)
{
	const char *reason = strerror(-error);

	if (error == -EPERM)
		reason = "it takes CAP_AUDIT_READ";
	else if (error == -EPROTONOSUPPORT)
		reason = "this kernel has no audit";
	fprintf(stderr,
		"callgate watch: cannot read audit records: %s\n"
		"      | what works even so: 'callgate ps' shows the state of "
		"processes, and\n"
		"      | 'callgate events' describes what would be seen here\n",
		reason);
}

static void reopen(struct stream *stream)
{
	int error = sink_reopen(&stream->sink);

	has_to_reopen = 0;
	if (error)
		fprintf(stderr, "callgate watch: cannot open %s: %s\n",
			stream->sink.file, strerror(-error));
}

/* Seconds of a clock that nobody sets. */
static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

#define TICK 200 /* milliseconds between looks at the clock and the losses */

/* Everything that there is until now. */
static void take_all(struct stream *stream, const struct sources *sources)
{
	bool has_more = false;

	if (sources->watch)
		has_more = watch_poll(sources->watch, 0) == -EINTR;
	if (sources->audit)
		watch_audit_read(sources->audit, stream_audited, stream);
	if (!has_more)
		stream_unpaired(stream, false);
}

/* A reader that is gone shows at once, and not when there is something to write. */
static void wait_for_events(const struct sources *sources, struct sink *sink)
{
	struct pollfd polls[] = {
		{ .fd = sources->watch ? watch_descriptor(sources->watch) : -1,
		  .events = POLLIN },
		{ .fd = sources->audit ? watch_audit_descriptor(sources->audit) : -1,
		  .events = POLLIN },
		{ .fd = sink->descriptor },
	};

	if (poll(polls, sizeof(polls) / sizeof(*polls), TICK) > 0 &&
	    polls[2].revents & POLLERR && !sink->error)
		sink->error = -EPIPE;
}

static void follow(struct stream *stream, const struct sources *sources,
		   const struct own *own)
{
	time_t end = now() + (time_t)own->seconds, written = now();

	stream_metrics(stream);
	while (!has_to_end && !stream->is_full && !stream->sink.error &&
	       (!own->seconds || now() < end)) {
		wait_for_events(sources, &stream->sink);
		take_all(stream, sources);
		stream_loss(stream, sources);
		sink_flush(&stream->sink, true);
		if (has_to_reopen)
			reopen(stream);
		if (now() - written < 5)
			continue;
		stream_tick(stream);
		written = now();
	}
}

static enum cli_status status_of(const struct sink *sink)
{
	if (!sink->error || sink->error == -EPIPE || sink->error == -EINTR)
		return STATUS_DONE;
	fprintf(stderr, "callgate watch: cannot write the output: %s\n",
		strerror(-sink->error));
	return STATUS_SYSTEM;
}

/* Beside eBPF, or instead of it: then there are denials and nothing else. */
static int open_audit(struct own *own, struct sources *sources)
{
	int error = watch_audit_open(&sources->audit);

	if (error)
		explain_no_audit(error);
	if (!sources->watch)
		own->watch.events = 1u << WATCH_DENIED;
	return error;
}

/* Where eBPF is refused, audit records have some of the denials. */
static int open_sources(struct own *own, struct sources *sources)
{
	int error;

	if (own->audit_only)
		return open_audit(own, sources);
	error = watch_open(&own->watch, &sources->watch);
	if (!error)
		return own->audit ? open_audit(own, sources) : 0;
	explain_refusal(error);
	if (own->watch.events & 1u << WATCH_DENIED && !own->watch.hooks)
		return open_audit(own, sources);
	fputs("      | what works even so: '--hook audit' shows denials that the "
	      "kernel "
	      "logs\n",
	      stderr);
	return error;
}

static void watch_with(struct stream *stream, const struct sources *sources,
		       const struct own *own)
{
	if (sources->watch && sources->audit)
		stream->pairs = cli_need(watch_pairs_new());
	stream_start(stream, sources, own->watch.events);
	follow(stream, sources, own);
	if (sources->watch)
		watch_stop(sources->watch);
	take_all(stream, sources);
	stream_unpaired(stream, true);
	stream_loss(stream, sources);
	stream_end(stream);
	stream_metrics(stream);
}

static enum cli_status watch_all(struct stream *stream, struct own *own)
{
	struct sources sources = { 0 };
	enum cli_status status = STATUS_SYSTEM;

	catch_signals();
	own->watch.context = stream;
	own->watch.event = stream_event;
	own->watch.program = stream_program;
	if (open_sources(own, &sources) == 0) {
		watch_with(stream, &sources, own);
		status = status_of(&stream->sink);
	}
	watch_audit_close(sources.audit);
	watch_close(sources.watch);
	return status;
}

static void free_choice(struct watch_choice *choice)
{
	free(choice->pids.values);
	free(choice->comms.values);
	free(choice->uids.values);
	free(choice->cgroups.values);
	free(choice->containers.values);
	where_free(choice->where);
}

static enum cli_status run(struct cli *cli)
{
	struct own *own = cli->own;
	struct stream stream = { .choice = &own->choice, .json = cli->json };
	enum cli_status status;
	int error;

	if (!own->watch.events)
		own->watch.events =
			1u << WATCH_SECCOMP | 1u << WATCH_PRCTL | 1u << WATCH_DENIED;
	if (own->choice.journal && !journal_is_usable())
		fputs("callgate watch: there is no journal to send to\n", stderr);
	error = sink_open(own->output, &has_to_end, &stream.sink);
	if (error) {
		fprintf(stderr, "callgate watch: cannot open %s: %s\n", own->output,
			strerror(-error));
		free_choice(&own->choice);
		return STATUS_SYSTEM;
	}
	stream_open(&stream);
	status = watch_all(&stream, own);
	stream_done(&stream);
	free_choice(&own->choice);
	return status;
}

const struct cli_command command_watch = {
	.name = "watch",
	.summary = "show calls of seccomp and denied calls of the whole machine",
	.usage = "",
	.details =
		"Show every call of seccomp and prctl, every denied call and confined "
		"program,\nas it happens.\v"
		"One line an event, with --json one object a line; 'callgate events' "
		"tells "
		"of their\nfields. Needs CAP_BPF and CAP_PERFMON, or root.\n"
		"Exit status: 0 done, 2 wrong usage, 4 the system refused.",
	.options = own_options,
	.parse = parse,
	.shared = SHARED_JSON,
	.own_size = sizeof(struct own),
	.run = run,
};
