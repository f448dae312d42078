// SPDX-License-Identifier: MIT
/* What `callgate top` makes of events and counts, and how a screen of it reads. */
#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "cli/top.h"

/* The command's own ends the program. */
void *cli_need(void *pointer)
{
	assert_non_null(pointer);
	return pointer;
}

/* --- what is fed in ----------------------------------------------------------------- */

static void deny(struct top *top, uint32_t pid, int number, uint64_t filter)
{
	const struct watch_event event = {
		.host_pid = pid,
		.number = number,
		.comm = "refused",
		.layer_count = 2,
		.filters = 2,
	};
	const struct watch_verdict verdict = {
		.source = WATCH_BY_FILTERS,
		.value = SECCOMP_RET_ERRNO | 1,
		.layer = 1,
		.instruction = 7,
	};

	top_add_denial(top, &event, &verdict, filter);
}

static void count(struct top *top, uint32_t pid, uint64_t start, uint64_t calls)
{
	const struct count_key key = { .pid = pid, .start = start };
	const struct count_value value = { .calls = calls, .name = "counted" };

	top_add_count(top, &key, &value);
}

static size_t draw(const struct top *top, struct top_view view, struct top_line *lines)
{
	view.width = view.width ? view.width : 80;
	view.height = view.height ? view.height : 30;
	return top_draw(top, &view, "12:00:00", lines);
}

/* How many lines have the text. */
static unsigned lines_with(const struct top *top, struct top_view view,
			   const char *text)
{
	struct top_line lines[64];
	size_t height = draw(top, view, lines);
	unsigned found = 0;

	for (size_t i = 0; i < height; i++)
		found += strstr(lines[i].text, text) != NULL;
	return found;
}

static const struct top_view everyone = { .everyone = true };

/* --- cases -------------------------------------------------------------------------- */

static void rates_are_what_came_since_the_last_tick(void **state)
{
	struct top top = { 0 };

	(void)state;
	count(&top, 5, 1, 100);
	top_tick(&top, 1);
	count(&top, 5, 1, 150);
	count(&top, 5, 1, 150); /* told twice is counted once */
	deny(&top, 5, 0, 1);
	deny(&top, 5, 0, 1);
	top_tick(&top, 2);
	assert_int_equal(top.process_count, 1);
	assert_true(top.processes[0].calls.per_second == 25);
	assert_true(top.processes[0].denied.per_second == 1);
	assert_int_equal(top.denied.total, 2);
	top_tick(&top, 1);
	assert_true(top.denied.per_second == 0);
	assert_int_equal(top.denied.total, 2);
	top_done(&top);
}

static void an_id_given_anew_is_another_process(void **state)
{
	struct top top = { 0 };

	(void)state;
	count(&top, 5, 1, 100);
	count(&top, 5, 2, 10);
	deny(&top, 5, 0, 1);
	assert_int_equal(top.process_count, 2);
	assert_int_equal(top.processes[0].denied.total, 0);
	assert_int_equal(top.processes[1].denied.total, 1);
	top_done(&top);
}

static void a_rule_is_a_statement_and_a_call(void **state)
{
	struct top top = { 0 };

	(void)state;
	deny(&top, 5, 0, 1);
	deny(&top, 6, 0, 1); /* the same filter, another process */
	deny(&top, 5, 1, 1); /* another call */
	deny(&top, 5, 0, 2); /* another filter */
	assert_int_equal(top.rule_count, 3);
	assert_int_equal(top.rules[0].denied.total, 2);
	assert_int_equal(top.rules[0].pid, 6);
	top_done(&top);
}

static void note_forgotten(void *pid, const struct count_key *key)
{
	*(uint32_t *)pid = key->pid;
}

static void who_does_nothing_is_forgotten(void **state)
{
	uint32_t forgotten = 0;
	struct top top = { .forget = note_forgotten, .forget_context = &forgotten };

	(void)state;
	count(&top, 5, 1, 100);
	deny(&top, 6, 0, 1);
	for (int i = 0; i < 20; i++)
		top_tick(&top, 1);
	assert_int_equal(forgotten, 5);
	assert_int_equal(top.process_count, 1);
	assert_int_equal(top.processes[0].key.pid, 6);
	top_done(&top);
}

static void who_was_refused_is_forgotten_later(void **state)
{
	struct top top = { 0 };

	(void)state;
	deny(&top, 6, 0, 1);
	for (int i = 0; i < 599; i++)
		top_tick(&top, 1);
	assert_int_equal(top.process_count, 1);
	deny(&top, 6, 0, 1);
	for (int i = 0; i < 601; i++)
		top_tick(&top, 1);
	assert_int_equal(top.process_count, 0);
	for (uint32_t pid = 1; pid <= 20000; pid++)
		deny(&top, pid, 0, 1);
	for (int i = 0; i < 11; i++)
		top_tick(&top, 1);
	assert_int_equal(top.process_count, 0);
	assert_int_equal(top.denied.total, 20002);
	top_done(&top);
}

