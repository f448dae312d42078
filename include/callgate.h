/* SPDX-License-Identifier: MIT */
/*
 * callgate: seccomp policies that people can read, filters that are proven equal to them.
 *
 * Conventions that hold for every function here:
 *
 * - Functions that can fail return 0, or a negative errno out of the list at the
 *   prototype; what went wrong goes to `diagnostics`, which may be NULL.
 *   -ENOMEM may come from any of them.
 * - Results are one object each, freed by the one _free() of its type, which accepts
 *   NULL. Results never point into arguments; strings that a getter returns live as long
 *   as the object they came from.
 * - There are no globals: different objects may be used from different threads at once; one
 *   object by one thread at a time, const functions by any number.
 * - Sizes are bytes, offsets are bytes from the start of a source, lines and columns
 *   start at 1, a column is a byte.
 *
 * What can be found out about a filter is in callgate-inspect.h, a part of this header.
 */
#ifndef CALLGATE_H
#define CALLGATE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLGATE_API __attribute__((visibility("default")))

struct callgate_diagnostics;
struct callgate_policy;
struct callgate_filter;

/* --- diagnostics ------------------------------------------------------------------- */

enum callgate_severity {
	CALLGATE_NOTE,
	CALLGATE_WARNING,
	CALLGATE_ERROR,
};

/* A place: `length` bytes from `offset` of the source number `file`. */
struct callgate_span {
	uint32_t file; /* 0: no place; else callgate_diagnostics_source() knows it */
	uint32_t offset;
	uint32_t length;
};

/* The same for people. `text` is the whole source line, not NUL-terminated. */
struct callgate_position {
	const char *file;
	uint32_t line;
	uint32_t column;
	const char *text;
	size_t text_length;
};

struct callgate_diagnostic {
	enum callgate_severity severity;
	const char *code; /* stable, for machines: "unknown-syscall" */
	struct callgate_span span;
	const char *message; /* one line: what was found and what was expected */
	const char *hint;    /* what to do about it, or NULL */
};

/* Returns NULL when memory is short. */
CALLGATE_API struct callgate_diagnostics *callgate_diagnostics_new(void);
CALLGATE_API void callgate_diagnostics_free(struct callgate_diagnostics *diagnostics);

/*
 * In the order they were found, those of one parsing by place; a CALLGATE_NOTE belongs
 * to the one before it.
 */
CALLGATE_API size_t
callgate_diagnostics_count(const struct callgate_diagnostics *diagnostics);
CALLGATE_API const struct callgate_diagnostic *
callgate_diagnostics_at(const struct callgate_diagnostics *diagnostics, size_t index);
/* How many have exactly this severity. */
CALLGATE_API size_t
callgate_diagnostics_severity_count(const struct callgate_diagnostics *diagnostics,
				    enum callgate_severity severity);
/* Finds the line and column of a span. Returns false when it has no place. */
CALLGATE_API bool
callgate_diagnostics_position(const struct callgate_diagnostics *diagnostics,
			      struct callgate_span span,
			      struct callgate_position *ret_position);

/* --- policies ---------------------------------------------------------------------- */

/*
 * How `include "FILE"` finds text: the library itself opens nothing. `read` gets the name
 * as written and the name of the including source, returns 0 with a malloc'ed text and
 * its resolved name (the library frees both), or a negative errno.
 * callgate_read_file() of this header is the usual one.
 */
struct callgate_reader {
	int (*read)(void *context, const char *name, const char *from, char **ret_text,
		    size_t *ret_length, char **ret_name);
	void *context;
};

/* Zero is the default of every member. */
struct callgate_parse_options {
	const char *name;		      /* of the source, for diagnostics */
	const struct callgate_reader *reader; /* NULL: `include` is an error */
	const char *const *parameters;	      /* NULL-terminated names for `when` */
	const char *const *abis;	      /* NULL-terminated; instead of `arch` */
	bool unknown_is_default; /* an unknown number follows `default` whatever `abi` */
};

