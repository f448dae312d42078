// SPDX-License-Identifier: MIT
/*
 * Takes the census: what the kernel tells of threads comes from /proc, their filters by
 * eBPF or ptrace, and what those come to from the library.
 *
 * Processes come and go meanwhile. Who is gone is left out; who came later than the
 * iterator passed has no filters here. Filters go with a thread only if its start agrees,
 * for its id may be another's by then. Sets of filters that many threads share are read
 * and judged once.
 */
#include "census.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

/* A census being taken. */
struct taking {
	struct census *census;
	struct iterate *iterate;
	struct iterate_thread *seen; /* by the iterator, in order of their ids */
	size_t seen_count;
	int64_t offset; /* ticks that /proc counts more: a time namespace's */
};

/* --- what filters come to ----------------------------------------------------------- */

static void count_risks(struct census_filters *filters)
{
	for (size_t i = 0; i < callgate_audit_count(filters->audit); i++)
		filters->risks[callgate_audit_at(filters->audit, i)->risk]++;
}

static void judge(struct census_filters *filters)
{
	struct callgate_filter *all;

	if (stack_layer(&filters->stack, 0, NULL, &all))
		return;
	filters->is_counted = callgate_filter_count(all, callgate_abi_native(),
						    &filters->counts) == 0;
	if (callgate_filter_audit(all, NULL, &filters->audit) == 0)
		count_risks(filters);
	callgate_filter_free(all);
}

/* --- sets of filters ---------------------------------------------------------------- */

static bool is_equal(const struct stack *a, const struct stack *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		size_t length = callgate_filter_length(a->filters[i]);

		if (length != callgate_filter_length(b->filters[i]) ||
		    memcmp(callgate_filter_program(a->filters[i]),
			   callgate_filter_program(b->filters[i]),
			   length * sizeof(struct sock_filter)) != 0)
			return false;
	}
	return true;
}

static const struct census_filters *find_key(const struct census *census,
					     uint64_t number)
{
	for (size_t i = 0; i < census->key_count; i++)
		if (census->keys[i].number == number)
			return census->keys[i].filters;
	return NULL;
}

static void add_key(struct census *census, uint64_t number,
		    const struct census_filters *filters)
{
	census->keys = cli_need(reallocarray(census->keys, census->key_count + 1,
					     sizeof(*census->keys)));
	census->keys[census->key_count++] = (struct census_key){ number, filters };
}

/* The set of these filters, which it takes over; a new one is judged. */
static const struct census_filters *intern(struct census *census, struct stack *stack)
{
	struct census_filters *filters;
	size_t count = census->filters_count;

	for (size_t i = 0; i < count; i++) {
		if (is_equal(&census->filters[i]->stack, stack)) {
			stack_done(stack);
			return census->filters[i];
		}
	}
	filters = cli_need(calloc(1, sizeof(*filters)));
	filters->stack = *stack;
	judge(filters);
	census->filters = cli_need(
		reallocarray(census->filters, count + 1, sizeof(*census->filters)));
	census->filters[count] = filters;
	census->filters_count++;
	return filters;
}

/* --- the filters of a thread -------------------------------------------------------- */

