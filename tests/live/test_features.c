// SPDX-License-Identifier: MIT
/*
 * What the probe finds, held against uname(2) and /proc, and that asking leaves no trace.
 */
#include "live/live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* A small file as a string; false: there is none. */
static bool read_text(const char *path, char *ret_text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, ret_text, size - 1);

	if (fd >= 0)
		close(fd);
	if (got < 0)
		return false;
	ret_text[got] = '\0';
	return true;
}

/* Whether a list of words, divided by blanks, holds exactly these actions. */
static bool is_list_of(const char *list, const struct callgate_features *features,
		       bool logged)
{
	char wanted[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < CALLGATE_ACTION_COUNT; i++) {
		const struct callgate_feature *action = &features->actions[i];

		if ((logged ? action->logged : action->available) != CALLGATE_PRESENT)
			continue;
		used += (size_t)snprintf(wanted + used, sizeof(wanted) - used, "%s%s",
					 used ? " " : "", action->name);
	}
	return strncmp(list, wanted, used) == 0 && list[used] == '\n';
}

static int agrees_with_uname(void)
{
	struct callgate_features features;
	struct utsname name;
	char version[16];

	CHECK(callgate_features_probe(&features) == 0);
	CHECK(uname(&name) == 0);
	CHECK(strcmp(features.release, name.release) == 0);
	CHECK(strcmp(features.machine, name.machine) == 0);
	snprintf(version, sizeof(version), "%u.%u", features.version >> 8,
		 features.version & 0xffu);
	CHECK(strncmp(name.release, version, strlen(version)) == 0);
	return 0;
}

static int agrees_with_proc(void)
{
	struct callgate_features features;
	char list[256];

	CHECK(callgate_features_probe(&features) == 0);
	CHECK(features.seccomp_call == CALLGATE_PRESENT);
	CHECK(features.filter_mode == CALLGATE_PRESENT);
	if (read_text("/proc/sys/kernel/seccomp/actions_avail", list, sizeof(list)))
		CHECK(is_list_of(list, &features, false));
	if (read_text("/proc/sys/kernel/seccomp/actions_logged", list, sizeof(list)))
		CHECK(is_list_of(list, &features, true));
	return 0;
}

/* By the book; a distribution may bring a flag to an older kernel, never take one away. */
static int agrees_with_the_version(void)
{
	struct callgate_features features;

	CHECK(callgate_features_probe(&features) == 0);
	for (size_t i = 0; i < CALLGATE_FLAG_COUNT; i++)
		if (features.version >= features.flags[i].since)
			CHECK(features.flags[i].available == CALLGATE_PRESENT);
	for (size_t i = 0; i < CALLGATE_ACTION_COUNT; i++)
		if (features.version >= features.actions[i].since)
			CHECK(features.actions[i].available == CALLGATE_PRESENT);
	CHECK((features.cache == CALLGATE_PRESENT) ==
	      (features.version >= 5 * 256 + 11));
	return 0;
}

static int follows_the_state(void)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct callgate_features before, after;

	CHECK(callgate_features_probe(&before) == 0);
	CHECK(before.mode == SECCOMP_MODE_DISABLED);
	CHECK(before.no_new_privs == CALLGATE_ABSENT);
	CHECK(callgate_program_load(&allow, 1, NULL, NULL) == 0);
	CHECK(callgate_program_load(&allow, 1, NULL, NULL) == 0);
	CHECK(callgate_features_probe(&after) == 0);
	CHECK(after.mode == SECCOMP_MODE_FILTER);
	CHECK(after.no_new_privs == CALLGATE_PRESENT);
	CHECK(before.filters < 0 || after.filters == before.filters + 2);
	return 0;
}

static int sees_a_lost_capability(void)
{
	struct callgate_features features;

	if (geteuid() == 0)
		CHECK(setresuid(65534, 65534, 65534) == 0);
	CHECK(callgate_features_probe(&features) == 0);
	CHECK(features.cap_sys_admin == CALLGATE_ABSENT);
	return 0;
}

static volatile sig_atomic_t children_ended;

static void count_child(int signal)
{
	children_ended += signal == SIGCHLD;
}

static int leaves_no_trace(void)
{
	struct callgate_features features;
	sigset_t before = { 0 }, after = { 0 }; /* the kernel fills a part */
	int fd = dup(0);

	signal(SIGCHLD, count_child);
	sigprocmask(SIG_SETMASK, NULL, &before);
	CHECK(callgate_features_probe(&features) == 0);
	sigprocmask(SIG_SETMASK, NULL, &after);
	CHECK(memcmp(&before, &after, sizeof(before)) == 0);
	CHECK(children_ended == 0);
	CHECK(waitpid(-1, NULL, __WALL | WNOHANG) == -1 && errno == ECHILD);
	CHECK(callgate_seccomp_mode() == SECCOMP_MODE_DISABLED);
	CHECK(callgate_no_new_privs() == 0);
	close(fd);
	CHECK(dup(0) == fd);
	return 0;
}

/* The answer is "unknown"; whoever asks lives on. */
static int survives_a_filter_that_kills(void)
{
	struct sock_filter program[LIVE_DENY_LENGTH];
	struct callgate_features features;

	live_deny(SYS_seccomp, SECCOMP_RET_KILL_PROCESS, program);
	CHECK(callgate_program_load(program, LIVE_DENY_LENGTH, NULL, NULL) == 0);
	CHECK(callgate_features_probe(&features) == 0);
	CHECK(features.seccomp_call == CALLGATE_UNKNOWN);
	CHECK(features.filter_mode == CALLGATE_PRESENT);
	CHECK(features.flags[0].available == CALLGATE_UNKNOWN);
	CHECK(features.actions[0].available == CALLGATE_UNKNOWN);
	CHECK(features.version != 0);
	return 0;
}

static int ends_without_children(void)
{
	struct sock_filter program[LIVE_DENY_LENGTH];
	struct callgate_features features;

	live_deny(SYS_clone, SECCOMP_RET_ERRNO | EAGAIN, program);
	CHECK(callgate_program_load(program, LIVE_DENY_LENGTH, NULL, NULL) == 0);
	CHECK(callgate_features_probe(&features) == -EAGAIN);
	CHECK(strcmp(features.flags[0].name, "tsync") == 0);
	CHECK(features.flags[0].available == CALLGATE_UNKNOWN);
	return 0;
}

static const struct live_case cases[] = {
	{ "agrees with uname", agrees_with_uname },
	{ "agrees with /proc on the actions", agrees_with_proc },
	{ "finds all that this version has", agrees_with_the_version },
	{ "follows the state of the thread", follows_the_state },
	{ "sees that a capability is missing", sees_a_lost_capability },
	{ "leaves no child, signal, descriptor or state behind", leaves_no_trace },
	{ "survives a filter that kills for the question",
	  survives_a_filter_that_kills },
	{ "says so when it cannot make children", ends_without_children },
};

int main(void)
{
	return live_main(cases, sizeof(cases) / sizeof(cases[0]));
}
