/* SPDX-License-Identifier: MIT */
/*
 * The bench: figures about filters, ours and those of others, out of one run.
 *
 * A figure belongs to a group (one printed table), a row (who) and a column (what).
 * Sections note figures and print their tables; at the end the figures are held against
 * the targets.
 */
#ifndef CALLGATE_BENCH_H
#define CALLGATE_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "callgate-format.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct figure {
	const char *group, *row, *column;
	double value;
};

struct bench {
	const char *inputs;    /* the folder of our policies and profiles */
	const char *reference; /* the folder of traces and raw filters, or NULL */
	const char *plot;      /* where to draw the time per rule, or NULL */
	bool quick;	       /* fewer rounds */
	struct figure *figures;
	size_t figure_count, figure_capacity;
};

/* Ends the program: a bench that cannot go on has nothing to say. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);
/* Ends the program for want of memory. Returns `pointer`. */
void *need(void *pointer);
/* A new string, printed; lives as long as the program. */
__attribute__((format(printf, 1, 2))) char *text(const char *format, ...);

/* --- figures.c -------------------------------------------------------------------- */

/* `group` and `column` are kept as pointers, `row` is copied. */
void figure_note(struct bench *bench, const char *group, const char *row,
		 const char *column, double value);
bool figure_find(const struct bench *bench, const char *group, const char *row,
		 const char *column, double *ret_value);
/* Notes the row "ROW : callgate": what `row` has by what callgate's row `by` has. */
void figure_ratio(struct bench *bench, const char *group, const char *row,
		  const char *by);
/* The least of a column among the rows that are not callgate's. */
bool figure_best_other(const struct bench *bench, const char *group, const char *column,
		       const char **ret_row, double *ret_value);

struct column {
	const char *name;
	int decimals;
};

/* Prints a group as a table, rows in the order in which they were noted. */
void figures_print(const struct bench *bench, const char *group,
		   const struct column *columns, size_t count);

/* --- traces.c --------------------------------------------------------------------- */

/* Calls with weights. */
struct trace {
	struct seccomp_data *calls;
	double *weights;
	size_t count;
};

/* Reads lines `weight arch nr arg0 … arg5`. False: there is no such file. */
bool trace_read(const char *file, struct trace *ret_trace);
void trace_done(struct trace *trace);

enum trace_part {
	TRACE_ALL,
	TRACE_UNCACHED, /* calls for which the kernel runs the filter */
	TRACE_CACHED,	/* the others */
};

/* Executed instructions a call, as a weighted mean; NAN where no call is of the part. */
double trace_mean(const struct trace *trace, const struct callgate_filter *filter,
		  enum trace_part part);

/* --- subjects.c ------------------------------------------------------------------- */

/* What is compiled: the same rules as callgate and libseccomp take them. */
struct subject {
	const char *name;
	const char *policy;    /* a file of `inputs`: a .gate policy or a profile */
	const char *profile;   /* a file of `inputs`: a profile for libseccomp */
	const char *reference; /* the folder of `reference` that goes with it */
	bool three;	       /* for x86_64, i386 and x32; else for x86_64 alone */
};

extern const struct subject subjects[];
extern const size_t subject_count;
extern const struct subject *const subject_container;

struct callgate_policy *subject_policy(const struct bench *bench,
				       const struct subject *subject);
/* The frequencies that go with it, or NULL. */
struct callgate_frequencies *subject_frequencies(const struct bench *bench,
						 const struct subject *subject);
/* Reads a whole file; fails when it cannot. */
char *file_read(const char *name, size_t *ret_length);

struct callgate_filter *compile_policy(const struct callgate_policy *policy,
				       const struct callgate_compile_options *options);

/* --- rules.c ---------------------------------------------------------------------- */

enum rule_operator {
	RULE_ALWAYS,
	RULE_NOT_EQUAL,
	RULE_LESS,
	RULE_LESS_EQUAL,
	RULE_EQUAL,
	RULE_GREATER_EQUAL,
	RULE_GREATER,
	RULE_MASKED_EQUAL,
};

