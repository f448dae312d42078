// SPDX-License-Identifier: MIT
/*
 * A call with its arguments, decoded.
 *
 * Everything lives in one arena beside the result. What the process says may make the
 * text shorter or longer, within LIMIT; it never makes decoding fail.
 */
#include <errno.h>

#include "explain/decoder.h"

#define LIMIT  ((size_t)1 << 20)  /* bytes of the arena */
#define BUDGET ((size_t)64 << 10) /* bytes read from the process */

struct decoded {
	struct callgate_explain_call call; /* first: free() gets its address */
	struct arena arena;
};

static bool fits(const char *pattern, const char *name)
{
	size_t length = strlen(pattern), size = strlen(name);

	if (pattern[0] == '*')
		return size >= length - 1 &&
		       strcmp(name + size - (length - 1), pattern + 1) == 0;
	if (pattern[length - 1] == '*')
		return strncmp(name, pattern, length - 1) == 0;
	return strcmp(pattern, name) == 0;
}

/* Constants by name are worth more than what holds for any argument of a type. */
static bool is_name(const struct target *target, const struct argument *argument)
{
	return target->name ? strcmp(target->name, argument->name) == 0
			    : !argument->family;
}

static struct how how_of(const char *call, const struct argument *argument)
{
	for (size_t i = 0; i < targets_count; i++) {
		const struct target *target = &targets_table[i];

		if (is_name(target, argument) &&
		    (!target->type || strcmp(target->type, argument->type) == 0) &&
		    (!target->call || fits(target->call, call)))
			return target->how;
	}
	return (struct how){ HOW_DEFAULT, 0, 0, NULL };
}

static uint64_t cut_to(uint64_t number, unsigned bits)
{
	return bits == 64 ? number : number & ((UINT64_C(1) << bits) - 1);
}

static struct datum datum_of(const struct decoder *decoder,
			     const struct argument *argument, uint64_t number)
{
	struct datum datum = {
		.name = argument->name,
		.family = argument->family,
		.number = cut_to(number, argument->bits),
		.bits = argument->bits,
		.is_signed = argument->is_signed,
		.is_pointer = argument->is_pointer,
		.scope = &decoder->arguments,
	};

	if (argument->name)
		datum.how = how_of(decoder->call, argument);
	return datum;
}

/* Calls that say nothing else by name take six hexadecimal numbers. */
static void unknown_prototype(struct prototype *ret_prototype)
{
	*ret_prototype = (struct prototype){ .count = ARGUMENTS_MAX };
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		ret_prototype->arguments[i] = (struct argument){ .bits = 64 };
}

static void decode_arguments(struct decoder *decoder, const struct prototype *prototype,
			     const uint64_t *numbers,
			     struct callgate_explain_call *call)
{
	struct callgate_explain_value *values =
		ARENA_ARRAY(decoder->arena, struct callgate_explain_value,
			    ARGUMENTS_MAX);

	for (size_t i = 0; i < prototype->count; i++) {
		const struct argument *argument = &prototype->arguments[i];

		decoder->arguments.names[i] = argument->name ? argument->name : "";
		decoder->arguments.numbers[i] = cut_to(numbers[i], argument->bits);
		decoder->arguments.count++;
	}
	for (size_t i = 0;
	     values && i < prototype->count && !decoder->quiet && !decoder->last; i++) {
		struct datum datum =
			datum_of(decoder, &prototype->arguments[i], numbers[i]);

		render(decoder, &datum, &values[i]);
		if (!decoder->quiet)
			call->count++;
	}
	call->arguments = values;
}

static void print_call(struct decoder *decoder, struct callgate_explain_call *call)
{
	struct buffer text = { 0 };

	buffer_printf(&text, "%s(", call->name);
	for (size_t i = 0; i < call->count; i++)
		buffer_printf(&text, "%s%s", i ? ", " : "", call->arguments[i].text);
	buffer_text(&text, ")");
	call->text = decoder_text(decoder, &text);
}

