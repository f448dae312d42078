// SPDX-License-Identifier: MIT
/*
 * Every refusal in words, for kernels that this machine does not have: features are made
 * up, nothing is asked.
 */
#include "os/os.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SINCE(major, minor) ((major)*256 + (minor))

/* What a mainline kernel of a version has. */
static void make_features(uint16_t version, struct callgate_features *ret_features)
{
	os_features_init(ret_features);
	snprintf(ret_features->release, sizeof(ret_features->release), "%u.%u",
		 version >> 8, version & 0xffu);
	ret_features->version = version;
	ret_features->filter_mode = CALLGATE_PRESENT;
	ret_features->seccomp_call =
		version >= SINCE(3, 17) ? CALLGATE_PRESENT : CALLGATE_ABSENT;
	for (size_t i = 0; i < CALLGATE_FLAG_COUNT; i++)
		ret_features->flags[i].available =
			version >= ret_features->flags[i].since ? CALLGATE_PRESENT
								: CALLGATE_ABSENT;
}

static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
static const struct sock_filter bad = BPF_STMT(0xffff, 0);

#define FILTER .operation = SECCOMP_SET_MODE_FILTER, .program = &allow, .length = 1

static const struct {
	const char *name;
	uint16_t version;
	struct callgate_refusal refusal;
	const char *code;
	const char *text;
} cases[] = {
	{ "a missing privilege",
	  SINCE(6, 1),
	  { FILTER, .error = -EACCES },
	  "no-privilege",
	  "needs no_new_privs or CAP_SYS_ADMIN" },
	{ "a flag that no kernel has",
	  SINCE(6, 1),
	  { FILTER, .options.flags = 1 << 30, .error = -EINVAL },
	  "flag",
	  "no filter flag 0x40000000" },
	{ "a flag that is too new",
	  SINCE(4, 13),
	  { FILTER, .options.flags = SECCOMP_FILTER_FLAG_LOG, .error = -EINVAL },
	  "flag",
	  "this kernel (4.13) lacks the filter flag log, in Linux since 4.14" },
	{ "a flag of 5.7 on 5.6",
	  SINCE(5, 6),
	  { FILTER,
	    .options.flags =
		    SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
	    .error = -EINVAL },
	  "flag",
	  "lacks the filter flag tsync_esrch, in Linux since 5.7" },
	{ "flags that need a third",
	  SINCE(6, 1),
	  { FILTER,
	    .options.flags =
		    SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER,
	    .error = -EINVAL },
	  "flag",
	  "need tsync_esrch" },
	{ "a flag for listeners without one",
	  SINCE(6, 1),
	  { FILTER, .options.flags = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	    .error = -EINVAL },
	  "flag",
	  "of use to a new listener alone" },
	{ "flags by prctl",
	  SINCE(6, 1),
	  { FILTER, .options = { .flags = SECCOMP_FILTER_FLAG_LOG, .by_prctl = true },
	    .error = -EINVAL },
	  "flag",
	  "prctl(PR_SET_SECCOMP) knows no flags" },
	{ "no instructions",
	  SINCE(6, 1),
	  { .operation = SECCOMP_SET_MODE_FILTER, .program = &allow, .error = -EINVAL },
	  "program-length",
	  "has 1 to 4096 instructions, this one 0" },
	{ "a bad instruction",
	  SINCE(6, 1),
	  { .operation = SECCOMP_SET_MODE_FILTER,
	    .program = &bad,
	    .length = 1,
	    .error = -EINVAL },
	  "bad-program",
	  "instruction 0: " },
	{ "an EINVAL without a known reason",
	  SINCE(6, 1),
	  { FILTER, .error = -EINVAL },
	  "refused",
	  "(EINVAL)" },
	{ "no listeners",
	  SINCE(4, 19),
	  { .operation = SECCOMP_GET_NOTIF_SIZES, .error = -EINVAL },
	  "operation",
	  "no listeners, in Linux since 5.0" },
	{ "a kernel without seccomp",
	  SINCE(6, 1),
	  { .operation = SECCOMP_SET_MODE_STRICT, .error = -EINVAL },
	  "not-built-in",
	  "built without seccomp" },
	{ "an unreadable program",
	  SINCE(6, 1),
	  { FILTER, .error = -EFAULT },
	  "fault",
	  "not readable memory" },
	{ "memory, with no filter loaded",
	  SINCE(6, 1),
	  { FILTER, .error = -ENOMEM },
	  "no-memory",
	  "out of memory" },
	{ "a thread that has diverged",
	  SINCE(6, 1),
	  { FILTER, .thread = 4711, .error = -ESRCH },
	  "thread-diverged",
	  "thread 4711 cannot take the filter" },
	{ "a thread that the kernel does not name",
	  SINCE(6, 1),
	  { FILTER, .error = -ESRCH },
	  "thread-diverged",
	  "a thread of this process cannot" },
	{ "a second listener",
	  SINCE(6, 1),
	  { FILTER, .error = -EBUSY },
	  "second-listener",
	  "has a listener already" },
	{ "an action that is too new",
	  SINCE(4, 9),
	  { FILTER, .action = SECCOMP_RET_LOG, .error = -EOPNOTSUPP },
	  "action",
	  "this kernel (4.9) does not know the action log, in Linux since 4.14" },
	{ "an action that no kernel has",
	  SINCE(6, 1),
	  { FILTER, .action = 0x12340000, .error = -EOPNOTSUPP },
	  "action",
	  "no action 0x12340000" },
	{ "seccomp(2) missing",
	  SINCE(3, 16),
	  { FILTER, .options.flags = SECCOMP_FILTER_FLAG_TSYNC, .error = -ENOSYS },
	  "no-seccomp",
	  "this kernel (3.16) lacks seccomp(2), in Linux since 3.17" },
	{ "seccomp(2) hidden by a filter",
	  SINCE(6, 1),
	  { FILTER, .error = -ENOSYS },
	  "no-seccomp",
	  "an earlier filter says so" },
	{ "any other errno",
	  SINCE(6, 1),
	  { FILTER, .error = -EPERM },
	  "refused",
	  "EPERM" },
	{ "no errno at all",
	  SINCE(6, 1),
	  { FILTER, .error = -4000 },
	  "refused",
	  "4000" },
};

