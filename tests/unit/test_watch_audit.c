// SPDX-License-Identifier: MIT
/*
 * Denials out of audit records, records that are missing, and denials that both eBPF and a
 * record tell of. The records are as kernels wrote them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "callgate.h"
#include "watch_audit.h"

#define CLOCK INT64_C(1700000000000000000)

/* --- records ------------------------------------------------------------------------ */

static const struct record_case {
	const char *name;
	const char *record;
	uint32_t verdict, mode;
	int number;
	uint32_t pid, uid;
	const char *comm, *path;
	uint64_t serial;
	bool is_compat, is_strict;
} record_cases[] = {
	{ .name = "a killed process",
	  .record =
		  "audit(1700000001.123:17355): auid=4294967295 uid=0 gid=0 "
		  "ses=4294967295 pid=29301 comm=\"mkdir\" exe=\"/usr/bin/mkdir\" "
		  "sig=31 "
		  "arch=c000003e syscall=83 compat=0 ip=0x7fa59e4e4cf7 code=0x80000000",
	  .verdict = SECCOMP_RET_KILL_PROCESS,
	  .mode = 3,
	  .number = 83,
	  .pid = 29301,
	  .comm = "mkdir",
	  .path = "/usr/bin/mkdir",
	  .serial = 17355 },
	{ .name = "strict mode, whose signal is another",
	  .record = "audit(1700000001.123:1): auid=1000 uid=1000 gid=1000 ses=2 pid=7 "
		    "comm=\"a\" exe=\"/a\" sig=9 arch=c000003e syscall=121 compat=0 "
		    "ip=0x555a09651f9f code=0x0",
	  .verdict = SECCOMP_RET_KILL_THREAD,
	  .mode = 1,
	  .number = 121,
	  .pid = 7,
	  .uid = 1000,
	  .comm = "a",
	  .path = "/a",
	  .serial = 1,
	  .is_strict = true },
	{ .name = "an errno, of which it has no number, by a label of AppArmor",
	  .record =
		  "audit(1700000001.123:9): auid=0 uid=0 gid=0 ses=1 "
		  "subj=docker-default pid=8 comm=\"b\" exe=\"/b\" sig=0 arch=40000003 "
		  "syscall=39 compat=1 ip=0xf7f0 code=0x50000",
	  .verdict = SECCOMP_RET_ERRNO,
	  .mode = 2,
	  .number = 39,
	  .pid = 8,
	  .comm = "b",
	  .path = "/b",
	  .serial = 9,
	  .is_compat = true },
	{ .name = "a hostile name, in digits",
	  .record = "audit(1700000001.123:10): auid=0 uid=0 gid=0 ses=1 pid=8 "
		    "comm=612022620A63 exe=2F612022620A63FF sig=31 arch=c000003e "
		    "syscall=39 compat=0 ip=0x1 code=0x30000",
	  .verdict = SECCOMP_RET_TRAP,
	  .mode = 2,
	  .number = 39,
	  .pid = 8,
	  .comm = "a \"b\nc",
	  .path = "/a \"b\nc\xff",
	  .serial = 10 },
};

static void tells_of_each_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(record_cases) / sizeof(record_cases[0]); i++) {
		const struct record_case *test = &record_cases[i];
		size_t length = strlen(test->record);
		struct watch_audited audited;
		const struct watch_event *event = &audited.event;
		struct watch_verdict verdict;
		char path[WATCH_PATH_TEXT];

		print_message("  %s\n", test->name);
		assert_true(watch_audit_parse(test->record, length, CLOCK, &audited));
		assert_true(watch_judge(NULL, event, &verdict));
		assert_int_equal(verdict.source, WATCH_BY_AUDIT);
		assert_int_equal(verdict.value, test->verdict);
		assert_int_equal(watch_is_strict(event, &verdict), test->is_strict);
		assert_int_equal(event->mode, test->mode);
		assert_int_equal(event->number, test->number);
		assert_int_equal(event->host_pid, test->pid);
		assert_int_equal(event->uid, test->uid);
		assert_int_equal(event->began, 1123000000);
		assert_int_equal(!!(event->marks & WATCH_COMPAT), test->is_compat);
		assert_string_equal(event->comm, test->comm);
		watch_path(event, path);
		assert_string_equal(path, test->path);
		assert_int_equal(watch_audit_serial(test->record, length),
				 test->serial);
	}
}

static const char *const others[] = {
	/* the call was allowed, and logged */
	"audit(1700000001.123:9): uid=0 pid=8 comm=\"b\" exe=\"/b\" sig=0 "
	"arch=c000003e "
	"syscall=39 compat=0 ip=0x1 code=0x7ffc0000",
	"audit(1700000001.123:9): uid=0 pid=8 comm=\"b\"",
	"audit(",
	"",
};

static void tells_of_nothing_else(void **state)
{
	struct watch_audited audited;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(watch_audit_parse(others[i], strlen(others[i]), CLOCK,
					       &audited));
	assert_int_equal(watch_audit_serial("audit(1:", 8), 0);
}

static void cuts_a_path_that_is_too_long(void **state)
{
	char text[3 * WATCH_PATH], path[WATCH_PATH + 100];
	struct watch_audited audited;
	int length;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	length = snprintf(text, sizeof(text),
			  "audit(1700000001.123:9): pid=8 exe=\"%s\" sig=31 "
			  "arch=c000003e syscall=39 ip=0x1 code=0x0",
			  path);
	assert_true(watch_audit_parse(text, (size_t)length, CLOCK, &audited));
	assert_true(audited.event.path_length < WATCH_PATH);
}

