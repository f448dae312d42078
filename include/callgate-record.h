/* SPDX-License-Identifier: MIT */
/*
 * callgate-record: what programs were seen to call, as data.
 *
 * The conventions are those of callgate.h. Nothing here observes a program: a recorder
 * does, adds what it saw to a recording, and everything after that is computed.
 */
#ifndef CALLGATE_RECORD_H
#define CALLGATE_RECORD_H

#include "callgate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- what is recorded of arguments -------------------------------------------------- */

enum callgate_kept {
	CALLGATE_KEPT_NOT,  /* a pointer, a size, a descriptor: nothing is kept of it */
	CALLGATE_KEPT_SET,  /* its values, while they are few; else the bits ever set */
	CALLGATE_KEPT_BITS, /* the bits ever set alone */
};

/* How an argument is to be recorded. */
struct callgate_recorded_argument {
	enum callgate_kept kept;
	unsigned bits; /* that the kernel uses, 16, 32 or 64: a recorder masks values */
	bool is_safe;  /* CALLGATE_ARGUMENTS_SAFE makes a condition of it */
};

/*
 * For argument `index` of a call by its number as a filter sees it. CALLGATE_KEPT_NOT
 * also for calls and arguments that there are not.
 */
CALLGATE_API struct callgate_recorded_argument
callgate_recorded_argument(size_t abi, uint32_t number, size_t index);

/* --- recordings ---------------------------------------------------------------------- */

struct callgate_recording;

/* How many different values of an argument a recording keeps. */
#define CALLGATE_VALUES_MAX 32
/* How many runs it counts calls by. */
#define CALLGATE_RUNS_MAX 64
/* How long a text is kept: a command line, a thread's name. */
#define CALLGATE_COMMAND_MAX 128
#define CALLGATE_COMM_MAX    32

/* One program or container that was watched once. */
struct callgate_run {
	uint8_t id[16];	 /* random: no two runs have the same */
	uint16_t kernel; /* M * 256 + N; 0: not known */
	/* What was watched, for people. Input: cut where it is longer; NULL: nothing. */
	const char *command;
};

/*
 * What was seen of one argument. All zero: nothing is known, it may have been anything.
 * Else `bits` are all that were ever set in it, and unless `overflow` the values are
 * `values`: those given in any order, also repeated; those returned sorted and different.
 */
struct callgate_seen {
	bool known;
	bool overflow; /* there were more values than were kept */
	uint64_t bits; /* given: looked at with overflow, and for CALLGATE_KEPT_BITS */
	size_t count;
	uint64_t values[CALLGATE_VALUES_MAX];
};

/* What was seen of one call, either done by the kernel or refused by a filter. */
struct callgate_observation {
	size_t abi;	 /* given: of x86_64 and x32 the number tells which one */
	uint32_t number; /* as a filter sees it */
	bool refused;
	uint64_t count;
	uint64_t first;	      /* ns from the start of the run to the first call */
	const char *first_by; /* the thread's name then; NULL: not known */
	struct callgate_seen arguments[CALLGATE_ARGUMENTS_MAX];
};

/* An empty recording of a run. */
CALLGATE_API int callgate_recording_new(const struct callgate_run *run,
					struct callgate_recording **ret_recording);
CALLGATE_API void callgate_recording_free(struct callgate_recording *recording);

/*
 * Adds what its run was seen to do: counts add up, values of arguments join, the earliest
 * first call stays. Of arguments that are not recorded nothing is kept, nor are bits above
 * their width.
 * Returns 0; -EINVAL: there is no such ABI, or the run is none of the recording's, see
 * callgate_recording_merge(); -E2BIG: more different calls than any kernel has.
 */
CALLGATE_API int callgate_recording_add(struct callgate_recording *recording,
					const struct callgate_observation *observation);
/* Says that calls were lost, or are missing for another reason. */
CALLGATE_API void callgate_recording_spoil(struct callgate_recording *recording);

/*
 * Makes `recording` one of all that both have seen. In whatever order and however often
 * recordings are merged, the result is the same: values join, and of a run that both have
 * counted, the larger count of each call stays (the later of two checkpoints). Of more than
 * CALLGATE_RUNS_MAX runs the counts of those with the least ids stay, which are a random
 * sample; the calls of all do.
 * Returns 0; -E2BIG as above. After a failure `recording` may have part of it.
 */
CALLGATE_API int callgate_recording_merge(struct callgate_recording *recording,
					  const struct callgate_recording *from);

/* How many different calls it has; refused ones are their own. */
CALLGATE_API size_t
callgate_recording_count(const struct callgate_recording *recording);
/*
 * In order of ABI name, number, refused ones last. `count` is that of all runs together.
 * False: there are not so many.
 */
CALLGATE_API bool callgate_recording_at(const struct callgate_recording *recording,
					size_t index,
					struct callgate_observation *ret_observation);
