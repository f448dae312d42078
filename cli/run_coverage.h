/* SPDX-License-Identifier: MIT */
/*
 * callgate run --coverage: what of the policies a run used. Allowed is what the layers
 * together let through; used is what the programs called of it, as eBPF counted it;
 * denied is what the supervisor was asked about.
 */
#ifndef CALLGATE_CLI_RUN_COVERAGE_H
#define CALLGATE_CLI_RUN_COVERAGE_H

#include <jansson.h>

#include "callgate-explain.h"
#include "input.h"
#include "run_places.h"

struct cover;

struct covered_rule {
	struct callgate_span span;
	const char *kind; /* "rule", "default", "unknown", "badarch" */
	uint64_t passed, denied;
};

/* The rules of a layer, and behind them default, unknown and badarch. */
struct covered_layer {
	struct covered_rule *rules;
	size_t rule_count;
};

#define COVERED_FALLBACKS 3

struct covered_call {
	uint32_t arch;
	int number;
	uint64_t made, denied; /* how often the kernel made it; was denied it */
};

struct coverage {
	const struct input *layers;
	size_t layer_count;
	bool permissive;
	struct cover *cover;	     /* NULL: what was let through is not known, */
	const char *problem, *hint;  /* … because; static */
	struct covered_layer *rules; /* of each layer */
	struct covered_call *calls;
	size_t call_count, call_capacity;
	struct callgate_filter *together; /* the layers as one; NULL: too complex */
	struct callgate_survey *survey;	  /* of that; NULL: too complex */
	size_t *groups;			  /* of each call, see report_partition() */
};

/* Begins to count what this process starts. coverage_done() in any case. */
void coverage_begin(struct coverage *coverage, const struct input *layers, size_t count,
		    bool permissive);
void coverage_done(struct coverage *coverage);
/* A call was denied, or would have been. */
void coverage_denied(struct coverage *coverage, const struct callgate_denial *denial);
/* Takes in what was let through until now. Before anything is asked below. */
void coverage_look(struct coverage *coverage);

/* What became of a call. The order is the legend's. */
enum use {
	USE_PASSED,  /* allowed, and called */
	USE_UNUSED,  /* allowed, at least with some arguments, and never called */
	USE_UNKNOWN, /* allowed; whether it was called is not known */
	USE_MIXED,   /* let through and denied */
	USE_DENIED,  /* called, and always denied */
	USE_NONE,    /* not allowed, and not called */
	USE_COUNT,
};

/* A call of an ABI: what became of it, and how often; NULL: it was not seen. */
enum use coverage_use(const struct coverage *coverage, size_t abi, uint32_t number,
		      const struct covered_call **ret_call);
/* How often it was let through. */
uint64_t coverage_passed(const struct coverage *coverage,
			 const struct covered_call *call);
/* Whether calls of the ABI were seen. */
bool coverage_has(const struct coverage *coverage, size_t abi);

/* The calls of a group, or of CALLGATE_NONE those that are in none, on an ABI. */
struct covered_group {
	size_t calls, uses[USE_COUNT];
};

struct covered_group coverage_group(const struct coverage *coverage, size_t abi,
				    size_t group);
/* The next of them, from index *at on. */
bool coverage_next(const struct coverage *coverage, size_t abi, size_t group,
		   size_t *at, struct callgate_syscall *ret_call);

/* --- told ---------------------------------------------------------------------------- */

void coverage_print(FILE *stream, const struct coverage *coverage);
json_t *coverage_json(const struct coverage *coverage);

/* What a page says besides. */
struct coverage_run {
	char *const *words; /* of the program */
	const struct places *places;
};

void coverage_print_page(FILE *page, const struct coverage *coverage,
			 const struct coverage_run *run);

#endif
