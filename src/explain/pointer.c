// SPDX-License-Identifier: MIT
/*
 * Texts, bytes and single numbers behind pointers; arguments whose meaning a command
 * gives.
 */
#include "explain/decoder.h"

#define PATH_SIZE   4096
#define STRING_SIZE 256
#define BYTES_SIZE  32
#define STRINGS_MAX 16
#define VARS_MAX    512

static struct callgate_explain_value text_value(struct decoder *decoder,
						const struct datum *datum,
						const char *bytes, size_t length)
{
	struct callgate_explain_value value = value_of(datum, CALLGATE_EXPLAIN_STRING);

	value.bytes = arena_copy(decoder->arena, (struct str){ bytes, length });
	value.length = value.bytes ? length : 0;
	value.from_memory = true;
	return value;
}

void render_path(struct decoder *decoder, const struct datum *datum,
		 struct callgate_explain_value *ret_value)
{
	size_t size = datum->how.kind == HOW_PATH ? PATH_SIZE : STRING_SIZE;
	char buffer[PATH_SIZE];
	bool is_whole;
	size_t length =
		decoder_read_string(decoder, datum->number, buffer, size, &is_whole);

	if (length == 0 && !is_whole) {
		render_address(decoder, datum, ret_value);
		return;
	}
	*ret_value = text_value(decoder, datum, buffer, length);
	ret_value->cut = !is_whole;
	value_quote(decoder, ret_value, "");
}

void render_bytes(struct decoder *decoder, const struct datum *datum,
		  struct callgate_explain_value *ret_value)
{
	char buffer[BYTES_SIZE];
	bool is_cut;
	size_t wanted = decoder_measure(datum, sizeof(buffer), &is_cut);
	size_t length = decoder_read(decoder, datum->number, buffer, wanted);

	if (length == 0 && wanted) {
		render_address(decoder, datum, ret_value);
		return;
	}
	*ret_value = text_value(decoder, datum, buffer, length);
	ret_value->kind = CALLGATE_EXPLAIN_BYTES;
	ret_value->from_memory = wanted != 0;
	ret_value->cut = is_cut || length < wanted;
	value_quote(decoder, ret_value, "");
}

/* The pointer number `index` of an array; false: it cannot be read. */
static bool read_pointer(struct decoder *decoder, uint64_t array, size_t index,
			 uint64_t *ret_pointer)
{
	uint8_t bytes[8];
	size_t size = abi_pointer_size(decoder->abi);
	uint64_t address;

	if (__builtin_add_overflow(array, (uint64_t)(index * size), &address) ||
	    decoder_read(decoder, address, bytes, size) < size)
		return false;
	*ret_pointer = decoder_integer(decoder, bytes, size);
	return true;
}

void render_strings(struct decoder *decoder, const struct datum *datum,
		    struct callgate_explain_value *ret_value)
{
	struct callgate_explain_value *members =
		ARENA_ARRAY(decoder->arena, struct callgate_explain_value, STRINGS_MAX);
	struct datum string = { .bits = 64,
				.is_pointer = true,
				.from_memory = true,
				.how = { .kind = HOW_STRING },
				.scope = datum->scope };
	bool is_read = true;
	size_t count = 0;

	*ret_value = value_of(datum, CALLGATE_EXPLAIN_ARRAY);
	while (members && count < STRINGS_MAX) {
		is_read = read_pointer(decoder, datum->number, count, &string.number);
		if (!is_read || !string.number)
			break;
		render(decoder, &string, &members[count++]);
	}
	if (!members || (count == 0 && !is_read)) {
		render_address(decoder, datum, ret_value);
		return;
	}
	ret_value->from_memory = true;
	ret_value->members = members;
	ret_value->count = count;
	ret_value->cut = !is_read || string.number;
	value_join(decoder, ret_value);
}

/* An environment: its size alone, for it is long and may hold secrets. */
void render_vars(struct decoder *decoder, const struct datum *datum,
		 struct callgate_explain_value *ret_value)
{
	uint64_t pointer = 1;
	size_t count = 0;

