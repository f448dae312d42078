/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What a recorder counts into while it runs, in the kernel or in a process that answers
 * for it: tables of one size, however long and busy the run.
 *
 * Everything here only grows, by atomic operations, so that it can be read at any moment
 * and by anyone who shares the memory. Included by eBPF programs and by C.
 */
#ifndef CALLGATE_PROBE_TALLY_H
#define CALLGATE_PROBE_TALLY_H

#include <linux/types.h>

#define TALLY_ABIS    3	   /* of one kernel; their order is tally_abis' in tally.c */
#define TALLY_NUMBERS 1024 /* a power of two; numbers beyond it are `strays` */
#define TALLY_SLOTS   2048 /* a power of two; arguments of which something is kept */
#define TALLY_VALUES  32   /* a power of two */
#define TALLY_STRAYS  64   /* a power of two */
#define TALLY_COMM    16

/* prctl(TALLY_MARKER) by a followed process starts a recording `from marker`. */
#define TALLY_MARKER 0x67617465

enum {
	TALLY_NATIVE,
	TALLY_COMPAT,
	TALLY_X32,
};

/* Calls that the kernel did, and those that a filter refused. */
enum {
	TALLY_DONE,
	TALLY_REFUSED,
	TALLY_OUTCOMES,
};

/* What is to be kept; settled before anything runs. */
struct tally_plan {
	struct tally_kept {
		__u16 slot;	/* of the first argument kept, the others follow */
		__u8 arguments; /* bit i: something is kept of argument i */
		__u8 sets;	/* bit i: its values, and not only its bits */
	} calls[TALLY_ABIS][TALLY_NUMBERS];
	__u64 masks[TALLY_SLOTS]; /* the bits of an argument that the kernel uses */
};

/* What was seen of an argument: a hash table of its values. */
struct tally_slot {
	__u64 bits; /* that were ever set */
	__u32 ones; /* UINT64_MAX was a value, for which there is no entry */
	__u32 overflow;
	__u64 values[TALLY_VALUES]; /* value + 1; 0: free */
};

struct tally_first {
	__u64 time; /* by CLOCK_MONOTONIC; 0: never */
	char comm[TALLY_COMM];
};

/* Calls per CPU, so that no two write to one place. */
struct tally_row {
	__u64 calls[TALLY_ABIS][TALLY_NUMBERS];
};

/* A number beyond the tables: abi << 32 | number, and 1 << 63 that there is one. */
struct tally_stray {
	__u64 key;
	__u64 count;
};

struct tally {
	__u64 start;  /* when recording began; 0: not yet */
	__u64 latest; /* when something was seen for the first time */
	__u32 marked; /* the marker was seen: from here on it counts */
	__u32 lost;   /* calls may be missing: so many times memory was wanting */
	__s64 tasks;  /* threads followed now */
	__u64 refused[TALLY_ABIS][TALLY_NUMBERS];
	struct tally_first firsts[TALLY_OUTCOMES][TALLY_ABIS][TALLY_NUMBERS];
	struct tally_stray strays[TALLY_OUTCOMES][TALLY_STRAYS];
	struct tally_slot slots[TALLY_OUTCOMES][TALLY_SLOTS];
};

/* One call, wherever it was seen. */
struct tally_call {
	__u64 time;
	__u32 abi;    /* TALLY_NATIVE … */
	__u32 number; /* without x32's bit */
	__u32 outcome;
};

static inline __u32 tally_hash(__u64 value)
{
	return (__u32)((value * 0x9e3779b97f4a7c15ULL) >> 59) & (TALLY_VALUES - 1);
}

/* Finds the value's entry or a free one; none left: overflow. Whether it is new. */
static inline __attribute__((always_inline)) int tally_insert(struct tally_slot *slot,
							      __u64 value)
{
	const __u64 entry = value + 1;
	const __u32 hash = tally_hash(value);

	if (!entry)
		return !__sync_lock_test_and_set(&slot->ones, 1);
	for (__u32 i = 0; i < TALLY_VALUES; i++) {
		__u64 *at = &slot->values[(hash + i) & (TALLY_VALUES - 1)];
		__u64 old = *at;

		if (!old)
			old = __sync_val_compare_and_swap(at, 0, entry);
		if (!old)
			return 1;
		if (old == entry)
			return 0;
	}
	slot->overflow = 1;
	return 1;
}

#endif
