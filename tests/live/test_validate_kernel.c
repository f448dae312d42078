// SPDX-License-Identifier: MIT
/*
 * Holds bpf_validate() against the kernel: random programs, most of them nearly valid,
 * must be refused by both or accepted by both.
 *
 * The kernel checks a program before it counts the instructions of all loaded ones
 * (at most 32768, seccomp_attach_filter()). So this process first loads filters that
 * allow everything until nothing fits any more; from then on EINVAL says that a program
 * is invalid and ENOMEM that it is valid, and neither leaves anything behind.
 *
 *     CALLGATE_SEED=N repeats a run
 */
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/bpf.h"
#include "random.h"

#define SKIPPED	 77
#define PROGRAMS 20000
#define LENGTH	 (BPF_MAXINSNS + 1)

static const uint16_t opcodes[] = {
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_W | BPF_LEN,
	BPF_LDX | BPF_W | BPF_LEN,
	BPF_LD | BPF_IMM,
	BPF_LDX | BPF_IMM,
	BPF_LD | BPF_MEM,
	BPF_LDX | BPF_MEM,
	BPF_ST,
	BPF_ST,
	BPF_STX,
	BPF_STX,
	BPF_MISC | BPF_TAX,
	BPF_MISC | BPF_TXA,
	BPF_RET | BPF_K,
	BPF_RET | BPF_A,
	BPF_ALU | BPF_ADD | BPF_K,
	BPF_ALU | BPF_SUB | BPF_X,
	BPF_ALU | BPF_MUL | BPF_K,
	BPF_ALU | BPF_DIV | BPF_K,
	BPF_ALU | BPF_DIV | BPF_X,
	BPF_ALU | BPF_AND | BPF_K,
	BPF_ALU | BPF_OR | BPF_X,
	BPF_ALU | BPF_XOR | BPF_K,
	BPF_ALU | BPF_LSH | BPF_K,
	BPF_ALU | BPF_RSH | BPF_K,
	BPF_ALU | BPF_LSH | BPF_X,
	BPF_ALU | BPF_NEG,
	BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K,
	BPF_JMP | BPF_JEQ | BPF_X,
	BPF_JMP | BPF_JGE | BPF_K,
	BPF_JMP | BPF_JSET | BPF_X,
	BPF_JMP | BPF_JGT | BPF_K,
};

/* Values on both sides of every limit. */
static const uint32_t operands[] = {
	0,
	1,
	2,
	3,
	4,
	8,
	15,
	16,
	28,
	31,
	32,
	33,
	56,
	60,
	61,
	64,
	68,
	0x7fff0000,
	0x80000000,
	UINT32_MAX,
	5,
	6,
	7,
	63,
	4095,
	4096,
	UINT32_MAX - 3,
	(uint32_t)SKF_AD_OFF,
	(uint32_t)SKF_AD_OFF + 4,
};

static int load(struct sock_filter *code, size_t length)
{
	struct sock_fprog program = { .len = (unsigned short)length, .filter = code };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		return 0;
	return -errno;
}

