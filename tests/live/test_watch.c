// SPDX-License-Identifier: MIT
/*
 * Watching sees each call and each denial once, and nothing else: by every hook that this
 * kernel has. The processes of watch_cases.c are told by their name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "callgate.h"
#include "probe.h"
#include "watch_cases.h"

#define BURST 20000u

/* What came of the processes of one case. */
struct seen {
	char name
		[WATCH_COMM]; /* that this test gives its processes, and no other test */
	struct watch_filters *filters;
	struct watch_event events[WANTED_MAX + 1];
	struct watch_verdict verdicts[WANTED_MAX + 1];
	bool has_program[WANTED_MAX + 1]; /* of the newest filter, when it was told */
	size_t count;			  /* may be over what there is room for */
	size_t others;			  /* events of other processes */
	int failures;
};

static void take_event(void *context, const struct watch_event *event)
{
	struct seen *seen = context;
	struct watch_verdict verdict = { 0 };

	if (strcmp(event->comm, seen->name) != 0) {
		seen->others++;
		return;
	}
	if (event->kind == WATCH_DENIED && !watch_judge(seen->filters, event, &verdict))
		return;
	if (seen->count <= WANTED_MAX) {
		seen->events[seen->count] = *event;
		seen->verdicts[seen->count] = verdict;
		seen->has_program[seen->count] =
			watch_filters_find(seen->filters, event->layers[0]);
	}
	seen->count++;
}

static void take_program(void *context, const struct watch_program *program,
			 const struct sock_filter *instructions)
{
	watch_filters_add(((struct seen *)context)->filters, program, instructions);
}

/* Runs a case in a child, reading events meanwhile unless the reader is to be slow. */
static void watch_child(struct watch *watch, const char *name, void (*run)(void),
			bool is_slow)
{
	const struct rlimit none = { 0, 0 };
	pid_t child = fork();

	if (!child) {
		setrlimit(RLIMIT_CORE, &none);
		prctl(PR_SET_NAME, name, 0, 0, 0);
		run();
		syscall(SYS_exit_group, 0);
	}
	if (is_slow)
		waitpid(child, NULL, 0);
	else
		while (waitpid(child, NULL, WNOHANG) == 0)
			watch_poll(watch, 10);
	while (watch_poll(watch, 0) == -EINTR)
		;
}

/* --- holding events against what is wanted -------------------------------------------------- */

static const char *denial_flaw(const struct wanted *wanted,
			       const struct watch_event *event,
			       const struct watch_verdict *verdict)
{
	int number = wanted->number ? wanted->number : SYS_getpgid;

	if (event->number != number)
		return "the number";
	if (verdict->value != wanted->verdict || verdict->source != wanted->source)
		return "the verdict";
	if (verdict->layer != wanted->layer)
		return "the layer";
	if (verdict->source == WATCH_BY_FILTERS && verdict->instruction != 2)
		return "the instruction";
	for (int i = 0; number == SYS_getpgid && i < 6; i++) {
		if (event->arguments[i] != REFUSED_ARGUMENT(i))
			return "an argument";
	}
	return NULL;
}

static const char *flaw(const struct seen *seen, const struct wanted *wanted, size_t i)
{
	const struct watch_event *event = &seen->events[i];
	bool is_ended = event->marks & WATCH_ENDED;

	if (event->kind != wanted->kind)
		return "the kind";
	if (!!(event->marks & WATCH_COMPAT) != wanted->is_compat)
		return "the ABI";
	if (!!(event->marks & WATCH_INSTALLED) != wanted->is_installed)
		return "whether it installed";
	if (wanted->is_installed && !seen->has_program[i])
		return "the program";
	if (wanted->result != ANY && !is_ended && event->result != wanted->result)
		return "the result";
	if (event->ended < event->began || !event->host_pid)
		return "the time or the process";
	if (event->kind == WATCH_DENIED)
		return denial_flaw(wanted, event, &seen->verdicts[i]);
	return (int)event->arguments[0] == wanted->first ? NULL : "the first argument";
}

static void report(struct seen *seen, const char *name, const char *problem, size_t i)
{
	const struct watch_event *event =
		&seen->events[i < WANTED_MAX ? i : WANTED_MAX];

	printf("FAILED: %s: %s; event %zu of %zu", name, problem, i, seen->count);
	if (i < seen->count)
		printf(": kind %u, number %d, result %lld, marks %x, verdict %x from "
		       "%d",
		       event->kind, event->number, (long long)event->result,
		       event->marks, seen->verdicts[i].value, seen->verdicts[i].source);
	printf("\n");
	seen->failures++;
}

static void run_case(struct watch *watch, struct seen *seen,
		     const struct watch_case *test)
{
	size_t i = 0;

	seen->count = 0;
	watch_child(watch, seen->name, test->run, false);
	for (; test->wanted[i].kind != WATCH_KINDS; i++) {
		const char *problem = i < seen->count ? flaw(seen, &test->wanted[i], i)
						      : "it is not seen";

		if (problem) {
			report(seen, test->name, problem, i);
			return;
		}
	}
	if (seen->count > i)
		report(seen, test->name, "it is too much", i);
	else
		printf("ok: %s\n", test->name);
}

/* --- losses ------------------------------------------------------------------------------------- */

static void run_burst(void)
{
	burst(BURST);
}

