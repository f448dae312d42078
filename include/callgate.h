/* SPDX-License-Identifier: MIT */
/*
 * callgate: seccomp policies that people can read, filters that are proven equal to them.
 *
 * Conventions that hold for every function here:
 *
 * - Functions that can fail return 0, or a negative errno out of the list at the
 *   prototype; what went wrong goes to `diagnostics`, which may be NULL.
 *   -ENOMEM may come from any of them.
 * - Results are one object each, freed by the one _free() of its type, which accepts
 *   NULL. Results never point into arguments; strings that a getter returns live as long
 *   as the object they came from.
 * - There are no globals: different objects may be used from different threads at once; one
 *   object by one thread at a time, const functions by any number.
 * - Sizes are bytes, offsets are bytes from the start of a source, lines and columns
 *   start at 1, a column is a byte.
 */
#ifndef CALLGATE_H
#define CALLGATE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLGATE_API __attribute__((visibility("default")))

struct callgate_diagnostics;
struct callgate_policy;
struct callgate_filter;

/* --- diagnostics ------------------------------------------------------------------- */

enum callgate_severity {
	CALLGATE_NOTE,
	CALLGATE_WARNING,
	CALLGATE_ERROR,
};

/* A place: `length` bytes from `offset` of the source number `file`. */
struct callgate_span {
	uint32_t file; /* 0: no place; else callgate_diagnostics_source() knows it */
	uint32_t offset;
	uint32_t length;
};

/* The same for people. `text` is the whole source line, not NUL-terminated. */
struct callgate_position {
	const char *file;
	uint32_t line;
	uint32_t column;
	const char *text;
	size_t text_length;
};

struct callgate_diagnostic {
	enum callgate_severity severity;
	const char *code; /* stable, for machines: "unknown-syscall" */
	struct callgate_span span;
	const char *message; /* one line: what was found and what was expected */
	const char *hint;    /* what to do about it, or NULL */
};

/* Returns NULL when memory is short. */
CALLGATE_API struct callgate_diagnostics *callgate_diagnostics_new(void);
CALLGATE_API void callgate_diagnostics_free(struct callgate_diagnostics *diagnostics);

/* In the order they were found; a CALLGATE_NOTE belongs to the one before it. */
CALLGATE_API size_t
callgate_diagnostics_count(const struct callgate_diagnostics *diagnostics);
CALLGATE_API const struct callgate_diagnostic *
callgate_diagnostics_at(const struct callgate_diagnostics *diagnostics, size_t index);
/* How many have exactly this severity. */
CALLGATE_API size_t
callgate_diagnostics_severity_count(const struct callgate_diagnostics *diagnostics,
				    enum callgate_severity severity);
/* Finds the line and column of a span. Returns false when it has no place. */
CALLGATE_API bool
callgate_diagnostics_position(const struct callgate_diagnostics *diagnostics,
			      struct callgate_span span,
			      struct callgate_position *ret_position);

/* --- policies ---------------------------------------------------------------------- */

/*
 * How `include "FILE"` finds text: the library itself opens nothing. `read` gets the name
 * as written and the name of the including source, returns 0 with a malloc'ed text and
 * its resolved name (the library frees both), or a negative errno.
 * callgate_read_file() of this header is the usual one.
 */
struct callgate_reader {
	int (*read)(void *context, const char *name, const char *from, char **ret_text,
		    size_t *ret_length, char **ret_name);
	void *context;
};

/* Zero is the default of every member. */
struct callgate_parse_options {
	const char *name;		      /* of the source, for diagnostics */
	const struct callgate_reader *reader; /* NULL: `include` is an error */
	const char *const *parameters;	      /* NULL-terminated names for `when` */
	const char *const *abis;	      /* NULL-terminated; instead of `arch` */
	bool unknown_is_default; /* an unknown number follows `default` whatever `abi` */
};

/*
 * Parses and checks a policy in the language of callgate.gate(5). All errors found (up
 * to 20) go to `diagnostics`, and warnings.
 * Returns 0; -EINVAL: the text has errors; -E2BIG: it is over 16 MiB or too complex.
 */
CALLGATE_API int callgate_policy_parse(const char *text, size_t length,
				       const struct callgate_parse_options *options,
				       struct callgate_diagnostics *diagnostics,
				       struct callgate_policy **ret_policy);
CALLGATE_API void callgate_policy_free(struct callgate_policy *policy);

/*
 * Every verdict that refuses a call becomes SECCOMP_RET_LOG: nothing is denied, the
 * kernel logs what would have been.
 */
CALLGATE_API void callgate_policy_log_only(struct callgate_policy *policy);

/* --- calls and verdicts ------------------------------------------------------------ */

/* A filter's answer to one call. */
struct callgate_verdict {
	uint32_t value;		   /* SECCOMP_RET_… | data */
	struct callgate_span span; /* the deciding statement, when a policy is at hand */
	uint32_t executed;	   /* instructions that the filter runs for it */
	bool cached; /* Linux 5.11 and later decides it without running the filter */
};

