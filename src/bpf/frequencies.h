/* SPDX-License-Identifier: MIT */
/* How often calls are made, as counted by a recording. */
#ifndef CALLGATE_BPF_FREQUENCIES_H
#define CALLGATE_BPF_FREQUENCIES_H

#include "data/data.h"

struct callgate_frequencies;

/* The count of a call; half a call for one that was not counted. */
double frequency_of(const struct callgate_frequencies *frequencies,
		    const struct syscall *call);

#endif