/* One rule as libseccomp takes it, of at most one condition. */
struct rule {
	char *name;
	uint32_t action; /* SECCOMP_RET_… */
	enum rule_operator operator;
	unsigned argument;
	uint64_t value;	 /* RULE_MASKED_EQUAL: the mask */
	uint64_t masked; /* what is then left */
};

struct rules {
	struct rule *rules;
	size_t count, capacity;
	uint32_t otherwise; /* the default action */
	bool three;	    /* ABIs, as in struct subject */
};

/* A new rule, of zeroes. */
struct rule *rules_add(struct rules *rules);
/* Out of a profile. */
void rules_read(const char *file, bool three, struct rules *ret_rules);
/* As a policy in callgate's language, with conditions on 64 bits. */
char *rules_text(const struct rules *rules, size_t *ret_length);
void rules_done(struct rules *rules);

/* --- libseccomp.c, or without_libseccomp.c ---------------------------------------- */

/* "libseccomp 2.5.4", or NULL when this was built without. */
const char *libseccomp_name(void);

struct peer;

/* Rules with everything looked up that needs no time to be measured. */
struct peer *peer_new(const struct rules *rules);
/* How many rules are for calls that are newer than libseccomp; they are left out. */
size_t peer_unknown(const struct peer *peer);
/* Makes a context and its filter, and writes that to `file`; false: it cannot. */
bool peer_build(const struct peer *peer, bool tree, int file);
struct callgate_filter *peer_filter(const struct peer *peer, bool tree);
void peer_free(struct peer *peer);

/* --- timing.c --------------------------------------------------------------------- */

double nanoseconds(void);

struct samples {
	double *values;
	size_t count, capacity;
};

void samples_add(struct samples *samples, double value);
/* Both sort. NAN when there are none. */
double samples_min(struct samples *samples);
double samples_median(struct samples *samples);
void samples_done(struct samples *samples);
/* Notes the two as "NAME min" and "NAME median", divided by `unit`. */
void samples_note(struct samples *samples, struct bench *bench, const char *group,
		  const char *row, double unit);

/* --- child.c ---------------------------------------------------------------------- */

/*
 * Runs `work` in a child under `layers` times this filter (NULL: none), where it writes
 * its results into memory that the parent sees. Returns how long the last load took.
 */
double under_filter(const struct callgate_filter *filter, unsigned layers,
		    void (*work)(void *context), void *context);
/* Memory that children share; never freed. */
void *shared(size_t size);

/* --- the sections ----------------------------------------------------------------- */

void bench_executed(struct bench *bench); /* instructions, executed counts */
void bench_compile(struct bench *bench);  /* time of compiling and proving */
void bench_load(struct bench *bench);	  /* time of seccomp(2) */
void bench_calls(struct bench *bench);	  /* time of calls under filters */
void bench_scale(struct bench *bench);	  /* time per rule */
void bench_reading(struct bench *bench);  /* time of reading filters of others */
void bench_targets(struct bench *bench);  /* what was wanted, what was reached */

/* --- plot.c ----------------------------------------------------------------------- */

struct curve {
	const char *name;
	double x[16], y[16];
	size_t count;
};

/* Draws curves over logarithmic axes into an SVG file. */
void plot_write(const char *file, const char *title, const struct curve *curves,
		size_t count);

/* --- handmade.c ------------------------------------------------------------------- */

/*
 * A filter for rules on x86_64 as one would make it by hand: a balanced tree of order
 * tests over the intervals of numbers, and straight argument tests at its leaves.
 */
struct callgate_filter *handmade_filter(const struct rules *rules);

/* --- makers.c --------------------------------------------------------------------- */

enum maker {
	MAKER_CALLGATE,
	MAKER_DEFAULT,
	MAKER_TREE,
	MAKER_HAND,
	MAKER_COUNT
};

extern const char *const maker_names[MAKER_COUNT];

/* A subject's filter of each maker, or NULL where one makes none. */
void makers_make(const struct bench *bench, const struct subject *subject,
		 struct callgate_filter *ret_filters[MAKER_COUNT]);
void makers_done(struct callgate_filter *filters[MAKER_COUNT]);

#endif