	render_address(decoder, datum, ret_value);
	while (datum->number && count < VARS_MAX &&
	       read_pointer(decoder, datum->number, count, &pointer) && pointer)
		count++;
	if (datum->number && pointer == 0)
		value_printf(decoder, ret_value, "0x%llx /* %zu var%s */",
			     (unsigned long long)datum->number, count,
			     count == 1 ? "" : "s");
}

/* "[5]": a pointer to one number. */
static void render_pointed(struct decoder *decoder, const struct datum *datum,
			   size_t size, struct callgate_explain_value *ret_value)
{
	struct callgate_explain_value *member;
	struct datum number = { .bits = (uint8_t)(size * 8),
				.is_signed = true,
				.from_memory = true,
				.scope = datum->scope };
	uint8_t bytes[8];

	if (decoder_read(decoder, datum->number, bytes, size) < size) {
		render_address(decoder, datum, ret_value);
		return;
	}
	member = ARENA_NEW(decoder->arena, struct callgate_explain_value);
	*ret_value = value_of(datum, CALLGATE_EXPLAIN_ARRAY);
	ret_value->from_memory = true;
	number.number = decoder_integer(decoder, bytes, size);
	if (member) {
		render_number(decoder, &number, member);
		ret_value->members = member;
		ret_value->count = 1;
	}
	value_join(decoder, ret_value);
}

void render_int(struct decoder *decoder, const struct datum *datum,
		struct callgate_explain_value *ret_value)
{
	render_pointed(decoder, datum, 4, ret_value);
}

void render_ulong(struct decoder *decoder, const struct datum *datum,
		  struct callgate_explain_value *ret_value)
{
	render_pointed(decoder, datum, decoder->abi->bits / 8, ret_value);
}

/* "[INT CHLD]", as a mask; "~[…]" where more are set than not. */
void render_sigset(struct decoder *decoder, const struct datum *datum,
		   struct callgate_explain_value *ret_value)
{
	struct buffer text = { 0 };
	uint8_t bytes[8] = { 0 };
	bool is_cut;
	size_t size = decoder_measure(datum, sizeof(bytes), &is_cut);
	uint64_t set;

	if (size == 0 || decoder_read(decoder, datum->number, bytes, size) < size) {
		render_address(decoder, datum, ret_value);
		return;
	}
	set = decoder_integer(decoder, bytes, size);
	*ret_value = value_of(datum, CALLGATE_EXPLAIN_ARRAY);
	ret_value->from_memory = true;
	ret_value->cut = is_cut;
	buffer_text(&text, __builtin_popcountll(set) > 40 ? "~[" : "[");
	if (__builtin_popcountll(set) > 40)
		set = ~set;
	for (unsigned i = 0; i < 64; i++) {
		const struct constant *name;

		if (!(set >> i & 1))
			continue;
		name = constant_of_value("signal", decoder->abi, i + 1);
		buffer_text(&text, text.data[text.len - 1] == '[' ? "" : " ");
		if (name)
			buffer_text(&text, constant_name(name) + 3);
		else
			buffer_printf(&text, "RT_%u", i + 1 < 32 ? 0 : i + 1 - 32);
	}
	buffer_text(&text, "]");
	ret_value->text = decoder_text(decoder, &text);
}

/* --- what a command says of its argument ------------------------------------------ */

struct command {
	const char *name; /* of the command */
	struct how how;
	const char *family;
	bool is_quiet; /* it takes none */
	bool is_last;  /* … and no more */
};

static uint64_t command_of(const struct datum *datum)
{
	for (size_t i = 0; i < datum->scope->count; i++)
		if (strcmp(datum->scope->names[i], "cmd") == 0 ||
		    strcmp(datum->scope->names[i], "option") == 0)
			return datum->scope->numbers[i];
	return 0;
}

static void render_command(struct decoder *decoder, const struct datum *datum,
			   const struct command *commands, enum how_kind otherwise,
			   struct callgate_explain_value *ret_value)
{
	struct datum as = *datum;
	uint64_t command = command_of(datum), value;

