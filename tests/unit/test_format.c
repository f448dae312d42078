// SPDX-License-Identifier: MIT
/* Profiles of others in: each field, each operator, each mistake at its place. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "callgate-format.h"
#include "meaning/meaning.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const one_abi[] = { "x86_64", NULL };

/* Imports or fails the test. */
static struct callgate_policy *import_with(const char *text,
					   struct callgate_import_options options)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	int error;

	options.machine = "x86_64";
	error = callgate_policy_import(text, strlen(text), &options, diagnostics,
				       &policy);
	for (size_t i = 0; error && i < callgate_diagnostics_count(diagnostics); i++)
		print_error("%s\n", callgate_diagnostics_at(diagnostics, i)->message);
	callgate_diagnostics_free(diagnostics);
	assert_int_equal(error, 0);
	return policy;
}

static struct callgate_policy *import(const char *text)
{
	return import_with(text, (struct callgate_import_options){ 0 });
}

static uint32_t verdict_on(const struct callgate_policy *policy, const char *abi_name,
			   const char *call, const uint64_t *arguments)
{
	const struct abi *abi = abi_by_name(str_of(abi_name));
	struct seccomp_data data = { .arch = abi->audit_arch };
	uint32_t number;

	assert_true(syscall_number(syscall_by_name(str_of(call)), abi, &number));
	data.nr = (int)number;
	for (size_t i = 0; arguments && i < ARGUMENTS_MAX; i++)
		data.args[i] = arguments[i];
	return policy_evaluate(policy, &data, NULL);
}

/* --- conditions ------------------------------------------------------------------- */

#define ARGUMENT(op, value) \
	"{\"index\":2,\"op\":\"SCMP_CMP_" op "\",\"value\":" value "}"
#define MASKED(value, two)                                            \
	"{\"index\":2,\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":" value \
	",\"valueTwo\":" two "}"
#define ON(index, op, value) \
	"{\"index\":" index ",\"op\":\"SCMP_CMP_" op "\",\"value\":" value "}"

static const struct {
	const char *name;
	const char *arguments;
	uint64_t value; /* of argument 2; argument 1 is 5 */
	bool holds;
} conditions[] = {
	{ "EQ holds for the value", ARGUMENT("EQ", "7"), 7, true },
	{ "EQ compares all 64 bits", ARGUMENT("EQ", "7"), 0x100000007, false },
	{ "NE holds for another", ARGUMENT("NE", "7"), 8, true },
	{ "NE does not hold for the value", ARGUMENT("NE", "7"), 7, false },
	{ "LT holds below", ARGUMENT("LT", "7"), 6, true },
	{ "LT does not hold at the value", ARGUMENT("LT", "7"), 7, false },
	{ "LT has no sign", ARGUMENT("LT", "7"), UINT64_MAX, false },
	{ "LE holds at the value", ARGUMENT("LE", "7"), 7, true },
	{ "LE does not hold above", ARGUMENT("LE", "7"), 8, false },
	{ "GT holds above", ARGUMENT("GT", "7"), 8, true },
	{ "GT does not hold at the value", ARGUMENT("GT", "7"), 7, false },
	{ "GE holds at the value", ARGUMENT("GE", "7"), 7, true },
	{ "GE does not hold below", ARGUMENT("GE", "7"), 6, false },
	{ "GE compares the upper half", ARGUMENT("GE", "4294967296"), 0xffffffff,
	  false },
	{ "MASKED_EQ takes the mask first", MASKED("255", "3"), 0x703, true },
	{ "MASKED_EQ compares under the mask", MASKED("255", "3"), 0x704, false },
	{ "MASKED_EQ passes over bits outside the mask", MASKED("15", "19"), 3, true },
	{ "a mask of nothing always holds", MASKED("0", "1"), 9, true },
	{ "the largest value fits", ARGUMENT("EQ", "18446744073709551615"), UINT64_MAX,
	  true },
	{ "conditions on two arguments are both wanted",
	  ON("2", "EQ", "7") "," ON("1", "EQ", "5"), 7, true },
	{ "… each of them", ON("2", "EQ", "7") "," ON("1", "EQ", "6"), 7, false },
	{ "of two on one argument either will do",
	  ON("2", "EQ", "7") "," ON("2", "EQ", "8"), 8, true },
	{ "… and then also one on another argument",
	  ON("2", "EQ", "7") "," ON("2", "EQ", "8") "," ON("1", "EQ", "5"), 9, true },
	{ "null is no condition", "", 9, true },
};

