// SPDX-License-Identifier: MIT
/*
 * What the running kernel has, found out by asking it.
 *
 * Every step runs in a child of its own that writes into shared memory: a filter that
 * kills for the question, or int 0x80 where it faults, ends that child and leaves the
 * answer "unknown". Children are made by clone(2) with no exit signal, so the caller
 * sees no SIGCHLD and no stray child; they call nothing but system calls, because other
 * threads may hold any lock. A flag is known when the kernel gets past it to the NULL
 * program.
 */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define X32_BIT 0x40000000ul

static enum callgate_availability available_if(bool condition)
{
	return condition ? CALLGATE_PRESENT : CALLGATE_ABSENT;
}

/* "6.1.0-18-amd64" → 6 * 256 + 1; 0 when it does not begin so. */
static uint16_t parse_version(const char *release)
{
	unsigned parts[2] = { 0 };

	for (size_t i = 0; i < 2; i++) {
		if (!isdigit((unsigned char)*release))
			return 0;
		while (isdigit((unsigned char)*release) && parts[i] < 256)
			parts[i] = parts[i] * 10 + (unsigned)(*release++ - '0');
		if (parts[i] > 255 || (i == 0 && *release++ != '.'))
			return 0;
	}
	return (uint16_t)(parts[0] * 256 + parts[1]);
}

static void ask_version(struct callgate_features *features)
{
	struct utsname name;

	if (uname(&name))
		return;
	memcpy(features->release, name.release, sizeof(features->release) - 1);
	memcpy(features->machine, name.machine, sizeof(features->machine) - 1);
	features->version = parse_version(features->release);
	if (features->version)
		features->cache = available_if(features->version >= 5 * 256 + 11);
}

/* The beginning of a small file, NUL-terminated; false: it cannot be read. */
static bool read_start(const char *path, char *ret_text, size_t size)
{
	size_t used = 0;
	ssize_t got = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while (used < size - 1 &&
	       (got = read(fd, ret_text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	close(fd);
	ret_text[used] = '\0';
	return got >= 0;
}

/* Whether `word` is one of the words of a line, divided by blanks. */
static bool has_word(const char *line, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = strstr(line, word); at; at = strstr(at + 1, word))
		if ((at == line || isspace((unsigned char)at[-1])) &&
		    (!at[length] || isspace((unsigned char)at[length])))
			return true;
	return false;
}

static void ask_logging(struct callgate_features *features)
{
	char line[256];

	if (!read_start("/proc/sys/kernel/seccomp/actions_logged", line, sizeof(line)))
		return;
	for (size_t i = 0; i < CALLGATE_ACTION_COUNT; i++)
		features->actions[i].logged =
			available_if(has_word(line, features->actions[i].name));
}

static void ask_filter_count(struct callgate_features *features)
{
	static const char field[] = "\nSeccomp_filters:\t";
	char status[4096];
	const char *at;

	if (!read_start("/proc/self/status", status, sizeof(status)))
		return;
	at = strstr(status, field);
	if (!at)
		return;
	features->filters = 0;
	for (at += sizeof(field) - 1; isdigit((unsigned char)*at); at++)
		features->filters = features->filters * 10 + (*at - '0');
}

static void ask_privileges(struct callgate_features *features)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	int answer = callgate_no_new_privs();

	if (answer >= 0)
		features->no_new_privs = available_if(answer == 1);
	if (syscall(SYS_capget, &header, data) == 0)
		features->cap_sys_admin =
			available_if(data[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective &
				     CAP_TO_MASK(CAP_SYS_ADMIN));
}

/* CONFIG_SECCOMP_FILTER by the older way, which every such kernel has. */
static void ask_mode(struct callgate_features *features)
{
	int mode = callgate_seccomp_mode();

	if (mode >= 0)
		features->mode = mode;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) == 0)
		return;
	if (errno == EFAULT || errno == EINVAL)
		features->filter_mode = available_if(errno == EFAULT);
}

/* No operation has this number: EINVAL from a kernel that has seccomp(2). */
static void ask_call(struct callgate_features *features)
{
	long answer = os_seccomp(UINT32_MAX, 0, NULL);

	if (answer == -EINVAL || answer == -ENOSYS)
		features->seccomp_call = available_if(answer == -EINVAL);
}

