// SPDX-License-Identifier: MIT
/*
 * Reading a policy or a filter from a file, never hanging and never without a limit.
 *
 * A name is opened without blocking and must then be a regular file; standard input
 * alone may be a pipe, because the user chose it.
 */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

#define CHUNK ((size_t)64 << 10)

/* The name beside `from`, malloc'ed; NULL: no memory. */
static char *resolve(const char *name, const char *from)
{
	const char *slash = from && name[0] != '/' ? strrchr(from, '/') : NULL;
	struct buffer path = { 0 };

	if (slash)
		buffer_put(&path, from, (size_t)(slash - from) + 1);
	buffer_text(&path, name);
	return buffer_take(&path);
}

static int check_kind(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (!S_ISREG(status.st_mode))
		return -ENOTSUP;
	return status.st_size > (off_t)CALLGATE_FILE_MAX ? -EFBIG : 0;
}

/* Opens a regular file; O_NONBLOCK so that a FIFO without a writer does not hang. */
static int open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int error;

	if (fd < 0) /* a socket, or a device that is not there */
		return errno == ENXIO ? -ENOTSUP : -errno;
	error = check_kind(fd);
	if (error) {
		close(fd);
		return error;
	}
	return fd;
}

/* Files of /proc have no size, and a file may grow: what counts is what arrives. */
static int read_all(int fd, struct buffer *text)
{
	char *chunk = malloc(CHUNK);
	ssize_t got = 1;
	int error = chunk ? 0 : -ENOMEM;

	while (!error && got != 0) {
		got = read(fd, chunk, CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			error = -errno;
		else
			buffer_put(text, chunk, (size_t)got);
		if (text->failed)
			error = -ENOMEM;
		else if (text->len > CALLGATE_FILE_MAX)
			error = -EFBIG;
	}
	free(chunk);
	return error;
}

static int read_path(const char *path, bool is_stdin, struct buffer *text)
{
	int fd = is_stdin ? STDIN_FILENO : open_regular(path);
	int error;

	if (fd < 0)
		return fd;
	error = read_all(fd, text);
	if (!is_stdin)
		close(fd);
	return error;
}

int callgate_read_file(void *context, const char *name, const char *from,
		       char **ret_text, size_t *ret_length, char **ret_name)
{
	char *path = resolve(name, from);
	struct buffer text = { 0 };
	int error = -ENOMEM;

	(void)context;
	if (path)
		error = read_path(path, !from && strcmp(name, "-") == 0, &text);
	buffer_put(&text, "", 0); /* an empty file has a text too */
	if (!error && text.failed)
		error = -ENOMEM;
	if (error) {
		buffer_done(&text);
		free(path);
		return error;
	}
	*ret_length = text.len;
	*ret_text = buffer_take(&text);
	if (ret_name)
		*ret_name = path;
	else
		free(path);
	return 0;
}

static const struct {
	int error;
	const char *message;
	const char *hint;
} reasons[] = {
	{ -ENOENT, "there is no such file", NULL },
	{ -EACCES, "permission denied", NULL },
	{ -EISDIR, "it is a directory, not a file", NULL },
	{ -EFBIG, "it is larger than 16 MiB", NULL },
	{ -ENOTSUP, "it is a pipe, a device or a socket, not a file",
	  "to read from a pipe, use standard input: -" },
	{ -ENOMEM, "out of memory", NULL },
};

void callgate_file_explain(const char *name, int error,
			   struct callgate_diagnostics *diagnostics)
{
	const char *message = strerrordesc_np(-error);
	const char *hint = NULL;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].error != error)
			continue;
		message = reasons[i].message;
		hint = reasons[i].hint;
	}
	diag_error(diagnostics, "file", SPAN_NONE, hint, "%s%s%s", name ? name : "",
		   name ? ": " : "", message ? message : "unknown error");
}
