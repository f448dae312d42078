// SPDX-License-Identifier: MIT
/*
 * The expressions of `callgate watch --where`, over one event; and small things of the same
 * command that need no kernel: digests, containers' ids, counters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "callgate.h"
#include "cli/cli.h"
#include "cli/digest.h"
#include "cli/events.h"
#include "cli/watch_container.h"
#include "cli/where.h"

/* What the command line's code has of its own. */
void *cli_need(void *pointer)
{
	assert_non_null(pointer);
	return pointer;
}

static const char event_text[] =
	"{\"timestamp\": 5, \"processName\": \"a \\\"b\\\"\", \"hostProcessId\": 4711,"
	" \"userId\": 4294967294, \"eventId\": \"317\", \"eventName\": \"seccomp\","
	" \"executable\": {\"path\": \"/usr/bin/man\"}, \"returnValue\": -22,"
	" \"contextFlags\": {\"isCompat\": true}, \"args\": ["
	" {\"name\": \"operation\", \"type\": \"unsigned int\", \"value\": 1},"
	" {\"name\": \"flags\", \"type\": \"unsigned int\", \"value\": 5},"
	" {\"name\": \"args\", \"type\": \"const void*\", \"value\": "
	"\"0xffffffffffffff00\"}], \"callgate\": {\"filters\": 2, \"probe\": false}}";

static const struct {
	const char *text;
	bool is_true;
} cases[] = {
	{ "retval < 0 && args.operation == SECCOMP_SET_MODE_FILTER", true },
	{ "retval == -22", true },
	{ "retval == -EINVAL", false }, /* no number follows the minus */
	{ "retval > -0x17 && retval <= -026", true },
	{ "pid == 4711", true },
	{ "hostProcessId != 4711", false },
	{ "uid > 4294967293 && uid < 4294967295", true },
	{ "eventId == 317", true },
	{ "eventId == \"317\"", true },
	{ "eventId > \"4\"", false },
	{ "comm == 'a \"b\"'", true },
	{ "comm ~ \"a*\"", true },
	{ "comm ~ \"b*\"", false },
	{ "exe ~ '/usr/bin/*' && !(exe == '/usr/bin/man')", false },
	{ "contextFlags.isCompat", true },
	{ "contextFlags.isCompat == true", true },
	{ "callgate.probe == false", true },
	{ "!callgate.probe", true },
	{ "!!callgate.probe", false },
	{ "args.flags & SECCOMP_FILTER_FLAG_SPEC_ALLOW", true },
	{ "args.flags & SECCOMP_FILTER_FLAG_LOG", false },
	{ "args.flags & 4 == 4", true }, /* & binds tighter than in C */
	{ "args.args == 0xffffffffffffff00", true },
	{ "args.args > 0x7fffffffffffffff", true },
	{ "args.args & 0xff00", true },
	{ "args.nothing", false },
	{ "args.nothing == 0", false },
	{ "args.nothing != 0", true },
	{ "args.nothing < 0 || args.nothing >= 0", false },
	{ "containerId", false },
	{ "comm == 5", false },
	{ "0 || 1 && 0", false },
	{ "(0 || 1) && 1", true },
	{ "1||0&&0", true },
	{ " ( ( 1 ) ) ", true },
	{ "'' || \"x\"", true },
};

static void conditions_are_what_they_say(void **state)
{
	json_t *event = json_loads(event_text, 0, NULL);

	(void)state;
	assert_non_null(event);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct where_error error;
		struct where *where = where_parse(cases[i].text, &error);

		if (strstr(cases[i].text, "-EINVAL")) {
			assert_null(where);
			continue;
		}
		if (!where)
			fail_msg("%s: %s", cases[i].text, error.message);
		if (where_matches(where, event) != cases[i].is_true)
			fail_msg("%s is not %d", cases[i].text, cases[i].is_true);
		where_free(where);
	}
	json_decref(event);
}