static void ask_flags(struct callgate_features *features)
{
	for (size_t i = 0; i < CALLGATE_FLAG_COUNT; i++) {
		uint32_t flag = features->flags[i].value;
		uint32_t with = flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
					? SECCOMP_FILTER_FLAG_NEW_LISTENER
					: 0;
		long answer = os_seccomp(SECCOMP_SET_MODE_FILTER, flag | with, NULL);

		if (answer == -EFAULT || answer == -EINVAL || answer == -ENOSYS)
			features->flags[i].available = available_if(answer == -EFAULT);
	}
}

static void ask_actions(struct callgate_features *features)
{
	uint32_t allow = SECCOMP_RET_ALLOW;
	long answer = os_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &allow);

	if (answer == 0 || answer == -EINVAL || answer == -ENOSYS)
		features->get_action_avail = available_if(answer == 0);
	for (size_t i = 0; i < CALLGATE_ACTION_COUNT; i++) {
		int error = callgate_action_available(features->actions[i].value);

		if (error == 0 || error == -EOPNOTSUPP)
			features->actions[i].available = available_if(error == 0);
	}
}

static void ask_notif_sizes(struct callgate_features *features)
{
	struct seccomp_notif_sizes sizes;
	int error = callgate_notif_sizes(&sizes);

	if (error == 0)
		features->notif_sizes = sizes;
	if (error == 0 || error == -EINVAL || error == -ENOSYS)
		features->get_notif_sizes = available_if(error == 0);
}

/* getpid; an x86_64 kernel without the ABI answers ENOSYS. */
static void ask_x32(struct callgate_features *features)
{
#ifdef __x86_64__
	long answer = syscall((long)(X32_BIT + SYS_getpid));

	if (answer > 0 || errno == ENOSYS)
		features->x32_abi = available_if(answer > 0);
#else
	features->x32_abi = CALLGATE_ABSENT;
#endif
}

/* getpid is 20; without CONFIG_IA32_EMULATION the instruction faults, which is an
 * answer. */
static void ask_i386(struct callgate_features *features)
{
	features->i386_abi = CALLGATE_ABSENT;
#ifdef __x86_64__
	long answer = 20;

	__asm__ volatile("int $0x80"
			 : "+a"(answer)
			 :
			 : "r8", "r9", "r10", "r11", "cc", "memory");
	features->i386_abi = answer > 0 ? CALLGATE_PRESENT : CALLGATE_UNKNOWN;
#endif
}

static void (*const steps[])(struct callgate_features *features) = {
	ask_version, ask_logging, ask_filter_count, ask_privileges, ask_mode, ask_call,
	ask_flags,   ask_actions, ask_notif_sizes,  ask_x32,	    ask_i386,
};

/* As fork, but the exit signal is 0. */
static pid_t make_child(void)
{
	return (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
}

/* How the child ended; 0 when that cannot be known. */
static int await_child(pid_t child)
{
	int status = 0;
	pid_t waited;

	do
		waited = waitpid(child, &status, (int)__WCLONE);
	while (waited < 0 && errno == EINTR);
	return status;
}

/* Runs one step in a child; -EAGAIN or -ENOMEM: there was none. */
static int run_apart(void (*step)(struct callgate_features *features),
		     struct callgate_features *shared)
{
	const struct callgate_features before = *shared;
	pid_t child = make_child();
	int status;

	if (child < 0)
		return -errno;
	if (child == 0) {
		prctl(PR_SET_DUMPABLE, 0); /* no core when the step is killed */
		step(shared);
		_exit(0);
	}
	status = await_child(child);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		*shared = before; /* a filter answered, not the kernel */
	return 0;
}

int callgate_features_probe(struct callgate_features *ret_features)
{
	struct callgate_features *shared;
	sigset_t all, before;
	int error = 0;

	os_features_init(ret_features);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -ENOMEM;
	*shared = *ret_features;
	/* The caller's handlers are not for the children. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !error; i++)
		error = run_apart(steps[i], shared);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!error)
		*ret_features = *shared;
	munmap(shared, sizeof(*shared));
	return error;
}
