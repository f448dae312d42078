/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * What our eBPF programs read of the kernel, for all of them, and nothing more.
 *
 * Each structure declares just the members that are read; their places are found when a
 * program is loaded, out of the running kernel's BTF (CO-RE). That is why there is no
 * vmlinux.h: the order, the sizes and the members left out do not matter here.
 */
#ifndef CALLGATE_PROBE_KERNEL_H
#define CALLGATE_PROBE_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#define TASK_COMM_LEN 16

/* As the kernel names them, so that BTF is found under the same names. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct thread_info {
	unsigned long flags;
	__u32 status; /* x86 */
};

typedef struct {
	int counter;
} atomic_t;

struct sock_fprog_kern {
	__u16 len;
	struct sock_filter *filter;
};

struct bpf_prog {
	struct sock_fprog_kern *orig_prog;
};

struct seccomp_filter {
	bool log;
	bool wait_killable_recv; /* Linux 5.19 */
	struct seccomp_filter *prev;
	struct bpf_prog *prog;
	void *notif;
};

struct seccomp {
	int mode;
	atomic_t filter_count;
	struct seccomp_filter *filter;
};

struct ns_common {
	unsigned int inum;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct pid_namespace {
	struct ns_common ns;
};

struct new_utsname {
	char nodename[65];
};

struct uts_namespace {
	struct new_utsname name;
};

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct signal_struct {
	int nr_threads;
	unsigned int flags;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
};

struct mm_struct {
	struct file *exe_file;
};

struct kuid {
	__u32 val;
};

struct cred {
	struct kuid uid;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	unsigned int ptrace;
	int exit_code;
	unsigned long atomic_flags;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	__u64 start_boottime;
	const struct cred *cred;
	struct mm_struct *mm;
	char comm[TASK_COMM_LEN];
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct seccomp seccomp;
};

struct linux_binprm {
	const char *filename;
};

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#if defined(__TARGET_ARCH_x86)

struct pt_regs {
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di, bp, bx, orig_ax, ip, cs,
		flags, sp;
};

#elif defined(__TARGET_ARCH_arm64)

struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
	__u64 pc;
};

#endif

#pragma clang attribute pop

/* Whether the running system call is one of the 32-bit ABI (i386, arm). */
static __always_inline bool task_is_compat(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return task->thread_info.status & 2; /* TS_COMPAT */
#elif defined(__TARGET_ARCH_arm64)
	return task->thread_info.flags & (1 << 22); /* TIF_32BIT */
#endif
}

/*
 * Whether the registers alone say that a call is not one of the 32-bit ABI. The SYSCALL
 * instruction leaves them so; INT 0x80 would only on purpose. False: look at the task.
 */
static __always_inline bool regs_are_native(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->cx == regs->ip && regs->r11 == regs->flags;
#else
	return false;
#endif
}

/* x32's numbers have a bit of their own, and on x86 alone. */
static __always_inline bool number_is_x32(__u32 number)
{
#if defined(__TARGET_ARCH_x86)
	return number & 0x40000000 && (__s32)number >= 0;
#else
	return false;
#endif
}

/* The number of the system call, -1 for none: an exit has no other way to know it. */
static __always_inline int regs_number(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (int)regs->orig_ax;
#elif defined(__TARGET_ARCH_arm64)
	return regs->syscallno;
#endif
}

/* What the system call returns, or a function of the kernel's. */
static __always_inline long regs_result(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (long)regs->ax;
#elif defined(__TARGET_ARCH_arm64)
	return (long)regs->regs[0];
#endif
}

static __always_inline __u64 regs_instruction_pointer(const struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->ip;
#elif defined(__TARGET_ARCH_arm64)
	return regs->pc;
#endif
}

/*
 * An argument as seccomp's filters see it; `index` is a constant. After the call has run,
 * the first one of arm64 is still right, and those of x86 are what the process finds in its
 * registers.
 */
static __always_inline __u64 regs_argument(const struct pt_regs *regs, bool is_compat,
					   int index)
{
#if defined(__TARGET_ARCH_x86)
	switch (index) {
	case 0:
		return is_compat ? (__u32)regs->bx : regs->di;
	case 1:
		return is_compat ? (__u32)regs->cx : regs->si;
	case 2:
		return is_compat ? (__u32)regs->dx : regs->dx;
	case 3:
		return is_compat ? (__u32)regs->si : regs->r10;
	case 4:
		return is_compat ? (__u32)regs->di : regs->r8;
	default:
		return is_compat ? (__u32)regs->bp : regs->r9;
	}
#elif defined(__TARGET_ARCH_arm64)
	__u64 value = index ? regs->regs[index] : regs->orig_x0;

	return is_compat ? (__u32)value : value;
#endif
}

static __always_inline void regs_arguments(const struct pt_regs *regs, bool is_compat,
					   __u64 ret_arguments[6])
{
#pragma unroll
	for (int i = 0; i < 6; i++)
		ret_arguments[i] = regs_argument(regs, is_compat, i);
}

/* The ABI's own prctl(2). */
#if defined(__TARGET_ARCH_x86)
#define PRCTL_NUMBER 157
#elif defined(__TARGET_ARCH_arm64)
#define PRCTL_NUMBER 167
#endif

/* Whether it is seccomp(2) or prctl(2) of some ABI; few others have these numbers. */
static __always_inline bool number_may_set_filter(long number)
{
#if defined(__TARGET_ARCH_x86)
	return number == 317 || number == 157 || number == 354 || number == 172;
#elif defined(__TARGET_ARCH_arm64)
	return number == 277 || number == 167 || number == 383 || number == 172;
#endif
}

/* Of those, which ones are prctl(2)'s. */
static __always_inline bool number_may_be_prctl(long number)
{
	return number < 200;
}

/* Whether it may change the real user of its caller; many more calls than do. */
static __always_inline bool call_may_change_user(const struct pt_regs *regs,
						 long number)
{
	/* x86-64 has setuid, setreuid and setresuid from 105 to 117. */
	return !regs_are_native(regs) || (number & 0x3fffffff) - 105 <= 12UL;
}

#endif
