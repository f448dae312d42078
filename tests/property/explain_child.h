/* SPDX-License-Identifier: MIT */
/*
 * What test_explain_kernel and its program share, in System V shared memory.
 */
#ifndef CALLGATE_TESTS_EXPLAIN_CHILD_H
#define CALLGATE_TESTS_EXPLAIN_CHILD_H

#include <linux/seccomp.h>
#include <stdint.h>

/*
 * The filter lets every call pass whose sixth argument is this: the program's own, which
 * are not what is asked about.
 */
#define PASSPORT 0x706173736f727421

#define CHILD_DONE 42 /* the exit status */

/* The instruction pointers of its calls; the linker is told of the first. */
#define CALLS_PLACE  0x500000
#define CALL_IP	     (CALLS_PLACE + 0x100)
#define CALL_I386_IP (CALLS_PLACE + 0x200)

#define CALLS 40

/* What the program is to do about SIGSYS. */
enum sigsys {
	SIGSYS_HANDLED,
	SIGSYS_DEFAULT,
	SIGSYS_IGNORED,
	SIGSYS_BLOCKED, /* and handled */
};

/* What a SIGSYS handler sees; of the registers, as struct sigcontext has them. */
struct trapped {
	int32_t number, error, code, call, arch;
	uint64_t call_address;
	uint64_t registers[18];
	uint64_t mask;
};

struct outcome {
	uint32_t is_made; /* the call came back */
	uint32_t traps;
	int64_t result;
	struct trapped trapped;
};

struct child_work {
	struct seccomp_data calls[CALLS];
	uint32_t is_i386[CALLS];
	struct outcome outcomes[CALLS];
	enum sigsys sigsys;
	uint32_t storm;	      /* microseconds between signals, or 0 */
	uint32_t threaded;    /* another thread than the first makes the calls */
	uint32_t joined;      /* it ended, and the first went on */
	uint32_t restarts;    /* the signals' handler is one of SA_RESTART */
	uint32_t interrupted; /* calls that ended with EINTR for a signal */
	uint64_t signals;     /* that came */
};

#endif
