// SPDX-License-Identifier: MIT
/*
 * Filters with one flaw each. Where the flaw has a consequence of another name, both are
 * listed.
 */
#include <linux/audit.h>

#include "audit/cases.h"
#include "audit/program.h"

/* The number, ahead of it an architecture that must be x86_64. */
#define LIST	   "arch x86_64\ndefault errno 999\nallow exit_group\n"
#define IF_X86_64  LOAD_ARCH, JUMP(BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0), KILL, LOAD_NR
#define READ	   0
#define WRITE	   1
#define SOCKET	   41
#define EXIT_GROUP 231

/* What another ABI lets through is one finding where it is the machine's own. */
#ifdef __i386__
#define I386_LET_THROUGH "abi-open"
#else
#define I386_LET_THROUGH "arch-open"
#endif

/* One test after the other for every third number. */
static size_t make_linear(struct sock_filter *ret_program)
{
	static const struct sock_filter head[] = { IF_X86_64 };
	size_t count = sizeof(head) / sizeof(head[0]);

	memcpy(ret_program, head, sizeof(head));
	for (uint32_t number = 0; number < 180; number += 3, count++)
		ret_program[count] =
			JUMP(BPF_JEQ, 20 + number % 24, (uint8_t)(61 - number / 3), 0);
	ret_program[count++] = JUMP(BPF_JEQ, EXIT_GROUP, 1, 0);
	ret_program[count++] = DENY;
	ret_program[count++] = ALLOW;
	return count;
}

