/* SPDX-License-Identifier: MIT */
/* One system call as people write it. */
#ifndef CALLGATE_DATA_CALL_H
#define CALLGATE_DATA_CALL_H

#include <linux/seccomp.h>

#include "base/buffer.h"
#include "data/data.h"

/*
 * "x86_64:socket(AF_NETLINK, SOCK_RAW, 0)": arguments by the kernel's prototype, named
 * where they draw from a family. Bits that the kernel does not look at are shown:
 * "AF_UNIX + 0x100000000". Unknown numbers print as "x86_64:#999", unknown
 * architectures as "arch 0x…:#3", both with six arguments.
 */
void call_print(const struct seccomp_data *call, struct buffer *ret_text);

/* The value of one argument; `argument` may be unnamed. */
void call_print_argument(const struct argument *argument, const struct abi *abi,
			 uint64_t value, struct buffer *ret_text);

#endif
