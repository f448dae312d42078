// SPDX-License-Identifier: MIT
/*
 * Reruns every figure that is claimed about callgate's filters, against libseccomp in the
 * same process and run, and against raw filters of others that lie in a folder.
 *
 * It prints what it measures and asserts nothing.
 */
#include "bench.h"

#include <argp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct section {
	const char *name;
	void (*run)(struct bench *bench);
} sections[] = {
	{ "executed", bench_executed }, { "compile", bench_compile },
	{ "load", bench_load },		{ "calls", bench_calls },
	{ "scale", bench_scale },	{ "reading", bench_reading },
};

struct arguments {
	struct bench bench;
	bool wanted[COUNT(sections)];
	bool is_chosen;
};

enum {
	KEY_REFERENCE = 0x100,
	KEY_INPUTS,
	KEY_PLOT,
	KEY_QUICK
};

static const struct argp_option options[] = {
	{ "reference", KEY_REFERENCE, "DIR", 0,
	  "Traces and raw filters (*.bpf) of others, a folder for each policy" },
	{ "inputs", KEY_INPUTS, "DIR", 0, "Policies and profiles to compile" },
	{ "plot", KEY_PLOT, "FILE", 0, "Draw the time per rule as SVG" },
	{ "quick", KEY_QUICK, NULL, 0, "Fewer rounds: seconds, for a first look" },
	{ 0 },
};

void fail(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	exit(1);
}

void *need(void *pointer)
{
	if (!pointer)
		fail("no memory");
	return pointer;
}

char *text(const char *format, ...)
{
	va_list list;
	char *result;
	int length;

	va_start(list, format);
	length = vasprintf(&result, format, list);
	va_end(list);
	return need(length < 0 ? NULL : result);
}

static void choose(struct arguments *arguments, const char *name,
		   struct argp_state *state)
{
	for (size_t i = 0; i < COUNT(sections); i++) {
		if (strcmp(sections[i].name, name) != 0)
			continue;
		arguments->wanted[i] = arguments->is_chosen = true;
		return;
	}
	argp_error(state, "there is no section '%s'", name);
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case KEY_REFERENCE:
		arguments->bench.reference = value;
		return 0;
	case KEY_INPUTS:
		arguments->bench.inputs = value;
		return 0;
	case KEY_PLOT:
		arguments->bench.plot = value;
		return 0;
	case KEY_QUICK:
		arguments->bench.quick = true;
		return 0;
	case ARGP_KEY_ARG:
		choose(arguments, value, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"[executed|compile|load|calls|scale|reading]...",
		"Measure callgate's filters against those of others.",
		NULL,
		NULL,
		NULL
	};
	struct arguments arguments = { .bench.inputs = "bench" };
	const char *peer = libseccomp_name();

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	printf("callgate %s against %s\n", callgate_version(),
	       peer ? peer : "nothing: built without libseccomp");
	for (size_t i = 0; i < COUNT(sections); i++)
		if (arguments.wanted[i] || !arguments.is_chosen)
			sections[i].run(&arguments.bench);
	bench_targets(&arguments.bench);
	free(arguments.bench.figures);
	return 0;
}
