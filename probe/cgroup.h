/* SPDX-License-Identifier: MIT */
/* Cgroups of version 2, by their folders and by the units of systemd. */
#ifndef CALLGATE_PROBE_CGROUP_H
#define CALLGATE_PROBE_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The folder of a cgroup: `name` is one, or a path below where cgroup2 is mounted. 0 and a
 * malloc'ed path, -ENOENT, -ENODEV: cgroup2 is not mounted, or -ENOMEM.
 */
int cgroup_find(const char *name, char **ret_path);
/*
 * That of a unit, "nginx" or "nginx.service", likewise: the system manager's own before those
 * of others. -ENOTUNIQ: only others have it, and more than one.
 */
int cgroup_find_unit(const char *unit, char **ret_path);
/* As the kernel knows it: its id, and its depth below the root. 0 or a negative errno. */
int cgroup_identify(const char *path, uint64_t *ret_id, int *ret_level);
/* Whether a thread in it or below it has a filter; also when that cannot be told. */
bool cgroup_has_filter(const char *path);

#endif
