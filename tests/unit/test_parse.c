// SPDX-License-Identifier: MIT
/*
 * The parser against texts that mean harm: deep, huge, cut off, and memory that ends.
 * What it makes of sound texts is seen in test_policy.c, its words in golden cases.
 */
#include "policy/policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "failing.h"
#include "policy/call.h"

/* --- memory that ends -------------------------------------------------------------- */

static int read_nothing(void *context, const char *name, const char *from,
			char **ret_text, size_t *ret_length, char **ret_name)
{
	static const char text[] = "define X = 1\n";

	(void)context, (void)name, (void)from;
	*ret_text = malloc(sizeof(text));
	*ret_name = malloc(2);
	if (!*ret_text || !*ret_name) {
		free(*ret_text);
		free(*ret_name);
		return -ENOMEM;
	}
	memcpy(*ret_text, text, sizeof(text));
	memcpy(*ret_name, "x", 2);
	*ret_length = sizeof(text) - 1;
	return 0;
}

static const struct callgate_reader reader = { read_nothing, NULL };

/* Parses with each allocation failing once; false when none was left to fail. */
static bool fail_at(size_t k, const char *text, int wanted)
{
	struct callgate_parse_options options = { .name = "test", .reader = &reader };
	struct callgate_policy *policy = NULL;
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	bool did_fail;
	int error;

	allocations_left = k;
	error = callgate_policy_parse(text, strlen(text), &options, diagnostics,
				      &policy);
	did_fail = allocations_left == 0;
	allocations_left = SIZE_MAX;
	if (error != wanted && !(did_fail && error == -ENOMEM))
		fail_msg("allocation %zu: %d", k, error);
	if (error)
		assert_null(policy);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	return did_fail;
}

static void test_memory(void **state)
{
	static const char sound[] =
		"include \"x\"\n@mine = @file-system - open\n"
		"allow @mine\nallow read(fd == X) where count in {1, 2, "
		"3..9}\nexpect deny kill\n";
	static const char unsound[] = "alow read\nallow raed\nallow read(fd == Y)\n";
	size_t k;

	(void)state;
	for (k = 0; fail_at(k, sound, 0); k++)
		;
	assert_true(k > 5);
	for (k = 0; fail_at(k, unsound, -EINVAL); k++)
		;
	assert_true(k > 5);
}

static void test_call_memory(void **state)
{
	struct callgate_policy *policy = NULL;
	bool did_fail = true;

	(void)state;
	assert_int_equal(callgate_policy_parse("", 0, NULL, NULL, &policy), 0);
	for (size_t k = 0; did_fail; k++) {
		struct policy_call call;
		int error;

		allocations_left = k;
		error = policy_call_parse(policy, "read(1, _, 3)", NULL, &call);
		did_fail = allocations_left == 0;
		allocations_left = SIZE_MAX;
		assert_true(error == 0 || (did_fail && error == -ENOMEM));
		if (!error)
			policy_call_done(&call);
	}
	callgate_policy_free(policy);
}

/* --- hostile texts ----------------------------------------------------------------- */

static int parse_text(const char *text, size_t length)
{
	struct callgate_policy *policy = NULL;
	int error = callgate_policy_parse(text, length, NULL, NULL, &policy);

	callgate_policy_free(policy);
	return error;
}

static int parse_repeated(const char *head, const char *middle, size_t count,
			  const char *tail)
{
	struct buffer text = { 0 };
	int error;

	buffer_text(&text, head);
	for (size_t i = 0; i < count; i++)
		buffer_text(&text, middle);
	buffer_text(&text, tail);
	assert_false(text.failed);
	error = parse_text(text.data, text.len);
	buffer_done(&text);
	return error;
}

static const struct {
	const char *name, *head, *middle, *tail;
	size_t count;
	int wanted;
} hostile[] = {
	{ "ends deep parentheses", "allow read where ", "(", "fd == 1", 100000,
	  -EINVAL },
	{ "ends deep values", "allow read(fd == ", "(", "1)", 100000, -EINVAL },
	{ "ends deep sets", "@x = ", "{", "", 100000, -EINVAL },
	{ "ends deep blocks", "", "arch x86_64 {", "", 100000, -EINVAL },
	{ "takes many nots", "allow read where ", "not ", "fd == 1", 100000, 0 },
	{ "takes a long chain of or", "allow read where fd == 1", " or fd == 2", "",
	  20000, 0 },
	{ "takes a long chain of values", "allow read(fd == 1", "|1", ")", 20000, 0 },
	{ "takes a long set", "allow read(fd in {1", ", 7..9", "})", 10000, 0 },
	{ "takes many items", "allow read", ", write", "", 100000, 0 },
	{ "takes many empty lines", "", "\n", "", 1000000, 0 },
	{ "calls millions of tests too complex", "allow @file-system where arg0 == 1",
	  " or arg0 == 2", "", 200000, -E2BIG },
	{ "calls millions of items too complex", "allow @file-system",
	  "\nallow @file-system", "", 100000, -E2BIG },
	{ "calls doubled values too wide", "define a = 1\n",
	  "define a1 = 0x8000000000000000 + 0x8000000000000000\n", "", 1, -EINVAL },
	{ "refuses many stray braces", "", "}", "", 100000, -EINVAL },
	{ "refuses many stray parentheses", "arch x86_64 {\n", ")", "\n}", 100000,
	  -EINVAL },
	{ "refuses many broken lines", "", "allow (\n", "", 100000, -EINVAL },
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void test_hostile(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		double start = now();
		int error = parse_repeated(hostile[i].head, hostile[i].middle,
					   hostile[i].count, hostile[i].tail);

		if (error != hostile[i].wanted)
			fail_msg("%s: %d", hostile[i].name, error);
		if (now() - start > 5)
			fail_msg("%s: took %.1f s", hostile[i].name, now() - start);
	}
}

