// SPDX-License-Identifier: MIT
/*
 * Counts the lines of standard input under a filter that the build made of policy.gate.
 * Nothing of callgate is there at run time: policy.h is an array.
 */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "policy.h"

int main(int argc, char **argv)
{
	struct sock_fprog program = { POLICY_LENGTH, policy };
	unsigned long lines = 0;
	int byte;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("seccomp");
		return 1;
	}
	if (argc > 1 && strcmp(argv[1], "--misbehave") == 0)
		return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	while ((byte = getchar()) != EOF)
		lines += byte == '\n';
	printf("%lu\n", lines);
	return 0;
}
