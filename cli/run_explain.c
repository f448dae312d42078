// SPDX-License-Identifier: MIT
/*
 * callgate run --explain: each denial as it happens, each place once, and a count of them
 * at the end.
 *
 * The functions that the supervisor calls run in its own process, beside the program;
 * what they know ends with it. Nothing here decides about a call.
 */
#include "run_explain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "callgate-explain.h"
#include "diagnostics.h"
#include "output.h"
#include "run_amend.h"
#include "run_coverage.h"
#include "run_denial.h"
#include "run_glance.h"

struct teller {
	const struct cli *cli;
	const struct run_explain *how;
	const struct input *layers;
	FILE *stream;
	pthread_mutex_t lock; /* of the places and of what was seen */
	struct places places;
	struct refused seen;
	struct coverage coverage; /* if how->covers */
	struct callgate_explain_unwinder *unwinder;
	bool has_told_listener;
	struct peek glancing; /* of the thread that takes the glances */
	struct peek peeking;
	/* Of the denial at hand: */
	uint64_t key, address; /* for a glance; 0: that is not known */
	struct callgate_explain_memory memory;
	struct callgate_explain_call *call;
};

/* --- a glance ---------------------------------------------------------------------- */

/* Of one that counts; the lock is held. */
static void see(struct teller *teller, const struct callgate_denial *denial)
{
	if (teller->how->suggest || teller->how->learn)
		refused_add(&teller->seen, denial);
	if (teller->how->covers)
		coverage_denied(&teller->coverage, denial);
}

/* In a thread of its own: the places are shared. */
static bool on_glance(void *context, const struct callgate_supervisor *supervisor,
		      const struct callgate_denial *denial)
{
	struct teller *teller = context;
	unsigned char stack[WINDOW];
	uint64_t key, address;
	struct place *place;
	size_t size;

	if (!glance_key(&teller->glancing, denial, &key, &address))
		return false;
	pthread_mutex_lock(&teller->lock);
	size = places_window(&teller->places, key);
	size = size ? glance_stack(denial->thread, address, stack, size) : 0;
	place = size ? places_at_a_glance(&teller->places, key, stack, size) : NULL;
	if (place && !callgate_denial_waits(supervisor, denial))
		place = NULL; /* what was read may be another's */
	if (place) {
		place->count++;
		teller->places.total++;
		see(teller, denial);
	}
	pthread_mutex_unlock(&teller->lock);
	return place;
}

/* So that it is known at a glance from now on; the thread waits or is stopped. */
static void remember(struct teller *teller, const struct callgate_denial *denial,
		     const struct callgate_explain_stack *stack,
		     const struct place *place)
{
	unsigned char bytes[WINDOW];
	uint64_t returns[SLOTS_MAX];
	struct callgate_abi abi = { .bits = 64 };
	struct glanced glanced = { .key = teller->key,
				   .stack = bytes,
				   .returns = returns };

	callgate_abi_at(callgate_abi_of(denial->call.arch, (uint32_t)denial->call.nr),
			&abi);
	glanced.width = abi.bits / 8;
	if (!teller->key || !stack || stack->note || stack->count > SLOTS_MAX)
		return;
	for (size_t i = 1; i < stack->count; i++)
		returns[glanced.count++] = stack->frames[i].pc;
	glanced.size =
		glance_stack(denial->thread, teller->address, bytes, sizeof(bytes));
	places_glanced(&teller->places, &glanced, place);
}

/* --- the denial at hand ------------------------------------------------------------- */

static void forget(struct teller *teller)
{
	callgate_explain_call_free(teller->call);
	teller->call = NULL;
	if (teller->memory.read)
		callgate_explain_memory_close(&teller->memory);
	teller->memory = (struct callgate_explain_memory){ 0 };
}

static bool on_denied(void *context, const struct callgate_supervisor *supervisor,
		      const struct callgate_denial *denial)
{
	struct teller *teller = context;

	forget(teller);
	if (callgate_explain_memory_open(denial->thread, &teller->memory))
		teller->memory = (struct callgate_explain_memory){ 0 };
	if (!glance_key(&teller->peeking, denial, &teller->key, &teller->address))
		teller->key = 0;
	if (callgate_explain_decode(&denial->call, &teller->memory, &teller->call))
		cli_need(NULL);
	return callgate_denial_waits(supervisor, denial);
}

