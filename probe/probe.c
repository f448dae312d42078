// SPDX-License-Identifier: MIT
/*
 * Whether eBPF can be used here, and if not, which of the usual reasons it is.
 *
 * The kernel only answers EPERM or EINVAL, so the reasons are looked up one by one, the
 * most particular first. Whether it works is never concluded from them: a small program
 * is loaded.
 */
#include "probe.h"

#include <bpf/libbpf.h>
#include <check.skel.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BTF_FILE "/sys/kernel/btf/vmlinux"

const char *probe_version(void)
{
	return "libbpf " LIBBPF_VERSION_TEXT;
}

static int print_nothing(enum libbpf_print_level level, const char *format,
			 va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

void probe_be_quiet(void)
{
	libbpf_set_print(print_nothing);
}

/* CAP_BPF with CAP_PERFMON, or CAP_SYS_ADMIN, which has both in it. */
static bool has_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint64_t effective;

	if (syscall(SYS_capget, &header, data))
		return false;
	effective = data[0].effective | (uint64_t)data[1].effective << 32;
	if (effective >> CAP_SYS_ADMIN & 1)
		return true;
	return (effective >> CAP_BPF & 1) && (effective >> CAP_PERFMON & 1);
}

/* In its confidentiality mode, lockdown forbids programs to read the kernel's memory. */
static bool is_locked_down(void)
{
	char text[128];
	int file = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (file < 0)
		return false;
	got = read(file, text, sizeof(text) - 1);
	close(file);
	text[got > 0 ? got : 0] = '\0';
	return strstr(text, "[confidentiality]");
}

struct probe_lack probe_explain(int error)
{
	if (!has_capabilities())
		return (struct probe_lack){
			error,
			"eBPF needs CAP_BPF and CAP_PERFMON",
			"be root, or: setcap cap_bpf,cap_perfmon+ep on the command",
		};
	if (access(BTF_FILE, R_OK))
		return (struct probe_lack){
			error,
			"the kernel does not describe itself: there is no " BTF_FILE,
			"use a kernel with CONFIG_DEBUG_INFO_BTF",
		};
	if (is_locked_down())
		return (struct probe_lack){
			error,
			"the kernel is locked down for confidentiality",
			"boot with lockdown=integrity, or without lockdown",
		};
	if (error == -EPERM || error == -EACCES)
		return (struct probe_lack){
			error,
			"the kernel refuses bpf(2), though this process is privileged",
			"a container or a seccomp filter may forbid it",
		};
	if (error == -ENOMEM)
		return (struct probe_lack){ error, "eBPF has no memory left", NULL };
	return (struct probe_lack){
		error,
		"the kernel does not load our eBPF programs",
		"they need Linux 5.15 or newer",
	};
}

bool probe_is_usable(struct probe_lack *ret_lack)
{
	struct check_bpf *check;

	*ret_lack = (struct probe_lack){ 0 };
	probe_be_quiet();
	check = check_bpf__open_and_load();
	if (!check) {
		*ret_lack = probe_explain(errno ? -errno : -EINVAL);
		return false;
	}
	check_bpf__destroy(check);
	return true;
}
