// SPDX-License-Identifier: MIT
/*
 * A program that confines itself and says what it was not allowed to do.
 *
 *     cc traps.c $(pkg-config --cflags --libs callgate-explain) -o traps
 *     ./traps [--go-on]
 */
#include <callgate-explain.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int main(int count, char **arguments)
{
	const struct callgate_explain_trap_options options = {
		.go_on = count > 1 && strcmp(arguments[1], "--go-on") == 0,
	};

	if (callgate_explain_traps(&options) ||
	    callgate_confine("default allow\ntrap mkdir, mkdirat", NULL))
		return 1;
	if (mkdir("/tmp/traps", 0700))
		printf("mkdir: %s\n", strerror(errno));
	return 0;
}
