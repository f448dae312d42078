// SPDX-License-Identifier: MIT
/*
 * callgate explain --pid: denials of a running process, whoever made its filters.
 *
 * The kernel tells of calls that end without having begun (probe/watch.h). The thread goes
 * on meanwhile: registers and return addresses are those of the call, memory is read
 * afterwards. Which instruction decided is found by running the thread's own filters.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "explain.h"
#include "output.h"
#include "probe/probe.h"
#include "probe/watch.h"

#define PLACES 4096 /* that are told apart; those beyond are told each time */

struct observer {
	const struct explain *explain;
	unsigned pid;
	struct watch_filters *filters;
	struct callgate_explain_unwinder *unwinder;
	size_t count; /* of denials */
	size_t place_count;
	struct {
		uint64_t key;
		size_t count;
		char *call;
	} places[PLACES];
};

static void on_program(void *context, const struct watch_program *program,
		       const struct sock_filter *instructions)
{
	struct observer *observer = context;

	watch_filters_add(observer->filters, program, instructions);
}

/* Counts a place; true: it is a new one. */
static bool is_new(struct observer *observer, uint64_t key, const char *call)
{
	for (size_t i = 0; i < observer->place_count; i++)
		if (observer->places[i].key == key) {
			observer->places[i].count++;
			return false;
		}
	if (observer->place_count < PLACES) {
		observer->places[observer->place_count].key = key;
		observer->places[observer->place_count].count = 1;
		observer->places[observer->place_count++].call = cli_need(strdup(call));
	}
	return true;
}

/* When the filter gives this verdict to the call, as its meaning says. */
static char *condition_of(const struct callgate_filter *filter,
			  const struct seccomp_data *call, uint32_t verdict)
{
	struct callgate_survey *survey = NULL;
	const struct callgate_case *cases;
	size_t abi = callgate_abi_of(call->arch, (uint32_t)call->nr), count = 0;
	char *text = NULL;

	if (!filter || callgate_filter_survey(filter, NULL, &survey))
		return NULL;
	count = callgate_survey_cases(survey, abi, (uint32_t)call->nr, &cases);
	for (size_t i = 0; i < count && i < CALLGATE_CASES_MAX && !text; i++)
		if (cases[i].verdict == verdict && cases[i].condition &&
		    strcmp(cases[i].condition, "always") != 0)
			text = cli_need(strdup(cases[i].condition));
	callgate_survey_free(survey);
	return text;
}

/* "filter 2 of 3, instruction 17: errno EPERM when domain == AF_NETLINK" */
static char *decision_text(const struct observer *observer,
			   const struct watch_event *event,
			   const struct seccomp_data *call,
			   const struct watch_verdict *verdict)
{
	char *action = cli_need(callgate_verdict_text_for(call, verdict->value));
	char *text = NULL, *condition = NULL;
	const struct callgate_filter *filter;
	int length;

	if (verdict->source == WATCH_BY_MODE) {
		length = asprintf(&text, "strict mode");
	} else if (verdict->source == WATCH_BY_RESULT) {
		length = asprintf(&text,
				  "a filter that could not be read: it returned %s",
				  action);
	} else {
		filter = watch_filters_find(
			observer->filters,
			event->layers[event->filters - verdict->layer]);
		condition = condition_of(filter, call, verdict->value);
		length = asprintf(&text, "filter %u of %u, instruction %zu: %s%s%s",
				  verdict->layer, event->filters, verdict->instruction,
				  action, condition ? ", when " : "",
				  condition ? condition : "");
	}
	free(action);
	free(condition);
	return cli_need(length < 0 ? NULL : text);
}

static void tell(struct observer *observer, const struct watch_event *event,
		 const struct callgate_explain_call *call,
		 const struct callgate_explain_stack *stack)
{
	struct callgate_explain_denial denial = { .thread = (int)event->host_tid,
						  .call = call->text,
						  .stack = stack };
	struct watch_verdict verdict = { 0 };
	struct seccomp_data data;
	char program[WATCH_COMM + 1] = { 0 };
	char *decision;

	watch_call(event, &data);
	if (!watch_judge(observer->filters, event, &verdict))
		return;
	observer->count++;
	if (!is_new(observer, callgate_explain_place(&data, stack), call->text))
		return;
	memcpy(program, event->comm, WATCH_COMM);
	decision = decision_text(observer, event, &data, &verdict);
	denial.program = program;
	denial.verdict = verdict.value;
	denial.rule = decision;
	denial.note = "texts were read after the call: they may have changed";
	explain_tell(observer->explain, &denial, &data,
		     cli_need(json_pack("{s:i, s:s, s:o, s:o, s:I}", "process",
					(int)event->host_pid, "memory_read",
					"after the call", "call",
					explain_call_json(call), "by",
					json_text(decision), "value",
					(json_int_t)verdict.value)));
	free(decision);
}

