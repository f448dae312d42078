// SPDX-License-Identifier: MIT
/*
 * The policies that are measured: sixty calls with five argument rules, and the profile
 * that container engines give by default; each for one ABI and for three.
 */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

const struct subject subjects[] = {
	{ "p60, x86_64", "p60.gate", "p60.json", "p60", false },
	{ "p60, three ABIs", "p60.json", "p60.json", "p60", true },
	{ "container-default, x86_64", "container-default.json",
	  "container-default.json", "container-default", false },
	{ "container-default, three ABIs", "container-default.json",
	  "container-default.json", "container-default", true },
};
const size_t subject_count = COUNT(subjects);
const struct subject *const subject_container = &subjects[2];

static const char *const one_abi[] = { "x86_64", NULL };
static const char *const three_abis[] = { "x86_64", "i386", "x32", NULL };

char *file_read(const char *name, size_t *ret_length)
{
	char *content;
	int error = callgate_read_file(NULL, name, NULL, &content, ret_length, NULL);

	if (error)
		fail("cannot read %s: %s", name, strerror(-error));
	return content;
}

struct callgate_policy *subject_policy(const struct bench *bench,
				       const struct subject *subject)
{
	const char *name = text("%s/%s", bench->inputs, subject->policy);
	const char *const *abis = subject->three ? three_abis : one_abi;
	size_t length;
	char *content = file_read(name, &length);
	struct callgate_policy *policy;
	int error;

	if (callgate_text_is_profile(content, length))
		error = callgate_policy_import(content, length,
					       &(struct callgate_import_options){
						       .name = name, .abis = abis },
					       NULL, &policy);
	else
		error = callgate_policy_parse(content, length,
					      &(struct callgate_parse_options){
						      .name = name, .abis = abis },
					      NULL, &policy);
	if (error)
		fail("%s: %s", name, strerror(-error));
	free(content);
	return policy;
}

struct callgate_frequencies *subject_frequencies(const struct bench *bench,
						 const struct subject *subject)
{
	struct callgate_frequencies *frequencies;
	const char *name;
	size_t length;
	char *content;

	if (!bench->reference)
		return NULL;
	name = text("%s/%s/p.freq", bench->reference, subject->reference);
	if (callgate_read_file(NULL, name, NULL, &content, &length, NULL))
		return NULL;
	if (callgate_frequencies_parse(content, length, name, NULL, &frequencies))
		fail("%s: no frequencies", name);
	free(content);
	return frequencies;
}

struct callgate_filter *compile_policy(const struct callgate_policy *policy,
				       const struct callgate_compile_options *options)
{
	struct callgate_filter *filter;
	int error = callgate_policy_compile(policy, options, NULL, &filter);

	if (error)
		fail("a policy does not compile: %s", strerror(-error));
	return filter;
}
