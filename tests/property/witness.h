/* SPDX-License-Identifier: MIT */
/*
 * Witnesses that no policy says what a program does, found by running it: none of this
 * looks at its meaning.
 */
#ifndef CALLGATE_TESTS_WITNESS_H
#define CALLGATE_TESTS_WITNESS_H

#include "bpf/bpf.h"
#include "random.h"

/* Calls are found that get over `count` ≤ 4096 different verdicts. */
bool witness_verdicts(struct random *random, const struct bpf_program *program,
		      size_t count);

/*
 * Calls are found that differ in nothing but their number, or architecture, and whose
 * verdict changes over `count` times from the least to the greatest.
 */
bool witness_changes(struct random *random, const struct bpf_program *program,
		     unsigned word, size_t count);

#endif
