/* SPDX-License-Identifier: MIT */
/* Instructions by short names, for tables of programs. */
#ifndef TESTS_AUDIT_PROGRAM_H
#define TESTS_AUDIT_PROGRAM_H

#include <linux/filter.h>
#include <stddef.h>
#include <string.h>

#include "audit/cases.h"

#define STMT(code, k) ((struct sock_filter)BPF_STMT((code), (k)))
#define JUMP(test, k, jt, jf) \
	((struct sock_filter)BPF_JUMP(BPF_JMP | (test) | BPF_K, (k), (jt), (jf)))
#define LOAD(offset) STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define LOAD_NR	     LOAD(offsetof(struct seccomp_data, nr))
#define LOAD_ARCH    LOAD(offsetof(struct seccomp_data, arch))
/* Of a little-endian machine. */
#define LOAD_LOW(argument) LOAD(offsetof(struct seccomp_data, args) + 8 * (argument))
#define LOAD_HIGH(argument) \
	LOAD(offsetof(struct seccomp_data, args) + 8 * (argument) + 4)
#define RETURN(verdict) STMT(BPF_RET | BPF_K, (verdict))
#define ALLOW		RETURN(SECCOMP_RET_ALLOW)
#define DENY		RETURN(SECCOMP_RET_ERRNO | AUDIT_DENIED)
#define KILL		RETURN(SECCOMP_RET_KILL_PROCESS)

#endif