/*
 * Parses and checks a policy in the language of callgate.gate(5). All errors found (up
 * to 20) go to `diagnostics`, and warnings.
 * Returns 0; -EINVAL: the text has errors; -E2BIG: it is over 16 MiB or too complex.
 */
CALLGATE_API int callgate_policy_parse(const char *text, size_t length,
				       const struct callgate_parse_options *options,
				       struct callgate_diagnostics *diagnostics,
				       struct callgate_policy **ret_policy);
CALLGATE_API void callgate_policy_free(struct callgate_policy *policy);

/* How much a policy says. */
struct callgate_policy_counts {
	size_t rules;	/* statements that give calls a verdict */
	size_t expects; /* `expect` lines */
	size_t abis;
};

CALLGATE_API struct callgate_policy_counts
callgate_policy_count(const struct callgate_policy *policy);
/* One of its ABIs, as callgate_abi_at() numbers them. */
CALLGATE_API size_t callgate_policy_abi(const struct callgate_policy *policy,
					size_t index);

/*
 * Every verdict that refuses a call becomes SECCOMP_RET_LOG: nothing is denied, the
 * kernel logs what would have been.
 */
CALLGATE_API void callgate_policy_log_only(struct callgate_policy *policy);

/* --- calls and verdicts ------------------------------------------------------------ */

/* A filter's answer to one call. */
struct callgate_verdict {
	uint32_t value; /* SECCOMP_RET_… | data */
	struct callgate_span
		span;	   /* the deciding statement, when a policy is at hand */
	uint32_t executed; /* instructions that the filter runs for it */
	bool cached; /* Linux 5.11 and later decides it without running the filter */
};

/*
 * What a policy and its filter say of a call such as "openat(AT_FDCWD, 0, O_RDONLY)" or
 * "socket(domain = AF_NETLINK)" or "i386:socketcall": arguments by position or name,
 * an ABI before a colon. What is not said may be anything. Of a filter that was made
 * elsewhere `policy` is NULL.
 */
struct callgate_answer {
	struct callgate_verdict verdict; /* for `call` */
	struct seccomp_data call;	 /* what is not said is 0 */
	bool depends; /* other values of what is not said get another verdict: */
	struct callgate_verdict other_verdict;
	struct seccomp_data other_call;
};

/*
 * -EINVAL: the call is not one, see `diagnostics`. -E2BIG: the filter is too complex to
 * say whether the answer depends; `call` and `verdict` hold even so.
 */
CALLGATE_API int callgate_policy_ask(const struct callgate_policy *policy,
				     const struct callgate_filter *filter,
				     const char *call,
				     struct callgate_diagnostics *diagnostics,
				     struct callgate_answer *ret_answer);

/* What the policy says of exactly this call; `executed` and `cached` are 0. */
CALLGATE_API struct callgate_verdict
callgate_policy_judge(const struct callgate_policy *policy,
		      const struct seccomp_data *call);

/* Whether the call goes on to the kernel: allow or log. */
CALLGATE_API bool callgate_verdict_allows(uint32_t verdict);
/* "errno EPERM", "allow", "kill"; malloc'ed, the caller frees it; NULL: no memory. */
CALLGATE_API char *callgate_verdict_text(uint32_t verdict);
/* The same of a call, on whose ABI an error may have another number than on ours. */
CALLGATE_API char *callgate_verdict_text_for(const struct seccomp_data *call,
					     uint32_t verdict);
/* "x86_64:socket(AF_NETLINK, SOCK_RAW, 0)"; malloc'ed likewise. */
CALLGATE_API char *callgate_call_text(const struct seccomp_data *call);

/* --- filters ----------------------------------------------------------------------- */

enum callgate_cost_model {
	CALLGATE_COST_CACHE, /* Linux 5.11 and later: always-allowed calls run nothing */
	CALLGATE_COST_NO_CACHE, /* every call runs the filter */
};

struct callgate_frequencies;

