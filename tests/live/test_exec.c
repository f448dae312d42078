// SPDX-License-Identifier: MIT
/*
 * Programs started under filters that forbid all that starting takes, and that the way
 * in is closed behind them.
 */
#include "live/live.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DENY (SECCOMP_RET_ERRNO | EDOM)

static char victim[PATH_MAX];
static const char *registers; /* NULL: not on this machine */

/* Denies what the launcher does, the first four; `exit` is left to end with. */
static const struct sock_filter fence[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 5, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execveat, 4, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 3, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	BPF_STMT(BPF_RET | BPF_K, DENY),
};

/* Kills for them: a launcher that forgets its ticket once is dead. */
static const struct sock_filter deadly_fence[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 5, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 4, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 3, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
};

#define FENCE_LENGTH (sizeof(fence) / sizeof(fence[0]))

static struct callgate_filter *filter_of(const struct sock_filter *program,
					 size_t length)
{
	struct callgate_filter *filter = NULL;

	callgate_filter_from_program(program, length, NULL, &filter);
	return filter;
}

/* Does not return when it works. */
static int start(size_t layers, const struct sock_filter *program, const char *path,
		 const char *argument)
{
	const struct callgate_filter *filters[8] = { 0 };
	char *const argv[] = { (char *)(uintptr_t)path, (char *)(uintptr_t)argument,
			       NULL };

	for (size_t i = 0; i < layers; i++)
		filters[i] = filter_of(program, FENCE_LENGTH);
	return callgate_exec(filters, layers, argv, NULL, NULL);
}

static int under_no_layer(void)
{
	return start(0, fence, victim, "-");
}

static int closed_behind_one(void)
{
	return start(1, fence, victim, "try");
}

static int closed_behind_two(void)
{
	return start(2, fence, victim, "try");
}

static int closed_behind_five(void)
{
	return start(5, fence, victim, "try");
}

static int under_five_deadly(void)
{
	return start(5, deadly_fence, victim, "-");
}

static int finds_no_ticket_in_registers(void)
{
	return registers ? start(2, fence, registers, "-") : 0;
}

static int dies_by_signal(void)
{
	return start(2, fence, victim, "signal");
}

static int keeps_descriptors(void)
{
	for (int fd = 3; fd < 256; fd++)
		close(fd);
	CHECK(dup2(2, 9) == 9);
	return start(2, fence, victim, "descriptors");
}

static int keeps_the_mask(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return start(2, fence, victim, "mask");
}

/* Oldest first, each with an answer of its own. */
static int layers_answer_each_for_itself(void)
{
	struct sock_filter programs[2][LIVE_DENY_LENGTH];
	const struct callgate_filter *filters[2];
	char *const argv[] = { victim, (char[]){ "layers" }, NULL };

	live_deny(SYS_getpgid, SECCOMP_RET_ERRNO | ERANGE, programs[0]);
	live_deny(SYS_getsid, DENY, programs[1]);
	for (size_t i = 0; i < 2; i++)
		filters[i] = filter_of(programs[i], LIVE_DENY_LENGTH);
	return callgate_exec(filters, 2, argv, NULL, NULL);
}

static int run_shell(char *script, const struct callgate_exec_options *options)
{
	static const struct sock_filter allow =
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct callgate_filter *filters[] = { filter_of(&allow, 1) };
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, script, NULL };

	return callgate_exec(filters, 1, argv, options, NULL);
}

/* So that a set-user-ID program gains nothing, also when root starts it. */
static int sets_no_new_privs(void)
{
	return run_shell((char[]){ "while read -r name value; do\n"
				   "  case $name in NoNewPrivs:) exit $value;; esac\n"
				   "done < /proc/self/status\n" },
			 NULL);
}

static int passes_the_environment(void)
{
	char *const environment[] = { (char[]){ "STATUS=42" }, NULL };
	const struct callgate_exec_options options = { .environment = environment };

	return run_shell((char[]){ "exit $STATUS" }, &options);
}

/* --- failures ----------------------------------------------------------------------
 */

