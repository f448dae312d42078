// SPDX-License-Identifier: MIT
/*
 * The proof: a program is lifted into the store that holds what it should mean, where
 * equal functions are the same reference.
 */
#include "bpf/bpf.h"

#include <errno.h>

static bool is_true(void *context, uint32_t value)
{
	(void)context;
	return value == 1;
}

int bpf_prove(struct meaning *store, meaning_ref meaning,
	      const struct bpf_program *program, struct seccomp_data *ret_call)
{
	meaning_ref lifted, differ;
	int found;

	lifted = meaning_of_program(store, program->code, program->length,
				    program->big_endian);
	if (lifted == MEANING_FAILED || meaning == MEANING_FAILED)
		return meaning_error(store);
	if (lifted == meaning)
		return 0;
	differ = meaning_differ(store, lifted, meaning);
	if (differ == MEANING_FAILED)
		return meaning_error(store);
	found = meaning_example(store, differ, is_true, NULL, ret_call);
	return found < 0 ? found : -EBADMSG;
}
