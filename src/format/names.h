/* SPDX-License-Identifier: MIT */
/* The words of seccomp profiles, both ways. */
#ifndef CALLGATE_FORMAT_NAMES_H
#define CALLGATE_FORMAT_NAMES_H

#include <linux/seccomp.h>

#include "data/data.h"

struct action_name {
	const char *name;
	uint32_t verdict;
	bool has_number; /* takes errnoRet */
};

/* An architecture as profiles have it: perhaps one that callgate knows no calls of. */
struct arch_name {
	const char *name;   /* "SCMP_ARCH_X86_64" */
	const char *abi;    /* ours, whether there are tables of it or not */
	const char *engine; /* as the container engines' templates call it: "amd64" */
	uint8_t bits;	    /* of an argument that the runtimes compare */
};

enum profile_operator {
	PROFILE_NE,
	PROFILE_LT,
	PROFILE_LE,
	PROFILE_EQ,
	PROFILE_GE,
	PROFILE_GT,
	PROFILE_MASKED_EQ,
};

struct operator_name {
	const char *name;
	enum profile_operator operator;
};

struct flag_name {
	const char *name;
	uint32_t flag; /* SECCOMP_FILTER_FLAG_… */
};

/* Ended by an entry without a name; of several names of one thing the first is ours. */
extern const struct action_name action_names[];
extern const struct arch_name arch_names[];
extern const struct operator_name operator_names[];
extern const struct flag_name flag_names[];

/* SCMP_ARCH_NATIVE: the machine's own, whichever that is. */
extern const struct arch_name arch_native_name;

const struct action_name *action_of_verdict(uint32_t verdict);
const struct arch_name *arch_of_abi(const struct abi *abi);

#endif
