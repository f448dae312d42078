// SPDX-License-Identifier: MIT
/*
 * One line of assembly.
 *
 *     line    = ".big-endian" | ".little-endian" | { LABEL ":" } [ code ] [ ";" comment ]
 *     code    = NAME [ operand ] [ "," LABEL [ "," LABEL ] ]
 *             | "ret" verdict | ".raw" NUMBER "," NUMBER "," NUMBER "," NUMBER
 *     operand = "a" | "x" | "#len" | "#" value | "[" value "]" | "M[" value "]" | LABEL
 *     value   = [ "-" ] NUMBER | [ ABI ":" ] NAME
 *
 * The first thing that is wrong in a line is reported and the rest of it left alone; a
 * broken instruction still counts as one, so that labels stay where they are.
 */
#include "bpf/assembler.h"

#include <errno.h>

#include "bpf/mnemonic.h"

struct cursor {
	struct assembler *assembler;
	struct str rest;
	bool failed;
};

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

static void advance(struct cursor *cursor, size_t count)
{
	cursor->rest.ptr += count;
	cursor->rest.len -= count;
}

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->rest.len && strchr(" \t\r\v\f", cursor->rest.ptr[0]) &&
	       cursor->rest.ptr[0])
		advance(cursor, 1);
}

static bool at_end(struct cursor *cursor)
{
	skip_blanks(cursor);
	return cursor->rest.len == 0;
}

static bool take(struct cursor *cursor, char wanted)
{
	if (at_end(cursor) || cursor->rest.ptr[0] != wanted)
		return false;
	advance(cursor, 1);
	return true;
}

/* The word that is next, or an empty one. */
static struct str peek_word(struct cursor *cursor)
{
	struct str word;

	skip_blanks(cursor);
	word = (struct str){ cursor->rest.ptr, 0 };
	while (word.len < cursor->rest.len && is_word_byte(word.ptr[word.len]))
		word.len++;
	return word;
}

static struct str take_word(struct cursor *cursor)
{
	struct str word = peek_word(cursor);

	advance(cursor, word.len);
	return word;
}

static struct callgate_span span_of(const struct cursor *cursor, struct str part)
{
	return assemble_span(cursor->assembler, part);
}

#define WORD_SHOWN 40 /* of a word that may be a megabyte */

/* The arguments of a "%.*s" in a message. */
#define WORD_ARG(s) (int)((s).len < WORD_SHOWN ? (s).len : WORD_SHOWN), (s).ptr

/* What is next is not what was wanted. */
static void fail_wanted(struct cursor *cursor, const char *wanted, const char *hint)
{
	struct str found = peek_word(cursor);

	if (cursor->failed)
		return;
	cursor->failed = true;
	if (found.len == 0 && !at_end(cursor))
		found.len = 1;
	if (found.len == 0)
		assemble_error(cursor->assembler, "unexpected-end",
			       span_of(cursor, found), hint,
			       "the line ends where %s should be", wanted);
	else if (found.ptr[0] < ' ' || found.ptr[0] > '~')
		assemble_error(cursor->assembler, "unexpected-character",
			       span_of(cursor, found), hint,
			       "expected %s, found the byte 0x%02x", wanted,
			       (unsigned char)found.ptr[0]);
	else
		assemble_error(cursor->assembler, "unexpected-word",
			       span_of(cursor, found), hint,
			       "expected %s, found '%.*s'", wanted, WORD_ARG(found));
}

static bool want(struct cursor *cursor, char wanted, const char *description)
{
	if (!cursor->failed && take(cursor, wanted))
		return true;
	fail_wanted(cursor, description, NULL);
	return false;
}

/* --- values -------------------------------------------------------------------- */

static void fail_unknown(struct cursor *cursor, struct str name)
{
	char text[WORD_SHOWN + 1] = "";
	struct buffer hint = { 0 };
	const char *nearest;

	memcpy(text, name.ptr, name.len < WORD_SHOWN ? name.len : WORD_SHOWN);
	nearest = callgate_nearest_fact(text);
	if (nearest)
		buffer_printf(&hint, "did you mean '%s'?", nearest);
	cursor->failed = true;
	assemble_error(cursor->assembler, "unknown-name", span_of(cursor, name),
		       hint.data, "'%.*s' is no number and no name of one",
		       WORD_ARG(name));
	buffer_done(&hint);
}