static void test_size(void **state)
{
	size_t limit = (size_t)16 << 20;
	char *text = test_malloc(limit + 1);

	(void)state;
	memset(text, ' ', limit + 1);
	assert_int_equal(parse_text(text, limit), 0);
	assert_int_equal(parse_text(text, limit + 1), -E2BIG);
	test_free(text);
}

/* --- includes ---------------------------------------------------------------------- */

/* Answers with a text that includes a new name, or 300 of them from the first. */
static int read_chain(void *context, const char *name, const char *from,
		      char **ret_text, size_t *ret_length, char **ret_name)
{
	unsigned *counter = context;
	struct buffer text = { 0 }, resolved = { 0 };

	(void)name, (void)from;
	buffer_printf(&resolved, "file%u", ++*counter);
	buffer_text(&text, "include \"next\"\n");
	*ret_length = text.len;
	*ret_text = buffer_take(&text);
	*ret_name = buffer_take(&resolved);
	return 0;
}

static int read_leaf(void *context, const char *name, const char *from, char **ret_text,
		     size_t *ret_length, char **ret_name)
{
	(void)context, (void)name, (void)from;
	*ret_text = calloc(1, 1);
	*ret_length = 0;
	*ret_name = NULL;
	return 0;
}

static int read_large(void *context, const char *name, const char *from,
		      char **ret_text, size_t *ret_length, char **ret_name)
{
	(void)context, (void)name, (void)from;
	*ret_length = (size_t)9 << 20;
	*ret_text = malloc(*ret_length);
	*ret_name = NULL;
	memset(*ret_text, ' ', *ret_length);
	return 0;
}

static void check_include(const struct callgate_reader *from, const char *text,
			  size_t count, const char *code, int wanted)
{
	struct callgate_parse_options options = { .reader = from };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	struct buffer all = { 0 };
	int error;

	for (size_t i = 0; i < count; i++)
		buffer_text(&all, text);
	error = callgate_policy_parse(all.data, all.len, &options, diagnostics,
				      &policy);
	assert_int_equal(error, wanted);
	assert_string_equal(callgate_diagnostics_at(diagnostics, 0)->code, code);
	buffer_done(&all);
	callgate_diagnostics_free(diagnostics);
}

static void test_includes(void **state)
{
	static const char text[] = "include \"x\"\n";
	unsigned counter = 0;

	(void)state;
	check_include(NULL, text, 1, "include-unavailable", -EINVAL);
	check_include(&(struct callgate_reader){ read_chain, &counter }, text, 1,
		      "include-depth", -EINVAL);
	check_include(&(struct callgate_reader){ read_leaf, NULL }, text, 300,
		      "include-count", -EINVAL);
	check_include(&(struct callgate_reader){ read_large, NULL }, text, 2,
		      "too-large", -E2BIG);
}

/* --- any text ---------------------------------------------------------------------- */

/* A text cut off anywhere, one byte wrong anywhere: an answer, whichever. */
static void test_cut(void **state)
{
	static const char text[] =
		"abi linux-6.1; arch x86_64, i386\ndefine A = 1|~2\n"
		"@m = (read + @swap) & {read, write} - close\n"
		"arch i386 { allow socket }\nwhen not x { log read } else { kill read "
		"}\n"
		"errno 7 ?open(u64(flags) & A in {1, 2..3}), i386:17 where not (ip < "
		"9)\n"
		"expect deny read(1, _, \"x\"), x32:write(fd = -1)\n";
	char *copy;

	(void)state;
	assert_int_equal(parse_text(text, strlen(text)), 0);
	for (size_t length = 0; length < strlen(text); length++) {
		copy = test_malloc(length);
		memcpy(copy, text, length);
		parse_text(copy, length);
		test_free(copy);
	}
	copy = test_malloc(sizeof(text));
	for (size_t at = 0; at < strlen(text); at++) {
		for (const char *wrong = "(){}\n,@\"\\;0a\x80"; *wrong; wrong++) {
			memcpy(copy, text, sizeof(text));
			copy[at] = *wrong;
			parse_text(copy, strlen(text));
		}
	}
	test_free(copy);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),	 cmocka_unit_test(test_call_memory),
		cmocka_unit_test(test_hostile),	 cmocka_unit_test(test_size),
		cmocka_unit_test(test_includes), cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
