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

/* --- the stack ----------------------------------------------------------------------- */

#define CALLGATE_EXPLAIN_REGISTERS_MAX 40

/* A thread's registers. */
struct callgate_explain_registers {
	uint64_t pc, sp;
	size_t count; /* of `values`; 0: more than the two above is not known */
	uint64_t values[CALLGATE_EXPLAIN_REGISTERS_MAX]; /* in DWARF's order */
};

/*
 * Takes the registers that PTRACE_GETREGSET with NT_PRSTATUS gives, `size` bytes of them,
 * of this machine or its 32-bit kind. -EINVAL: they are of neither.
 */
CALLGATE_API int
callgate_explain_registers_of(const void *prstatus, size_t size,
			      struct callgate_explain_registers *ret_registers);
/*
 * Those that can be had of a thread that is in a system call without stopping it, `pc` and
 * `sp`. -ESRCH, -EPERM; -EAGAIN: it is running.
 */
CALLGATE_API int
callgate_explain_registers_peek(int tid,
				struct callgate_explain_registers *ret_registers);

/* A thread to be unwound. It is in a system call, stopped, or waits for an answer. */
struct callgate_explain_thread {
	int pid; /* of its process, whose files are looked at as it sees them */
	int tid;
	const struct callgate_explain_memory *memory;
	const struct callgate_explain_registers *registers;
};

struct callgate_explain_frame {
	uint64_t pc;
	const char *function;	/* demangled; NULL: no symbol is known */
	uint64_t offset;	/* from its first instruction */
	const char *module;	/* a path as the process sees it; NULL: in no file */
	uint64_t module_offset; /* from where the module begins in memory */
	const char *file;	/* of the source; NULL: no debug information */
	unsigned line;
	bool is_system; /* libc, the dynamic linker, what the kernel maps */
};

struct callgate_explain_stack {
	size_t count;
	const struct callgate_explain_frame *frames; /* the innermost first */
	/* The first that is not is_system, else the first one; CALLGATE_NONE: no frame. */
	size_t place;
	const char *note; /* why there are not more, for people; NULL: it is whole */
};

struct callgate_explain_unwinder;

/*
 * Keeps what it learned of processes and their files, for the next stack. It never asks
 * the network. Unwinding takes libdw; without it (see
 * callgate_explain_can_unwind()) a stack is the one frame of `pc`, and a note.
 */
CALLGATE_API int
callgate_explain_unwinder_new(struct callgate_explain_unwinder **ret_unwinder);
CALLGATE_API void
callgate_explain_unwinder_free(struct callgate_explain_unwinder *unwinder);
CALLGATE_API bool callgate_explain_can_unwind(void);

/* At most CALLGATE_EXPLAIN_FRAMES_MAX frames. What cannot be found out is a note. */
#define CALLGATE_EXPLAIN_FRAMES_MAX 64
CALLGATE_API int callgate_explain_unwind(struct callgate_explain_unwinder *unwinder,
					 const struct callgate_explain_thread *thread,
					 struct callgate_explain_stack **ret_stack);
/*
 * The frames of addresses that were taken down when the call was made: the first is
 * where it returns to. They may have been found by frame pointers, which programs without
 * such make up: with `memory`, the first one that cannot be returned to ends the stack.
 */
CALLGATE_API int
callgate_explain_symbolize(struct callgate_explain_unwinder *unwinder, int pid,
			   const uint64_t *addresses, size_t count,
			   const struct callgate_explain_memory *memory,
			   struct callgate_explain_stack **ret_stack);
CALLGATE_API void callgate_explain_stack_free(struct callgate_explain_stack *stack);

/*
 * A number for the place that a call came from: the same for the same call out of the same
 * line of the program, wherever its modules lie. `stack` may be NULL.
 */
CALLGATE_API uint64_t callgate_explain_place(
	const struct seccomp_data *call, const struct callgate_explain_stack *stack);

/* --- the rule ------------------------------------------------------------------------ */

/* What of a policy decided about a call. */
struct callgate_explain_rule {
	uint32_t verdict;
	size_t rule; /* callgate_policy_count().rules has how many; CALLGATE_NONE: none */
	const char *kind; /* "rule", "default", "unknown", "badarch"; static */
	struct callgate_span
		span; /* of the statement; no place: the language's default */
};

/* By the rules, one by one, as written. */
CALLGATE_API struct callgate_explain_rule
callgate_explain_rule(const struct callgate_policy *policy,
		      const struct seccomp_data *call);

