// SPDX-License-Identifier: MIT
/* The handler of SIGSYS, in children that a filter traps. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "callgate-explain.h"

#define POLICY "default allow\ntrap ?mkdir, mkdirat, socket"

/* What a child wrote to descriptor 9, and how it ended. */
struct outcome {
	char text[1024];
	int status;
};

static struct outcome run(bool go_on, int (*act)(void))
{
	const struct callgate_explain_trap_options options = { 9, go_on };
	const struct rlimit none = { 0, 0 };
	struct outcome outcome = { .text = "" };
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &none);
		dup2(ends[1], 9);
		if (callgate_explain_traps(&options) || callgate_confine(POLICY, NULL))
			_exit(99);
		_exit(act());
	}
	close(ends[1]);
	for (size_t at = 0; at < sizeof(outcome.text) - 1;) {
		ssize_t got =
			read(ends[0], outcome.text + at, sizeof(outcome.text) - 1 - at);

		if (got <= 0)
			break;
		at += (size_t)got;
	}
	close(ends[0]);
	waitpid(child, &outcome.status, 0);
	return outcome;
}

/* What is told where arguments are known. */
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
#define SOCKET	"socket(AF_UNIX, SOCK_STREAM, IPPROTO_IP)"
#define MKDIRAT "mkdirat(AT_FDCWD, NULL, 0750)"
#else
#define SOCKET	"socket(...)"
#define MKDIRAT "mkdirat(...)"
#endif

static int make_socket(void)
{
	errno = 0;
	/* not by libc, which has socketcall() for it on some machines */
	return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) == -1 ? errno : 0;
}

static int make_two(void)
{
	make_socket();
	return (int)syscall(SYS_mkdirat, -100, NULL, 0750) == -1 ? errno : 0;
}

static int send_myself(void)
{
	raise(SIGSYS);
	return 0;
}

static void tells_and_goes_on(void **state)
{
	struct outcome outcome = run(true, make_two);

	(void)state;
	assert_non_null(strstr(outcome.text,
			       "callgate: " SOCKET " trapped by a filter, "
			       "at 0x"));
	assert_non_null(strstr(outcome.text, MKDIRAT " trapped"));
	assert_true(WIFEXITED(outcome.status));
	assert_int_equal(WEXITSTATUS(outcome.status), ENOSYS);
}

static void tells_and_ends_by_the_signal(void **state)
{
	struct outcome outcome = run(false, make_socket);
	const char *first = strstr(outcome.text, "trapped");

	(void)state;
	assert_non_null(first);
	assert_null(strstr(first + 1, "trapped"));
	assert_true(WIFSIGNALED(outcome.status));
	assert_int_equal(WTERMSIG(outcome.status), SIGSYS);
}

static void leaves_other_signals_alone(void **state)
{
	struct outcome outcome = run(true, send_myself);

	(void)state;
	assert_string_equal(outcome.text, "");
	assert_true(WIFSIGNALED(outcome.status));
	assert_int_equal(WTERMSIG(outcome.status), SIGSYS);
}

/* In a handler of one's own, and into little room. */
static void on_trap(int signal, siginfo_t *info, void *context)
{
	char text[12];
	size_t length = callgate_explain_trap_text(info, context, text, sizeof(text));

	(void)signal;
	_exit(length == 11 && strcmp(text, "callgate: s") == 0 ? 7 : 8);
}

static int with_own_handler(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	action.sa_sigaction = on_trap;
	sigaction(SIGSYS, &action, NULL);
	return make_socket();
}

static void cuts_the_text(void **state)
{
	struct outcome outcome = run(true, with_own_handler);

	(void)state;
	assert_int_equal(WEXITSTATUS(outcome.status), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_and_goes_on),
		cmocka_unit_test(tells_and_ends_by_the_signal),
		cmocka_unit_test(leaves_other_signals_alone),
		cmocka_unit_test(cuts_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
