// SPDX-License-Identifier: MIT
/*
 * Promises: that each stands on every ABI without a word of complaint, and what it lets
 * through and what not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/buffer.h"
#include "base/diag.h"
#include "policy/policy.h"

/* The number of diagnostics that parsing and compiling give; each is printed. */
static size_t complaints(const char *text)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();
	struct callgate_policy *policy = NULL;
	struct callgate_filter *filter = NULL;
	size_t count;

	if (callgate_policy_parse(text, strlen(text), NULL, diagnostics, &policy) == 0)
		callgate_policy_compile(policy, NULL, diagnostics, &filter);
	count = callgate_diagnostics_count(diagnostics);
	for (size_t i = 0; i < count; i++)
		print_message("%s: %s\n", text,
			      callgate_diagnostics_at(diagnostics, i)->message);
	callgate_filter_free(filter);
	callgate_policy_free(policy);
	callgate_diagnostics_free(diagnostics);
	return count;
}

static void promises_are_found_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < promise_count(); i++) {
		const struct promise *one = promise_at(i);

		assert_ptr_equal(promise_by_name(str_of(promise_name(one))), one);
		assert_null(group_by_name(str_of(promise_name(one))));
		assert_in_range(strlen(promise_help(one)), 1, 60);
		if (i > 0)
			assert_true(strcmp(promise_name(promise_at(i - 1)),
					   promise_name(one)) < 0);
	}
	assert_null(promise_by_name(str_of("rpath")));
	assert_null(promise_by_name(str_of("@read")));
}

static void each_promise_stands_on_every_abi(void **state)
{
	(void)state;
	for (size_t a = 0; a < abi_count(); a++) {
		for (size_t i = 0; i < promise_count(); i++) {
			struct buffer text = { 0 };

			buffer_printf(&text, "arch %s\ndefault errno 1\nallow %s\n",
				      abi_at(a)->name, promise_name(promise_at(i)));
			buffer_put(&text, "", 1);
			assert_int_equal(complaints(text.data), 0);
			buffer_done(&text);
		}
	}
}

