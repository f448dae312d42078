/* SPDX-License-Identifier: MIT */
/*
 * What a policy of a recording will say, before it is text.
 *
 *	recording ──draft_make──► lines by ABI, groups ──margin_add──► more lines ──► text
 */
#ifndef CALLGATE_RECORD_DRAFT_H
#define CALLGATE_RECORD_DRAFT_H

#include "base/arena.h"
#include "record/condition.h"

/* One rule. All texts are the arena's. */
struct draft_line {
	const struct record_call *seen; /* NULL: a necessity, or of the margin */
	const struct syscall *call;	/* NULL: the number has no name */
	uint32_t number;
	const char *condition; /* "" is always */
	const char *example;
	const char *why;	  /* see struct condition */
	const struct group *home; /* the smallest that it is in, or NULL */
	bool in_group;		  /* a group that is allowed as a whole has it */
	const char *instead;	  /* of the margin: whose place it takes; else NULL */
	bool answers_enosys;	  /* … rather than that it is allowed */
};

/* An ABI on which something was done. */
struct draft_abi {
	const struct abi *abi;
	struct draft_line *lines; /* as in the recording, necessities, the margin */
	size_t count, capacity;
	const struct group *wholes[64]; /* allowed as a whole */
	size_t whole_count;
};

struct draft {
	struct arena arena;
	const struct callgate_recording *recording;
	const struct callgate_recording_policy_options *options;
	kernel_version version; /* of `abi`, or the newest that is known */
	bool has_version;
	struct draft_abi abis[ABI_MAX];
	size_t abi_count;
};

/* 0 or -ENOMEM; draft_done() in any case. */
int draft_make(const struct callgate_recording *recording,
	       const struct callgate_recording_policy_options *options,
	       struct draft *ret_draft);
void draft_done(struct draft *draft);

/* The line about a call that was done, or NULL. */
const struct draft_line *draft_find(const struct draft_abi *abi,
				    const struct syscall *call);
/* Whether a filter refused the call, and nothing did it. */
bool draft_is_refused(const struct draft *draft, const struct abi *abi,
		      const struct syscall *call);
/*
 * Whether rules for other calls also let this one through, as far as it carries them. In
 * a group it stands for those of the group alone.
 */
bool draft_is_multiplexer(const struct syscall *call, const struct abi *abi);
/* Fills in condition, example and why; 0 or -ENOMEM. */
int draft_condition(struct draft *draft, const struct abi *abi,
		    const struct seen arguments[ARGUMENTS_MAX],
		    struct draft_line *line);

/* Adds the margin to each ABI (margin.c). 0 or -ENOMEM. */
int margin_add(struct draft *draft);

#endif
