// SPDX-License-Identifier: MIT
/*
 * Container runtimes name a cgroup after their container, by 64 hexadecimal digits:
 *
 *     0::/system.slice/docker-0123…cdef.scope
 *     4:memory:/kubepods/pod1234/0123…cdef
 *
 * What a thread was found in is kept until it has moved, so that a burst of events asks
 * once. This reads /proc after the event, since the kernel half cannot see all hierarchies.
 * The folder there is the thread's as long as it is open, and not another's who has its id
 * now: that shows in when it began.
 */
#include "watch_container.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOTS		1024
#define TEXT_MAX	4096
#define SECOND		UINT64_C(1000000000)
#define FIELDS_TO_START 20 /* of /proc/PID/stat, behind the name */

struct containers {
	struct place {
		uint32_t thread;
		uint64_t start, cgroup;
		char id[CONTAINER_ID];
	} places[SLOTS];
};

struct containers *containers_new(void)
{
	return calloc(1, sizeof(struct containers));
}

void containers_free(struct containers *containers)
{
	free(containers);
}

void container_id(const char *cgroups, char ret_id[CONTAINER_ID])
{
	static const char digits[] = "0123456789abcdef";

	*ret_id = '\0';
	while (*cgroups) {
		size_t length = strspn(cgroups, digits);

		if (length == CONTAINER_ID - 1) {
			memcpy(ret_id, cgroups, length);
			ret_id[length] = '\0';
		}
		cgroups += length;
		cgroups += strcspn(cgroups, digits);
	}
}

/* Returns whether there is something in it. */
static bool read_text(int folder, const char *name, char ret_text[TEXT_MAX])
{
	int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t length = -1;

	if (file >= 0) {
		length = read(file, ret_text, TEXT_MAX - 1);
		close(file);
	}
	ret_text[length > 0 ? length : 0] = '\0';
	return length > 0;
}

uint64_t container_start(const char *stat)
{
	const char *field = strrchr(stat, ')'); /* the name before it is anything */
	uint64_t ticks = 0;

	for (int i = 0; field && i < FIELDS_TO_START; i++)
		field = strchr(field + 1, ' ');
	while (field && isdigit((unsigned char)*++field))
		ticks = ticks * 10 + (uint64_t)(*field - '0');
	return ticks;
}

static bool began_at(const char *stat, uint64_t start)
{
	return container_start(stat) ==
	       start / (SECOND / (uint64_t)sysconf(_SC_CLK_TCK));
}

static void read_id(uint32_t thread, uint64_t start, char ret_id[CONTAINER_ID])
{
	char text[TEXT_MAX], name[64];
	int folder;

	*ret_id = '\0';
	snprintf(name, sizeof(name), "/proc/%u", thread);
	folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return;
	if (read_text(folder, "stat", text) && began_at(text, start) &&
	    read_text(folder, "cgroup", text))
		container_id(text, ret_id);
	close(folder);
}

const char *containers_find(struct containers *containers,
			    const struct watch_event *event)
{
	struct place *place = &containers->places[event->host_tid % SLOTS];

	if (place->thread != event->host_tid || place->start != event->thread_start ||
	    place->cgroup != event->cgroup) {
		place->thread = event->host_tid;
		place->start = event->thread_start;
		place->cgroup = event->cgroup;
		read_id(place->thread, place->start, place->id);
	}
	return place->id;
}
