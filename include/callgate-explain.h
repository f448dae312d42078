/* SPDX-License-Identifier: MIT */
/*
 * callgate-explain: which call was denied, with what arguments, from where, and by what.
 *
 * A library of its own (libcallgate-explain), because reading stacks needs libdw where
 * libcallgate needs libc alone. The conventions are those of callgate.h.
 *
 * What is read from a process is hostile: every read is bounded, nothing is read twice,
 * and texts have only printable ASCII.
 */
#ifndef CALLGATE_EXPLAIN_H
#define CALLGATE_EXPLAIN_H

#include <callgate.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- the memory of a process -------------------------------------------------------- */

/* How a process is looked into. Zero is the default of every member. */
struct callgate_explain_memory {
	/*
	 * Reads up to `size` bytes at `address`; returns how many there were, less than
	 * `size` where something is not mapped. It is asked for no more than one page
	 * at a time, and never across a boundary of 4096 bytes. NULL: nothing is read.
	 */
	size_t (*read)(void *context, uint64_t address, void *buffer, size_t size);
	/*
	 * What a descriptor is open on: writes at most `size` bytes, returns how many.
	 * NULL: descriptors are numbers.
	 */
	size_t (*describe)(void *context, int descriptor, char *buffer, size_t size);
	void *context;
};

/*
 * Looks into a process or thread, by /proc or else process_vm_readv(2). What was opened
 * stays that process's, whatever becomes of its id: check after opening that it is the
 * one that is meant. Returns 0; -ESRCH, -EACCES, -EPERM: see ptrace(2), "access mode".
 */
CALLGATE_API int
callgate_explain_memory_open(int pid, struct callgate_explain_memory *ret_memory);
CALLGATE_API void callgate_explain_memory_close(struct callgate_explain_memory *memory);

/* --- a call, decoded ---------------------------------------------------------------- */

enum callgate_explain_kind {
	CALLGATE_EXPLAIN_NUMBER,  /* `number`; `text` may name it: "AF_UNIX" */
	CALLGATE_EXPLAIN_FLAGS,	  /* `number`; "O_RDONLY|O_CLOEXEC" */
	CALLGATE_EXPLAIN_ADDRESS, /* a pointer that was not followed, or to nowhere */
	CALLGATE_EXPLAIN_DESCRIPTOR, /* "3</etc/passwd>", "AT_FDCWD" */
	CALLGATE_EXPLAIN_STRING,     /* `bytes` and `length`, NUL left out */
	CALLGATE_EXPLAIN_BYTES,	     /* likewise, any bytes */
	CALLGATE_EXPLAIN_STRUCTURE,  /* `members`, each with a name */
	CALLGATE_EXPLAIN_ARRAY,	     /* `members` without names */
};

struct callgate_explain_value {
	enum callgate_explain_kind kind;
	const char *name; /* of the argument or member; NULL: none is known */
	const char *text; /* as strace(1) prints it: printable ASCII */
	uint64_t number;  /* as the call has it; of what is pointed to, the address */
	const char *bytes;
	size_t length;
	bool from_memory; /* a user's memory: it may have changed since the call read it */
	bool cut;	  /* there is more than is here */
	size_t count;
	const struct callgate_explain_value *members;
};

struct callgate_explain_call {
	size_t abi;	  /* or CALLGATE_NONE */
	const char *name; /* "mkdir"; "syscall 999" where the number is none */
	const char *text; /* "mkdir(\"/tmp/x\", 0777)" */
	size_t count;
	const struct callgate_explain_value *arguments;
};

/*
 * Decodes a call's arguments by its ABI: names of flags and constants, strings,
 * socket addresses, structures. `memory` NULL: from the registers alone. A multiplexed
 * call (i386 socketcall) is decoded as the one that it carries.
 * Returns 0. Never fails for what the process says: what cannot be read is an address.
 */
CALLGATE_API int callgate_explain_decode(const struct seccomp_data *call,
					 const struct callgate_explain_memory *memory,
					 struct callgate_explain_call **ret_call);
CALLGATE_API void callgate_explain_call_free(struct callgate_explain_call *call);

#ifdef __cplusplus
}
#endif

#endif
