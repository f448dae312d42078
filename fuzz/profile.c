// SPDX-License-Identifier: MIT
/*
 * Any bytes as a profile, JSON or YAML: imported, its diagnostics looked at, and what is
 * a short profile compiled and exported. A filter that is not proven is a finding. What
 * a profile adds to is the same text again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "callgate-format.h"
#include "diagnostics.h"

#define COMPILE_MAX 3000 /* bytes of text: an export takes a thousand imports */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void export(const struct callgate_policy *policy,
		   enum callgate_profile_format format,
		   struct callgate_diagnostics *diagnostics)
{
	size_t length;
	char *text;

	if (!callgate_policy_export(policy, format, NULL, diagnostics, &text, &length))
		free(text);
}

static void use(const struct callgate_policy *policy,
		struct callgate_diagnostics *diagnostics)
{
	struct callgate_filter *filter = NULL;

	if (callgate_policy_compile(policy, NULL, diagnostics, &filter) == -EBADMSG)
		__builtin_trap();
	callgate_filter_free(filter);
	export(policy, CALLGATE_PROFILE_OCI, diagnostics);
	export(policy, CALLGATE_PROFILE_SPO, diagnostics);
}

struct text {
	const uint8_t *data;
	size_t size;
};

static int read_again(void *context, const char *name, const char *from,
		      char **ret_text, size_t *ret_length, char **ret_name)
{
	const struct text *text = context;

	(void)from;
	*ret_length = text->size;
	*ret_text = malloc(text->size + 1);
	*ret_name = strdup(name);
	if (*ret_text)
		memcpy(*ret_text, text->data, text->size);
	return *ret_text && *ret_name ? 0 : -ENOMEM;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = { data, size };
	const struct callgate_reader reader = { read_again, &text };
	const struct callgate_import_options options = { .name = "fuzz",
							 .machine = "x86_64",
							 .reader = &reader };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	int error = callgate_policy_import((const char *)data, size, &options,
					   diagnostics, &policy);

	if (error < 0 &&
	    callgate_diagnostics_severity_count(diagnostics, CALLGATE_ERROR) == 0)
		__builtin_trap();
	if (error == 0 && size <= COMPILE_MAX)
		use(policy, diagnostics);
	look_at(diagnostics);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	return 0;
}