	as.how = (struct how){ .kind = (uint8_t)otherwise };
	for (; commands->name; commands++) {
		const struct constant *constant =
			constant_by_name(str_of(commands->name));

		if (!constant || !constant_value(constant, decoder->abi, &value) ||
		    value != command)
			continue;
		as.how = commands->how;
		as.family = commands->family;
		decoder->quiet |= commands->is_quiet;
		decoder->last |= commands->is_last;
	}
	render(decoder, &as, ret_value);
}

void render_fcntl(struct decoder *decoder, const struct datum *datum,
		  struct callgate_explain_value *ret_value)
{
	static const struct command commands[] = {
		{ "F_DUPFD", { .kind = HOW_DECIMAL }, NULL, false },
		{ "F_DUPFD_CLOEXEC", { .kind = HOW_DECIMAL }, NULL, false },
		{ "F_SETFD", { .kind = HOW_DEFAULT }, "fcntl_fd", false },
		{ "F_SETFL", { .kind = HOW_DEFAULT }, "open", false },
		{ "F_SETPIPE_SZ", { .kind = HOW_DECIMAL }, NULL, false },
		{ "F_SETOWN", { .kind = HOW_SIGNED }, NULL, false },
		{ "F_SETSIG", { .kind = HOW_DEFAULT }, "signal", false },
		{ "F_GETFD", { .kind = HOW_HEX }, NULL, true },
		{ "F_GETFL", { .kind = HOW_HEX }, NULL, true },
		{ "F_GETOWN", { .kind = HOW_HEX }, NULL, true },
		{ "F_GETSIG", { .kind = HOW_HEX }, NULL, true },
		{ "F_GETLEASE", { .kind = HOW_HEX }, NULL, true },
		{ "F_GETPIPE_SZ", { .kind = HOW_HEX }, NULL, true },
		{ "F_GET_SEALS", { .kind = HOW_HEX }, NULL, true },
		{ 0 },
	};

	render_command(decoder, datum, commands, HOW_HEX, ret_value);
}

void render_prctl(struct decoder *decoder, const struct datum *datum,
		  struct callgate_explain_value *ret_value)
{
	static const struct command commands[] = {
		{ "PR_SET_NAME", { .kind = HOW_STRING }, NULL, false, true },
		{ "PR_SET_PDEATHSIG", { .kind = HOW_DEFAULT }, "signal", false, true },
		{ "PR_CAPBSET_READ",
		  { .kind = HOW_DEFAULT },
		  "capability",
		  false,
		  true },
		{ "PR_CAPBSET_DROP",
		  { .kind = HOW_DEFAULT },
		  "capability",
		  false,
		  true },
		{ "PR_SET_SECCOMP", { .kind = HOW_DEFAULT }, "seccomp_mode", false },
		{ "PR_SET_DUMPABLE", { .kind = HOW_DECIMAL }, NULL, false, true },
		{ "PR_SET_KEEPCAPS", { .kind = HOW_DECIMAL }, NULL, false, true },
		{ "PR_SET_NO_NEW_PRIVS", { .kind = HOW_DECIMAL }, NULL, false },
		{ "PR_GET_DUMPABLE", { .kind = HOW_HEX }, NULL, true },
		{ "PR_GET_KEEPCAPS", { .kind = HOW_HEX }, NULL, true },
		{ "PR_GET_SECCOMP", { .kind = HOW_HEX }, NULL, true },
		{ "PR_GET_TIMERSLACK", { .kind = HOW_HEX }, NULL, true },
		{ 0 },
	};

	render_command(decoder, datum, commands, HOW_HEX, ret_value);
}

void render_ioctl(struct decoder *decoder, const struct datum *datum,
		  struct callgate_explain_value *ret_value)
{
	static const struct command commands[] = {
		{ "FIONBIO", { .kind = HOW_INT }, NULL, false },
		{ "FIOASYNC", { .kind = HOW_INT }, NULL, false },
		{ "FIOCLEX", { .kind = HOW_HEX }, NULL, true },
		{ "FIONCLEX", { .kind = HOW_HEX }, NULL, true },
		{ 0 },
	};

	render_command(decoder, datum, commands, HOW_ADDRESS, ret_value);
}
