/* SPDX-License-Identifier: MIT */
/* Random recordings. */
#ifndef CALLGATE_TESTS_RECORDINGS_H
#define CALLGATE_TESTS_RECORDINGS_H

#include "callgate-record.h"
#include "random.h"

/* Of one of a few runs, with calls of little-endian ABIs; never NULL. */
struct callgate_recording *random_recording(struct random *random);
/* A call that the observation speaks of; what it does not say is random. */
struct seccomp_data random_call_of(struct random *random,
				   const struct callgate_observation *observation);

#endif
