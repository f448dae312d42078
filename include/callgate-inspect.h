/* SPDX-License-Identifier: MIT */
/*
 * callgate-inspect: what can be found out about a filter, whoever made it.
 *
 * The second half of callgate.h, which includes it. The conventions are those of
 * callgate.h.
 */
#ifndef CALLGATE_INSPECT_H
#define CALLGATE_INSPECT_H

#include <callgate.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- what a filter does with each call ---------------------------------------------- */

struct callgate_survey;

/* One of the verdicts that a call may get. */
struct callgate_case {
	uint32_t verdict;
	/*
	 * When it gets it: "always", or what its arguments must be, in the language. NULL:
	 * too complex to say.
	 */
	const char *condition;
};

#define CALLGATE_CASES_MAX 16

/*
 * Finds for every system call of every ABI which verdicts it may get, and when: exactly,
 * from the filter's meaning. -E2BIG: the filter is too complex.
 */
CALLGATE_API int callgate_filter_survey(const struct callgate_filter *filter,
					struct callgate_diagnostics *diagnostics,
					struct callgate_survey **ret_survey);
CALLGATE_API void callgate_survey_free(struct callgate_survey *survey);

/* Whether all numbers of an ABI get one verdict, whatever their arguments. */
CALLGATE_API bool callgate_survey_uniform(const struct callgate_survey *survey,
					  size_t abi, uint32_t *ret_verdict);
/* The same of the numbers that are no call (yet). */
CALLGATE_API bool callgate_survey_unknown(const struct callgate_survey *survey,
					  size_t abi, uint32_t *ret_verdict);
/*
 * The cases of a call, the most lenient first. Returns how many there are, of more than
 * CALLGATE_CASES_MAX those; 0: the ABI has no such call.
 */
CALLGATE_API size_t callgate_survey_cases(const struct callgate_survey *survey,
					  size_t abi, uint32_t number,
					  const struct callgate_case **ret_cases);

/* What becomes of the calls of an ABI; all others are refused. */
struct callgate_filter_counts {
	size_t calls;	  /* that there are */
	size_t always;	  /* … that pass whatever their arguments are */
	size_t sometimes; /* … that pass with some */
};

/*
 * Counts the calls of one ABI that a filter lets through (or logs): what a survey comes to,
 * in a small part of its time. -E2BIG: the filter is too complex; -EINVAL: there is no such
 * ABI.
 */
CALLGATE_API int callgate_filter_count(const struct callgate_filter *filter, size_t abi,
				       struct callgate_filter_counts *ret_counts);

/* --- pictures and policies of filters --------------------------------------------- */

enum callgate_graph {
	CALLGATE_GRAPH_PROGRAM, /* blocks of instructions and the jumps between them */
	CALLGATE_GRAPH_DIAGRAM, /* what is decided by what, each question once */
};

/*
 * The filter as text for Graphviz' dot. `title` may be any text, or NULL. Malloc'ed,
 * NUL-terminated, the caller frees it. -E2BIG: the diagram is too large to draw.
 */
CALLGATE_API int callgate_filter_graph(const struct callgate_filter *filter,
				       enum callgate_graph what, const char *title,
				       struct callgate_diagnostics *diagnostics,
				       char **ret_text, size_t *ret_length);

/* Zero is the default of every member. */
struct callgate_decompile_options {
	const char *name; /* what the text's first line says it was made from */
	/*
	 * NULL-terminated: what the filter does for these ABIs alone, and any other is
	 * killed. NULL: all that it does.
	 */
	const char *const *abis;
};

/*
 * A policy in the language with the filter's meaning, *ret_text: malloc'ed, the caller
 * frees it. Proven: the text was parsed and has the same decision diagram, verdicts
 * taken as the kernel does (data without effect is not told apart).
 * Returns 0; -EINVAL: an ABI that callgate does not know; -EOPNOTSUPP: the language
 * cannot say it, `diagnostics` says what; -E2BIG: too complex; -EBADMSG: the proof
 * failed (a defect of callgate).
 */
CALLGATE_API int
callgate_filter_decompile(const struct callgate_filter *filter,
			  const struct callgate_decompile_options *options,
			  struct callgate_diagnostics *diagnostics, char **ret_text);

/* --- comparing and joining filters ------------------------------------------------ */

/* By the kernel's order of verdicts, for every call: */
enum callgate_relation {
	CALLGATE_EQUAL,	       /* the same verdict */
	CALLGATE_SIMILAR,      /* one as strict: another errno, another number */
	CALLGATE_STRICTER,     /* the first one's is as strict or stricter */
	CALLGATE_LOOSER,       /* … as strict or looser */
	CALLGATE_INCOMPARABLE, /* now this, now that */
};

/* Calls that two filters treat differently in the same way. */
struct callgate_difference {
	/*
	 * CALLGATE_NONE: of all architectures that neither filter tells from one that is
	 * no ABI's; by number then, and by argument.
	 */
	size_t abi;
	const char *abis;  /* its name; of CALLGATE_NONE the ABIs that are meant too */
	const char *calls; /* "read, 600..700", names or else numbers; "every call" */
	size_t count;	   /* … how many numbers on each ABI */
	const char
		*condition; /* on their arguments, as in the language; NULL: always */
	uint32_t first, second;	     /* what the filters answer */
	struct seccomp_data example; /* both were run on it */
};

struct callgate_comparison;