static void on_event(void *context, const struct watch_event *event)
{
	struct observer *observer = context;
	struct callgate_explain_memory memory = { 0 };
	struct callgate_explain_stack *stack = NULL;
	struct callgate_explain_call *call;
	struct seccomp_data data;

	if (event->kind != WATCH_DENIED || event->host_pid != observer->pid)
		return;
	watch_call(event, &data);
	if (callgate_explain_memory_open((int)event->host_tid, &memory))
		memory = (struct callgate_explain_memory){ 0 };
	if (callgate_explain_decode(&data, &memory, &call) ||
	    (event->stack_count &&
	     callgate_explain_symbolize(observer->unwinder, (int)event->host_pid,
					(const uint64_t *)watch_stack(event),
					event->stack_count, &memory, &stack)))
		cli_need(NULL);
	tell(observer, event, call, stack);
	callgate_explain_stack_free(stack);
	callgate_explain_call_free(call);
	if (memory.context)
		callgate_explain_memory_close(&memory);
}

/* --- the loop --------------------------------------------------------------------- */

static int signals_descriptor(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Until the process ends or somebody wants it to stop. */
static void follow(struct watch *watch, int pidfd, int signals)
{
	struct pollfd fds[] = {
		{ .fd = watch_descriptor(watch), .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	while (!fds[1].revents && !fds[2].revents) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			watch_poll(watch, 0);
	}
	watch_stop(watch);
	watch_poll(watch, 0);
}

static void print_summary(struct observer *observer, const struct watch_loss *loss)
{
	fprintf(stderr, "callgate explain: %zu denial%s from %zu place%s\n",
		observer->count, observer->count == 1 ? "" : "s", observer->place_count,
		observer->place_count == 1 ? "" : "s");
	for (size_t i = 0; i < observer->place_count; i++) {
		if (observer->places[i].count > 1)
			fprintf(stderr, "  %zu times: %s\n", observer->places[i].count,
				observer->places[i].call);
		free(observer->places[i].call);
	}
	if (loss->events[WATCH_DENIED])
		fprintf(stderr,
			"  %" PRIu64 " more were lost: there were too many at "
			"a time\n",
			(uint64_t)loss->events[WATCH_DENIED]);
}

static enum cli_status observe(struct observer *observer, int pidfd)
{
	const struct watch_options options = {
		.events = 1 << WATCH_DENIED,
		.stack = true,
		.program = on_program,
		.event = on_event,
		.context = observer,
	};
	struct watch_loss loss = { 0 };
	struct watch *watch;
	int error = watch_open(&options, &watch), signals;

	if (error) {
		struct probe_lack lack = probe_explain(error);

		fprintf(stderr, "callgate explain: %s\n", lack.problem);
		if (lack.hint)
			fprintf(stderr, "  hint: %s\n", lack.hint);
		return STATUS_SYSTEM;
	}
	signals = signals_descriptor();
	fprintf(stderr, "callgate explain: process %u is followed; ^C ends it\n",
		observer->pid);
	follow(watch, pidfd, signals);
	close(signals);
	watch_loss(watch, &loss);
	watch_close(watch);
	print_summary(observer, &loss);
	return observer->count ? STATUS_NO : STATUS_DONE;
}

enum cli_status explain_process(const struct explain *explain, int pid)
{
	struct observer *observer = cli_need(calloc(1, sizeof(*observer)));
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	enum cli_status status = STATUS_INPUT;

	observer->explain = explain;
	observer->pid = (unsigned)pid;
	if (pidfd < 0) {
		fprintf(stderr, "callgate explain: process %d: %s\n", pid,
			strerror(errno));
	} else {
		observer->filters = cli_need(watch_filters_new());
		if (callgate_explain_unwinder_new(&observer->unwinder))
			cli_need(NULL);
		status = observe(observer, pidfd);
		watch_filters_free(observer->filters);
		callgate_explain_unwinder_free(observer->unwinder);
		close(pidfd);
	}
	free(observer);
	return status;
}
