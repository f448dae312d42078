// SPDX-License-Identifier: MIT
/*
 * The filters of running threads, by whichever way leads to them.
 *
 * ptrace(2) is asked first: it works wherever filters can be read at all, and its refusals
 * are explained. What it refuses that eBPF may have: a thread that is traced already, or
 * that does not stop, or that is guarded against tracers.
 */
#include "stack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"

static const char *const way_names[] = {
	[STACK_ANY] = NULL,
	[STACK_PTRACE] = "ptrace",
	[STACK_EBPF] = "ebpf",
};

const char *stack_way_name(enum stack_way way)
{
	return way_names[way];
}

enum stack_way stack_parse_way(const char *text, struct argp_state *state)
{
	for (int way = STACK_PTRACE; way <= STACK_EBPF; way++)
		if (strcmp(way_names[way], text) == 0)
			return (enum stack_way)way;
	argp_error(state, "want ptrace or ebpf, not '%s'", text);
	return STACK_ANY;
}

static int read_by_ebpf(int tid, struct stack *stack)
{
	struct iterate *iterate;
	int error = iterate_open(&iterate);

	if (error)
		return error;
	error = iterate_filters(iterate, tid, &stack->filters, &stack->count, NULL);
	iterate_close(iterate);
	stack->way = STACK_EBPF;
	return error;
}

static void explain_lack(int error)
{
	const struct probe_lack lack = probe_explain(error);

	fprintf(stderr, "callgate: eBPF cannot be used: %s\n", lack.problem);
	if (lack.hint)
		fprintf(stderr, "  hint: %s\n", lack.hint);
}

/* Whether eBPF may get what ptrace did not. */
static bool is_worth_another_try(int error)
{
	return error != -ESRCH && error != -ENOENT && error != -ENOMEM;
}

static int read_by_either(int tid, struct stack *stack)
{
	int error = callgate_process_filters(tid, NULL, &stack->filters, &stack->count);

	if (!error || !is_worth_another_try(error))
		return error;
	/* when that fails as well, what ptrace had to say against it is what matters */
	return read_by_ebpf(tid, stack) ? error : 0;
}

enum cli_status stack_read(int tid, enum stack_way way,
			   struct callgate_diagnostics *diagnostics,
			   struct stack *ret_stack)
{
	struct probe_lack lack;
	int error;

	*ret_stack = (struct stack){ .way = STACK_PTRACE };
	if (way == STACK_EBPF && !probe_is_usable(&lack)) {
		explain_lack(lack.error);
		return STATUS_SYSTEM;
	}
	if (way == STACK_EBPF)
		error = read_by_ebpf(tid, ret_stack);
	else if (way == STACK_PTRACE)
		error = callgate_process_filters(tid, NULL, &ret_stack->filters,
						 &ret_stack->count);
	else
		error = read_by_either(tid, ret_stack);
	if (error == -ENOMEM)
		cli_need(NULL);
	if (error)
		callgate_process_explain(tid, error, diagnostics);
	return error ? STATUS_SYSTEM : STATUS_DONE;
}

void stack_done(struct stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		callgate_filter_free(stack->filters[i]);
	free(stack->filters);
	*stack = (struct stack){ 0 };
}

int stack_layer(const struct stack *stack, size_t layer,
		struct callgate_diagnostics *diagnostics,
		struct callgate_filter **ret_filter)
{
	return callgate_filter_layer((const struct callgate_filter *const *)
					     stack->filters,
				     stack->count, layer, diagnostics, ret_filter);
}
