// SPDX-License-Identifier: MIT
/*
 * The stream of `callgate watch`. Every event that comes is judged if it is a denial,
 * counted, held against the choice of the command line, and printed. What is no event, the
 * choice of a hook and the loss of events, are lines among them: objects with the one key
 * `callgate`.
 */
#include "watch_stream.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "callgate.h"
#include "events.h"
#include "journal.h"
#include "output.h"
#include "probe/watch_audit.h"
#include "watch_container.h"
#include "watch_metrics.h"

#define CLOCK_SET 1000000 /* nanoseconds */

/* --- the choice ------------------------------------------------------------------------ */

static bool has_number(const struct choice *choice, uint64_t number)
{
	uint64_t value;

	for (size_t i = 0; i < choice->count; i++) {
		if (!callgate_number_parse(choice->values[i], &value) &&
		    value == number)
			return true;
	}
	return !choice->count;
}

static bool has_pattern(const struct choice *choice, const char *text)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (fnmatch(choice->values[i], text, 0) == 0)
			return true;
	}
	return !choice->count;
}

/* Any beginning of an id names a container. */
static bool has_container(const struct choice *choice, const char *id)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (*id &&
		    strncmp(choice->values[i], id, strlen(choice->values[i])) == 0)
			return true;
	}
	return !choice->count;
}

static bool is_chosen(const struct watch_choice *choice, const struct watch_view *view)
{
	const struct watch_event *event = view->event;
	char name[WATCH_COMM + 1] = "";

	memcpy(name, event->comm, WATCH_COMM);
	return has_number(&choice->pids, event->host_pid) &&
	       has_number(&choice->uids, event->uid) &&
	       has_number(&choice->cgroups, event->cgroup) &&
	       has_pattern(&choice->comms, name) &&
	       has_container(&choice->containers, view->container) &&
	       !(choice->no_probes && view_is_probe(view));
}

/* --- events -------------------------------------------------------------------------------- */

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void put_json(struct stream *stream, json_t *object)
{
	char *text = cli_need(json_dumps(object, JSON_COMPACT));

	fprintf(stream->sink.stream, "%s\n", text);
	free(text);
}

static void put_event(struct stream *stream, const struct watch_view *view,
		      json_t *event)
{
	if (stream->choice->journal)
		journal_send(event);
	if (!stream->json)
		view_print(view, stream->sink.stream);
	if (!stream->json)
		return;
	if (stream->choice->parse_arguments)
		view_json_names(view, event);
	put_json(stream, event);
}

static void take_view(struct stream *stream, const struct watch_view *view)
{
	const struct watch_choice *choice = stream->choice;
	bool needs_json = stream->json || choice->where || choice->journal;
	json_t *event;

	if (!is_chosen(choice, view))
		return;
	event = needs_json ? view_json(view) : NULL;
	if (!choice->where || where_matches(choice->where, event)) {
		put_event(stream, view, event);
		stream->told++;
		stream->is_full = choice->count && stream->told >= choice->count;
		sink_flush(&stream->sink, false);
	}
	json_decref(event);
}

void stream_event(void *context, const struct watch_event *event)
{
	struct stream *stream = context;
	struct watch_verdict verdict;
	struct watch_view view = {
		.event = event,
		.filters = stream->filters,
		.clock = stream->clock,
		.show_filter = stream->choice->show_filter,
	};

	if (stream->is_full)
		return;
	if (event->kind == WATCH_DENIED) {
		if (!watch_judge(stream->filters, event, &verdict))
			return;
		view.verdict = &verdict;
		if (stream->pairs && verdict.source != WATCH_BY_AUDIT)
			watch_pairs_seen(stream->pairs, event);
	}
	stream->seen++;
	view.container = containers_find(stream->containers, event);
	if (stream->metrics)
		metrics_count(stream->metrics, &view);
	take_view(stream, &view);
}