/*
 * Compares two filters exactly, by their meanings. Verdicts are taken as the kernel does.
 * Returns 0; -E2BIG: too complex; -EBADMSG: the simulator disagrees (a defect of
 * callgate).
 */
CALLGATE_API int callgate_filter_compare(const struct callgate_filter *first,
					 const struct callgate_filter *second,
					 struct callgate_diagnostics *diagnostics,
					 struct callgate_comparison **ret_comparison);
CALLGATE_API void callgate_comparison_free(struct callgate_comparison *comparison);
CALLGATE_API enum callgate_relation
callgate_comparison_relation(const struct callgate_comparison *comparison);
CALLGATE_API size_t
callgate_comparison_count(const struct callgate_comparison *comparison);
/* In order of ABI; NULL: there is none such. */
CALLGATE_API const struct callgate_difference *
callgate_comparison_at(const struct callgate_comparison *comparison, size_t index);

/*
 * One filter that does what a stack of filters does, the first one loaded first: of
 * their verdicts the strictest counts, of equals the newest filter's. Proven.
 * Returns 0; -EINVAL: none is given, or they are for machines of both endiannesses;
 * -E2BIG: over 4096 instructions, or too complex;
 * -EBADMSG: the proof failed (a defect of callgate).
 */
CALLGATE_API int callgate_filter_flatten(const struct callgate_filter *const *filters,
					 size_t count,
					 struct callgate_diagnostics *diagnostics,
					 struct callgate_filter **ret_filter);

/*
 * One layer of such a stack, from 1 on; 0: one filter that does what all of them do. The
 * result is a copy. Returns 0; -ERANGE: there are not so many; or an error as above.
 */
CALLGATE_API int callgate_filter_layer(const struct callgate_filter *const *filters,
				       size_t count, size_t layer,
				       struct callgate_diagnostics *diagnostics,
				       struct callgate_filter **ret_filter);

/*
 * The opposite of a stack: one filter that lets through what any of the filters lets
 * through. Each call gets the most lenient of their verdicts, of equal actions the one with
 * the greatest data (rather ENOSYS than EPERM), in whatever order they stand. Proven.
 * Errors as of callgate_filter_flatten().
 */
CALLGATE_API int callgate_filter_join(const struct callgate_filter *const *filters,
				      size_t count,
				      struct callgate_diagnostics *diagnostics,
				      struct callgate_filter **ret_filter);

/* --- what a filter costs ---------------------------------------------------------- */

/* Calls of the policy's ABIs with arguments of 0. */
struct callgate_class_stats {
	size_t calls;
	size_t cached;	      /* … that the kernel's cache absorbs */
	double mean;	      /* executed instructions, over all of them */
	double mean_uncached; /* … over those that still run the filter */
};

/* What compiling found and did. */
struct callgate_stats {
	size_t instructions;
	uint32_t nodes;	 /* of the decision diagram, all operations */
	uint32_t worst;	 /* executed instructions on the longest path */
	double expected; /* executed per call, as the layout weighs calls; -1: unknown */
	bool proven;
	struct callgate_class_stats all;
	struct callgate_class_stats allowed; /* whatever their arguments */
	struct callgate_class_stats tested;  /* decided by their arguments */
	struct callgate_class_stats denied;  /* whatever their arguments */
};

/* -EINVAL: the filter was not compiled from a policy. -E2BIG: too complex. */
CALLGATE_API int callgate_filter_stats(const struct callgate_filter *filter,
				       struct callgate_stats *ret_stats);

/* --- auditing ---------------------------------------------------------------------- */

enum callgate_risk {
	CALLGATE_RISK_NOTE, /* worth knowing */
	CALLGATE_RISK_LOW,
	CALLGATE_RISK_MEDIUM,
	CALLGATE_RISK_HIGH, /* the fence is open */
};

/* Something that a filter would be better without, and the evidence. */
struct callgate_finding {
	enum callgate_risk risk;
	const char *code;    /* stable, for machines: "x32-open" */
	const char *message; /* one line: what it is */
	const char *reason;  /* one line: why that matters */
	const char *mend;    /* the edit, statements of the language where it can be */
	bool has_call;
	struct seccomp_data call; /* a call that shows it, and the simulator's answer */
	uint32_t verdict;
	bool has_other;
	struct seccomp_data other; /* one that shows what it should be like */
	uint32_t other_verdict;
	size_t instruction; /* of the program, or CALLGATE_NONE */
};

struct callgate_audit;

/*
 * Judges a filter by its meaning: ABIs left open, comparisons that garbage in a register
 * slips past, rules that another call slips past, calls that give the fence away, denials
 * that libc does not understand; and its program by its cost. The worst come first.
 * Returns 0; -E2BIG: too complex.
 */
CALLGATE_API int callgate_filter_audit(const struct callgate_filter *filter,
				       struct callgate_diagnostics *diagnostics,
				       struct callgate_audit **ret_audit);
CALLGATE_API void callgate_audit_free(struct callgate_audit *audit);
CALLGATE_API size_t callgate_audit_count(const struct callgate_audit *audit);
CALLGATE_API const struct callgate_finding *
callgate_audit_at(const struct callgate_audit *audit, size_t index);
/* Every code that a finding may have, and what it is about; NULL past the last. */
CALLGATE_API const char *callgate_audit_code(size_t index);
CALLGATE_API const char *callgate_audit_code_help(size_t index);

#ifdef __cplusplus
}
#endif

#endif
