// SPDX-License-Identifier: MIT
/*
 * Calls that fail, or that do nothing, with arguments of many kinds: what strace makes of
 * them is held against what callgate makes of them. The first is getppid().
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NOWHERE "/nonexistent/\"quoted\"\n\x01"

static void files(void)
{
	syscall(SYS_mkdir, NOWHERE, 0777);
	syscall(SYS_mkdirat, AT_FDCWD, NOWHERE, 0750);
	syscall(SYS_openat, AT_FDCWD, NOWHERE, O_RDONLY | O_CLOEXEC);
	syscall(SYS_openat, AT_FDCWD, NOWHERE, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	syscall(SYS_open, NOWHERE, O_RDWR | O_NONBLOCK | O_APPEND);
	syscall(SYS_openat, 99, "x", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	syscall(SYS_unlink, NOWHERE);
	syscall(SYS_unlinkat, AT_FDCWD, NOWHERE, AT_REMOVEDIR);
	syscall(SYS_rename, NOWHERE, NOWHERE "2");
	syscall(SYS_symlink, "x", NOWHERE);
	syscall(SYS_link, NOWHERE, "y");
	syscall(SYS_chmod, NOWHERE, 04711);
	syscall(SYS_chown, NOWHERE, -1, 7);
	syscall(SYS_access, NOWHERE, R_OK | W_OK);
	syscall(SYS_faccessat, AT_FDCWD, NOWHERE, F_OK);
	syscall(SYS_truncate, NOWHERE, 12345);
	syscall(SYS_mknod, NOWHERE, S_IFCHR | 0600, makedev(1, 3));
	syscall(SYS_chdir, NOWHERE);
	syscall(SYS_rmdir, 0x10);
	syscall(SYS_readlink, NULL, NULL, 10);
	syscall(SYS_umount2, NOWHERE, 2);
}

static void descriptors(void)
{
	const struct iovec parts[] = { { (char[]){ "one" }, 3 },
				       { (char[]){ "two" }, 3 } };
	struct pollfd none = { -1, POLLIN | POLLPRI, 0 };

	syscall(SYS_write, 99, "he\0lo\033", 6);
	syscall(SYS_write, 99, "0123456789012345678901234567890123456789", 40);
	syscall(SYS_writev, 99, parts, 2);
	syscall(SYS_pwrite64, 99, "abc", 3, 7);
	syscall(SYS_close, 99);
	syscall(SYS_lseek, 99, -5, SEEK_END);
	syscall(SYS_fcntl, 99, F_GETFL);
	syscall(SYS_fcntl, 99, F_SETFD, FD_CLOEXEC);
	syscall(SYS_dup3, 98, 99, O_CLOEXEC);
	syscall(SYS_ftruncate, 99, 7);
	syscall(SYS_poll, &none, 0, 0);
	syscall(SYS_flock, 99, 2 | 4);
	syscall(SYS_ioctl, 99, 0x5401, NULL);
	syscall(SYS_fchdir, 99);
}

static void sockets(void)
{
	struct sockaddr_un local = { AF_UNIX, "/nonexistent/socket" };
	struct sockaddr_un abstract = { AF_UNIX, "\0name" };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_nl netlink = { .nl_family = AF_NETLINK, .nl_pid = 7 };

	four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	syscall(SYS_connect, 99, &local, sizeof(local));
	syscall(SYS_bind, 99, &abstract, offsetof(struct sockaddr_un, sun_path) + 5);
	syscall(SYS_connect, 99, &four, sizeof(four));
	syscall(SYS_bind, 99, &netlink, sizeof(netlink));
	syscall(SYS_listen, 99, 5);
	syscall(SYS_shutdown, 99, SHUT_RDWR);
	syscall(SYS_sendto, 99, "hi", 2, MSG_NOSIGNAL | MSG_DONTWAIT, &four,
		sizeof(four));
	syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 17);
	syscall(SYS_socket, AF_NETLINK, SOCK_DGRAM, NETLINK_AUDIT);
	syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}

static void others(void)
{
	struct timespec invalid = { 1, 1000000001 };
	struct rlimit limit = { 10, 5 };

	syscall(SYS_kill, 999999999, SIGTERM);
	syscall(SYS_tgkill, 999999999, 999999999, SIGUSR1);
	syscall(SYS_nanosleep, &invalid, NULL);
	syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
	syscall(SYS_prctl, PR_SET_NAME, "forty");
	syscall(SYS_mprotect, 0x1000, 4096, PROT_READ | PROT_EXEC);
	syscall(SYS_mmap, NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	syscall(SYS_munmap, 0x1001, 4096);
	syscall(SYS_setuid, -1);
	syscall(SYS_sched_setscheduler, 999999999, SCHED_FIFO, NULL);
	syscall(SYS_epoll_create1, EPOLL_CLOEXEC);
	syscall(SYS_eventfd2, 3, 0x99999);
	syscall(SYS_memfd_create, "name", 0x1001);
	syscall(SYS_unshare, CLONE_THREAD | CLONE_NEWUSER);
	syscall(SYS_getrandom, NULL, 8, 1);
	syscall(SYS_umask, 022);
}

int main(void)
{
	syscall(SYS_getppid);
	files();
	descriptors();
	sockets();
	others();
	syscall(SYS_getppid);
	return 0;
}