void stream_audited(void *context, const struct watch_event *event)
{
	struct stream *stream = context;
	uint64_t now = (uint64_t)nanoseconds(CLOCK_MONOTONIC);

	if (!stream->pairs || !watch_pairs_audited(stream->pairs, event, now))
		stream_event(stream, event);
}

void stream_unpaired(struct stream *stream, bool at_end)
{
	uint64_t now = at_end ? UINT64_MAX : (uint64_t)nanoseconds(CLOCK_MONOTONIC);
	struct watch_event *event;

	while (stream->pairs && (event = watch_pairs_due(stream->pairs, now))) {
		stream_event(stream, event);
		free(event);
	}
}

void stream_program(void *context, const struct watch_program *program,
		    const struct sock_filter *instructions)
{
	struct stream *stream = context;

	watch_filters_add(stream->filters, program, instructions);
}

/* --- other lines ------------------------------------------------------------------------------ */

static void put_record(struct stream *stream, json_t *record)
{
	json_t *object = cli_need(json_pack("{s:o}", "callgate", cli_need(record)));

	put_json(stream, object);
	json_decref(object);
	sink_flush(&stream->sink, true);
}

static json_t *names_json(uint32_t events)
{
	json_t *list = cli_need(json_array());

	for (unsigned i = 0; i < WATCH_KINDS; i++) {
		if (events & 1u << i)
			json_array_append_new(list, json_string(event_kinds[i].name));
	}
	return list;
}

/* Which hooks were tried before the one that is in use, and why not they. */
static json_t *refused_json(const struct watch *watch)
{
	json_t *object = cli_need(json_object());

	for (unsigned i = 0; watch && i < WATCH_HOOKS; i++) {
		enum watch_hook hook = (enum watch_hook)i;
		int error = watch_hook_error(watch, hook);

		if (error)
			json_object_set_new(object, watch_hook_name(hook),
					    json_string(strerror(-error)));
	}
	return object;
}

/* "raw tracepoints …; audit records" */
static char *hook_text(const struct sources *sources)
{
	static const char records[] = "audit records";
	char *text;

	if (!sources->watch)
		return cli_need(strdup(records));
	if (asprintf(&text, "%s%s%s", watch_hook_name(watch_hook(sources->watch)),
		     sources->audit ? "; " : "", sources->audit ? records : "") < 0)
		cli_need(NULL);
	return text;
}

static void print_start(const struct sources *sources, const char *hook)
{
	const struct watch *watch = sources->watch;

	if (!watch) {
		fprintf(stderr,
			"callgate watch: by audit records alone: denials that the "
			"kernel logs\n"
			"      | (kills, and of filters with the flag to log the "
			"others), without arguments\n");
		return;
	}
	fprintf(stderr, "callgate watch: calls are seen by %s\n", hook);
	for (unsigned i = 0; i < (unsigned)watch_hook(watch); i++) {
		int error = watch_hook_error(watch, (enum watch_hook)i);

		if (error)
			fprintf(stderr, "callgate watch: not by %s: %s\n",
				watch_hook_name((enum watch_hook)i), strerror(-error));
	}
}

void stream_start(struct stream *stream, const struct sources *sources, uint32_t events)
{
	char *hook = hook_text(sources);
	struct utsname machine;

	uname(&machine);
	if (stream->json)
		put_record(stream,
			   json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "record",
				     "start", "version", callgate_version(), "hook",
				     hook, "refused", refused_json(sources->watch),
				     "events", names_json(events), "kernel",
				     machine.release));
	else
		print_start(sources, hook);
	free(hook);
}

static uint64_t sum(const struct watch_loss *loss)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < WATCH_KINDS; i++)
		total += loss->events[i];
	return total;
}

static json_t *loss_json(const struct watch_loss *loss, const struct watch_loss *before)
{
	json_t *object = cli_need(json_object());

	for (unsigned i = 0; i < WATCH_KINDS; i++) {
		uint64_t lost = loss->events[i] - before->events[i];

		if (lost)
			json_object_set_new(object, event_kinds[i].name,
					    json_integer((json_int_t)lost));
	}
	return object;
}

