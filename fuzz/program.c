// SPDX-License-Identifier: MIT
/*
 * Any bytes as a filter: those that the checker accepts are printed in every form,
 * drawn, lifted, and the diagram is held against the simulator on a call.
 *
 * Input: struct seccomp_data, then struct sock_filter after struct sock_filter.
 */
#include "bpf/bpf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DRAW_MAX 64 /* instructions */

static const struct meaning_limits limits = { .nodes = 1u << 14, .steps = 200 * 1000 };

static void print(const struct callgate_filter *filter)
{
	for (enum callgate_format format = CALLGATE_FORMAT_RAW;
	     format <= CALLGATE_FORMAT_PSEUDO; format++) {
		char *text;
		size_t length;

		if (callgate_filter_print(filter, format, NULL, &text, &length) == 0)
			free(text);
	}
}

/* Short ones: the budget of a drawing is seconds. */
static void draw(const struct callgate_filter *filter)
{
	if (callgate_filter_length(filter) > DRAW_MAX)
		return;
	for (enum callgate_graph graph = CALLGATE_GRAPH_PROGRAM;
	     graph <= CALLGATE_GRAPH_DIAGRAM; graph++) {
		char *text;
		size_t length;

		if (callgate_filter_graph(filter, graph, NULL, NULL, &text, &length) ==
		    0)
			free(text);
	}
}

static void compare(const struct callgate_filter *filter,
		    const struct seccomp_data *call)
{
	struct meaning *store = meaning_new(limits);
	meaning_ref meaning;

	if (!store)
		return;
	meaning = meaning_of_program(store, callgate_filter_program(filter),
				     callgate_filter_length(filter), false);
	if (meaning != MEANING_FAILED &&
	    meaning_evaluate(store, meaning, call) !=
		    callgate_filter_run(filter, call).value)
		__builtin_trap();
	meaning_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sock_filter code[BPF_MAXINSNS];
	struct callgate_filter *filter;
	struct seccomp_data call;
	size_t length;

	if (size < sizeof(call))
		return 0;
	memcpy(&call, data, sizeof(call));
	length = (size - sizeof(call)) / sizeof(code[0]);
	if (length > BPF_MAXINSNS)
		return 0;
	memcpy(code, data + sizeof(call), length * sizeof(code[0]));
	if (callgate_filter_from_program(code, length, NULL, &filter) < 0)
		return 0;
	print(filter);
	draw(filter);
	compare(filter, &call);
	callgate_filter_free(filter);
	return 0;
}
