// SPDX-License-Identifier: MIT
/*
 * Rules → text in the language, in columns and lines of a page's width.
 */
#include "meaning/decompile.h"

#include "data/verdict.h"

#include <linux/seccomp.h>

#define LINE_MAX_COLUMNS 88
#define ACTION_COLUMNS	 7

struct page {
	const struct plan *plan;
	struct buffer *text;
	size_t line; /* where the current line begins */
	unsigned indent;
	bool is_first; /* item of the rule */
};

/* As the language writes it for all listed ABIs at once. */
static void print_verdict(const struct plan *plan, uint32_t verdict,
			  struct buffer *ret_text)
{
	const struct decompile *decompile = plan->decompile;
	const struct abi *first = decompile->abis[0].abi;
	uint16_t number = (uint16_t)(verdict & SECCOMP_RET_DATA), other;
	bool is_errno = (verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
	const char *name = is_errno ? errno_name(number, first) : NULL;

	for (size_t i = 1; name && i < decompile->abi_count; i++)
		if (!errno_by_name(str_of(name), decompile->abis[i].abi, &other) ||
		    other != number)
			name = NULL;
	if (is_errno && !name)
		buffer_printf(ret_text, "errno %u", (unsigned)number);
	else
		verdict_print(verdict, first, ret_text);
}

static void begin_line(struct page *page)
{
	page->line = page->text->len;
	for (unsigned i = 0; i < page->indent; i++)
		buffer_text(page->text, "\t");
}

static size_t column_of(const struct page *page)
{
	return page->text->len - page->line + 7u * page->indent;
}

static void end_line(struct page *page)
{
	buffer_text(page->text, "\n");
	page->line = page->text->len;
}

/* A word, and blanks up to where the items of a rule begin. */
static void begin_statement(struct page *page, const char *word)
{
	size_t length = strlen(word);

	begin_line(page);
	buffer_text(page->text, word);
	buffer_fill(page->text, ' ',
		    length < ACTION_COLUMNS ? ACTION_COLUMNS + 1 - length : 1);
	page->is_first = true;
}

static void begin_rule(struct page *page, uint32_t verdict)
{
	struct buffer action = { 0 };

	print_verdict(page->plan, verdict, &action);
	begin_statement(page, action.data ? action.data : "");
	page->text->failed |= action.failed;
	buffer_done(&action);
}

static void add_item(struct page *page, const char *item)
{
	if (!page->is_first) {
		buffer_text(page->text, ",");
		if (column_of(page) + strlen(item) + 2 > LINE_MAX_COLUMNS) {
			end_line(page);
			begin_line(page);
			buffer_fill(page->text, ' ', ACTION_COLUMNS);
		}
		buffer_text(page->text, " ");
	}
	buffer_text(page->text, item);
	page->is_first = false;
}

static void print_setting(struct page *page, const char *word, uint32_t verdict)
{
	begin_statement(page, word);
	print_verdict(page->plan, verdict, page->text);
	end_line(page);
}

static void print_settings(struct page *page)
{
	const struct decompile *decompile = page->plan->decompile;
	kernel_version version = page->plan->version;

	begin_statement(page, "abi");
	buffer_printf(page->text, "linux-%d.%d", version / 256, version % 256);
	end_line(page);
	begin_statement(page, "arch");
	for (size_t i = 0; i < decompile->abi_count; i++)
		buffer_printf(page->text, "%s%s", i ? " " : "",
			      decompile->abis[i].abi->name);
	end_line(page);
	print_setting(page, "default", page->plan->default_verdict);
	print_setting(page, "unknown", decompile->unknown_verdict);
	if (!decompile->badarch_like) {
		print_setting(page, "badarch", decompile->badarch_verdict);
		return;
	}
	begin_statement(page, "badarch");
	buffer_printf(page->text, "like %s", decompile->badarch_like->name);
	end_line(page);
}

/* --- numbers ---------------------------------------------------------------------- */

static void print_number(uint32_t number, struct buffer *ret_text)
{
	if (number == UINT32_MAX)
		buffer_text(ret_text, "-1");
	else
		buffer_printf(ret_text, number < 0x10000 ? "%u" : "0x%x",
			      (unsigned)number);
}

/* The length of what must stay on a line: up to a blank, or behind a bar. */
static size_t word_length(const char *text)
{
	size_t length = 0;

	while (text[length] && text[length] != ' ' && text[length] != '|')
		length++;
	return length + (text[length] == '|');
}

/* In brackets, where the language lets a line end. */
static void print_condition(struct page *page, const char *condition)
{
	bool is_start = true;

	buffer_text(page->text, "(");
	while (*condition) {
		bool is_blank = *condition == ' ';
		size_t length = word_length(condition + is_blank);

		if (!is_start &&
		    column_of(page) + is_blank + length > LINE_MAX_COLUMNS) {
			end_line(page);
			begin_line(page);
			buffer_fill(page->text, ' ', ACTION_COLUMNS + 5);
		} else if (is_blank) {
			buffer_text(page->text, " ");
		}
		buffer_put(page->text, condition + is_blank, length);
		condition += is_blank + length;
		is_start = false;
	}
	buffer_text(page->text, ")");
}

static void print_case(struct page *page, const struct by_number *item, size_t index)
{
	const struct body_case *at = &item->cases->items[index];

	begin_rule(page, at->verdict);
	buffer_printf(page->text, "%s:", item->abi->name);
	if (item->call)
		buffer_text(page->text, syscall_name(item->call));
	else
		print_number(item->first, page->text);
	if (item->first < item->last) {
		buffer_text(page->text, "..");
		print_number(item->last, page->text);
	}
	if (index + 1 < item->cases->count)
		print_condition(page, at->condition);
	end_line(page);
}

static void print_by_number(struct page *page, const struct by_number *items)
{
	if (items)
		end_line(page);
	for (; items; items = items->next)
		for (size_t i = 0; i + items->is_open < items->cases->count; i++)
			print_case(page, items, i);
}

/* For several calls: in brackets when it needs lines of its own. */
static void print_where(struct page *page, const char *condition)
{
	buffer_text(page->text, " where ");
	if (column_of(page) + strlen(condition) > LINE_MAX_COLUMNS)
		print_condition(page, condition);
	else
		buffer_text(page->text, condition);
}

/* --- names ------------------------------------------------------------------------ */

static void print_rule(struct page *page, const struct rule *rule)
{
	size_t calls = 0;

	for (size_t i = 0; i < syscall_count(); i++)
		calls += call_set_has(rule->calls, syscall_at(i));
	if (!calls && !rule->groups)
		return;
	begin_rule(page, rule->verdict);
	for (size_t i = 0; i < group_count() && i < 64; i++)
		if (rule->groups >> i & 1)
			add_item(page, group_name(group_at(i)));
	for (size_t i = 0; i < syscall_count(); i++)
		if (call_set_has(rule->calls, syscall_at(i)))
			add_item(page, syscall_name(syscall_at(i)));
	if (rule->condition && calls > 1)
		print_where(page, rule->condition);
	else if (rule->condition)
		print_condition(page, rule->condition);
	end_line(page);
}

static void begin_block(struct page *page, unsigned abis)
{
	const struct decompile *decompile = page->plan->decompile;

	end_line(page);
	if (abis == ABIS_ALL)
		return;
	buffer_text(page->text, "arch");
	for (size_t i = 0; i < decompile->abi_count; i++)
		if (abis & 1u << i)
			buffer_printf(page->text, " %s", decompile->abis[i].abi->name);
	buffer_text(page->text, " {");
	end_line(page);
	page->indent = 1;
}

static void end_block(struct page *page)
{
	if (!page->indent)
		return;
	page->indent = 0;
	buffer_text(page->text, "}");
	end_line(page);
}

void plan_print(const struct plan *plan, struct buffer *ret_text)
{
	struct page page = { .plan = plan, .text = ret_text };
	unsigned abis = 0;

	print_settings(&page);
	print_by_number(&page, plan->decompile->by_number);
	print_by_number(&page, plan->multiplexers);
	for (const struct rule *rule = plan->rules; rule; rule = rule->next) {
		if (rule->abis != abis) {
			end_block(&page);
			begin_block(&page, rule->abis);
			abis = rule->abis;
		}
		print_rule(&page, rule);
	}
	end_block(&page);
}
