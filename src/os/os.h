/* SPDX-License-Identifier: MIT */
/*
 * What the files of src/os share. They alone make system calls.
 */
#ifndef CALLGATE_OS_OS_H
#define CALLGATE_OS_OS_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "callgate.h"

/* The sets of prctl(2) and seccomp(2) that older headers lack. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	   SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* seccomp_data.arch of this program's own system calls. */
#if defined(__x86_64__)
#define OS_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define OS_AUDIT_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define OS_AUDIT_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define OS_AUDIT_ARCH AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define OS_AUDIT_ARCH AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define OS_AUDIT_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__arm__) && defined(__ARMEL__)
#define OS_AUDIT_ARCH AUDIT_ARCH_ARM
#else
#error "add this machine's AUDIT_ARCH_"
#endif

#define OS_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* Three words that only the launcher knows; `unsigned long` is what a register holds.
 */
struct ticket {
	unsigned long words[3];
};

/* Any system call: its result or a negative errno; errno stays as it was. */
long os_call(long number, const unsigned long arguments[6]);

/* seccomp(2), likewise. */
long os_seccomp(unsigned operation, uint32_t flags, void *argument);

/* 0, or -EINVAL: the filter is for machines of the other endianness; reported. */
int os_check_machine(const struct callgate_filter *filter,
		     struct callgate_diagnostics *diagnostics);

/* The name and version of a verdict's action, nothing asked; NULL: no action. Static.
 */
const struct callgate_feature *os_action(uint32_t action);

/*
 * Where execvp(3) would find a program: 0 and a malloc'ed path, or -ENOENT, -EACCES,
 * -ENOMEM.
 */
int os_find_program(const char *program, char **ret_path);

/* Every name and version, nothing asked yet. */
void os_features_init(struct callgate_features *ret_features);

/* Instructions that ticket_prepend() may add. */
#define TICKET_LENGTH_MAX 21

/*
 * Writes `program` with a clause in front that lets the launcher's calls pass when they
 * carry the ticket. `ret_program` has room for length + TICKET_LENGTH_MAX. Returns the
 * new length.
 */
size_t ticket_prepend(const struct sock_filter *program, size_t length,
		      const struct ticket *ticket, struct sock_filter *ret_program);

#endif
