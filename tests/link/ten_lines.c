// SPDX-License-Identifier: MIT
// The smallest user of the library: a program that fences itself.
#include "callgate.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

int main(void)
{
	if (callgate_confine("default allow; errno EXDEV ?mkdir, mkdirat", NULL) < 0)
		return puts("seccomp is not permitted here") < 0 ? 1 : 77;
	return mkdir("/tmp/not-made", 0700) == -1 && errno == EXDEV ? 0 : 1;
}
