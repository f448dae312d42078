// SPDX-License-Identifier: MIT
/*
 * A program that makes it hard to tell of its denied calls: hostile_program WHAT
 *
 *	races     memory goes and comes while calls name it
 *	places    calls from 12,000 places
 *	tracer    a child that this process traces
 *	trapped   the same, and its call traps
 *	filter    a filter of its own besides
 *	listener  a listener of its own
 *	plain     one call
 *
 * It ends with 0 when each denied call was answered with EXDEV, which mkdir never is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLACES 12000
#define ROUNDS 3000

static int is_denied(const char *path)
{
	return syscall(SYS_mkdir, path, 0700) == -1 && errno == EXDEV;
}

static int plain(void)
{
	return !is_denied("made");
}

/* --- races --------------------------------------------------------------------------- */

struct race {
	char *page;
	int is_over;
};

static void *change(void *argument)
{
	struct race *race = argument;

	while (!__atomic_load_n(&race->is_over, __ATOMIC_RELAXED)) {
		mprotect(race->page, 4096, PROT_NONE);
		munmap(race->page + 4096, 4096);
		mmap(race->page + 4096, 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		mprotect(race->page, 4096, PROT_READ | PROT_WRITE);
		memset(race->page, 'a', 4096);
		memset(race->page + 4096, '\033', 100);
	}
	return NULL;
}

static int races(void)
{
	struct race race = {
		mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0),
		0,
	};
	pthread_t thread;
	int wrong = 0;

	if (pthread_create(&thread, NULL, change, &race))
		return 2;
	for (int i = 0; i < ROUNDS; i++)
		wrong |= !is_denied(race.page + (i * 37) % 8192);
	__atomic_store_n(&race.is_over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	return wrong;
}

/* --- places -------------------------------------------------------------------------- */

#if defined(__x86_64__)

/* mov eax, SYS_mkdir; syscall; ret */
static const unsigned char stub[8] = { 0xb8, SYS_mkdir, 0, 0, 0, 0x0f, 0x05, 0xc3 };

static int places(void)
{
	unsigned char *code =
		mmap(NULL, PLACES * sizeof(stub), PROT_READ | PROT_WRITE | PROT_EXEC,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int wrong = 0;

	for (int i = 0; i < PLACES; i++) {
		union {
			void *address;
			long (*call)(const char *path, int mode);
		} one = { code + (size_t)i * sizeof(stub) };

		memcpy(one.address, stub, sizeof(stub));
		wrong |= one.call("made", 0700) != -EXDEV;
	}
	return wrong;
}

#else

static int places(void)
{
	return 77;
}

#endif

/* --- a tracer ------------------------------------------------------------------------ */

static int trace(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		int signal = WSTOPSIG(status);

		ptrace(PTRACE_CONT, pid, NULL,
		       (void *)(long)(signal == SIGSTOP ? 0 : signal));
	}
	if (WIFSIGNALED(status))
		printf("signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static int tracer(void)
{
	pid_t pid = fork();

	if (pid)
		return trace(pid);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	_exit(!is_denied("made"));
}

static void on_sigsys(int signal)
{
	static const char text[] = "SIGSYS\n";

	(void)signal;
	if (write(1, text, sizeof(text) - 1) < 0)
		_exit(1);
}

/* What it gets of the policy is a trap. */
static int trapped(void)
{
	pid_t pid = fork();

	if (pid)
		return trace(pid);
	signal(SIGSYS, on_sigsys);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	syscall(SYS_mkdir, "made", 0700);
	_exit(0);
}

/* --- filters ------------------------------------------------------------------------- */

static long load(unsigned flags, unsigned number, unsigned verdict)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* Each of the two denies; of one that both deny the stricter counts. */
static int filter(void)
{
	if (load(0, SYS_chdir, SECCOMP_RET_ERRNO | EMLINK))
		return 2;
	if (chdir("/") == 0 || errno != EMLINK)
		return 3;
	return !is_denied("made");
}

static int listener(void)
{
	for (int i = 0; i < 3; i++)
		if (load(SECCOMP_FILTER_FLAG_NEW_LISTENER, SYS_chdir,
			 SECCOMP_RET_USER_NOTIF) != -1 ||
		    errno != EBUSY)
			return 2;
	return !is_denied("made");
}

static const struct {
	const char *name;
	int (*run)(void);
} cases[] = {
	{ "races", races },	{ "places", places }, { "tracer", tracer },
	{ "trapped", trapped }, { "filter", filter }, { "listener", listener },
	{ "plain", plain },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; argc == 2 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			return cases[i].run();
	return 2;
}