/* The runs that counts are of, in order of id. */
CALLGATE_API size_t callgate_recording_runs(const struct callgate_recording *recording);
CALLGATE_API bool callgate_recording_run(const struct callgate_recording *recording,
					 size_t index, struct callgate_run *ret_run);
/* Of the newest kernel that a run was on, M * 256 + N; 0: not known. */
CALLGATE_API uint16_t
callgate_recording_kernel(const struct callgate_recording *recording);
/* Whether calls may be missing, see callgate_recording_spoil(). */
CALLGATE_API bool
callgate_recording_spoiled(const struct callgate_recording *recording);
/* Whether there were more runs than it counts by. */
CALLGATE_API bool
callgate_recording_sampled(const struct callgate_recording *recording);

/* --- recordings as text ------------------------------------------------------------- */

/*
 * The recording in the format of callgate-recording(5): equal recordings are equal texts.
 * Malloc'ed, NUL-terminated, the caller frees it.
 */
CALLGATE_API int callgate_recording_print(const struct callgate_recording *recording,
					  char **ret_text, size_t *ret_length);

/* Zero is the default of every member. */
struct callgate_recording_options {
	const char *name; /* of the source, for diagnostics */
	/*
	 * Takes what is whole of a text whose end is missing, with a warning, as spoiled.
	 */
	bool salvage;
};

/*
 * Reads such a text. -EINVAL: it is none, was changed, or its end is missing; `diagnostics`
 * says where. -E2BIG: over 16 MiB, or more different calls than any kernel has.
 */
CALLGATE_API int
callgate_recording_parse(const char *text, size_t length,
			 const struct callgate_recording_options *options,
			 struct callgate_diagnostics *diagnostics,
			 struct callgate_recording **ret_recording);
/* Whether a file's content begins as a recording does, of this version or another. */
CALLGATE_API bool callgate_text_is_recording(const char *text, size_t length);

/* --- policies of recordings --------------------------------------------------------- */

/* What conditions on arguments a policy gets. Pointers never have one. */
enum callgate_arguments {
	/*
	 * On those that decide what a program may do: the values of an enumeration, the
	 * bits of flags.
	 */
	CALLGATE_ARGUMENTS_SAFE,
	CALLGATE_ARGUMENTS_NONE,
	CALLGATE_ARGUMENTS_TIGHT, /* on all that are recorded, as tight as is true */
};

/* Zero is the default of every member. */
struct callgate_recording_policy_options {
	enum callgate_arguments arguments;
	const char *default_action; /* in the language; NULL: "errno EPERM" */
	/*
	 * Also what libc of another version or ABI may call instead of what was seen,
	 * marked as such.
	 */
	bool margin_libc;
	bool without_counts; /* no numbers in comments: two recordings differ less */
};

/*
 * A policy that allows what the recording has, and nothing else but the margin: grouped,
 * with comments and expect lines, in an order that stays. Malloc'ed, the caller frees it.
 * -EINVAL: the default is no action.
 */
CALLGATE_API int
callgate_recording_policy(const struct callgate_recording *recording,
			  const struct callgate_recording_policy_options *options,
			  struct callgate_diagnostics *diagnostics, char **ret_text);

/*
 * How often each call was made, as callgate_frequencies_parse() takes it. Malloc'ed, the
 * caller frees it.
 */
CALLGATE_API int
callgate_recording_frequencies(const struct callgate_recording *recording,
			       char **ret_text);

/* --- recordings held against policies ----------------------------------------------- */

struct callgate_replay;

/* A call that was done when it was recorded, and that a filter would not let through. */
struct callgate_replayed {
	size_t observation; /* callgate_recording_at() has it */
	bool always;	    /* whatever its arguments were */
	/*
	 * At least one of the calls that were seen. Else it depends on which values were
	 * together in one call, or on what is not recorded.
	 */
	bool certain;
	struct seccomp_data call;	 /* one that would be denied; the rest is 0 */
	struct callgate_verdict verdict; /* with the deciding statement of the policy */
};

/*
 * Finds what of a recording a filter would deny: exactly, from its meaning. `policy` is
 * what it was compiled from, or NULL. Calls that were refused already do not count.
 * -E2BIG: the filter is too complex.
 */
CALLGATE_API int callgate_recording_replay(const struct callgate_recording *recording,
					   const struct callgate_policy *policy,
					   const struct callgate_filter *filter,
					   struct callgate_diagnostics *diagnostics,
					   struct callgate_replay **ret_replay);
CALLGATE_API void callgate_replay_free(struct callgate_replay *replay);
/* At most one for each observation, in their order. */
CALLGATE_API size_t callgate_replay_count(const struct callgate_replay *replay);
/* NULL: there is none such. */
CALLGATE_API const struct callgate_replayed *
callgate_replay_at(const struct callgate_replay *replay, size_t index);

#ifdef __cplusplus
}
#endif

#endif
