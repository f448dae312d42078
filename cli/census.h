/* SPDX-License-Identifier: MIT */
/*
 * Every process of the machine with its seccomp state, and every set of filters that
 * there is, once, with what it comes to.
 */
#ifndef CALLGATE_CLI_CENSUS_H
#define CALLGATE_CLI_CENSUS_H

#include "callgate-inspect.h"
#include "stack.h"

#define CENSUS_RISKS (CALLGATE_RISK_HIGH + 1)

/* Filters that threads have: all layers of a stack. */
struct census_filters {
	struct stack stack;
	/* Of the ABI that this was built for, what the layers do together. */
	bool is_counted;
	struct callgate_filter_counts counts;
	/* NULL: they are too complex. */
	struct callgate_audit *audit;
	size_t risks[CENSUS_RISKS]; /* how many findings there are of each risk */
};

struct census_thread {
	struct callgate_process *facts;
	const struct census_filters *filters; /* NULL: none, or they were not read */
	bool differs;			      /* from the leader */
};

/* threads[0] is the leader; the others come in order of their ids. */
struct census_process {
	struct census_thread *threads;
	size_t count;
};

/* The iterator's number of a set. Sets that are equal are one, though it has several. */
struct census_key {
	uint64_t number;
	const struct census_filters *filters;
};

struct census {
	struct census_process *processes; /* in order of their ids */
	size_t count;
	struct census_filters **filters;
	size_t filters_count;
	struct census_key *keys;
	size_t key_count;
	/* How filters were read; STACK_ANY: they were not, see `lack`. */
	enum stack_way way;
	int lack;	   /* the errno of eBPF, negative */
	size_t unreadable; /* threads in filter mode whose filters were not read */
};

/*
 * Takes it. `way` STACK_ANY is by eBPF, if that can be used: ptrace would stop every
 * confined thread. Returns 0, or the error of callgate_process_list(). census_done() in any
 * case.
 */
int census_take(enum stack_way way, struct census *ret_census);
void census_done(struct census *census);

/* Under filters, or in strict mode: itself or a thread of it. */
bool census_is_confined(const struct census_process *process);

#endif