static void a_new_rule_takes_the_place_of_the_idlest(void **state)
{
	struct top top = { 0 };

	(void)state;
	for (int number = 0; number < 4096; number++) {
		deny(&top, 6, number, 1);
		if (number == 2000)
			top_tick(&top, 1);
	}
	deny(&top, 6, 0, 1);
	deny(&top, 6, 5000, 1);
	assert_int_equal(top.rule_count, 4096);
	assert_int_equal(top.rules[0].denied.total, 2);
	assert_int_equal(top.rules[1].denial.number, 5000);
	assert_int_equal(top.rules[1].denied.total, 1);
	top_done(&top);
}

static void a_screen_has_what_is_asked_for(void **state)
{
	static const struct {
		struct top_view view;
		const char *text;
		unsigned lines;
	} cases[] = {
		{ { 0 }, "read", 2 }, /* the process's last, and the rule's */
		{ { 0 }, "errno EPERM", 2 },
		{ { 0 }, "1/2", 1 },
		{ { 0 }, "counted", 0 }, /* it is not confined */
		{ { .everyone = true }, "counted", 1 },
		{ { .pattern = "READ" }, "refused", 2 },
		{ { .pattern = "nothing" }, "refused", 0 },
		{ { .everyone = true, .pattern = "5" }, "counted", 1 },
		{ { .paused = true }, "PAUSED", 1 },
		{ { .help = true }, "sort by", 1 },
		{ { .pattern = "abc", .typing = true }, "filter: abc_", 1 },
	};
	struct top top = { 0 };

	(void)state;
	count(&top, 5, 1, 100);
	deny(&top, 6, SYS_read, 1);
	top_tick(&top, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(lines_with(&top, cases[i].view, cases[i].text),
				 cases[i].lines);
	top.lost = 3;
	assert_int_equal(lines_with(&top, everyone, "3 denials were lost"), 1);
	top_done(&top);
}

static void a_screen_has_no_more_than_its_size(void **state)
{
	struct top_line lines[64];
	struct top top = { 0 };

	(void)state;
	for (uint32_t i = 1; i < 300; i++)
		deny(&top, i, (int)i, i);
	top_tick(&top, 1);
	for (unsigned height = 0; height < 60; height++) {
		struct top_view view = { .width = 1 + height, .height = height };
		size_t drawn = top_draw(&top, &view, "12:00:00", lines);

		assert_true(drawn <= height);
		for (size_t i = 0; i < drawn; i++)
			assert_true(strlen(lines[i].text) <= view.width);
	}
	top_done(&top);
}

static void the_busiest_come_first(void **state)
{
	struct top_line lines[64];
	struct top top = { 0 };

	(void)state;
	deny(&top, 5, 0, 1);
	for (int i = 0; i < 3; i++)
		deny(&top, 4, 1, 2);
	top_tick(&top, 1);
	draw(&top, everyone, lines);
	assert_non_null(strstr(lines[3].text, "       4 refused"));
	draw(&top, (struct top_view){ .sort = TOP_BY_PID }, lines);
	assert_non_null(strstr(lines[3].text, "       4 refused"));
	for (int i = 0; i < 9; i++)
		deny(&top, 5, 0, 1);
	top_tick(&top, 1);
	draw(&top, everyone, lines);
	assert_non_null(strstr(lines[3].text, "       5 refused"));
	top_done(&top);
}

static void a_name_is_printable(void **state)
{
	const struct count_key key = { .pid = 5, .start = 1 };
	struct count_value value = { .calls = 1 };
	struct top top = { 0 };

	(void)state;
	memcpy(value.name, "\x1b[2J\n\xff\x80ÄÖÜ012", sizeof(value.name));
	top_add_count(&top, &key, &value);
	top_tick(&top, 1);
	assert_int_equal(lines_with(&top, everyone, "?[2J?????????01"), 1);
	top_done(&top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_what_came_since_the_last_tick),
		cmocka_unit_test(an_id_given_anew_is_another_process),
		cmocka_unit_test(a_rule_is_a_statement_and_a_call),
		cmocka_unit_test(who_was_refused_is_forgotten_later),
		cmocka_unit_test(a_new_rule_takes_the_place_of_the_idlest),
		cmocka_unit_test(who_does_nothing_is_forgotten),
		cmocka_unit_test(a_screen_has_what_is_asked_for),
		cmocka_unit_test(a_screen_has_no_more_than_its_size),
		cmocka_unit_test(the_busiest_come_first),
		cmocka_unit_test(a_name_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