/* --- paths -------------------------------------------------------------------------- */

/* As long as the kernel half writes them: each of the names but the last one has its most. */
static void a_path_has_room_for_every_name(void **state)
{
	struct {
		struct watch_event event;
		char tail[WATCH_TAIL];
	} whole = { .event = { .path_length = WATCH_TAIL, .marks = WATCH_PATH_CUT } };
	char path[WATCH_PATH_TEXT + 8];

	(void)state;
	memset(whole.tail, 'x', sizeof(whole.tail));
	for (size_t end = WATCH_NAME; end <= WATCH_TAIL; end += WATCH_NAME)
		whole.tail[end - 1] = '\0';
	memset(path, '!', sizeof(path));
	watch_path(&whole.event, path);
	assert_int_equal(strlen(path), WATCH_PATH_TEXT - 1);
	assert_memory_equal(path, ".../xxx", 7);
	assert_int_equal(path[WATCH_PATH_TEXT], '!');
	whole.event.marks = 0;
	watch_path(&whole.event, path);
	assert_memory_equal(path, "/xxx", 4);
}

/* --- numbers -------------------------------------------------------------------------- */

static void counts_the_numbers_that_never_came(void **state)
{
	static const struct {
		uint64_t numbers[8];
		uint64_t lost;
	} cases[] = {
		{ { 5, 6, 7, 8 }, 0 },
		{ { 5, 8 }, 2 },
		{ { 5, 8, 7, 6 }, 0 },
		{ { 5, 5, 5, 7, 7, 5 }, 1 },
		{ { 9, 3, 10 }, 0 }, /* 3 is from before we listened */
		{ { 5, 5000 }, 4994 },
		{ { 5, 5000, 4999, 6 }, 4993 },
		{ { 5, 1029, 6, 1030 }, 1022 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct watch_serials serials = { 0 };

		for (size_t k = 0; k < 8 && cases[i].numbers[k]; k++)
			watch_serials_add(&serials, cases[i].numbers[k]);
		assert_int_equal(watch_serials_lost(&serials), cases[i].lost);
	}
}

/* --- two witnesses ---------------------------------------------------------------------- */

static struct watch_event denial(uint32_t pid, int number)
{
	return (struct watch_event){ .kind = WATCH_DENIED,
				     .host_pid = pid,
				     .number = number,
				     .instruction_pointer = 1 };
}

static void a_denial_that_both_tell_of_is_one(void **state)
{
	struct watch_pairs *pairs = watch_pairs_new();
	const struct watch_event one = denial(1, 1), other = denial(1, 2);
	struct watch_event *alone;

	(void)state;
	/* in either order, as often as it happens */
	watch_pairs_seen(pairs, &one);
	watch_pairs_seen(pairs, &one);
	assert_true(watch_pairs_audited(pairs, &one, 0));
	assert_true(watch_pairs_audited(pairs, &one, 0));
	assert_true(watch_pairs_audited(pairs, &other, 0));
	watch_pairs_seen(pairs, &other);
	assert_null(watch_pairs_due(pairs, WATCH_PAIR_WAIT));
	/* but what one alone tells of is told */
	assert_true(watch_pairs_audited(pairs, &one, 0));
	assert_null(watch_pairs_due(pairs, WATCH_PAIR_WAIT - 1));
	alone = watch_pairs_due(pairs, WATCH_PAIR_WAIT);
	assert_non_null(alone);
	assert_int_equal(alone->number, 1);
	free(alone);
	assert_null(watch_pairs_due(pairs, UINT64_MAX));
	watch_pairs_free(pairs);
}

static void what_cannot_wait_is_told_at_once(void **state)
{
	struct watch_pairs *pairs = watch_pairs_new();
	size_t waiting = 0;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct watch_event event = denial(1, i);

		waiting += watch_pairs_audited(pairs, &event, 0);
	}
	assert_in_range(waiting, 1000, 4999);
	watch_pairs_free(pairs);
}

static void a_denial_of_long_ago_is_forgotten(void **state)
{
	struct watch_pairs *pairs = watch_pairs_new();
	const struct watch_event first = denial(2, 0), last = denial(2, 99999);

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct watch_event event = denial(2, i);

		watch_pairs_seen(pairs, &event);
	}
	assert_true(watch_pairs_audited(pairs, &last, 0));
	assert_null(watch_pairs_due(pairs, UINT64_MAX));
	assert_true(watch_pairs_audited(pairs, &first, 0));
	free(watch_pairs_due(pairs, UINT64_MAX));
	watch_pairs_free(pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_each_record),
		cmocka_unit_test(tells_of_nothing_else),
		cmocka_unit_test(cuts_a_path_that_is_too_long),
		cmocka_unit_test(a_path_has_room_for_every_name),
		cmocka_unit_test(counts_the_numbers_that_never_came),
		cmocka_unit_test(a_denial_that_both_tell_of_is_one),
		cmocka_unit_test(what_cannot_wait_is_told_at_once),
		cmocka_unit_test(a_denial_of_long_ago_is_forgotten),
	};

	return cmocka_run_group_tests_name("watch_audit", tests, NULL, NULL);
}
