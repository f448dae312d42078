/* SPDX-License-Identifier: MIT */
/* Which bits of its registers a program's verdict may depend on, for the lift. */
#ifndef CALLGATE_MEANING_DEMAND_H
#define CALLGATE_MEANING_DEMAND_H

#include "meaning/vector.h"

#include <linux/filter.h>

#define REGISTERS   (2 + BPF_MEMWORDS)
#define REGISTER_A  0
#define REGISTER_X  1
#define REGISTER_M0 2

/* Ahead of one instruction; the values of other bits never matter from there on. */
struct demand {
	uint32_t bits[REGISTERS];
};

/* For a program that has passed bpf_validate(). */
void demand_find(const struct sock_filter *code, size_t length,
		 struct demand *ret_demand);

#endif
