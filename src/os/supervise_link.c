// SPDX-License-Identifier: MIT
/*
 * Messages between the two processes that supervise a program, over a socket that keeps
 * their boundaries and takes descriptors along.
 */
#include "os/supervise.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

struct wire {
	int32_t word, value;
};

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(2 * sizeof(int))];
};

int link_send(int link, enum supervise_word word, int value,
	      const struct supervised *program)
{
	struct wire wire = { (int32_t)word, value };
	struct iovec part = { &wire, sizeof(wire) };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (program) {
		const int descriptors[2] = { program->pidfd, program->listener };

		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(descriptors));
		memcpy(CMSG_DATA(&control.header), descriptors, sizeof(descriptors));
	}
	return sendmsg(link, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

struct supervise_message link_receive(int link)
{
	struct supervise_message lost = { WORD_LOST, 0, { -1, -1 } }, result = lost;
	struct wire wire;
	struct iovec part = { &wire, sizeof(wire) };
	union control control = { 0 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got;

	do {
		got = recvmsg(link, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(wire))
		return lost;
	result.word = (enum supervise_word)wire.word;
	result.value = wire.value;
	if (message.msg_controllen >= CMSG_LEN(sizeof(result.descriptors)))
		memcpy(result.descriptors, CMSG_DATA(&control.header),
		       sizeof(result.descriptors));
	return result;
}
