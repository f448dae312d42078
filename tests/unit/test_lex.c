// SPDX-License-Identifier: MIT
/* Tokens: their kinds, and the lines that end or go on. */
#include "policy/lex.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One letter a token. */
static const char letters[] = {
	[TOKEN_SEPARATOR] = ';', [TOKEN_NAME] = 'n',	   [TOKEN_GROUP] = '@',
	[TOKEN_NUMBER] = '#',	 [TOKEN_STRING] = '"',	   [TOKEN_AND] = 'A',
	[TOKEN_OR] = 'O',	 [TOKEN_NOT] = '!',	   [TOKEN_OPEN] = '(',
	[TOKEN_CLOSE] = ')',	 [TOKEN_OPEN_BRACE] = '{', [TOKEN_CLOSE_BRACE] = '}',
	[TOKEN_COMMA] = ',',	 [TOKEN_COLON] = ':',	   [TOKEN_QUESTION] = '?',
	[TOKEN_ASSIGN] = '=',	 [TOKEN_EQ] = 'e',	   [TOKEN_NE] = 'd',
	[TOKEN_LT] = '<',	 [TOKEN_LE] = 'l',	   [TOKEN_GT] = '>',
	[TOKEN_GE] = 'g',	 [TOKEN_AMPERSAND] = '&',  [TOKEN_PIPE] = '|',
	[TOKEN_TILDE] = '~',	 [TOKEN_PLUS] = '+',	   [TOKEN_MINUS] = '-',
	[TOKEN_RANGE] = 'r',
};

static const struct {
	const char *name, *text, *wanted;
	unsigned nesting;
} cases[] = {
	{ "ends at the end", "", "", 0 },
	{ "reads every operator",
	  "== != < <= > >= = & | ~ + - .. ? :", "ed<l>g=&|~+-r?:", 0 },
	{ "takes operators without spaces", "a<=b&&c||!d", "nlnAnO!n", 0 },
	{ "takes words for operators", "a and b or not c", "nAnO!n", 0 },
	{ "takes no part of a word for one", "android nothing", "nn", 0 },
	{ "keeps dashes and points within words", "kill-thread linux-6.1 @basic-io",
	  "nn@", 0 },
	{ "ends a word before a lone dash", "@a - @b-@c", "@-@-@", 0 },
	{ "keeps points of a range apart", "a..b 1..2", "nrn#r#", 0 },
	{ "ends statements at line ends", "a\nb;c", "n;n;n", 0 },
	{ "ends no statement after a comma", "a, # why\n\n b", "n,n", 0 },
	{ "ends no statement after a backslash", "a \\\n b", "nn", 0 },
	{ "takes a backslash with spaces behind it", "a \\ \t\r\n b", "nn", 0 },
	{ "ends no statement within brackets", "a\nb", "nn", 1 },
	{ "ends a statement at ; even there", "a;b", "n;n", 1 },
	{ "drops comments, not their line ends", "a # b (\nc", "n;n", 0 },
	{ "takes # within a string as it is", "\"a#b\" c", "\"n", 0 },
	{ "reads numbers of every base", "0 12 0x1F 0b101 017 0o17", "######", 0 },
	{ "skips what is no token", "a $ b", "nn", 0 },
	{ "skips a lone @", "@ a", "n", 0 },
	{ "takes a lone backslash for no token", "a \\ b", "nn", 0 },
	{ "takes line ends of other systems", "a\r\nb\r\n", "n;n;", 0 },
	{ "closes a string with the line", "\"a\nb", "\";n", 0 },
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena;
		struct report report = { .arena = &arena };
		struct lexer lexer = { .report = &report,
				       .text = str_of(cases[i].text),
				       .nesting = cases[i].nesting };
		char got[64] = "";
		size_t count = 0;

		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		for (;;) {
			struct token token = lex_next(&lexer);

			if (token.kind == TOKEN_END || count + 1 >= sizeof(got))
				break;
			got[count++] = letters[token.kind];
		}
		if (strcmp(got, cases[i].wanted) != 0)
			fail_msg("%s: wanted %s, got %s", cases[i].name,
				 cases[i].wanted, got);
		arena_done(&arena);
	}
}

/* Every token is a slice of the text, in order, whatever the bytes are. */
static void test_any_bytes(void **state)
{
	uint32_t seed = 12345;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct arena arena;
		struct report report = { .arena = &arena };
		size_t length = round % 40 + 1, last = 0;
		char *text = test_malloc(length); /* exact: reading on is caught */
		struct lexer lexer = { .report = &report, .text = { text, length } };
		struct token token;

		for (size_t i = 0; i < length; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = (char)(seed >> 24 ? seed >> 24 : 1);
		}
		arena_init(&arena, ARENA_DEFAULT_LIMIT);
		do {
			token = lex_next(&lexer);
			assert_true(token.span.offset >= last);
			assert_true(token.span.offset + token.span.length <= length);
			last = token.span.offset + token.span.length;
		} while (token.kind != TOKEN_END);
		assert_int_equal(lexer.at, length);
		arena_done(&arena);
		test_free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