static const struct {
	const char *text;
	size_t offset, length;
	const char *message;
} mistakes[] = {
	{ "", 0, 1, "want a field or a value here" },
	{ "pid ==", 6, 1, "want a field or a value here" },
	{ "pid = 1", 4, 1, "want an operator here" },
	{ "pid == 1 comm", 9, 1, "want an operator here" },
	{ "(pid", 4, 1, "want ')' here" },
	{ "pid == 12x", 7, 3, "'12x' is no number" },
	{ "pid == 99999999999999999999", 7, 20, "'99999999999999999999' is no number" },
	{ "- x", 2, 0, NULL },
	{ "comm == 'a", 8, 2, "this text has no end; want '" },
	{ "retvl", 0, 5,
	  "there is no field or constant 'retvl'; did you mean 'retval'?" },
	{ "executable.pth == ''", 0, 14, NULL },
	{ "args.", 0, 5, NULL },
	{ "pid == \xff", 7, 1, "want a field or a value here" },
};

static void mistakes_are_found_where_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		struct where_error error = { 0 };

		if (where_parse(mistakes[i].text, &error))
			fail_msg("'%s' is taken", mistakes[i].text);
		if (!mistakes[i].message)
			continue;
		assert_string_equal(error.message, mistakes[i].message);
		assert_int_equal(error.offset, mistakes[i].offset);
		assert_int_equal(error.length, mistakes[i].length);
	}
}

static void what_is_long_or_deep_is_refused(void **state)
{
	static const char *const pieces[] = { "(", "!", "1&&", "1&" };
	struct where_error error;

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		size_t length = strlen(pieces[i]), count = 100000;
		char *text = malloc(length * count + 1);

		assert_non_null(text);
		for (size_t at = 0; at < count; at++)
			memcpy(text + at * length, pieces[i], length);
		text[length * count] = '\0';
		assert_null(where_parse(text, &error));
		free(text);
	}
}

static void digests_are_those_of_the_standard(void **state)
{
	static const struct {
		size_t length;
		const char *digest;
	} known[] = {
		/* of so many letters "a" */
		{ 0,
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ 55,
		  "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
		{ 56,
		  "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
		{ 64,
		  "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
		{ 1000,
		  "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3" },
	};
	char text[DIGEST_TEXT], letters[1000];

	(void)state;
	memset(letters, 'a', sizeof(letters));
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		digest_sha256(letters, known[i].length, text);
		assert_string_equal(text, known[i].digest);
	}
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void containers_are_found_in_cgroups(void **state)
{
	static const struct {
		const char *cgroups;
		const char *id;
	} known[] = {
		{ "0::/system.slice/docker-" ID ".scope\n", ID },
		{ "4:memory:/kubepods/pod1/" ID "\n0::/\n", ID },
		{ "0::/user.slice/user-0.slice\n", "" },
		{ "0::/a" ID "f\n", "" }, /* too long */
		{ "", "" },
	};
	char id[CONTAINER_ID];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		container_id(known[i].cgroups, id);
		assert_string_equal(id, known[i].id);
	}
}

static void a_start_stands_behind_any_name(void **state)
{
	static const struct {
		const char *stat;
		uint64_t start;
	} known[] = {
		{ "7 (a) S 1 7 7 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 1 0 4711 2625536 4",
		  4711 },
		{ "7 (a) S 1) R 1 7 7 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 1 0 4711 262 4",
		  4711 },
		{ "7 (a) S 1 7 7 0 -1 4194560 9 0 0 0 1 2 0 0 20 0 1 0", 0 },
		{ "7", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		assert_int_equal(container_start(known[i].stat), known[i].start);
}

static void lists_of_events_are_read(void **state)
{
	const char *wrong;

	(void)state;
	assert_int_equal(event_kinds_parse("seccomp", &wrong), 1);
	assert_int_equal(event_kinds_parse("denied,prctl", &wrong), 6);
	assert_int_equal(event_kinds_parse("denied,", &wrong), 0);
	assert_string_equal(wrong, "");
	assert_int_equal(event_kinds_parse("exec,denied", &wrong), 0);
	assert_string_equal(wrong, "exec,denied");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_are_what_they_say),
		cmocka_unit_test(mistakes_are_found_where_they_are),
		cmocka_unit_test(what_is_long_or_deep_is_refused),
		cmocka_unit_test(digests_are_those_of_the_standard),
		cmocka_unit_test(containers_are_found_in_cgroups),
		cmocka_unit_test(a_start_stands_behind_any_name),
		cmocka_unit_test(lists_of_events_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