/*
 * How often a program makes its calls, for the layout: lines `name: count`. `name` is
 * that of the source, for diagnostics. -EINVAL: the text has errors; -E2BIG: over 1 MiB.
 */
CALLGATE_API int
callgate_frequencies_parse(const char *text, size_t length, const char *name,
			   struct callgate_diagnostics *diagnostics,
			   struct callgate_frequencies **ret_frequencies);
CALLGATE_API void callgate_frequencies_free(struct callgate_frequencies *frequencies);
/* The count of a system call, as its number among all; half a call for one without. */
CALLGATE_API double
callgate_frequencies_count(const struct callgate_frequencies *frequencies,
			   size_t syscall);

/* Zero is the default of every member. */
struct callgate_compile_options {
	enum callgate_cost_model cost_model;
	/* NULL: every call is as likely. Must live until the compilation has returned. */
	const struct callgate_frequencies *frequencies;
	bool exhaustive_layout; /* find the optimum tree: milliseconds, not microseconds */
	bool without_proof;	/* do not lift the output and compare */
	bool without_optimizer; /* one bit test a node: large and slow, for comparison */
	bool without_expects;	/* do not evaluate `expect` lines */
	/* Tests of the proof: called on the finished program, may break it. */
	void (*tamper)(void *context, struct sock_filter *program, size_t length);
	void *tamper_context;
};

/*
 * Compiles a policy and proves the result equal to it; `expect` lines are evaluated on
 * the emitted program, failed ones are errors.
 * Returns 0; -E2BIG: more than 4096 instructions, or too complex; -EBADMSG: the proof
 * failed, the counterexample is in `diagnostics` (a defect of callgate);
 * -EINVAL: an `expect` does not hold, or ABIs of both endiannesses.
 */
CALLGATE_API int callgate_policy_compile(const struct callgate_policy *policy,
					 const struct callgate_compile_options *options,
					 struct callgate_diagnostics *diagnostics,
					 struct callgate_filter **ret_filter);

/*
 * Warns of what only a policy's exact meaning shows: a rule that can never match because
 * earlier ones take all its calls, a duplicate, a condition that is always or never
 * true. Returns 0; -E2BIG: too complex.
 */
CALLGATE_API int callgate_policy_review(const struct callgate_policy *policy,
					struct callgate_diagnostics *diagnostics);

/*
 * Takes a program made elsewhere: `length` instructions in this machine's byte order.
 * -EINVAL: the kernel would refuse it, `diagnostics` says which instruction and why.
 */
CALLGATE_API int callgate_filter_from_program(const struct sock_filter *program,
					      size_t length,
					      struct callgate_diagnostics *diagnostics,
					      struct callgate_filter **ret_filter);
/* The machine that a program is for: which half of an argument comes first. */
enum callgate_endian {
	CALLGATE_ENDIAN_AUTO, /* as its bytes are */
	CALLGATE_ENDIAN_LITTLE,
	CALLGATE_ENDIAN_BIG,
};

/*
 * The same from a file's content, CALLGATE_FORMAT_RAW, in either byte order, which shows.
 * A program whose architectures are all of the other endianness is warned of, unless
 * `machine` says what it is for. -EINVAL also: no instruction, a part of one, or more
 * than the kernel takes.
 */
CALLGATE_API int callgate_filter_from_bytes(const void *bytes, size_t size,
					    enum callgate_endian machine,
					    struct callgate_diagnostics *diagnostics,
					    struct callgate_filter **ret_filter);
/*
 * Takes assembly as CALLGATE_FORMAT_ASM prints it; besides, names for numbers
 * ("jeq #openat", "ret errno EPERM"). It is for this machine, unless a line says
 * .big-endian or .little-endian. `name` is that of the source, for
 * diagnostics. -EINVAL: the text has errors (up to 20 are reported), or the kernel would
 * refuse the program; -E2BIG: it is over 16 MiB.
 */