/*
 * The call that a multiplexer carries, with its arguments out of memory: socketcall's
 * are an array of longs. Returns NULL where it is none or cannot be read.
 */
static const struct syscall *carried(struct decoder *decoder,
				     const struct syscall *multiplexer,
				     const uint64_t *numbers, uint64_t *ret_numbers)
{
	size_t size = decoder->abi->bits / 8;
	uint32_t selector;
	uint8_t bytes[8];

	if (strcmp(syscall_name(multiplexer), "socketcall") != 0)
		return NULL;
	for (size_t i = 0; i < syscall_count(); i++) {
		const struct syscall *call = syscall_at(i);
		struct prototype prototype;

		if (syscall_multiplexer(call, decoder->abi, &selector) != multiplexer ||
		    selector != (uint32_t)numbers[0])
			continue;
		syscall_prototype(call, decoder->abi, &prototype);
		for (size_t j = 0; j < prototype.count; j++) {
			if (decoder_read(decoder, numbers[1] + j * size, bytes, size) <
			    size)
				return NULL;
			ret_numbers[j] = decoder_integer(decoder, bytes, size);
		}
		return call;
	}
	return NULL;
}

static void decode_known(struct decoder *decoder, const struct syscall *syscall,
			 const struct seccomp_data *data,
			 struct callgate_explain_call *call)
{
	uint64_t numbers[ARGUMENTS_MAX], inner[ARGUMENTS_MAX];
	struct prototype prototype;
	const struct syscall *other;

	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		numbers[i] = data->args[i];
	other = carried(decoder, syscall, numbers, inner);
	call->name = decoder->call = syscall_name(other ? other : syscall);
	syscall_prototype(other ? other : syscall, decoder->abi, &prototype);
	if (!prototype.known)
		unknown_prototype(&prototype);
	decode_arguments(decoder, &prototype, other ? inner : numbers, call);
}

static void decode_unknown(struct decoder *decoder, const struct seccomp_data *data,
			   struct callgate_explain_call *call)
{
	uint64_t numbers[ARGUMENTS_MAX];
	struct buffer name = { 0 };
	struct prototype prototype;

	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		numbers[i] = data->args[i];
	buffer_printf(&name, "syscall %d", data->nr);
	call->name = decoder->call = decoder_text(decoder, &name);
	unknown_prototype(&prototype);
	decode_arguments(decoder, &prototype, numbers, call);
}

int callgate_explain_decode(const struct seccomp_data *call,
			    const struct callgate_explain_memory *memory,
			    struct callgate_explain_call **ret_call)
{
	struct decoded *decoded = calloc(1, sizeof(*decoded));
	const struct abi *abi = abi_of(call->arch, (uint32_t)call->nr);
	struct decoder decoder = { .abi = abi ? abi : abi_native(),
				   .memory = abi ? memory : NULL,
				   .budget = BUDGET };
	const struct syscall *syscall =
		abi ? syscall_by_number(abi, (uint32_t)call->nr) : NULL;

	if (!decoded)
		return -ENOMEM;
	arena_init(&decoded->arena, LIMIT);
	decoder.arena = &decoded->arena;
	decoded->call.abi = abi ? abi->index : CALLGATE_NONE;
	if (syscall)
		decode_known(&decoder, syscall, call, &decoded->call);
	else
		decode_unknown(&decoder, call, &decoded->call);
	print_call(&decoder, &decoded->call);
	if (decoded->arena.failed) {
		callgate_explain_call_free(&decoded->call);
		return -ENOMEM;
	}
	*ret_call = &decoded->call;
	return 0;
}

void callgate_explain_call_free(struct callgate_explain_call *call)
{
	struct decoded *decoded = (struct decoded *)call;

	if (!decoded)
		return;
	arena_done(&decoded->arena);
	free(decoded);
}
