// SPDX-License-Identifier: MIT
/*
 * Each program repeats a few instructions with other numbers until it is full, and ends
 * with returns. What makes it hard is said by its name.
 */
#include "hostile.h"

#include "random.h"

#define ROOM 16 /* instructions that are kept for an end */

struct writer {
	struct random random;
	struct sock_filter *code;
	size_t length;
};

static void put(struct writer *writer, unsigned code, uint32_t k, unsigned yes,
		unsigned no)
{
	writer->code[writer->length++] =
		(struct sock_filter){ (uint16_t)code, (uint8_t)yes, (uint8_t)no, k };
}

static void load_argument(struct writer *writer)
{
	put(writer, BPF_LD | BPF_W | BPF_ABS,
	    16 + 4 * random_below(&writer->random, 12), 0, 0);
}

static void put_return(struct writer *writer)
{
	put(writer, BPF_RET | BPF_K,
	    SECCOMP_RET_ERRNO | (1 + random_below(&writer->random, 100)), 0, 0);
}

/* A word of the multiplication of them all. */
static void multiply(struct writer *writer)
{
	load_argument(writer);
	put(writer, BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0);
	put(writer, BPF_MISC | BPF_TAX, 0, 0, 0);
}

static void add_where_bits_are_set(struct writer *writer)
{
	load_argument(writer);
	put(writer, BPF_ALU | BPF_AND | BPF_K, random_word(&writer->random), 0, 0);
	put(writer, BPF_JMP | BPF_JSET | BPF_K, random_word(&writer->random), 1, 0);
	put(writer, BPF_MISC | BPF_TAX, 0, 0, 0);
	put(writer, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
}

static void jump_anywhere(struct writer *writer)
{
	static const unsigned codes[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };

	load_argument(writer);
	put(writer, BPF_JMP | RANDOM_OF(&writer->random, codes) | BPF_K,
	    random_word(&writer->random), 2 * random_below(&writer->random, 100),
	    2 * random_below(&writer->random, 100));
}

static void shuffle_memory(struct writer *writer)
{
	static const unsigned codes[] = { BPF_ADD, BPF_SUB, BPF_XOR, BPF_MUL };

	load_argument(writer);
	put(writer, BPF_LDX | BPF_MEM, random_below(&writer->random, BPF_MEMWORDS), 0,
	    0);
	put(writer, BPF_ALU | RANDOM_OF(&writer->random, codes) | BPF_X, 0, 0, 0);
	put(writer, BPF_ST, random_below(&writer->random, BPF_MEMWORDS), 0, 0);
}

/* A condition of its own on two arguments, for each call. */
static void test_two_arguments(struct writer *writer)
{
	put(writer, BPF_LD | BPF_W | BPF_ABS, 0, 0, 0);
	put(writer, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(writer->length / 8), 0, 6);
	load_argument(writer);
	put(writer, BPF_JMP | BPF_JSET | BPF_K, random_word(&writer->random), 0, 3);
	load_argument(writer);
	put(writer, BPF_JMP | BPF_JGT | BPF_K, random_word(&writer->random), 0, 1);
	put_return(writer);
	put(writer, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

static void compare_arguments(struct writer *writer)
{
	load_argument(writer);
	put(writer, BPF_MISC | BPF_TAX, 0, 0, 0);
	load_argument(writer);
	put(writer, BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1);
	put_return(writer);
}

static void list_a_value(struct writer *writer)
{
	put(writer, BPF_LD | BPF_W | BPF_ABS, 16, 0, 0);
	put(writer, BPF_JMP | BPF_JEQ | BPF_K, random_word(&writer->random), 0, 1);
	put(writer, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

static void list_two_values(struct writer *writer)
{
	load_argument(writer);
	put(writer, BPF_JMP | BPF_JEQ | BPF_K, random_word(&writer->random), 0, 3);
	load_argument(writer);
	put(writer, BPF_JMP | BPF_JGT | BPF_K, random_word(&writer->random), 0, 1);
	put_return(writer);
}

static const struct {
	const char *name;
	void (*write)(struct writer *writer);
} makers[] = {
	{ "multiplies arguments", multiply },
	{ "adds arguments where bits are set", add_where_bits_are_set },
	{ "jumps anywhere", jump_anywhere },
	{ "computes with memory", shuffle_memory },
	{ "tests two arguments of each call", test_two_arguments },
	{ "compares arguments with each other", compare_arguments },
	{ "lists a thousand values", list_a_value },
	{ "lists values of two arguments", list_two_values },
};

const char *hostile_name(size_t index)
{
	return index < sizeof(makers) / sizeof(makers[0]) ? makers[index].name : NULL;
}

size_t hostile_program(size_t index, struct sock_filter ret_code[BPF_MAXINSNS])
{
	struct writer writer = { .random = { index }, .code = ret_code };

	put(&writer, BPF_LD | BPF_IMM, 1, 0, 0);
	put(&writer, BPF_MISC | BPF_TAX, 0, 0, 0);
	for (uint32_t i = 0; i < BPF_MEMWORDS; i++)
		put(&writer, BPF_ST, i, 0, 0);
	while (writer.length < BPF_MAXINSNS - ROOM - 400)
		makers[index].write(&writer);
	/* a verdict that depends on what was computed */
	put(&writer, BPF_JMP | BPF_JSET | BPF_K, 0x10000, 0, 1);
	put_return(&writer);
	/* where jumps may lead to: two apart, as they are long */
	while (writer.length < BPF_MAXINSNS - ROOM)
		put_return(&writer);
	put(&writer, BPF_RET | BPF_A, 0, 0, 0);
	return writer.length;
}