CALLGATE_API int callgate_filter_assemble(const char *text, size_t length,
					  const char *name,
					  struct callgate_diagnostics *diagnostics,
					  struct callgate_filter **ret_filter);
/*
 * Whether a file's content is a program rather than text: whole instructions, in each the
 * upper byte of `code` 0 (no text has such a byte), the last one a return; in either
 * byte order.
 */
CALLGATE_API bool callgate_bytes_are_program(const void *bytes, size_t size);
CALLGATE_API void callgate_filter_free(struct callgate_filter *filter);

CALLGATE_API const struct sock_filter *
callgate_filter_program(const struct callgate_filter *filter);
/* In instructions of 8 bytes. */
CALLGATE_API size_t callgate_filter_length(const struct callgate_filter *filter);
/* Whether it is for machines of this endianness. Others cannot load it. */
CALLGATE_API bool callgate_filter_big_endian(const struct callgate_filter *filter);
/* Runs it in the simulator; `span` of the answer has no place. */
CALLGATE_API struct callgate_verdict
callgate_filter_run(const struct callgate_filter *filter,
		    const struct seccomp_data *call);

/* What the simulator is about to do: the instruction `at`, and the machine before it. */
struct callgate_step {
	size_t at;
	uint32_t a, x;
	uint32_t memory[BPF_MEMWORDS];
};

/* The same as callgate_filter_run(); `visit` sees each step. */
CALLGATE_API struct callgate_verdict callgate_filter_trace(
	const struct callgate_filter *filter, const struct seccomp_data *call,
	void (*visit)(void *context, const struct callgate_step *step), void *context);

enum callgate_format {
	CALLGATE_FORMAT_RAW,	/* struct sock_filter after struct sock_filter */
	CALLGATE_FORMAT_HEX,	/* 16 digits a line: code, jt, jf, k */
	CALLGATE_FORMAT_ASM,	/* annotated disassembly */
	CALLGATE_FORMAT_C,	/* a header with the array and its length */
	CALLGATE_FORMAT_PSEUDO, /* nested conditions with names; not exact to the byte */
};

/* Malloc'ed, NUL-terminated, the caller frees it. `name` names the C array, or NULL. */
CALLGATE_API int callgate_filter_print(const struct callgate_filter *filter,
				       enum callgate_format format, const char *name,
				       char **ret_text, size_t *ret_length);

/* --- facts ------------------------------------------------------------------------- */

/*
 * What callgate knows of Linux: read-only, there for ever, nothing to free, no errors.
 * ABIs, system calls, groups and constants are numbered from 0 to their count, the last
 * three in order of name; the numbers are of this build, not to be stored. A _find
 * returns CALLGATE_NONE for what it does not know, and so may be passed on: getters
 * answer an index out of range with NULL, false, 0 or CALLGATE_NONE.
 */
#define CALLGATE_NONE SIZE_MAX

#define CALLGATE_ARGUMENTS_MAX 6

/* "0.1.0" */
CALLGATE_API const char *callgate_version(void);

/* The newest Linux whose system calls are known: M.N as M * 256 + N. */
CALLGATE_API uint16_t callgate_kernel_newest(void);

/* A numbering of system calls, not just an architecture: x32 is one. */
struct callgate_abi {
	const char *name;    /* "x86_64" */
	uint32_t audit_arch; /* seccomp_data.arch; x32 shares that of x86_64 */
	unsigned bits;	     /* width of `long`: 32 or 64 */
	bool big_endian;
};

CALLGATE_API size_t callgate_abi_count(void);
CALLGATE_API bool callgate_abi_at(size_t abi, struct callgate_abi *ret_abi);
/* By our name or a common other one: "amd64", "i686", "arm64". */
CALLGATE_API size_t callgate_abi_find(const char *name);
/* The ABI of a call as a filter sees it. */
CALLGATE_API size_t callgate_abi_of(uint32_t audit_arch, uint32_t number);
/* The ABI that this library was built for. */
CALLGATE_API size_t callgate_abi_native(void);

