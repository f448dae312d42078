// SPDX-License-Identifier: MIT
/*
 * The audit: each planted flaw is found and nothing else, with calls on which the program
 * answers what is said; clean filters have no findings. The tables behind it make sense.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "audit/cases.h"
#include "base/buffer.h"
#include "data/hazard.h"
#include "data/verdict.h"
#include "policy/call.h"

static void check_evidence(const struct callgate_filter *filter,
			   const struct callgate_finding *finding)
{
	assert_true(finding->message[0] && finding->reason[0] && finding->mend[0]);
	if (finding->has_call)
		assert_int_equal(finding->verdict,
				 verdict_normalize(
					 callgate_filter_run(filter, &finding->call)
						 .value));
	if (finding->has_other)
		assert_int_equal(finding->other_verdict,
				 verdict_normalize(
					 callgate_filter_run(filter, &finding->other)
						 .value));
}

static bool has_code(const struct callgate_audit *audit, const char *code)
{
	for (size_t i = 0; i < callgate_audit_count(audit); i++)
		if (callgate_audit_at(audit, i)->risk >= CALLGATE_RISK_LOW &&
		    strcmp(callgate_audit_at(audit, i)->code, code) == 0)
			return true;
	return false;
}

/* The codes of what was found, from low on, each once, in order of the alphabet. */
static char *list_codes(const struct callgate_audit *audit)
{
	struct buffer codes = { 0 };

	buffer_text(&codes, "");
	for (size_t i = 0; callgate_audit_code(i); i++)
		if (has_code(audit, callgate_audit_code(i)))
			buffer_printf(&codes, "%s%s", codes.len ? " " : "",
				      callgate_audit_code(i));
	return buffer_take(&codes);
}

/* Says what is found instead of what should be. */
static bool is_as_planted(const struct audit_case *test)
{
	struct callgate_filter *filter = audit_case_filter(test);
	struct callgate_audit *audit;
	bool is_same;
	char *codes;

	assert_non_null(filter);
	assert_int_equal(callgate_filter_audit(filter, NULL, &audit), 0);
	for (size_t i = 0; i < callgate_audit_count(audit); i++)
		check_evidence(filter, callgate_audit_at(audit, i));
	codes = list_codes(audit);
	is_same = strcmp(codes, test->codes) == 0;
	if (!is_same)
		print_error("%s: found '%s', wanted '%s'\n", test->name, codes,
			    test->codes);
	free(codes);
	callgate_audit_free(audit);
	callgate_filter_free(filter);
	return is_same;
}

static void check_cases(const struct audit_case *cases, size_t count)
{
	size_t right = 0;

	assert_true(count >= 40);
	for (size_t i = 0; i < count; i++)
		right += is_as_planted(&cases[i]);
	print_message("%zu of %zu\n", right, count);
	assert_int_equal(right, count);
}

static void finds_what_was_planted(void **state)
{
	(void)state;
	check_cases(audit_planted, audit_planted_count);
}

static void finds_nothing_in_clean_filters(void **state)
{
	(void)state;
	check_cases(audit_clean, audit_clean_count);
}

/* --- mends ------------------------------------------------------------------------- */

/* A statement that a policy has once, and a mend replaces. */
static bool is_setting(struct str statement)
{
	static const char *const words[] = { "abi", "arch", "default", "unknown",
					     "badarch" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);

		if (statement.len > length && statement.ptr[length] == ' ' &&
		    memcmp(statement.ptr, words[i], length) == 0)
			return true;
	}
	return false;
}

static struct str first_word(struct str text)
{
	size_t length = 0;

	while (length < text.len && text.ptr[length] != ' ')
		length++;
	return (struct str){ text.ptr, length };
}

/* The next part of a text up to `end`, which is taken off. */
static bool next_part(struct str *text, char end, struct str *ret_part)
{
	size_t length = 0;

	if (!text->len)
		return false;
	while (length < text->len && text->ptr[length] != end)
		length++;
	*ret_part = (struct str){ text->ptr, length };
	length += length < text->len;
	*text = (struct str){ text->ptr + length, text->len - length };
	while (text->len && text->ptr[0] == ' ')
		*text = (struct str){ text->ptr + 1, text->len - 1 };
	return true;
}

/* Whether the mend has a setting of this line's kind. */
static bool is_replaced(const char *mend, struct str line)
{
	struct str left = str_of(mend), statement;

	while (next_part(&left, ';', &statement))
		if (is_setting(line) && is_setting(statement) &&
		    str_equal(first_word(line), first_word(statement)))
			return true;
	return false;
}

/* The mend's settings in the place of the text's, its rules ahead of all. */
static void apply_mend(const char *mend, const char *policy, struct buffer *ret_text)
{
	struct str left = str_of(policy), line;

	buffer_printf(ret_text, "%s\n", mend);
	while (next_part(&left, '\n', &line))
		if (!is_replaced(mend, line))
			buffer_printf(ret_text, "%.*s\n", STR_ARG(line));
}

static bool has_finding(const struct callgate_audit *audit,
			const struct callgate_finding *finding)
{
	for (size_t i = 0; i < callgate_audit_count(audit); i++)
		if (strcmp(callgate_audit_at(audit, i)->code, finding->code) == 0 &&
		    strcmp(callgate_audit_at(audit, i)->message, finding->message) == 0)
			return true;
	return false;
}