static void test_conditions(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(conditions); i++) {
		const uint64_t arguments[6] = { 0, 5, conditions[i].value };
		struct callgate_policy *policy;
		char text[1024];
		uint32_t verdict;

		snprintf(text, sizeof(text),
			 "{\"defaultAction\":\"SCMP_ACT_TRAP\",\"syscalls\":[{"
			 "\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\","
			 "\"args\":[%s]}]}",
			 conditions[i].arguments);
		policy = import(text);
		verdict = verdict_on(policy, "x86_64", "read", arguments);
		if ((verdict == SECCOMP_RET_ALLOW) != conditions[i].holds)
			fail_msg("%s: got %#x", conditions[i].name, verdict);
		callgate_policy_free(policy);
	}
}

/* --- verdicts --------------------------------------------------------------------- */

#define RULE(names, rest)     "{\"names\":[" names "],\"action\":" rest "}"
#define PROFILE(start, rules) "{\"defaultAction\":" start ",\"syscalls\":[" rules "]}"
#define ALLOW		      "\"SCMP_ACT_ALLOW\""
#define ERRNO		      "\"SCMP_ACT_ERRNO\""

static const struct {
	const char *name;
	const char *text;
	const char *abi, *call;
	uint32_t verdict;
} verdicts[] = {
	{ "an errno is EPERM when it is not given", PROFILE(ERRNO, ""), "x86_64",
	  "read", SECCOMP_RET_ERRNO | EPERM },
	{ "defaultErrnoRet is the default action's",
	  PROFILE(ERRNO ",\"defaultErrnoRet\":38", ""), "x86_64", "read",
	  SECCOMP_RET_ERRNO | ENOSYS },
	{ "… and no other's",
	  PROFILE(ERRNO ",\"defaultErrnoRet\":38", RULE("\"read\"", ERRNO)), "x86_64",
	  "read", SECCOMP_RET_ERRNO | EPERM },
	{ "errnoRet is the rule's",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"errnoRet\":13")), "x86_64", "read",
	  SECCOMP_RET_ERRNO | EACCES },
	{ "trace has a number too",
	  PROFILE(ALLOW, RULE("\"read\"", "\"SCMP_ACT_TRACE\",\"errnoRet\":7")),
	  "x86_64", "read", SECCOMP_RET_TRACE | 7 },
	{ "KILL is the thread", PROFILE("\"SCMP_ACT_KILL\"", ""), "x86_64", "read",
	  SECCOMP_RET_KILL_THREAD },
	{ "KILL_THREAD", PROFILE("\"SCMP_ACT_KILL_THREAD\"", ""), "x86_64", "read",
	  SECCOMP_RET_KILL_THREAD },
	{ "KILL_PROCESS", PROFILE("\"SCMP_ACT_KILL_PROCESS\"", ""), "x86_64", "read",
	  SECCOMP_RET_KILL_PROCESS },
	{ "TRAP", PROFILE("\"SCMP_ACT_TRAP\"", ""), "x86_64", "read",
	  SECCOMP_RET_TRAP },
	{ "LOG", PROFILE("\"SCMP_ACT_LOG\"", ""), "x86_64", "read", SECCOMP_RET_LOG },
	{ "NOTIFY", PROFILE(ALLOW, RULE("\"read\"", "\"SCMP_ACT_NOTIFY\"")), "x86_64",
	  "read", SECCOMP_RET_USER_NOTIF },
	{ "an architecture that is not listed is killed", PROFILE(ALLOW, ""), "i386",
	  "read", SECCOMP_RET_KILL_THREAD },
	{ "x32 is one of its own", PROFILE(ALLOW, ""), "x32", "read",
	  SECCOMP_RET_KILL_THREAD },
	{ "the machine's own is there, listed or not",
	  "{\"defaultAction\":" ALLOW ",\"architectures\":[\"SCMP_ARCH_X86\"]}",
	  "x86_64", "read", SECCOMP_RET_ALLOW },
	{ "a listed one is there",
	  "{\"defaultAction\":" ALLOW ",\"architectures\":[\"SCMP_ARCH_AARCH64\"]}",
	  "aarch64", "read", SECCOMP_RET_ALLOW },
	{ "NATIVE is the machine's",
	  "{\"defaultAction\":" ALLOW ",\"architectures\":[\"SCMP_ARCH_NATIVE\"]}",
	  "x86_64", "read", SECCOMP_RET_ALLOW },
	{ "a rule without conditions wins over one with them",
	  PROFILE(ERRNO, RULE("\"read\"",
			      "\"SCMP_ACT_LOG\",\"args\":[" ON(
				      "0", "EQ", "0") "]") "," RULE("\"read\"", ALLOW)),
	  "x86_64", "read", SECCOMP_RET_ALLOW },
	{ "of two without conditions the first one wins",
	  PROFILE(ERRNO,
		  RULE("\"read\"", "\"SCMP_ACT_LOG\"") "," RULE("\"read\"", ALLOW)),
	  "x86_64", "read", SECCOMP_RET_LOG },
	{ "a rule of the default action is passed over",
	  PROFILE(ERRNO, RULE("\"read\"", ERRNO) "," RULE("\"read\"", ALLOW)), "x86_64",
	  "read", SECCOMP_RET_ALLOW },
	{ "an unknown call is passed over",
	  PROFILE(ERRNO, RULE("\"raed\",\"read\"", ALLOW)), "x86_64", "read",
	  SECCOMP_RET_ALLOW },
	{ "a whole configuration has it in linux.seccomp",
	  "{\"ociVersion\":\"1.0.2\",\"linux\":{\"seccomp\":" PROFILE(ALLOW, "") "}}",
	  "x86_64", "read", SECCOMP_RET_ALLOW },
	{ "the old form has one name a rule",
	  PROFILE(ERRNO, "{\"name\":\"read\",\"action\":" ALLOW "}"), "x86_64", "read",
	  SECCOMP_RET_ALLOW },
	{ "a template may name an errno",
	  PROFILE(ERRNO ",\"defaultErrno\":\"ENOSYS\"", ""), "x86_64", "read",
	  SECCOMP_RET_ERRNO | ENOSYS },
	{ "a template's architectures are those of the machine",
	  "{\"defaultAction\":" ALLOW ",\"archMap\":[{\"architecture\":"
	  "\"SCMP_ARCH_AARCH64\",\"subArchitectures\":[\"SCMP_ARCH_ARM\"]},"
	  "{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":["
	  "\"SCMP_ARCH_X86\"]}]}",
	  "i386", "read", SECCOMP_RET_ALLOW },
	{ "… and no others",
	  "{\"defaultAction\":" ALLOW ",\"archMap\":[{\"architecture\":"
	  "\"SCMP_ARCH_AARCH64\",\"subArchitectures\":null}]}",
	  "aarch64", "read", SECCOMP_RET_KILL_THREAD },
	{ "YAML says the same",
	  "kind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_ERRNO\n"
	  "  syscalls:\n  - names: [read]\n    action: SCMP_ACT_ERRNO\n"
	  "    errnoRet: 13\n",
	  "x86_64", "read", SECCOMP_RET_ERRNO | EACCES },
	{ "a list may have a profile among other things",
	  "apiVersion: v1\nitems:\n- kind: Pod\n- kind: SeccompProfile\n"
	  "  spec: {defaultAction: SCMP_ACT_LOG}\nkind: List\n",
	  "x86_64", "read", SECCOMP_RET_LOG },
	{ "a list may be of JSON",
	  "{\"kind\":\"List\",\"items\":[{\"kind\":\"SeccompProfile\","
	  "\"spec\":{\"defaultAction\":\"SCMP_ACT_LOG\"}}]}",
	  "x86_64", "read", SECCOMP_RET_LOG },
	{ "a string of JSON may be escaped",
	  PROFILE(ERRNO, RULE("\"re\\u0061d\"", ALLOW)), "x86_64", "read",
	  SECCOMP_RET_ALLOW },
};

