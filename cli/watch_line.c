// SPDX-License-Identifier: MIT
/*
 * An event of `callgate watch` as one line for people:
 *
 *     15:04:05.123456 man[4711] seccomp(SECCOMP_SET_MODE_FILTER, 0, 0x7ffd5e4c3a10) = 0
 *
 * and behind it what was installed, or who refused the call.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "callgate.h"
#include "events.h"
#include "output.h"
#include "watch_view.h"

static void print_time(const struct watch_view *view, FILE *stream)
{
	int64_t now = (int64_t)view->event->began + view->clock;
	time_t seconds = (time_t)(now / 1000000000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	fprintf(stream, "%02d:%02d:%02d.%06d ", tm.tm_hour, tm.tm_min, tm.tm_sec,
		(int)(now % 1000000000 / 1000));
}

static void print_process(const struct watch_event *event, FILE *stream)
{
	char name[WATCH_COMM + 1] = "";

	memcpy(name, event->comm, WATCH_COMM);
	fputs(style_begin(stream, STYLE_BOLD), stream);
	print_safe(stream, name);
	fprintf(stream, "[%u", event->host_pid);
	if (event->host_tid != event->host_pid)
		fprintf(stream, "/%u", event->host_tid);
	fprintf(stream, "]%s ", style_end(stream, STYLE_BOLD));
}

/* The call, and its ABI if that is not the machine's own. */
static void print_call(const struct watch_view *view, FILE *stream)
{
	struct callgate_abi native = { .name = "" };
	char *text = view_call(view);
	size_t length;

	callgate_abi_at(callgate_abi_native(), &native);
	length = strlen(native.name);
	if (strncmp(text, native.name, length) == 0 && text[length] == ':')
		print_safe(stream, text + length + 1);
	else
		print_safe(stream, text);
	free(text);
}

static void print_result(const struct watch_event *event, FILE *stream)
{
	const char *name = NULL;

	if (event->marks & (WATCH_ENDED | WATCH_AUDITED) || event->mode > 2) {
		fputs(" = ?", stream);
		return;
	}
	if (event->result < 0 && event->result >= -4095)
		name = callgate_errno_name(callgate_abi_native(),
					   (unsigned)-event->result);
	if (name)
		fprintf(stream, " = -1 %s", name);
	else
		fprintf(stream, " = %" PRId64, (int64_t)event->result);
}

static void print_installed(const struct watch_view *view, FILE *stream)
{
	const struct callgate_filter *filter = view_installed(view);

	if (!(view->event->marks & WATCH_INSTALLED))
		return;
	fprintf(stream, "  %sfilter %u", style_begin(stream, STYLE_GOOD),
		view->event->filters);
	if (filter)
		fprintf(stream, " of %zu instructions", callgate_filter_length(filter));
	if (view->event->marks & WATCH_LOG)
		fputs(", log", stream);
	if (view->event->marks & WATCH_LISTENER)
		fputs(", listener", stream);
	fputs(style_end(stream, STYLE_GOOD), stream);
}

/* How sure it is, where the filters did not say so themselves. */
static const char *remark_of(const struct watch_verdict *verdict)
{
	if (verdict->source == WATCH_BY_RESULT)
		return " (inferred)";
	return verdict->source == WATCH_BY_AUDIT ? " (audit)" : "";
}

static void print_denial(const struct watch_view *view, FILE *stream)
{
	const struct watch_verdict *verdict = view->verdict;
	char *action;

	if (!verdict)
		return;
	action = view_action(view);
	fprintf(stream, "  %sdenied: %s%s", style_begin(stream, STYLE_ERROR), action,
		watch_is_strict(view->event, verdict) ? " mode" : "");
	if (verdict->source == WATCH_BY_FILTERS)
		fprintf(stream, " by filter %u of %u, instruction %zu", verdict->layer,
			view->event->filters, verdict->instruction);
	fprintf(stream, "%s%s", remark_of(verdict), style_end(stream, STYLE_ERROR));
	free(action);
}

static void print_exec(const struct watch_view *view, FILE *stream)
{
	char *path = cli_need(malloc(WATCH_PATH_TEXT));

	watch_path(view->event, path);
	fprintf(stream, "%s ", event_kinds[view->event->kind].name);
	print_safe(stream, path);
	if (view->event->filters)
		fprintf(stream, "  under %u filter%s", view->event->filters,
			view->event->filters == 1 ? "" : "s");
	free(path);
}

static void print_stack(const struct watch_event *event, FILE *stream)
{
	for (uint32_t i = 0; i < event->stack_count; i++)
		fprintf(stream, "    #%u 0x%llx\n", i,
			(unsigned long long)watch_stack(event)[i]);
}

static void print_policy(const struct watch_view *view, FILE *stream)
{
	char *text = view->show_filter ? view_policy(view) : NULL;

	for (const char *line = text; line && *line;) {
		size_t length = strcspn(line, "\n");

		fprintf(stream, "    | %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
	free(text);
}

void view_print(const struct watch_view *view, FILE *stream)
{
	const struct watch_event *event = view->event;

	print_time(view, stream);
	print_process(event, stream);
	if (event->kind == WATCH_CONFINED_EXEC ||
	    event->kind == WATCH_UNCONFINED_EXEC) {
		print_exec(view, stream);
	} else {
		print_call(view, stream);
		print_result(event, stream);
	}
	print_installed(view, stream);
	print_denial(view, stream);
	fputc('\n', stream);
	print_stack(event, stream);
	print_policy(view, stream);
}