/* What a name is worth on an ABI: a call, a constant, an error, an ABI itself. */
static bool name_value(struct str name, const struct abi *abi, uint64_t *ret_value)
{
	const struct syscall *call = syscall_by_name(name);
	const struct constant *constant = constant_by_name(name);
	const struct abi *named = abi_by_name(name);
	uint32_t number;
	uint16_t error;

	if (call && syscall_number(call, abi, &number))
		*ret_value = number;
	else if (errno_by_name(name, abi, &error))
		*ret_value = error;
	else if (named)
		*ret_value = named->audit_arch;
	else
		return constant && constant_value(constant, abi, ret_value);
	return true;
}

static uint64_t take_name(struct cursor *cursor, struct str word)
{
	const struct abi *abi = abi_native();
	uint64_t value = 0;

	if (take(cursor, ':')) {
		abi = abi_by_name(word);
		if (!abi) {
			fail_unknown(cursor, word);
			return 0;
		}
		word = take_word(cursor);
	}
	if (!name_value(word, abi, &value))
		fail_unknown(cursor, word);
	return value;
}

static void check_width(struct cursor *cursor, struct str word, bool negative,
			unsigned bits, uint64_t *value)
{
	uint64_t most = (UINT64_C(1) << bits) - 1;

	/* a negative constant is one of 64 bits; its low half means the same */
	if (bits == 32 && *value >= UINT64_C(0xffffffff80000000))
		*value &= most;
	if (*value <= most && !(negative && bits < 32))
		return;
	cursor->failed = true;
	assemble_error(cursor->assembler, "number-too-large", span_of(cursor, word),
		       NULL, "'%.*s' does not fit in %u bits", WORD_ARG(word), bits);
}

/* A number or a name of at most `bits` bits. */
static uint32_t take_value(struct cursor *cursor, unsigned bits)
{
	struct str word = peek_word(cursor), digits = word;
	bool negative = word.len > 1 && word.ptr[0] == '-';
	uint64_t value = 0;
	int error;

	if (word.len == 0 || cursor->failed) {
		fail_wanted(cursor, "a number", NULL);
		return 0;
	}
	advance(cursor, word.len);
	if (negative)
		digits = (struct str){ word.ptr + 1, word.len - 1 };
	error = str_number(digits, &value);
	if (error == -ERANGE || (negative && value > UINT64_C(0x80000000)))
		value = INT64_MAX; /* too large for any field */
	else if (error)
		value = take_name(cursor, word);
	else if (negative)
		value = -value;
	if (!cursor->failed)
		check_width(cursor, word, negative, bits, &value);
	return (uint32_t)value;
}

/* --- operands ------------------------------------------------------------------ */

static struct sock_filter take_raw(struct cursor *cursor)
{
	struct sock_filter code = { 0 };

	code.code = (uint16_t)take_value(cursor, 16);
	want(cursor, ',', "','");
	code.jt = (uint8_t)take_value(cursor, 8);
	want(cursor, ',', "','");
	code.jf = (uint8_t)take_value(cursor, 8);
	want(cursor, ',', "','");
	code.k = take_value(cursor, 32);
	return code;
}

static void fail_verdict(struct cursor *cursor)
{
	struct str_nearest nearest = str_nearest_to(peek_word(cursor));
	struct buffer hint = { 0 };

	for (size_t i = 0; verdict_name_at(i); i++)
		str_nearest_offer(&nearest, verdict_name_at(i));
	if (nearest.best)
		buffer_printf(&hint, "did you mean '%s'?", nearest.best);
	fail_wanted(cursor, "'a', a number as #0x7fff0000, or a verdict as 'allow'",
		    hint.data);
	buffer_done(&hint);
}

/* "allow", "errno EPERM", "trace 7". */
static uint32_t take_verdict(struct cursor *cursor)
{
	uint32_t verdict;
	bool takes_data;

	if (!verdict_by_name(peek_word(cursor), &verdict, &takes_data)) {
		fail_verdict(cursor);
		return 0;
	}
	take_word(cursor);
	if (takes_data && ((verdict == SECCOMP_RET_ERRNO) || peek_word(cursor).len > 0))
		verdict |= take_value(cursor, 16);
	return verdict;
}

/* An operand as far as it can be read without knowing the instruction. */
struct read_operand {
	enum operand form; /* OPERAND_NUMBER also for OPERAND_HEX */
	uint32_t value;
	struct str target;
};