struct callgate_argument {
	const char *name;   /* the kernel's: "domain" */
	const char *type;   /* as C: "unsigned long" */
	const char *family; /* of the constants it takes, or NULL */
	unsigned bits;	    /* that the kernel uses; the rest of the 64 is garbage */
	bool is_signed;
	bool is_pointer;
};

/* A system call on one ABI. */
struct callgate_syscall {
	const char *name;
	uint32_t number;    /* as a filter sees it: x32 has bit 30 */
	uint16_t since;	    /* Linux M.N as M * 256 + N; 0: as old as the ABI */
	bool has_prototype; /* else there are six unnamed arguments of 64 bits */
	unsigned argument_count;
	struct callgate_argument arguments[CALLGATE_ARGUMENTS_MAX];
	const char *multiplexer; /* i386 socket: also "socketcall", or NULL, … */
	uint32_t selector;	 /* … whose first argument is then this */
};

CALLGATE_API size_t callgate_syscall_count(void);
CALLGATE_API const char *callgate_syscall_name(size_t syscall);
/* What it does in one line, or NULL. */
CALLGATE_API const char *callgate_syscall_help(size_t syscall);
CALLGATE_API size_t callgate_syscall_find(const char *name);
CALLGATE_API size_t callgate_syscall_by_number(size_t abi, uint32_t number);
/* False: the ABI has no such call. */
CALLGATE_API bool callgate_syscall_on(size_t syscall, size_t abi,
				      struct callgate_syscall *ret_syscall);

/* Names begin with "@"; callgate_group_find() takes them with it or without. */
CALLGATE_API size_t callgate_group_count(void);
CALLGATE_API const char *callgate_group_name(size_t group);
CALLGATE_API const char *callgate_group_help(size_t group);
CALLGATE_API size_t callgate_group_find(const char *name);
/* How many system calls it has, nested groups expanded; and each of them. */
CALLGATE_API size_t callgate_group_size(size_t group);
CALLGATE_API size_t callgate_group_member(size_t group, size_t index);

/*
 * Promises, "@rpath": calls like those of a group, under conditions that make them mean
 * something. The text has them as rules of the policy language; callgate_promise_find()
 * takes the name with its "@".
 */
CALLGATE_API size_t callgate_promise_count(void);
CALLGATE_API const char *callgate_promise_name(size_t promise);
CALLGATE_API const char *callgate_promise_help(size_t promise);
CALLGATE_API const char *callgate_promise_text(size_t promise);
CALLGATE_API size_t callgate_promise_find(const char *name);

CALLGATE_API size_t callgate_constant_count(void);
CALLGATE_API const char *callgate_constant_name(size_t constant);
CALLGATE_API const char *callgate_constant_family(size_t constant);
CALLGATE_API size_t callgate_constant_find(const char *name);
/* False: the ABI has no such constant. */
CALLGATE_API bool callgate_constant_value(size_t constant, size_t abi,
					  uint64_t *ret_value);

/* "EPERM" for 1, or NULL. */
CALLGATE_API const char *callgate_errno_name(size_t abi, unsigned number);

/* The nearest of the names above to a mistyped one; NULL when none is near. */
CALLGATE_API const char *callgate_nearest_fact(const char *wanted);
/* The same among `count` names of the caller. */
CALLGATE_API const char *callgate_nearest_name(const char *wanted,
					       const char *const *names, size_t count);

/*
 * Reads a number as the policy language does: decimal, hexadecimal 0x, octal 0o or with
 * a leading zero, binary 0b. Returns 0; -EINVAL: it is none; -ERANGE: over 64 bits.
 */
CALLGATE_API int callgate_number_parse(const char *text, uint64_t *ret_value);

/* --- the running kernel ------------------------------------------------------------ */

/*
 * Everything above computes; everything below makes system calls of the process that
 * calls it. Facts about the kernel are those of seccomp(2), prctl(2) and
 * kernel/seccomp.c; a version is the first one of mainline that has the thing.
 */