static void assert_says(const struct callgate_refusal *refusal,
			const struct callgate_features *features, const char *code,
			const char *text)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	const struct callgate_diagnostic *entry;

	callgate_refusal_explain(refusal, features, diagnostics);
	assert_int_equal(callgate_diagnostics_count(diagnostics), 1);
	entry = callgate_diagnostics_at(diagnostics, 0);
	assert_int_equal(entry->severity, CALLGATE_ERROR);
	assert_string_equal(entry->code, code);
	if (!strstr(entry->message, text))
		print_error("it says: %s\n", entry->message);
	assert_non_null(strstr(entry->message, text));
	callgate_diagnostics_free(diagnostics);
}

static void explains_every_refusal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct callgate_features features;

		print_message("%s\n", cases[i].name);
		make_features(cases[i].version, &features);
		assert_says(&cases[i].refusal, &features, cases[i].code, cases[i].text);
	}
}

static void counts_the_layers_of_a_full_stack(void **state)
{
	const struct callgate_refusal refusal = { FILTER, .error = -ENOMEM };
	struct callgate_features features;

	(void)state;
	make_features(SINCE(6, 1), &features);
	features.filters = 8;
	assert_says(&refusal, &features, "too-many-instructions",
		    "does not fit on top of the 8 there are");
}

static void tells_strict_mode_under_filters_from_a_kernel_without(void **state)
{
	const struct callgate_refusal refusal = {
		.operation = SECCOMP_SET_MODE_STRICT,
		.error = -EINVAL,
	};
	struct callgate_features features;

	(void)state;
	make_features(SINCE(6, 1), &features);
	features.mode = SECCOMP_MODE_FILTER;
	assert_says(&refusal, &features, "mode", "for a thread without filters");
}

static void tells_a_kernel_without_filters(void **state)
{
	const struct callgate_refusal refusal = { FILTER, .error = -EINVAL };
	struct callgate_features features;

	(void)state;
	make_features(SINCE(6, 1), &features);
	features.filter_mode = CALLGATE_ABSENT;
	assert_says(&refusal, &features, "not-built-in", "without seccomp filters");
}

static void accepts_no_diagnostics(void **state)
{
	const struct callgate_refusal refusal = { FILTER, .error = -EINVAL };

	(void)state;
	callgate_refusal_explain(&refusal, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(explains_every_refusal),
		cmocka_unit_test(counts_the_layers_of_a_full_stack),
		cmocka_unit_test(tells_strict_mode_under_filters_from_a_kernel_without),
		cmocka_unit_test(tells_a_kernel_without_filters),
		cmocka_unit_test(accepts_no_diagnostics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