/* Of a rule by its number, below callgate_policy_count().rules. */
CALLGATE_API struct callgate_explain_rule
callgate_explain_rule_at(const struct callgate_policy *policy, size_t rule);

/*
 * What the rules look at, of a call of this `arch` and `nr`: the bits of its six arguments
 * and, as the seventh, of its instruction pointer. Calls that agree in these are decided
 * by the same rule.
 */
#define CALLGATE_EXPLAIN_FIELDS 7
CALLGATE_API void callgate_explain_fields(const struct callgate_policy *policy,
					  const struct seccomp_data *call,
					  uint64_t ret_bits[CALLGATE_EXPLAIN_FIELDS]);

/* A statement that speaks of a call, and whether it decides about it. */
struct callgate_explain_step {
	size_t rule;
	uint32_t verdict;	   /* … that it gives */
	struct callgate_span span; /* of the statement */
	bool holds; /* its condition does: the first that holds decides */
};

/*
 * The statements that a call passes, in order, up to the one that decides. At most `room`
 * of them are written; returns how many there are.
 */
CALLGATE_API size_t callgate_explain_steps(const struct callgate_policy *policy,
					   const struct seccomp_data *call,
					   struct callgate_explain_step *ret_steps,
					   size_t room);

/* --- a denial as text ---------------------------------------------------------------- */

/* What a denial's text is made of. Zero is the default of every member. */
struct callgate_explain_denial {
	const char *program; /* "python3" */
	int thread;
	const char *call; /* callgate_explain_call's text */
	uint32_t verdict;
	bool permissive; /* the call was let through all the same */
	/* A rule, as a place and what stands there; or what else is known to have decided. */
	const char *place; /* "app.gate:14", or NULL */
	const char *rule;  /* "deny @file-system-write" */
	const struct callgate_explain_stack *stack;
	/* The edit that would allow it, with its place: "app.gate:14, insert before". */
	const char *fix_place;
	const char *fix;
	const char *note; /* what is to be known of all this */
};

/* What a piece of the text is, for colours. */
enum callgate_explain_role {
	CALLGATE_EXPLAIN_PLAIN,
	CALLGATE_EXPLAIN_PROGRAM,
	CALLGATE_EXPLAIN_CALL,
	CALLGATE_EXPLAIN_VERDICT,
	CALLGATE_EXPLAIN_LABEL, /* by, at, fix */
	CALLGATE_EXPLAIN_RULE,
	CALLGATE_EXPLAIN_PLACE, /* the first frame that is the program's */
	CALLGATE_EXPLAIN_MUTED, /* the other frames, notes */
	CALLGATE_EXPLAIN_FIX,
};

/* Zero is the default of every member. */
struct callgate_explain_layout {
	size_t width; /* columns that lines keep to; 0: lines are as long as they are */
	size_t frames; /* at most; 0: all */
};

struct callgate_explain_piece {
	enum callgate_explain_role role;
	const char *text;
};

/* Lines of printable text; each ends with a line feed. */
struct callgate_explain_text {
	size_t count;
	const struct callgate_explain_piece *pieces;
};

/*
 * Tells of a denial:
 *
 *	python3[20820] mkdir("/tmp/x", 0777) denied (EPERM)
 *	  by   app.gate:14  deny @file-system-write
 *	  at   os_mkdir+0x10d (python3.11)  posixmodule.c:4613
 *	  fix  app.gate:14, insert before:  allow mkdir
 */
CALLGATE_API int
callgate_explain_denial_print(const struct callgate_explain_denial *denial,
			      const struct callgate_explain_layout *layout,
			      struct callgate_explain_text **ret_text);
CALLGATE_API void callgate_explain_text_free(struct callgate_explain_text *text);

/* --- the edit ------------------------------------------------------------------------ */

/* A policy with what is needed to change its text. */
struct callgate_explain_policy {
	const struct callgate_policy *policy;
	/* As it was parsed with: they have the sources. */
	const struct callgate_diagnostics *diagnostics;
	const struct callgate_parse_options *options; /* or NULL */
};

/* A call that was denied and is to be allowed. */
struct callgate_explain_seen {
	struct seccomp_data call;
	unsigned unsaid;  /* 1 << N: argument N is not known, and gets no condition */
	uint64_t count;	  /* how often; 0: not known */
	const char *note; /* who made it, for a comment: "python3, os_mkdir"; or NULL */
};

/* One line to be inserted. Several calls may share it. */
struct callgate_explain_edit {
	const char *file; /* NULL: there is no such edit, see `reason` */
	uint32_t line; /* in front of this one, as the file is now; of what decided */
	bool at_end;   /* nothing said what decided: behind the last line */
	const char *rule; /* "allow socket(domain == AF_UNIX)"; without the comment */
	const char *reason;
};

