// SPDX-License-Identifier: MIT
/*
 * Container runtimes name a cgroup after their container, by 64 hexadecimal digits:
 *
 *     0::/system.slice/docker-0123…cdef.scope
 *     4:memory:/kubepods/pod1234/0123…cdef
 *
 * What a thread was found in is kept, so that a burst of events asks once. This reads /proc
 * after the event; the kernel half cannot see all hierarchies.
 */
#include "watch_container.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SLOTS 1024

struct containers {
	struct place {
		uint32_t thread;
		uint64_t start;
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

static void read_id(uint32_t thread, char ret_id[CONTAINER_ID])
{
	char text[4096], name[64];
	ssize_t length;
	int file;

	*ret_id = '\0';
	snprintf(name, sizeof(name), "/proc/%u/cgroup", thread);
	file = open(name, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return;
	length = read(file, text, sizeof(text) - 1);
	close(file);
	if (length <= 0)
		return;
	text[length] = '\0';
	container_id(text, ret_id);
}

const char *containers_find(struct containers *containers,
			    const struct watch_event *event)
{
	struct place *place = &containers->places[event->host_tid % SLOTS];

	if (place->thread != event->host_tid || place->start != event->thread_start) {
		place->thread = event->host_tid;
		place->start = event->thread_start;
		read_id(place->thread, place->id);
	}
	return place->id;
}