static void test_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(verdicts); i++) {
		struct callgate_policy *policy = import(verdicts[i].text);
		uint32_t verdict =
			verdict_on(policy, verdicts[i].abi, verdicts[i].call, NULL);

		if (verdict != verdicts[i].verdict)
			fail_msg("%s: got %#x", verdicts[i].name, verdict);
		callgate_policy_free(policy);
	}
}

static void test_multiplexers(void **state)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":"
		"[\"SCMP_ARCH_X86\"],\"syscalls\":[" RULE(
			"\"socket\"", ALLOW ",\"args\":[" ON("0", "EQ", "2") "]") "]}";
	static const uint64_t unix_socket[6] = { 1 }, inet[6] = { 2 }, bind[6] = { 2 };
	static const uint64_t selector[6] = { 1, 99 };
	struct callgate_policy *policy = import(text);

	(void)state;
	assert_int_equal(verdict_on(policy, "i386", "socket", inet), SECCOMP_RET_ALLOW);
	assert_int_equal(verdict_on(policy, "i386", "socket", unix_socket),
			 SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(verdict_on(policy, "i386", "socketcall", selector),
			 SECCOMP_RET_ALLOW);
	assert_int_equal(verdict_on(policy, "i386", "socketcall", bind),
			 SECCOMP_RET_ERRNO | EPERM);
	callgate_policy_free(policy);
}

