// SPDX-License-Identifier: MIT
/*
 * Rules that decided, the edits that would allow calls, and denials as text. Amended
 * policies are held against the old ones by their meanings: what differs is what was
 * asked for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/audit.h>

#include "callgate-explain.h"
#include "callgate-inspect.h"

#define CALL(number, ...)                          \
	{                                          \
		.call = {                          \
			.arch = AUDIT_ARCH_X86_64, \
			.nr = (number),            \
			.args = { __VA_ARGS__ }    \
		}                                  \
	}
#define I386(number, ...)                        \
	{                                        \
		.call = {                        \
			.arch = AUDIT_ARCH_I386, \
			.nr = (number),          \
			.args = { __VA_ARGS__ }  \
		}                                \
	}

static const struct amended {
	const char *name, *policy, *included;
	struct callgate_explain_seen seen[4];
	const char *patch;
	const char *differs; /* the calls that do; NULL: none */
} cases[] = {
	{ "a rule in front of the one that denies",
	  "default errno EPERM\nallow read\nerrno EACCES @file-system\nallow close\n",
	  NULL,
	  { CALL(83, 0x1000, 0777) },
	  "--- t.gate\n+++ t.gate\n@@ -1,4 +1,5 @@\n default errno EPERM\n allow read\n"
	  "+allow mkdir  # it was denied\n errno EACCES @file-system\n allow close\n",
	  "mkdir" },
	{ "a rule at the end where the default denies",
	  "default errno EPERM\nallow read\n",
	  NULL,
	  { CALL(39) },
	  "--- t.gate\n+++ t.gate\n@@ -1,2 +1,3 @@\n default errno EPERM\n allow read\n"
	  "+allow getpid  # it was denied\n",
	  "getpid" },
	{ "two rules with lines between them that stay",
	  "default errno EPERM\nerrno EACCES mkdir\nallow read\n",
	  NULL,
	  { CALL(83, 0x1000, 0777), CALL(39) },
	  "--- t.gate\n+++ t.gate\n@@ -1,3 +1,5 @@\n default errno EPERM\n"
	  "+allow mkdir  # it was denied\n errno EACCES mkdir\n allow read\n"
	  "+allow getpid  # it was denied\n",
	  "getpid, mkdir" },
	{ "a last line without a line feed gets one",
	  "allow read",
	  NULL,
	  { CALL(39) },
	  "--- t.gate\n+++ t.gate\n@@ -1,1 +1,2 @@\n-allow read\n"
	  "\\ No newline at end of file\n+allow read\n+allow getpid  # it was denied\n",
	  "getpid" },
	{ "conditions of all that was seen, and one rule for it",
	  "allow read\n",
	  NULL,
	  { CALL(41, 1, 0x80001, 0), CALL(41, 2, 2, 0) },
	  "--- t.gate\n+++ t.gate\n@@ -1,1 +1,2 @@\n allow read\n"
	  "+allow socket(domain in {AF_UNIX, AF_INET}, type & SOCK_TYPE_MASK in "
	  "{SOCK_STREAM, SOCK_DGRAM}, protocol == 0)  # it was denied\n",
	  "socket" },
	{ "the indentation of a block",
	  "arch x86_64 i386\narch i386 {\n\tdeny mkdir\n}\nallow read\n",
	  NULL,
	  { I386(39, 0x1000, 0777) },
	  "--- t.gate\n+++ t.gate\n@@ -1,5 +1,6 @@\n arch x86_64 i386\n arch i386 {\n"
	  "+\tallow mkdir  # it was denied\n \tdeny mkdir\n }\n allow read\n",
	  "mkdir" },
	{ "a call that another ABI lacks",
	  "arch x86_64 i386\nallow read\n",
	  NULL,
	  { I386(102, 3, 0x1000) },
	  "--- t.gate\n+++ t.gate\n@@ -1,2 +1,3 @@\n arch x86_64 i386\n allow read\n"
	  "+allow ?socketcall(call == SYS_CONNECT)  # it was denied\n",
	  "socketcall" },
	{ "the file that is included",
	  "include \"i.gate\"\nallow read\n",
	  "deny mkdir\n",
	  { CALL(83) },
	  "--- i.gate\n+++ i.gate\n@@ -1,1 +1,2 @@\n+allow mkdir  # it was denied\n"
	  " deny mkdir\n",
	  "mkdir" },
	{ "a call that is allowed needs none",
	  "allow read\n",
	  NULL,
	  { CALL(0) },
	  "",
	  NULL },
	{ "an ABI that is not listed has no such edit",
	  "arch x86_64\nallow read\n",
	  NULL,
	  { I386(39) },
	  "",
	  NULL },
	{ "a number that is no call has no such edit",
	  "allow read\n",
	  NULL,
	  { CALL(999) },
	  "",
	  NULL },
	{ "two places far apart are two hunks",
	  "deny mkdir\nallow @basic-io\n#\n#\n#\n#\n#\n#\n#\ndeny rmdir\n",
	  NULL,
	  { CALL(83), CALL(84) },
	  "--- t.gate\n+++ t.gate\n@@ -1,3 +1,4 @@\n+allow mkdir  # it was denied\n"
	  " deny mkdir\n allow @basic-io\n #\n@@ -7,4 +8,5 @@\n #\n #\n #\n"
	  "+allow rmdir  # it was denied\n deny rmdir\n",
	  "mkdir, rmdir" },
};

