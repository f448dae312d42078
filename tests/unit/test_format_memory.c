// SPDX-License-Identifier: MIT
/* Profiles when memory ends, and texts that end anywhere. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "callgate-format.h"
#include "failing.h"

static const char json[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":[{\"architecture\":"
	"\"SCMP_ARCH_X86_64\",\"subArchitectures\":[\"SCMP_ARCH_X86\"]}],\"syscalls\":["
	"{\"names\":[\"r\\u0065ad\",\"socket\",\"raed\"],\"action\":\"SCMP_ACT_ALLOW\","
	"\"args\":[{\"index\":1,\"op\":\"SCMP_CMP_GE\",\"value\":5}]},{\"names\":["
	"\"read\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":1,\"op\":"
	"\"SCMP_CMP_EQ\",\"value\":7}]}],\"listenerMetadata\":\"x\"}";
static const char yaml[] =
	"kind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_LOG\n"
	"  syscalls:\n  - names: [read]\n    action: SCMP_ACT_ERRNO\n";

static const char based[] =
	"kind: SeccompProfile\nmetadata: {name: a}\nspec:\n"
	"  defaultAction: SCMP_ACT_LOG\n  baseProfileName: oci://x/b:1\n";

/* Every name is that of a base. */
static int read_base(void *context, const char *name, const char *from, char **ret_text,
		     size_t *ret_length, char **ret_name)
{
	static const char text[] = "kind: SeccompProfile\nmetadata: {name: b}\nspec:\n"
				   "  defaultAction: SCMP_ACT_LOG\n";

	(void)context;
	(void)name;
	(void)from;
	*ret_text = malloc(sizeof(text));
	*ret_name = NULL;
	if (!*ret_text)
		return -ENOMEM;
	memcpy(*ret_text, text, sizeof(text));
	*ret_length = sizeof(text) - 1;
	return 0;
}

static int import(const char *text, size_t length, struct callgate_policy **ret_policy)
{
	const struct callgate_reader reader = { read_base, NULL };
	const struct callgate_import_options options = { .reader = &reader };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	int error =
		callgate_policy_import(text, length, &options, diagnostics, ret_policy);

	callgate_diagnostics_free(diagnostics);
	return error;
}

/* Each allocation in turn is the first that fails: ours and those of jansson. */
static void check_import(const char *text)
{
	struct callgate_policy *policy;
	int error = -ENOMEM;

	for (size_t k = 0; error; k++) {
		allocations_left = k;
		error = import(text, strlen(text), &policy);
		allocations_left = SIZE_MAX;
		if (error && error != -ENOMEM)
			fail_msg("allocation %zu: %d", k, error);
	}
	callgate_policy_free(policy);
}

static void test_import(void **state)
{
	(void)state;
	check_import(json);
	check_import(yaml);
	check_import(based);
}

static void test_export(void **state)
{
	struct callgate_policy *policy;
	int error = -ENOMEM;
	size_t length;
	char *text;

	(void)state;
	assert_int_equal(import(json, strlen(json), &policy), 0);
	for (size_t k = 0; error; k++) {
		allocations_left = k;
		error = callgate_policy_export(policy, CALLGATE_PROFILE_OCI, NULL, NULL,
					       &text, &length);
		allocations_left = SIZE_MAX;
		if (error && error != -ENOMEM)
			fail_msg("allocation %zu: %d", k, error);
	}
	free(text);
	callgate_policy_free(policy);
}

/* Cut off, or with one byte of noise: an error or a policy, never a crash. */
static void check_hostile(const char *text)
{
	size_t length = strlen(text);
	struct callgate_policy *policy;

	for (size_t i = 0; i < length; i++) {
		char *part = malloc(length);

		memcpy(part, text, i);
		if (!import(part, i, &policy))
			callgate_policy_free(policy);
		memcpy(part, text, length);
		part[i] = (char)(part[i] ^ 0x81 ^ (char)i);
		if (!import(part, length, &policy))
			callgate_policy_free(policy);
		free(part);
	}
}

static void test_hostile(void **state)
{
	(void)state;
	check_hostile(json);
	check_hostile(yaml);
	check_hostile(based);
}

/* Nesting is bounded, by jansson and by us. */
static void test_depth(void **state)
{
	struct callgate_policy *policy;
	char text[1 << 16];

	(void)state;
	memset(text, '[', sizeof(text));
	assert_int_equal(import(text, sizeof(text), &policy), -EINVAL);
	memcpy(text, "---\n", 4);
	assert_int_equal(import(text, sizeof(text), &policy), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_import),
		cmocka_unit_test(test_export),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_depth),
	};

	json_set_alloc_funcs(malloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
