// SPDX-License-Identifier: MIT
/*
 * Words and numbers by name, as far as the paths to an instruction know the call:
 * "nr", "openat", "prot & PROT_EXEC", else "args[2].low & 0x4".
 */
#include "bpf/pseudo.h"

#include "data/call.h"

#define SHORT_RANGE 3	/* values that are all listed */
#define NAMED_RANGE 600 /* numbers, whose calls are all listed */

/* The call that it can only be at an instruction, or NULL. */
static const struct syscall *call_at(const struct pseudo_facts *facts,
				     const struct abi **ret_abi)
{
	const struct abi *abi =
		facts->arch_known ? abi_of(facts->arch, facts->first) : NULL;

	*ret_abi = abi;
	return abi && facts->first == facts->last ? syscall_by_number(abi, facts->first)
						  : NULL;
}

static bool is_argument(unsigned word)
{
	return word >= WORD_ARG0_HIGH && word < WORD_IP_HIGH;
}

/* The argument of a word, with its name. False: it has none. */
static bool argument_at(const struct pseudo_facts *facts, unsigned word,
			struct argument *ret_argument, const struct abi **ret_abi)
{
	const struct syscall *call = call_at(facts, ret_abi);
	struct prototype prototype;

	if (!call || !is_argument(word))
		return false;
	syscall_prototype(call, *ret_abi, &prototype);
	*ret_argument = prototype.arguments[(word - WORD_ARG0_HIGH) / 2];
	return ret_argument->name != NULL;
}

static bool is_high(unsigned word)
{
	return word == word_high((word - WORD_ARG0_HIGH) / 2);
}

static void name_word(const struct pseudo_facts *facts, unsigned word,
		      struct buffer *ret_text)
{
	struct argument argument;
	const struct abi *abi;
	unsigned field;

	if (!is_argument(word) && word < WORD_IP_HIGH) {
		bpf_name_word(word, ret_text);
		return;
	}
	field = (word - WORD_ARG0_HIGH) / 2;
	if (argument_at(facts, word, &argument, &abi)) {
		if (argument.bits <= WORD_BITS && !is_high(word))
			buffer_text(ret_text, argument.name);
		else
			buffer_printf(ret_text, "%s.%s", argument.name,
				      is_high(word) ? "high" : "low");
		return;
	}
	if (field == FIELD_IP)
		buffer_text(ret_text, "instruction_pointer");
	else
		buffer_printf(ret_text, "args[%u]", field);
	buffer_printf(ret_text, ".%s", is_high(word) ? "high" : "low");
}

static void name_argument(const struct pseudo_facts *facts, unsigned word,
			  uint32_t number, struct buffer *ret_text)
{
	struct argument argument;
	const struct abi *abi;

	/* the upper half of a constant has no name */
	if (!is_high(word) && argument_at(facts, word, &argument, &abi))
		call_print_argument(&argument, abi, number, ret_text);
	else
		buffer_printf(ret_text, "0x%x", number);
}

void pseudo_name_value(const struct pseudo *pseudo, size_t at, struct value value,
		       struct buffer *ret_text)
{
	const struct pseudo_facts *facts = &pseudo->facts[at];
	struct buffer mask = { 0 };

	if (!value.is_known) {
		buffer_text(ret_text, "A");
		return;
	}
	name_word(facts, value.word, ret_text);
	if (value.mask == UINT32_MAX)
		return;
	if (is_argument(value.word))
		name_argument(facts, value.word, value.mask, &mask);
	else
		buffer_printf(&mask, "0x%x", value.mask);
	if (mask.data && strchr(mask.data, '|'))
		buffer_printf(ret_text, " & (%s)", mask.data);
	else
		buffer_printf(ret_text, " & %s", mask.data ? mask.data : "");
	ret_text->failed |= mask.failed;
	buffer_done(&mask);
}

/* The call of a number at an instruction, or NULL. */
static const struct syscall *call_of(const struct pseudo_facts *facts, uint32_t number)
{
	const struct abi *abi = facts->arch_known ? abi_of(facts->arch, number) : NULL;

	return abi ? syscall_by_number(abi, number) : NULL;
}

static bool name_call(const struct pseudo_facts *facts, uint32_t number,
		      struct buffer *ret_text)
{
	const struct syscall *call = call_of(facts, number);
	const struct abi *abi = abi_of(facts->arch, number);

	if (!call)
		return false;
	if (abi->number_base)
		buffer_printf(ret_text, "%s:", abi->name);
	buffer_text(ret_text, syscall_name(call));
	return true;
}

/* Of those that share it, the first ABI's; the number tells them apart. */
static void name_arch(uint32_t arch, struct buffer *ret_text)
{
	for (size_t i = 0; i < abi_count(); i++) {
		if (abi_at(i)->audit_arch != arch)
			continue;
		buffer_text(ret_text, abi_at(i)->name);
		return;
	}
}

void pseudo_name_number(const struct pseudo *pseudo, size_t at, struct value value,
			uint32_t number, struct buffer *ret_text)
{
	const struct pseudo_facts *facts = &pseudo->facts[at];
	size_t before = ret_text->len;
	bool whole = value.is_known && value.mask == UINT32_MAX;

	if (value.is_known && is_argument(value.word)) {
		name_argument(facts, value.word, number, ret_text);
	} else if (whole && value.word == WORD_NR) {
		if (!name_call(facts, number, ret_text))
			buffer_printf(ret_text, number < 65536 ? "%u" : "0x%x", number);
	} else {
		if (whole && value.word == WORD_ARCH)
			name_arch(number, ret_text);
		if (ret_text->len == before)
			buffer_printf(ret_text, "0x%x", number);
	}
}

size_t pseudo_count_items(const struct pseudo *pseudo, size_t at, struct value value,
			  uint32_t first, uint32_t last)
{
	const struct pseudo_facts *facts = &pseudo->facts[at];
	size_t count = (size_t)last - first + 1;

	if (value.word != WORD_NR || value.mask != UINT32_MAX)
		return count <= SHORT_RANGE ? count : 1;
	if (count > NAMED_RANGE)
		return 1;
	for (uint32_t i = 0; i < count; i++) {
		if (!call_of(facts, first + i))
			return 1;
	}
	return count;
}