/*
 * What a policy and its filter say of a call such as "openat(AT_FDCWD, 0, O_RDONLY)" or
 * "socket(domain = AF_NETLINK)" or "i386:socketcall": arguments by position or name,
 * an ABI before a colon. What is not said may be anything.
 */
struct callgate_answer {
	struct callgate_verdict verdict; /* for `call` */
	struct seccomp_data call;	 /* what is not said is 0 */
	bool depends; /* other values of what is not said get another verdict: */
	struct callgate_verdict other_verdict;
	struct seccomp_data other_call;
};

/* -EINVAL: the call is not one, see `diagnostics`. -E2BIG: too complex. */
CALLGATE_API int callgate_policy_ask(const struct callgate_policy *policy,
				     const struct callgate_filter *filter,
				     const char *call,
				     struct callgate_diagnostics *diagnostics,
				     struct callgate_answer *ret_answer);

/* Whether the call goes on to the kernel: allow or log. */
CALLGATE_API bool callgate_verdict_allows(uint32_t verdict);
/* "errno EPERM", "allow", "kill"; malloc'ed, the caller frees it; NULL: no memory. */
CALLGATE_API char *callgate_verdict_text(uint32_t verdict);

/* --- filters ----------------------------------------------------------------------- */

enum callgate_cost_model {
	CALLGATE_COST_CACHE,	/* Linux 5.11 and later: always-allowed calls run nothing */
	CALLGATE_COST_NO_CACHE, /* every call runs the filter */
};

/* Zero is the default of every member. */
struct callgate_compile_options {
	enum callgate_cost_model cost_model;
	bool big_endian;	/* for a machine of that kind; the policy's ABIs must be too */
	bool without_proof;	/* do not lift the output and compare */
	bool without_optimizer; /* one bit test a node: large and slow, for comparison */
	bool without_expects;	/* do not evaluate `expect` lines */
	/* Tests of the proof: called on the finished program, may break it. */
	void (*tamper)(void *context, struct sock_filter *program, size_t length);
	void *tamper_context;
};

/*
 * Compiles a policy and proves the result equal to it; `expect` lines are evaluated on
 * the emitted program, failed ones are errors.
 * Returns 0; -E2BIG: more than 4096 instructions, or too complex; -EBADMSG: the proof
 * failed, the counterexample is in `diagnostics` (a defect of callgate);
 * -EINVAL: an `expect` does not hold, or ABIs of both endiannesses.
 */
CALLGATE_API int callgate_policy_compile(const struct callgate_policy *policy,
					 const struct callgate_compile_options *options,
					 struct callgate_diagnostics *diagnostics,
					 struct callgate_filter **ret_filter);

/*
 * Takes a program made elsewhere: `length` instructions in this machine's byte order.
 * -EINVAL: the kernel would refuse it, `diagnostics` says which instruction and why.
 */
CALLGATE_API int callgate_filter_from_program(const struct sock_filter *program,
					      size_t length,
					      struct callgate_diagnostics *diagnostics,
					      struct callgate_filter **ret_filter);
CALLGATE_API void callgate_filter_free(struct callgate_filter *filter);

CALLGATE_API const struct sock_filter *
callgate_filter_program(const struct callgate_filter *filter);
/* In instructions of 8 bytes. */
CALLGATE_API size_t callgate_filter_length(const struct callgate_filter *filter);
/* Runs it in the simulator; `span` of the answer has no place. */
CALLGATE_API struct callgate_verdict
callgate_filter_run(const struct callgate_filter *filter,
		    const struct seccomp_data *call);

enum callgate_format {
	CALLGATE_FORMAT_RAW, /* struct sock_filter after struct sock_filter */
	CALLGATE_FORMAT_HEX, /* 16 digits a line: code, jt, jf, k */
	CALLGATE_FORMAT_ASM, /* annotated disassembly */
	CALLGATE_FORMAT_C,   /* a header with the array and its length */
};

/* Malloc'ed, NUL-terminated, the caller frees it. `name` names the C array, or NULL. */
CALLGATE_API int callgate_filter_print(const struct callgate_filter *filter,
				       enum callgate_format format, const char *name,
				       char **ret_text, size_t *ret_length);

/* What compiling found and did. */
struct callgate_stats {
	size_t instructions;
	uint32_t nodes;	   /* of the decision diagram, all operations */
	size_t calls;	   /* numbers of the policy's ABIs */
	size_t cached;	   /* … that the kernel's cache absorbs */
	double mean;	   /* executed instructions, over all of them */
	double mean_uncached; /* … over those that still run the program */
	uint32_t worst;	   /* executed instructions */
	bool proven;
};

/* -EINVAL: the filter was not compiled from a policy. */
CALLGATE_API int callgate_filter_stats(const struct callgate_filter *filter,
				       struct callgate_stats *ret_stats);

#ifdef __cplusplus
}
#endif

#endif
