// SPDX-License-Identifier: MIT
/*
 * A glance at a call that waits: program counter and stack pointer by /proc/THREAD/syscall,
 * return addresses by process_vm_readv(2). What is read is compared, and never followed.
 */
#include "run_glance.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

uint64_t glance_hash(uint64_t seed, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	uint64_t value = seed ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < size; i++)
		value = (value ^ at[i]) * 0x100000001b3u;
	return value ? value : 1;
}

static ssize_t read_again(struct peek *peek, int thread, char *text, size_t size)
{
	ssize_t got = peek->thread == thread ? pread(peek->fd, text, size, 0) : -1;
	char path[64];

	if (got > 0)
		return got;
	if (peek->thread)
		close(peek->fd);
	snprintf(path, sizeof(path), "/proc/%d/syscall", thread);
	peek->fd = open(path, O_RDONLY | O_CLOEXEC);
	peek->thread = peek->fd < 0 ? 0 : thread;
	return peek->fd < 0 ? -1 : pread(peek->fd, text, size, 0);
}

/* The last two words of the line, "0x7ffe… 0x7f12…\n". */
static bool peek_at(struct peek *peek, int thread, uint64_t *ret_sp, uint64_t *ret_pc)
{
	char text[256], *pc, *sp;
	ssize_t length = read_again(peek, thread, text, sizeof(text) - 1);

	if (length <= 0)
		return false;
	text[length - 1] = '\0';
	pc = strrchr(text, ' ');
	if (!pc)
		return false;
	*pc++ = '\0';
	sp = strrchr(text, ' ');
	return sp && callgate_number_parse(sp + 1, ret_sp) == 0 &&
	       callgate_number_parse(pc, ret_pc) == 0;
}

bool glance_key(struct peek *peek, const struct callgate_denial *denial,
		uint64_t *ret_key, uint64_t *ret_stack)
{
	struct {
		uint64_t pc, sp, call, verdict;
	} key = {
		.call = (uint64_t)denial->call.arch << 32 | (uint32_t)denial->call.nr,
		.verdict = denial->verdict,
	};

	if (!peek_at(peek, denial->thread, &key.sp, &key.pc))
		return false;
	*ret_key = glance_hash(0, &key, sizeof(key));
	*ret_stack = key.sp;
	return true;
}

size_t glance_stack(int thread, uint64_t address, unsigned char *buffer, size_t size)
{
	struct iovec local = { buffer, size };
	struct iovec remote = { (void *)(uintptr_t)address, size };
	ssize_t got = process_vm_readv(thread, &local, 1, &remote, 1, 0);

	/* one that ends within it: page by page */
	while (got < 0 && size > 4096) {
		size = size / 2;
		remote.iov_len = size;
		got = process_vm_readv(thread, &local, 1, &remote, 1, 0);
	}
	return got < 0 ? 0 : (size_t)got;
}
