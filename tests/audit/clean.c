// SPDX-License-Identifier: MIT
/*
 * Filters that an audit has nothing to say about.
 */
#include <linux/audit.h>

#include "audit/cases.h"
#include "audit/program.h"

#define LIST	   "arch x86_64\ndefault errno EPERM\nallow exit_group\n"
#define IF_X86_64  LOAD_ARCH, JUMP(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0), KILL, LOAD_NR
#define EXIT_GROUP 231
#define WRITE	   1

#define CLEAN(name, policy)          \
	{                            \
		(name), "", (policy) \
	}
#define CLEAN_PROGRAM(name, ...)                       \
	{                                              \
		(name), "", .program = { __VA_ARGS__ } \
	}

const struct audit_case audit_clean[] = {
	/* allow-lists of every kind */
	CLEAN("a few calls", LIST "allow read, write, close, mmap, munmap, brk"),
	CLEAN("all else is killed",
	      "arch x86_64\ndefault kill\nallow read, write, exit_group"
	      ", rt_sigreturn"),
	CLEAN("all else kills the thread",
	      "arch x86_64\ndefault kill-thread\nallow read, write, exit"),
	CLEAN("all else raises SIGSYS",
	      "arch x86_64\ndefault trap\nallow read, write, exit_group"),
	CLEAN("all else is traced", "arch x86_64\ndefault trace 1\nallow read, write"),
	CLEAN("all else is asked about",
	      "arch x86_64\ndefault notify\nallow read, write, openat"),
	CLEAN("all else is no call", "arch x86_64\ndefault errno ENOSYS\nallow read"),
	CLEAN("nothing is allowed", "arch x86_64\ndefault kill"),
	CLEAN("everything is logged", "arch x86_64\ndefault log\nbadarch log"),
	CLEAN("some calls are logged", LIST "log mkdir, rmdir, chdir\nallow read"),
	CLEAN("newer calls are no calls",
	      LIST "abi linux-4.4\nallow @basic-io, openat, newfstatat, faccessat,"
		   " getrandom"),
	CLEAN("newer calls are killed",
	      LIST "abi linux-6.1\nunknown kill\nallow @basic-io"),
	CLEAN("i386 alone", "arch i386\ndefault errno EPERM\nallow read, write, close"),
	CLEAN("aarch64 alone",
	      "arch aarch64\ndefault errno EPERM\nallow read, write, close, dup3"),
	CLEAN("two machines",
	      "arch x86_64 aarch64\ndefault errno EPERM\nallow read, write, ?open"),
	CLEAN("all ABIs of a machine alike",
	      "arch x86_64 i386 x32\ndefault errno EPERM\nallow read, write, close"),
	CLEAN("i386 has less",
	      "arch x86_64 i386\ndefault errno EPERM\nallow read, x86_64:mkdir"),
	CLEAN("the sockets of i386, through socketcall too",
	      "arch i386\ndefault errno EPERM\nallow socket, connect, read"),
	CLEAN("groups",
	      LIST "errno ENOSYS clone3, openat2\n"
		   "allow @default, @basic-io, @io-event, @signal, @sync, @timer"),
	CLEAN("the modern form of a call alone",
	      LIST "allow mkdirat, fchmodat, fchmodat2, linkat, symlinkat, pread64"),
	CLEAN("the old form of a call alone", LIST "allow mkdir, chmod, link, rmdir"),

	/* arguments */
	CLEAN("sockets of some families",
	      LIST "allow socket(domain in {AF_UNIX, AF_INET, AF_INET6})"),
	CLEAN("a socket's type without its flags",
	      LIST "allow socket(type & SOCK_TYPE_MASK == SOCK_STREAM)"),
	CLEAN("no family is netlink", LIST "allow socket(domain != AF_NETLINK)"),
	CLEAN("no memory is executable",
	      LIST "allow mmap, mprotect, pkey_mprotect where prot & PROT_EXEC == 0"),
	CLEAN("some requests to terminals",
	      LIST "allow ioctl(cmd in {TCGETS, TIOCGWINSZ, FIONREAD})"),
	CLEAN("no typing into terminals",
	      LIST "errno EPERM ioctl(cmd in {TIOCSTI, TIOCLINUX})\nallow ioctl"),
	CLEAN("files are read alone, and openat2 is no call",
	      LIST "allow openat(flags & O_ACCMODE | O_CREAT | O_TRUNC == 0)\n"
		   "errno ENOSYS openat2, getrandom"),
	CLEAN("threads but no processes, and clone3 is no call",
	      LIST "allow clone(flags & CLONE_THREAD | CLONE_NEWUSER == CLONE_THREAD)\n"
		   "errno ENOSYS clone3"),
	CLEAN("processes but no namespaces",
	      LIST "allow clone(flags & CLONE_NEWUSER == 0), fork, vfork\n"
		   "errno ENOSYS clone3"),
	CLEAN("a name for the thread", LIST "allow prctl(option == PR_SET_NAME)"),
	CLEAN("the common personality", LIST "allow personality(persona == 0)"),
	CLEAN("modes without set-user-ID",
	      LIST "allow chmod, fchmod where mode & ~0o777 == 0"),
	CLEAN("lengths in all 64 bits",
	      LIST "allow munmap(len <= 0x100000), ftruncate(length < 0x200000000)"),
	CLEAN("offsets with their sign", LIST "allow lseek(offset >= -1)"),
	CLEAN("a mask of all 64 bits",
	      LIST "allow munmap(addr & 0xffffffff00000fff == 0)"),
	CLEAN("a null pointer", LIST "allow wait4(arg3 == 0)\n"
				     "allow sigaltstack(arg0 == 0)"),
	CLEAN("the signs of descriptors",
	      LIST "allow write(fd in 1..2), dup2(newfd >= 0)"),
	CLEAN("signals of one kind", LIST "allow kill(pid > 0, sig in {0, SIGTERM})\n"
					  "allow tgkill(sig == SIGABRT)"),
	CLEAN("conditions of several arguments",
	      LIST "allow fcntl(cmd == F_SETFL and arg & O_ASYNC == 0 or"
		   " cmd in {F_GETFL, F_GETFD})"),

	/* denials on purpose without a way around */
	CLEAN("programs are killed both ways",
	      LIST "kill execve, execveat\nallow read, write"),
	CLEAN("what looks into processes is killed",
	      LIST "kill ptrace, process_vm_readv, process_vm_writev, pidfd_getfd\n"
		   "allow read"),
	CLEAN("mounts are killed", LIST "kill @mount\nallow read, write"),
	CLEAN("files are named by no call of any age",
	      LIST "kill mkdir, mkdirat, rename, renameat, renameat2\nallow read"),

	/* programs of others */
	CLEAN_PROGRAM("a list by hand", IF_X86_64, JUMP(BPF_JEQ, WRITE, 2, 0),
		      JUMP(BPF_JEQ, EXIT_GROUP, 1, 0), DENY, ALLOW),
	CLEAN_PROGRAM("x32 is refused by its bit", IF_X86_64,
		      JUMP(BPF_JSET, 0x40000000, 2, 0), JUMP(BPF_JEQ, WRITE, 2, 0),
		      JUMP(BPF_JEQ, EXIT_GROUP, 1, 0), DENY, ALLOW),
	CLEAN_PROGRAM("x32 is refused by its bit, and -1 is not killed", IF_X86_64,
		      JUMP(BPF_JEQ, UINT32_MAX, 4, 0), JUMP(BPF_JGE, 0x40000000, 0, 1),
		      KILL, JUMP(BPF_JEQ, WRITE, 2, 0), JUMP(BPF_JEQ, EXIT_GROUP, 1, 0),
		      DENY, ALLOW),
	CLEAN_PROGRAM("the low word of an int is compared", IF_X86_64,
		      JUMP(BPF_JEQ, EXIT_GROUP, 4, 0), JUMP(BPF_JEQ, WRITE, 0, 2),
		      LOAD_LOW(0), JUMP(BPF_JEQ, 2, 1, 0), DENY, ALLOW),
	CLEAN_PROGRAM("both words of an int must be those of a small number", IF_X86_64,
		      JUMP(BPF_JEQ, EXIT_GROUP, 6, 0), JUMP(BPF_JEQ, WRITE, 0, 4),
		      LOAD_HIGH(0), JUMP(BPF_JEQ, 0, 0, 2), LOAD_LOW(0),
		      JUMP(BPF_JEQ, 2, 1, 0), DENY, ALLOW),
	CLEAN_PROGRAM("the whole kernel is refused", KILL),
};

const size_t audit_clean_count = sizeof(audit_clean) / sizeof(audit_clean[0]);
