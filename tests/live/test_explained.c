// SPDX-License-Identifier: MIT
/*
 * Programs whose calls are denied, explained and not: the same comes of them, and what is
 * told has the call, its arguments, the rule, and the functions of the stack. It takes
 * the command and a kernel, so it runs on emulated machines too.
 *
 *     test_explained CALLGATE      the program that is run is this one, as `victim HOW`
 */
#include "live/live.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "callgate-explain.h"

/* --- the program ------------------------------------------------------------------- */

/* Kept by the optimiser because something comes after their calls. */
__attribute__((noinline)) static int inner(const char *path)
{
	int result = mkdirat(AT_FDCWD, path, 0700);

	return result < 0 ? errno : result;
}

__attribute__((noinline)) static int outer(const char *path)
{
	return inner(path) + 1000;
}

static void *in_thread(void *path)
{
	printf("thread %d\n", outer(path));
	return NULL;
}

/* The registers that a handler finds, without the stack protector's and the like. */
static void print_registers(const mcontext_t *context)
{
#if defined(__x86_64__)
	for (size_t i = 0; i < 17; i++)
		printf(" %llx", (unsigned long long)context->gregs[i]);
#elif defined(__aarch64__)
	for (size_t i = 0; i < 31; i++)
		printf(" %llx", (unsigned long long)context->regs[i]);
	printf(" %llx %llx", (unsigned long long)context->sp,
	       (unsigned long long)context->pc);
#else
	(void)context;
#endif
	printf("\n");
}

static void on_sigsys(int number, siginfo_t *info, void *context)
{
	const ucontext_t *user = context;

	printf("signal %d code %d errno %d call %d arch %x at %p\n", number,
	       info->si_code, info->si_errno, info->si_syscall, info->si_arch,
	       info->si_call_addr);
	print_registers(&user->uc_mcontext);
}

static void handle_sigsys(void)
{
	const struct sigaction action = { .sa_sigaction = on_sigsys,
					  .sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &action, NULL);
}

static int be_victim(const char *how)
{
	pthread_t thread;
	sigset_t sigsys;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(how, "handled") == 0)
		handle_sigsys();
	if (strcmp(how, "blocked") == 0) {
		sigemptyset(&sigsys);
		sigaddset(&sigsys, SIGSYS);
		sigprocmask(SIG_BLOCK, &sigsys, NULL);
	}
	if (strcmp(how, "thread") == 0) {
		pthread_create(&thread, NULL, in_thread, "made");
		pthread_join(thread, NULL);
	} else {
		printf("result %d\n", outer("made"));
	}
	printf("end\n");
	return 0;
}

/* --- a run ------------------------------------------------------------------------- */

static char callgate[PATH_MAX], victim[PATH_MAX];

struct run {
	int status;
	char out[4096], told[8192];
};

static void read_all(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, text, size - 1);

	text[got < 0 ? 0 : got] = '\0';
	close(fd);
}

static void run(const char *policy, const char *how, const char *option,
		struct run *ret_run)
{
	const char *words[12] = { callgate, "run", "-e", policy };
	int at = 4;
	pid_t pid;

	if (option) {
		words[at++] = "--explain";
		words[at++] = "--explain-output=told";
		words[at++] = option;
	}
	words[at++] = "--";
	words[at++] = victim;
	words[at++] = "victim";
	words[at++] = how;
	*ret_run = (struct run){ 0 };
	pid = fork();
	if (pid == 0) {
		int out = open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(out, 1);
		execv(callgate, (char *const *)(uintptr_t)words);
		_exit(127);
	}
	waitpid(pid, &ret_run->status, 0);
	read_all("out", ret_run->out, sizeof(ret_run->out));
	if (option)
		read_all("told", ret_run->told, sizeof(ret_run->told));
}

/* --- what is compared --------------------------------------------------------------- */