/* What each promise alone lets through, and what it does not; on these ABIs. */
static const struct {
	const char *promise, *arches, *expects;
} cases[] = {
	{ "@stdio", "x86_64 aarch64 i386 x32",
	  "expect allow read, write, close, exit_group, futex, getpid\n"
	  "expect allow mprotect(prot = PROT_READ | PROT_WRITE)\n"
	  "expect deny  mprotect(prot = PROT_EXEC)\n"
	  "expect deny  mprotect(prot = PROT_READ | PROT_WRITE | PROT_EXEC)\n"
	  "expect allow fcntl(cmd = F_DUPFD_CLOEXEC)\n"
	  "expect deny  fcntl(cmd = F_SETLK)\n"
	  "expect allow ioctl(cmd = TCGETS)\n"
	  "expect deny  ioctl(cmd = TIOCSTI)\n"
	  "expect allow socketpair(domain = AF_UNIX)\n"
	  "expect deny  socketpair(domain = AF_INET), socket, openat, execve\n"
	  "expect allow sendto(addr = 0)\n"
	  "expect deny  sendto(addr = 4096)\n"
	  "expect allow prctl(option = PR_SET_NAME)\n"
	  "expect deny  prctl(option = PR_SET_SECCOMP)\n"
	  "expect allow clone(flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)\n"
	  "expect deny  clone(flags = CLONE_VM | CLONE_VFORK)\n"
	  "expect deny  clone(flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD"
	  " | CLONE_NEWUSER), clone3\n"
	  "expect allow prlimit64(new_rlim = 0)\n"
	  "expect deny  prlimit64(new_rlim = 1)\n" },
	{ "@stdio", "x86_64 aarch64",
	  "expect allow mmap(prot = PROT_READ)\n"
	  "expect deny  mmap(prot = PROT_READ | PROT_EXEC)\n"
	  "expect allow newfstatat(flag = AT_EMPTY_PATH)\n"
	  "expect deny  newfstatat(flag = 0)\n" },
	{ "@stdio", "i386 arm",
	  "expect allow mmap2(prot = PROT_READ)\n"
	  "expect deny  mmap2(prot = PROT_EXEC)\n" },
	{ "@stdio", "s390x ppc64",
	  "expect allow s390x:mmap\n"
	  "expect deny  ppc64:mmap(prot = PROT_EXEC)\n"
	  "expect allow clone(flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)\n" },
	{ "@rpath", "x86_64 aarch64 mipsel",
	  "expect allow openat(flags = O_RDONLY)\n"
	  "expect allow openat(flags = O_RDONLY | O_CLOEXEC | O_DIRECTORY)\n"
	  "expect deny  openat(flags = O_WRONLY)\n"
	  "expect deny  openat(flags = O_RDWR)\n"
	  "expect deny  openat(flags = 3)\n"
	  "expect deny  openat(flags = O_RDONLY | O_CREAT)\n"
	  "expect deny  openat(flags = O_RDONLY | O_TRUNC)\n"
	  "expect deny  openat2, unlinkat, x86_64:creat\n"
	  "expect allow statx, getdents64, x86_64:readlink\n" },
	{ "@wpath", "x86_64 aarch64 mipsel",
	  "expect allow openat(flags = O_WRONLY | O_TRUNC)\n"
	  "expect allow openat(flags = O_RDWR)\n"
	  "expect deny  openat(flags = O_RDONLY)\n"
	  "expect deny  openat(flags = O_WRONLY | O_CREAT)\n"
	  "expect deny  openat(flags = O_RDWR | O_TMPFILE)\n"
	  "expect deny  unlinkat\n" },
	{ "@cpath", "x86_64 aarch64 mipsel",
	  "expect allow openat(flags = O_WRONLY | O_CREAT)\n"
	  "expect allow mkdirat, unlinkat, renameat2, x86_64:creat\n"
	  "expect deny  openat(flags = O_WRONLY)\n"
	  "expect allow mknodat(mode = S_IFREG | 0600)\n"
	  "expect allow mknodat(mode = 0600)\n"
	  "expect deny  mknodat(mode = S_IFCHR | 0600)\n" },
	{ "@dpath", "x86_64 aarch64",
	  "expect allow mknodat(mode = S_IFIFO | 0600)\n"
	  "expect allow mknodat(mode = S_IFBLK)\n"
	  "expect deny  mknodat(mode = S_IFREG)\n" },
	{ "@tmppath", "x86_64 aarch64",
	  "expect allow openat(flags = O_RDWR | O_TMPFILE), memfd_create\n"
	  "expect deny  openat(flags = O_RDONLY | O_DIRECTORY)\n"
	  "expect deny  openat(flags = O_RDWR)\n" },
	{ "@fattr", "x86_64 aarch64",
	  "expect allow fchmod(mode = 0755), utimensat\n"
	  "expect deny  fchmod(mode = 04755)\n"
	  "expect deny  fchmodat(mode = 02755), fchown\n" },
	{ "@fowner", "x86_64 i386",
	  "expect allow fchown, lchown, i386:chown32\n"
	  "expect deny  fchmod\n" },
	{ "@flock", "x86_64 aarch64 i386",
	  "expect allow flock, fcntl(cmd = F_SETLKW), fcntl(cmd = F_OFD_SETLK)\n"
	  "expect allow i386:fcntl64(cmd = F_SETLK64)\n"
	  "expect deny  fcntl(cmd = F_SETFL)\n" },
	{ "@unix", "x86_64 aarch64",
	  "expect allow socket(domain = AF_UNIX), connect, accept4\n"
	  "expect deny  socket(domain = AF_INET)\n"
	  "expect deny  socket(domain = AF_NETLINK)\n"
	  "expect allow setsockopt(level = SOL_SOCKET)\n"
	  "expect deny  setsockopt(level = IPPROTO_TCP)\n" },
	{ "@inet", "x86_64 aarch64 mipsel",
	  "expect allow socket(domain = AF_INET, type = SOCK_STREAM)\n"
	  "expect allow socket(domain = AF_INET6, type = SOCK_DGRAM | SOCK_CLOEXEC)\n"
	  "expect deny  socket(domain = AF_INET, type = SOCK_RAW)\n"
	  "expect deny  socket(domain = AF_UNIX)\n"
	  "expect allow setsockopt(level = IPPROTO_TCP), listen\n"
	  "expect deny  setsockopt(level = IPPROTO_RAW)\n" },
	{ "@dns", "x86_64 aarch64",
	  "expect allow socket(domain = AF_INET, type = SOCK_DGRAM | SOCK_NONBLOCK)\n"
	  "expect deny  socket(domain = AF_INET, type = SOCK_STREAM)\n"
	  "expect allow socket(domain = AF_NETLINK, type = SOCK_RAW | SOCK_CLOEXEC,"
	  " protocol = NETLINK_ROUTE)\n"
	  "expect deny  socket(domain = AF_NETLINK, type = SOCK_RAW,"
	  " protocol = NETLINK_NETFILTER)\n"
	  "expect deny  listen, accept4\n" },
	{ "@tty", "x86_64 ppc64le mipsel sh",
	  "expect allow ioctl(cmd = TCSETSW), ioctl(cmd = TIOCGWINSZ)\n"
	  "expect deny  ioctl(cmd = TIOCSTI)\n"
	  "expect deny  ioctl(cmd = TIOCLINUX)\n" },
	{ "@proc", "x86_64 aarch64",
	  "expect allow clone(flags = SIGCHLD), wait4, kill, x86_64:fork\n"
	  "expect deny  clone(flags = SIGCHLD | CLONE_NEWUSER)\n"
	  "expect deny  clone(flags = SIGCHLD | CLONE_NEWNS), clone3, unshare, ptrace\n"
	  "expect deny  execve\n" },
	{ "@exec", "x86_64 aarch64",
	  "expect allow execve, execveat\n"
	  "expect deny  openat\n" },
	{ "@load", "x86_64 aarch64",
	  "expect allow mmap(prot = PROT_READ | PROT_EXEC, flags = MAP_PRIVATE)\n"
	  "expect deny  mmap(prot = PROT_READ | PROT_EXEC,"
	  " flags = MAP_PRIVATE | MAP_ANONYMOUS)\n"
	  "expect deny  mmap(prot = PROT_WRITE | PROT_EXEC, flags = MAP_PRIVATE)\n"
	  "expect deny  mprotect(prot = PROT_READ | PROT_EXEC)\n" },
	{ "@load", "i386 arm",
	  "expect allow mmap2(prot = PROT_EXEC, flags = MAP_PRIVATE)\n"
	  "expect deny  mmap2(prot = PROT_EXEC, flags = MAP_ANONYMOUS)\n" },
	{ "@prot-exec", "x86_64 i386",
	  "expect allow mprotect(prot = PROT_WRITE | PROT_EXEC)\n"
	  "expect deny  openat\n" },
	{ "@id", "x86_64 i386",
	  "expect allow setresuid, setgroups, setrlimit, i386:setuid32\n"
	  "expect deny  fchown\n" },
};

