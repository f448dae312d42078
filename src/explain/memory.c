// SPDX-License-Identifier: MIT
/*
 * Reading from a process through the caller's callback.
 *
 * Invariant: no byte is read twice, no read crosses a boundary of PAGE bytes or wraps
 * around the address space, and all reads together stay within the decoder's budget.
 */
#include "explain/decoder.h"

#define PAGE ((size_t)4096)

/* How much of `size` may be asked for at once. */
static size_t piece_of(const struct decoder *decoder, uint64_t address, size_t size)
{
	size_t most = PAGE - (size_t)(address % PAGE);

	if (most > size)
		most = size;
	return most < decoder->budget ? most : decoder->budget;
}

static size_t read_piece(struct decoder *decoder, uint64_t address, void *buffer,
			 size_t size)
{
	const struct callgate_explain_memory *memory = decoder->memory;
	size_t done;

	if (!memory || !memory->read || size == 0)
		return 0;
	done = memory->read(memory->context, address, buffer, size);
	if (done > size)
		done = 0;
	decoder->budget -= done;
	return done;
}

size_t decoder_read(struct decoder *decoder, uint64_t address, void *buffer,
		    size_t size)
{
	size_t done = 0;

	if (size > UINT64_MAX - address)
		return 0;
	while (done < size) {
		size_t piece = piece_of(decoder, address + done, size - done);
		size_t got = read_piece(decoder, address + done, (char *)buffer + done,
					piece);

		done += got;
		if (got < piece || piece == 0)
			break;
	}
	return done;
}

/* Page by page, since what follows the text may not be mapped, or be long. */
size_t decoder_read_string(struct decoder *decoder, uint64_t address, char *buffer,
			   size_t size, bool *ret_whole)
{
	size_t done = 0;

	*ret_whole = false;
	if (size > UINT64_MAX - address)
		return 0;
	while (done < size) {
		size_t piece = piece_of(decoder, address + done, size - done);
		size_t got = read_piece(decoder, address + done, buffer + done, piece);
		const char *nul = got ? memchr(buffer + done, 0, got) : NULL;

		if (nul) {
			*ret_whole = true;
			return (size_t)(nul - buffer);
		}
		done += got;
		if (got < piece || piece == 0)
			break;
	}
	return done;
}

uint64_t decoder_integer(const struct decoder *decoder, const uint8_t *bytes,
			 size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 |
			 bytes[decoder->abi->big_endian ? i : size - 1 - i];
	return number;
}

/* x32 has registers of 64 bits and pointers in memory of 32. */
size_t abi_pointer_size(const struct abi *abi)
{
	return abi->bits == 32 || abi->number_base == 0x40000000 ? 4 : 8;
}

size_t decoder_measure(const struct datum *datum, size_t most, bool *ret_cut)
{
	uint64_t measure = datum->how.fixed;

	for (size_t i = 0; datum->how.measure && i < datum->scope->count; i++)
		if (strcmp(datum->scope->names[i], datum->how.measure) == 0)
			measure = datum->scope->numbers[i];
	*ret_cut = measure > most;
	return *ret_cut ? most : (size_t)measure;
}
