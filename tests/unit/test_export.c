// SPDX-License-Identifier: MIT
/* Policies out as profiles: the same meaning, or a reason. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "callgate-format.h"
#include "meaning/meaning.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct callgate_policy *parse(const char *text)
{
	struct callgate_policy *policy;

	if (callgate_policy_parse(text, strlen(text), NULL, NULL, &policy))
		fail_msg("cannot parse: %s", text);
	return policy;
}

static struct callgate_policy *import(const char *text, size_t length)
{
	static const struct callgate_import_options options = { .machine = "x86_64" };
	struct callgate_policy *policy;

	if (callgate_policy_import(text, length, &options, NULL, &policy))
		fail_msg("cannot import: %s", text);
	return policy;
}

static bool is_same(const struct callgate_policy *a, const struct callgate_policy *b)
{
	struct meaning *store = meaning_new(MEANING_LIMITS);
	meaning_ref one = meaning_normalize(store, meaning_of_policy(store, a));
	meaning_ref other = meaning_normalize(store, meaning_of_policy(store, b));
	bool same = one == other && one != MEANING_FAILED;

	meaning_free(store);
	return same;
}

/* --- what a profile can say ------------------------------------------------------- */

#define HEAD "arch x86_64\nbadarch kill-thread\n"

static const struct {
	const char *name;
	const char *policy;
	const char *part; /* of the JSON */
} cases[] = {
	{ "a verdict", HEAD "default allow\nerrno EACCES read",
	  "\"action\": \"SCMP_ACT_ERRNO\",\n\t\t\t\"errnoRet\": 13" },
	{ "names of one verdict together", HEAD "allow read, write",
	  "\"read\", \"write\"" },
	{ "equality of 64 bits", HEAD "allow read(count == 7)",
	  "\"op\": \"SCMP_CMP_EQ\", \"value\": 7" },
	{ "equality of 32 bits", HEAD "allow read(fd == 7)",
	  "\"op\": \"SCMP_CMP_MASKED_EQ\", \"value\": 4294967295, \"valueTwo\": 7" },
	{ "inequality", HEAD "allow read(count != 7)",
	  "\"op\": \"SCMP_CMP_NE\", \"value\": 7" },
	{ "below", HEAD "allow read(count < 8)",
	  "\"op\": \"SCMP_CMP_LE\", \"value\": 7" },
	{ "above", HEAD "allow read(count > 6)",
	  "\"op\": \"SCMP_CMP_GE\", \"value\": 7" },
	{ "a mask", HEAD "allow mmap(prot & PROT_EXEC == 0)",
	  "\"op\": \"SCMP_CMP_MASKED_EQ\", \"value\": 4, \"valueTwo\": 0" },
	{ "conditions on two arguments", HEAD "allow read(count == 7, fd == 1)",
	  "\"index\": 2, \"op\": \"SCMP_CMP_EQ\", \"value\": 7" },
	{ "one or the other", HEAD "allow read(count == 7 or fd == 1)", "\"read\"" },
	{ "a range", HEAD "allow read(count in 5..1000)", "\"SCMP_CMP_MASKED_EQ\"" },
	{ "an order with a sign", HEAD "allow kill(pid < 0)",
	  "\"value\": 2147483648, \"valueTwo\": 2147483648" },
	{ "a value of more than 63 bits", HEAD "allow read(count > 0xffffffff00000000)",
	  "18446744069414584321" },
	{ "several verdicts",
	  HEAD "default kill\nerrno EPERM ioctl(cmd == TIOCSTI)\n"
	       "allow ioctl\nlog read",
	  "\"SCMP_ACT_LOG\"" },
	{ "several ABIs", "arch x86_64 i386\nbadarch kill-thread\nallow read, socket",
	  "\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\"" },
	{ "a multiplexer's own rule",
	  "arch x86_64 i386\nbadarch kill-thread\nallow i386:socketcall(arg0 == 5)",
	  "\"socketcall\"" },
	{ "unknown calls apart from the default",
	  "abi linux-5.10\narch x86_64\nbadarch kill-thread\nallow read",
	  "\"defaultErrnoRet\": 38" },
	{ "nothing but a default", HEAD "default log", "\"syscalls\": []" },
};

static void check_export(const char *name, const struct callgate_policy *policy,
			 enum callgate_profile_format format, const char *part)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *again;
	size_t length;
	char *text;
	int error = callgate_policy_export(policy, format, NULL, diagnostics, &text,
					   &length);

	if (error)
		fail_msg("%s: %s", name,
			 callgate_diagnostics_at(diagnostics, 0)->message);
	if (part && !strstr(text, part))
		fail_msg("%s: no '%s' in\n%s", name, part, text);
	again = import(text, length);
	if (!is_same(policy, again))
		fail_msg("%s: not the same:\n%s", name, text);
	callgate_policy_free(again);
	callgate_diagnostics_free(diagnostics);
	free(text);
}

