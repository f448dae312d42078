// SPDX-License-Identifier: MIT
/*
 * callgate run --explain: each denial as it happens, and a count of them at the end.
 *
 * The functions that the supervisor calls run in its own process, beside the program;
 * what they know ends with it. Nothing here decides about a call.
 */
#include "run_explain.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "diagnostics.h"
#include "output.h"

struct teller {
	const struct run_explain *how;
	const struct input *layers;
	FILE *stream;
};

static bool on_denied(void *context, const struct callgate_supervisor *supervisor,
		      const struct callgate_denial *denial)
{
	struct teller *teller = context;
	char *text = cli_need(callgate_call_text(&denial->call));
	char *verdict = cli_need(callgate_verdict_text(denial->verdict));

	(void)supervisor;
	fprintf(teller->stream, "[%d] %s: %s\n", denial->process, text, verdict);
	fflush(teller->stream);
	free(text);
	free(verdict);
	return true;
}

static void on_stopped(void *context, const struct callgate_denial *denial,
		       const struct callgate_registers *registers)
{
	struct teller *teller = context;

	fprintf(teller->stream,
		"  stop %d tracer %d error %d pc %#llx sp %#llx ip %#llx\n",
		(int)registers->stop, registers->tracer, registers->error,
		(unsigned long long)registers->program_counter,
		(unsigned long long)registers->stack_pointer,
		(unsigned long long)denial->call.instruction_pointer);
	fflush(teller->stream);
}

/* Ends like the program; a core file would be this process's, so there is none. */
static enum cli_status end_like(int status)
{
	const struct rlimit no_core = { 0, 0 };

	fflush(NULL);
	if (WIFEXITED(status))
		exit(WEXITSTATUS(status));
	setrlimit(RLIMIT_CORE, &no_core);
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	return STATUS_SYSTEM;
}

enum cli_status run_explained(const struct cli *cli, const struct run_explain *how,
			      const struct callgate_exec_options *start,
			      const struct input *layers)
{
	struct teller teller = { how, layers, stderr };
	const struct callgate_supervise_handler handler = {
		.denied = on_denied,
		.stopped = on_stopped,
		.context = &teller,
	};
	const struct callgate_supervise_options options = {
		.start = *start,
		.permissive = how->permissive,
		.orphans = how->orphans,
		.handler = &handler,
	};
	struct callgate_diagnostics *diagnostics = cli_need(callgate_diagnostics_new());
	const struct callgate_filter **filters =
		cli_need(calloc(cli->source_count, sizeof(struct callgate_filter *)));
	int error, status;

	for (size_t i = 0; i < cli->source_count; i++)
		filters[i] = layers[i].filter;
	fflush(NULL);
	error = callgate_supervise(filters, cli->source_count, cli->words, &options,
				   diagnostics, &status);
	diagnostics_print(stderr, diagnostics, "callgate run");
	callgate_diagnostics_free(diagnostics);
	free(filters);
	if (error == -ECHILD)
		fputs("callgate run: the process that explains was killed\n", stderr);
	return error && error != -ECHILD ? STATUS_SYSTEM : end_like(status);
}
