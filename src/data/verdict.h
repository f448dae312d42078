/* SPDX-License-Identifier: MIT */
/*
 * A verdict: the 32-bit value that a filter returns, an action in the upper half
 * (SECCOMP_RET_…, seccomp(2)) and its data in the lower.
 */
#ifndef CALLGATE_DATA_VERDICT_H
#define CALLGATE_DATA_VERDICT_H

#include "base/buffer.h"
#include "data/data.h"

/* Of two stacked filters' verdicts the one that the kernel obeys; equals: the newer. */
uint32_t verdict_precedence(uint32_t newer, uint32_t older);

/*
 * The reverse: the one that it would not obey; of equal actions the one
 * with more data: rather ENOSYS, after which libc goes on, than EPERM.
 */
uint32_t verdict_lenient(uint32_t a, uint32_t b);

/*
 * The kernel's reading (kernel/seccomp.c, __seccomp_filter()): data that has no effect is
 * 0, an errno at most 4095, an unknown action kills the process.
 */
uint32_t verdict_normalize(uint32_t verdict);
/* All of first … last are one verdict to the kernel; which. */
bool verdict_of_range(uint32_t first, uint32_t last, uint32_t *ret_verdict);
/* The same, but that an unknown action stays: in a stack it has its own rank. */
bool verdict_of_layer_range(uint32_t first, uint32_t last, uint32_t *ret_verdict);

/* The call goes on to the kernel by this alone: allow or log. */
bool verdict_is_allow(uint32_t verdict);

/* As the language writes it: "errno EPERM", "allow", "kill", "trace 7"; else hex. */
void verdict_print(uint32_t verdict, const struct abi *abi, struct buffer *ret_text);

/*
 * The action that the language calls so, with data 0, and whether data may follow.
 * False: there is none.
 */
bool verdict_by_name(struct str name, uint32_t *ret_verdict, bool *ret_takes_data);

/* Its name, for index 0 up to the first NULL. */
const char *verdict_name_at(size_t index);

#endif
