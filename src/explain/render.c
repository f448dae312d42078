// SPDX-License-Identifier: MIT
/*
 * Numbers as text: names where they are known, else the base that people expect.
 *
 * Nothing here reads memory; render() hands pointers on to the file that does.
 */
#include <stdarg.h>
#include <sys/sysmacros.h>

#include "explain/decoder.h"

uint64_t sign_extend(uint64_t number, unsigned bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);

	return (number ^ sign) - sign;
}

struct callgate_explain_value value_of(const struct datum *datum,
				       enum callgate_explain_kind kind)
{
	return (struct callgate_explain_value){
		.kind = kind,
		.name = datum->name,
		.number = datum->number,
		.from_memory = datum->from_memory,
	};
}

const char *decoder_text(struct decoder *decoder, struct buffer *text)
{
	const char *copy = NULL;

	if (!text->failed)
		copy = arena_copy(decoder->arena,
				  (struct str){ text->data ? text->data : "",
						text->len });
	if (!copy)
		decoder->arena->failed = true;
	buffer_done(text);
	return copy ? copy : "";
}

void value_printf(struct decoder *decoder, struct callgate_explain_value *value,
		  const char *format, ...)
{
	struct buffer text = { 0 };
	va_list arguments;

	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	value->text = decoder_text(decoder, &text);
}

void value_join(struct decoder *decoder, struct callgate_explain_value *value)
{
	bool is_array = value->kind == CALLGATE_EXPLAIN_ARRAY;
	struct buffer text = { 0 };

	buffer_text(&text, is_array ? "[" : "{");
	for (size_t i = 0; i < value->count; i++) {
		const struct callgate_explain_value *member = &value->members[i];

		if (i)
			buffer_text(&text, ", ");
		if (member->name)
			buffer_printf(&text, "%s=", member->name);
		buffer_text(&text, member->text);
	}
	if (value->cut)
		buffer_text(&text, value->count ? ", ..." : "...");
	buffer_text(&text, is_array ? "]" : "}");
	value->text = decoder_text(decoder, &text);
}

/* One byte as it stands in a C string; digits behind an octal escape make it long. */
static void put_byte(struct buffer *text, unsigned char byte, bool before_digit)
{
	static const char letters[] = "\aa\bb\tt\nn\vv\ff\rr\"\"\\\\";
	const char *letter = byte ? strchr(letters, byte) : NULL;

	if (letter && (letter - letters) % 2 == 0)
		buffer_printf(text, "\\%c", letter[1]);
	else if (byte >= ' ' && byte <= '~')
		buffer_put(text, &byte, 1);
	else
		buffer_printf(text, before_digit ? "\\%03o" : "\\%o", byte);
}

void value_quote(struct decoder *decoder, struct callgate_explain_value *value,
		 const char *prefix)
{
	struct buffer text = { 0 };

	buffer_printf(&text, "%s\"", prefix);
	for (size_t i = 0; i < value->length; i++) {
		char next = i + 1 < value->length ? value->bytes[i + 1] : 0;

		put_byte(&text, (unsigned char)value->bytes[i],
			 next >= '0' && next <= '9');
	}
	buffer_text(&text, value->cut ? "\"..." : "\"");
	value->text = decoder_text(decoder, &text);
}

/* --- numbers ---------------------------------------------------------------------- */

static const char *name_of(const struct decoder *decoder, const struct datum *datum)
{
	const struct constant *found =
		constant_of_value(datum->family, decoder->abi, datum->number);

	if (!found)
		found = constant_of_value(datum->family, decoder->abi,
					  sign_extend(datum->number, datum->bits));
	return found ? constant_name(found) : NULL;
}

static void render_plain(struct decoder *decoder, const struct datum *datum,
			 struct callgate_explain_value *ret_value)
{
	int64_t number = (int64_t)sign_extend(datum->number, datum->bits);

	*ret_value = value_of(datum, CALLGATE_EXPLAIN_NUMBER);
	if (datum->is_signed && number < 0 && number > -65536)
		value_printf(decoder, ret_value, "%lld", (long long)number);
	else if (datum->number < 65536)
		value_printf(decoder, ret_value, "%llu",
			     (unsigned long long)datum->number);
	else
		value_printf(decoder, ret_value, "0x%llx",
			     (unsigned long long)datum->number);
}

