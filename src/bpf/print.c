// SPDX-License-Identifier: MIT
/*
 * A filter in the forms that other programs take: bytes, hexadecimal digits, text for
 * people, a C header.
 *
 * Bytes are in the order of the machine that the filter is for; everything else is text
 * and has none.
 */
#include "bpf/filter.h"

#include <errno.h>

#define DEFAULT_NAME "callgate_filter"

static void print_raw(const struct bpf_program *program, struct buffer *ret_text)
{
	for (size_t at = 0; at < program->length; at++) {
		struct sock_filter i = program->code[at];

		if (program->big_endian != BIG_ENDIAN_HOST) {
			i.code = __builtin_bswap16(i.code);
			i.k = __builtin_bswap32(i.k);
		}
		buffer_put(ret_text, &i, sizeof(i));
	}
}

static void print_hex(const struct bpf_program *program, struct buffer *ret_text)
{
	for (size_t at = 0; at < program->length; at++) {
		const struct sock_filter *i = &program->code[at];

		buffer_printf(ret_text, "%04x%02x%02x%08x\n", i->code, i->jt, i->jf,
			      i->k);
	}
}

/* A program for machines unlike this one says so, for the assembler. */
static void print_asm(const struct bpf_program *program, struct buffer *ret_text)
{
	if (program->big_endian != BIG_ENDIAN_HOST)
		buffer_printf(ret_text, ".%s-endian\n",
			      program->big_endian ? "big" : "little");
	bpf_disassemble(program, ret_text);
}

/* --- C ------------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The name, with '_' for every byte that C does not allow there. */
static void print_name(const char *name, bool upper, struct buffer *ret_text)
{
	if (!*name || is_digit(*name))
		buffer_fill(ret_text, '_', 1);
	for (; *name; name++) {
		char c = is_letter(*name) || is_digit(*name) ? *name : '_';

		if (upper && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		buffer_fill(ret_text, c, 1);
	}
}

/* One instruction, `line` of the disassembly beside it. */
static void print_c_instruction(const struct sock_filter *i, struct str line,
				struct buffer *ret_text)
{
	buffer_printf(ret_text, "\t{ 0x%02x, %3u, %3u, 0x%08x }, /* %.*s */\n", i->code,
		      i->jt, i->jf, i->k, STR_ARG(line));
}

/* The disassembly has one line an instruction. */
static void print_c_code(const struct bpf_program *program, const char *lines,
			 struct buffer *ret_text)
{
	for (size_t at = 0; at < program->length; at++) {
		struct str line = { lines, strcspn(lines, "\n") };

		print_c_instruction(&program->code[at], line, ret_text);
		lines += line.len + 1;
	}
}

static void print_c(const struct bpf_program *program, const char *name,
		    struct buffer *ret_text)
{
	struct buffer lower = { 0 }, upper = { 0 }, lines = { 0 };

	print_name(name, false, &lower);
	print_name(name, true, &upper);
	bpf_disassemble(program, &lines);
	ret_text->failed |= lower.failed || upper.failed || lines.failed;
	if (!ret_text->failed) {
		buffer_printf(ret_text,
			      "/*\n"
			      " * A seccomp filter made by callgate: %zu "
			      "instruction%s, for a "
			      "%s-endian machine.\n"
			      " * struct sock_fprog program = { %s_LENGTH, %s };\n"
			      " */\n"
			      "#ifndef %s_LENGTH\n"
			      "#define %s_LENGTH %zu\n\n"
			      "#include <linux/filter.h>\n\n"
			      "static struct sock_filter %s[%s_LENGTH] = {\n",
			      program->length, program->length == 1 ? "" : "s",
			      program->big_endian ? "big" : "little", upper.data,
			      lower.data, upper.data, upper.data, program->length,
			      lower.data, upper.data);
		print_c_code(program, lines.data, ret_text);
		buffer_text(ret_text, "};\n\n#endif\n");
	}
	buffer_done(&lower);
	buffer_done(&upper);
	buffer_done(&lines);
}

int callgate_filter_print(const struct callgate_filter *filter,
			  enum callgate_format format, const char *name,
			  char **ret_text, size_t *ret_length)
{
	struct buffer text = { 0 };

	switch (format) {
	case CALLGATE_FORMAT_RAW:
		print_raw(&filter->program, &text);
		break;
	case CALLGATE_FORMAT_HEX:
		print_hex(&filter->program, &text);
		break;
	case CALLGATE_FORMAT_ASM:
		print_asm(&filter->program, &text);
		break;
	case CALLGATE_FORMAT_C:
		print_c(&filter->program, name ? name : DEFAULT_NAME, &text);
		break;
	case CALLGATE_FORMAT_PSEUDO:
		bpf_print_pseudo(&filter->program, &text);
		break;
	}
	*ret_length = text.len;
	*ret_text = buffer_take(&text);
	return *ret_text ? 0 : -ENOMEM;
}
