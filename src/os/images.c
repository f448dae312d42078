// SPDX-License-Identifier: MIT
/*
 * Mapped files of other processes.
 *
 * /proc/PID/root leads into the process's own root; symbolic links are then followed as
 * from there as the kernel does for that magic link's path, so an absolute link may lead
 * out of it: hence the check of the inode, which also refuses a file that was replaced.
 */
#include "os/images.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int image_open_path(int folder, const char *path)
{
	char name[4200];
	struct stat about;
	int fd;

	if (snprintf(name, sizeof(name), "root/%s", path) >= (int)sizeof(name))
		return -ENAMETOOLONG;
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode))
		return fd;
	close(fd);
	return -ENOENT;
}

static int open_mapped(int folder, const struct image_file *image)
{
	char name[64];

	snprintf(name, sizeof(name), "map_files/%llx-%llx",
		 (unsigned long long)image->start, (unsigned long long)image->end);
	return openat(folder, name, O_RDONLY | O_CLOEXEC);
}

int image_open(int folder, const struct image_file *image)
{
	struct stat about;
	int fd = image_open_path(folder, image->path);

	if (fd >= 0 && fstat(fd, &about) == 0 && about.st_ino == image->inode)
		return fd;
	if (fd >= 0)
		close(fd);
	/* Renamed, deleted, or on a file system with other numbers: that takes rights. */
	fd = open_mapped(folder, image);
	return fd >= 0 ? fd : -ENOENT;
}

void *demangler_open(void)
{
	return dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
}

void demangler_close(void *demangler)
{
	if (demangler)
		dlclose(demangler);
}

char *demangle(void *demangler, const char *name)
{
	char *(*function)(const char *, char *, size_t *, int *) = NULL;
	int status;

	if (demangler)
		*(void **)&function = dlsym(demangler, "__cxa_demangle");
	return function ? function(name, NULL, NULL, &status) : NULL;
}