static void each_promise_keeps_its_conditions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buffer text = { 0 };

		buffer_printf(&text, "arch %s\ndefault errno 1\nallow %s\n%s",
			      cases[i].arches, cases[i].promise, cases[i].expects);
		buffer_put(&text, "", 1);
		assert_int_equal(complaints(text.data), 0);
		buffer_done(&text);
	}
}

static void no_promise_is_without_a_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < promise_count(); i++) {
		size_t found = 0;

		for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++)
			found += strcmp(cases[c].promise,
					promise_name(promise_at(i))) == 0;
		if (!found)
			fail_msg("%s", promise_name(promise_at(i)));
	}
}

static void promises_join_in_one_rule(void **state)
{
	(void)state;
	assert_int_equal(complaints("arch x86_64\n"
				    "default errno EPERM\n"
				    "errno ENOSYS clone3\n"
				    "errno EACCES x86_64:@dpath\n"
				    "allow @stdio, @rpath, @wpath, getpgid, @swap\n"
				    "expect allow @rpath\n"
				    "expect allow openat(flags = O_RDWR)\n"
				    "expect deny  openat(flags = O_RDWR | O_CREAT)\n"
				    "expect errno EACCES mknodat(mode = S_IFIFO)\n"
				    "expect errno ENOSYS clone3\n"),
			 0);
}

static void newer_calls_are_left_out_as_in_groups(void **state)
{
	(void)state;
	assert_int_equal(complaints("abi linux-5.4\n"
				    "arch x86_64\n"
				    "default errno EPERM\n"
				    "allow @stdio, @rpath\n"
				    "expect errno ENOSYS futex_waitv, faccessat2\n"
				    "expect allow futex, faccessat\n"),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promises_are_found_by_name),
		cmocka_unit_test(each_promise_stands_on_every_abi),
		cmocka_unit_test(each_promise_keeps_its_conditions),
		cmocka_unit_test(no_promise_is_without_a_case),
		cmocka_unit_test(promises_join_in_one_rule),
		cmocka_unit_test(newer_calls_are_left_out_as_in_groups),
	};

	return cmocka_run_group_tests_name("promise", tests, NULL, NULL);
}
