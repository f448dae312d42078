// SPDX-License-Identifier: MIT
/*
 * Structures by their tables: laid out as the ABI's C compiler does, read in one piece,
 * then rendered member by member. A member may be the length of another, before it or
 * behind, so all numbers are known before the first is rendered.
 */
#include "explain/decoder.h"

#define STRUCTURE_MAX 256 /* bytes */
#define ARRAY_MAX     16  /* elements */

struct layout {
	size_t size, alignment;
};

static size_t align(size_t offset, size_t alignment)
{
	return (offset + alignment - 1) / alignment * alignment;
}

/* i386 alone aligns 64-bit integers to 4; x32 has a long of 64 bits. */
static struct layout scalar_layout(const struct abi *abi, uint8_t type)
{
	static const uint8_t sizes[] = {
		[MEMBER_U8] = 1,  [MEMBER_S8] = 1,  [MEMBER_U16] = 2, [MEMBER_S16] = 2,
		[MEMBER_U32] = 4, [MEMBER_S32] = 4, [MEMBER_U64] = 8, [MEMBER_S64] = 8,
	};
	size_t size = type <= MEMBER_S64 ? sizes[type] : 0;

	if (type == MEMBER_LONG || type == MEMBER_ULONG)
		size = abi->bits / 8;
	else if (size == 0)
		size = abi_pointer_size(abi);
	return (struct layout){ size, size == 8 && strcmp(abi->name, "i386") == 0
					      ? 4
					      : size };
}

static struct layout structure_layout(const struct abi *abi,
				      const struct structure *structure);

static struct layout member_layout(const struct abi *abi, const struct member *member)
{
	if (member->type == MEMBER_STRUCTURE)
		return structure_layout(abi, &targets_structures[member->structure]);
	return scalar_layout(abi, member->type);
}

static struct layout structure_layout(const struct abi *abi,
				      const struct structure *structure)
{
	struct layout whole = { 0, 1 };

	for (size_t i = 0; i < structure->count; i++) {
		struct layout one =
			member_layout(abi, &targets_members[structure->first + i]);

		whole.size = align(whole.size, one.alignment) + one.size;
		if (one.alignment > whole.alignment)
			whole.alignment = one.alignment;
	}
	whole.size = align(whole.size, whole.alignment);
	return whole;
}

/* Bytes of a structure that were read. */
struct image {
	const uint8_t *bytes;
	size_t length;
};

static struct datum member_datum(const struct decoder *decoder,
				 const struct member *member, struct image image)
{
	size_t size = scalar_layout(decoder->abi, member->type).size;

	return (struct datum){
		.name = member->name,
		.family = member->family,
		.number = decoder_integer(decoder, image.bytes, size),
		.bits = (uint8_t)(size * 8),
		.is_signed = (member->type >= MEMBER_S8 && member->type <= MEMBER_LONG),
		.is_pointer = member->type == MEMBER_PTR,
		.from_memory = true,
		.how = member->how,
	};
}

/* Every number among the members that are whole. */
static void collect(const struct decoder *decoder, const struct structure *structure,
		    struct image image, struct scope *ret_scope)
{
	size_t offset = 0;

	ret_scope->count = 0;
	for (size_t i = 0; i < structure->count; i++) {
		const struct member *member = &targets_members[structure->first + i];
		struct layout layout = member_layout(decoder->abi, member);

		offset = align(offset, layout.alignment);
		if (offset + layout.size > image.length)
			return;
		ret_scope->names[i] = member->name;
		ret_scope->numbers[i] =
			member->type == MEMBER_STRUCTURE
				? 0
				: decoder_integer(decoder, image.bytes + offset,
						  layout.size);
		ret_scope->count++;
		offset += layout.size;
	}
}

static void render_image(struct decoder *decoder, const struct structure *structure,
			 struct image image, struct callgate_explain_value *ret_value)
{
	struct callgate_explain_value *members =
		ARENA_ARRAY(decoder->arena, struct callgate_explain_value,
			    structure->count);
	struct scope scope;
	size_t offset = 0;

	collect(decoder, structure, image, &scope);
	for (size_t i = 0; members && i < scope.count; i++) {
		const struct member *member = &targets_members[structure->first + i];
		struct layout layout = member_layout(decoder->abi, member);
		struct image part;
		struct datum datum;

		offset = align(offset, layout.alignment);
		part = (struct image){ image.bytes + offset, layout.size };
		offset += layout.size;
		if (member->type == MEMBER_STRUCTURE) {
			members[i] = (struct callgate_explain_value){
				.kind = CALLGATE_EXPLAIN_STRUCTURE,
				.name = member->name,
				.from_memory = true,
			};
			render_image(decoder, &targets_structures[member->structure],
				     part, &members[i]);
			continue;
		}
		datum = member_datum(decoder, member, part);
		datum.scope = &scope;
		render(decoder, &datum, &members[i]);
	}
	ret_value->members = members;
	ret_value->count = members ? scope.count : 0;
	ret_value->cut |= scope.count < structure->count;
	value_join(decoder, ret_value);
}

/* Reads one structure, at most `limit` bytes of it; false: nothing can be read. */
static bool render_at(struct decoder *decoder, const struct datum *datum,
		      uint64_t address, size_t limit,
		      struct callgate_explain_value *ret_value)
{
	const struct structure *structure = &targets_structures[datum->how.structure];
	size_t size = structure_layout(decoder->abi, structure).size;
	uint8_t bytes[STRUCTURE_MAX];
	struct image image = { bytes, 0 };

	if (size > limit)
		size = limit;
	image.length = decoder_read(decoder, address, bytes, size);
	if (image.length == 0)
		return false;
	*ret_value = value_of(datum, CALLGATE_EXPLAIN_STRUCTURE);
	ret_value->number = address;
	ret_value->from_memory = true;
	render_image(decoder, structure, image, ret_value);
	return true;
}

void render_structure(struct decoder *decoder, const struct datum *datum,
		      struct callgate_explain_value *ret_value)
{
	bool is_measured = datum->how.measure || datum->how.fixed, is_cut;
	size_t limit = STRUCTURE_MAX;

	if (is_measured)
		limit = decoder_measure(datum, STRUCTURE_MAX, &is_cut);
	if (!render_at(decoder, datum, datum->number, limit, ret_value))
		render_address(decoder, datum, ret_value);
}

void render_array(struct decoder *decoder, const struct datum *datum,
		  struct callgate_explain_value *ret_value)
{
	const struct structure *structure = &targets_structures[datum->how.structure];
	size_t size = structure_layout(decoder->abi, structure).size;
	struct callgate_explain_value *members;
	struct datum element = *datum;
	bool is_cut;
	size_t count = decoder_measure(datum, ARRAY_MAX, &is_cut), done = 0;

	*ret_value = value_of(datum, CALLGATE_EXPLAIN_ARRAY);
	members = ARENA_ARRAY(decoder->arena, struct callgate_explain_value,
			      count ? count : 1);
	element.name = NULL;
	while (members && done < count) {
		uint64_t address;

		if (__builtin_add_overflow(datum->number, (uint64_t)(done * size),
					   &address) ||
		    !render_at(decoder, &element, address, size, &members[done]))
			break;
		done++;
	}
	if (count && done == 0) {
		render_address(decoder, datum, ret_value);
		return;
	}
	ret_value->from_memory = count != 0;
	ret_value->members = members;
	ret_value->count = done;
	ret_value->cut = is_cut || done < count;
	value_join(decoder, ret_value);
}