static void test_loading(void **state)
{
	struct callgate_policy *policy = import(
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":["
		"\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\""
		"],\"listenerPath\":\"/run/a.sock\",\"listenerMetadata\":\"x=1\"}");

	(void)state;
	assert_int_equal(callgate_policy_flags(policy),
			 SECCOMP_FILTER_FLAG_LOG | 1u << 5);
	assert_string_equal(callgate_policy_listener_path(policy), "/run/a.sock");
	assert_string_equal(policy->listener_metadata, "x=1");
	callgate_policy_free(policy);
}

/* --- templates -------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *filter;
	const char *machine;
	const char *capability;
	uint16_t kernel;
	bool applies;
} filters[] = {
	{ "a capability that is wanted", "\"includes\":{\"caps\":[\"CAP_BPF\"]}",
	  "x86_64", "CAP_BPF", 0, true },
	{ "one that is not there", "\"includes\":{\"caps\":[\"CAP_BPF\"]}", "x86_64",
	  NULL, 0, false },
	{ "all of them are wanted",
	  "\"includes\":{\"caps\":[\"CAP_BPF\",\"CAP_SYS_ADMIN\"]}", "x86_64",
	  "CAP_BPF", 0, false },
	{ "one is enough to exclude",
	  "\"excludes\":{\"caps\":[\"CAP_BPF\",\"CAP_SYS_ADMIN\"]}", "x86_64",
	  "CAP_BPF", 0, false },
	{ "none excludes", "\"excludes\":{\"caps\":[\"CAP_BPF\"]}", "x86_64", NULL, 0,
	  true },
	{ "an architecture", "\"includes\":{\"arches\":[\"arm64\",\"amd64\"]}",
	  "x86_64", NULL, 0, true },
	{ "another", "\"includes\":{\"arches\":[\"amd64\",\"x32\"]}", "aarch64", NULL,
	  0, false },
	{ "one excluded", "\"excludes\":{\"arches\":[\"amd64\"]}", "x86_64", NULL, 0,
	  false },
	{ "a kernel that is new enough", "\"includes\":{\"minKernel\":\"4.8\"}",
	  "x86_64", NULL, 4 << 8 | 8, true },
	{ "one that is not", "\"includes\":{\"minKernel\":\"4.8\"}", "x86_64", NULL,
	  4 << 8 | 7, false },
	{ "4.10 is newer than 4.9", "\"includes\":{\"minKernel\":\"4.9\"}", "x86_64",
	  NULL, 4 << 8 | 10, true },
	{ "the newest is new enough", "\"includes\":{\"minKernel\":\"4.8\"}", "x86_64",
	  NULL, 0, true },
	{ "a kernel excluded", "\"excludes\":{\"minKernel\":\"4.8\"}", "x86_64", NULL,
	  5 << 8, false },
	{ "a comment is nothing", "\"comment\":\"why\",\"includes\":{},\"excludes\":{}",
	  "x86_64", NULL, 0, true },
};

static void test_filters(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(filters); i++) {
		const char *capabilities[] = { filters[i].capability, NULL };
		const struct callgate_import_options options = {
			.machine = filters[i].machine,
			.capabilities = capabilities,
			.kernel = filters[i].kernel,
		};
		struct callgate_policy *policy;
		char text[512];
		uint32_t verdict;

		snprintf(text, sizeof(text),
			 PROFILE(ERRNO,
				 "{\"names\":[\"read\"],\"action\":" ALLOW ",%s}"),
			 filters[i].filter);
		assert_int_equal(callgate_policy_import(text, strlen(text), &options,
							NULL, &policy),
				 0);
		verdict = verdict_on(policy, filters[i].machine, "read", NULL);
		if ((verdict == SECCOMP_RET_ALLOW) != filters[i].applies)
			fail_msg("%s: got %#x", filters[i].name, verdict);
		callgate_policy_free(policy);
	}
}

static void test_abis(void **state)
{
	struct callgate_policy *policy = import_with(
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":"
		"[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]}",
		(struct callgate_import_options){ .abis = one_abi });

	(void)state;
	assert_int_equal(policy->abi_count, 1);
	callgate_policy_free(policy);
}

/* --- mistakes --------------------------------------------------------------------- */