static const struct {
	const char *name, *verdict, *how;
} verdicts[] = {
	{ "an errno", "errno EXDEV", "plain" },
	{ "an errno in a thread", "errno EXDEV", "thread" },
	{ "a trap that is handled", "trap 7", "handled" },
	{ "a trap that is not handled", "trap", "plain" },
	{ "a trap that is blocked", "trap", "blocked" },
	{ "a kill of the process", "kill", "handled" },
	{ "a kill of the process by a thread", "kill", "thread" },
	{ "a kill of the only thread", "kill-thread", "plain" },
	{ "a kill of one thread", "kill-thread", "thread" },
};

/* Stacks end in the function that threads and programs begin with. */
static const char *const functions[] = { "inner+", "outer+" };

/* Other machines give verdicts that end a program by a substitute, and say so. */
static bool is_exact(void)
{
#if defined(__x86_64__) || defined(__aarch64__)
	return true;
#else
	return false;
#endif
}

static bool expect(const char *what, const char *detail, bool is_so)
{
	printf("%s: %s: %s\n", is_so ? "ok" : "FAILED", what, detail);
	return is_so;
}

/* Texts in this order, each behind the other. */
static bool has_all(const char *text, const char *const *wanted, size_t count)
{
	for (size_t i = 0; text && i < count; i++) {
		text = strstr(text, wanted[i]);
		text = text ? text + strlen(wanted[i]) : NULL;
	}
	return text;
}

static bool names_functions(const char *told, const char *how)
{
	const char *last = strcmp(how, "thread") == 0 ? "in_thread+" : "main+";
	const char *const all[] = { functions[0], functions[1], last };

	if (!callgate_explain_can_unwind())
		return !strstr(told, functions[1]);
	return has_all(told, all, 3);
}

static bool check_verdict(size_t i)
{
	const char *name = verdicts[i].name, *how = verdicts[i].how;
	static const char *const call[] = {
		"mkdirat(AT_FDCWD, \"made\", 0700) denied",
		"\n  by   ",
	};
	struct run plain, explained;
	char policy[128];
	bool same, good;

	snprintf(policy, sizeof(policy), "default allow; %s mkdirat",
		 verdicts[i].verdict);
	run(policy, how, NULL, &plain);
	run(policy, how, "--explain", &explained);
	same = plain.status == explained.status &&
	       strcmp(plain.out, explained.out) == 0;
	good = expect(name, "the program sees the same",
		      same || (!is_exact() && strstr(explained.told, "instead")));
	good &= expect(name, "the call and its rule are told",
		       has_all(explained.told, call, 2));
	good &= expect(name, "the functions are told",
		       names_functions(explained.told, how));
	if (!good)
		printf("plain 0x%x:\n%s\nexplained 0x%x:\n%s\n%s\n",
		       (unsigned)plain.status, plain.out, (unsigned)explained.status,
		       explained.out, explained.told);
	return good;
}

static bool check_permissive(void)
{
	const char *const would[] = { "mkdirat(AT_FDCWD, \"made\", 0700)", "EXDEV" };
	struct run told;
	bool good;

	run("default allow; errno EXDEV mkdirat", "plain", "--log-only", &told);
	good = expect("--log-only", "the call is made",
		      rmdir("made") == 0 && strstr(told.out, "result 1000\n"));
	good &= expect("--log-only", "it is told", has_all(told.told, would, 2));
	if (!good)
		printf("0x%x:\n%s\n%s\n", (unsigned)told.status, told.out, told.told);
	return good;
}

static bool check_all(void)
{
	bool good = check_permissive();

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		good &= check_verdict(i);
	return good;
}

int main(int count, char **words)
{
	const struct rlimit no_core = { 0, 0 };
	char folder[] = "/tmp/explain-XXXXXX";
	bool good;
	int status;

	if (count == 3 && strcmp(words[1], "victim") == 0)
		return be_victim(words[2]);
	status = live_check_machine();
	if (status)
		return status;
	if (count != 2 || !realpath(words[1], callgate) ||
	    !realpath(words[0], victim) || !mkdtemp(folder) || chdir(folder))
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	personality(ADDR_NO_RANDOMIZE); /* stack pointers are compared too */
	good = check_all();
	unlink("out");
	unlink("told");
	if (chdir("/") || rmdir(folder))
		return 2;
	return !good;
}
