/* SPDX-License-Identifier: MIT */
/*
 * What the files that decode a call share.
 *
 *     register ──decode.c──► datum ──render.c──► value          a number, a name, flags
 *                              │ pointer.c, structure.c, sockaddr.c ▲   … and what it
 *                              └────────── memory.c ────────────────┘   points to
 */
#ifndef CALLGATE_EXPLAIN_DECODER_H
#define CALLGATE_EXPLAIN_DECODER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "callgate-explain.h"
#include "data/data.h"
#include "explain/targets.h"

#define MEMBERS_MAX 12

/* Numbers that lengths and counts may be found among: arguments, or members. */
struct scope {
	size_t count;
	const char *names[MEMBERS_MAX];
	uint64_t numbers[MEMBERS_MAX];
};

struct decoder {
	struct arena *arena;
	const struct abi *abi;
	const char *call; /* its name */
	const struct callgate_explain_memory *memory;
	size_t budget; /* bytes that may still be read */
	bool quiet;    /* set by an argument: it and those behind it mean nothing */
	bool last;     /* … those behind it */
	struct scope arguments;
};

/* A number on its way to a value; cut to its bits. */
struct datum {
	const char *name;
	const char *family; /* or NULL */
	uint64_t number;
	uint8_t bits;
	bool is_signed;
	bool is_pointer;
	bool from_memory;
	struct how how;
	const struct scope *scope;
};

/* Fills everything but the text: kind, name, number, from_memory. */
struct callgate_explain_value value_of(const struct datum *datum,
				       enum callgate_explain_kind kind);
/* Moves a text into the arena and releases the buffer. */
const char *decoder_text(struct decoder *decoder, struct buffer *text);
/* The value's text by a format. */
void value_printf(struct decoder *decoder, struct callgate_explain_value *value,
		  const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "{a=1, b=2}", or "[1, 2]" where members have no names. */
void value_join(struct decoder *decoder, struct callgate_explain_value *value);
/* The text of bytes in quotes, as in C. */
void value_quote(struct decoder *decoder, struct callgate_explain_value *value,
		 const char *prefix);

/* Whatever the datum is. */
void render(struct decoder *decoder, const struct datum *datum,
	    struct callgate_explain_value *ret_value);
/* The same for a number that is not followed. */
void render_number(struct decoder *decoder, const struct datum *datum,
		   struct callgate_explain_value *ret_value);
void render_address(struct decoder *decoder, const struct datum *datum,
		    struct callgate_explain_value *ret_value);
uint64_t sign_extend(uint64_t number, unsigned bits);

/* Names of a family's flags, "0" without any, as the decoder's call has them. */
void print_flags(const struct decoder *decoder, const char *family, uint64_t flags,
		 struct buffer *ret_text);

/*
 * Pointers. Each reads what it needs at most once, and falls back to the address when
 * it cannot.
 */
typedef void render_function(struct decoder *decoder, const struct datum *datum,
			     struct callgate_explain_value *ret_value);
render_function render_path, render_string, render_strings, render_vars, render_int,
	render_ulong, render_bytes, render_sockaddr, render_sigset, render_structure,
	render_array, render_fcntl, render_prctl, render_ioctl;

/* Bytes read from there on, less than `size` where memory ends. */
size_t decoder_read(struct decoder *decoder, uint64_t address, void *buffer,
		    size_t size);
/* Up to a NUL, which is left out; *ret_whole: there was one within `size`. */
size_t decoder_read_string(struct decoder *decoder, uint64_t address, char *buffer,
			   size_t size, bool *ret_whole);
/* An integer of `size` bytes in the ABI's byte order. */
uint64_t decoder_integer(const struct decoder *decoder, const uint8_t *bytes,
			 size_t size);
size_t abi_pointer_size(const struct abi *abi);
/* The length or count that `how` speaks of, at most `most`; *ret_cut: it is more. */
size_t decoder_measure(const struct datum *datum, size_t most, bool *ret_cut);

#endif