struct mistake {
	const char *name;
	const char *text;
	const char *code;
	unsigned line, column;
};

static const struct mistake errors[] = {
	{ "JSON that ends", "{\n \"defaultAction\":", "json-syntax", 2, 17 },
	{ "a comma too many", "{\n \"flags\": [,]}", "json-syntax", 2, 12 },
	{ "a field twice", "{\"a\":1,\n\"a\":2}", "json-syntax", 2, 3 },
	{ "no object", "[]", "wrong-kind", 1, 1 },
	{ "an empty object", "{}", "missing-field", 1, 1 },
	{ "an unknown action", "{\"defaultAction\":\n \"SCMP_ACT_ALOW\"}",
	  "unknown-name", 2, 2 },
	{ "an action that is no string", "{\"defaultAction\":\n 1}", "wrong-kind", 2,
	  2 },
	{ "an errno of text", PROFILE(ERRNO ",\n\"defaultErrnoRet\": \"1\"", ""),
	  "wrong-kind", 2, 20 },
	{ "an errno over 4095", PROFILE(ERRNO ",\n\"defaultErrnoRet\": 4096", ""),
	  "bad-number", 2, 20 },
	{ "a negative errno", PROFILE(ERRNO ",\n\"defaultErrnoRet\": -1", ""),
	  "bad-number", 2, 20 },
	{ "an unknown errno", PROFILE(ERRNO ",\n\"defaultErrno\": \"EPREM\"", ""),
	  "unknown-errno", 2, 17 },
	{ "an unknown architecture",
	  PROFILE(ALLOW ",\"architectures\":\n[\"SCMP_ARCH_X68\"]", ""), "unknown-name",
	  2, 2 },
	{ "an architecture of another kind",
	  PROFILE(ALLOW ",\"architectures\":\n[64]", ""), "wrong-kind", 2, 2 },
	{ "architectures that are no array",
	  PROFILE(ALLOW ",\"architectures\":\n\"SCMP_ARCH_X86\"", ""), "wrong-kind", 2,
	  1 },
	{ "architectures twice",
	  PROFILE(ALLOW ",\"architectures\":[\"SCMP_ARCH_X86\"],\n\"archMap\":["
			"{\"architecture\":\"SCMP_ARCH_X86\"}]",
		  ""),
	  "both-given", 2, 1 },
	{ "a map without an architecture", PROFILE(ALLOW ",\"archMap\":[\n{}]", ""),
	  "missing-field", 2, 1 },
	{ "an unknown flag", PROFILE(ALLOW ",\"flags\":[\n\"TSYNC\"]", ""),
	  "unknown-name", 2, 1 },
	{ "a path that is no string", PROFILE(ALLOW ",\"listenerPath\":\n{}", ""),
	  "wrong-kind", 2, 1 },
	{ "metadata that is no string", PROFILE(ALLOW ",\"listenerMetadata\":\n[]", ""),
	  "wrong-kind", 2, 1 },
	{ "syscalls that are no array",
	  "{\"defaultAction\":" ALLOW ",\"syscalls\":\n{}}", "wrong-kind", 2, 1 },
	{ "a rule that is no object", PROFILE(ALLOW, "\n7"), "wrong-kind", 2, 1 },
	{ "a rule without names", PROFILE(ALLOW, "\n{\"action\":" ERRNO "}"),
	  "missing-names", 2, 1 },
	{ "no name at all", PROFILE(ALLOW, "\n{\"names\":[],\"action\":" ERRNO "}"),
	  "missing-names", 2, 1 },
	{ "a name that is no string",
	  PROFILE(ALLOW, "{\"action\":" ERRNO ",\"names\":[\n0]}"), "wrong-kind", 2,
	  1 },
	{ "name and names",
	  PROFILE(ALLOW,
		  "{\"action\":" ERRNO ",\"names\":[\"read\"],\n\"name\":\"read\"}"),
	  "both-given", 2, 1 },
	{ "a rule without an action", PROFILE(ALLOW, "\n{\"names\":[\"read\"]}"),
	  "missing-field", 2, 1 },
	{ "a rule's unknown action", PROFILE(ALLOW, RULE("\"read\"", "\n\"deny\"")),
	  "unknown-name", 2, 1 },
	{ "a rule's errno over 4095",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"errnoRet\":\n5000")), "bad-number",
	  2, 1 },
	{ "a rule's errno of text",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"errnoRet\":\n\"EPERM\"")),
	  "wrong-kind", 2, 1 },
	{ "arguments that are no array",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"args\":\n{}")), "wrong-kind", 2,
	  1 },
	{ "an argument that is no object",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"args\":[\n1]")), "wrong-kind", 2,
	  1 },
	{ "an argument without an operator",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"args\":[\n{\"index\":0,\"value\":1}]")),
	  "missing-field", 2, 1 },
	{ "a seventh argument",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"args\":[" ON("\n6", "EQ", "1") "]")),
	  "bad-number", 2, 1 },
	{ "an unknown operator",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"args\":[\n" ON("0", "IS", "1") "]")),
	  "unknown-name", 2, 17 },
	{ "a negative value",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"args\":[" ON("0", "EQ", "\n-1") "]")),
	  "bad-number", 2, 1 },
	{ "a value over 64 bits",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO
		       ",\"args\":[" ON("0", "EQ", "\n18446744073709551616") "]")),
	  "bad-number", 2, 1 },
	{ "a value with a fraction",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"args\":[" ON("0", "EQ", "\n1.5") "]")),
	  "bad-number", 2, 1 },
	{ "a value of text",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"args\":[" ON("0", "EQ", "\n\"1\"") "]")),
	  "wrong-kind", 2, 1 },
	{ "a second value of text",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"args\":[{\"index\":0,\"op\":"
						"\"SCMP_CMP_MASKED_EQ\",\"value\":1,"
						"\"valueTwo\":\n\"1\"}]")),
	  "wrong-kind", 2, 1 },
	{ "capabilities that are no array",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"includes\":{\"caps\":\n1}")),
	  "wrong-kind", 2, 1 },
	{ "a kernel of no version",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"includes\":{\"minKernel\":\n\"4\"}")),
	  "bad-version", 2, 1 },
	{ "a configuration without a profile", "{\"ociVersion\":\"1\",\n\"linux\":{}}",
	  "no-profile", 2, 9 },
	{ "YAML that is none", "kind: [\n}", "yaml-syntax", 2, 1 },
	{ "a key twice", "kind: a\nkind: b\n", "duplicate-key", 2, 1 },
	{ "an alias", "kind: &a x\nspec: *a\n", "yaml-alias", 2, 7 },
	{ "another resource", "kind:\n  Pod\n", "no-profile", 2, 3 },
	{ "a resource without a spec", "kind: SeccompProfile\n", "missing-field", 1,
	  1 },
	{ "a base profile",
	  "kind: SeccompProfile\nspec:\n  baseProfileName: runc\n"
	  "  defaultAction: SCMP_ACT_LOG\n",
	  "base-profile", 3, 20 },
	{ "a base profile's name that is none",
	  "kind: SeccompProfile\nspec:\n  baseProfileName: [runc]\n"
	  "  defaultAction: SCMP_ACT_LOG\n",
	  "wrong-kind", 3, 20 },
	{ "an unknown state",
	  "kind: SeccompProfile\nspec:\n  state: Of\n"
	  "  defaultAction: SCMP_ACT_LOG\n",
	  "unknown-name", 3, 10 },
	{ "an operator that is no string",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"args\":[{\"index\":0,\"op\":\n7,"
						"\"value\":1}]")),
	  "wrong-kind", 2, 1 },
	{ "conditions that are no object",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"includes\":\n[]")), "wrong-kind", 2,
	  1 },
	{ "names that are no array",
	  PROFILE(ALLOW, "{\"action\":" ERRNO ",\"names\":\n\"read\"}"), "wrong-kind",
	  2, 1 },
	{ "flags that are no array", PROFILE(ALLOW ",\"flags\":\n\"x\"", ""),
	  "wrong-kind", 2, 1 },
	{ "a mark of the byte order", "\xef\xbb\xbf{}", "json-syntax", 1, 3 },
	{ "text behind the end", PROFILE(ALLOW, "") "\n7", "json-syntax", 2, 1 },
	{ "several profiles",
	  "kind: SeccompProfile\nspec: {}\n---\nkind: SeccompProfile\nspec: {}\n",
	  "several-profiles", 1, 1 },
	{ "several profiles of a list",
	  "kind: List\nitems:\n- kind: SeccompProfile\n- kind: SeccompProfile\n",
	  "several-profiles", 3, 3 },
	{ "a list without a profile", "kind: List\nitems:\n- kind: Pod\n", "no-profile",
	  3, 9 },
	{ "a list of nothing", "kind: List\nitems: []\n", "no-profile", 1, 1 },
	{ "a list that is none", "kind: List\nitems: 7\n", "no-profile", 1, 7 },
	{ "a place after a letter of two bytes",
	  "# \u00e4\nkind: \u00e4\u00e4 # x\nspec: *a", "yaml-alias", 3, 7 },
};

