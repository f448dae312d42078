/* SPDX-License-Identifier: MIT */
/* The inside of the report: report*.c. */
#ifndef CALLGATE_CLI_REPORT_H
#define CALLGATE_CLI_REPORT_H

#include <stdio.h>

#include "callgate.h"

/* What a call's verdicts come to, for a reader. The order is the legend's. */
enum fate {
	FATE_ALLOWED,
	FATE_LOGGED,
	FATE_DEPENDS, /* on its arguments, whether it is let through */
	FATE_HANDLED, /* by a tracer, a supervisor or a signal handler */
	FATE_DENIED,
	FATE_KILLED,
	FATE_COUNT,
};

struct fate_words {
	const char *class;   /* of the style sheet */
	const char *label;   /* in the legend */
	const char *meaning; /* the same at length */
};

extern const struct fate_words fate_words[FATE_COUNT];

/* One filter of the report. */
struct report_filter {
	const char *name;
	const struct callgate_filter *filter;
	struct callgate_survey *survey;
	struct callgate_audit *audit; /* NULL: too complex */
	const char *reference;	      /* the name of what it is held against */
	struct callgate_comparison *comparison; /* with it; NULL: too complex */
	struct report_filter *layers; /* of a process, one by one; no audit of them */
	size_t layer_count;
};

/* What becomes of a call. `number` is one of the ABI's. */
enum fate report_fate(const struct callgate_survey *survey, size_t abi,
		      uint32_t number);

/* The calls of one ABI, counted; those of all arguments 0, run. */
struct report_count {
	size_t calls;
	size_t fates[FATE_COUNT];
	size_t cached;
	uint32_t worst;	      /* instructions */
	double allowed, rest; /* mean instructions: of allowed, not cached; of others */
};

struct report_count report_count(const struct report_filter *filter, size_t abi);

/*
 * The groups as a partition: each call is in the smallest that has it, those in none
 * are in group CALLGATE_NONE. An array of callgate_syscall_count(); the caller frees it.
 */
size_t *report_partition(void);

/* What was found, a section with its heading. `audit` may be NULL. */
void report_print_findings(FILE *page, const struct callgate_audit *audit);

/* What differs from the reference, and the layers of a process; nothing without them. */
void report_print_difference(FILE *page, const struct report_filter *filter);
void report_print_layers(FILE *page, const struct report_filter *filter, size_t abi);
/* Cells of a table: calls allowed, dependent, not allowed; instructions. */
void report_print_shares(FILE *page, const struct report_filter *filter,
			 const struct report_count *count);

/* The whole page. */
void report_print(FILE *page, const struct report_filter *filters, size_t count);

#endif
