// SPDX-License-Identifier: MIT
/*
 * The manual's examples, as it has them: policies compile and their expect lines hold, refused
 * ones have the error that the manual says. The page comes as the first argument.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "callgate.h"

#define MINIMUM 8 /* examples: fewer would mean that none were found */

static const char *page;

/* The next line, without its end; false past the last one. */
static bool take_line(struct str *text, struct str *ret_line)
{
	const char *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;

	if (!end)
		return false;
	*ret_line = (struct str){ text->ptr, (size_t)(end - text->ptr) };
	text->len -= ret_line->len + 1;
	text->ptr = end + 1;
	return true;
}

static bool begins(struct str line, const char *start)
{
	size_t length = strlen(start);

	return line.len >= length && memcmp(line.ptr, start, length) == 0;
}

/* The lines up to the closing fence. */
static struct str take_block(struct str *text)
{
	struct str line, block = *text;

	while (take_line(text, &line)) {
		if (!begins(line, "```"))
			continue;
		block.len = (size_t)(line.ptr - block.ptr);
		return block;
	}
	fail_msg("a fenced block without an end");
	return block;
}

static void print_all(const struct callgate_diagnostics *diagnostics)
{
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++)
		print_error("%s\n", callgate_diagnostics_at(diagnostics, i)->message);
}

static void check_policy(struct str block)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	struct callgate_filter *filter = NULL;
	int error =
		callgate_policy_parse(block.ptr, block.len, NULL, diagnostics, &policy);

	if (!error)
		error = callgate_policy_compile(policy, NULL, diagnostics, &filter);
	if (error) {
		print_all(diagnostics);
		fail_msg("refused:\n%.*s", STR_ARG(block));
	}
	callgate_filter_free(filter);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
}

static void check_refused(struct str block, struct str code)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	int error =
		callgate_policy_parse(block.ptr, block.len, NULL, diagnostics, &policy);

	if (error != -EINVAL || callgate_diagnostics_count(diagnostics) != 1 ||
	    !str_is(code, callgate_diagnostics_at(diagnostics, 0)->code)) {
		print_all(diagnostics);
		fail_msg("wanted %.*s:\n%.*s", STR_ARG(code), STR_ARG(block));
	}
	callgate_diagnostics_free(diagnostics);
}

static void test_examples(void **state)
{
	static const char refused[] = "; refused ";
	struct str line = { 0 }, last = { 0 }, text;
	unsigned count = 0;
	char *content;
	size_t length;

	(void)state;
	assert_int_equal(callgate_read_file(NULL, page, NULL, &content, &length, NULL),
			 0);
	text = (struct str){ content, length };
	for (; take_line(&text, &line); last = line) {
		if (!begins(line, "```"))
			continue;
		if (str_is(last, "; policy")) {
			check_policy(take_block(&text));
			count++;
		} else if (begins(last, refused)) {
			last.ptr += strlen(refused);
			last.len -= strlen(refused);
			check_refused(take_block(&text), last);
			count++;
		} else {
			take_block(&text);
		}
	}
	assert_true(count >= MINIMUM);
	free(content);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
	};

	if (argc < 2)
		return 2;
	page = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