/* Warnings, which the strict mode makes errors of. */
static const struct mistake doubts[] = {
	{ "an unknown field", "{\"defaultAction\":" ALLOW ",\n\"sycalls\":[]}",
	  "unknown-field", 2, 1 },
	{ "a template's field in a configuration",
	  "{\"ociVersion\":\"1\",\"linux\":{\"seccomp\":{\"defaultAction\":" ALLOW
	  ",\n\"archMap\":[]}}}",
	  "unknown-field", 2, 1 },
	{ "an unknown call", PROFILE(ALLOW, RULE("\n\"raed\"", ERRNO)),
	  "unknown-syscall", 2, 1 },
	{ "an errno without a use", PROFILE(ALLOW ",\"defaultErrnoRet\":\n1", ""),
	  "errno-unused", 2, 1 },
	{ "an errno said twice",
	  PROFILE(ERRNO ",\"defaultErrnoRet\":1,\"defaultErrno\":\n\"ENOSYS\"", ""),
	  "errno-twice", 2, 1 },
	{ "an argument without an index",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"args\":[\n{\"op\":\"SCMP_CMP_EQ\","
						"\"value\":1}]")),
	  "missing-field", 2, 1 },
	{ "an argument without a value",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"args\":[\n{\"op\":\"SCMP_CMP_EQ\","
						"\"index\":1}]")),
	  "missing-value", 2, 1 },
	{ "a second value without a use",
	  PROFILE(ALLOW, RULE("\"read\"",
			      ERRNO ",\"args\":[\n{\"op\":\"SCMP_CMP_EQ\",\"index\":0,"
				    "\"value\":1,\"valueTwo\":2}]")),
	  "value-two-unused", 2, 1 },
	{ "a value outside the mask",
	  PROFILE(ALLOW, RULE("\"read\"", ERRNO ",\"args\":[\n{\"op\":"
						"\"SCMP_CMP_MASKED_EQ\",\"index\":0,"
						"\"value\":1,\"valueTwo\":2}]")),
	  "value-outside-mask", 2, 1 },
	{ "two conditions on one argument",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO
		       ",\"args\":[\n" ON("0", "GE", "1") "," ON("0", "LE", "5") "]")),
	  "repeated-argument", 2, 1 },
	{ "a rule that another one overrides",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO) "," RULE("\n\"read\"", "\"SCMP_ACT_LOG\"")),
	  "overridden", 2, 1 },
	{ "rules that overlap and differ",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"args\":[" ON("0", "EQ", "1") "]") "," RULE(
			  "\n\"read\"",
			  "\"SCMP_ACT_LOG\",\"args\":[" ON("1", "EQ", "1") "]")),
	  "conflict", 2, 1 },
	{ "an unknown architecture to include",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"includes\":{\"arches\":[\n\"x68\"]}")),
	  "unknown-arch", 2, 1 },
	{ "a capability without its prefix",
	  PROFILE(ALLOW,
		  RULE("\"read\"", ERRNO ",\"includes\":{\"caps\":[\n\"BPF\"]}")),
	  "unknown-capability", 2, 1 },
	{ "everything to a listener", PROFILE("\n\"SCMP_ACT_NOTIFY\"", ""),
	  "notify-default", 2, 1 },
	{ "no listener", PROFILE(ALLOW, RULE("\"read\"", "\n\"SCMP_ACT_NOTIFY\"")),
	  "no-listener", 2, 1 },
	{ "a listener without work", PROFILE(ALLOW ",\"listenerPath\":\n\"/a\"", ""),
	  "idle-listener", 2, 1 },
	{ "metadata that nobody reads",
	  PROFILE(ALLOW ",\"listenerMetadata\":\n\"a\"", ""), "idle-metadata", 2, 1 },
	{ "a resource of others",
	  "apiVersion: v1\nkind: SeccompProfile\nspec:\n"
	  "  defaultAction: SCMP_ACT_LOG\n",
	  "unknown-version", 1, 13 },
	{ "a disabled profile",
	  "kind: SeccompProfile\nspec:\n  state: Disabled\n"
	  "  defaultAction: SCMP_ACT_LOG\n",
	  "disabled", 2, 1 },
};

