// SPDX-License-Identifier: MIT
/* Calls as text: those that are asked about, and those of expect lines. */
#include "policy/call.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct callgate_policy *parse(const char *text)
{
	struct callgate_policy *policy = NULL;

	if (callgate_policy_parse(text, strlen(text), NULL, NULL, &policy))
		fail_msg("refused: %s", text);
	return policy;
}

static const struct {
	const char *name, *text;
	const char *abi; /* NULL: refused */
	uint32_t number;
	uint64_t yes[3], no[3];
} calls[] = {
	{ "takes a bare name", "read", "x86_64", 0, { 0 }, { 0 } },
	{ "takes values by position",
	  "openat(AT_FDCWD, 0, O_RDONLY)",
	  "x86_64",
	  257,
	  { 0xffffff9c, 0, 0 },
	  { 0xffffff9c, 0, 1 } },
	{ "takes values by name",
	  "socket(domain = AF_INET)",
	  "x86_64",
	  41,
	  { 2, 9 },
	  { 1, 9 } },
	{ "takes _ for anything",
	  "read(_, _, 5)",
	  "x86_64",
	  0,
	  { 7, 7, 5 },
	  { 7, 7, 6 } },
	{ "takes a string for a pointer",
	  "openat(_, \"/etc/passwd\", 0)",
	  "x86_64",
	  257,
	  { 1, 77, 0 },
	  { 1, 77, 1 } },
	{ "takes conditions",
	  "read(fd > 2, count != 0)",
	  "x86_64",
	  0,
	  { 3, 0, 1 },
	  { 2, 0, 1 } },
	{ "takes joined constants",
	  "open(_, O_WRONLY|O_CREAT)",
	  "x86_64",
	  2,
	  { 0, 0101 },
	  { 0, 1 } },
	{ "takes an ABI", "ppc:read", "ppc", 3, { 0 }, { 0 } },
	{ "takes an ABI that the policy lacks",
	  "x32:read",
	  "x32",
	  0x40000000,
	  { 0 },
	  { 0 } },
	{ "takes a number", "x86_64:-1", "x86_64", 0xffffffff, { 0 }, { 0 } },
	{ "falls back to an ABI that has the call",
	  "oldlstat",
	  "ppc",
	  84,
	  { 0 },
	  { 0 } },
	{ "refuses an unknown call", "opnat", NULL, 0, { 0 }, { 0 } },
	{ "refuses a call that no ABI has, be it optional",
	  "?mn",
	  NULL,
	  0,
	  { 0 },
	  { 0 } },
	{ "refuses too many arguments", "close(1, 2)", NULL, 0, { 0 }, { 0 } },
	{ "refuses a number without an ABI", "17", NULL, 0, { 0 }, { 0 } },
	{ "refuses two calls", "read, write", NULL, 0, { 0 }, { 0 } },
	{ "refuses a group", "@file-system", NULL, 0, { 0 }, { 0 } },
	{ "refuses an open parenthesis", "read(1", NULL, 0, { 0 }, { 0 } },
	{ "refuses nothing at all", "", NULL, 0, { 0 }, { 0 } },
};

static void test_calls(void **state)
{
	struct callgate_policy *policy = parse("arch x86_64 ppc\n");

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct seccomp_data yes = { 0 }, no = { 0 };
		struct policy_call call;
		int error = policy_call_parse(policy, calls[i].text, NULL, &call);

		if (error != (calls[i].abi ? 0 : -EINVAL))
			fail_msg("%s: %d", calls[i].name, error);
		if (error)
			continue;
		memcpy(yes.args, calls[i].yes, sizeof(calls[i].yes));
		memcpy(no.args, calls[i].no, sizeof(calls[i].no));
		if (strcmp(call.abi->name, calls[i].abi) != 0 ||
		    call.number != calls[i].number ||
		    !condition_holds(call.condition, &yes) ||
		    (memcmp(&yes, &no, sizeof(no)) != 0 &&
		     condition_holds(call.condition, &no)))
			fail_msg("%s", calls[i].name);
		policy_call_done(&call);
	}
	callgate_policy_free(policy);
}

static void test_expects(void **state)
{
	struct callgate_policy *policy =
		parse("arch x86_64 i386\nexpect errno EPERM read(fd = 3), i386:write\n"
		      "expect deny x32:read\nexpect allow open\n");
	const struct policy_expect *expects = policy->expects;

	(void)state;
	assert_int_equal(policy->expect_count, 6);
	assert_int_equal(expects[0].kind, EXPECT_VERDICT);
	assert_int_equal(expects[0].verdict, 0x50001);
	assert_int_equal(expects[0].number, 0);
	assert_int_equal(expects[0].span.length, strlen("read(fd = 3)"));
	assert_int_equal(expects[1].number, 3);
	assert_int_equal(expects[2].number, 4);
	assert_int_equal(expects[3].kind, EXPECT_DENY);
	assert_int_equal(expects[3].number, 0x40000000);
	assert_int_equal(expects[4].kind, EXPECT_ALLOW);
	callgate_policy_free(policy);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_expects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
