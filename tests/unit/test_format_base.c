// SPDX-License-Identifier: MIT
/* Profiles that add to others: where these are found, what is taken, what goes wrong. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "callgate-format.h"
#include "data/data.h"
#include "policy/policy.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define NAMED(name)	   "---\nkind: SeccompProfile\nmetadata: {name: " name "}\nspec:\n"
#define BASED(base)	   "  baseProfileName: " base "\n"
#define ENDING(action)	   "  defaultAction: SCMP_ACT_" action "\n"
#define RULE(call, action) "  - {names: [" call "], action: SCMP_ACT_" action "}\n"
#define WEB(base)                             \
	NAMED("web")                          \
	BASED(base)                           \
	ENDING("ERRNO")                       \
	"  syscalls:\n" RULE("listen", "ALLO" \
				       "W")
#define BASE(name, rules) NAMED(name) ENDING("LOG") "  syscalls:\n" rules

/* Texts by name, as files of a folder: names have no folder here. */
struct file {
	const char *name, *text;
};

struct folder {
	struct file files[4];
};

static int read_file(void *context, const char *name, const char *from, char **ret_text,
		     size_t *ret_length, char **ret_name)
{
	const struct folder *folder = context;

	(void)from;
	for (size_t i = 0; i < LENGTH(folder->files); i++) {
		const struct file *file = &folder->files[i];

		if (!file->name || strcmp(file->name, name) != 0)
			continue;
		if (!file->text)
			return -EACCES;
		*ret_text = strdup(file->text);
		*ret_length = strlen(file->text);
		*ret_name = strdup(name);
		return *ret_text && *ret_name ? 0 : -ENOMEM;
	}
	return -ENOENT;
}

static const struct based {
	const char *name;
	const char *text;
	struct folder folder;
	const char *list[2]; /* the caller's, or none */
	const char *code;    /* of the error; NULL: read and listen are allowed */
	const char *file;    /* … and where it is */
	unsigned line;
} cases[] = {
	{ "finds a base in the same text",
	  WEB("runc") BASE("runc", RULE("read", "ALLOW")) },
	{ "finds a base that stands in front",
	  BASE("runc", RULE("read", "ALLOW")) WEB("runc") },
	{ "finds a base in a file beside",
	  WEB("runc"),
	  { { { "runc.yaml", BASE("runc", RULE("read", "ALLOW")) } } } },
	{ "finds a base in a file of the shorter ending",
	  WEB("runc"),
	  { { { "runc.yml", BASE("runc", RULE("read", "ALLOW")) } } } },
	{ "finds a base in the caller's file",
	  WEB("runc"),
	  { { { "all", BASE("crun", "") BASE("runc", RULE("read", "ALLOW")) } } },
	  { "all" } },
	{ "prefers the caller's file",
	  WEB("runc"),
	  { { { "all", BASE("runc", RULE("read", "ALLOW")) },
	      { "runc.yaml", BASE("runc", "") } } },
	  { "all" } },
	{ "takes the name out of a registry's",
	  WEB("oci://ghcr.io:443/profiles/runc@sha256:0123"),
	  { { { "runc.yaml", BASE("runc", RULE("read", "ALLOW")) } } } },
	{ "takes the version of a registry's name as part of it",
	  WEB("oci://ghcr.io/profiles/runc:v1.4.2"),
	  { { { "runc-v1.4.2.yaml", BASE("runc-v1.4.2", RULE("read", "ALLOW")) },
	      { "runc.yaml", BASE("runc", "") } } } },
	{ "follows a base's base",
	  WEB("runc"),
	  { { { "runc.yaml", NAMED("runc") BASED("libc") ENDING("ERRNO") },
	      { "libc.yaml", BASE("libc", RULE("read", "ALLOW")) } } } },
	{ "takes the more lenient of two actions",
	  WEB("runc") RULE("read", "KILL") BASE("runc", RULE("read", "ALLOW")) },
	{ "… wherever it is from",
	  WEB("runc") RULE("read", "ALLOW") BASE("runc", RULE("read", "LOG")) },
	{ "does not find a base that is nowhere",
	  WEB("runc"),
	  { { { 0 } } },
	  { 0 },
	  "base-profile",
	  "main",
	  5 },
	{ "leaves files of other names alone",
	  WEB("runc"),
	  { { { "runc.yaml", BASE("crun", RULE("read", "ALLOW")) } } },
	  { 0 },
	  "base-profile",
	  "main",
	  5 },
	{ "opens nothing outside of the folder",
	  WEB("../runc"),
	  { { { "../runc.yaml", BASE("../runc", RULE("read", "ALLOW")) } } },
	  { 0 },
	  "base-profile",
	  "main",
	  5 },
	{ "says what cannot be read",
	  WEB("runc"),
	  { { { "runc.yaml", NULL } } },
	  { 0 },
	  "base-profile",
	  "main",
	  5 },
	{ "misses a file of the caller's",
	  WEB("runc"),
	  { { { "runc.yaml", BASE("runc", "") } } },
	  { "all" },
	  "base-profile",
	  "main",
	  5 },
	{ "refuses a profile that adds to itself",
	  WEB("web"),
	  { { { 0 } } },
	  { 0 },
	  "base-loop",
	  "main",
	  5 },
	{ "refuses a loop through files",
	  WEB("a"),
	  { { { "a.yaml", NAMED("a") BASED("b") ENDING("ERRNO") },
	      { "b.yaml", NAMED("b") BASED("a") ENDING("ERRNO") } } },
	  { 0 },
	  "base-loop",
	  "b.yaml",
	  5 },
	{ "finds errors in a base where they are",
	  WEB("runc"),
	  { { { "runc.yaml", BASE("runc", RULE("read", "ALOW")) } } },
	  { 0 },
	  "unknown-name",
	  "runc.yaml",
	  7 },
	{ "finds a base that is no YAML",
	  WEB("runc"),
	  { { { "runc.yaml", "kind: [\n}" } } },
	  { 0 },
	  "yaml-syntax",
	  "runc.yaml",
	  2 },
	{ "finds a base without a spec's default",
	  WEB("runc"),
	  { { { "runc.yaml", NAMED("runc") "  syscalls: []\n" } } },
	  { 0 },
	  "missing-field",
	  "runc.yaml",
	  5 },
};

