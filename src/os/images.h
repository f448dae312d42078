/* SPDX-License-Identifier: MIT */
/*
 * The files that a process has mapped, opened as it sees them: it may be in a container,
 * or in another root.
 */
#ifndef CALLGATE_OS_IMAGES_H
#define CALLGATE_OS_IMAGES_H

#include <linux/openat2.h>
#include <stdint.h>
#include <sys/types.h>

struct image_file {
	uint64_t start, end; /* its first mapping, as in /proc/PID/maps */
	uint64_t inode;
	const char *path;
};

/*
 * A descriptor of the file that is mapped, not of one that has its name by now.
 * `folder` is of process_open(). -ENOENT: it cannot be had.
 */
int image_open(int folder, const struct image_file *image);
/*
 * A copy, in memory, of the file of that path in the process's root, whatever it is: the
 * process can change the file, and so take back what was mapped of it.
 */
int image_copy_path(int folder, const char *path);

/* A regular file; `resolve` is of openat2(2). A descriptor or a negative errno. */
int open_regular(int folder, const char *path, uint64_t resolve);

/* The C++ runtime, which knows how its names are made; NULL where there is none. */
void *demangler_open(void);
void demangler_close(void *demangler);
/* Malloc'ed, or NULL: the name is no mangled one. */
char *demangle(void *demangler, const char *name);

#endif