/* The first diagnostic of this code stands where the mistake says. */
static void check_place(const struct mistake *mistake, bool strict, bool is_error)
{
	const struct callgate_import_options options = { .machine = "x86_64",
							 .strict = strict };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	int error = callgate_policy_import(mistake->text, strlen(mistake->text),
					   &options, diagnostics, &policy);
	const struct callgate_diagnostic *found = NULL;
	struct callgate_position position = { 0 };

	if ((error == -EINVAL) != is_error)
		fail_msg("%s: returned %d", mistake->name, error);
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++) {
		found = callgate_diagnostics_at(diagnostics, i);
		if (strcmp(found->code, mistake->code) == 0)
			break;
		found = NULL;
	}
	if (!found)
		fail_msg("%s: no %s", mistake->name, mistake->code);
	if (found->severity != (is_error ? CALLGATE_ERROR : CALLGATE_WARNING))
		fail_msg("%s: severity %d", mistake->name, (int)found->severity);
	if (is_error && !strict &&
	    callgate_diagnostics_severity_count(diagnostics, CALLGATE_ERROR) != 1)
		fail_msg("%s: more than one error", mistake->name);
	if (!callgate_diagnostics_position(diagnostics, found->span, &position) ||
	    position.line != mistake->line || position.column != mistake->column)
		fail_msg("%s: at %u:%u: %s", mistake->name, position.line,
			 position.column, found->message);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
}

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(errors); i++)
		check_place(&errors[i], false, true);
}

