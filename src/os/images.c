// SPDX-License-Identifier: MIT
/*
 * Mapped files of other processes.
 *
 * /proc/PID/root leads into the process's own root, and no symbolic link leads out of it
 * again. The inode is checked, so that a file that was replaced is refused.
 */
#include "os/images.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COPY_MAX ((size_t)1 << 30)

/* Of devices and pipes nothing is opened: that alone may have effects. */
int open_regular(int folder, const char *path, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = resolve };
	int found = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how)), fd;
	struct stat about;
	char name[32];

	if (found < 0)
		return -errno;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", found);
	fd = fstat(found, &about) == 0 && S_ISREG(about.st_mode)
		     ? open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
		     : -1;
	close(found);
	return fd < 0 ? -ENOENT : fd;
}

static int open_path(int folder, const char *path)
{
	int root = openat(folder, "root", O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (root < 0)
		return -errno;
	fd = open_regular(root, path, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	close(root);
	return fd;
}

int image_copy_path(int folder, const char *path)
{
	int from = open_path(folder, path), to = -1;
	size_t left = COPY_MAX;
	ssize_t got;

	if (from < 0)
		return from;
	to = memfd_create("copy", MFD_CLOEXEC);
	do {
		got = to < 0 ? -1 : sendfile(to, from, NULL, left);
		left -= got > 0 ? (size_t)got : 0;
	} while (got > 0 && left);
	close(from);
	if (got == 0)
		return to;
	if (to >= 0)
		close(to);
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
	int fd = open_path(folder, image->path);

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
