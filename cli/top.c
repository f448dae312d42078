// SPDX-License-Identifier: MIT
/*
 * callgate top: which processes are refused calls, how often, and by which rule; live.
 *
 * Refused calls come one by one from the watch, those that were made are counted in the
 * kernel. Signals that end it are taken as events, so that the terminal is put in order
 * whatever ends it; what was attached goes with the process.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "count.h"
#include "probe.h"
#include "top.h"
#include "top_screen.h"
#include "watch.h"

#define LINES_MAX      512
#define BATCH_LINES    50
#define BATCH_WIDTH    120
#define INTERVAL       1000 /* milliseconds */
#define INTERVAL_LEAST 100
#define INTERVAL_MOST  3600000

enum {
	KEY_BATCH = 0x200,
	KEY_INTERVAL,
	KEY_SORT,
};

struct own {
	unsigned batch; /* how many frames; 0: a live screen */
	unsigned interval;
	struct top_view view;
};

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0, "Show processes without seccomp as well" },
	{ "batch", KEY_BATCH, "COUNT", 0, "Print so many frames as text, then end" },
	{ "filter", 'f', "TEXT", 0, "Show what has TEXT in its name, call or verdict" },
	{ "interval", KEY_INTERVAL, "MS", 0,
	  "Make a frame every so many milliseconds (1000)" },
	{ "sort", KEY_SORT, "COLUMN", 0,
	  "Sort processes by denied (a second), total, calls, name or pid" },
	{ 0 },
};

/* A number of the command line. */
static unsigned parse_number(const char *text, unsigned least, unsigned most,
			     struct argp_state *state)
{
	uint64_t number;

	if (callgate_number_parse(text, &number) || number < least || number > most)
		argp_error(state, "want a number from %u to %u, not '%s'", least, most,
			   text);
	return (unsigned)number;
}

static enum top_sort parse_sort(const char *text, struct argp_state *state)
{
	for (int sort = 0; sort < TOP_SORTS; sort++)
		if (strcmp(top_sort_names[sort], text) == 0)
			return (enum top_sort)sort;
	argp_error(state, "want denied, total, calls, name or pid, not '%s'", text);
	return TOP_BY_DENIED;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct own *own = ((struct cli *)state->input)->own;