static const struct iterate_thread *find_seen(const struct taking *taking, int tid)
{
	size_t low = 0, high = taking->seen_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (taking->seen[middle].tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < taking->seen_count && taking->seen[low].tid == tid
		       ? &taking->seen[low]
		       : NULL;
}

/* In the ticks of /proc, whose rounding may differ by one. */
static int64_t ticks_of(const struct iterate_thread *seen)
{
	uint64_t rate = (uint64_t)sysconf(_SC_CLK_TCK);

	return (int64_t)(seen->start / (SECOND / rate));
}

static bool is_same(const struct taking *taking, const struct iterate_thread *seen,
		    const struct callgate_process *facts)
{
	int64_t apart = (int64_t)facts->start - ticks_of(seen) - taking->offset;

	return apart >= -1 && apart <= 1;
}

static const struct census_filters *
filters_by_ebpf(const struct taking *taking, const struct callgate_process *facts)
{
	const struct iterate_thread *seen = find_seen(taking, facts->tid);
	const struct census_filters *filters;
	struct stack stack = { .way = STACK_EBPF };
	uint64_t key;

	if (!seen || !seen->stack || !is_same(taking, seen, facts))
		return NULL;
	filters = find_key(taking->census, seen->stack);
	if (filters)
		return filters;
	if (iterate_filters(taking->iterate, facts->tid, &stack.filters, &stack.count,
			    &key))
		return NULL;
	filters = intern(taking->census, &stack);
	add_key(taking->census, key, filters);
	return filters;
}

static const struct census_filters *
filters_by_ptrace(const struct taking *taking, const struct callgate_process *facts)
{
	struct stack stack = { .way = STACK_PTRACE };

	if (callgate_process_filters(facts->tid, NULL, &stack.filters, &stack.count))
		return NULL;
	return intern(taking->census, &stack);
}

static void add_filters(const struct taking *taking, struct census_thread *thread)
{
	if (thread->facts->mode != SECCOMP_MODE_FILTER)
		return;
	if (taking->census->way == STACK_EBPF)
		thread->filters = filters_by_ebpf(taking, thread->facts);
	else if (taking->census->way == STACK_PTRACE)
		thread->filters = filters_by_ptrace(taking, thread->facts);
	taking->census->unreadable += !thread->filters;
}

/* --- processes ---------------------------------------------------------------------- */

static bool differs(const struct census_thread *a, const struct census_thread *b)
{
	return a->facts->mode != b->facts->mode ||
	       a->facts->filters != b->facts->filters ||
	       a->facts->no_new_privs != b->facts->no_new_privs ||
	       a->filters != b->filters;
}

/* False: it is gone. */
static bool add_thread(const struct taking *taking, int tid,
		       struct census_process *process)
{
	struct census_thread *thread = &process->threads[process->count];

	if (callgate_process_read(tid, &thread->facts))
		return false;
	add_filters(taking, thread);
	thread->differs = process->count && differs(&process->threads[0], thread);
	process->count++;
	return true;
}

static void add_threads(const struct taking *taking, int pid,
			struct census_process *process)
{
	size_t count;
	int *ids;

	if (callgate_process_list(pid, &ids, &count))
		return;
	process->threads = cli_need(
		reallocarray(process->threads, count + 1, sizeof(*process->threads)));
	memset(process->threads + 1, 0, count * sizeof(*process->threads));
	for (size_t i = 0; i < count; i++)
		if (ids[i] != pid)
			add_thread(taking, ids[i], process);
	free(ids);
}

static void add_process(const struct taking *taking, int pid)
{
	struct census *census = taking->census;
	struct census_process *process = &census->processes[census->count];

	process->threads = cli_need(calloc(1, sizeof(*process->threads)));
	if (!add_thread(taking, pid, process)) {
		free(process->threads);
		process->threads = NULL;
		return;
	}
	if (process->threads[0].facts->threads > 1)
		add_threads(taking, pid, process);
	census->count++;
}

/* What /proc's ticks are ahead by, as this process has both. */
static void find_offset(struct taking *taking)
{
	const struct iterate_thread *seen = find_seen(taking, getpid());
	struct callgate_process *self;

	if (seen && callgate_process_read(getpid(), &self) == 0) {
		taking->offset = (int64_t)self->start - ticks_of(seen);
		callgate_process_free(self);
	}
}

static void open_ebpf(struct taking *taking)
{
	int error = iterate_open(&taking->iterate);

	if (!error)
		error = iterate_threads(taking->iterate, &taking->seen,
					&taking->seen_count);
	taking->census->way = error ? STACK_ANY : STACK_EBPF;
	taking->census->lack = error;
	if (!error)
		find_offset(taking);
}

int census_take(enum stack_way way, struct census *ret_census)
{
	struct taking taking = { .census = ret_census };
	size_t count;
	int *ids, error;

	*ret_census = (struct census){ .way = STACK_PTRACE };
	error = callgate_process_list(0, &ids, &count);
	if (error)
		return error;
	if (way != STACK_PTRACE)
		open_ebpf(&taking);
	ret_census->processes =
		cli_need(calloc(count + 1, sizeof(*ret_census->processes)));
	for (size_t i = 0; i < count; i++)
		add_process(&taking, ids[i]);
	free(ids);
	free(taking.seen);
	iterate_close(taking.iterate);
	return 0;
}

static void filters_free(struct census_filters *filters)
{
	stack_done(&filters->stack);
	callgate_audit_free(filters->audit);
	free(filters);
}

void census_done(struct census *census)
{
	for (size_t i = 0; i < census->count; i++) {
		struct census_process *process = &census->processes[i];

		for (size_t k = 0; k < process->count; k++)
			callgate_process_free(process->threads[k].facts);
		free(process->threads);
	}
	for (size_t i = 0; i < census->filters_count; i++)
		filters_free(census->filters[i]);
	free(census->processes);
	free(census->filters);
	free(census->keys);
	*census = (struct census){ 0 };
}

bool census_is_confined(const struct census_process *process)
{
	for (size_t i = 0; i < process->count; i++)
		if (process->threads[i].facts->mode > SECCOMP_MODE_DISABLED)
			return true;
	return false;
}
