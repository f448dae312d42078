/* SPDX-License-Identifier: MIT */
/*
 * Facts about Linux, looked up: ABIs, syscalls, prototypes, constants, groups.
 *
 * The tables are generated from the .tsv files of data/ by tools/tables.py while
 * building; every pointer returned lives for ever and is read-only. Nothing here
 * allocates.
 */
#ifndef CALLGATE_DATA_DATA_H
#define CALLGATE_DATA_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* --- ABIs ------------------------------------------------------------------------- */

/*
 * An ABI is a numbering of system calls. Two may share an audit architecture: x32
 * shares x86_64's and is told from it by bit 30 of the number.
 */
struct abi {
	const char *name; /* "x86_64" */
	uint8_t index;	  /* its place in abi_at(), also its column in the tables */
	uint8_t bits;	  /* width of `long` as its system calls take it: 32 or 64 */
	bool big_endian;
	uint32_t audit_arch;  /* AUDIT_ARCH_…, seccomp_data.arch */
	uint32_t number_base; /* added to a table number: 0x40000000 for x32, else 0 */
};

#define ABI_MAX 24

size_t abi_count(void);
const struct abi *abi_at(size_t index);
/* By our name or a common other one (amd64, x86, arm64); NULL if there is none. */
const struct abi *abi_by_name(struct str name);
/* The ABI this library was built for. */
const struct abi *abi_native(void);
/*
 * The ABI of a call as a filter sees it: x32 is AUDIT_ARCH_X86_64 with
 * number >= 0x40000000 other than 0xffffffff (the number -1, "no call", stays
 * x86_64's). NULL for an unknown audit architecture.
 */
const struct abi *abi_of(uint32_t audit_arch, uint32_t number);

/* --- kernel versions -------------------------------------------------------------- */

/* Linux M.N is M * 256 + N; VERSION_NONE is older than any. 2.6.x counts as 2.6. */
typedef uint16_t kernel_version;

#define VERSION(major, minor) ((kernel_version)((major)*256 + (minor)))
#define VERSION_LATEST	      ((kernel_version)0xffff)

/* The newest version whose calls the tables know. */
kernel_version version_newest(void);

/* --- syscalls --------------------------------------------------------------------- */

/* How the kernel's prototype reads an argument. */
struct argument {
	const char *name;   /* "domain"; NULL past the last one and where unknown */
	const char *alias;  /* another name that policies may use ("family"), or NULL */
	const char *type;   /* as C: "unsigned long" */
	const char *family; /* family of constants it draws from, or NULL */
	uint8_t bits;	    /* what the kernel uses: 16, 32 or 64, for the ABI */
	bool is_signed;
	bool is_pointer;
};

#define ARGUMENTS_MAX 6

struct prototype {
	bool known;    /* false: ARGUMENTS_MAX unnamed 64-bit arguments */
	uint8_t count; /* how many arguments */
	struct argument arguments[ARGUMENTS_MAX];
};

struct syscall; /* one name, whatever its number */

size_t syscall_count(void);
const struct syscall *syscall_at(size_t index); /* in order of name */
const struct syscall *syscall_by_name(struct str name);
const char *syscall_name(const struct syscall *call);
size_t syscall_index(const struct syscall *call);
/* One line of at most 60 characters that says what it does. */
const char *syscall_help(const struct syscall *call);
/* The number as a filter sees it, number_base added. False: the ABI has no such call. */
bool syscall_number(const struct syscall *call, const struct abi *abi,
		    uint32_t *ret_number);
/* The version that brought the call to an ABI; 0 where it is as old as the ABI. */
kernel_version syscall_since(const struct syscall *call, const struct abi *abi);
/* The call of a number as a filter sees it, or NULL. */
const struct syscall *syscall_by_number(const struct abi *abi, uint32_t number);
/*
 * The least number from `from` on that is a call of the ABI, as a filter sees it. False:
 * there is none.
 */
bool syscall_number_from(const struct abi *abi, uint32_t from, uint32_t *ret_number);
/*
 * The kernel's own table of the ABI covers [number_base, number_base + this). Few calls
 * lie outside: ARM keeps its private ones above 0xf0000.
 */