static void render_named(struct decoder *decoder, const struct datum *datum,
			 struct callgate_explain_value *ret_value)
{
	const char *name;
	struct buffer text = { 0 };

	if (family_is_flags(datum->family)) {
		*ret_value = value_of(datum, CALLGATE_EXPLAIN_FLAGS);
		print_flags(decoder, datum->family, datum->number, &text);
		ret_value->text = decoder_text(decoder, &text);
		return;
	}
	name = name_of(decoder, datum);
	render_plain(decoder, datum, ret_value);
	if (name)
		ret_value->text = name;
}

void render_address(struct decoder *decoder, const struct datum *datum,
		    struct callgate_explain_value *ret_value)
{
	*ret_value = value_of(datum, CALLGATE_EXPLAIN_ADDRESS);
	if (datum->number)
		value_printf(decoder, ret_value, "0x%llx",
			     (unsigned long long)datum->number);
	else
		ret_value->text = "NULL";
}

void render_number(struct decoder *decoder, const struct datum *datum,
		   struct callgate_explain_value *ret_value)
{
	if (datum->is_pointer)
		render_address(decoder, datum, ret_value);
	else if (datum->family)
		render_named(decoder, datum, ret_value);
	else
		render_plain(decoder, datum, ret_value);
}

static void render_octal(struct decoder *decoder, const struct datum *datum,
			 struct callgate_explain_value *ret_value)
{
	static const char *const types[16] = {
		[1] = "S_IFIFO|",  [2] = "S_IFCHR|", [4] = "S_IFDIR|",
		[6] = "S_IFBLK|",  [8] = "S_IFREG|", [10] = "S_IFLNK|",
		[12] = "S_IFSOCK|"
	};
	unsigned mode = (unsigned)datum->number & 07777;
	const char *type = types[datum->number >> 12 & 15];

	*ret_value = value_of(datum, CALLGATE_EXPLAIN_NUMBER);
	if (datum->number >> 16 || (datum->number >> 12 && !type))
		value_printf(decoder, ret_value, "0%llo",
			     (unsigned long long)datum->number);
	else
		value_printf(decoder, ret_value, "%s%#03o", type ? type : "", mode);
}

static bool has_flag(const struct abi *abi, uint64_t flags, const char *name)
{
	const struct constant *constant = constant_by_name(str_of(name));
	uint64_t flag;

	return constant && constant_value(constant, abi, &flag) &&
	       (flags & flag) == flag;
}

/* The mode of open means something when open may create a file. */
static void render_mode(struct decoder *decoder, const struct datum *datum,
			struct callgate_explain_value *ret_value)
{
	const struct scope *scope = datum->scope;

	for (size_t i = 0; i < scope->count; i++)
		if (strstr(scope->names[i], "flag"))
			decoder->quiet =
				!has_flag(decoder->abi, scope->numbers[i], "O_CREAT") &&
				!has_flag(decoder->abi, scope->numbers[i], "O_TMPFILE");
	render_octal(decoder, datum, ret_value);
}

static void render_hex(struct decoder *decoder, const struct datum *datum,
		       struct callgate_explain_value *ret_value)
{
	*ret_value = value_of(datum, CALLGATE_EXPLAIN_NUMBER);
	value_printf(decoder, ret_value, datum->number ? "0x%llx" : "%llu",
		     (unsigned long long)datum->number);
}

static void render_decimal(struct decoder *decoder, const struct datum *datum,
			   struct callgate_explain_value *ret_value)
{
	*ret_value = value_of(datum, CALLGATE_EXPLAIN_NUMBER);
	value_printf(decoder, ret_value, "%llu", (unsigned long long)datum->number);
}

static void render_signed(struct decoder *decoder, const struct datum *datum,
			  struct callgate_explain_value *ret_value)
{
	*ret_value = value_of(datum, CALLGATE_EXPLAIN_NUMBER);
	value_printf(decoder, ret_value, "%lld",
		     (long long)sign_extend(datum->number, datum->bits));
}

/* Of a socket: whose numbers they are, the domain says. The same on all of Linux. */
static void render_protocol(struct decoder *decoder, const struct datum *datum,
			    struct callgate_explain_value *ret_value)
{
	enum {
		INET = 2,
		INET6 = 10,
		NETLINK = 16,
		PACKET = 17
	};
	const uint64_t domain = datum->scope->numbers[0];
	struct datum own = *datum;