	switch (key) {
	case 'a':
		own->view.everyone = true;
		return 0;
	case KEY_BATCH:
		own->batch = parse_number(value, 1, INT_MAX, state);
		return 0;
	case 'f':
		if (strlen(value) >= sizeof(own->view.pattern))
			argp_error(state, "the text is longer than %zu letters",
				   sizeof(own->view.pattern) - 1);
		snprintf(own->view.pattern, sizeof(own->view.pattern), "%s", value);
		return 0;
	case KEY_INTERVAL:
		own->interval =
			parse_number(value, INTERVAL_LEAST, INTERVAL_MOST, state);
		return 0;
	case KEY_SORT:
		own->view.sort = parse_sort(value, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* --- what is going on ---------------------------------------------------------------- */

struct session {
	struct own *own;
	struct watch *watch;
	struct watch_filters *filters;
	struct count *count;
	struct top top;
	int signals;	 /* readable when one came that is to end this */
	int64_t counted; /* when the last tick was, in milliseconds */
	int64_t due;	 /* when the next frame is */
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void on_program(void *context, const struct watch_program *program,
		       const struct sock_filter *instructions)
{
	struct session *session = context;

	watch_filters_add(session->filters, program, instructions);
}

static void on_event(void *context, const struct watch_event *event)
{
	struct session *session = context;
	struct watch_verdict verdict;

	if (event->kind == WATCH_DENIED &&
	    watch_judge(session->filters, event, &verdict))
		top_add_denial(&session->top, event, &verdict,
			       watch_decider(session->filters, event, &verdict));
}

static void on_forget(void *context, const struct count_key *key)
{
	count_forget(context, key);
}

static int open_signals(void)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	return signalfd(-1, &ending, SFD_CLOEXEC);
}

static int open_probes(struct session *session)
{
	const struct watch_options watch = {
		.events = 1u << WATCH_DENIED,
		.program = on_program,
		.event = on_event,
		.context = session,
	};
	int error;

	session->filters = cli_need(watch_filters_new());
	error = watch_open(&watch, &session->watch);
	if (!error)
		error = count_open(&session->count);
	session->top.forget = on_forget;
	session->top.forget_context = session->count;
	return error;
}

static void close_probes(struct session *session)
{
	watch_close(session->watch);
	count_close(session->count);
	watch_filters_free(session->filters);
	top_done(&session->top);
	if (session->signals >= 0)
		close(session->signals);
}

static void take_counts(struct session *session)
{
	int64_t time = now();
	struct watch_loss loss;

	watch_poll(session->watch, 0);
	count_each(session->count, top_add_count, &session->top);
	watch_loss(session->watch, &loss);
	session->top.lost = loss.events[WATCH_DENIED] + loss.skipped;
	top_tick(&session->top, (double)(time - session->counted) / 1000);
	session->counted = time;
}

enum wake {
	WAKE_TIME,
	WAKE_KEY,
	WAKE_END, /* a signal */
};

/* Takes events until a frame is due, or a key came. `keys` -1: there are none. */
static enum wake wait_frame(struct session *session, int keys)
{
	struct pollfd polls[] = {
		{ .fd = session->signals, .events = POLLIN },
		{ .fd = keys, .events = POLLIN },
		{ .fd = watch_descriptor(session->watch), .events = POLLIN },
	};

	for (int64_t left = session->due - now(); left > 0;
	     left = session->due - now()) {
		int ready = poll(polls, 3, left > INT_MAX ? INT_MAX : (int)left);

		if (ready < 0)
			return errno == EINTR ? WAKE_KEY : WAKE_END;
		if (ready && polls[0].revents)
			return WAKE_END;
		if (ready && polls[2].revents)
			watch_poll(session->watch, 0);
		if (ready && polls[1].revents)
			return polls[1].revents & POLLIN ? WAKE_KEY : WAKE_END;
	}
	session->due = now() + session->own->interval;
	return WAKE_TIME;
}

static size_t draw(const struct session *session, struct top_line *lines)
{
	struct top_view view = session->own->view;
	time_t seconds = time(NULL);
	char clock[16] = "";
	struct tm local;

	if (localtime_r(&seconds, &local))
		strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	if (view.height > LINES_MAX)
		view.height = LINES_MAX;
	return top_draw(&session->top, &view, clock, lines);
}

/* --- as text ------------------------------------------------------------------------- */

static enum cli_status run_batch(struct session *session, struct top_line *lines)
{
	struct top_view *view = &session->own->view;

	view->width = BATCH_WIDTH;
	view->height = BATCH_LINES;
	for (unsigned i = 0; i < session->own->batch; i++) {
		size_t count;

		if (wait_frame(session, -1) == WAKE_END)
			break;
		take_counts(session);
		count = draw(session, lines);
		for (size_t k = 0; k < count; k++)
			puts(lines[k].text);
		putchar('\n');
		if (fflush(stdout))
			break;
	}
	return STATUS_DONE;
}

/* --- on a screen --------------------------------------------------------------------- */

static void show(const struct session *session, struct top_line *lines)
{
	top_screen_size(&session->own->view);
	top_screen_show(lines, draw(session, lines), &session->own->view);
}

static enum cli_status run_screen(struct session *session, struct top_line *lines)
{
	struct top_view *view = &session->own->view;
	bool goes_on = true, has_news = true;

	if (!top_screen_open()) {
		fputs("callgate top: the terminal cannot be used: is TERM right?\n"
		      "  hint: --batch 1 prints a frame as text\n",
		      stderr);
		return STATUS_SYSTEM;
	}
	while (goes_on) {
		enum wake wake;

		if (has_news)
			show(session, lines);
		wake = wait_frame(session, STDIN_FILENO);
		has_news = wake == WAKE_TIME && !view->paused;
		if (has_news)
			take_counts(session);
		if (wake == WAKE_KEY)
			goes_on = top_screen_keys(view, &has_news);
		goes_on &= wake != WAKE_END;
	}
	top_screen_close();
	return STATUS_DONE;
}

/* --- the command --------------------------------------------------------------------- */

static bool can_be_shown(const struct own *own)
{
	if (own->batch)
		return true;
	if (!top_screen_version())
		fputs("callgate top: this callgate was built without ncurses\n",
		      stderr);
	else if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		fputs("callgate top: a live screen wants a terminal\n", stderr);
	else
		return true;
	fputs("  hint: --batch 1 prints a frame as text\n", stderr);
	return false;
}

static enum cli_status report_lack(int error)
{
	const struct probe_lack lack = probe_explain(error);

	fprintf(stderr, "callgate top: it works by eBPF: %s\n", lack.problem);
	if (lack.hint)
		fprintf(stderr, "  hint: %s\n", lack.hint);
	return STATUS_SYSTEM;
}

static enum cli_status run(struct cli *cli)
{
	struct session session = { .own = cli->own, .signals = -1 };
	struct top_line *lines;
	enum cli_status status;
	int error;

	if (!session.own->interval)
		session.own->interval = INTERVAL;
	if (!can_be_shown(session.own))
		return STATUS_USAGE;
	error = open_probes(&session);
	if (error) {
		close_probes(&session);
		return report_lack(error);
	}
	session.signals = open_signals();
	lines = cli_need(calloc(LINES_MAX, sizeof(*lines)));
	take_counts(&session);
	session.due = now() + session.own->interval;
	status = session.own->batch ? run_batch(&session, lines)
				    : run_screen(&session, lines);
	free(lines);
	close_probes(&session);
	return status;
}

const struct cli_command command_top = {
	.name = "top",
	.summary = "show live which calls are refused, by process and by rule",
	.usage = "",
	.details =
		"Show which processes are refused system calls, how often, and which "
		"rules of which filters refuse them.\v"
		"Keys: q quits, p pauses, s sorts, / filters, a shows all, h helps.\n"
		"It works by eBPF, and leaves nothing in the kernel.\n"
		"Exit status: 0 done, 2 there is no terminal, 4 the system refused.",
	.options = options,
	.parse = parse,
	.own_size = sizeof(struct own),
	.run = run,
};