static void test_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct callgate_policy *policy = parse(cases[i].policy);

		check_export(cases[i].name, policy, CALLGATE_PROFILE_OCI,
			     cases[i].part);
		callgate_policy_free(policy);
	}
}

static void test_yaml(void **state)
{
	static const char *const policies[] = {
		HEAD "allow read(count == 7, fd == 1)\nerrno EACCES write\nlog close",
		HEAD "default kill-thread\ntrace 7 read",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(policies); i++) {
		struct callgate_policy *policy = parse(policies[i]);

		check_export(policies[i], policy, CALLGATE_PROFILE_SPO,
			     "kind: SeccompProfile\n");
		callgate_policy_free(policy);
	}
}

/* What is not of the policy's meaning goes through as well. */
static void test_loading(void **state)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":["
		"\"SECCOMP_FILTER_FLAG_LOG\"],\"listenerPath\":\"/run/\\\"a\\\".sock\","
		"\"listenerMetadata\":\"x\\n\\u00e4\",\"syscalls\":[{\"names\":["
		"\"read\"],"
		"\"action\":\"SCMP_ACT_NOTIFY\"}]}";
	const enum callgate_profile_format formats[] = { CALLGATE_PROFILE_OCI,
							 CALLGATE_PROFILE_SPO };

	(void)state;
	for (size_t i = 0; i < LENGTH(formats); i++) {
		struct callgate_policy *policy = import(text, strlen(text)), *again;
		size_t length;
		char *made;

		assert_int_equal(callgate_policy_export(policy, formats[i], NULL, NULL,
							&made, &length),
				 0);
		again = import(made, length);
		assert_int_equal(again->flags, SECCOMP_FILTER_FLAG_LOG);
		assert_string_equal(again->listener_path, "/run/\"a\".sock");
		assert_string_equal(again->listener_metadata, "x\n\u00e4");
		callgate_policy_free(policy);
		callgate_policy_free(again);
		free(made);
	}
}

/* --- what it cannot --------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *policy;
	enum callgate_profile_format format;
	bool strict;
	const char *code;
} refusals[] = {
	{ "the instruction pointer", HEAD "allow read(ip > 4096)", CALLGATE_PROFILE_OCI,
	  false, "instruction-pointer" },
	{ "a number without a name", HEAD "allow x86_64:9999", CALLGATE_PROFILE_OCI,
	  false, "unnamed-number" },
	{ "a trap's number", HEAD "trap 5 read", CALLGATE_PROFILE_OCI, false,
	  "verdict" },
	{ "a default trap's number", HEAD "default trap 5", CALLGATE_PROFILE_OCI, false,
	  "verdict" },
	{ "another ABI allowed", "arch x86_64\nbadarch allow", CALLGATE_PROFILE_OCI,
	  false, "badarch" },
	{ "another ABI killed as a process, to the letter", "arch x86_64",
	  CALLGATE_PROFILE_OCI, true, "badarch" },
	{ "ABIs that differ",
	  "arch x86_64 aarch64\nbadarch kill-thread\nallow x86_64:read",
	  CALLGATE_PROFILE_OCI, false, "abis-differ" },
	{ "conditions of ABIs that differ",
	  "arch x86_64 aarch64\nbadarch kill-thread\n"
	  "allow x86_64:read(count == 1), aarch64:read(count == 2)",
	  CALLGATE_PROFILE_OCI, false, "cannot-say" },
	{ "a condition that socketcall goes around",
	  "arch x86_64 i386\nbadarch kill-thread\nallow socket(domain == AF_UNIX)",
	  CALLGATE_PROFILE_OCI, false, "cannot-say" },
	{ "64 bits where the runtimes compare 32",
	  "arch i386\nbadarch kill-thread\nallow read(u64(count) == 1)",
	  CALLGATE_PROFILE_OCI, false, "wide-argument" },
	{ "the operator's default errno", HEAD "default errno ENOSYS",
	  CALLGATE_PROFILE_SPO, false, "default-errno" },
	{ "the operator's signed values", HEAD "allow read(count > 0xffffffff00000000)",
	  CALLGATE_PROFILE_SPO, false, "cannot-say" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refusals); i++) {
		const struct callgate_export_options options = {
			.strict = refusals[i].strict
		};
		struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
		struct callgate_policy *policy = parse(refusals[i].policy);
		const char *code;
		size_t length;
		char *text;
		int error = callgate_policy_export(policy, refusals[i].format, &options,
						   diagnostics, &text, &length);

		if (error != -EINVAL)
			fail_msg("%s: returned %d\n%s", refusals[i].name, error,
				 error ? "" : text);
		assert_int_equal(callgate_diagnostics_count(diagnostics), 1);
		code = callgate_diagnostics_at(diagnostics, 0)->code;
		if (strcmp(code, refusals[i].code) != 0)
			fail_msg("%s: %s: %s", refusals[i].name, code,
				 callgate_diagnostics_at(diagnostics, 0)->message);
		callgate_policy_free(policy);
		callgate_diagnostics_free(diagnostics);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_yaml),
		cmocka_unit_test(test_loading),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
