// SPDX-License-Identifier: MIT
/*
 * The names of the kernel's seccomp features and the versions that brought them.
 *
 * Facts of include/uapi/linux/seccomp.h and kernel/seccomp.c; nothing is asked here.
 */
#include "os/os.h"

#define SINCE(major, minor) ((major)*256 + (minor))
#define ARRAY_SIZE(array)   (sizeof(array) / sizeof((array)[0]))

static const struct callgate_feature flags[] = {
	{ "tsync", SECCOMP_FILTER_FLAG_TSYNC, SINCE(3, 17) },
	{ "log", SECCOMP_FILTER_FLAG_LOG, SINCE(4, 14) },
	{ "spec_allow", SECCOMP_FILTER_FLAG_SPEC_ALLOW, SINCE(4, 17) },
	{ "new_listener", SECCOMP_FILTER_FLAG_NEW_LISTENER, SINCE(5, 0) },
	{ "tsync_esrch", SECCOMP_FILTER_FLAG_TSYNC_ESRCH, SINCE(5, 7) },
	{ "wait_killable_recv", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, SINCE(5, 19) },
};

/* As /proc/sys/kernel/seccomp/actions_avail names them, in order of precedence. */
static const struct callgate_feature actions[] = {
	{ "kill_process", SECCOMP_RET_KILL_PROCESS, SINCE(4, 14) },
	{ "kill_thread", SECCOMP_RET_KILL_THREAD, SINCE(3, 5) },
	{ "trap", SECCOMP_RET_TRAP, SINCE(3, 5) },
	{ "errno", SECCOMP_RET_ERRNO, SINCE(3, 5) },
	{ "user_notif", SECCOMP_RET_USER_NOTIF, SINCE(5, 0) },
	{ "trace", SECCOMP_RET_TRACE, SINCE(3, 5) },
	{ "log", SECCOMP_RET_LOG, SINCE(4, 14) },
	{ "allow", SECCOMP_RET_ALLOW, SINCE(3, 5) },
};

_Static_assert(ARRAY_SIZE(flags) == CALLGATE_FLAG_COUNT, "a flag is missing");
_Static_assert(ARRAY_SIZE(actions) == CALLGATE_ACTION_COUNT, "an action is missing");

static const struct callgate_feature *find(const struct callgate_feature *features,
					   size_t count, uint32_t value)
{
	for (size_t i = 0; i < count; i++)
		if (features[i].value == value)
			return &features[i];
	return NULL;
}

const struct callgate_feature *os_action(uint32_t action)
{
	return find(actions, ARRAY_SIZE(actions), action & SECCOMP_RET_ACTION_FULL);
}

void os_features_init(struct callgate_features *ret_features)
{
	*ret_features = (struct callgate_features){
		.audit_arch = OS_AUDIT_ARCH,
		.mode = -1,
		.filters = -1,
	};
	memcpy(ret_features->flags, flags, sizeof(flags));
	memcpy(ret_features->actions, actions, sizeof(actions));
}
