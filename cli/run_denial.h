/* SPDX-License-Identifier: MIT */
/* One denial with all that was found out about it, as text and as JSON. */
#ifndef CALLGATE_CLI_RUN_DENIAL_H
#define CALLGATE_CLI_RUN_DENIAL_H

#include "callgate-explain.h"
#include "input.h"
#include "run_places.h"

struct denial {
	const struct callgate_denial *facts;
	const char *program; /* the thread's name */
	const struct input *layer;
	struct callgate_span span; /* of the rule in it */
	const struct callgate_explain_call *call;
	const struct callgate_explain_stack *stack; /* or NULL */
	const struct callgate_registers *registers; /* or NULL */
	const struct callgate_explain_edit *edit;   /* that would allow it, or NULL */
};

void denial_print(FILE *stream, const struct denial *denial);
void denial_print_json(FILE *stream, const struct denial *denial);

/* "kill", or for an errno its name alone; malloc'ed. */
char *denial_verdict(uint32_t verdict);

/* Whether the same rule denied at both. */
bool places_share_rule(const struct place *a, const struct place *b);

/* Denials by rule and by place. */
void denials_print(FILE *stream, const struct places *places,
		   const struct input *layers);
void denials_print_json(FILE *stream, const struct places *places,
			const struct input *layers);

/* The line of a rule without blanks around it, malloc'ed; NULL: it has no place. */
char *denial_rule(const struct input *layer, struct callgate_span span,
		  struct callgate_position *ret_position);

#endif