/* All registers, or the few that can be had without. */
static void find_registers(const struct callgate_denial *denial,
			   const struct callgate_registers *known,
			   struct callgate_explain_registers *ret_registers)
{
	if (known->all &&
	    callgate_explain_registers_of(known->all, known->size, ret_registers) == 0)
		return;
	if (callgate_explain_registers_peek(denial->thread, ret_registers) == 0)
		return;
	*ret_registers = (struct callgate_explain_registers){
		.pc = known->program_counter ? known->program_counter
					     : denial->call.instruction_pointer,
		.sp = known->stack_pointer,
	};
}

static struct callgate_explain_stack *unwind(struct teller *teller,
					     const struct callgate_denial *denial,
					     const struct callgate_registers *known)
{
	struct callgate_explain_registers registers;
	const struct callgate_explain_thread thread = {
		.pid = denial->process,
		.tid = denial->thread,
		.memory = &teller->memory,
		.registers = &registers,
	};
	struct callgate_explain_stack *stack;

	find_registers(denial, known, &registers);
	if (callgate_explain_unwind(teller->unwinder, &thread, &stack))
		return NULL;
	return stack;
}

static char *read_name(int thread)
{
	char path[64], *text;
	size_t length;

	snprintf(path, sizeof(path), "/proc/%d/comm", thread);
	if (callgate_read_file(NULL, path, NULL, &text, &length, NULL))
		return cli_need(strdup("?"));
	if (length && text[length - 1] == '\n')
		text[length - 1] = '\0';
	return text;
}

/* "os_mkdir", or where no symbol is known "python3.11+0x2b1c"; NULL: nothing is known. */
static char *function_of(const struct callgate_explain_stack *stack)
{
	const struct callgate_explain_frame *frame;
	const char *name;
	char *text;

	if (!stack || stack->place == CALLGATE_NONE)
		return NULL;
	frame = &stack->frames[stack->place];
	if (frame->function)
		return cli_need(strdup(frame->function));
	if (!frame->module)
		return NULL;
	name = strrchr(frame->module, '/');
	if (asprintf(&text, "%s+0x%" PRIx64, name ? name + 1 : frame->module,
		     frame->module_offset) < 0)
		cli_need(NULL);
	return text;
}

static void keep(struct place *place, const struct denial *denial)
{
	place->verdict = denial->facts->verdict;
	place->layer = denial->facts->layer;
	place->span = denial->span;
	place->call = cli_need(strdup(denial->call->name));
	place->function = function_of(denial->stack);
}

/* One write a report, so that those of several threads do not mix. */
static void print(struct teller *teller, const struct denial *denial)
{
	if (teller->how->json)
		denial_print_json(teller->stream, denial);
	else
		denial_print(teller->stream, denial);
	fflush(teller->stream);
}

/* True: the place is new, and there was room for it. */
static bool count(struct teller *teller, uint64_t number, const struct denial *denial)
{
	struct place *place;
	bool is_new;

	pthread_mutex_lock(&teller->lock);
	place = places_find(&teller->places, number, &is_new);
	teller->places.total++;
	see(teller, denial->facts);
	if (place && is_new)
		keep(place, denial);
	if (place) {
		place->count++;
		remember(teller, denial->facts, denial->stack, place);
	} else {
		teller->places.others++;
	}
	pthread_mutex_unlock(&teller->lock);
	return place && is_new;
}

/* "python3, os_mkdir": who made the call. */
static char *note_of(const struct denial *denial)
{
	const struct callgate_explain_stack *stack = denial->stack;
	const char *function = NULL;
	char *note;
	int length;

	if (stack && stack->place < stack->count)
		function = stack->frames[stack->place].function;
	length = function ? asprintf(&note, "%s, %s", denial->program, function)
			  : asprintf(&note, "%s", denial->program);
	return cli_need(length < 0 ? NULL : note);
}

static struct amendment amendment_of(const struct teller *teller)
{
	return (struct amendment){ teller->cli, teller->layers, &teller->seen,
				   teller->how->output ? stderr : teller->stream };
}

/* A new place. */
static void tell(struct teller *teller, struct denial *denial)
{
	const struct amendment amendment = amendment_of(teller);
	struct callgate_explain_advice *advice = NULL;
	char *name = read_name(denial->facts->thread), *note;

	denial->program = name;
	note = note_of(denial);
	pthread_mutex_lock(&teller->lock);
	if (teller->seen.count)
		refused_note(&teller->seen, denial->facts, note);
	pthread_mutex_unlock(&teller->lock);
	denial->edit = amend_one(&amendment, denial->facts, note, &advice);
	print(teller, denial);
	callgate_explain_advice_free(advice);
	free(note);
	free(name);
}