static struct read_operand take_operand(struct cursor *cursor)
{
	struct read_operand operand = { .form = OPERAND_NONE };
	struct str word;

	if (at_end(cursor))
		return operand;
	word = peek_word(cursor);
	if (take(cursor, '#')) {
		operand.form = str_is(peek_word(cursor), "len") ? OPERAND_LENGTH
								: OPERAND_NUMBER;
		if (operand.form == OPERAND_LENGTH)
			take_word(cursor);
		else
			operand.value = take_value(cursor, 32);
		return operand;
	}
	operand.form = OPERAND_OFFSET;
	if (str_is(word, "M")) {
		operand.form = OPERAND_MEMORY;
		advance(cursor, 1);
	} else if (word.len) {
		operand.form = str_is(word, "a")   ? OPERAND_A
			       : str_is(word, "x") ? OPERAND_X
						   : OPERAND_TARGET;
		operand.target = take_word(cursor);
		return operand;
	}
	if (want(cursor, '[', word.len ? "'['" : "an operand")) {
		operand.value = take_value(cursor, 32);
		want(cursor, ']', "']'");
	}
	return operand;
}

/* --- instructions -------------------------------------------------------------- */

/* What bpf_asm also understands. */
static const struct alias {
	const char *name, *meant;
	bool swapped;
} aliases[] = {
	{ "jmp", "ja", false }, { "jneq", "jeq", true }, { "jne", "jeq", true },
	{ "jlt", "jge", true }, { "jle", "jgt", true },
};

#define ALIAS_COUNT (sizeof(aliases) / sizeof(aliases[0]))

static bool has_name(unsigned code, struct str name)
{
	return mnemonic_of(code) && str_is(name, mnemonic_of(code)->name);
}

static struct str resolve_alias(struct str name, bool *ret_swapped)
{
	for (size_t i = 0; i < ALIAS_COUNT; i++) {
		if (!str_is(name, aliases[i].name))
			continue;
		*ret_swapped = aliases[i].swapped;
		return str_of(aliases[i].meant);
	}
	return name;
}

static void fail_name(struct cursor *cursor, struct str name)
{
	struct str_nearest nearest = str_nearest_to(name);
	struct buffer hint = { 0 };

	for (unsigned code = 0; code < MNEMONIC_CODES; code++) {
		if (mnemonic_of(code))
			str_nearest_offer(&nearest, mnemonic_of(code)->name);
	}
	if (nearest.best)
		buffer_printf(&hint, "did you mean '%s'?", nearest.best);
	cursor->failed = true;
	assemble_error(cursor->assembler, "unknown-instruction", span_of(cursor, name),
		       hint.data, "there is no instruction '%.*s'", WORD_ARG(name));
	buffer_done(&hint);
}

static bool takes(const struct mnemonic *mnemonic, enum operand form)
{
	enum operand wanted = mnemonic->operand;

	return form == (wanted == OPERAND_HEX ? OPERAND_NUMBER : wanted);
}

/* Says which operands the instructions of a name take. */
static void fail_operand(struct cursor *cursor, struct str name, struct str operand)
{
	static const char *const forms[] = {
		[OPERAND_NONE] = "nothing",
		[OPERAND_A] = "a",
		[OPERAND_X] = "x",
		[OPERAND_NUMBER] = "#NUMBER",
		[OPERAND_HEX] = "#NUMBER",
		[OPERAND_OFFSET] = "[OFFSET]",
		[OPERAND_MEMORY] = "M[N]",
		[OPERAND_LENGTH] = "#len",
		[OPERAND_TARGET] = "a label",
	};
	struct buffer hint = { 0 };

	for (unsigned code = 0; code < MNEMONIC_CODES; code++) {
		if (has_name(code, name))
			buffer_printf(&hint, "%s%s", hint.len ? ", or " : "it takes ",
				      forms[mnemonic_of(code)->operand]);
	}
	cursor->failed = true;
	assemble_error(cursor->assembler, "bad-operand", span_of(cursor, operand),
		       hint.data, "'%.*s' does not take this operand", STR_ARG(name));
	buffer_done(&hint);
}

/* The instruction of that name which takes the operand. */
static unsigned find_code(struct cursor *cursor, struct str name, enum operand form,
			  struct str operand)
{
	bool known = false;

	for (unsigned code = 0; code < MNEMONIC_CODES; code++) {
		if (!has_name(code, name))
			continue;
		if (takes(mnemonic_of(code), form))
			return code;
		known = true;
	}
	if (known)
		fail_operand(cursor, name, operand);
	return 0;
}