/* The name of an executable file with this text, beside the victim. */
static const char *make_program(const char *text)
{
	static char path[PATH_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "%s.%d", victim, getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return NULL;
	close(fd);
	return path;
}

/* Starts a program that passes all looks, but that execve refuses; reads the report. */
static int start_broken(const char *text, int status, const char *report)
{
	const char *path = make_program(text);
	char line[PATH_MAX + 256] = "";
	int ends[2], ended;
	pid_t child;

	CHECK(path && pipe(ends) == 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		_exit(start(3, deadly_fence, path, "-") ? 99 : 98);
	}
	close(ends[1]);
	CHECK(waitpid(child, &ended, 0) == child);
	unlink(path);
	for (size_t used = 0; used < sizeof(line) - 1;) {
		ssize_t got = read(ends[0], line + used, sizeof(line) - 1 - used);

		if (got <= 0)
			break;
		used += (size_t)got;
	}
	CHECK(WIFEXITED(ended) && WEXITSTATUS(ended) == status);
	CHECK(strncmp(line, "callgate: ", 10) == 0 && strstr(line, report));
	return 0;
}

static int reports_a_bad_format(void)
{
	return start_broken("\x7f"
			    "ELF, but no",
			    126, ": cannot be executed: Exec format error\n");
}

static int reports_a_missing_interpreter(void)
{
	return start_broken("#!/no/such/interpreter\n", 127,
			    ": cannot be executed: No such file or directory\n");
}

/* Returns before anything is loaded. */
static int refuses(const char *program, int error, const char *text)
{
	const struct callgate_filter *filters[] = { filter_of(fence, FENCE_LENGTH) };
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	char *const argv[] = { (char *)(uintptr_t)program, NULL };

	CHECK(callgate_exec(filters, 1, argv, NULL, diagnostics) == error);
	CHECK(live_says(diagnostics, "program", text));
	CHECK(callgate_seccomp_mode() == SECCOMP_MODE_DISABLED);
	CHECK(callgate_no_new_privs() == 0);
	callgate_diagnostics_free(diagnostics);
	return 0;
}

static int refuses_what_cannot_start(void)
{
	setenv("PATH", "/nowhere::/etc", 1);
	CHECK(refuses("no-such-program", -ENOENT, "no program no-such-program") == 0);
	CHECK(refuses("/no/such/program", -ENOENT, "no program /no/such") == 0);
	CHECK(refuses("/etc", -EACCES, "Permission denied") == 0);
	CHECK(refuses("passwd", -EACCES, "Permission denied") == 0);
	CHECK(refuses("", -ENOENT, "no program") == 0);
	CHECK(refuses("/etc/passwd/x", -ENOTDIR, "Not a directory") == 0);
	return 0;
}

static int refuses_flags(void)
{
	const struct callgate_exec_options options = {
		.flags = SECCOMP_FILTER_FLAG_NEW_LISTENER,
	};
	char *const argv[] = { victim, NULL };

	CHECK(callgate_exec(NULL, 0, argv, &options, NULL) == -EINVAL);
	CHECK(callgate_exec(NULL, 0, argv + 1, NULL, NULL) == -EINVAL);
	return 0;
}

static int refuses_a_filter_without_room(void)
{
	static struct sock_filter program[4076];
	const struct callgate_filter *filters[1];
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	char *const argv[] = { victim, NULL };

	for (size_t i = 0; i < 4076; i++)
		program[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, DENY);
	filters[0] = filter_of(program, 4076);
	CHECK(callgate_exec(filters, 1, argv, NULL, diagnostics) == -E2BIG);
	CHECK(live_says(diagnostics, "program-length", "more than 4075"));
	callgate_diagnostics_free(diagnostics);
	return 0;
}

/* Seven layers fit on top of none, not all of these; the first ones are in by then. */
static int reports_a_layer_that_does_not_fit(void)
{
	static struct sock_filter program[4000];
	const struct callgate_filter *filters[8];
	char *const argv[] = { victim, NULL };

	for (size_t i = 0; i < 4000; i++)
		program[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, DENY);
	for (size_t i = 0; i < 8; i++)
		filters[i] = filter_of(program, 4000);
	close(STDERR_FILENO);
	return callgate_exec(filters, 8, argv, NULL, NULL);
}

/* --- the table ---------------------------------------------------------------------
 */

static const struct live_case cases[] = {
	{ "starts a program under no filter", under_no_layer, 2 << 8 },
	{ "lets none of its calls to the program behind one layer", closed_behind_one },
	{ "lets none of its calls to the program behind two layers",
	  closed_behind_two },
	{ "lets none of its calls to the program behind five layers",
	  closed_behind_five },
	{ "starts under five layers that kill for it", under_five_deadly, 2 << 8 },
	{ "leaves no ticket in registers", finds_no_ticket_in_registers },
	{ "passes a signal on", dies_by_signal, SIGTERM },
	{ "passes descriptors on and leaks none", keeps_descriptors },
	{ "passes the signal mask on", keeps_the_mask },
	{ "gives every layer its own answer", layers_answer_each_for_itself },
	{ "sets no_new_privs", sets_no_new_privs, 1 << 8 },
	{ "passes the environment and a shell's status", passes_the_environment,
	  42 << 8 },
	{ "reports a program of a bad format with status 126", reports_a_bad_format },
	{ "reports a missing interpreter with status 127",
	  reports_a_missing_interpreter },
	{ "returns for a program that cannot start, with nothing loaded",
	  refuses_what_cannot_start },
	{ "refuses a listener, which would not outlive execve", refuses_flags },
	{ "refuses a filter that leaves no room for the ticket",
	  refuses_a_filter_without_room },
	{ "exits with 126 when a further layer does not fit",
	  reports_a_layer_that_does_not_fit, 126 << 8 },
};

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: test_exec VICTIM [REGISTERS]\n");
		return 2;
	}
	registers = argc > 2 ? argv[2] : NULL;
	snprintf(victim, sizeof(victim), "%s", argv[1]);
	return live_main(cases, sizeof(cases) / sizeof(cases[0]));
}