static void show(struct teller *teller, const struct callgate_denial *facts,
		 const struct callgate_registers *known,
		 struct callgate_explain_stack *stack)
{
	const struct input *layer = &teller->layers[facts->layer];
	uint64_t number = callgate_explain_place(&facts->call, stack);
	struct denial denial = {
		.facts = facts,
		.layer = layer,
		.call = teller->call,
		.stack = stack,
		.registers = known,
	};

	number = glance_hash(number, &facts->verdict, sizeof(facts->verdict));
	if (layer->policy)
		denial.span = callgate_explain_rule(layer->policy, &facts->call).span;
	if (count(teller, number, &denial))
		tell(teller, &denial);
}

static void on_stopped(void *context, const struct callgate_denial *denial,
		       const struct callgate_registers *known)
{
	struct teller *teller = context;
	struct callgate_explain_stack *stack = unwind(teller, denial, known);

	show(teller, denial, known, stack);
	callgate_explain_stack_free(stack);
	forget(teller);
}

static void on_substituted(void *context, const struct callgate_denial *denial,
			   enum callgate_substitute substitute)
{
	struct teller *teller = context;

	if (teller->how->json)
		fprintf(teller->stream,
			"{\"event\":\"substituted\",\"process\":%d,\"by\":\"%s\"}\n",
			denial->process,
			substitute == CALLGATE_INSTEAD_SIGKILL ? "SIGKILL" : "tgkill");
	else
		fprintf(teller->stream,
			"callgate run: process %d cannot be traced: %s\n",
			denial->process,
			substitute == CALLGATE_INSTEAD_SIGKILL
				? "killed by SIGKILL instead of SIGSYS"
				: "its SIGSYS is sent, not a trap's");
	fflush(teller->stream);
}

static void print_listener_json(FILE *stream, const struct callgate_denial *denial,
				const char *name)
{
	json_t *object =
		cli_need(json_pack("{s:s, s:i, s:i, s:o, s:s}", "event", "listener",
				   "process", denial->process, "thread", denial->thread,
				   "program", json_text(name), "error", "EBUSY"));

	json_dumpf(object, stream, JSON_COMPACT | JSON_ENSURE_ASCII);
	fputc('\n', stream);
	json_decref(object);
}

static void print_listener(FILE *stream, const struct callgate_denial *denial,
			   const char *name)
{
	fputs("callgate run: ", stream);
	print_safe(stream, name);
	fprintf(stream,
		"[%d] asks for a listener of its own: EBUSY\n"
		"  A thread can have one alone, and --explain has it. The policy "
		"allows\n"
		"  the call: run the program without --explain, and let callgate "
		"explain\n"
		"  --pid tell of what is denied to it then.\n",
		denial->thread);
}

/* Once: whoever gets EBUSY may try again for ever. */
static void on_listener(void *context, const struct callgate_denial *denial)
{
	struct teller *teller = context;
	char *name;

	if (teller->has_told_listener)
		return;
	teller->has_told_listener = true;
	name = read_name(denial->thread);
	if (teller->how->json)
		print_listener_json(teller->stream, denial, name);
	else
		print_listener(teller->stream, denial, name);
	fflush(teller->stream);
	free(name);
}

/* --- what was used -------------------------------------------------------------------- */

static bool has_suffix(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);

	return length >= end && strcmp(name + length - end, suffix) == 0;
}

static void print_coverage_json(FILE *stream, const struct coverage *coverage,
				size_t flags)
{
	json_t *object = coverage_json(coverage);

	json_dumpf(object, stream, flags | JSON_ENSURE_ASCII);
	fputc('\n', stream);
	json_decref(object);
}

/* To the file as its name says. */
static void write_coverage(const struct teller *teller, const char *file)
{
	const struct coverage_run run = { teller->cli->words, &teller->places };
	char *text = NULL;
	size_t length;
	FILE *out = cli_need(open_memstream(&text, &length));
	int error;

	if (has_suffix(file, ".html") || has_suffix(file, ".htm"))
		coverage_print_page(out, &teller->coverage, &run);
	else if (has_suffix(file, ".json"))
		print_coverage_json(out, &teller->coverage, JSON_INDENT(2));
	else
		coverage_print(out, &teller->coverage);
	fclose(out);
	error = callgate_write_file(file, cli_need(text), length);
	free(text);
	if (!error)
		return;
	fputs("callgate run: ", stderr);
	print_safe(stderr, file);
	fprintf(stderr, ": cannot be written: %s\n", strerror(-error));
}

