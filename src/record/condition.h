/* SPDX-License-Identifier: MIT */
/* What was seen of arguments → conditions in the language. */
#ifndef CALLGATE_RECORD_CONDITION_H
#define CALLGATE_RECORD_CONDITION_H

#include "record/record.h"

/* What is said of the arguments of one call; condition_done() frees it. */
struct condition {
	struct buffer text;    /* "domain == AF_UNIX, …"; empty: always */
	struct buffer example; /* "domain = AF_UNIX, …": values that hold it */
	struct buffer why;     /* "cmd had over 32 values": what it lacks; or empty */
};

/*
 * The tightest condition that is true of all that was seen. `call` is not NULL.
 * Returns 0 or -ENOMEM.
 */
int condition_of(const struct abi *abi, const struct syscall *call,
		 const struct seen arguments[ARGUMENTS_MAX],
		 enum callgate_arguments how, struct condition *ret_condition);
void condition_done(struct condition *condition);

#endif
