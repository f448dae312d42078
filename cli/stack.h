/* SPDX-License-Identifier: MIT */
/*
 * The filters of running threads. There are two ways to them: ptrace(2), which needs the
 * thread to itself and stops it for a moment, and eBPF, which the kernel or the build may
 * lack.
 */
#ifndef CALLGATE_CLI_STACK_H
#define CALLGATE_CLI_STACK_H

#include "callgate.h"
#include "cli.h"
#include "iterate.h"

enum stack_way {
	STACK_ANY, /* by ptrace, or else by eBPF */
	STACK_PTRACE,
	STACK_EBPF,
};

struct stack {
	struct callgate_filter **filters; /* the one that was loaded first first */
	size_t count;
	enum stack_way way; /* how they were read */
};

/*
 * Reads them. STATUS_SYSTEM: that failed, and why is in `diagnostics`; that eBPF cannot be
 * used is printed. stack_done() in any case.
 */
enum cli_status stack_read(int tid, enum stack_way way,
			   struct callgate_diagnostics *diagnostics,
			   struct stack *ret_stack);
void stack_done(struct stack *stack);
/* As callgate_filter_layer() and its errors. */
int stack_layer(const struct stack *stack, size_t layer,
		struct callgate_diagnostics *diagnostics,
		struct callgate_filter **ret_filter);

/* "ptrace" or "ebpf", as on the command line; or STACK_ANY after saying that it is none. */
enum stack_way stack_parse_way(const char *text, struct argp_state *state);
const char *stack_way_name(enum stack_way way);

#endif
