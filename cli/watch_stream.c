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
#include "watch_container.h"
#include "watch_metrics.h"

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
	}
	stream->seen++;
	view.container = containers_find(stream->containers, event);
	if (stream->metrics)
		metrics_count(stream->metrics, &view);
	take_view(stream, &view);
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

	for (unsigned i = 0; i < WATCH_HOOKS; i++) {
		enum watch_hook hook = (enum watch_hook)i;
		int error = watch_hook_error(watch, hook);

		if (error)
			json_object_set_new(object, watch_hook_name(hook),
					    json_string(strerror(-error)));
	}
	return object;
}

static void print_start(const struct watch *watch)
{
	enum watch_hook hook = watch_hook(watch);

	fprintf(stderr, "callgate watch: calls are seen by %s\n",
		watch_hook_name(hook));
	for (unsigned i = 0; i < (unsigned)hook; i++) {
		int error = watch_hook_error(watch, (enum watch_hook)i);

		if (error)
			fprintf(stderr, "callgate watch: not by %s: %s\n",
				watch_hook_name((enum watch_hook)i), strerror(-error));
	}
}

void stream_start(struct stream *stream, const struct watch *watch, uint32_t events)
{
	struct utsname machine;

	uname(&machine);
	if (stream->json)
		put_record(stream,
			   json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "record",
				     "start", "version", callgate_version(), "hook",
				     watch_hook_name(watch_hook(watch)), "refused",
				     refused_json(watch), "events", names_json(events),
				     "kernel", machine.release));
	else
		print_start(watch);
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

void stream_loss(struct stream *stream, const struct watch *watch)
{
	struct watch_loss loss;
	uint64_t lost, total;

	watch_loss(watch, &loss);
	total = sum(&loss);
	lost = total - sum(&stream->lost);
	if (!lost && loss.programs == stream->lost.programs)
		return;
	if (stream->json)
		put_record(stream,
			   json_pack("{s:s, s:I, s:o, s:I, s:I}", "record", "lost",
				     "events", (json_int_t)lost, "byEvent",
				     loss_json(&loss, &stream->lost), "programs",
				     (json_int_t)(loss.programs -
						  stream->lost.programs),
				     "total", (json_int_t)total));
	else if (lost)
		fprintf(stderr,
			"callgate watch: lost %llu events, the reader was too slow; "
			"%llu "
			"in all\n",
			(unsigned long long)lost, (unsigned long long)total);
	stream->lost = loss;
}

void stream_end(struct stream *stream)
{
	uint64_t lost = sum(&stream->lost);

	if (stream->json)
		put_record(stream, json_pack("{s:s, s:I, s:I, s:I}", "record", "end",
					     "seen", (json_int_t)stream->seen, "told",
					     (json_int_t)stream->told, "lost",
					     (json_int_t)lost));
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

/* --- the stream itself ------------------------------------------------------------------------- */

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

enum cli_status stream_open(struct stream *stream)
{
	stream->filters = cli_need(watch_filters_new());
	stream->containers = cli_need(containers_new());
	if (stream->choice->metrics)
		stream->metrics = cli_need(metrics_new());
	stream->clock = nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_BOOTTIME);
	return STATUS_DONE;
}

void stream_done(struct stream *stream)
{
	sink_close(&stream->sink);
	watch_filters_free(stream->filters);
	containers_free(stream->containers);
	metrics_free(stream->metrics);
}
