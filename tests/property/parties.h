/* SPDX-License-Identifier: MIT */
/*
 * All who say what a generated policy means, and whether they agree.
 */
#ifndef CALLGATE_TESTS_PARTIES_H
#define CALLGATE_TESTS_PARTIES_H

#include "bpf/bpf.h"
#include "generate.h"

struct parties {
	struct generated generated;
	struct meaning *store;
	meaning_ref meaning;
	struct bpf_program naive; /* length 0: it would not fit */
	struct callgate_filter *filter;
};

/* A new policy and everybody's view of it. False: what went wrong is printed. */
bool parties_make(struct random *random, const struct generate_options *options,
		  struct parties *ret_parties);
void parties_done(struct parties *parties);

/* Asks all of them about one call. False: they differ, and it is printed how. */
bool parties_agree(const struct parties *parties, const struct seccomp_data *call,
		   uint32_t *ret_verdict);

/* The policy, the call, and what each says. */
void parties_report(const struct parties *parties, const struct seccomp_data *call);

/* All ABIs of one byte order. */
struct generate_options options_for(bool big_endian);

#endif
