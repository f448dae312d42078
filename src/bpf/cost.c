// SPDX-License-Identifier: MIT
/*
 * The kernel's always-allow cache: for which calls a filter is not even run.
 *
 * When a filter is installed, Linux 5.11 and later emulates it once for every call
 * number of the native and the compatible ABI (seccomp_cache_prepare() of
 * kernel/seccomp.c) and remembers in a bitmap those that are allowed whatever their
 * arguments. The bitmap ends at the last call, so neither x32 numbers nor unknown ones
 * are in it.
 */
#include "bpf/bpf.h"

/* What the emulation knows: A, and where it is. */
struct emulation {
	uint32_t arch, number;
	uint32_t a;
	uint32_t pc;
};

/* False: the load depends on what only the call itself will tell. */
static bool emulate_load(struct emulation *emulation, uint32_t offset)
{
	if (offset == offsetof(struct seccomp_data, nr))
		emulation->a = emulation->number;
	else if (offset == offsetof(struct seccomp_data, arch))
		emulation->a = emulation->arch;
	else
		return false;
	return true;
}

/* Runs one instruction other than RET. False: the kernel's emulation gives up. */
static bool emulate(struct emulation *emulation, const struct sock_filter *i)
{
	uint32_t a = emulation->a;

	emulation->pc++;
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return emulate_load(emulation, i->k);
	case BPF_ALU | BPF_AND | BPF_K:
		emulation->a = a & i->k;
		return true;
	case BPF_JMP | BPF_JA:
		emulation->pc += i->k;
		return true;
	case BPF_JMP | BPF_JEQ | BPF_K:
		emulation->pc += a == i->k ? i->jt : i->jf;
		return true;
	case BPF_JMP | BPF_JGE | BPF_K:
		emulation->pc += a >= i->k ? i->jt : i->jf;
		return true;
	case BPF_JMP | BPF_JGT | BPF_K:
		emulation->pc += a > i->k ? i->jt : i->jf;
		return true;
	case BPF_JMP | BPF_JSET | BPF_K:
		emulation->pc += a & i->k ? i->jt : i->jf;
		return true;
	}
	return false;
}

static bool in_bitmap(uint32_t arch, uint32_t number)
{
	const struct abi *abi = abi_of(arch, number);

	return abi && abi->number_base == 0 && number < syscall_number_end(abi);
}

bool bpf_cached(const struct bpf_program *program, uint32_t arch, uint32_t number)
{
	struct emulation emulation = { .arch = arch, .number = number };
	const struct sock_filter *i;

	if (!in_bitmap(arch, number))
		return false;
	do {
		i = &program->code[emulation.pc];
		if (i->code == (BPF_RET | BPF_K))
			return i->k == SECCOMP_RET_ALLOW;
	} while (emulate(&emulation, i));
	return false;
}