struct parsed {
	struct callgate_diagnostics *diagnostics;
	struct callgate_policy *policy;
	struct callgate_filter *filter;
};

static int read_source(void *context, const char *name, const char *from,
		       char **ret_text, size_t *ret_length, char **ret_name)
{
	const char *included = context;

	(void)from;
	if (!included || strcmp(name, "i.gate") != 0)
		return -ENOENT;
	*ret_text = strdup(included);
	*ret_name = strdup(name);
	*ret_length = strlen(included);
	return 0;
}

static struct parsed parse(const char *text,
			   const struct callgate_parse_options *options)
{
	struct parsed parsed = { .diagnostics = callgate_diagnostics_new() };

	assert_int_equal(callgate_policy_parse(text, strlen(text), options,
					       parsed.diagnostics, &parsed.policy),
			 0);
	assert_int_equal(callgate_policy_compile(parsed.policy, NULL, NULL,
						 &parsed.filter),
			 0);
	return parsed;
}

static void parsed_done(struct parsed *parsed)
{
	callgate_filter_free(parsed->filter);
	callgate_policy_free(parsed->policy);
	callgate_diagnostics_free(parsed->diagnostics);
}

/* What of the meaning changed: names of calls, in order. */
static void check_difference(const struct amended *one, const struct parsed *before,
			     const struct parsed *after)
{
	struct callgate_comparison *comparison;
	char names[256] = "";
	size_t length = 0;

	assert_int_equal(callgate_filter_compare(before->filter, after->filter, NULL,
						 &comparison),
			 0);
	for (size_t i = 0; i < callgate_comparison_count(comparison); i++) {
		const struct callgate_difference *difference =
			callgate_comparison_at(comparison, i);

		assert_true(callgate_verdict_allows(difference->second));
		if (strstr(names, difference->calls))
			continue;
		length +=
			(size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
					 length ? ", " : "", difference->calls);
	}
	if (strcmp(names, one->differs ? one->differs : "") != 0)
		fail_msg("%s: differs in %s", one->name, names);
	callgate_comparison_free(comparison);
}

static size_t count_seen(const struct amended *one)
{
	size_t count = 0;

	while (count < 4 && one->seen[count].call.arch)
		count++;
	return count;
}

static const char *file_text(const struct callgate_explain_advice *advice,
			     const char *name, const char *otherwise)
{
	for (size_t i = 0; i < advice->file_count; i++)
		if (strcmp(advice->files[i].name, name) == 0)
			return advice->files[i].text;
	return otherwise;
}

/* Whose numbers are in the cases that name none, whatever this machine. */
static const char *const x86_64[] = { "x86_64", NULL };

static const char *const *abis_of(const char *policy)
{
	return strstr(policy, "arch ") ? NULL : x86_64;
}

static void amends(const struct amended *one)
{
	struct callgate_reader reader = { read_source,
					  (void *)(uintptr_t)one->included };
	struct callgate_parse_options options = { .name = "t.gate",
						  .abis = abis_of(one->policy),
						  .reader = &reader };
	struct parsed before = parse(one->policy, &options), after;
	struct callgate_explain_policy about = { before.policy, before.diagnostics,
						 &options };
	struct callgate_explain_advice *advice;

	assert_int_equal(callgate_explain_advise(&about, one->seen, count_seen(one),
						 &advice),
			 0);
	if (strcmp(advice->patch, one->patch) != 0)
		fail_msg("%s:\n%s", one->name, advice->patch);
	reader.context = (void *)(uintptr_t)file_text(advice, "i.gate", one->included);
	after = parse(file_text(advice, "t.gate", one->policy), &options);
	check_difference(one, &before, &after);
	for (size_t i = 0; i < advice->count; i++)
		assert_true((advice->edits[i].file != NULL) !=
			    (advice->edits[i].reason != NULL));
	parsed_done(&after);
	callgate_explain_advice_free(advice);
	parsed_done(&before);
}

static void amends_policies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		amends(&cases[i]);
}

static void comments_are_one_line(void **state)
{
	struct callgate_parse_options options = { .name = "t.gate", .abis = x86_64 };
	struct parsed parsed = parse("allow read\n", &options);
	struct callgate_explain_policy about = { parsed.policy, parsed.diagnostics,
						 &options };
	struct callgate_explain_seen seen = CALL(39);
	struct callgate_explain_advice *advice;

	(void)state;
	seen.note = "a\nallow ptrace";
	seen.count = 3;
	assert_int_equal(callgate_explain_advise(&about, &seen, 1, &advice), 0);
	assert_string_equal(advice->files[0].text,
			    "allow read\nallow getpid  # a?allow ptrace, 3 times\n");
	assert_int_equal(advice->edits[0].line, 2);
	assert_true(advice->edits[0].at_end);
	assert_string_equal(advice->edits[0].rule, "allow getpid");
	callgate_explain_advice_free(advice);
	parsed_done(&parsed);
}

