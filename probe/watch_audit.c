// SPDX-License-Identifier: MIT
/*
 * Audit records about seccomp, from the kernel's multicast group or as text.
 *
 * A record names the process, the call's number and place, and the action. It has neither
 * arguments nor a result, nor which thread it was, nor an errno's number. The rest of an
 * event is looked up in /proc afterwards, when the process is still there.
 *
 * That records are missing shows in their numbers, which the kernel gives one by one. They
 * may come in another order.
 */
#include "watch_audit.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "callgate-explain.h"
#include "callgate.h"

#define RECORD_MAX    (16 << 10)
#define BUFFER	      (8 << 20)
#define SECOND	      UINT64_C(1000000000)
#define INITIAL_SPACE 0xEFFFFFFCu /* the inode of the first PID namespace */
#define MODE_DEAD     3

struct watch_audit {
	int socket;
	bool knows_ids; /* the ids of records are those of our /proc */
	struct watch_serials serials;
	char record[RECORD_MAX];
};

/* --- one record ---------------------------------------------------------------------- */

uint64_t watch_audit_serial(const char *text, size_t length)
{
	const char *end = memchr(text, ')', length);
	const char *colon = end ? memchr(text, ':', (size_t)(end - text)) : NULL;
	uint64_t serial = 0;

	while (colon && ++colon < end && *colon >= '0' && *colon <= '9' &&
	       serial < UINT64_MAX / 20)
		serial = serial * 10 + (uint64_t)(*colon - '0');
	return serial;
}

static bool is_compat(uint32_t arch)
{
	return arch == AUDIT_ARCH_I386 || arch == AUDIT_ARCH_ARM;
}

/* In strict mode the signal is SIGKILL, else SIGSYS. */
static uint32_t mode_of(const struct callgate_explain_record *record)
{
	if (record->signal == 9 && record->verdict == SECCOMP_RET_KILL_THREAD)
		return SECCOMP_MODE_STRICT;
	return record->verdict == SECCOMP_RET_TRAP || !record->signal
		       ? SECCOMP_MODE_FILTER
		       : MODE_DEAD;
}

/* As the kernel half writes it: names and NULs, without the first slash. */
static void set_path(struct watch_audited *audited, const char *path)
{
	size_t length = strlen(path);

	if (*path != '/' || length > sizeof(audited->path))
		return;
	memcpy(audited->path, path + 1, length);
	audited->event.path_length = (uint32_t)length;
}

bool watch_audit_parse(const char *text, size_t length, int64_t clock,
		       struct watch_audited *ret_audited)
{
	struct callgate_explain_record record;
	struct watch_event *event = &ret_audited->event;
	char line[RECORD_MAX + 32];
	int size = snprintf(line, sizeof(line), "type=%d msg=%.*s", AUDIT_SECCOMP,
			    (int)(length < RECORD_MAX ? length : RECORD_MAX), text);

	*event = (struct watch_event){ .type = WATCH_RECORD_EVENT };
	if (!callgate_explain_record_parse(line, (size_t)size, &record) ||
	    callgate_verdict_allows(record.verdict))
		return false;
	event->kind = WATCH_DENIED;
	event->began = record.time * 1000000 - (uint64_t)clock;
	event->ended = event->began;
	event->number = record.call.nr;
	event->instruction_pointer = record.call.instruction_pointer;
	event->marks = WATCH_AUDITED | (is_compat(record.call.arch) ? WATCH_COMPAT : 0);
	event->host_pid = event->host_tid = (uint32_t)record.pid;
	event->uid = record.user;
	event->mode = mode_of(&record);
	event->exit_code = record.verdict;
	memcpy(event->comm, record.program, sizeof(event->comm));
	event->comm[sizeof(event->comm) - 1] = '\0';
	set_path(ret_audited, record.path);
	return true;
}

/* --- what /proc adds ------------------------------------------------------------------- */

static uint32_t space_of(uint32_t pid, const char *name)
{
	struct stat space;
	char file[64];

	snprintf(file, sizeof(file), "/proc/%u/ns/%s", pid, name);
	return stat(file, &space) ? 0 : (uint32_t)space.st_ino;
}

static uint64_t cgroup_of(const struct callgate_process *process)
{
	struct stat folder;
	char *file;
	uint64_t id = 0;

	if (!process->cgroup ||
	    asprintf(&file, "/sys/fs/cgroup%s", process->cgroup) < 0)
		return 0;
	if (!stat(file, &folder))
		id = folder.st_ino;
	free(file);
	return id;
}

/* Whether the id is still that of the record's process. */
static bool is_same(const struct callgate_process *process,
		    const struct watch_event *event)
{
	uint64_t start = process->start * (SECOND / (uint64_t)sysconf(_SC_CLK_TCK));

	return start <= event->began && process->uid == event->uid;
}