uint32_t syscall_number_end(const struct abi *abi);
/* Resolves widths for the ABI: `long`, pointers and size_t are abi->bits wide. */
void syscall_prototype(const struct syscall *call, const struct abi *abi,
		       struct prototype *ret_prototype);

enum kept_how {
	KEPT_NOT,
	KEPT_SET,  /* the values, while they are few; else the bits */
	KEPT_BITS, /* those that were ever set */
};

/* Whether it decides what a program may do, and differs little from run to run. */
enum kept_safe {
	SAFE_NOT,
	SAFE_YES,    /* of an enumeration the values, of flags the bits */
	SAFE_VALUES, /* the values of flags, too: together they are something else */
};

/* What recordings keep of an argument, and what is made of it. */
struct kept {
	enum kept_how how;
	enum kept_safe safe;
	/* "S_ISUID|S_ISGID": a safe condition looks at these bits alone; or NULL. */
	const char *field;
	/*
	 * "domain AF_INET AF_INET6": the values have their family's names where that
	 * argument has one of these values. NULL: always.
	 */
	const char *named;
};

/* Returns KEPT_NOT also where there is no such argument. */
struct kept syscall_kept(const struct syscall *call, const struct abi *abi,
			 size_t argument);
/*
 * An older ABI's call that carries this one: i386 `socket` is also
 * `socketcall(call == 1)`. Returns NULL when there is none, else the multiplexer and
 * in *ret_selector the value of its first argument (of `ipc` the lower 16 bits, whose
 * upper half is a version).
 */
const struct syscall *syscall_multiplexer(const struct syscall *call,
					  const struct abi *abi,
					  uint32_t *ret_selector);

/* --- constants -------------------------------------------------------------------- */

struct constant; /* one name in one family */

size_t constant_count(void);
const struct constant *constant_at(size_t index); /* in order of name */
const char *constant_name(const struct constant *constant);
const char *constant_family(const struct constant *constant);
/* False: the ABI has no such constant. */
bool constant_value(const struct constant *constant, const struct abi *abi,
		    uint64_t *ret_value);
/* A name has one value whatever the family (the generator refuses two). */
const struct constant *constant_by_name(struct str name);
/* The first name of a value in a family: "AF_UNIX" rather than "AF_LOCAL"; or NULL. */
const struct constant *constant_of_value(const char *family, const struct abi *abi,
					 uint64_t value);

/* One constant of a family after the other, preferred names first; NULL past the last. */
const struct constant *family_member(const char *family, size_t index);

size_t family_count(void);
const char *family_name_at(size_t index);
/* Values of the family are or-ed together rather than chosen from. */
bool family_is_flags(const char *family);
/* errno numbers by name on the ABI (EPERM, also EWOULDBLOCK); false if unknown. */
bool errno_by_name(struct str name, const struct abi *abi, uint16_t *ret_errno);
/* The name of an errno on the ABI, or NULL. */
const char *errno_name(uint16_t number, const struct abi *abi);

/* --- groups ----------------------------------------------------------------------- */

struct group; /* "@basic-io" */

size_t group_count(void);
const struct group *group_at(size_t index);	    /* in order of name */
const struct group *group_by_name(struct str name); /* with or without the @ */
const char *group_name(const struct group *group);  /* with the @ */
const char *group_help(const struct group *group);  /* one line */
/* Members, nested groups expanded, in order of name, no duplicates. */
size_t group_size(const struct group *group);
const struct syscall *group_syscall(const struct group *group, size_t index);

/* --- promises --------------------------------------------------------------------- */

/*
 * "@rpath": calls like those of a group, but under conditions. Its text is a policy of
 * allow rules, some in blocks for an ABI.
 */
struct promise;

size_t promise_count(void);
const struct promise *promise_at(size_t index);		/* in order of name */
const struct promise *promise_by_name(struct str name); /* with the @ */
const char *promise_name(const struct promise *promise);
const char *promise_help(const struct promise *promise); /* one line */
const char *promise_text(const struct promise *promise);

#endif
