/* SPDX-License-Identifier: MIT */
/* Programs as long as the kernel takes them, made to be as complex as can be. */
#ifndef CALLGATE_TESTS_HOSTILE_H
#define CALLGATE_TESTS_HOSTILE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

/* The name of one, a sentence; NULL past the last. */
const char *hostile_name(size_t index);
/* The same program on every run. Returns its length. */
size_t hostile_program(size_t index, struct sock_filter ret_code[BPF_MAXINSNS]);

#endif
