// SPDX-License-Identifier: MIT
/*
 * Random programs: every opcode that seccomp allows, operands in their ranges and, now
 * and then, values in the fields that nothing reads.
 */
#include "generate_program.h"

#include "bpf/mnemonic.h"

static uint16_t random_code(struct random *random)
{
	unsigned code;

	do {
		code = random_below(random, MNEMONIC_CODES);
	} while (!mnemonic_of(code));
	return (uint16_t)code;
}

/* A number that means something as often as not. */
static uint32_t random_operand(struct random *random)
{
	switch (random_below(random, 4)) {
	case 0:
		return abi_at(random_below(random, abi_count()))->audit_arch;
	case 1:
		return random_below(random, 500);
	case 2:
		return random_below(random, 2) << 30 | random_below(random, 500);
	default:
		return random_word(random);
	}
}

static struct sock_filter random_instruction(struct random *random, size_t after)
{
	struct sock_filter i = { .code = random_code(random),
				 .k = random_operand(random) };

	switch (mnemonic_of(i.code)->operand) {
	case OPERAND_OFFSET:
		i.k = 4 * random_below(random, sizeof(struct seccomp_data) / 4);
		break;
	case OPERAND_NUMBER:
		i.k = random_below(random, 32);
		break;
	case OPERAND_MEMORY:
		i.k = random_below(random, BPF_MEMWORDS);
		break;
	case OPERAND_TARGET:
		i.k = after ? random_below(random, after) : 0;
		break;
	default:
		if (!mnemonic_of(i.code)->branches && random_percent(random, 95) &&
		    !mnemonic_says_all(mnemonic_of(i.code), &i))
			i.k = 0;
	}
	if (mnemonic_of(i.code)->branches || random_percent(random, 2)) {
		size_t reach = after < UINT8_MAX ? after : UINT8_MAX;

		i.jt = (uint8_t)(reach ? random_below(random, reach) : 0);
		i.jf = (uint8_t)(reach ? random_below(random, reach) : 0);
	}
	return i;
}

static bool is_fit(const struct sock_filter *code, size_t length, size_t at)
{
	unsigned class = BPF_CLASS(code[at].code);
	bool reads_memory = (class == BPF_LD || class == BPF_LDX) &&
			    BPF_MODE(code[at].code) == BPF_MEM;

	return !bpf_validate_instruction(code, length, at) &&
	       !(reads_memory && length <= BPF_MEMWORDS);
}

void generate_program(struct random *random, struct sock_filter *ret_code,
		      size_t length)
{
	size_t at = 0;

	/* all of M[], so that what reads it is valid */
	for (; length > BPF_MEMWORDS && at < BPF_MEMWORDS; at++)
		ret_code[at] = (struct sock_filter)BPF_STMT(BPF_STX, (uint32_t)at);
	for (; at + 1 < length; at++) {
		do {
			ret_code[at] = random_instruction(random, length - at - 1);
		} while (!is_fit(ret_code, length, at));
	}
	ret_code[at] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, random_word(random));
}
