// SPDX-License-Identifier: MIT
/*
 * Writing a file as a whole or not at all: a new file in the same directory takes the
 * name once it is complete. Readers see the old text or the new one; a failure leaves
 * nothing.
 *
 * The kernel applies the umask to the new file, so its mode is what open(2) would give.
 */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

static int write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, data, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		data += written;
		length -= (size_t)written;
	}
	return 0;
}

/* close(2) tells of a failed write on network file systems. */
static int close_written(int fd, int error)
{
	if (close(fd) && !error && errno != EINTR)
		error = -errno;
	return error;
}

/* On the disk before it has its name: else a crash of the machine may leave it empty. */
static int write_safely(int fd, const void *data, size_t length)
{
	int error = write_all(fd, data, length);

	if (!error && fsync(fd) && errno != EINVAL)
		error = -errno;
	return close_written(fd, error);
}

/* ".NAME.XXXXXXXXXXXXXXXX" beside `name`, malloc'ed. */
static int make_path(const char *name, char **ret_path)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	struct buffer path = { 0 };
	unsigned long long suffix;

	if (getrandom(&suffix, sizeof(suffix), 0) != sizeof(suffix))
		return -errno;
	buffer_put(&path, name, (size_t)(base - name));
	buffer_printf(&path, ".%.200s.%016llx", base, suffix);
	*ret_path = buffer_take(&path);
	return *ret_path ? 0 : -ENOMEM;
}

/* A new file beside `name`: its descriptor and path, or an errno. */
static int open_beside(const char *name, char **ret_path)
{
	int error = make_path(name, ret_path);
	int fd;

	if (error)
		return error;
	fd = open(*ret_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd >= 0)
		return fd;
	error = -errno;
	free(*ret_path);
	return error;
}

static int replace(const char *name, const void *data, size_t length)
{
	char *path = NULL;
	int fd = open_beside(name, &path);
	int error;

	if (fd < 0)
		return fd;
	error = write_safely(fd, data, length);
	if (!error && rename(path, name))
		error = -errno;
	if (error)
		unlink(path);
	free(path);
	return error;
}

/* /dev/stdout, a pipe, a link: to be written to, not to be replaced. */
static int overwrite(const char *name, const void *data, size_t length)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0)
		return -errno;
	return close_written(fd, write_all(fd, data, length));
}

int callgate_write_file(const char *name, const void *data, size_t length)
{
	struct stat status;

	if (lstat(name, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return -EISDIR;
		if (!S_ISREG(status.st_mode))
			return overwrite(name, data, length);
	} else if (errno != ENOENT) {
		return -errno;
	}
	return replace(name, data, length);
}