/* A file of the policy, as it is to be. */
struct callgate_explain_file {
	const char *name;
	const char *text; /* NUL-terminated */
	size_t length;
};

struct callgate_explain_advice {
	size_t count;
	const struct callgate_explain_edit *edits;
	const size_t *edit_of; /* for each call that was given, its place in `edits` */
	size_t file_count;     /* those that change */
	const struct callgate_explain_file *files;
	const char *patch; /* the same as a unified diff; "" when nothing changes */
};

/*
 * The smallest edits of a policy that allow calls: a rule in front of the one that decided,
 * under the tightest conditions that hold of what was seen. Checked: the amended text was
 * parsed, and allows every call that has an edit. Calls that are allowed already get none.
 * Returns 0; -EINVAL: the diagnostics have no such source, or the amended text has errors
 * (a defect of callgate).
 */
CALLGATE_API int callgate_explain_advise(const struct callgate_explain_policy *policy,
					 const struct callgate_explain_seen *seen,
					 size_t count,
					 struct callgate_explain_advice **ret_advice);
CALLGATE_API void callgate_explain_advice_free(struct callgate_explain_advice *advice);

/* --- what was left behind ------------------------------------------------------------ */

/* A SECCOMP record of the audit log or the kernel's: it has no arguments. */
struct callgate_explain_record {
	struct seccomp_data call; /* all but `args` */
	int pid;
	unsigned user;
	unsigned signal;  /* 31 is SIGSYS; 0: the process went on */
	uint32_t verdict; /* SECCOMP_RET_… without data */
	uint64_t time;	  /* ms since 1970; 0: not known */
	char program[64];
	char path[4096];
};

/* Reads a line. False: it is no such record, or one without architecture or number. */
CALLGATE_API bool
callgate_explain_record_parse(const char *line, size_t length,
			      struct callgate_explain_record *ret_record);

/* The core file of a process that a denial ended. */
struct callgate_explain_core {
	int pid, tid;
	const char *program; /* its first 15 letters; "" */
	struct seccomp_data data;
	uint16_t value; /* the verdict's data */
	const struct callgate_explain_call *call;
	const struct callgate_explain_stack *stack;
};

/*
 * Reads the core file that is open on `descriptor`, which stays the caller's. What
 * programs have mapped unchanged is not in it, and is read from their files.
 * Returns 0; -EINVAL: it is no core file of a machine that is known; -ENOENT: it is not of
 * a denial by seccomp; -EOPNOTSUPP: built without libdw.
 */
CALLGATE_API int callgate_explain_core_read(int descriptor,
					    struct callgate_diagnostics *diagnostics,
					    struct callgate_explain_core **ret_core);
CALLGATE_API void callgate_explain_core_free(struct callgate_explain_core *core);

/* --- a program's own denials --------------------------------------------------------- */

/* Zero is the default of every member. */
struct callgate_explain_trap_options {
	int descriptor; /* where lines go; 0: standard error */
	/*
	 * The program goes on: the call returns the verdict's data as an errno, or ENOSYS
	 * where it is 0. Else it ends by SIGSYS, as without this. On x86, aarch64 and s390x; elsewhere
	 * -ENOTSUP.
	 */
	bool go_on;
};

/*
 * Installs a handler of SIGSYS for the whole process that prints a line for each call that a
 * filter traps (`trap` in the language), such as
 *
 *	callgate: mkdir(0x55d0c0de, 0777) trapped by a filter, at 0x7f1c2a4b5c6d
 *
 * What else sends SIGSYS has its usual effect. The filter has to allow write, rt_sigreturn
 * and, without `go_on`, rt_sigaction. No memory is allocated. It is one handler for all
 * threads: calls of this function by several at a time are the caller's to avoid.
 * Returns 0 or an errno of sigaction(2). `options` may be NULL.
 */
CALLGATE_API int
callgate_explain_traps(const struct callgate_explain_trap_options *options);

/*
 * The same text for a handler of one's own: of the siginfo_t and the ucontext_t that
 * SA_SIGINFO gives. Async-signal-safe. Returns its length without the NUL, at most
 * `size` - 1; 0: it is no signal of a filter.
 */
CALLGATE_API size_t callgate_explain_trap_text(const void *siginfo,
					       const void *ucontext, char *ret_text,
					       size_t size);

#ifdef __cplusplus
}
#endif

#endif