static void names_what_decided(void **state)
{
	static const struct {
		const char *kind;
		struct seccomp_data call;
		size_t rule;
		uint32_t offset;
	} decided[] = {
		{ "rule", { .arch = AUDIT_ARCH_X86_64, .nr = 83 }, 1, 68 },
		{ "default",
		  { .arch = AUDIT_ARCH_X86_64, .nr = 1 },
		  CALLGATE_NONE,
		  34 },
		{ "unknown",
		  { .arch = AUDIT_ARCH_X86_64, .nr = 999 },
		  CALLGATE_NONE,
		  0 },
		{ "badarch", { .arch = AUDIT_ARCH_I386, .nr = 1 }, CALLGATE_NONE, 16 },
	};
	struct parsed parsed =
		parse("abi linux-6.1 \n#\narch x86_64      \n"
		      "default errno EPERM\nallow read\n  errno EACCES mkdir\n",
		      NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(decided) / sizeof(decided[0]); i++) {
		struct callgate_explain_rule rule =
			callgate_explain_rule(parsed.policy, &decided[i].call);

		assert_string_equal(rule.kind, decided[i].kind);
		assert_int_equal(rule.rule, decided[i].rule);
		if (decided[i].rule != CALLGATE_NONE) {
			assert_int_equal(rule.span.offset, decided[i].offset);
			assert_int_equal(rule.verdict, SECCOMP_RET_ERRNO | EACCES);
		}
	}
	parsed_done(&parsed);
}

/* --- text ------------------------------------------------------------------------- */

static char *whole_text(const struct callgate_explain_denial *denial,
			const struct callgate_explain_layout *layout)
{
	static char text[4096];
	struct callgate_explain_text *pieces;
	size_t length = 0;

	text[0] = 0;
	assert_int_equal(callgate_explain_denial_print(denial, layout, &pieces), 0);
	for (size_t i = 0; i < pieces->count; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s",
					   pieces->pieces[i].text);
	callgate_explain_text_free(pieces);
	return text;
}

static const struct callgate_explain_frame frames[] = {
	{ .function = "mkdir",
	  .offset = 7,
	  .module = "/lib/libc.so.6",
	  .is_system = true },
	{ .function = "os_mkdir",
	  .offset = 0x10d,
	  .module = "/usr/bin/python3.11",
	  .file = "./Modules/posixmodule.c",
	  .line = 4613 },
	{ .function = "run", .offset = 1, .module = "/usr/bin/python3.11" },
	{ .module = "/x", .module_offset = 0x20 },
	{ .pc = 0x7f00 },
};
static const struct callgate_explain_stack stack = { 5, frames, 1, "it ends here" };

static void prints_a_denial(void **state)
{
	const struct callgate_explain_denial denial = {
		.program = "python3",
		.thread = 20820,
		.call = "mkdir(\"/tmp/x\", 0777)",
		.verdict = SECCOMP_RET_ERRNO | EPERM,
		.place = "app.gate:14",
		.rule = "deny @file-system-write",
		.stack = &stack,
		.fix_place = "app.gate:14, insert before",
		.fix = "allow mkdir",
	};
	const struct callgate_explain_layout layout = { 80, 3 };

	(void)state;
	assert_string_equal(whole_text(&denial, &layout),
			    "python3[20820] mkdir(\"/tmp/x\", 0777) denied (EPERM)\n"
			    "  by   app.gate:14  deny @file-system-write\n"
			    "  at   os_mkdir+0x10d (python3.11)  posixmodule.c:4613\n"
			    "       run+0x1 (python3.11)\n"
			    "       0x20 (x)\n"
			    "       and 1 more\n"
			    "       (it ends here)\n"
			    "  fix  app.gate:14, insert before:  allow mkdir\n");
}

static void keeps_to_the_width(void **state)
{
	char path[300] = { 0 };
	struct callgate_explain_denial denial = {
		.call = path,
		.verdict = SECCOMP_RET_KILL_PROCESS,
		.permissive = true,
		.rule = "a rule that says more than there is room for in such a line",
	};
	const struct callgate_explain_layout layout = { 40, 0 };
	const char *text;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[5] = '\033';
	text = whole_text(&denial, &layout);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "would be denied (kill)"));
	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		assert_true(strchr(line, '\n') - line <= 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amends_policies),
		cmocka_unit_test(comments_are_one_line),
		cmocka_unit_test(names_what_decided),
		cmocka_unit_test(prints_a_denial),
		cmocka_unit_test(keeps_to_the_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
