// SPDX-License-Identifier: MIT
/*
 * A program as a child with a filter whose listener is the parent's.
 *
 *	clone(VM, VFORK, FILES)   the parent waits
 *	the child                 loads the filter: the listener is a descriptor of both
 *	                          execve: has a table of its own, where it is closed
 *	the parent                goes on, and has it
 *
 * The child makes no call between the filter and execve, so nothing waits for an answer
 * before the parent can give it.
 */
#include "os/supervise.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE (256 * 1024)

#define LAYER_FLAGS                                    \
	((uint32_t)(SECCOMP_FILTER_FLAG_NEW_LISTENER | \
		    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV))

/* What parent and child share. */
struct start {
	const struct launch *launch;
	char *const *argv, *const *environment;
	const sigset_t *mask;
	struct callgate_loaded loaded;
	struct callgate_refusal refusal;
};

static int child(void *argument)
{
	struct start *start = argument;

	sigprocmask(SIG_SETMASK, start->mask, NULL);
	launch_load(start->launch, start->launch->flags | LAYER_FLAGS, &start->loaded,
		    &start->refusal);
	if (!start->refusal.error)
		launch_finish(start->launch, start->argv, start->environment);
	_exit(0);
}

int supervise_start(const struct launch *launch, char *const *argv,
		    char *const *environment, const sigset_t *mask,
		    struct callgate_refusal *ret_refusal,
		    struct supervised *ret_program)
{
	struct start start = { launch, argv, environment, mask, { .listener = -1 },
			       { 0 } };
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	int pidfd = -1;
	pid_t pid;

	*ret_refusal = (struct callgate_refusal){ 0 };
	if (stack == MAP_FAILED)
		return -errno;
	pid = clone(child, stack + STACK_SIZE,
		    CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD | SIGCHLD,
		    &start, &pidfd);
	if (pid < 0)
		start.refusal.error = -errno;
	munmap(stack, STACK_SIZE);
	*ret_program = (struct supervised){ pid, pidfd, start.loaded.listener };
	if (!start.refusal.error)
		return 0;
	if (pid > 0)
		waitpid(pid, NULL, 0);
	*ret_refusal = start.refusal;
	return start.refusal.error;
}
