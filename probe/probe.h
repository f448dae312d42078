/* SPDX-License-Identifier: MIT */
/*
 * eBPF, as far as every part of probe/ needs it: whether it is there, and why not.
 *
 * NAME.bpf.c is a kernel half, NAME.c its user half. A build without eBPF has without.c
 * in their place, which has every function and says so.
 */
#ifndef CALLGATE_PROBE_PROBE_H
#define CALLGATE_PROBE_PROBE_H

#include <stdbool.h>

/* Why eBPF cannot be used. */
struct probe_lack {
	int error;	     /* negative errno; 0: it can be used */
	const char *problem; /* "the kernel has no BTF"; static */
	const char *hint;    /* what to do about it, or NULL; static */
};

/* "libbpf 1.1", or NULL for a build without eBPF. */
const char *probe_version(void);

/*
 * Finds out whether this process may use eBPF on this kernel, by loading a small program.
 * Returns whether; *ret_lack has the reason. Attaches and leaves behind nothing.
 */
bool probe_is_usable(struct probe_lack *ret_lack);

/*
 * For a program that would not load or attach with `error`: the likeliest reason on this
 * machine.
 */
struct probe_lack probe_explain(int error);

/* Keeps libbpf from printing. Call it before any other function of libbpf. */
void probe_be_quiet(void);

#endif
