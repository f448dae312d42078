// SPDX-License-Identifier: MIT
/*
 * Watching in a build without eBPF: it never begins.
 */
#include <errno.h>
#include <stddef.h>

#include "watch.h"

int watch_open(const struct watch_options *options, struct watch **ret_watch)
{
	(void)options;
	*ret_watch = NULL;
	return -ENOSYS;
}

void watch_close(struct watch *watch)
{
	(void)watch;
}

enum watch_hook watch_hook(const struct watch *watch)
{
	(void)watch;
	return WATCH_HOOK_TRACEPOINT;
}

int watch_hook_error(const struct watch *watch, enum watch_hook hook)
{
	(void)watch;
	(void)hook;
	return -ENOSYS;
}

const char *watch_hook_name(enum watch_hook hook)
{
	(void)hook;
	return "none";
}

int watch_descriptor(const struct watch *watch)
{
	(void)watch;
	return -1;
}

int watch_poll(struct watch *watch, int milliseconds)
{
	(void)watch;
	(void)milliseconds;
	return -ENOSYS;
}

void watch_stop(struct watch *watch)
{
	(void)watch;
}

void watch_loss(const struct watch *watch, struct watch_loss *ret_loss)
{
	(void)watch;
	*ret_loss = (struct watch_loss){ 0 };
}
