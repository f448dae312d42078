/* SPDX-License-Identifier: MIT */
/* Random programs of every instruction. */
#ifndef CALLGATE_TESTS_GENERATE_PROGRAM_H
#define CALLGATE_TESTS_GENERATE_PROGRAM_H

#include "bpf/bpf.h"
#include "random.h"

/* Writes `length` ≥ 1 instructions that the kernel would take. */
void generate_program(struct random *random, struct sock_filter *ret_code,
		      size_t length);

#endif
