/* SPDX-License-Identifier: MIT */
/*
 * callgate-process: processes that run: what they are, the filters they have, and programs
 * whose denials are shown.
 *
 * Another part of callgate.h, which includes it. The conventions are those of
 * callgate.h.
 */
#ifndef CALLGATE_PROCESS_H
#define CALLGATE_PROCESS_H

#include <callgate.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- processes --------------------------------------------------------------------- */

#define CALLGATE_UNREADABLE (-1)

/*
 * What /proc tells of a thread (a process is its first thread). Ids are those of the PID
 * namespace that /proc was mounted in. Strings are what others chose: any bytes but
 * NUL, line feeds and invalid UTF-8 among them.
 */
struct callgate_process {
	int tid;
	int pid;    /* of the process that the thread belongs to */
	int parent; /* process; 0: none that can be seen */
	int tracer; /* thread that ptraces it; 0: none */
	/* The same in the innermost PID namespace that it is in (Linux 4.1, else 0). */
	int inner_tid, inner_pid;
	uint32_t uid, effective_uid;
	unsigned threads; /* of the process */
	bool is_kernel;	  /* a thread of the kernel's own */
	bool is_ended;	  /* a zombie: it only waits to be buried */
	/*
	 * Ticks of sysconf(_SC_CLK_TCK) from boot to its start. An id that is given anew
	 * goes with another start.
	 */
	uint64_t start;
	/* CALLGATE_UNREADABLE: this kernel does not say. */
	int mode;	  /* SECCOMP_MODE_… (Linux 3.8) */
	int filters;	  /* how many it has, one on another (5.9) */
	int no_new_privs; /* 1 or 0 (4.10) */
	const char *name; /* as prctl(PR_SET_NAME) sets it */
	/* The program's path, or NULL: it may not be seen, or there is none. */
	const char *exe;
	/*
	 * The cgroup in the unified hierarchy, or in systemd's where that is not in use;
	 * NULL: there is neither.
	 */
	const char *cgroup;
};

/*
 * All is of one thread, even should its id be given anew meanwhile; who keeps an id
 * compares `start` later. What another user's process does not show is missing, not an
 * error. Freed by callgate_process_free().
 *
 * Returns 0; -ESRCH: there is no such thread, or it ended; -ENOTSUP: /proc is not
 * mounted; -EACCES, -EMFILE, -ENFILE.
 */
CALLGATE_API int callgate_process_read(int tid, struct callgate_process **ret_process);
CALLGATE_API void callgate_process_free(struct callgate_process *process);

/*
 * The ids of all processes; or, of a process (`pid` not 0), of its threads. Ascending,
 * malloc'ed, the caller frees them. Errors as above.
 */
CALLGATE_API int callgate_process_list(int pid, int **ret_ids, size_t *ret_count);

/* --- programs whose denials are shown ------------------------------------------------ */

struct callgate_supervisor;

/* A call that the filters deny, while its thread waits for the answer. */
struct callgate_denial {
	int thread;  /* its id as this process sees it */
	int process; /* likewise; 0 at a glance */
	struct seccomp_data call;
	uint32_t verdict; /* of the strictest filter, of equals the newest one's */
	size_t layer;	  /* which one that is, from 0 */
	bool permitted;	  /* it is let through even so: `permissive` */
	uint64_t id;	  /* of the wait */
};

/* What is known of the thread's registers at the call. */
enum callgate_stop {
	CALLGATE_STOPPED,    /* all of them: it is stopped by ptrace(2) */
	CALLGATE_TRACED,     /* it has another tracer, `tracer` */
	CALLGATE_NOT_TRACED, /* the system refused, `error` */
};

struct callgate_registers {
	enum callgate_stop stop;
	int tracer;
	int error; /* a negative errno */
	/* as PTRACE_GETREGSET with NT_PRSTATUS has them; NULL unless CALLGATE_STOPPED */
	const void *all;
	size_t size;
	uint64_t program_counter, stack_pointer; /* 0, both: not known either */
};

/* What could not be done as the policy says, and what was done instead. */
enum callgate_substitute {
	CALLGATE_INSTEAD_SIGKILL, /* of death by SIGSYS: by SIGKILL */
	CALLGATE_INSTEAD_SIGNAL,  /* of a trap: SIGSYS with the si_code of tgkill(2) */
};

/*
 * Who is told. The functions are called in the process that supervises, which is not the
 * caller of callgate_supervise() but its child; what they print they must flush. They
 * are called one at a time, but for `glance`. Any may be NULL.
 */
