// SPDX-License-Identifier: MIT
/*
 * Loading filters: seccomp(2) with every operation and flag, prctl(2) as the older way.
 *
 * All of it but callgate_filter_load() is async-signal-safe: no memory, no locks, no
 * stdio, errno kept. What the kernel refuses is explained elsewhere (explain.c).
 */
#include "os/os.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

long os_call(long number, const unsigned long arguments[6])
{
	int saved = errno;
	long answer = syscall(number, arguments[0], arguments[1], arguments[2],
			      arguments[3], arguments[4], arguments[5]);

	if (answer < 0)
		answer = -errno;
	errno = saved;
	return answer;
}

long os_seccomp(unsigned operation, uint32_t flags, void *argument)
{
	const unsigned long arguments[6] = { operation, flags,
					     (unsigned long)argument };

	return os_call(SYS_seccomp, arguments);
}

static int call_prctl(int option, unsigned long a, unsigned long b)
{
	const unsigned long arguments[6] = { (unsigned long)option, a, b };

	return (int)os_call(SYS_prctl, arguments);
}

int callgate_seccomp_mode(void)
{
	return call_prctl(PR_GET_SECCOMP, 0, 0);
}

int callgate_no_new_privs(void)
{
	return call_prctl(PR_GET_NO_NEW_PRIVS, 0, 0);
}

int callgate_no_new_privs_set(void)
{
	return call_prctl(PR_SET_NO_NEW_PRIVS, 1, 0);
}

/* Kernels that cannot be asked know these: Linux 3.5 to 4.13. */
static bool is_oldest_action(uint32_t action)
{
	return action == SECCOMP_RET_KILL_THREAD || action == SECCOMP_RET_TRAP ||
	       action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE ||
	       action == SECCOMP_RET_ALLOW;
}

int callgate_action_available(uint32_t action)
{
	long answer = os_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action);

	if (answer == -EINVAL || answer == -ENOSYS)
		return is_oldest_action(action) ? 0 : -EOPNOTSUPP;
	return (int)answer;
}

int callgate_notif_sizes(struct seccomp_notif_sizes *ret_sizes)
{
	return (int)os_seccomp(SECCOMP_GET_NOTIF_SIZES, 0, ret_sizes);
}

int callgate_strict_load(const struct callgate_load_options *options)
{
	long answer = -ENOSYS;

	if (!options || !options->by_prctl)
		answer = os_seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL);
	if (answer == -ENOSYS)
		answer = call_prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0);
	return (int)answer;
}

static long load_by_prctl(struct sock_fprog *program, uint32_t flags)
{
	if (flags)
		return -EINVAL;
	return call_prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (unsigned long)program);
}

static long load(struct sock_fprog *program,
		 const struct callgate_load_options *options)
{
	long answer;

	if (options->by_prctl)
		return load_by_prctl(program, options->flags);
	answer = os_seccomp(SECCOMP_SET_MODE_FILTER, options->flags, program);
	if (answer == -ENOSYS && options->flags == 0)
		answer = load_by_prctl(program, 0);
	return answer;
}

int callgate_program_load(const struct sock_filter *program, size_t length,
			  const struct callgate_load_options *options,
			  struct callgate_loaded *ret_loaded)
{
	static const struct callgate_load_options defaults;
	struct callgate_loaded ignored;
	struct sock_fprog view = { .filter = (struct sock_filter *)(uintptr_t)program };
	long answer;

	if (!options)
		options = &defaults;
	if (!ret_loaded)
		ret_loaded = &ignored;
	*ret_loaded = (struct callgate_loaded){ .listener = -1 };
	if (length == 0 || length > BPF_MAXINSNS)
		return -EINVAL;
	view.len = (unsigned short)length;
	/* Asked first: an outer filter may forbid setting what is set already. */
	if (!options->without_no_new_privs && callgate_no_new_privs() != 1) {
		answer = callgate_no_new_privs_set();
		if (answer < 0)
			return (int)answer;
	}
	answer = load(&view, options);
	if (answer < 0)
		return (int)answer;
	if (options->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		ret_loaded->listener = (int)answer;
		return 0;
	}
	ret_loaded->thread = (int)answer;
	return answer ? -ESRCH : 0;
}

int os_check_machine(const struct callgate_filter *filter,
		     struct callgate_diagnostics *diagnostics)
{
	bool big_endian = callgate_filter_big_endian(filter);

	if (big_endian == OS_BIG_ENDIAN)
		return 0;
	diag_error(diagnostics, "byte-order", SPAN_NONE,
		   "it can be looked at here, but not be loaded",
		   "the filter is for %s-endian machines, unlike this one",
		   big_endian ? "big" : "little");
	return -EINVAL;
}

/* The first action that the program returns and the kernel lacks. */
static bool find_missing_action(const struct sock_filter *program, size_t length,
				uint32_t *ret_action)
{
	for (size_t i = 0; i < length; i++) {
		if (program[i].code != (BPF_RET | BPF_K))
			continue;
		*ret_action = program[i].k & SECCOMP_RET_ACTION_FULL;
		if (callgate_action_available(*ret_action) == -EOPNOTSUPP)
			return true;
	}
	return false;
}

int callgate_filter_load(const struct callgate_filter *filter,
			 const struct callgate_load_options *options,
			 struct callgate_diagnostics *diagnostics,
			 struct callgate_loaded *ret_loaded)
{
	struct callgate_loaded loaded = { .listener = -1 };
	struct callgate_refusal refusal = {
		.operation = SECCOMP_SET_MODE_FILTER,
		.program = callgate_filter_program(filter),
		.length = callgate_filter_length(filter),
	};

	if (options)
		refusal.options = *options;
	if (ret_loaded)
		*ret_loaded = loaded;
	if (os_check_machine(filter, diagnostics))
		return -EINVAL;
	if (find_missing_action(refusal.program, refusal.length, &refusal.action))
		refusal.error = -EOPNOTSUPP;
	else
		refusal.error = callgate_program_load(refusal.program, refusal.length,
						      options, &loaded);
	refusal.thread = loaded.thread;
	if (refusal.error)
		callgate_refusal_explain(&refusal, NULL, diagnostics);
	if (ret_loaded)
		*ret_loaded = loaded;
	return refusal.error;
}