static void tell_coverage(struct teller *teller)
{
	coverage_look(&teller->coverage);
	if (teller->how->coverage)
		write_coverage(teller, teller->how->coverage);
	else if (teller->how->json)
		print_coverage_json(teller->stream, &teller->coverage, JSON_COMPACT);
	else
		coverage_print(teller->stream, &teller->coverage);
}

static void summarize(struct teller *teller)
{
	pthread_mutex_lock(&teller->lock);
	if (teller->how->json)
		denials_print_json(teller->stream, &teller->places, teller->layers);
	else
		denials_print(teller->stream, &teller->places, teller->layers);
	if (teller->how->covers)
		tell_coverage(teller);
	pthread_mutex_unlock(&teller->lock);
	fflush(teller->stream);
}

static void on_asked(void *context)
{
	summarize(context);
}

static void on_ended(void *context, int status)
{
	const struct teller *teller = context;
	const struct amendment amendment = amendment_of(teller);

	(void)status;
	summarize(context);
	if (teller->how->suggest)
		amend_suggest(&amendment, teller->how->suggest);
	if (teller->how->learn)
		amend_learn(&amendment, teller->how->sure);
}

/* --- the run ----------------------------------------------------------------------- */

/* Ends like the program; a core file would be this process's, so there is none. */
static enum cli_status end_like(int status)
{
	const struct rlimit no_core = { 0, 0 };

	fflush(NULL);
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	setrlimit(RLIMIT_CORE, &no_core);
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	return STATUS_SYSTEM;
}

static int supervise(const struct cli *cli, const struct callgate_exec_options *start,
		     struct teller *teller, int *ret_status)
{
	const struct callgate_supervise_handler handler = {
		.glance = on_glance,
		.denied = on_denied,
		.stopped = on_stopped,
		.substituted = on_substituted,
		.listener = on_listener,
		.asked = on_asked,
		.ended = on_ended,
		.context = teller,
	};
	const struct callgate_supervise_options options = {
		.start = *start,
		.permissive = teller->how->permissive,
		.orphans = teller->how->orphans,
		.handler = &handler,
	};
	struct callgate_diagnostics *diagnostics = cli_need(callgate_diagnostics_new());
	const struct callgate_filter **filters =
		cli_need(calloc(cli->source_count, sizeof(struct callgate_filter *)));
	int error;

	for (size_t i = 0; i < cli->source_count; i++)
		filters[i] = teller->layers[i].filter;
	fflush(NULL);
	error = callgate_supervise(filters, cli->source_count, cli->words, &options,
				   diagnostics, ret_status);
	diagnostics_print(stderr, diagnostics, "callgate run");
	callgate_diagnostics_free(diagnostics);
	free(filters);
	return error;
}

/* NULL: what is wrong is printed. */
static FILE *open_output(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");

	if (stream)
		return stream;
	fputs("callgate run: ", stderr);
	print_safe(stderr, name);
	fprintf(stderr, ": %s\n", strerror(errno));
	return NULL;
}

enum cli_status run_explained(const struct cli *cli, const struct run_explain *how,
			      const struct callgate_exec_options *start,
			      const struct input *layers)
{
	struct teller teller = {
		.cli = cli,
		.how = how,
		.layers = layers,
		.stream = stderr,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	int error, status = 0;

	if (how->output)
		teller.stream = open_output(how->output);
	if (!teller.stream)
		return STATUS_SYSTEM;
	setvbuf(teller.stream, NULL, _IOFBF, 65536);
	places_init(&teller.places);
	if (callgate_explain_unwinder_new(&teller.unwinder))
		cli_need(NULL);
	if (how->covers)
		coverage_begin(&teller.coverage, layers, cli->source_count,
			       how->permissive);
	error = supervise(cli, start, &teller, &status);
	if (how->covers)
		coverage_done(&teller.coverage);
	callgate_explain_unwinder_free(teller.unwinder);
	places_done(&teller.places);
	refused_done(&teller.seen);
	if (error == -ECHILD)
		fputs("callgate run: the process that explains was killed\n", stderr);
	return error && error != -ECHILD ? STATUS_SYSTEM : end_like(status);
}