/* One return after loads of a constant: every length from 1 has a size of its own. */
static int load_filler(size_t length)
{
	static struct sock_filter code[BPF_MAXINSNS];

	for (size_t i = 0; i + 1 < length; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
	code[length - 1] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return load(code, length);
}

/*
 * Ends with a filler that takes exactly what was left: the first that fits, of lengths
 * that go down one by one. Then not even the shortest program has room.
 */
static int exhaust(void)
{
	static const size_t coarse[] = { BPF_MAXINSNS, 1024, 128 };
	int r;

	for (size_t i = 0; i < sizeof(coarse) / sizeof(coarse[0]); i++) {
		do {
			r = load_filler(coarse[i]);
		} while (r == 0);
		if (r != -ENOMEM)
			return r;
	}
	for (size_t length = 127; length > 0 && r == -ENOMEM; length--)
		r = load_filler(length);
	return r;
}

/* One that is valid by itself more often than not. */
static struct sock_filter random_instruction(struct random *random, size_t left)
{
	struct sock_filter i = { .code = RANDOM_OF(random, opcodes) };

	i.k = RANDOM_OF(random, operands);
	if (i.code == (BPF_LD | BPF_W | BPF_ABS) && random_percent(random, 95))
		i.k = 4 * random_below(random, 16);
	else if ((BPF_MODE(i.code) == BPF_MEM || BPF_CLASS(i.code) == BPF_ST ||
		  BPF_CLASS(i.code) == BPF_STX) &&
		 random_percent(random, 98))
		i.k = random_below(random, 3);
	else if (BPF_CLASS(i.code) == BPF_ALU && random_percent(random, 95))
		i.k = 1 + random_below(random, 31);
	else if (i.code == (BPF_JMP | BPF_JA))
		i.k = random_below(random, left + (random_percent(random, 10) ? 1 : 0));
	if (left > 256)
		left = 256;
	i.jt = (uint8_t)random_below(random, left);
	i.jf = (uint8_t)random_below(random, left);
	return i;
}

static size_t random_length(struct random *random)
{
	unsigned kind = random_below(random, 200);

	if (kind == 0)
		return BPF_MAXINSNS - 1 + random_below(random, 3);
	return kind < 20 ? 1 + random_below(random, 300) : 1 + random_below(random, 10);
}

static void random_program(struct random *random, struct sock_filter *code,
			   size_t length)
{
	for (size_t at = 0; at + 1 < length; at++)
		code[at] = random_instruction(random, length - at - 1);
	code[length - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	/* Mostly so that it can be valid: long programs rarely are by chance. */
	for (size_t at = 0; at < length; at++)
		if (bpf_validate_instruction(code, length, at) &&
		    random_percent(random, length < 20 ? 50 : 99))
			code[at] = (struct sock_filter)BPF_STMT(BPF_ST, at % 16);
	if (random_percent(random, 50))
		code[0] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
}

/* Changes one field of one instruction. */
static void mutate(struct random *random, struct sock_filter *code, size_t length)
{
	struct sock_filter *i = &code[random_below(random, length)];

	switch (random_below(random, 5)) {
	case 0:
		i->code = (uint16_t)(random_word(random) & 0xff);
		break;
	case 1:
		i->code = (uint16_t)(1u << random_below(random, 16) ^ i->code);
		break;
	case 2:
		i->k = RANDOM_OF(random, operands);
		break;
	case 3:
		i->jt = (uint8_t)random_word(random);
		break;
	case 4:
		i->jf = (uint8_t)(random_below(random, length + 1));
		break;
	}
}

static void print_difference(const struct sock_filter *code, size_t length, int kernel)
{
	const char *why = "accepts it";
	size_t at = 0;

	bpf_validate(code, length, &at, &why);
	printf("the kernel answers %s; bpf_validate() says at %zu: %s\n",
	       strerror(-kernel), at, why);
	for (size_t i = 0; i < length; i++)
		printf("%4zu: { 0x%02x, %u, %u, 0x%x }\n", i, code[i].code, code[i].jt,
		       code[i].jf, code[i].k);
}

/* False: they differ. */
static bool same_answer(struct sock_filter *code, size_t length, size_t counts[2])
{
	bool valid = bpf_validate(code, length, NULL, NULL) == 0;
	int kernel = load(code, length);

	counts[valid]++;
	if (kernel == (valid ? -ENOMEM : -EINVAL))
		return true;
	print_difference(code, length, kernel);
	return false;
}

int main(void)
{
	static struct sock_filter code[LENGTH];
	struct random random = { random_seed() };
	size_t length, counts[2] = { 0 };
	int r;

	printf("CALLGATE_SEED=%llu\n", (unsigned long long)random.state);
	r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : exhaust();
	if (r) {
		printf("filters cannot be loaded here until none fits: %s\n",
		       strerror(-r));
		return SKIPPED;
	}
	for (size_t n = 0; n < PROGRAMS; n += 4) {
		length = random_length(&random);
		random_program(&random, code, length);
		for (int change = 0; change < 4; change++) {
			if (!same_answer(code, length, counts))
				return 1;
			mutate(&random, code, length);
		}
	}
	printf("%zu programs accepted, %zu refused, by both\n", counts[1], counts[0]);
	return counts[0] < PROGRAMS / 5 || counts[1] < PROGRAMS / 5;
}