/* ", IF-TRUE [ , IF-NOT ]" */
static void take_targets(struct cursor *cursor, struct assembled *instruction)
{
	struct str *targets[] = { &instruction->yes, &instruction->no };

	instruction->has_targets = true;
	want(cursor, ',', "',' and a label");
	for (unsigned i = 0; i < 2 && !cursor->failed; i++) {
		*targets[i] = take_word(cursor);
		if (targets[i]->len == 0)
			fail_wanted(cursor, "a label", NULL);
		if (i == 0 && !take(cursor, ','))
			break;
	}
}

static void take_normal(struct cursor *cursor, struct str name,
			struct assembled *instruction)
{
	struct read_operand operand;
	struct str place;
	unsigned code;

	skip_blanks(cursor);
	place = cursor->rest;
	operand = take_operand(cursor);
	if (cursor->failed)
		return;
	place.len -= cursor->rest.len;
	if (str_is(name, "ja") && operand.target.len)
		operand.form = OPERAND_TARGET; /* a label may be called a */
	code = find_code(cursor, name, operand.form, place);
	if (cursor->failed)
		return;
	instruction->code.code = (uint16_t)code;
	instruction->code.k = operand.value;
	instruction->has_targets = operand.form == OPERAND_TARGET;
	instruction->yes = operand.target;
	if (mnemonic_of(code)->branches)
		take_targets(cursor, instruction);
}

static bool is_known(struct str name)
{
	for (unsigned code = 0; code < MNEMONIC_CODES; code++) {
		if (has_name(code, name))
			return true;
	}
	return false;
}

static void take_instruction(struct cursor *cursor, struct str written,
			     struct assembled *instruction)
{
	struct str name = resolve_alias(written, &instruction->swapped);
	struct str next;

	if (str_is(name, ".raw")) {
		instruction->code = take_raw(cursor);
		return;
	}
	if (!is_known(name)) {
		fail_name(cursor, written);
		return;
	}
	next = peek_word(cursor);
	if (str_is(name, "ret") && next.len && !str_is(next, "a")) {
		instruction->code.code = BPF_RET | BPF_K;
		instruction->code.k = take_verdict(cursor);
		return;
	}
	take_normal(cursor, name, instruction);
}

static void add_label(struct cursor *cursor, struct str name)
{
	struct assembler *assembler = cursor->assembler;
	struct label *label =
		ARENA_PUSH(&assembler->arena, assembler->labels, assembler->label_count,
			   assembler->label_capacity);

	if (label)
		*label = (struct label){ name, assembler->length };
}

static void add_instruction(struct cursor *cursor, struct str name)
{
	struct assembler *assembler = cursor->assembler;
	struct assembled instruction = { 0 }, *place;

	take_instruction(cursor, name, &instruction);
	if (!cursor->failed && !at_end(cursor))
		fail_wanted(cursor, "the end of the line", "a comment begins with ';'");
	instruction.span =
		span_of(cursor, (struct str){ name.ptr,
					      (size_t)(cursor->rest.ptr - name.ptr) });
	place = ARENA_PUSH(&assembler->arena, assembler->code, assembler->length,
			   assembler->capacity);
	if (place)
		*place = instruction;
}

/* What is said of the machine and is no instruction. */
static bool take_machine(struct cursor *cursor, struct str word)
{
	bool is_big = str_is(word, ".big-endian");

	if (!is_big && !str_is(word, ".little-endian"))
		return false;
	if (!at_end(cursor))
		fail_wanted(cursor, "the end of the line", NULL);
	cursor->assembler->big_endian = is_big;
	return true;
}

void assemble_line(struct assembler *assembler, struct str line)
{
	const char *comment = memchr(line.ptr, ';', line.len);
	struct cursor cursor = { .assembler = assembler, .rest = line };
	struct str word;

	if (comment)
		cursor.rest.len = (size_t)(comment - line.ptr);
	while (!at_end(&cursor)) {
		word = take_word(&cursor);
		if (word.len == 0) {
			fail_wanted(&cursor, "a label or an instruction", NULL);
			return;
		}
		if (take_machine(&cursor, word))
			return;
		if (!take(&cursor, ':')) {
			add_instruction(&cursor, word);
			return;
		}
		add_label(&cursor, word);
	}
}
