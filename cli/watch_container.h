/* SPDX-License-Identifier: MIT */
/* Which container a process is in, as far as the name of its cgroup tells. */
#ifndef CALLGATE_CLI_WATCH_CONTAINER_H
#define CALLGATE_CLI_WATCH_CONTAINER_H

#include <stddef.h>

#include "probe/watch.h"

#define CONTAINER_ID 65

struct containers;

struct containers *containers_new(void);
void containers_free(struct containers *containers);
/* The id or "", valid until the next call. A process that is gone has none any more. */
const char *containers_find(struct containers *containers,
			    const struct watch_event *event);
/* The last 64 hexadecimal digits in a row of /proc/PID/cgroup's text. */
void container_id(const char *cgroups, char ret_id[CONTAINER_ID]);
/* When a process began, in ticks, by /proc/PID/stat's text; 0: it is none. */
uint64_t container_start(const char *stat);

#endif