static void test_doubts(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(doubts); i++) {
		check_place(&doubts[i], false, false);
		check_place(&doubts[i], true, true);
	}
}

/* Rules of different actions that exclude each other are no conflict. */
static void test_no_conflict(void **state)
{
	static const char text[] = PROFILE(
		ALLOW,
		RULE("\"read\"", ERRNO ",\"args\":[" ON("0", "EQ", "1") "]") "," RULE(
			"\"read\"",
			"\"SCMP_ACT_LOG\",\"args\":[" ON("0", "EQ", "2") "]"));
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy;

	(void)state;
	assert_int_equal(callgate_policy_import(text, strlen(text), NULL, diagnostics,
						&policy),
			 0);
	assert_int_equal(callgate_diagnostics_count(diagnostics), 0);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
}

static void test_detection(void **state)
{
	static const struct {
		const char *text;
		bool is_profile;
	} cases[] = {
		{ "{}", true },
		{ "\n\t {", true },
		{ "# a comment\napiVersion: v1", true },
		{ "---\nkind: x", true },
		{ "default errno EPERM", false },
		{ "# a comment\nallow read", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_int_equal(callgate_text_is_profile(cases[i].text,
							  strlen(cases[i].text)),
				 cases[i].is_profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),   cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_multiplexers), cmocka_unit_test(test_loading),
		cmocka_unit_test(test_filters),	     cmocka_unit_test(test_abis),
		cmocka_unit_test(test_errors),	     cmocka_unit_test(test_doubts),
		cmocka_unit_test(test_no_conflict),  cmocka_unit_test(test_detection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