	own.family = domain == INET || domain == INET6 ? "ipproto"
		     : domain == NETLINK	       ? "netlink"
						       : NULL;
	render_number(decoder, &own, ret_value);
	if (domain == PACKET && datum->number <= UINT16_MAX)
		value_printf(decoder, ret_value, "htons(%#x)",
			     (unsigned)(datum->number >> 8 | (datum->number & 0xff)
								     << 8));
}

static void render_limit(struct decoder *decoder, const struct datum *datum,
			 struct callgate_explain_value *ret_value)
{
	uint64_t none = datum->bits == 64 ? UINT64_MAX : UINT32_MAX;

	render_decimal(decoder, datum, ret_value);
	if (datum->number == none)
		ret_value->text =
			none == UINT32_MAX ? "RLIM_INFINITY" : "RLIM64_INFINITY";
	else if (datum->number > 1024 && datum->number % 1024 == 0)
		value_printf(decoder, ret_value, "%llu*1024",
			     (unsigned long long)datum->number / 1024);
}

static void render_device(struct decoder *decoder, const struct datum *datum,
			  struct callgate_explain_value *ret_value)
{
	*ret_value = value_of(datum, CALLGATE_EXPLAIN_NUMBER);
	value_printf(decoder, ret_value, "makedev(0x%x, 0x%x)", major(datum->number),
		     minor(datum->number));
}

static void render_fd(struct decoder *decoder, const struct datum *datum,
		      struct callgate_explain_value *ret_value)
{
	const struct callgate_explain_memory *memory = decoder->memory;
	int fd = (int)(uint32_t)datum->number;
	char path[256];
	struct callgate_explain_value quoted;

	*ret_value = value_of(datum, CALLGATE_EXPLAIN_DESCRIPTOR);
	if (fd == -100) {
		ret_value->text = "AT_FDCWD";
		return;
	}
	value_printf(decoder, ret_value, "%d", fd);
	if (fd < 0 || !memory || !memory->describe)
		return;
	quoted = *ret_value;
	quoted.bytes = path;
	quoted.length = memory->describe(memory->context, fd, path, sizeof(path));
	if (quoted.length == 0 || quoted.length > sizeof(path))
		return;
	value_quote(decoder, &quoted, "");
	value_printf(decoder, ret_value, "%d<%.*s>", fd, (int)strlen(quoted.text) - 2,
		     quoted.text + (quoted.text[0] == '"'));
}

/* --- which way -------------------------------------------------------------------- */

static render_function *const renderers[HOW_COUNT] = {
	[HOW_DEFAULT] = render_number,	[HOW_PATH] = render_path,
	[HOW_STRING] = render_path,	[HOW_STRINGS] = render_strings,
	[HOW_VARS] = render_vars,	[HOW_INT] = render_int,
	[HOW_ULONG] = render_ulong,	[HOW_OCTAL] = render_octal,
	[HOW_HEX] = render_hex,		[HOW_DECIMAL] = render_decimal,
	[HOW_SIGNED] = render_signed,	[HOW_FD] = render_fd,
	[HOW_ADDRESS] = render_address, [HOW_DEVICE] = render_device,
	[HOW_LIMIT] = render_limit,	[HOW_MODE] = render_mode,
	[HOW_FCNTL] = render_fcntl,	[HOW_PRCTL] = render_prctl,
	[HOW_IOCTL] = render_ioctl,	[HOW_PROTOCOL] = render_protocol,
	[HOW_BYTES] = render_bytes,	[HOW_SOCKADDR] = render_sockaddr,
	[HOW_SIGSET] = render_sigset,	[HOW_STRUCTURE] = render_structure,
	[HOW_ARRAY] = render_array,
};

void render(struct decoder *decoder, const struct datum *datum,
	    struct callgate_explain_value *ret_value)
{
	bool is_known_pointer = datum->how.kind >= HOW_BYTES ||
				datum->how.kind == HOW_PATH ||
				datum->how.kind == HOW_STRING;

	if (is_known_pointer && datum->number == 0)
		render_address(decoder, datum, ret_value);
	else
		renderers[datum->how.kind](decoder, datum, ret_value);
}
