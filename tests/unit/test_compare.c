// SPDX-License-Identifier: MIT
/*
 * Relations and differences of filters, and stacks made flat. Where CALLGATE_CORPUS names
 * a folder: the filters that others made for one policy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callgate.h"

static struct callgate_filter *compile(const char *text)
{
	struct callgate_filter *filter;
	struct callgate_policy *policy;

	assert_int_equal(callgate_policy_parse(text, strlen(text), NULL, NULL, &policy),
			 0);
	assert_int_equal(callgate_policy_compile(policy, NULL, NULL, &filter), 0);
	callgate_policy_free(policy);
	return filter;
}

static const struct relation_case {
	const char *name;
	const char *first, *second;
	enum callgate_relation relation;
	size_t count; /* of differences; 0 where any number of them will do */
} relations[] = {
	{ "equal whatever the order of rules", "allow read; allow write",
	  "allow write, read", CALLGATE_EQUAL, 0 },
	{ "another errno is as strict", "arch x86_64; default errno 1",
	  "arch x86_64; default errno 2", CALLGATE_SIMILAR, 0 },
	{ "fewer calls are stricter", "arch x86_64; allow read",
	  "arch x86_64; allow read, write", CALLGATE_STRICTER, 1 },
	{ "log is stricter than allow", "arch x86_64; log read",
	  "arch x86_64; allow read", CALLGATE_STRICTER, 1 },
	{ "errno is looser than kill", "arch x86_64; errno 5 read",
	  "arch x86_64; kill read", CALLGATE_LOOSER, 1 },
	{ "another call is incomparable", "arch x86_64; allow read",
	  "arch x86_64; allow write", CALLGATE_INCOMPARABLE, 2 },
	{ "a condition is stricter", "arch x86_64; allow read(fd == 1)",
	  "arch x86_64; allow read", CALLGATE_STRICTER, 1 },
	{ "another architecture's verdict counts", "arch x86_64; badarch trap",
	  "arch x86_64; badarch kill", CALLGATE_LOOSER, 0 },
};

static void tells_relations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
		const struct relation_case *at = &relations[i];
		struct callgate_filter *first = compile(at->first);
		struct callgate_filter *second = compile(at->second);
		struct callgate_comparison *comparison;

		assert_int_equal(callgate_filter_compare(first, second, NULL,
							 &comparison),
				 0);
		if (callgate_comparison_relation(comparison) != at->relation ||
		    (at->count && callgate_comparison_count(comparison) != at->count))
			fail_msg("%s: %d, %zu differences", at->name,
				 callgate_comparison_relation(comparison),
				 callgate_comparison_count(comparison));
		callgate_comparison_free(comparison);
		callgate_filter_free(first);
		callgate_filter_free(second);
	}
}

static void shows_a_call_for_each_difference(void **state)
{
	struct callgate_filter *first =
		compile("arch x86_64; allow ioctl(cmd == TCGETS)");
	struct callgate_filter *second = compile("arch x86_64; allow ioctl");
	const struct callgate_difference *difference;
	struct callgate_comparison *comparison;

	(void)state;
	assert_int_equal(callgate_filter_compare(first, second, NULL, &comparison), 0);
	assert_int_equal(callgate_comparison_count(comparison), 1);
	difference = callgate_comparison_at(comparison, 0);
	assert_null(callgate_comparison_at(comparison, 1));
	assert_string_equal(difference->calls, "ioctl");
	assert_string_equal(difference->condition, "cmd != TCGETS");
	assert_int_equal(difference->count, 1);
	assert_int_equal(callgate_filter_run(first, &difference->example).value,
			 difference->first);
	assert_int_equal(callgate_filter_run(second, &difference->example).value,
			 difference->second);
	callgate_comparison_free(comparison);
	callgate_filter_free(first);
	callgate_filter_free(second);
}

typedef int combine_filters(const struct callgate_filter *const *filters, size_t count,
			    struct callgate_diagnostics *diagnostics,
			    struct callgate_filter **ret_filter);

/* Three policies, combined, are the fourth. */
static void assert_combined(combine_filters *combine, const char *const texts[4])
{
	const struct callgate_filter *filters[3];
	struct callgate_filter *result, *wanted = compile(texts[3]);
	struct callgate_comparison *comparison;

	for (int i = 0; i < 3; i++)
		filters[i] = compile(texts[i]);
	assert_int_equal(combine(filters, 3, NULL, &result), 0);
	assert_int_equal(callgate_filter_compare(result, wanted, NULL, &comparison), 0);
	assert_int_equal(callgate_comparison_relation(comparison), CALLGATE_EQUAL);
	callgate_comparison_free(comparison);
	callgate_filter_free(result);
	callgate_filter_free(wanted);
	for (int i = 0; i < 3; i++)
		callgate_filter_free((struct callgate_filter *)(uintptr_t)filters[i]);
	assert_int_equal(combine(filters, 0, NULL, &result), -EINVAL);
}

