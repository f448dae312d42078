/* SPDX-License-Identifier: MIT */
/*
 * The seccomp state of every thread, and the filters of one, read by eBPF: no thread is
 * stopped, none can refuse, a tracer is not in the way. Ids are those of the caller's PID
 * namespace; threads outside of it are not seen.
 */
#ifndef CALLGATE_PROBE_ITERATE_H
#define CALLGATE_PROBE_ITERATE_H

#include <stddef.h>

#include "callgate.h"
#include "iterate_shared.h"

struct iterate;

/*
 * Loads the programs. Returns 0 or a negative errno, which probe_explain() knows. The
 * kernel forgets them with iterate_close(), or with the process.
 */
int iterate_open(struct iterate **ret_iterate);
/* Accepts NULL. */
void iterate_close(struct iterate *iterate);

/*
 * All threads in order of their ids; malloc'ed, the caller frees them. Returns 0 or a
 * negative errno.
 */
int iterate_threads(struct iterate *iterate, struct iterate_thread **ret_threads,
		    size_t *ret_count);

/*
 * All filters of a thread as they are, the one that was loaded first first; malloc'ed, and
 * each to be freed by callgate_filter_free(). *ret_stack (may be NULL) is the number that
 * stands for them.
 *
 * Returns 0; -ESRCH: there is no such thread, or it ended; -ENOENT: it has none;
 * -EOPNOTSUPP: this kernel does not keep programs; -EAGAIN: it got filters all the time;
 * -E2BIG: over ITERATE_LAYERS_MAX; or another negative errno.
 */
int iterate_filters(struct iterate *iterate, int tid,
		    struct callgate_filter ***ret_filters, size_t *ret_count,
		    uint64_t *ret_stack);

#endif