/* Advice in prose is no policy. True: the finding is gone, or there was no edit. */
static bool is_mended(const char *policy, const struct callgate_finding *finding,
		      size_t *mended)
{
	struct buffer text = { 0 };
	struct callgate_policy *parsed = NULL;
	struct callgate_filter *filter = NULL;
	struct callgate_audit *audit = NULL;
	bool is_gone = true;

	apply_mend(finding->mend, policy, &text);
	if (!callgate_policy_parse(text.data, text.len, NULL, NULL, &parsed)) {
		assert_int_equal(callgate_policy_compile(parsed, NULL, NULL, &filter),
				 0);
		assert_int_equal(callgate_filter_audit(filter, NULL, &audit), 0);
		is_gone = !has_finding(audit, finding);
		*mended += is_gone;
		callgate_audit_free(audit);
	}
	if (!is_gone)
		print_error("%s\nis not mended by %s\n", finding->message,
			    finding->mend);
	callgate_filter_free(filter);
	callgate_policy_free(parsed);
	buffer_done(&text);
	return is_gone;
}

static void mends_what_it_finds(void **state)
{
	size_t mended = 0, found = 0;
	bool good = true;

	(void)state;
	for (size_t i = 0; i < audit_planted_count; i++) {
		struct callgate_filter *filter = audit_case_filter(&audit_planted[i]);
		struct callgate_audit *audit;
		char *policy = NULL;

		assert_int_equal(callgate_filter_audit(filter, NULL, &audit), 0);
		if (callgate_filter_decompile(filter, NULL, NULL, &policy) == 0)
			for (size_t k = 0; k < callgate_audit_count(audit); k++) {
				found++;
				good &= is_mended(policy, callgate_audit_at(audit, k),
						  &mended);
			}
		free(policy);
		callgate_audit_free(audit);
		callgate_filter_free(filter);
	}
	print_message("%zu of %zu findings gone after the edit\n", mended, found);
	assert_true(good);
	assert_true(mended * 2 > found);
}

static void tells_of_the_worst_first(void **state)
{
	const struct audit_case test = {
		.policy = "arch x86_64\nabi linux-5.4\nallow ioctl, ptrace, faccessat,"
			  " clone, clone3, syslog",
	};
	struct callgate_filter *filter = audit_case_filter(&test);
	struct callgate_audit *audit;

	(void)state;
	assert_int_equal(callgate_filter_audit(filter, NULL, &audit), 0);
	assert_true(callgate_audit_count(audit) > 3);
	assert_int_equal(callgate_audit_at(audit, 0)->risk, CALLGATE_RISK_HIGH);
	for (size_t i = 1; i < callgate_audit_count(audit); i++)
		assert_true(callgate_audit_at(audit, i)->risk <=
			    callgate_audit_at(audit, i - 1)->risk);
	assert_null(callgate_audit_at(audit, callgate_audit_count(audit)));
	callgate_audit_free(audit);
	callgate_audit_free(NULL);
	callgate_filter_free(filter);
}

static void describes_its_codes_in_order(void **state)
{
	size_t count = 0;

	(void)state;
	for (; callgate_audit_code(count); count++) {
		assert_non_null(callgate_audit_code_help(count));
		if (count)
			assert_true(strcmp(callgate_audit_code(count - 1),
					   callgate_audit_code(count)) < 0);
	}
	assert_true(count > 0);
	assert_null(callgate_audit_code_help(count));
}

/* --- the tables -------------------------------------------------------------------- */

/* Not every ABI gives a call the same arguments; one must have those named. */
static bool is_call_somewhere(struct str hazard)
{
	bool is_call = false;

	for (size_t i = 0; !is_call && i < abi_count(); i++) {
		struct buffer text = { 0 };
		struct policy_call parsed;

		buffer_printf(&text, "%s:%.*s", abi_at(i)->name, STR_ARG(hazard));
		is_call = policy_call_parse(NULL, text.data, NULL, &parsed) == 0;
		if (is_call)
			policy_call_done(&parsed);
		buffer_done(&text);
	}
	return is_call;
}

static void check_hazards(const char *text)
{
	struct str list = str_of(text), hazard;

	while (hazard_next(&list, &hazard)) {
		assert_non_null(hazard_syscall(hazard));
		if (!is_call_somewhere(hazard))
			fail_msg("'%.*s' is no call", STR_ARG(hazard));
	}
}

static void knows_every_call_of_its_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < equivalence_count(); i++) {
		check_hazards(equivalence_at(i).denied);
		check_hazards(equivalence_at(i).by);
	}
	for (size_t i = 0; i < danger_count(); i++)
		check_hazards(danger_at(i).calls);
	for (size_t i = 0; i < fallback_count(); i++)
		assert_ptr_not_equal(fallback_at(i).call, fallback_at(i).fallback);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_planted),
		cmocka_unit_test(finds_nothing_in_clean_filters),
		cmocka_unit_test(mends_what_it_finds),
		cmocka_unit_test(tells_of_the_worst_first),
		cmocka_unit_test(describes_its_codes_in_order),
		cmocka_unit_test(knows_every_call_of_its_tables),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