static void put_loss(struct stream *stream, const struct watch_loss *loss,
		     uint64_t audit_lost)
{
	const struct watch_loss *before = &stream->lost;

	put_record(stream,
		   json_pack("{s:s, s:I, s:o, s:I, s:I, s:I, s:I}", "record", "lost",
			     "events", (json_int_t)(sum(loss) - sum(before)), "byEvent",
			     loss_json(loss, before), "programs",
			     (json_int_t)(loss->programs - before->programs), "skipped",
			     (json_int_t)(loss->skipped - before->skipped),
			     "auditRecords",
			     (json_int_t)(audit_lost - stream->audit_lost), "total",
			     (json_int_t)sum(loss)));
}

static void print_loss(const struct stream *stream, const struct watch_loss *loss,
		       uint64_t audit_lost)
{
	unsigned long long total = sum(loss), lost = total - sum(&stream->lost);
	unsigned long long skipped = loss->skipped - stream->lost.skipped;
	unsigned long long records = audit_lost - stream->audit_lost;

	if (lost)
		fprintf(stderr,
			"callgate watch: lost %llu events, more came than were read; "
			"%llu in all\n",
			lost, total);
	if (skipped)
		fprintf(stderr,
			"callgate watch: the kernel did not run our programs %llu "
			"times: up to as many\n"
			"      | events are lost\n",
			skipped);
	if (records)
		fprintf(stderr,
			"callgate watch: lost %llu audit records, of any kind\n",
			records);
}

void stream_loss(struct stream *stream, const struct sources *sources)
{
	struct watch_loss loss = { 0 };
	uint64_t audit_lost = 0;

	if (sources->watch)
		watch_loss(sources->watch, &loss);
	if (sources->audit)
		audit_lost = watch_audit_lost(sources->audit);
	if (memcmp(&loss, &stream->lost, sizeof(loss)) == 0 &&
	    audit_lost <= stream->audit_lost)
		return;
	if (stream->json)
		put_loss(stream, &loss, audit_lost);
	else
		print_loss(stream, &loss, audit_lost);
	stream->lost = loss;
	stream->audit_lost = audit_lost;
}

void stream_end(struct stream *stream)
{
	uint64_t lost = sum(&stream->lost);

	if (stream->json)
		put_record(stream,
			   json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "record", "end",
				     "seen", (json_int_t)stream->seen, "told",
				     (json_int_t)stream->told, "lost", (json_int_t)lost,
				     "skipped", (json_int_t)stream->lost.skipped,
				     "auditRecords", (json_int_t)stream->audit_lost));
	else
		fprintf(stderr,
			"callgate watch: %llu events, %llu of them shown, %llu lost\n",
			(unsigned long long)stream->seen,
			(unsigned long long)stream->told, (unsigned long long)lost);
}

void stream_metrics(struct stream *stream)
{
	if (stream->metrics)
		metrics_write(stream->metrics, stream->choice->metrics, &stream->lost);
}

/* Between the kernel's times and those of the epoch. */
static int64_t clock_offset(void)
{
	return nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_BOOTTIME);
}

/* Reading two clocks is never exact: so the offset stays unless one was set. */
void stream_tick(struct stream *stream)
{
	int64_t clock = clock_offset();

	if (clock - stream->clock > CLOCK_SET || stream->clock - clock > CLOCK_SET)
		stream->clock = clock;
	stream_metrics(stream);
}

/* --- the stream itself ------------------------------------------------------------------------- */

enum cli_status stream_open(struct stream *stream)
{
	stream->filters = cli_need(watch_filters_new());
	stream->containers = cli_need(containers_new());
	if (stream->choice->metrics)
		stream->metrics = cli_need(metrics_new());
	stream->clock = clock_offset();
	return STATUS_DONE;
}

void stream_done(struct stream *stream)
{
	sink_close(&stream->sink);
	watch_filters_free(stream->filters);
	containers_free(stream->containers);
	metrics_free(stream->metrics);
	watch_pairs_free(stream->pairs);
}