/* Zero is the default of every member. */
struct callgate_load_options {
	/*
	 * SECCOMP_FILTER_FLAG_…, handed to the kernel as they are: TSYNC (Linux 3.17),
	 * LOG (4.14), SPEC_ALLOW (4.17), NEW_LISTENER (5.0), TSYNC_ESRCH (5.7; TSYNC
	 * with NEW_LISTENER needs it), WAIT_KILLABLE_RECV (5.19; needs NEW_LISTENER).
	 */
	uint32_t flags;
	/*
	 * A load sets no_new_privs first, also for root: otherwise a set-user-ID
	 * program would run under a policy that its author never saw. This leaves it as
	 * it is; the kernel then wants CAP_SYS_ADMIN in the caller's user namespace.
	 */
	bool without_no_new_privs;
	bool by_prctl; /* the way of Linux 3.5, without flags; see below */
};

/* What a load has to say besides 0 and errno. */
struct callgate_loaded {
	int listener; /* NEW_LISTENER: the caller's new descriptor, close-on-exec; or -1 */
	int thread; /* the id of the thread that TSYNC could not bring along; or 0 */
};

/*
 * Puts a filter on the calling thread, on top of those it has; with TSYNC on all
 * threads of the process. It stays until they end and is inherited by what they fork
 * and execute. A kernel without seccomp(2) (before 3.17, ENOSYS) is asked by prctl(2),
 * unless there are flags.
 *
 * Async-signal-safe, keeps errno: fit for the time between fork and exec. `options` and
 * `ret_loaded` may be NULL.
 *
 * Returns 0; -ESRCH: a thread has a filter that the caller has not (or is in strict
 * mode), see `thread`, no thread was changed; -EACCES: neither no_new_privs nor
 * CAP_SYS_ADMIN; -EINVAL: a bad program or length, or flags that this kernel does not
 * know or does not combine; -EBUSY: a filter of this thread has a listener already;
 * -ENOMEM: over 32768 instructions with all layers together, as the kernel translates
 * them and with 4 more a layer; -EFAULT; -ENOSYS; or the errno that an earlier filter
 * gives for the call. After a failure no_new_privs stays set.
 */
CALLGATE_API int callgate_program_load(const struct sock_filter *program, size_t length,
				       const struct callgate_load_options *options,
				       struct callgate_loaded *ret_loaded);

/*
 * The same for a filter of this library, with a refusal explained in `diagnostics`.
 * Besides, -EOPNOTSUPP: the filter has an action that this kernel does not know; it
 * would kill there; -EINVAL: it is for machines of the other endianness. Not
 * async-signal-safe.
 */
CALLGATE_API int callgate_filter_load(const struct callgate_filter *filter,
				      const struct callgate_load_options *options,
				      struct callgate_diagnostics *diagnostics,
				      struct callgate_loaded *ret_loaded);

/*
 * Strict mode: the thread may from now on read, write, exit and return from signals,
 * and is killed by SIGKILL for any other call (even exit_group, so end it with the raw
 * `exit`). Of the options only `by_prctl` counts; they may be NULL. Async-signal-safe.
 * Returns 0; -EINVAL: the thread has filters, or the kernel was built without; -ENOSYS.
 */
CALLGATE_API int callgate_strict_load(const struct callgate_load_options *options);

/*
 * Confines the whole process, all its threads, by a policy's text: parses, compiles,
 * proves and loads it with TSYNC. For a program that fences itself in once it has
 * started:
 *
 *	if (callgate_confine("default errno EPERM\nallow @basic-io, exit_group", NULL))
 *		abort();
 *
 * Nothing is loaded unless all of it holds. Returns 0 or the error of
 * callgate_policy_parse(), callgate_policy_compile() or callgate_filter_load().
 */
CALLGATE_API int callgate_confine(const char *text,
				  struct callgate_diagnostics *diagnostics);

/* The calling thread's state; all of these are async-signal-safe and keep errno. */