/* Where it shares ours, its host has our name. */
static void set_node(struct watch_event *event)
{
	if (space_of(event->host_pid, "uts") == space_of((uint32_t)getpid(), "uts"))
		gethostname(event->node, sizeof(event->node) - 1);
}

static void add_facts(struct watch_event *event)
{
	struct callgate_process *process;

	if (callgate_process_read((int)event->host_pid, &process))
		return;
	if (is_same(process, event)) {
		event->pid = event->tid = (uint32_t)process->inner_pid;
		event->host_ppid = event->ppid = (uint32_t)process->parent;
		event->thread_start =
			process->start * (SECOND / (uint64_t)sysconf(_SC_CLK_TCK));
		event->cgroup = cgroup_of(process);
		event->mount_namespace = space_of(event->host_pid, "mnt");
		event->pid_namespace = space_of(event->host_pid, "pid");
		set_node(event);
		event->filters = process->filters > 0 ? (uint32_t)process->filters : 0;
		if (process->no_new_privs > 0)
			event->marks |= WATCH_NO_NEW_PRIVS;
	}
	callgate_process_free(process);
}

/* --- numbers that are missing --------------------------------------------------------- */

void watch_serials_add(struct watch_serials *serials, uint64_t serial)
{
	if (!serials->last)
		serials->first = serials->last = serial;
	if (serial + AUDIT_WINDOW <= serials->last || serial < serials->first)
		return;
	while (serials->last < serial) {
		bool *oldest = &serials->seen[++serials->last % AUDIT_WINDOW];

		if (serials->last >= serials->first + AUDIT_WINDOW && !*oldest)
			serials->lost++;
		*oldest = false;
	}
	serials->seen[serial % AUDIT_WINDOW] = true;
}

uint64_t watch_serials_lost(const struct watch_serials *serials)
{
	uint64_t lost = serials->lost, number = serials->last;

	for (size_t i = 0; i < AUDIT_WINDOW && number && number >= serials->first; i++)
		lost += !serials->seen[number-- % AUDIT_WINDOW];
	return lost;
}

/* --- the stream ------------------------------------------------------------------------ */

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int watch_audit_open(struct watch_audit **ret_audit)
{
	const struct sockaddr_nl group = { .nl_family = AF_NETLINK,
					   .nl_groups = 1u
							<< (AUDIT_NLGRP_READLOG - 1) };
	struct watch_audit *audit = calloc(1, sizeof(*audit));
	int size = BUFFER, error = 0;

	*ret_audit = NULL;
	if (!audit)
		return -ENOMEM;
	audit->socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			       NETLINK_AUDIT);
	if (audit->socket < 0 ||
	    bind(audit->socket, (const struct sockaddr *)&group, sizeof(group)))
		error = -errno;
	if (error) {
		watch_audit_close(audit);
		return error;
	}
	if (setsockopt(audit->socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(audit->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	audit->knows_ids = space_of((uint32_t)getpid(), "pid") == INITIAL_SPACE;
	*ret_audit = audit;
	return 0;
}

void watch_audit_close(struct watch_audit *audit)
{
	if (!audit)
		return;
	if (audit->socket >= 0)
		close(audit->socket);
	free(audit);
}

int watch_audit_descriptor(const struct watch_audit *audit)
{
	return audit->socket;
}

/*
 * The next record; its length without the header, whose own length is not to be trusted.
 * -1: there is none. What the buffer had no room for shows in the numbers.
 */
static ssize_t receive(struct watch_audit *audit)
{
	for (;;) {
		struct sockaddr_nl sender = { 0 };
		socklen_t size = sizeof(sender);
		ssize_t got =
			recvfrom(audit->socket, audit->record, sizeof(audit->record),
				 MSG_DONTWAIT, (struct sockaddr *)&sender, &size);

		if (got < 0 && errno != ENOBUFS && errno != EINTR)
			return -1;
		if (got > NLMSG_HDRLEN && !sender.nl_pid)
			return got - NLMSG_HDRLEN;
	}
}

void watch_audit_read(struct watch_audit *audit,
		      void (*take)(void *context, const struct watch_event *event),
		      void *context)
{
	const char *text = audit->record + NLMSG_HDRLEN;
	struct watch_audited audited;
	int64_t clock = nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_BOOTTIME);
	ssize_t length;

	while ((length = receive(audit)) >= 0) {
		struct nlmsghdr header;
		uint64_t serial = watch_audit_serial(text, (size_t)length);

		memcpy(&header, audit->record, sizeof(header));
		if (serial)
			watch_serials_add(&audit->serials, serial);
		if (header.nlmsg_type != AUDIT_SECCOMP ||
		    !watch_audit_parse(text, (size_t)length, clock, &audited))
			continue;
		if (audit->knows_ids)
			add_facts(&audited.event);
		take(context, &audited.event);
	}
}

uint64_t watch_audit_lost(const struct watch_audit *audit)
{
	return watch_serials_lost(&audit->serials);
}
