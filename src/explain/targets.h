/* SPDX-License-Identifier: MIT */
/*
 * The generated tables of what pointers lead to, as tools/targets.py writes them out of
 * data/targets.tsv and data/structures.tsv.
 */
#ifndef CALLGATE_EXPLAIN_TARGETS_H
#define CALLGATE_EXPLAIN_TARGETS_H

#include <stddef.h>
#include <stdint.h>

/* How a number prints and whether it is followed; targets.tsv says what each means. */
enum how_kind {
	HOW_DEFAULT, /* by the argument's type and family */
	HOW_PATH,
	HOW_STRING,
	HOW_STRINGS,
	HOW_VARS,
	HOW_INT,
	HOW_ULONG,
	HOW_OCTAL,
	HOW_HEX,
	HOW_DECIMAL,
	HOW_SIGNED,
	HOW_FD,
	HOW_ADDRESS,
	HOW_DEVICE,
	HOW_LIMIT,
	HOW_MODE,
	HOW_FCNTL,
	HOW_PRCTL,
	HOW_IOCTL,
	HOW_PROTOCOL,
	HOW_BYTES,
	HOW_SOCKADDR,
	HOW_SIGSET,
	HOW_STRUCTURE,
	HOW_ARRAY,
	HOW_COUNT,
};

struct how {
	uint8_t kind;	     /* enum how_kind */
	uint16_t structure;  /* into targets_structures */
	uint16_t fixed;	     /* the length or count; 0: that of … */
	const char *measure; /* … the argument or member of this name; NULL: none */
};

/* NULL is any; a '*' at the beginning or end of `call` is any text. */
struct target {
	const char *call, *type, *name;
	struct how how;
};

enum member_type {
	MEMBER_U8,
	MEMBER_U16,
	MEMBER_U32,
	MEMBER_U64,
	MEMBER_S8,
	MEMBER_S16,
	MEMBER_S32,
	MEMBER_S64,
	MEMBER_LONG,
	MEMBER_ULONG,
	MEMBER_SIZE,
	MEMBER_PTR,
	MEMBER_STRUCTURE,
};

struct member {
	const char *name;
	const char *family; /* or NULL */
	uint8_t type;	    /* enum member_type */
	uint16_t structure; /* into targets_structures */
	struct how how;
};

struct structure {
	const char *name;
	uint16_t first; /* into targets_members */
	uint16_t count;
};

extern const struct target targets_table[];
extern const size_t targets_count;
extern const struct structure targets_structures[];
extern const struct member targets_members[];

#endif