/* SECCOMP_MODE_DISABLED or _FILTER; -EINVAL. In strict mode asking is fatal. */
CALLGATE_API int callgate_seccomp_mode(void);
/* 1 or 0; -EINVAL before Linux 3.5. */
CALLGATE_API int callgate_no_new_privs(void);
/* Cannot be undone; inherited by what the thread forks and executes. */
CALLGATE_API int callgate_no_new_privs_set(void);
/*
 * Returns 0 or -EOPNOTSUPP. Before Linux 4.14, which cannot be asked, the answer is
 * by the book: kill-thread, trap, errno, trace and allow.
 */
CALLGATE_API int callgate_action_available(uint32_t action);
/* The sizes of a listener's structures. -EINVAL, -ENOSYS: no listeners (before 5.0). */
CALLGATE_API int callgate_notif_sizes(struct seccomp_notif_sizes *ret_sizes);

/* --- what this kernel has ---------------------------------------------------------- */

enum callgate_availability {
	CALLGATE_UNKNOWN, /* asking was not possible, say because of a filter */
	CALLGATE_ABSENT,
	CALLGATE_PRESENT,
};

struct callgate_feature {
	const char *name; /* "tsync", "user_notif"; static */
	uint32_t value;	  /* SECCOMP_FILTER_FLAG_… or SECCOMP_RET_… */
	uint16_t since;	  /* Linux M.N as M * 256 + N */
	enum callgate_availability available;
	enum callgate_availability logged; /* actions: kernel.seccomp.actions_logged */
};

#define CALLGATE_FLAG_COUNT   6
#define CALLGATE_ACTION_COUNT 8

struct callgate_features {
	char release[65];    /* as uname -r */
	char machine[65];    /* as uname -m */
	uint16_t version;    /* M * 256 + N; 0: not understood */
	uint32_t audit_arch; /* of this library's own system calls; 0: not known */

	enum callgate_availability seccomp_call;     /* seccomp(2) */
	enum callgate_availability filter_mode;	     /* CONFIG_SECCOMP_FILTER */
	enum callgate_availability get_action_avail; /* its operations */
	enum callgate_availability get_notif_sizes;
	struct seccomp_notif_sizes notif_sizes; /* 0 when absent */
	struct callgate_feature flags[CALLGATE_FLAG_COUNT];
	struct callgate_feature actions[CALLGATE_ACTION_COUNT]; /* strongest first */
	enum callgate_availability cache; /* of always-allowed calls, by the version */
	enum callgate_availability i386_abi; /* int 0x80 works; absent but on x86_64 */
	enum callgate_availability x32_abi;

	/* The calling thread. */
	int mode;    /* SECCOMP_MODE_…, or -1 */
	int filters; /* how many it has (Linux 5.9), or -1 */
	enum callgate_availability no_new_privs;
	enum callgate_availability cap_sys_admin;
};

/*
 * Asks the kernel, in short-lived children, so that the caller's state stays as it is
 * and a filter that kills for a question kills the child alone. Sends no SIGCHLD.
 * -ENOMEM, -EAGAIN: no child could be made; then nothing was asked.
 */
CALLGATE_API int callgate_features_probe(struct callgate_features *ret_features);

/* What was asked of the kernel and refused. Members that do not apply are 0. */
struct callgate_refusal {
	unsigned operation; /* SECCOMP_SET_MODE_STRICT … SECCOMP_GET_NOTIF_SIZES */
	struct callgate_load_options options;
	int error;	 /* as returned, negative */
	int thread;	 /* struct callgate_loaded */
	uint32_t action; /* of SECCOMP_GET_ACTION_AVAIL, or that made -EOPNOTSUPP */
	const struct sock_filter *program;
	size_t length;
};

/*
 * Adds one error to `diagnostics` that says in words why, with a hint. Makes no system
 * call of its own when `features` is given; NULL: probes.
 */
CALLGATE_API void callgate_refusal_explain(const struct callgate_refusal *refusal,
					   const struct callgate_features *features,
					   struct callgate_diagnostics *diagnostics);

