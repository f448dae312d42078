// SPDX-License-Identifier: MIT
/*
 * The program that test_exec starts under filters. It exits by the raw `exit`, because
 * its filters may forbid exit_group; what it was told to try decides the status.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Values that a program could try: nothing, all ones, its own addresses and registers.
 */
static bool can_pass(long number, long a, long b, long c)
{
	const long guesses[][3] = {
		{ 0, 0, 0 },
		{ -1, -1, -1 },
		{ number, a, b },
		{ (long)(uintptr_t)&guesses, (long)(uintptr_t)environ, (long)getpid() },
	};

	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		if (syscall(number, a, b, c, guesses[i][0], guesses[i][1],
			    guesses[i][2]) != -1 ||
		    errno != EDOM)
			return true;
	return false;
}

/* 0 when all that the launcher may do is denied here. */
static int try_launcher_calls(void)
{
	char *const arguments[] = { (char[]){ "true" }, NULL };

	if (can_pass(SYS_execve, (long)(uintptr_t) "/bin/true",
		     (long)(uintptr_t)arguments, 0))
		return 1;
	if (can_pass(SYS_seccomp, 0, 0, 0))
		return 2;
	if (can_pass(SYS_write, STDERR_FILENO, (long)(uintptr_t) "x", 1))
		return 3;
	if (can_pass(SYS_exit_group, 4, 0, 0))
		return 4;
	return 0;
}

static bool is_open(int fd)
{
	return syscall(SYS_fcntl, fd, 1 /* F_GETFD */) >= 0;
}

/* 0 when nothing but 0, 1, 2 and 9 (the test's own) is open. */
static int look_for_descriptors(void)
{
	if (!is_open(9))
		return 9;
	for (int fd = 3; fd < 256; fd++)
		if (fd != 9 && is_open(fd))
			return fd;
	return 0;
}

/* 0 when the mask is SIGUSR1 alone. */
static int look_at_mask(void)
{
	uint64_t mask = 0;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof(mask));
	return mask == UINT64_C(1) << (SIGUSR1 - 1) ? 0 : 1;
}

static int denied_as(long number, int wanted)
{
	return syscall(number, -1L, 0L, 0L) == -1 && errno == wanted ? 0 : 1;
}

int main(int argc, char **argv)
{
	int status = argc;

	switch (argv[1][0]) {
	case 't':
		status = try_launcher_calls();
		break;
	case 'd':
		status = look_for_descriptors();
		break;
	case 'm':
		status = look_at_mask();
		break;
	case 's':
		syscall(SYS_kill, getpid(), SIGTERM);
		break;
	case 'p':
		status = getpid() == getppid() + 1;
		break;
	case 'l': /* each layer's own answer */
		status = denied_as(SYS_getpgid, ERANGE) + denied_as(SYS_getsid, EDOM);
		break;
	default:
		break;
	}
	syscall(SYS_exit, status);
	return 0;
}