/* A second watch with room for everything, of which `others` alone is looked at. */
static struct watch *open_witness(struct seen *witness)
{
	const struct watch_options options = {
		.events = 1u << WATCH_SECCOMP | 1u << WATCH_PRCTL | 1u << WATCH_DENIED,
		.buffer = 64 << 20,
		.event = take_event,
		.program = take_program,
		.context = witness,
	};
	struct watch *watch = NULL;

	watch_open(&options, &watch);
	return watch;
}

static uint64_t lost_by(const struct watch *watch)
{
	struct watch_loss loss;
	uint64_t lost = 0;

	watch_loss(watch, &loss);
	for (unsigned i = 0; i < WATCH_KINDS; i++)
		lost += loss.events[i];
	return lost;
}

/*
 * Whether what was seen and what was lost are all there was. What other processes lose
 * cannot be told from what ours do; how much that may be, the witness knows.
 */
static bool burst_is_exact(struct watch *watch, struct seen *seen, bool is_slow,
			   uint64_t *ret_lost)
{
	const size_t all = BURST + 2; /* no_new_privs and the load */
	struct seen other = { .filters = watch_filters_new() };
	struct watch *witness;
	uint64_t before;
	bool is_exact = false;

	memcpy(other.name, seen->name, sizeof(other.name));
	witness = open_witness(&other);
	before = lost_by(watch);
	seen->count = seen->others = 0;
	watch_child(watch, seen->name, run_burst, is_slow);
	*ret_lost = lost_by(watch) - before;
	if (witness) {
		watch_stop(witness);
		watch_poll(witness, 0);
		is_exact = seen->count + *ret_lost >= all &&
			   seen->count + *ret_lost <=
				   all + other.others + lost_by(witness);
	}
	printf("a burst: %zu seen, %llu lost; %zu of others\n", seen->count,
	       (unsigned long long)*ret_lost, other.others);
	watch_close(witness);
	watch_filters_free(other.filters);
	return is_exact;
}

static void check_losses(enum watch_hook hook, struct seen *seen)
{
	const struct watch_options options = {
		.events = 1u << WATCH_SECCOMP | 1u << WATCH_PRCTL | 1u << WATCH_DENIED,
		.hooks = 1u << hook,
		.buffer = 1 << 18,
		.event = take_event,
		.program = take_program,
		.context = seen,
	};
	struct watch *watch;
	bool is_exact = false;
	uint64_t lost = 0;

	if (watch_open(&options, &watch)) {
		seen->failures++;
		return;
	}
	for (int i = 0; i < 3 && !(is_exact && lost); i++)
		is_exact = burst_is_exact(watch, seen, true, &lost);
	if (!is_exact || !lost) {
		printf("FAILED: a stopped reader: what is lost is not exact\n");
		seen->failures++;
	}
	run_case(watch, seen, &watch_cases[0]); /* and it recovers */
	is_exact = false;
	for (int i = 0; i < 3 && !is_exact; i++)
		is_exact = burst_is_exact(watch, seen, false, &lost);
	if (!is_exact) {
		printf("FAILED: a burst: what is lost is not exact\n");
		seen->failures++;
	}
	watch_close(watch);
}

/* --- hooks ---------------------------------------------------------------------------------------- */

/* Returns whether the kernel has the hook. */
static bool check_hook(enum watch_hook hook, struct seen *seen)
{
	const struct watch_options options = {
		.events = 1u << WATCH_SECCOMP | 1u << WATCH_PRCTL | 1u << WATCH_DENIED,
		.hooks = 1u << hook,
		.event = take_event,
		.program = take_program,
		.context = seen,
	};
	struct watch *watch;
	int error = watch_open(&options, &watch);

	if (error) {
		printf("not here: %s: %s\n", watch_hook_name(hook), strerror(-error));
		return false;
	}
	printf("by %s:\n", watch_hook_name(hook));
	for (size_t i = 0; watch_cases[i].name; i++)
		run_case(watch, seen, &watch_cases[i]);
	watch_close(watch);
	check_losses(hook, seen);
	return true;
}

/* Without a wish, the first that works is taken, and the others' errors are kept. */
static void check_choice(struct seen *seen, const bool works[WATCH_HOOKS])
{
	const struct watch_options options = { .event = take_event, .context = seen };
	struct watch *watch;
	unsigned first = 0;

	while (first < WATCH_HOOKS && !works[first])
		first++;
	if (watch_open(&options, &watch)) {
		printf("FAILED: no hook at all\n");
		seen->failures++;
		return;
	}
	for (unsigned i = 0; i < WATCH_HOOKS; i++) {
		int error = watch_hook_error(watch, (enum watch_hook)i);

		if ((i < first) != (error != 0) || watch_hook(watch) != first) {
			printf("FAILED: the choice of a hook: %u: %d\n", i, error);
			seen->failures++;
		}
	}
	watch_close(watch);
}

int main(void)
{
	struct seen seen = { .filters = watch_filters_new() };
	bool works[WATCH_HOOKS], any = false;
	struct probe_lack lack;

	if (!probe_is_usable(&lack)) {
		printf("skipped: %s\n", lack.problem);
		return 77;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(seen.name, sizeof(seen.name), "cg-%d", getpid());
	for (unsigned i = 0; i < WATCH_HOOKS; i++) {
		works[i] = check_hook((enum watch_hook)i, &seen);
		any |= works[i];
	}
	if (any)
		check_choice(&seen, works);
	watch_filters_free(seen.filters);
	return seen.failures || !any;
}