/* --- programs under filters -------------------------------------------------------- */

/* Zero is the default of every member. */
struct callgate_exec_options {
	uint32_t flags; /* SECCOMP_FILTER_FLAG_LOG and _SPEC_ALLOW alone */
	bool without_no_new_privs;
	char *const *environment; /* NULL: the caller's */
	const char *name;	  /* who reports a failed start; NULL: "callgate" */
};

/*
 * Loads `count` filters, the first one first, and executes argv[0] in place of the
 * calling program, found as execvp(3) finds it. Exit status, signals, process id and
 * terminal are then the program's own; arguments, environment, signal mask and
 * descriptors reach it untouched.
 *
 * The policies need not allow what starting takes. Each filter is loaded with a few
 * instructions in front that let execve, seccomp, write and exit_group of the native
 * ABI pass when arguments 3, 4 and 5, which the kernel ignores for these calls, are a
 * ticket: 192 random bits (96 on a 32-bit machine) from getrandom(2), made for this one
 * start. Only the launcher's memory and registers hold it, and execve replaces both, so
 * the program cannot know it: for it, the filters are as written. A call that a filter
 * always allows needs no ticket and gets none. Whoever may ptrace the launcher from
 * outside the fence could read the ticket, as could the listener of an outer filter
 * and, with CAP_SYS_ADMIN, a reader of installed filters (PTRACE_SECCOMP_GET_FILTER,
 * which the kernel denies to a process under a filter): each of them is outside and
 * could do more. The audit log may show the first of the three words. The launcher must
 * not share its memory with a process that lives on (clone(CLONE_VM) without
 * CLONE_VFORK).
 *
 * Returns only while nothing has been loaded: -ENOENT, -EACCES, -ELOOP …: no such
 * program, or it is not executable; -EINVAL: no argv[0], flags, or a filter for machines
 * of the other endianness; -E2BIG: a filter of more than 4075 instructions; else the error
 * of the first load. All are explained in `diagnostics`. Afterwards a failure is
 * written to standard error and the process exits: 127 when the program was not found
 * after all, else 126. Flush stdio before, and have no signal handlers: they would run
 * under the first filters.
 */
CALLGATE_API int callgate_exec(const struct callgate_filter *const *filters,
			       size_t count, char *const *argv,
			       const struct callgate_exec_options *options,
			       struct callgate_diagnostics *diagnostics);

/* --- files ------------------------------------------------------------------------- */

#define CALLGATE_FILE_MAX ((size_t)16 << 20)

/*
 * Reads a whole file of at most CALLGATE_FILE_MAX bytes; fits struct callgate_reader,
 * with `context` unused. A relative name is looked up beside the file `from`, if there
 * is one; the name "-" without `from` is standard input. *ret_text has a NUL after
 * *ret_length bytes; it and *ret_name (may be NULL) are malloc'ed, the caller frees them.
 * Returns 0; -EISDIR; -EFBIG: over the limit; -ENOTSUP: a pipe, a device, a socket, which
 * might never end (standard input may be one); an errno of open(2) or read(2).
 */
CALLGATE_API int callgate_read_file(void *context, const char *name, const char *from,
				    char **ret_text, size_t *ret_length,
				    char **ret_name);

/*
 * Writes a file as a whole or not at all: into a new file beside it, which then takes
 * its name and the mode that umask leaves. A name that is a symbolic link, a device or
 * a pipe is written to, not replaced. Returns 0 or an errno of open(2), write(2) or
 * rename(2).
 */
CALLGATE_API int callgate_write_file(const char *name, const void *data, size_t length);

/*
 * Adds one error that says why a file could not be read or written; `name` NULL: without
 * saying which.
 */
CALLGATE_API void callgate_file_explain(const char *name, int error,
					struct callgate_diagnostics *diagnostics);

#ifdef __cplusplus
}
#endif

#include <callgate-inspect.h>
#include <callgate-process.h>

#endif
