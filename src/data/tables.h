/* SPDX-License-Identifier: MIT */
/*
 * The generated tables, as tools/tables.py writes them out of data/.
 *
 * Texts are offsets into one pool, 0 being the empty text that stands for none: the
 * tables need no relocation. Sets of ABIs are masks by abi.index.
 */
#ifndef CALLGATE_DATA_TABLES_H
#define CALLGATE_DATA_TABLES_H

#include "data/data.h"

#define NONE8  ((uint8_t)0xff)
#define NONE16 ((uint16_t)0xffff)
#define NONE32 ((uint32_t)0xffffffff)

/* What an ABI has beyond `struct abi`. */
struct abi_row {
	uint32_t aliases;     /* "amd64,x86-64" */
	kernel_version since; /* of the port */
	uint16_t first_range; /* into tables_ranges */
	uint16_t range_count;
	uint32_t compat_from; /* table numbers from here on take a 32-bit long */
};

/* Numbers [first, first + count) of an ABI: calls by number from `calls` on. */
struct number_range {
	uint32_t first;
	uint32_t count;
	uint32_t calls; /* into tables_calls_by_number */
};

struct syscall {
	uint32_t name;
	uint32_t help;
	kernel_version since;
	uint16_t prototype; /* into tables_prototypes, or NONE16 */
};

/* A call that came to some ABIs at another version than `since`. */
struct since_row {
	uint16_t call;
	kernel_version since;
	uint32_t abis;
};

/* A call whose arguments are different on some ABIs. */
struct prototype_override {
	uint16_t call;
	uint16_t prototype;
	uint32_t abis;
};

struct prototype_row {
	uint16_t first; /* into tables_arguments */
	uint16_t count;
};

struct argument_row {
	uint32_t name;
	uint32_t alias;
	uint32_t family;
	uint8_t type; /* into tables_types */
	uint8_t kept; /* into tables_kept, or NONE8 */
};

/* See struct kept. */
struct kept_row {
	uint32_t field;
	uint32_t named;
	uint8_t how;
	uint8_t safe;
};

struct type_row {
	uint32_t name;
	uint8_t bits; /* 0: as wide as the ABI's long */
	bool is_signed;
	bool is_pointer;
};

struct multiplexed_row {
	uint16_t call;
	uint16_t multiplexer;
	uint32_t selector;
};

struct constant {
	uint32_t name;
	uint16_t family;
	uint16_t first_exception; /* into tables_constant_exceptions */
	uint16_t exception_count;
	bool absent; /* on the ABIs that are not exceptions */
	uint64_t value;
};

struct constant_exception {
	uint32_t abis;
	bool absent;
	uint64_t value;
};

struct family_row {
	uint32_t name;
	bool is_flags;
	uint16_t first; /* into tables_family_members */
	uint16_t count;
};

struct group {
	uint32_t name;
	uint32_t help;
	uint16_t first; /* into tables_group_members */
	uint16_t count;
};

struct equivalence_row {
	uint32_t denied;
	uint32_t by;
	uint32_t reason;
	uint8_t risk;
};

struct danger_row {
	uint32_t calls;
	uint32_t reason;
	uint8_t risk;
};

struct fallback_row {
	uint32_t reason;
	uint16_t call;
	uint16_t fallback;
	bool wants_enosys;
};

struct substitute_row {
	uint32_t seen;
	uint32_t added;
	uint32_t reason;
};

struct promise {
	uint32_t name;
	uint32_t help;
	uint32_t text;
};

extern const char tables_text[];
extern const struct abi tables_abis[];
extern const struct abi_row tables_abi_rows[];
extern const uint16_t tables_abi_count;
extern const uint16_t tables_native_abi;
extern const kernel_version tables_newest;
extern const struct number_range tables_ranges[];
extern const uint16_t tables_calls_by_number[];
extern const struct syscall tables_syscalls[];
extern const uint16_t tables_syscall_count;
/* [abi][call]: number without number_base, or NONE32. */
extern const uint32_t tables_numbers[];
extern const struct since_row tables_since[];
extern const uint16_t tables_since_count;
extern const struct prototype_row tables_prototypes[];
extern const struct prototype_override tables_prototype_overrides[];
extern const uint16_t tables_prototype_override_count;
extern const struct argument_row tables_arguments[];
extern const struct type_row tables_types[];
extern const struct kept_row tables_kept[];
extern const struct multiplexed_row tables_multiplexed[];
extern const uint16_t tables_multiplexed_count;
extern const struct constant tables_constants[];
extern const uint16_t tables_constant_count;
extern const struct constant_exception tables_constant_exceptions[];
extern const struct family_row tables_families[];
extern const uint16_t tables_family_count;
/* Constants of a family, preferred names of a value first. */
extern const uint16_t tables_family_members[];
extern const struct group tables_groups[];
extern const uint16_t tables_group_count;
extern const uint16_t tables_group_members[];
extern const struct equivalence_row tables_equivalences[];
extern const uint16_t tables_equivalence_count;
extern const struct danger_row tables_dangers[];
extern const uint16_t tables_danger_count;
extern const struct fallback_row tables_fallbacks[];
extern const uint16_t tables_fallback_count;
extern const struct substitute_row tables_substitutes[];
extern const uint16_t tables_substitute_count;
extern const struct promise tables_promises[];
extern const uint16_t tables_promise_count;

/* A text of the pool; NULL for none. */
static inline const char *tables_text_at(uint32_t offset)
{
	return offset == 0 ? NULL : tables_text + offset;
}

/*
 * Binary search by name over rows of `size` bytes that begin with the offset of their
 * name and lie in order of it. Returns the row or NULL.
 */
const void *tables_find(const void *rows, size_t count, size_t size, struct str name);

#endif
