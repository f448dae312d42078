/* SPDX-License-Identifier: MIT */
/* The calls that were denied in a run, and the policies that would allow them. */
#ifndef CALLGATE_CLI_RUN_AMEND_H
#define CALLGATE_CLI_RUN_AMEND_H

#include "callgate-explain.h"
#include "input.h"

#define SEEN_MAX 10000

/* Distinct calls, by what a rule can ask about them. Zero is an empty one. */
struct refused {
	struct callgate_explain_seen *list;
	size_t *layers; /* that denied each */
	size_t count, capacity;
	uint32_t *slots; /* a hash table: index + 1, or 0 */
	uint64_t others; /* for which there was no room */
};

void refused_add(struct refused *seen, const struct callgate_denial *denial);
/* Says who made the call, in a comment of the amended policy. */
void refused_note(struct refused *seen, const struct callgate_denial *denial,
		  const char *note);
void refused_done(struct refused *seen);

/* The policies of a run, amended by what was seen. */
struct amendment {
	const struct cli *cli;
	const struct input *layers;
	const struct refused *seen;
	FILE *stream; /* for people */
};

/* The edit for one call; free the advice in any case. NULL: there is none. */
const struct callgate_explain_edit *
amend_one(const struct amendment *amendment, const struct callgate_denial *denial,
	  const char *note, struct callgate_explain_advice **ret_advice);

/* To a file: a patch if its name ends in .patch or .diff, else the amended policy. */
void amend_suggest(const struct amendment *amendment, const char *file);
/* Shows the patch and changes the policies' files; `sure`: without asking. */
void amend_learn(const struct amendment *amendment, bool sure);

#endif
