// SPDX-License-Identifier: MIT
/*
 * Lines to a descriptor. They are collected, so that a burst takes few writes, and written
 * whole: a file that is moved away and reopened is cut between two lines.
 *
 * A reader that is slow makes write(2) wait, and with it the reading of events, which the
 * kernel half then counts as lost. A signal that asks for the end interrupts the wait: a
 * reader who goes on has the rest, one who does not, for a while, not.
 */
#include "watch_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"

#define ENOUGH	 ((size_t)64 << 10)
#define PATIENCE 5000 /* milliseconds, at the end */

static int open_file(const char *file)
{
	int descriptor =
		file ? open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)
		     : STDOUT_FILENO;

	return descriptor < 0 ? -errno : descriptor;
}

int sink_open(const char *file, const volatile sig_atomic_t *give_up,
	      struct sink *ret_sink)
{
	*ret_sink = (struct sink){ .file = file, .give_up = give_up };
	ret_sink->descriptor = open_file(file);
	if (ret_sink->descriptor < 0)
		return ret_sink->descriptor;
	ret_sink->stream = cli_need(open_memstream(&ret_sink->text, &ret_sink->length));
	return 0;
}

int sink_reopen(struct sink *sink)
{
	int descriptor;

	if (!sink->file)
		return 0;
	sink_flush(sink, true);
	descriptor = open_file(sink->file);
	if (descriptor < 0)
		return descriptor;
	close(sink->descriptor);
	sink->descriptor = descriptor;
	return 0;
}

/* At the end no write may wait; what a pipe takes at once is at least this much. */
static bool may_write(const struct sink *sink, size_t *length)
{
	struct pollfd polls = { .fd = sink->descriptor, .events = POLLOUT };

	if (!*sink->give_up)
		return true;
	if (*length > PIPE_BUF)
		*length = PIPE_BUF;
	return poll(&polls, 1, PATIENCE) > 0;
}

static int write_all(const struct sink *sink, const char *text, size_t length)
{
	while (length) {
		size_t part = length;
		ssize_t done;

		if (!may_write(sink, &part))
			return -EINTR;
		done = write(sink->descriptor, text, part);
		if (done < 0 && errno != EINTR)
			return -errno;
		if (done < 0)
			continue;
		text += done;
		length -= (size_t)done;
	}
	return 0;
}

void sink_flush(struct sink *sink, bool in_any_case)
{
	fflush(sink->stream);
	if (!sink->length || (!in_any_case && sink->length < ENOUGH))
		return;
	if (!sink->error)
		sink->error = write_all(sink, sink->text, sink->length);
	/* begin again at the start of the memory */
	rewind(sink->stream);
}

void sink_close(struct sink *sink)
{
	if (sink->stream) {
		sink_flush(sink, true);
		fclose(sink->stream);
	}
	free(sink->text);
	if (sink->file && sink->descriptor >= 0)
		close(sink->descriptor);
}