const struct audit_case audit_planted[] = {
	/* ABIs */
	{ "x32 numbers are allowed by a range", "x32-open",
	  .program = { IF_X86_64, JUMP(BPF_JGE, 0x40000000, 2, 0),
		       JUMP(BPF_JEQ, EXIT_GROUP, 1, 0), DENY, ALLOW } },
	{ "x32 has a call more than x86_64", "x32-open",
	  "arch x86_64 x32\ndefault errno 999\nallow exit_group, x32:mkdir" },
	{ "no architecture is looked at", "abi-open",
	  .program = { LOAD_NR, JUMP(BPF_JEQ, READ, 2, 0),
		       JUMP(BPF_JEQ, EXIT_GROUP, 1, 0), DENY, ALLOW } },
	{ "other architectures are allowed", "abi-open x32-open",
	  LIST "badarch allow" },
	{ "i386 has a call more than x86_64", "abi-looser",
	  "arch x86_64 i386\ndefault errno 999\nallow exit_group, i386:chdir" },
	{ "i386 may have what x86_64 limits", "abi-looser",
	  "arch x86_64 i386\ndefault errno 999\nallow exit_group\n"
	  "allow x86_64:dup(fildes <= 2), i386:dup" },
	{ "i386 alone is refused, all other architectures are taken for x86_64",
	  I386_LET_THROUGH,
	  .program = { LOAD_ARCH, JUMP(BPF_JEQ, AUDIT_ARCH_I386, 0, 1), KILL, LOAD_NR,
		       JUMP(BPF_JEQ, EXIT_GROUP, 1, 0), DENY, ALLOW },
	  .unsafe = "no machine has an architecture that does not exist" },
	{ "-1 is taken for a call of x32 and killed", "minus-one-killed",
	  .program = { IF_X86_64, JUMP(BPF_JGE, 0x40000000, 0, 1), KILL,
		       JUMP(BPF_JEQ, EXIT_GROUP, 1, 0), DENY, ALLOW } },

	/* arguments */
	{ "an int is compared in 64 bits: not equal", "wide-compare",
	  LIST "allow socket(u64(domain) != AF_NETLINK)" },
	{ "an int is compared in 64 bits: denied when equal", "wide-compare",
	  LIST "errno 999 fcntl(u64(cmd) == F_SETOWN)\nallow fcntl" },
	{ "an int is compared in 64 bits: greater", "wide-compare",
	  LIST "allow dup2(u64(newfd) > 2)" },
	{ "an int is compared in 64 bits: outside a range", "wide-compare",
	  LIST "allow fadvise64(u64(advice) not in 0..3)" },
	{ "a 16-bit mode is compared in 32 bits", "wide-compare",
	  LIST "errno 999 fchmod(u32(mode) == 0o4755)\nallow fchmod" },
	{ "both words of an int are compared", "wide-compare",
	  .program = { IF_X86_64, JUMP(BPF_JEQ, EXIT_GROUP, 6, 0),
		       JUMP(BPF_JEQ, SOCKET, 0, 4), LOAD_HIGH(0),
		       JUMP(BPF_JEQ, 0, 0, 3), LOAD_LOW(0), JUMP(BPF_JEQ, 16, 0, 1),
		       DENY, ALLOW } },
	{ "an int is compared in 64 bits on x32 alone", "wide-compare",
	  "arch x86_64 x32\ndefault errno 999\nallow exit_group\n"
	  "allow x86_64:dup2(newfd > 2), x32:dup2(u64(newfd) > 2)" },
	{ "a length is compared in its lower half: at most", "narrow-compare",
	  LIST "allow munmap(u32(len) <= 0x100000)" },
	{ "an offset is compared in its lower half: less", "narrow-compare",
	  LIST "allow ftruncate(u32(length) < 4096)" },
	{ "an offset is compared in its lower half: equal", "narrow-compare",
	  LIST "allow lseek(u32(offset) == 0)" },
	{ "an address is compared in its lower half", "narrow-compare",
	  LIST "allow brk(u32(brk) in {0, 1, 2})" },
	{ "a path is compared", "pointer-compare", LIST "allow chdir(arg0 == 0x1000)" },
	{ "a buffer is compared", "pointer-compare",
	  LIST "errno 999 write(arg1 == 0x7fff0000)\nallow write" },
	{ "a structure's address is compared", "pointer-compare",
	  LIST "allow uname(arg0 > 0x10000)" },
	{ "an argument that getpid does not have decides", "unused-argument",
	  LIST "allow getpid(arg3 == 7)" },
	{ "an argument that close does not have decides", "unused-argument",
	  LIST "errno 999 close(arg1 != 0)\nallow close" },

	/* other calls */
	{ "execveat is left where execve is killed", "evaded",
	  LIST "kill execve\nallow execveat" },
	{ "execve is left where execveat is killed", "evaded",
	  LIST "kill execveat\nallow execve" },
	{ "clone is left where fork is killed", "evaded",
	  LIST "kill fork, vfork\nerrno ENOSYS clone3\nallow clone" },
	{ "clone3 is left where clone makes no namespaces", "evaded",
	  LIST "allow clone(flags & CLONE_NEWUSER == 0), clone3" },
	{ "move_mount is left where mount is killed", "dangerous evaded",
	  LIST "kill mount\nallow move_mount" },
	{ "process_vm_readv is left where ptrace is killed", "dangerous evaded",
	  LIST "kill ptrace\nallow process_vm_readv" },
	{ "io_uring is left where sockets are killed", "dangerous evaded",
	  LIST "kill socket, connect\nallow io_uring_setup" },
	{ "openat2 is left where openat may only read", "evaded",
	  LIST "errno ENOSYS getrandom\n"
	       "allow openat(flags & O_ACCMODE | O_CREAT == 0), openat2" },
	{ "openat is left where open is killed", "evaded",
	  LIST "kill open, creat\nerrno ENOSYS getrandom, openat2\nallow openat" },
	{ "mkdirat is left where mkdir is killed", "evaded",
	  LIST "kill mkdir\nallow mkdirat" },
	{ "fchmod may set what chmod may not", "evaded",
	  LIST "allow chmod(mode & ~0o777 == 0), fchmod" },
	{ "unlinkat is left where rmdir is killed", "evaded",
	  LIST "kill rmdir\nallow unlinkat" },
	{ "renameat is left where rename is killed", "evaded",
	  LIST "kill rename\nallow renameat, renameat2" },
	{ "tgkill is left where kill may only ask", "evaded",
	  LIST "allow kill(sig == 0), tgkill" },
	{ "pkey_mprotect is left where mprotect makes nothing executable", "evaded",
	  LIST "allow mprotect(prot & PROT_EXEC == 0), pkey_mprotect" },
	{ "mprotect is left where mmap makes nothing executable", "evaded",
	  LIST "allow mmap(prot & PROT_EXEC == 0), mprotect" },
	{ "prctl is left where seccomp is killed", "evaded",
	  LIST "kill seccomp\nallow prctl(option == PR_SET_SECCOMP)" },
	{ "setresuid is left where setuid is killed", "evaded",
	  LIST "kill setuid, setreuid\nallow setresuid" },
	{ "sendmsg is left where sendto is killed", "evaded",
	  LIST "kill sendto\nallow sendmsg" },
	{ "socketcall is left where socket is killed", "evaded",
	  "arch i386\ndefault errno 999\nallow exit_group\nallow socketcall\n"
	  "kill socket" },

	{ "a file that is opened to be read may be emptied", "evaded",
	  LIST "errno ENOSYS getrandom, openat2\n"
	       "allow open, openat where flags & (O_ACCMODE | O_CREAT) == O_RDONLY" },
	{ "clone makes the network that unshare may not", "evaded",
	  LIST "errno ENOSYS clone3\n"
	       "allow unshare(unshare_flags & CLONE_NEWNET | CLONE_NEWUSER == 0)\n"
	       "allow clone(flags & CLONE_NEWUSER == 0)" },
	{ "connect is denied, and sendto with MSG_FASTOPEN is not", "evaded",
	  LIST "errno 997 connect\nallow sendto(flags & MSG_FASTOPEN != 0)" },
	{ "mount is denied, and a mount that is attached nowhere is not",
	  "dangerous evaded",
	  LIST "errno 997 mount\nallow open_tree(flags & OPEN_TREE_CLONE != 0)" },
	{ "memory to execute is denied, and READ_IMPLIES_EXEC is not", "evaded",
	  LIST "allow mprotect(prot & PROT_EXEC == 0)\n"
	       "allow personality(persona == READ_IMPLIES_EXEC)" },
	{ "attributes of files are denied to ioctl, and not to file_setattr", "evaded",
	  LIST "allow ioctl(cmd not in {FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, TIOCSTI,"
	       " TIOCLINUX})\nallow file_setattr" },
	/* calls that give the fence away */
	{ "bpf is allowed", "dangerous", LIST "allow bpf" },
	{ "ptrace is allowed", "dangerous", LIST "allow ptrace" },
	{ "userfaultfd is allowed", "dangerous", LIST "allow userfaultfd" },
	{ "keyctl is allowed", "dangerous", LIST "allow keyctl" },
	{ "perf_event_open is allowed", "dangerous", LIST "allow perf_event_open" },
	{ "TIOCSTI is allowed", "dangerous", LIST "allow ioctl(cmd == TIOCSTI)" },
	{ "any ioctl is allowed", "dangerous", LIST "allow ioctl" },
	{ "init_module is allowed", "dangerous", LIST "allow init_module" },
	{ "open_by_handle_at is allowed", "dangerous", LIST "allow open_by_handle_at" },
	{ "pidfd_getfd is allowed", "dangerous", LIST "allow pidfd_getfd" },
	{ "modify_ldt is allowed", "dangerous", LIST "allow modify_ldt" },
	{ "setns is allowed", "dangerous", LIST "allow setns" },
	{ "new user namespaces are allowed", "dangerous", LIST "allow unshare" },

	/* what is denied in the wrong way, what is not denied */
	{ "clone3 gets an errno that libc does not understand", "fallback-broken",
	  LIST "allow clone" },
	{ "faccessat2 gets an errno that libc does not understand", "fallback-broken",
	  LIST "allow faccessat" },
	{ "statx gets an errno that libc does not understand", "fallback-broken",
	  LIST "allow newfstatat" },
	{ "rseq is killed", "fallback-broken",
	  LIST "kill rseq\nallow set_robust_list" },
	{ "calls that are not known yet are allowed", "newer-allowed",
	  LIST "abi linux-7.0\nunknown allow" },
	{ "a list of what is denied", "dangerous-default newer-allowed",
	  "arch x86_64\ndefault allow\nkill vhangup" },

	/* the program */
	{ "an instruction behind the last return", "unreachable",
	  .program = { IF_X86_64, JUMP(BPF_JEQ, EXIT_GROUP, 1, 0), DENY, ALLOW, KILL },
	  .unsafe = "no call shows it" },
	{ "a rule behind another one for the same call", "decided-test unreachable",
	  .program = { IF_X86_64, JUMP(BPF_JEQ, EXIT_GROUP, 3, 0),
		       JUMP(BPF_JEQ, EXIT_GROUP, 0, 1), KILL, DENY, ALLOW },
	  .unsafe = "no call shows it" },
	{ "a load that nothing reads", "dead-instruction",
	  .program = { LOAD_NR, IF_X86_64, JUMP(BPF_JEQ, EXIT_GROUP, 1, 0), DENY,
		       ALLOW },
	  .unsafe = "no call shows it" },
	{ "arithmetic that the kernel's cache does not follow", "uncached",
	  .program = { IF_X86_64, STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
		       JUMP(BPF_JEQ, EXIT_GROUP + 1, 1, 0), DENY, ALLOW } },
	{ "one test after the other", "decided-test needless-size needless-time",
	  .make = make_linear },
	{ "one test a bit", "needless-size needless-time",
	  LIST "allow @basic-io, @signal, mkdir, getpid, flock, getuid",
	  .is_naive = true },
};

const size_t audit_planted_count = sizeof(audit_planted) / sizeof(audit_planted[0]);
