/* SPDX-License-Identifier: MIT */
/*
 * The start of a program under filters, in its steps; exec.c says how they follow.
 */
#ifndef CALLGATE_OS_LAUNCH_H
#define CALLGATE_OS_LAUNCH_H

#include "os/os.h"

/* Everything that a start needs, ready before the first filter is in. */
struct launch {
	struct ticket ticket;
	struct sock_fprog *layers;
	size_t count;
	char *path; /* of the program */
	const char *name;
	uint32_t flags; /* of every layer */
	bool without_no_new_privs;
};

/*
 * Looks the program up and makes the ticket, with room for `layers` filters. Returns 0,
 * or an error that is explained in `diagnostics`. launch_done() in any case.
 */
int launch_init(struct launch *launch, const char *program, size_t layers,
		const struct callgate_exec_options *options,
		struct callgate_diagnostics *diagnostics);
/* Adds a program with the launcher's clause in front; -E2BIG is explained likewise. */
int launch_add(struct launch *launch, const struct sock_filter *program, size_t length,
	       struct callgate_diagnostics *diagnostics);
void launch_done(struct launch *launch);

/*
 * Loads the first layer with `flags`; the other layers have launch->flags. Nothing was
 * loaded if *ret_refusal has an error.
 */
void launch_load(const struct launch *launch, uint32_t flags,
		 struct callgate_loaded *ret_loaded,
		 struct callgate_refusal *ret_refusal);

/* Loads the others and executes the program, or says why not and exits. */
void launch_finish(const struct launch *launch, char *const *argv,
		   char *const *environment);

#endif