static uint32_t verdict_of(const struct callgate_policy *policy, const char *name)
{
	struct seccomp_data data = { 0 };
	const struct abi *abi = abi_by_name(str_of("x86_64"));
	uint32_t number;

	assert_true(syscall_number(syscall_by_name(str_of(name)), abi, &number));
	data.nr = (int)number;
	data.arch = abi->audit_arch;
	return policy_evaluate(policy, &data, NULL);
}

static void check_error(const struct based *one, int error,
			const struct callgate_diagnostics *diagnostics)
{
	const struct callgate_diagnostic *found;
	struct callgate_position position = { 0 };

	if (error != -EINVAL || callgate_diagnostics_count(diagnostics) != 1)
		fail_msg("%s: returned %d", one->name, error);
	found = callgate_diagnostics_at(diagnostics, 0);
	if (strcmp(found->code, one->code) != 0)
		fail_msg("%s: %s", one->name, found->message);
	if (!callgate_diagnostics_position(diagnostics, found->span, &position) ||
	    strcmp(position.file, one->file) != 0 || position.line != one->line)
		fail_msg("%s: at %s:%u", one->name, position.file, position.line);
}

static int import(const char *text, const struct folder *folder,
		  const char *const *list, struct callgate_diagnostics *diagnostics,
		  struct callgate_policy **ret_policy)
{
	struct folder copy = *folder;
	const struct callgate_reader reader = { read_file, &copy };
	const struct callgate_import_options options = { .name = "main",
							 .machine = "x86_64",
							 .profile = "web",
							 .reader = &reader,
							 .bases = list };

	return callgate_policy_import(text, strlen(text), &options, diagnostics,
				      ret_policy);
}

static void test_bases(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *const list[] = { cases[i].list[0], NULL };
		struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
		struct callgate_policy *policy = NULL;
		int error = import(cases[i].text, &cases[i].folder, list, diagnostics,
				   &policy);

		if (cases[i].code) {
			check_error(&cases[i], error, diagnostics);
		} else {
			if (error)
				fail_msg("%s: returned %d", cases[i].name, error);
			if (verdict_of(policy, "read") != SECCOMP_RET_ALLOW ||
			    verdict_of(policy, "listen") != SECCOMP_RET_ALLOW ||
			    verdict_of(policy, "write") != (SECCOMP_RET_ERRNO | 1))
				fail_msg("%s: means something else", cases[i].name);
		}
		callgate_policy_free(policy);
		callgate_diagnostics_free(diagnostics);
	}
}

/* "web" and as many more, each of which adds to the one after it, in one text. */
static int import_chain(unsigned count, struct callgate_diagnostics *diagnostics)
{
	static const struct folder empty;
	struct callgate_policy *policy = NULL;
	char text[8192] = WEB("p1");
	size_t length = strlen(text);
	int error;

	for (unsigned i = 1; i <= count; i++) {
		snprintf(text + length, sizeof(text) - length,
			 NAMED("p%u") "  baseProfileName: p%u\n" ENDING("ERRNO"), i,
			 i + 1);
		length += strlen(text + length);
	}
	snprintf(text + length, sizeof(text) - length, BASE("p%u", ""), count + 1);
	error = import(text, &empty, NULL, diagnostics, &policy);
	callgate_policy_free(policy);
	return error;
}

static void test_depth(void **state)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();

	(void)state;
	assert_int_equal(import_chain(13, diagnostics), 0); /* 15 profiles in all */
	assert_int_equal(callgate_diagnostics_count(diagnostics), 0);
	assert_int_equal(import_chain(14, diagnostics), -EINVAL);
	assert_string_equal(callgate_diagnostics_at(diagnostics, 0)->code,
			    "base-depth");
	callgate_diagnostics_free(diagnostics);
}

/* Without a reader there is the text alone. */
static void test_alone(void **state)
{
	static const char text[] = WEB("runc"), both[] = WEB("runc") BASE("runc", "");
	const struct callgate_import_options options = { .profile = "web" };
	struct callgate_policy *policy = NULL;

	(void)state;
	assert_int_equal(callgate_policy_import(text, strlen(text), &options, NULL,
						&policy),
			 -EINVAL);
	assert_int_equal(callgate_policy_import(both, strlen(both), &options, NULL,
						&policy),
			 0);
	callgate_policy_free(policy);
}

/* The operator writes YAML; its resources may come as JSON, too. */
static void test_json(void **state)
{
	static const char text[] =
		"{\"kind\":\"SeccompProfile\",\"metadata\":{\"name\":\"web\"},\"spec\":"
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"baseProfileName\":\"runc\","
		"\"syscalls\":[{\"names\":[\"listen\"],\"action\":\"SCMP_ACT_ALLOW\"}]}"
		"}";
	static const struct folder folder = {
		{ { "runc.yaml", BASE("runc", RULE("read", "ALLOW")) } }
	};
	struct callgate_policy *policy = NULL;

	(void)state;
	assert_int_equal(import(text, &folder, NULL, NULL, &policy), 0);
	assert_int_equal(verdict_of(policy, "read"), SECCOMP_RET_ALLOW);
	assert_int_equal(verdict_of(policy, "listen"), SECCOMP_RET_ALLOW);
	callgate_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bases),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
