// SPDX-License-Identifier: MIT
/*
 * Tables of names: config-linux.md of the runtime specification (actions, architectures,
 * operators, flags) and GOARCH as the container engines turn it into their own names.
 *
 * `bits` is how wide libseccomp takes an argument on the architecture.
 */
#include "format/names.h"

/* Of Linux 5.19; older headers have no name for it. */
#define FLAG_WAIT_KILLABLE_RECV (1u << 5)

const struct action_name action_names[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW, false },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO, true },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG, false },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF, false },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE, true },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP, false },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD, false },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, false },
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD, false },
	{ 0 },
};

const struct arch_name arch_names[] = {
	{ "SCMP_ARCH_X86_64", "x86_64", "amd64", 64 },
	{ "SCMP_ARCH_X86", "i386", "x86", 32 },
	{ "SCMP_ARCH_X32", "x32", "x32", 32 },
	{ "SCMP_ARCH_AARCH64", "aarch64", "arm64", 64 },
	{ "SCMP_ARCH_ARM", "arm", "arm", 32 },
	{ "SCMP_ARCH_LOONGARCH64", "loongarch64", "loong64", 64 },
	{ "SCMP_ARCH_M68K", "m68k", "m68k", 32 },
	{ "SCMP_ARCH_MIPS", "mips", "mips", 32 },
	{ "SCMP_ARCH_MIPS64", "mips64", "mips64", 64 },
	{ "SCMP_ARCH_MIPS64N32", "mips64n32", "mips64n32", 32 },
	{ "SCMP_ARCH_MIPSEL", "mipsel", "mipsel", 32 },
	{ "SCMP_ARCH_MIPSEL64", "mipsel64", "mipsel64", 64 },
	{ "SCMP_ARCH_MIPSEL64N32", "mipsel64n32", "mipsel64n32", 32 },
	{ "SCMP_ARCH_PPC", "ppc", "ppc", 32 },
	{ "SCMP_ARCH_PPC64", "ppc64", "ppc64", 64 },
	{ "SCMP_ARCH_PPC64LE", "ppc64le", "ppc64le", 64 },
	{ "SCMP_ARCH_S390", "s390", "s390", 32 },
	{ "SCMP_ARCH_S390X", "s390x", "s390x", 64 },
	{ "SCMP_ARCH_SH", "sh", "sh", 32 },
	{ "SCMP_ARCH_SHEB", "sheb", "sheb", 32 },
	{ "SCMP_ARCH_PARISC", "parisc", "parisc", 32 },
	{ "SCMP_ARCH_PARISC64", "parisc64", "parisc64", 64 },
	{ "SCMP_ARCH_RISCV64", "riscv64", "riscv64", 64 },
	{ 0 },
};

const struct arch_name arch_native_name = { .name = "SCMP_ARCH_NATIVE" };

const struct operator_name operator_names[] = {
	{ "SCMP_CMP_NE", PROFILE_NE },
	{ "SCMP_CMP_LT", PROFILE_LT },
	{ "SCMP_CMP_LE", PROFILE_LE },
	{ "SCMP_CMP_EQ", PROFILE_EQ },
	{ "SCMP_CMP_GE", PROFILE_GE },
	{ "SCMP_CMP_GT", PROFILE_GT },
	{ "SCMP_CMP_MASKED_EQ", PROFILE_MASKED_EQ },
	{ 0 },
};

const struct flag_name flag_names[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", FLAG_WAIT_KILLABLE_RECV },
	{ 0 },
};

const struct action_name *action_of_verdict(uint32_t verdict)
{
	for (const struct action_name *row = action_names; row->name; row++)
		if (row->verdict == (verdict & SECCOMP_RET_ACTION_FULL))
			return row;
	return NULL;
}

const struct arch_name *arch_of_abi(const struct abi *abi)
{
	for (const struct arch_name *row = arch_names; row->name; row++)
		if (str_is(str_of(abi->name), row->abi))
			return row;
	return NULL;
}