struct callgate_supervise_handler {
	/*
	 * A call is denied and waits. True: it is known, once is enough. By a thread of
	 * its own, which takes one call after another and should take microseconds.
	 */
	bool (*glance)(void *context, const struct callgate_supervisor *supervisor,
		       const struct callgate_denial *denial);
	/*
	 * The same call, of those that are not known. What is read of the process is to
	 * be trusted only if callgate_denial_waits() says so afterwards. True: stop
	 * the thread and call `stopped`, where the stack is to be read.
	 */
	bool (*denied)(void *context, const struct callgate_supervisor *supervisor,
		       const struct callgate_denial *denial);
	void (*stopped)(void *context, const struct callgate_denial *denial,
			const struct callgate_registers *registers);
	void (*substituted)(void *context, const struct callgate_denial *denial,
			    enum callgate_substitute substitute);
	/*
	 * The program asks for a listener of its own (SECCOMP_FILTER_FLAG_NEW_LISTENER).
	 * The filters allow that, by `denial->verdict`, and the call goes on; but the
	 * kernel answers EBUSY, for a thread has one listener, and it is this one.
	 */
	void (*listener)(void *context, const struct callgate_denial *denial);
	void (*asked)(void *context); /* SIGUSR1 came */
	/* The program ended: a status as of wait(2). Others that it started may go on. */
	void (*ended)(void *context, int status);
	void *context;
};

/* What becomes of the program if one of the two processes that supervise it is killed. */
enum callgate_orphans {
	CALLGATE_ORPHANS_KILL,	   /* it is killed, with all its descendants */
	CALLGATE_ORPHANS_CONTINUE, /* it goes on, with the same verdicts */
};

/* Zero is the default of every member. */
struct callgate_supervise_options {
	struct callgate_exec_options start;
	bool permissive; /* deny nothing, but tell of it */
	enum callgate_orphans orphans;
	const struct callgate_supervise_handler *handler;
};

/*
 * Starts a program under filters as callgate_exec() does, but as a child, and tells of
 * each call that they deny. The verdict then is the filters', to the siginfo of a
 * trap; what they allow runs as without. Needs no privilege, and Linux 5.19.
 *
 * The filters are loaded as one, whose denials ask this process, by a listener
 * (SECCOMP_RET_USER_NOTIF): the caller stays to pass on signals, and to stop when the
 * program is stopped; its child, subreaper of the program, answers. Each has the
 * listener and sees the end of the other, so that no answer is ever given by the kernel
 * for want of one. After the program ended the child goes on for others that it
 * started; who does not end soon after reaps it with wait(2). A `trace` verdict is left
 * to the kernel and not told of. A handler for a signal without SA_RESTART may end a
 * denied call with EINTR, if the signal comes in the microseconds before the listener was
 * heard, and with 512 a call of the number -1. A listener of the program's own gets EBUSY.
 *
 * The caller must have one thread; SIGCHLD must not be ignored. Its signals are blocked
 * meanwhile, and afterwards as before; it stays a subreaper.
 *
 * Returns 0 when the program ended, with *ret_status as of wait(2); -ECHILD: the child
 * that answers was killed, and the program is treated as `orphans` says, *ret_status
 * is its status even so; else an error of callgate_exec(), and nothing was started.
 */
CALLGATE_API int callgate_supervise(const struct callgate_filter *const *filters,
				    size_t count, char *const *argv,
				    const struct callgate_supervise_options *options,
				    struct callgate_diagnostics *diagnostics,
				    int *ret_status);

/* Whether the call still waits for its answer, so that its ids are still its own. */
CALLGATE_API bool callgate_denial_waits(const struct callgate_supervisor *supervisor,
					const struct callgate_denial *denial);

/* --- processes under filters ------------------------------------------------------- */

/*
 * Reads the filters of a running thread (a process id is that of its first thread):
 * layer 0: one that does what all of them do, see callgate_filter_flatten(); else one of
 * them as it is, where 1 was loaded first. The thread is stopped by ptrace(2) for a
 * moment and goes on unchanged; signals to the calling thread wait meanwhile.
 *
 * Returns 0; -ENOENT: it has none; -ERANGE: it has not so many; -ESRCH: there is no such
 * thread, or it ended; -EPERM: it may not be traced, or is by another; -EACCES: the caller
 * has no CAP_SYS_ADMIN in the initial user namespace, or is under a filter itself;
 * -ETIMEDOUT: it did not stop; -EINVAL, -EIO, -EMEDIUMTYPE: the kernel was built without
 * CONFIG_CHECKPOINT_RESTORE; -E2BIG: all of them are too complex for one.
 */
CALLGATE_API int callgate_process_filter(int pid, size_t layer,
					 struct callgate_diagnostics *diagnostics,
					 struct callgate_filter **ret_filter);

/*
 * All of them as they are, the one that was loaded first first. The array is malloc'ed;
 * the caller frees it, and each filter by callgate_filter_free().
 */
CALLGATE_API int callgate_process_filters(int pid,
					  struct callgate_diagnostics *diagnostics,
					  struct callgate_filter ***ret_filters,
					  size_t *ret_count);

/*
 * Adds one error that says why filters of a thread could not be read: `error` is what the
 * functions above returned.
 */
CALLGATE_API void callgate_process_explain(int pid, int error,
					   struct callgate_diagnostics *diagnostics);

#ifdef __cplusplus
}
#endif

#endif
