// SPDX-License-Identifier: MIT
/*
 * The structured listing, of programs in assembly. tests/property/test_blocks.c holds
 * its inside against the simulator.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "bpf/bpf.h"

static const struct pseudo_case {
	const char *name;
	const char *assembly;
	const char *text;
} cases[] = {
	{ "joins a chain of comparisons into a set",
	  "ld [4]\njne #x86_64, kill\nld [0]\njeq #x86_64:read, ok\n"
	  "jeq #x86_64:write, ok\njeq #x86_64:openat, ok\nkill: ret kill\nok: ret "
	  "allow",
	  "if (arch != x86_64)\n"
	  "\treturn kill;\n"
	  "if (nr in {read, write, openat})\n"
	  "\treturn allow;\n"
	  "return kill;\n" },
	{ "joins a tree of comparisons into a set",
	  "ld [4]\njne #x86_64, kill\nld [0]\njge #10, b\njge #2, kill\nret allow\n"
	  "b: jgt #12, kill\nret allow\nkill: ret kill",
	  "if (arch != x86_64)\n"
	  "\treturn kill;\n"
	  "if (nr in {read, write, mprotect, munmap, brk})\n"
	  "\treturn allow;\n"
	  "return kill;\n" },
	{ "names the arguments of the call that it must be",
	  "ld [4]\njne #i386, no\nld [0]\njne #i386:mmap2, no\nld [32]\njset #4, no\n"
	  "ret allow\nno: ret errno 1",
	  "if (arch != i386)\n"
	  "\treturn errno EPERM;\n"
	  "if (nr != mmap2)\n"
	  "\treturn errno EPERM;\n"
	  "if (prot & PROT_EXEC)\n"
	  "\treturn errno EPERM;\n"
	  "return allow;\n" },
	{ "knows the call from both sides of a range",
	  "ld [4]\njne #x86_64, no\nld [0]\njge #42, no\njge #41, sock\nno: ret kill\n"
	  "sock: ld [16]\njeq #1, ok\njeq #2, ok\nret kill\nok: ret allow",
	  "if (arch != x86_64)\n"
	  "\treturn kill;\n"
	  "if (nr != socket)\n"
	  "\treturn kill;\n"
	  "if (domain in {AF_UNIX, AF_INET})\n"
	  "\treturn allow;\n"
	  "return kill;\n" },
	{ "names no argument where several calls meet",
	  "ld [4]\njne #x86_64, no\nld [0]\njeq #x86_64:mmap, t\n"
	  "jeq #x86_64:mprotect, t\nret kill\nt: ld [32]\njset #4, no\nret allow\n"
	  "no: ret kill",
	  "if (arch != x86_64)\n"
	  "\treturn kill;\n"
	  "if (nr in {mmap, mprotect}) {\n"
	  "\tif (args[2].low & 0x4)\n"
	  "\t\treturn kill;\n"
	  "\treturn allow;\n"
	  "}\n"
	  "return kill;\n" },
	{ "compares a masked argument with names",
	  "ld [4]\njne #x86_64, no\nld [0]\njne #x86_64:socket, no\nld [24]\n"
	  "and #SOCK_NONBLOCK\njne #SOCK_NONBLOCK, no\nret allow\nno: ret kill",
	  "if (arch != x86_64)\n"
	  "\treturn kill;\n"
	  "if (nr != socket)\n"
	  "\treturn kill;\n"
	  "if ((type & SOCK_NONBLOCK) == SOCK_NONBLOCK)\n"
	  "\treturn allow;\n"
	  "return kill;\n" },
	{ "leaves to the rest what would take the longest list",
	  "ld [4]\njne #x86_64, no\nld [0]\njeq #x86_64:ptrace, no\n"
	  "jeq #x86_64:reboot, no\njge #0x40000000, no\nret allow\nno: ret kill",
	  "if (arch != x86_64)\n"
	  "\treturn kill;\n"
	  "if (nr in {ptrace, reboot, x32:read..0xffffffff})\n"
	  "\treturn kill;\n"
	  "return allow;\n" },
	{ "gives a block that several lead to a label",
	  "ld [0]\njset #1, a, b\na: ld [16]\njset #2, c, no\nb: ld [24]\njset #4, c, "
	  "no\n"
	  "c: ld [32]\njset #8, no\nret allow\nno: ret kill",
	  "if (nr & 0x1) {\n"
	  "\tif (!(args[0].low & 0x2))\n"
	  "\t\treturn kill;\n"
	  "\tgoto l6;\n"
	  "}\n"
	  "if (!(args[1].low & 0x4))\n"
	  "\treturn kill;\n"
	  "goto l6;\n"
	  "\n"
	  "l6:\n"
	  "\tif (args[2].low & 0x8)\n"
	  "\t\treturn kill;\n"
	  "\treturn allow;\n" },
	{ "shows what registers and memory take where it cannot be said otherwise",
	  "ldx #5\nstx M[3]\nld [0]\nadd x\nlsh #2\nst M[1]\ntax\nld [16]\nor #1\n"
	  "jgt x, a\nret log\na: ldx M[3]\ntxa\ndiv x\nret a",
	  "X = 0x5;\n"
	  "M[3] = X;\n"
	  "A = nr + X;\n"
	  "A = A << 0x2;\n"
	  "M[1] = A;\n"
	  "X = A;\n"
	  "A = args[0].low | 0x1;\n"
	  "if (A <= X)\n"
	  "\treturn log;\n"
	  "X = M[3];\n"
	  "A = X;\n"
	  "if (X == 0)\n"
	  "\treturn kill-thread;\n"
	  "A = A / X;\n"
	  "return A;\n" },
	{ "leaves out what nothing reaches",
	  "ld [4]\njeq #x86_64, a\nret kill\nret log\na: jeq #x86_64, b\nret trap\n"
	  "b: ret allow",
	  "if (arch == x86_64)\n"
	  "\treturn allow;\n"
	  "return kill;\n" },
	{ "shows a load that is needed where paths differ",
	  "ld [4]\njset #1, a\nld [0]\na: jeq #3, b\nret kill\nb: ret allow",
	  "A = arch;\n"
	  "if (arch & 0x1)\n"
	  "\tgoto l3;\n"
	  "A = nr;\n"
	  "goto l3;\n"
	  "\n"
	  "l3:\n"
	  "\tif (A == 0x3)\n"
	  "\t\treturn allow;\n"
	  "\treturn kill;\n" },
};

static void check_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pseudo_case *test = &cases[i];
		struct callgate_filter *filter;
		size_t length;
		char *text;

		print_message("  %s\n", test->name);
		assert_int_equal(callgate_filter_assemble(test->assembly,
							  strlen(test->assembly),
							  "test", NULL, &filter),
				 0);
		assert_int_equal(callgate_filter_print(filter, CALLGATE_FORMAT_PSEUDO,
						       NULL, &text, &length),
				 0);
		assert_string_equal(text, test->text);
		free(text);
		callgate_filter_free(filter);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_cases),
	};

	return cmocka_run_group_tests_name("pseudo", tests, NULL, NULL);
}