static void flattens_by_the_kernels_precedence(void **state)
{
	static const char *const texts[] = {
		"arch x86_64; default allow; errno 1 read; log write; trap close",
		"arch x86_64; default allow; errno 2 read, write; allow close",
		("arch x86_64; default log; kill dup; trace 3 close; "
		 "errno 9 read(fd == 3)"),
		"arch x86_64; default log; errno 9 read(fd == 3); errno 2 read, write; "
		"trap close; kill dup",
	};

	(void)state;
	assert_combined(callgate_filter_flatten, texts);
}

static void joins_by_leniency(void **state)
{
	static const char *const texts[] = {
		"arch x86_64; default kill; allow read; errno EPERM open; trap close",
		"arch x86_64; default errno EPERM; log read, write(fd == 1); trap "
		"close",
		("arch x86_64; badarch trap; default kill; allow write(fd == 2); "
		 "errno ENOSYS open; notify close"),
		("arch x86_64; badarch trap; default errno EPERM; allow read; "
		 "log write(fd == 1); allow write(fd == 2); errno ENOSYS open; "
		 "notify close"),
	};
	const char *const backwards[] = { texts[2], texts[1], texts[0], texts[3] };

	(void)state;
	assert_combined(callgate_filter_join, texts);
	assert_combined(callgate_filter_join, backwards);
}

static void takes_layers_of_a_stack(void **state)
{
	const struct callgate_filter *filters[] = {
		compile("arch x86_64; default log"),
		compile("arch x86_64; default allow")
	};
	struct callgate_filter *result;
	static const uint32_t wanted[] = { SECCOMP_RET_LOG, SECCOMP_RET_LOG,
					   SECCOMP_RET_ALLOW };
	struct seccomp_data call = { .arch = 0xc000003e };

	(void)state;
	for (size_t layer = 0; layer < 3; layer++) {
		assert_int_equal(callgate_filter_layer(filters, 2, layer, NULL,
						       &result),
				 0);
		assert_int_equal(callgate_filter_run(result, &call).value,
				 wanted[layer]);
		callgate_filter_free(result);
	}
	assert_int_equal(callgate_filter_layer(filters, 2, 3, NULL, &result), -ERANGE);
	assert_null(result);
	for (int i = 0; i < 2; i++)
		callgate_filter_free((struct callgate_filter *)(uintptr_t)filters[i]);
}

/* --- what others made of one policy ----------------------------------------------- */

static struct callgate_filter *load(const char *corpus, const char *name)
{
	struct callgate_filter *filter;
	char path[512], *bytes;
	size_t size;

	snprintf(path, sizeof(path), "%s/bench/%s.bpf", corpus, name);
	assert_int_equal(callgate_read_file(NULL, path, NULL, &bytes, &size, NULL), 0);
	assert_int_equal(callgate_filter_from_bytes(bytes, size, CALLGATE_ENDIAN_AUTO,
						    NULL, &filter),
			 0);
	free(bytes);
	return filter;
}

static const struct relation_case others[] = {
	{ "trees and lists of one tool", "p60/minijail-linear", "p60/minijail-bst",
	  CALLGATE_EQUAL, 0 },
	{ "two tools that compare 64 bits", "p60/gvisor-opt", "p60/seccompiler-qword",
	  CALLGATE_EQUAL, 0 },
	{ "an optimizer changes nothing", "p60/gvisor-noopt", "p60/gvisor-opt",
	  CALLGATE_EQUAL, 0 },
	{ "32 bits let through what 64 do not", "p60/seccompiler-dword",
	  "p60/seccompiler-qword", CALLGATE_LOOSER, 2 },
	{ "two releases of one tool", "p60/libseccomp254-prio",
	  "p60/libseccompHEAD-tree", CALLGATE_EQUAL, 0 },
	{ "the container's, optimized or not", "container-default/gvisor-opt",
	  "container-default/gvisor-noopt", CALLGATE_EQUAL, 0 },
	{ "the container's for three ABIs", "container-default/libseccomp-tree-3arch",
	  "container-default/libseccomp-prio-3arch", CALLGATE_EQUAL, 0 },
};

static void knows_what_others_made_of_one_policy(void **state)
{
	const char *corpus = getenv("CALLGATE_CORPUS");

	(void)state;
	if (!corpus)
		skip();
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct callgate_filter *first = load(corpus, others[i].first);
		struct callgate_filter *second = load(corpus, others[i].second);
		struct callgate_comparison *comparison;

		assert_int_equal(callgate_filter_compare(first, second, NULL,
							 &comparison),
				 0);
		if (callgate_comparison_relation(comparison) != others[i].relation ||
		    callgate_comparison_count(comparison) != others[i].count)
			fail_msg("%s: %d, %zu differences", others[i].name,
				 callgate_comparison_relation(comparison),
				 callgate_comparison_count(comparison));
		callgate_comparison_free(comparison);
		callgate_filter_free(first);
		callgate_filter_free(second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_relations),
		cmocka_unit_test(shows_a_call_for_each_difference),
		cmocka_unit_test(flattens_by_the_kernels_precedence),
		cmocka_unit_test(takes_layers_of_a_stack),
		cmocka_unit_test(joins_by_leniency),
		cmocka_unit_test(knows_what_others_made_of_one_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
