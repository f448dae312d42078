// SPDX-License-Identifier: MIT
/*
 * Counters for Prometheus, which takes them from a file: node_exporter's textfile collector.
 *
 *     callgate_events_total{event="seccomp"} 12
 *     callgate_denied_total{syscall="socket",action="errno"} 3
 *     callgate_lost_total{event="denied"} 0
 *
 * There are as many series as there are calls and actions, whatever processes do: none is
 * labelled by what a process may choose.
 */
#include "watch_metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "callgate.h"
#include "cli.h"
#include "events.h"

static const struct {
	uint32_t action;
	const char *name;
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill" },
	{ SECCOMP_RET_KILL_THREAD, "kill-thread" },
	{ SECCOMP_RET_TRAP, "trap" },
	{ SECCOMP_RET_ERRNO, "errno" },
	{ SECCOMP_RET_USER_NOTIF, "notify" },
	{ SECCOMP_RET_TRACE, "trace" },
};

/* Then: strict mode, and actions that are none (which kill). */
#define ACTIONS	     (sizeof(actions) / sizeof(*actions))
#define ACTION_COUNT (ACTIONS + 2)

struct metrics {
	uint64_t events[WATCH_KINDS];
	size_t syscalls; /* then the unknown one */
	bool is_broken;	 /* a failure was told */
	uint64_t (*denied)[ACTION_COUNT];
};

struct metrics *metrics_new(void)
{
	struct metrics *metrics = cli_need(calloc(1, sizeof(*metrics)));

	metrics->syscalls = callgate_syscall_count();
	metrics->denied =
		cli_need(calloc(metrics->syscalls + 1, sizeof(*metrics->denied)));
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (metrics)
		free(metrics->denied);
	free(metrics);
}

static size_t action_of(const struct watch_view *view)
{
	const struct watch_verdict *verdict = view->verdict;
	size_t i = 0;

	if (watch_is_strict(view->event, verdict))
		return ACTIONS;
	while (i < ACTIONS &&
	       actions[i].action != (verdict->value & SECCOMP_RET_ACTION_FULL))
		i++;
	return i < ACTIONS ? i : ACTIONS + 1;
}

void metrics_count(struct metrics *metrics, const struct watch_view *view)
{
	struct seccomp_data call;
	size_t syscall;

	metrics->events[view->event->kind]++;
	if (!view->verdict)
		return;
	watch_call(view->event, &call);
	syscall = callgate_syscall_by_number(callgate_abi_of(call.arch,
							     (uint32_t)call.nr),
					     (uint32_t)call.nr);
	if (syscall == CALLGATE_NONE)
		syscall = metrics->syscalls;
	metrics->denied[syscall][action_of(view)]++;
}

static void print_head(FILE *stream, const char *name, const char *help)
{
	fprintf(stream, "# HELP callgate_%s %s\n# TYPE callgate_%s counter\n", name,
		help, name);
}

static const char *action_name(size_t action)
{
	if (action < ACTIONS)
		return actions[action].name;
	return action == ACTIONS ? "strict" : "unknown";
}

static void print_denied(const struct metrics *metrics, FILE *stream)
{
	print_head(stream, "denied_total", "Calls that seccomp refused.");
	for (size_t i = 0; i <= metrics->syscalls; i++) {
		const char *name = callgate_syscall_name(i);

		for (size_t action = 0; action < ACTION_COUNT; action++) {
			if (!metrics->denied[i][action])
				continue;
			fprintf(stream,
				"callgate_denied_total{syscall=\"%s\",action=\"%s\"} "
				"%llu\n",
				name ? name : "unknown", action_name(action),
				(unsigned long long)metrics->denied[i][action]);
		}
	}
}

void metrics_print(const struct metrics *metrics, const struct watch_loss *loss,
		   FILE *stream)
{
	print_head(stream, "events_total", "Events that were seen.");
	for (unsigned i = 0; i < WATCH_KINDS; i++)
		fprintf(stream, "callgate_events_total{event=\"%s\"} %llu\n",
			event_kinds[i].name, (unsigned long long)metrics->events[i]);
	print_denied(metrics, stream);
	print_head(stream, "lost_total",
		   "Events that were lost: more came than were read.");
	for (unsigned i = 0; i < WATCH_KINDS; i++)
		fprintf(stream, "callgate_lost_total{event=\"%s\"} %llu\n",
			event_kinds[i].name, (unsigned long long)loss->events[i]);
	print_head(stream, "skipped_total",
		   "How often the kernel did not run a program of the watch.");
	fprintf(stream, "callgate_skipped_total %llu\n",
		(unsigned long long)loss->skipped);
}

void metrics_write(struct metrics *metrics, const char *file,
		   const struct watch_loss *loss)
{
	char *text = NULL;
	size_t length;
	FILE *stream = cli_need(open_memstream(&text, &length));
	int error;

	metrics_print(metrics, loss, stream);
	fclose(stream);
	error = callgate_write_file(file, text, length);
	if (error && !metrics->is_broken)
		fprintf(stderr, "callgate watch: cannot write %s: %s\n", file,
			strerror(-error));
	metrics->is_broken = error;
	free(text);
}
