/* SPDX-License-Identifier: MIT */
/*
 * Filters to audit: some with one flaw planted, some without. The unit test looks at what
 * is found; the live test makes the calls that are said to show it.
 *
 * A denial is errno 999, which no kernel gives by itself.
 */
#ifndef TESTS_AUDIT_CASES_H
#define TESTS_AUDIT_CASES_H

#include "callgate.h"

#define AUDIT_DENIED 999

struct audit_case {
	const char *name;   /* a sentence */
	const char *codes;  /* of all findings, in order of the alphabet; "": none */
	const char *policy; /* the filter as a policy, or … */
	struct sock_filter program[16]; /* … as it is, up to the last return, or … */
	size_t (*make)(struct sock_filter *ret_program); /* … made: at most 256 */
	bool is_naive;	    /* the policy is compiled without the optimizer */
	const char *unsafe; /* why the calls are not made */
};

extern const struct audit_case audit_planted[], audit_clean[];
extern const size_t audit_planted_count, audit_clean_count;

/* The case's filter, or NULL after printing what is wrong with it. */
struct callgate_filter *audit_case_filter(const struct audit_case *test);

#endif
